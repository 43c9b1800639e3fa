//! Events as what policies are asked about.

use countersign_events::EventDraft;
use countersign_model::Event;
use countersign_types::JsonObject;
use serde_json::{Value, json};

use crate::PolicyRequest;

/// Name of the context value.
const NAME: &str = "event";
/// What marks an event that happened, which nobody typed.
pub(crate) const MARK: &str = "$event";

impl PolicyRequest {
    /// The same, about an event: policies find it in the context, expressions as `event` too.
    #[must_use]
    pub fn about(mut self, event: &Event) -> Self {
        self.context.insert(NAME.to_owned(), json!({ MARK: document(event) }));
        self
    }

    /// The event that is asked about: one that happened, or one that was made up to try a policy out.
    pub fn event(&self) -> Option<&JsonObject> {
        let event = self.context.get(NAME)?;
        event.get(MARK).unwrap_or(event).as_object()
    }

    /// A draft of what happens meanwhile: while an event is asked about, quietly, or it would be asked about for ever.
    pub(crate) fn draft(&self, draft: EventDraft) -> EventDraft {
        draft_within(&self.context, draft)
    }
}

/// The same, where only the context is known.
pub(crate) fn draft_within(context: &JsonObject, draft: EventDraft) -> EventDraft {
    if is_about_event(context) { draft.quietly() } else { draft }
}

/// Whether an event that happened is asked about.
pub(crate) fn is_about_event(context: &JsonObject) -> bool {
    context.get(NAME).is_some_and(|event| event.get(MARK).is_some())
}

/// An event as the API shows it.
pub fn document(event: &Event) -> Value {
    json!({
        "pk": event.id,
        "user": event.user.as_ref().map_or_else(|| json!({}), |user| json!(user)),
        "action": event.action,
        "app": event.app,
        "context": event.context,
        "client_ip": event.client_ip,
        "created": event.created.to_rfc3339(),
        "expires": event.expires.to_rfc3339(),
        "brand": {},
    })
}
