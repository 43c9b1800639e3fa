//! How many letters there may be.

use countersign_crypto::digest;
use countersign_flows::EffectError;
use countersign_model::ConfigObjectId;
use countersign_store::{
    Tx,
    throttles::{self, ThrottleRule},
};
use countersign_types::{ClientAddr, Span};

use super::Reader;
use crate::throttle;

/// Letters to one account within the window, from whichever page, are no more than so many times those of a name.
const NAMES_OF_ACCOUNT: u32 = 3;

/// How many letters there may be within a window.
#[derive(Clone)]
pub(crate) struct Limits {
    name: String,
    account: Option<String>,
    client: Option<(String, u32)>,
    most: u32,
    window: Span,
}

impl Limits {
    /// So many of this stage to this reader.
    pub(crate) fn of(stage: ConfigObjectId, reader: &Reader, most: u32, window: Span) -> Self {
        let account =
            reader.subject.as_ref().map(|subject| format!("email:{stage}:user:{}", subject.user.id));
        Self { name: format!("email:{stage}:name:{}", reader.folded()), account, client: None, most, window }
    }

    /// And so many from where this request came from, to whomever.
    #[must_use]
    pub(crate) fn asked_from(self, stage: ConfigObjectId, client: Option<ClientAddr>, most: u32) -> Self {
        let whence = client.map(|client| client.subscriber().to_string()).unwrap_or_default();
        Self { client: Some((format!("email:{stage}:client:{whence}"), most)), ..self }
    }

    /// Counts by what was typed and by where from. One too many is refused, and says so: it is the same for every
    /// name.
    pub(crate) fn count(&self, tx: &mut Tx<'_>) -> Result<(), EffectError> {
        if let Some((client, most)) = &self.client {
            self.count_one(tx, client, *most)?;
        }
        self.count_one(tx, &self.name, self.most)
    }

    fn count_one(&self, tx: &mut Tx<'_>, name: &str, most: u32) -> Result<(), EffectError> {
        let row = throttles::bump(tx, &digest(name), &self.rule(most))?;
        if row.failures <= i32::try_from(most).unwrap_or(i32::MAX) {
            return Ok(());
        }
        let wait = row.window_start.plus(self.window).since(tx.now());
        Err(EffectError::Retry(throttle::too_many("", wait).into_errors()))
    }

    /// Counts by account. One too many is not sent, and nobody learns so who only knows names.
    pub(crate) fn may_reach(&self, tx: &mut Tx<'_>) -> Result<bool, EffectError> {
        let most = self.most.saturating_mul(NAMES_OF_ACCOUNT);
        // A name that is nobody's is counted as often, so that time does not tell which it is.
        let key = self.account.clone().unwrap_or_else(|| format!("{}:account", self.name));
        let row = throttles::bump(tx, &digest(&key), &self.rule(most))?;
        Ok(row.failures <= i32::try_from(most).unwrap_or(i32::MAX))
    }

    fn rule(&self, most: u32) -> ThrottleRule {
        let limit = i32::try_from(most).unwrap_or(i32::MAX).saturating_add(1);
        ThrottleRule { window: self.window, limit, lock: self.window }
    }
}
