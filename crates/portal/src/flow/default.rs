//! `/flows/-/default/<designation>/`: the door to a flow of which only the purpose is known.
//!
//! The brand's flow; else the first by slug of that designation whose policies let the visitor pass. The
//! query goes along. Signing out by our own button is a form, and leads to the page that says so.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse};
use countersign_model::{Brand, Flow, FlowDesignation, FlowId, LiveSession};
use countersign_policies::PolicyRequest;
use countersign_store::Snapshot;
use countersign_types::{ErrorKind, JsonObject};
use countersign_web::{App, Facts, MaybeSession, SessionForm, WebError, encode_next, found, see_other};

/// Where our own sign-out button ends.
const SIGNED_OUT: &str = "/if/session-end/";

/// The door to signing in.
pub(crate) async fn authentication(request: HttpRequest) -> Result<HttpResponse, WebError> {
    let flow = flow_for(&request, FlowDesignation::Authentication).await?;
    Ok(found(&address(&flow, request.query_string())))
}

/// The door to signing out.
pub(crate) async fn invalidation(request: HttpRequest) -> Result<HttpResponse, WebError> {
    let flow = flow_for(&request, FlowDesignation::Invalidation).await?;
    Ok(found(&address(&flow, request.query_string())))
}

/// Our own sign-out button.
pub(crate) async fn sign_out(
    request: HttpRequest,
    form: Result<SessionForm, WebError>,
) -> Result<HttpResponse, WebError> {
    match form {
        Ok(_) => {}
        // Signed out in another tab meanwhile.
        Err(error) if error.kind() == ErrorKind::Unauthenticated => return Ok(see_other(SIGNED_OUT)),
        Err(error) => return Err(error),
    }
    let flow = flow_for(&request, FlowDesignation::Invalidation).await?;
    Ok(see_other(&address(&flow, &format!("next={}", encode_next(SIGNED_OUT)))))
}

fn address(flow: &Flow, query: &str) -> String {
    let slug = flow.slug.as_str();
    if query.is_empty() { format!("/if/flow/{slug}/") } else { format!("/if/flow/{slug}/?{query}") }
}

async fn flow_for(request: &HttpRequest, designation: FlowDesignation) -> Result<Flow, WebError> {
    let app = App::shared(request)?;
    let facts = <Facts as actix_web::FromRequest>::extract(request).await?;
    let MaybeSession(session) = <MaybeSession as actix_web::FromRequest>::extract(request).await?;
    let snapshot = app.snapshot().await?;
    let of_brand = snapshot.brand_for(&facts.host).and_then(|brand| brand_flow(brand, designation));
    if let Some(flow) = of_brand.and_then(|id| snapshot.flow(id)) {
        return Ok(flow.clone());
    }
    first_open(&app, &snapshot, designation, session.as_ref(), &facts).await.ok_or_else(WebError::not_found)
}

fn brand_flow(brand: &Brand, designation: FlowDesignation) -> Option<FlowId> {
    match designation {
        FlowDesignation::Authentication => brand.flow_authentication,
        FlowDesignation::Invalidation => brand.flow_invalidation,
        FlowDesignation::Recovery => brand.flow_recovery,
        FlowDesignation::Unenrollment => brand.flow_unenrollment,
        FlowDesignation::Authorization
        | FlowDesignation::Enrollment
        | FlowDesignation::StageConfiguration => None,
    }
}

async fn first_open(
    app: &App,
    snapshot: &Arc<Snapshot>,
    designation: FlowDesignation,
    session: Option<&LiveSession>,
    facts: &Facts,
) -> Option<Flow> {
    let mut flows: Vec<&Flow> =
        snapshot.flows().iter().filter(|flow| flow.designation == designation).collect();
    flows.sort_by(|one, other| one.slug.cmp(&other.slug));
    for flow in flows {
        let asked = PolicyRequest {
            user: session.map(|live| Arc::clone(&live.subject)),
            context: JsonObject::new(),
            facts: facts.to_request_facts(),
            is_sso: false,
            changes: Default::default(),
        };
        if app.policies().evaluate(snapshot, flow.id.raw(), flow.policy_engine_mode, &asked).await.passing {
            return Some(flow.clone());
        }
    }
    None
}
