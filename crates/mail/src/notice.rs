//! What people are told of their own accounts: a sign-in with a browser that was not known, a way to sign in that
//! was changed. Administrators switch each off ([`TELL_SIGN_INS`], [`TELL_CHANGES`]); without a mail server there
//! is nothing to switch.
//!
//! Written in the transaction in which it happens, so that there is one letter for it, or none.

use countersign_model::{Device, User, UserType};
use countersign_store::{StoreError, Tx, brands, settings};
use countersign_types::{Text, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{Letter, Look, Outbox, Person, Topic};

/// Setting: whether people hear of sign-ins with browsers that are not known. They do unless it is false.
pub const TELL_SIGN_INS: &str = "mail_new_sign_in";
/// Setting: whether people hear of changed passwords and addresses. They do unless it is false.
pub const TELL_CHANGES: &str = "mail_changed_credential";
/// Where somebody sees his account and his sessions, below our own address.
const SETTINGS: &str = "/if/user/settings/";

/// A line that says something of what happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fact {
    /// What it is about.
    pub label: Text,
    /// What it says.
    pub value: FactValue,
}

/// What a [`Fact`] says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FactValue {
    /// Words.
    Words(Text),
    /// A moment.
    At(Timestamp),
}

impl Fact {
    fn new(label: &'static str, value: Text) -> Self {
        Self { label: Text::key(label), value: FactValue::Words(value) }
    }

    fn at(moment: Timestamp) -> Self {
        Self { label: Text::key("mail-fact-time"), value: FactValue::At(moment) }
    }
}

/// In what circumstances something happened, as far as they are known.
#[derive(Clone, Debug, Default)]
pub struct Occasion {
    /// How the letter looks; like the default brand where no page says otherwise.
    pub look: Option<Look>,
    /// Language of who chose none.
    pub language: Option<String>,
    /// Whether an administrator did it.
    pub is_by_administrator: bool,
    /// Address from which it was done.
    pub client: Option<String>,
    /// Where that is.
    pub place: Option<String>,
    /// `User-Agent` of the browser.
    pub user_agent: Option<String>,
}

impl Occasion {
    fn facts(&self, now: Timestamp) -> Vec<Fact> {
        let mut facts = vec![Fact::at(now)];
        if self.is_by_administrator {
            facts.push(Fact::new("mail-fact-by", Text::key("mail-fact-administrator")));
            return facts;
        }
        let literal = |text: &Option<String>| text.clone().filter(|text| !text.is_empty()).map(Text::Literal);
        let device = self.user_agent.as_deref().map(|agent| Device::of(agent).words());
        for (label, value) in [
            ("mail-fact-browser", device),
            ("mail-fact-place", literal(&self.place)),
            ("mail-fact-address", literal(&self.client)),
        ] {
            facts.extend(value.map(|value| Fact::new(label, value)));
        }
        facts
    }
}

/// Tells people of what happens to their accounts. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Notices {
    outbox: Outbox,
    home: Option<String>,
    goes_out: bool,
}

impl Notices {
    pub(crate) const fn new(outbox: Outbox, home: Option<String>, goes_out: bool) -> Self {
        Self { outbox, home, goes_out }
    }

    /// Tells somebody of a sign-in with a browser that was not known.
    pub fn signed_in(&self, tx: &mut Tx<'_>, user: &User, occasion: &Occasion) -> Result<(), StoreError> {
        if !self.is_told(tx, user, TELL_SIGN_INS)? {
            return Ok(());
        }
        self.post(tx, Topic::NewSignIn, Person::of(user), occasion, Vec::new())
    }

    /// Tells somebody that his password or his address became another, at the old address too. Nothing where
    /// neither did, and nothing of the first password of an account.
    pub fn changed(
        &self,
        tx: &mut Tx<'_>,
        before: &User,
        after: &User,
        occasion: &Occasion,
    ) -> Result<(), StoreError> {
        let is_moved = before.email != after.email;
        let mut what = Vec::new();
        if is_new_password(before, after) {
            what.push(Fact::new("mail-fact-what", Text::key("mail-fact-password")));
        }
        if is_moved {
            what.push(Fact::new("mail-fact-what", Text::key("mail-fact-email")));
        }
        // An account that nobody could sign in to is not changed by that, but opened.
        let was_open = before.password.is_some() || before.last_login.is_some();
        if what.is_empty() || !was_open || !self.is_told(tx, after, TELL_CHANGES)? {
            return Ok(());
        }
        let mut readers = vec![Person::of(after)];
        if is_moved {
            readers.push(Person { address: before.email.clone(), ..Person::of(after) });
        }
        for reader in readers.into_iter().filter(|reader| !reader.address.is_empty()) {
            self.post(tx, Topic::ChangedCredential, reader, occasion, what.clone())?;
        }
        Ok(())
    }

    fn is_told(&self, tx: &mut Tx<'_>, user: &User, setting: &str) -> Result<bool, StoreError> {
        let is_person = matches!(user.user_type, UserType::Internal | UserType::External);
        if !self.goes_out || !is_person {
            return Ok(false);
        }
        Ok(settings::get(tx, setting)?.and_then(|value| value.as_bool()).unwrap_or(true))
    }

    fn post(
        &self,
        tx: &mut Tx<'_>,
        topic: Topic,
        reader: Person,
        occasion: &Occasion,
        mut facts: Vec<Fact>,
    ) -> Result<(), StoreError> {
        if !reader.is_reachable() {
            return Ok(());
        }
        let look = match &occasion.look {
            Some(look) => look.clone(),
            None => Look::of(brands::default(tx)?.as_ref(), self.home.as_deref().unwrap_or_default()),
        };
        facts.extend(occasion.facts(tx.now()));
        let url = (!look.home.is_empty()).then(|| format!("{}{SETTINGS}", look.home));
        let mut letter = Letter::about(topic, reader.or_reading(occasion.language.as_deref()), look);
        letter.facts = facts;
        if let Some(url) = url {
            letter = letter.with("url", url);
        }
        self.outbox.post(tx, &letter)?;
        Ok(())
    }
}

/// Whether there is a password now that was not there before. One that was only taken away lets nobody in.
fn is_new_password(before: &User, after: &User) -> bool {
    let Some(after) = &after.password else { return false };
    !before.password.as_ref().is_some_and(|before| before.ct_eq(after.expose()))
}
