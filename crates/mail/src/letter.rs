//! What somebody is to be told by mail.

use countersign_model::{ConfigObjectId, User};
use countersign_types::{JsonObject, Text, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Fact, Look};

/// Model label of the stages that send letters, each with settings of its own.
pub const STAGE: &str = "authentik_stages_email.emailstage";

/// Longest address (RFC 5321 §4.5.3.1.3).
const MAX_ADDRESS: usize = 254;
/// Addresses beside the recipient's.
const MAX_COPIES: usize = 20;

/// What a letter is about; each has a template of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// A link to set a new password.
    PasswordReset,
    /// A link that proves an address and opens an account.
    AccountConfirmation,
    /// An invitation.
    Invitation,
    /// A link that signs in.
    MagicLink,
    /// A code.
    Code,
    /// A link or a code that proves an address before it is used.
    AddressProof,
    /// Somebody signed in where he never did before.
    NewSignIn,
    /// A credential was changed.
    ChangedCredential,
    /// Something that administrators want to hear of.
    EventNotification,
    /// A test.
    Test,
}

impl Topic {
    /// Every topic.
    pub const ALL: [Self; 10] = [
        Self::PasswordReset,
        Self::AccountConfirmation,
        Self::Invitation,
        Self::MagicLink,
        Self::Code,
        Self::AddressProof,
        Self::NewSignIn,
        Self::ChangedCredential,
        Self::EventNotification,
        Self::Test,
    ];

    /// Its template, as stages and blueprints name it.
    pub const fn template(self) -> &'static str {
        match self {
            Self::PasswordReset => "email/password_reset.html",
            Self::AccountConfirmation => "email/account_confirmation.html",
            Self::Invitation => "email/invitation.html",
            Self::MagicLink => "email/magic_link.html",
            Self::Code => "email/email_otp.html",
            Self::AddressProof => "email/address_proof.html",
            Self::NewSignIn => "email/new_sign_in.html",
            Self::ChangedCredential => "email/changed_credential.html",
            Self::EventNotification => "email/event_notification.html",
            Self::Test => "email/setup.html",
        }
    }

    /// What its messages in the catalogues begin with.
    pub const fn words(self) -> &'static str {
        match self {
            Self::PasswordReset => "mail-password-reset",
            Self::AccountConfirmation => "mail-account-confirmation",
            Self::Invitation => "mail-invitation",
            Self::MagicLink => "mail-magic-link",
            Self::Code => "mail-code",
            Self::AddressProof => "mail-address-proof",
            Self::NewSignIn => "mail-new-sign-in",
            Self::ChangedCredential => "mail-changed-credential",
            Self::EventNotification => "mail-event-notification",
            Self::Test => "mail-test",
        }
    }

    /// The topic of a template; none for those of administrators.
    pub fn of_template(template: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|topic| topic.template() == template)
    }
}

/// Whom a letter is for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Person {
    /// Where it goes.
    pub address: String,
    /// What he is called; empty where nobody knows.
    #[serde(default)]
    pub name: String,
    /// User name; empty for somebody without an account.
    #[serde(default)]
    pub username: String,
    /// BCP 47 tag of the language that he reads.
    #[serde(default)]
    pub language: Option<String>,
}

impl Person {
    /// Somebody of whom only the address is known.
    pub fn at(address: impl Into<String>) -> Self {
        Self { address: address.into(), ..Self::default() }
    }

    /// A user, at the address that he has now.
    pub fn of(user: &User) -> Self {
        Self {
            address: user.email.clone(),
            name: user.name.clone(),
            username: user.username.clone(),
            language: user.locale().map(ToOwned::to_owned),
        }
    }

    /// The same, reading this language unless he chose another.
    #[must_use]
    pub fn or_reading(mut self, language: Option<&str>) -> Self {
        self.language = self.language.or_else(|| language.map(ToOwned::to_owned));
        self
    }

    /// Whether mail can go there at all.
    pub fn is_reachable(&self) -> bool {
        self.address.len() <= MAX_ADDRESS && self.address.parse::<lettre::Address>().is_ok()
    }

    /// What a letter calls him.
    pub(crate) fn greeting(&self) -> &str {
        [&self.name, &self.username, &self.address]
            .into_iter()
            .find(|name| !name.is_empty())
            .map_or("", |n| n)
    }
}

/// What somebody is to be told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Letter {
    /// Whom it is for.
    pub to: Person,
    /// Further addresses that everybody sees.
    #[serde(default)]
    pub cc: Vec<String>,
    /// Further addresses that nobody sees.
    #[serde(default)]
    pub bcc: Vec<String>,
    /// Subject; the topic's own where it is empty.
    #[serde(default)]
    pub subject: Option<Text>,
    /// Before the subject, as administrators want it.
    #[serde(default)]
    pub prefix: String,
    /// Template: ours, or a file of administrators.
    pub template: String,
    /// Plain words in place of a template.
    #[serde(default)]
    pub body: Option<String>,
    /// What stands in it: `url`, `code`, `facts`, …
    #[serde(default)]
    pub values: JsonObject,
    /// What it says of what happened, line by line.
    #[serde(default)]
    pub facts: Vec<Fact>,
    /// When what it says is no longer true: then it is not sent.
    #[serde(default)]
    pub expires: Option<Timestamp>,
    /// How it looks.
    pub look: Look,
    /// The object with a mail server of its own; none for that of the configuration.
    #[serde(default)]
    pub via: Option<ConfigObjectId>,
    /// It goes to nobody: it is written so that neither time nor rows tell whether there was somebody to write to.
    #[serde(default)]
    pub is_to_nobody: bool,
    /// Notification rules do not hear what becomes of it: a notification that leads to another never ends.
    #[serde(default)]
    pub is_quiet: bool,
}

impl Letter {
    /// A letter about one of our topics.
    pub fn about(topic: Topic, to: Person, look: Look) -> Self {
        Self::from_template(topic.template(), to, look)
    }

    /// A letter from a template.
    pub fn from_template(template: impl Into<String>, to: Person, look: Look) -> Self {
        Self {
            to,
            cc: Vec::new(),
            bcc: Vec::new(),
            subject: None,
            prefix: String::new(),
            template: template.into(),
            body: None,
            values: JsonObject::new(),
            facts: Vec::new(),
            expires: None,
            look,
            via: None,
            is_to_nobody: false,
            is_quiet: false,
        }
    }

    /// With this subject.
    #[must_use]
    pub fn titled(mut self, subject: impl Into<Text>) -> Self {
        self.subject = Some(subject.into());
        self
    }

    /// With a value.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.values.insert(name.to_owned(), value.into());
        self
    }

    /// Good until then.
    #[must_use]
    pub const fn until(mut self, expires: Timestamp) -> Self {
        self.expires = Some(expires);
        self
    }

    /// By the mail server of this object.
    #[must_use]
    pub const fn via(mut self, object: Option<ConfigObjectId>) -> Self {
        self.via = object;
        self
    }

    /// Without a word to notification rules.
    #[must_use]
    pub const fn quietly(mut self) -> Self {
        self.is_quiet = true;
        self
    }

    /// The same, written but thrown away.
    #[must_use]
    pub fn to_nobody(self) -> Self {
        Self { is_to_nobody: true, ..self }
    }

    /// Whether it is no larger than letters of ours are.
    pub(crate) fn is_within_bounds(&self) -> bool {
        self.cc.len() + self.bcc.len() <= MAX_COPIES
    }
}
