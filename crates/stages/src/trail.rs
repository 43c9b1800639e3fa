//! What stages tell the audit trail. Events are written in the unit of work that they tell of.

use countersign_events::EventDraft;
use countersign_flows::StageCx;
use countersign_mail::{Look, Occasion};
use countersign_model::EventAction;

/// Something that is about to happen, with what is known of the request.
pub(crate) fn draft(cx: &StageCx<'_>, action: EventAction, app: &str) -> EventDraft {
    EventDraft::new(action, app)
        .from(cx.facts.client)
        .through(cx.facts.impersonator.as_ref())
        .with("flow", cx.flow.slug.as_str())
        .with("stage", cx.stage_name)
        .with("request_id", cx.facts.request_id.as_str())
}

/// The circumstances of what is done in a flow, for whom it concerns.
pub(crate) fn occasion(cx: &StageCx<'_>) -> Occasion {
    let look = Look::of(cx.snapshot.brand_for(&cx.facts.host), cx.own_address().unwrap_or_default());
    let place = cx.facts.client.and_then(|client| cx.services.policies.atlas().place(client.0));
    let place = place.map(|place| {
        let parts = [place.city, place.country.unwrap_or_default()];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
    });
    Occasion {
        look: Some(look),
        language: Some(cx.facts.locale.clone()),
        is_by_administrator: cx.facts.impersonator.is_some(),
        client: cx.facts.client.map(|client| client.to_string()),
        place,
        user_agent: Some(cx.facts.user_agent.clone()),
    }
}
