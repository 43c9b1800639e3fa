//! Every module of pages, one line each. Routes are tried in this order: what stands higher may take over an
//! address of the generic pages, which come last.

use crate::nav::{Module, NavEntry};

/// The modules.
pub(crate) const MODULES: &[Module] = &[];

/// Every page of the rail, in the order of modules.
pub(crate) fn entries() -> impl Iterator<Item = &'static NavEntry> {
    MODULES.iter().flat_map(|module| module.nav)
}
