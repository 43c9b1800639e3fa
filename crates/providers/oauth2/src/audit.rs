//! What the audit trail hears of this crate.

use countersign_events::{EventDraft, Recorder, Recording, object};
use countersign_model::{EventAction, User};
use countersign_oauth2::ScopeSet;
use countersign_store::{Store, StoreError};
use countersign_types::ClientAddr;
use serde_json::Value;

use crate::client::Client;

/// Which room says so.
const ROOM: &str = "countersign.providers.oauth2";

/// Events of requests that write nothing else.
pub(crate) struct Audit(Recorder);

impl Audit {
    pub(crate) fn new(store: &Store) -> Self {
        Self(Recorder::new(store.clone()))
    }

    /// Begins to record an event; whoever needs it kept waits for the recording.
    pub(crate) fn begin(&self, draft: EventDraft) -> Result<Recording, StoreError> {
        self.0.begin(draft)
    }

    /// Records an event of which nothing depends: when it cannot be kept, the log has it.
    pub(crate) async fn note(&self, draft: EventDraft) {
        let action = draft.action;
        if let Err(error) = self.0.record(draft).await {
            tracing::warn!(action = action.as_str(), %error, "an event was not kept");
        }
    }
}

/// An application received a user or a token.
pub(crate) fn authorized(client: &Client, user: &User, scope: &ScopeSet, by: &str) -> EventDraft {
    EventDraft::new(EventAction::AuthorizeApplication, ROOM)
        .by(user)
        .with("authorized_application", application(client))
        .with("scopes", scope.to_string())
        .with("grant_type", by)
}

/// Something that an honest client does not do.
pub(crate) fn suspicious(client: &Client, message: &'static str, from: Option<ClientAddr>) -> EventDraft {
    EventDraft::new(EventAction::SuspiciousRequest, ROOM)
        .from(from)
        .with("message", message)
        .with("provider", provider(client))
}

/// A scope mapping gave no claims.
pub(crate) fn mapping_failed(client: &Client, scope: &str, problem: &str) -> EventDraft {
    EventDraft::new(EventAction::PropertyMappingException, ROOM)
        .with("message", problem)
        .with("scope_name", scope)
        .with("provider", provider(client))
}

/// Something is configured so that it cannot work.
pub(crate) fn misconfigured(client: &Client, message: &str) -> EventDraft {
    EventDraft::new(EventAction::ConfigurationError, ROOM)
        .with("message", message)
        .with("provider", provider(client))
}

fn application(client: &Client) -> Value {
    object("authentik_core.application", &client.application.name, client.application.id.to_string())
}

fn provider(client: &Client) -> Value {
    object("authentik_providers_oauth2.oauth2provider", &client.name, client.pk)
}
