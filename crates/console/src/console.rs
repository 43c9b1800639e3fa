//! What the console needs beside the house: the kinds, and where their pages are.

use std::sync::Arc;

use countersign_registry::Registry;

use crate::generic::places::Places;

/// The console. Lives in `web::Data`.
pub struct Console {
    registry: Arc<Registry>,
    places: Places,
}

impl Console {
    /// Over these kinds.
    pub fn new(registry: Arc<Registry>) -> Self {
        let places = Places::of(&registry);
        Self { registry, places }
    }

    /// Every kind.
    pub(crate) const fn registry(&self) -> &Arc<Registry> {
        &self.registry
    }

    /// Where the objects of each kind have their pages.
    pub(crate) const fn places(&self) -> &Places {
        &self.places
    }
}
