//! `/flows/-/configure/<stage>/`: the flow in which a signed-in user sets up what a stage asks for.

use actix_web::{HttpRequest, HttpResponse, web::Path};
use countersign_model::{ConfigObject, ConfigObjectId, Family, Flow, FlowId};
use countersign_store::Snapshot;
use countersign_web::{App, BoundedQuery, Session, WebError, encode_next, found, safe_next};
use uuid::Uuid;

/// Leads there; back to the settings afterwards, unless the query says another page of ours.
pub(crate) async fn configure(
    request: HttpRequest,
    stage: Path<Uuid>,
    _: Session,
    query: BoundedQuery,
) -> Result<HttpResponse, WebError> {
    let snapshot = App::shared(&request)?.snapshot().await?;
    let object = snapshot.object(ConfigObjectId(*stage)).filter(|object| object.family == Family::Stage);
    let flow = object.and_then(|object| flow_of(&snapshot, object)).ok_or_else(WebError::not_found)?;
    let next = query.0.only("next")?.and_then(safe_next).unwrap_or("/if/user/settings/");
    Ok(found(&format!("/if/flow/{}/?next={}", flow.slug.as_str(), encode_next(next))))
}

/// The flow that a stage names for setting it up, whatever kind of stage it is.
pub(crate) fn flow_of<'s>(snapshot: &'s Snapshot, stage: &ConfigObject) -> Option<&'s Flow> {
    let named = stage.config.get("configure_flow")?.as_str()?;
    snapshot.flow(FlowId(named.parse().ok()?))
}
