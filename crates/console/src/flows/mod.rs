//! The pages of flows: what a flow does as a picture, its stages and policies edited in place and put in order,
//! trying it, and carrying it from one installation to another.
//!
//! Names no kind of stage or policy. Everything is written through the registry, one transaction for each form.
//!
//! ```text
//! …/flow/flows/<slug>/                 picture, facts, stages in order, policies; ?open= and ?add= open a form
//! …/flow/flows/<slug>/~order/          stages in another order
//! …/flow/flows/<slug>/~stage/          a stage, there already or made here, and its place, in one step
//! …/flow/flows/<slug>/~binding/<id>/   the settings of a stage's place
//! …/flow/flows/<slug>/~policy/<id>/    a policy, group or user: bound to the flow or a stage, or changed
//! …/flow/flows/<slug>/run/             to the flow's page, as oneself or as anybody
//! …/flow/flows/<slug>/inspector/       what a run did, step by step
//! …/flow/flows/<slug>/export/          as a blueprint
//! …/flow/flows/~import/                from a blueprint
//! ```

mod bindings;
mod diagram;
mod inspector;
mod order;
mod page;
mod policies;
mod run;
mod stage;
mod transfer;

pub(crate) use inspector::milliseconds;
pub(crate) use page::header;
pub(crate) use transfer::{failed, file};

use actix_web::web::{ServiceConfig, get, post};
use countersign_registry::{ReadCx, ResourceError, Viewed};
use countersign_store::Tx;
use countersign_types::RawId;
use countersign_web::WebError;

use crate::{
    cx::{ConsoleCx, fault},
    generic::places::Place,
    kit::Button,
    nav::Module,
    routes::at,
};

/// Flows.
pub(crate) const MODULE: Module = Module { nav: &[], routes };

/// Address of the list.
pub(crate) const LIST: &str = "/if/admin/flow/flows/";
/// The models.
pub(crate) const FLOW: &str = "authentik_flows.flow";
const STAGE_BINDING: &str = "authentik_flows.flowstagebinding";
const POLICY_BINDING: &str = "authentik_policies.policybinding";

fn routes(config: &mut ServiceConfig) {
    const ONE: &str = "/if/admin/flow/flows/{slug:[^/~][^/]*}/";
    let below = |rest: &str| format!("{ONE}{rest}");
    at(config, "/if/admin/flow/flows/~import/", [get().to(transfer::ask), post().to(transfer::import)]);
    at(config, ONE, [get().to(page::show)]);
    at(config, &below("~order/"), [post().to(order::save)]);
    at(config, &below("~stage/"), [get().to(stage::ask), post().to(stage::bind)]);
    at(config, &below("~binding/{binding}/"), [post().to(bindings::save)]);
    at(config, &below("~policy/{target}/"), [post().to(policies::save)]);
    at(config, &below("run/"), [get().to(run::run)]);
    at(config, &below("inspector/"), [get().to(inspector::show)]);
    at(config, &below("export/"), [get().to(transfer::export)]);
}

/// The way to the page that imports flows, on their list.
pub(crate) fn import_button(cx: &ConsoleCx, place: &Place) -> Option<Button> {
    let is_here = place.path == LIST && cx.seams().is_some();
    is_here.then(|| Button::link(cx.t("flow-import"), format!("{LIST}~import/")))
}

/// The address of a flow's page.
pub(crate) fn address(slug: &str) -> String {
    format!("{LIST}{slug}/")
}

/// The flow of an address, if its reader may see it.
async fn viewed(cx: &ConsoleCx, slug: &str) -> Result<Viewed, WebError> {
    let slug = slug.to_owned();
    cx.look(move |tx, read| view(tx, read, &slug)).await.map_err(fault)
}

fn view(tx: &mut Tx<'_>, read: ReadCx<'_>, slug: &str) -> Result<Viewed, ResourceError> {
    let flows = read.registry.get(FLOW)?;
    let id = flows.resolve(tx, slug)?.ok_or(ResourceError::NotFound)?;
    flows.brief(tx, read, id)?.ok_or(ResourceError::NotFound)
}

/// A binding of this flow, of a stage or of a policy, whichever has the identifier.
fn binding_of(snapshot: &countersign_store::Snapshot, flow: RawId, binding: RawId) -> Option<Bound> {
    let stages = snapshot.stage_bindings(countersign_model::FlowId(flow));
    if stages.iter().any(|stage| stage.id.raw() == binding) {
        return Some(Bound::Stage);
    }
    let mut targets = std::iter::once(flow).chain(stages.iter().map(|stage| stage.id.raw()));
    let is_policy =
        |target: RawId| snapshot.policy_bindings(target).iter().any(|policy| policy.id.raw() == binding);
    targets.any(is_policy).then_some(Bound::Policy)
}

/// What is bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bound {
    Stage,
    Policy,
}
