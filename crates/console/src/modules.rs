//! Every module of pages, one line each. Routes are tried in this order: what stands higher may take over an
//! address of the generic pages, which come last.

use countersign_model::{ProviderId, UserId};
use countersign_registry::{ResourceError, Viewed};
use countersign_web::WebError;

use crate::{
    applications,
    cx::{ConsoleCx, fault},
    dashboard, events, expressions, flows,
    generic::{detail::Tab, may_see},
    groups, invitations,
    nav::{Module, NavEntry},
    notifications, providers, roles,
    shell::Header,
    system, users,
};

/// The modules.
pub(crate) const MODULES: &[Module] = &[
    dashboard::MODULE,
    events::MODULE,
    notifications::MODULE,
    applications::MODULE,
    providers::MODULE,
    flows::MODULE,
    invitations::MODULE,
    expressions::MODULE,
    users::MODULE,
    groups::MODULE,
    roles::MODULE,
    system::MODULE,
];

/// The header of an object's pages, with the tabs and actions that its module has for it; none where its pages are
/// the generic ones alone.
pub(crate) async fn header(cx: &ConsoleCx, viewed: &Viewed, tab: Tab) -> Result<Option<Header>, WebError> {
    let (key, rest) = (viewed.key.clone(), tab.rest());
    let header = match viewed.model {
        users::USER => {
            let subject = cx.app.store().subject(UserId(viewed.id)).await?;
            let subject = subject.ok_or_else(|| fault(ResourceError::NotFound))?;
            users::header(cx, &subject.user, rest)
        }
        groups::GROUP => {
            let group = cx.read(move |tx, _, actor| groups::find(tx, actor, &key)).await.map_err(fault)?;
            groups::header(cx, &group, rest)
        }
        roles::ROLE => {
            let role = roles::find(cx, &key)?;
            roles::header(cx, &role, rest)
        }
        applications::APPLICATION => applications::header(cx, &applications::find(cx, &key)?, rest),
        flows::FLOW => flows::header(cx, viewed, tab)?,
        _ if cx.snapshot.provider(ProviderId(viewed.id)).is_some() => {
            providers::header(cx, &providers::find(cx, &key)?, rest)?
        }
        _ => return Ok(None),
    };
    Ok(Some(header))
}

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
