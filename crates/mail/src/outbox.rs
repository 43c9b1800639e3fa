//! How a letter gets into the queue.

use countersign_crypto::Sealer;
use countersign_model::JobId;
use countersign_store::{StoreError, Tx};
use countersign_types::Timestamp;
use serde_json::json;

use crate::{KIND, Letter};

/// Most bytes of a letter; no letter of ours comes near.
const MAX_BYTES: usize = 256 * 1024;
/// Purpose under which letters are sealed.
const PURPOSE: &str = "mail";
/// Where the sealed letter stands in the job.
const SEALED: &str = "$sealed";

/// Takes letters.
#[derive(Clone, Debug)]
pub struct Outbox {
    sealer: Sealer,
}

impl Outbox {
    /// Seals with this.
    pub const fn new(sealer: Sealer) -> Self {
        Self { sealer }
    }

    /// Writes a letter in the caller's transaction: it is sent if and only if what causes it is committed. None
    /// for one that is too large to be one of ours or that nobody can be sent.
    pub fn post(&self, tx: &mut Tx<'_>, letter: &Letter) -> Result<Option<JobId>, StoreError> {
        let now = tx.now();
        self.post_at(tx, letter, now)
    }

    /// The same, to be sent no sooner than then.
    pub fn post_at(
        &self,
        tx: &mut Tx<'_>,
        letter: &Letter,
        at: Timestamp,
    ) -> Result<Option<JobId>, StoreError> {
        let written = serde_json::to_vec(letter).unwrap_or_default();
        let fits = (1..=MAX_BYTES).contains(&written.len());
        if !fits || !letter.is_within_bounds() || !(letter.is_to_nobody || letter.to.is_reachable()) {
            tracing::warn!(template = letter.template, "a letter that cannot be sent was not written");
            return Ok(None);
        }
        let sealed = json!({ SEALED: self.sealer.seal_text(PURPOSE, &[], &written) });
        countersign_tasks::enqueue(tx, KIND, sealed, at).map(Some)
    }

    /// What was posted; none for what was not sealed by us.
    pub(crate) fn open(&self, payload: &serde_json::Value) -> Option<Letter> {
        let sealed = payload.get(SEALED)?.as_str()?;
        let written = self.sealer.open_text(PURPOSE, &[], sealed).ok()?;
        serde_json::from_slice(&written).ok()
    }
}
