//! What administrators set.

use countersign_mail::Topic;
use countersign_model::{ConfigObjectId, Family};
use countersign_resource::{ConfigKind, target};
use countersign_types::{FieldErrors, Ref, Span};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Longest name of a template, and longest subject.
const MAX_LINE: usize = 200;
/// Nothing in a message is good for longer.
const LONGEST: Span = Span::from_hours(1);
/// No count of messages goes further back.
const LONGEST_WINDOW: Span = Span::from_days(7);

/// What stands in a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LetterContents {
    /// A link.
    Link,
    /// A code.
    Code,
    /// Either will do.
    #[default]
    LinkAndCode,
}

impl LetterContents {
    /// Whether there is a link.
    pub(super) const fn has_link(self) -> bool {
        matches!(self, Self::Link | Self::LinkAndCode)
    }

    /// As it is written.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Link => "link",
            Self::Code => "code",
            Self::LinkAndCode => "link_and_code",
        }
    }

    /// Whether there is a code.
    pub(super) const fn has_code(self) -> bool {
        matches!(self, Self::Code | Self::LinkAndCode)
    }
}

/// Whose address is proved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProvedAddress {
    /// That of the account. It proves who goes through the flow.
    #[default]
    Account,
    /// The one that a prompt before this stage asked for as `email`. It proves that address and no more.
    Prompt,
}

/// Sends a message with a link or a code, and goes on for who has it: sign-in without a password, or proof of a new
/// address before it is written.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct EmailProofStage {
    /// What stands in the message.
    #[serde(default)]
    pub letter: LetterContents,
    /// Which address the message goes to and proves: the account's own, or the one that a prompt before this stage
    /// asked for as `email`.
    #[serde(default)]
    pub address: ProvedAddress,
    /// The link goes on only in the browser in which somebody asked for it. Opened anywhere else it shows a code to
    /// enter there. Off, it goes on wherever it is opened.
    #[serde(default = "on")]
    pub bind_to_browser: bool,
    /// How long link and code are good.
    #[serde(default = "ten_minutes")]
    pub token_expiry: Span,
    /// Digits of the code.
    #[serde(default = "six")]
    #[schemars(range(min = 6, max = 8))]
    pub code_length: u32,
    /// Wrong codes to one message; then it takes another message.
    #[serde(default = "five")]
    #[schemars(range(min = 1, max = 10), extend("x-group" = "limits"))]
    pub max_attempts: u32,
    /// Messages to one person within the span below; one more is not sent.
    #[serde(default = "five")]
    #[schemars(range(min = 1, max = 1000), extend("x-group" = "limits"))]
    pub max_letters: u32,
    /// Messages that are asked for from one network address within the span below, to whomever.
    #[serde(default = "hundred")]
    #[schemars(range(min = 1, max = 100_000), extend("x-group" = "limits"))]
    pub max_letters_per_client: u32,
    /// The span in which messages are counted.
    #[serde(default = "five_minutes")]
    #[schemars(extend("x-group" = "limits"))]
    pub letters_window: Span,
    /// Subject. Empty for the template's own, in the reader's language.
    #[serde(default)]
    #[schemars(length(max = 200), extend("x-advanced" = true))]
    pub subject: String,
    /// Template: one of ours, or a file below `templates` in the data directory. Empty for the one that fits.
    #[serde(default)]
    #[schemars(length(max = 200), extend("x-advanced" = true))]
    pub template: String,
    /// Send by the mail server of this e-mail stage. Empty for that of the configuration.
    #[serde(default)]
    #[schemars(extend("x-advanced" = true))]
    pub mail_stage: Option<Ref<target::EmailStage>>,
}

const fn on() -> bool {
    true
}

const fn five() -> u32 {
    5
}

const fn six() -> u32 {
    6
}

const fn hundred() -> u32 {
    100
}

const fn five_minutes() -> Span {
    Span::from_mins(5)
}

const fn ten_minutes() -> Span {
    Span::from_mins(10)
}

impl ConfigKind for EmailProofStage {
    const MODEL: &'static str = "countersign_stages_email_proof.emailproofstage";
    const FAMILY: Family = Family::Stage;
    const COMPONENT: &'static str = "ak-stage-email-proof-form";
    const VERBOSE_NAME: &'static str = "Email Proof Stage";

    fn validate(&self) -> Result<(), FieldErrors> {
        let mut errors = FieldErrors::default();
        if self.token_expiry <= Span::ZERO || self.token_expiry > LONGEST {
            errors.push("token_expiry", "invalid", "stages-email-proof-span");
        }
        if self.letters_window <= Span::ZERO || self.letters_window > LONGEST_WINDOW {
            errors.push("letters_window", "invalid", "stages-email-span");
        }
        for (name, number, most) in [
            ("max_attempts", self.max_attempts, 10),
            ("max_letters", self.max_letters, 1000),
            ("max_letters_per_client", self.max_letters_per_client, 100_000),
        ] {
            if !(1..=most).contains(&number) {
                errors.push(name, "invalid", "field-invalid");
            }
        }
        if !(6..=8).contains(&self.code_length) {
            errors.push("code_length", "invalid", "stages-email-proof-length");
        }
        if self.template.len() > MAX_LINE {
            errors.push("template", "invalid", "field-invalid");
        }
        if self.subject.len() > MAX_LINE {
            errors.push("subject", "invalid", "field-invalid");
        }
        errors.into_result()
    }
}

impl EmailProofStage {
    /// Whether a code is ever asked for: one that stands in the message, or that a link shows elsewhere.
    pub(super) const fn takes_code(&self) -> bool {
        self.letter.has_code() || self.bind_to_browser
    }

    /// The template of its messages.
    pub(super) fn template(&self) -> &str {
        match (self.template.as_str(), self.address, self.letter) {
            ("", ProvedAddress::Prompt, _) => Topic::AddressProof.template(),
            ("", ProvedAddress::Account, LetterContents::Code) => Topic::Code.template(),
            ("", ProvedAddress::Account, _) => Topic::MagicLink.template(),
            (own, ..) => own,
        }
    }

    /// The object whose mail server sends.
    pub(super) fn via(&self) -> Option<ConfigObjectId> {
        self.mail_stage.map(|stage| ConfigObjectId(stage.id()))
    }
}
