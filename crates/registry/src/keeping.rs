//! Blueprints that are kept applied are applied in the transaction that saves them.
//!
//! Owns the door only: whoever reads blueprints stands above this crate and is put in by the server.

use countersign_model::BlueprintInstance;
use countersign_store::Tx;

use crate::{ResourceError, WriteCx};

/// Applies what is kept applied.
pub trait BlueprintKeeper: Send + Sync {
    /// Applies a blueprint whose row was just written, and keeps with it how that went. Whatever is wrong is a
    /// complaint about `path` or `content`, with line and entry.
    fn apply(
        &self,
        tx: &mut Tx<'_>,
        cx: WriteCx<'_>,
        instance: &BlueprintInstance,
    ) -> Result<(), ResourceError>;

    /// Only sees whether a blueprint that is switched off is there and can be read.
    fn check(&self, instance: &BlueprintInstance) -> Result<(), ResourceError>;
}
