//! Every module of pages, one line each. Routes are tried in this order: what stands higher may take over an
//! address of the generic pages, which come last.

use crate::{
    applications,
    cx::ConsoleCx,
    dashboard, events, expressions, flows,
    generic::may_see,
    groups,
    nav::{Module, NavEntry},
    providers, roles, system, users,
};

/// The modules.
pub(crate) const MODULES: &[Module] = &[
    dashboard::MODULE,
    events::MODULE,
    applications::MODULE,
    providers::MODULE,
    flows::MODULE,
    expressions::MODULE,
    users::MODULE,
    groups::MODULE,
    roles::MODULE,
    system::MODULE,
];

/// The pages that this reader may open, each address once.
pub(crate) fn visible(cx: &ConsoleCx) -> Vec<NavEntry> {
    let own = MODULES.iter().flat_map(|module| module.nav).copied();
    let own = own.filter(|entry| entry.permission.is_empty() || cx.may_somewhere(entry.permission));
    let places = cx.places().nav().filter(|entry| {
        let is_own = MODULES.iter().flat_map(|module| module.nav).any(|other| other.path == entry.path);
        !is_own && cx.places().at(entry.path).is_some_and(|place| may_see(cx, place))
    });
    own.chain(places).collect()
}
