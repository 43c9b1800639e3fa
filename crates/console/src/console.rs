//! What the console needs beside the house: the kinds.

use std::sync::Arc;

use countersign_registry::Registry;

/// The console. Lives in `web::Data`.
pub struct Console {
    registry: Arc<Registry>,
}

impl Console {
    /// Over these kinds.
    pub const fn new(registry: Arc<Registry>) -> Self {
        Self { registry }
    }

    /// Every kind.
    pub const fn registry(&self) -> &Arc<Registry> {
        &self.registry
    }
}
