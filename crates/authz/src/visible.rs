//! Which objects of a model somebody sees.

use std::{collections::BTreeSet, sync::Arc};

use countersign_types::RawId;

/// The objects of a model that an actor may see. What is not among them does not exist for him.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Visible {
    /// Every one.
    All,
    /// These, sorted.
    Only(Arc<[RawId]>),
    /// None.
    None,
}

impl Visible {
    pub(crate) fn only(objects: &BTreeSet<RawId>) -> Self {
        if objects.is_empty() { Self::None } else { Self::Only(objects.iter().copied().collect()) }
    }

    /// Whether an object is among them.
    pub fn contains(&self, object: RawId) -> bool {
        match self {
            Self::All => true,
            Self::Only(objects) => objects.binary_search(&object).is_ok(),
            Self::None => false,
        }
    }

    /// What is in both.
    #[must_use]
    pub fn and(self, other: &Self) -> Self {
        match (self, other) {
            (Self::All, other) => other.clone(),
            (this, Self::All) => this,
            (Self::Only(these), Self::Only(_)) => {
                let both = these.iter().copied().filter(|object| other.contains(*object)).collect();
                Self::only(&both)
            }
            (Self::None, _) | (_, Self::None) => Self::None,
        }
    }
}
