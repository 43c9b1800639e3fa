//! What the console needs beside the house: the kinds, and where their pages are.

use std::sync::Arc;

use countersign_registry::{Registry, Seams};

use crate::generic::places::Places;

/// The console. Lives in `web::Data`.
pub struct Console {
    registry: Arc<Registry>,
    places: Places,
    seams: Option<Seams>,
}

impl Console {
    /// Over these kinds.
    pub fn new(registry: Arc<Registry>) -> Self {
        let places = Places::of(&registry);
        Self { registry, places, seams: None }
    }

    /// With what other rooms do for it; without, its pages do not offer that.
    #[must_use]
    pub fn reaching(self, seams: Seams) -> Self {
        Self { seams: Some(seams), ..self }
    }

    /// What other rooms do.
    pub(crate) const fn seams(&self) -> Option<&Seams> {
        self.seams.as_ref()
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
