//! What stages tell the audit trail. Events are written in the unit of work that they tell of.

use countersign_events::EventDraft;
use countersign_flows::StageCx;
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
