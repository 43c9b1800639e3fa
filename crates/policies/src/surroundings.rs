//! What policies work with beside the database.

use std::sync::Arc;

use countersign_crypto::HashPool;
use countersign_geo::Atlas;
use countersign_store::Store;
use countersign_types::Span;

use crate::{Breaches, Reputations};

/// How long reputations are remembered unless the configuration says otherwise.
const REMEMBERED: Span = Span::from_days(1);

/// What policies work with beside the database. A policy that needs what is not there cannot be evaluated.
#[derive(Clone)]
pub struct Surroundings {
    /// Knows where addresses are.
    pub atlas: Atlas,
    /// Compares passwords.
    pub hashes: Option<HashPool>,
    /// Knows breached passwords.
    pub breaches: Option<Breaches>,
    /// Counts sign-ins.
    pub reputations: Arc<Reputations>,
}

impl Surroundings {
    /// Nothing but the database.
    pub fn bare(store: &Store) -> Self {
        let atlas = Atlas::empty();
        let reputations = Reputations::new(store, atlas.clone(), REMEMBERED);
        Self { atlas, hashes: None, breaches: None, reputations }
    }
}
