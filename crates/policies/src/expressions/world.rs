//! What one evaluation shares among its host objects and functions.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use countersign_expr::{HostError, LogLevel, LogLine, Value};
use countersign_model::{Family, Subject, UserId};
use countersign_store::{Snapshot, Store, StoreError};
use countersign_types::{JsonObject, Rng};
use serde_json::Value as Json;

use super::{
    afterwards::Afterwards,
    reach::{Reach, network_json, place_json},
    waiting::Beside,
};
use crate::{
    ContextChanges, PolicyRequest, PolicyResult, RequestFacts,
    asker::{Asker, DEFAULT_TIMEOUT},
};

/// Messages of one evaluation at most, and characters in one.
const MAX_MESSAGES: usize = 32;
const MAX_MESSAGE: usize = 1000;
/// Calls of one evaluation that are noted, at most.
const MAX_NOTES: usize = 100;

/// The world of one evaluation.
pub(super) struct World {
    store: Store,
    /// Configuration.
    pub(super) snapshot: Arc<Snapshot>,
    pub(super) user: Option<Arc<Subject>>,
    pub(super) facts: RequestFacts,
    pub(super) is_sso: bool,
    context: Mutex<JsonObject>,
    changes: ContextChanges,
    messages: Mutex<Vec<String>>,
    notes: Mutex<Vec<LogLine>>,
    /// What follows when the expression has come to its end.
    pub(super) afterwards: Afterwards,
    /// Whether something is only tried out.
    pub(super) is_trial: bool,
    pub(super) reach: Arc<Reach>,
    asker: Weak<Asker>,
    beside: Arc<Beside>,
    time: Duration,
    pace: Pace,
}

/// What an evaluation finds around it.
#[derive(Clone)]
pub(super) struct Around {
    pub(super) reach: Arc<Reach>,
    pub(super) asker: Weak<Asker>,
    pub(super) beside: Arc<Beside>,
    pub(super) time: Duration,
    pub(super) pace: Pace,
}

/// Whether an evaluation may wait.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Pace {
    /// It is on a thread that serves requests: what the database would have to be asked for is not there.
    AtOnce,
    /// It is on a thread of its own.
    Waiting,
}

impl World {
    pub(super) fn new(
        store: Store,
        snapshot: Arc<Snapshot>,
        request: &PolicyRequest,
        around: Around,
    ) -> Self {
        let Around { reach, asker, beside, time, pace } = around;
        let mut context = request.context.clone();
        // What an earlier policy of the same request left in the plan, this one sees there.
        context.extend(request.changes.snapshot());
        Self {
            store,
            snapshot,
            user: request.user.clone(),
            facts: request.facts.clone(),
            is_sso: request.is_sso,
            context: Mutex::new(context),
            changes: ContextChanges::new(),
            messages: Mutex::default(),
            notes: Mutex::default(),
            afterwards: Afterwards::default(),
            is_trial: request.changes.is_trial(),
            reach,
            asker,
            beside,
            time,
            pace,
        }
    }

    /// Fills in what the context says of the client's address, for expressions that ask for it.
    pub(super) fn locate(&self, place: bool, network: bool) {
        let Some(client) = self.facts.client.map(|client| client.0) else { return };
        let mut context = self.context();
        if place && let Some(found) = self.reach.atlas.place(client) {
            context.insert("geoip".to_owned(), place_json(&found));
        }
        if network && let Some(found) = self.reach.atlas.network(client) {
            context.insert("asn".to_owned(), network_json(&found));
        }
    }

    /// What another policy says of the same request, with more context. What it leaves in the plan counts here too.
    pub(super) fn ask(&self, name: &str, more: JsonObject) -> Result<PolicyResult, HostError> {
        self.waiting()?;
        let asker = self.asker.upgrade();
        let asker = asker.ok_or_else(|| HostError::Denied("there are no policies here".to_owned()))?;
        let policy = self.snapshot.object_by_name(Family::Policy, name);
        let policy = policy.ok_or_else(|| HostError::Value(format!("there is no policy '{name}'")))?;
        let mut context = self.context().clone();
        context.extend(more);
        let changes = if self.is_trial { ContextChanges::trying() } else { ContextChanges::new() };
        let request = PolicyRequest {
            user: self.user.clone(),
            context,
            facts: self.facts.clone(),
            is_sso: self.is_sso,
            changes: changes.clone(),
        };
        let asked = async {
            let asking = asker.ask(&self.snapshot, policy.id, DEFAULT_TIMEOUT, &request);
            tokio::time::timeout(self.time, asking).await
        };
        let busy = || HostError::Unavailable("another policy cannot be asked now".to_owned());
        let asked = self.beside.wait_for(asked).ok_or_else(busy)?;
        let result = asked.ok().and_then(|asked| asked.outcome).unwrap_or_default();
        for (name, value) in changes.take() {
            self.context().insert(name.clone(), value);
            self.leave(&name)?;
        }
        Ok(result)
    }

    /// The database, for whoever may wait for it.
    pub(super) fn waiting(&self) -> Result<&Store, HostError> {
        match self.pace {
            Pace::Waiting => Ok(&self.store),
            Pace::AtOnce => Err(HostError::Unavailable("the database would have to be asked".to_owned())),
        }
    }

    /// Randomness.
    pub(super) fn rng(&self) -> &dyn Rng {
        &**self.store.rng()
    }

    /// A user; warm, it costs nothing.
    pub(super) fn subject(&self, id: UserId) -> Result<Option<Arc<Subject>>, HostError> {
        match &self.user {
            Some(user) if user.user.id == id => Ok(Some(Arc::clone(user))),
            _ => self.waiting()?.subject_blocking(id).map_err(|error| unavailable(&error)),
        }
    }

    /// The context as this evaluation sees it, its own assignments included.
    pub(super) fn context(&self) -> MutexGuard<'_, JsonObject> {
        self.context.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Leaves a context value for the plan, as it stands now.
    pub(super) fn leave(&self, name: &str) -> Result<(), HostError> {
        let value = self.context().get(name).cloned().unwrap_or(Json::Null);
        if self.changes.assign(name, value) {
            Ok(())
        } else {
            Err(HostError::Value("too much is left in the plan's context".to_owned()))
        }
    }

    /// By which backend a user proved himself in the flow, if he did.
    pub(super) fn backend_of(&self, user: UserId) -> Option<String> {
        let context = self.context();
        let pending = context.get("pending_user").and_then(|pending| pending.get("$user"))?.as_str()?;
        let backend = context.get("user_backend")?.as_str()?;
        (pending.parse() == Ok(user)).then(|| backend.to_owned())
    }

    /// What was left for the plan. It counts only if the evaluation comes to an end.
    pub(super) fn take_changes(&self) -> JsonObject {
        self.changes.take()
    }

    /// Says something to the person.
    pub(super) fn say(&self, message: &str) {
        let mut messages = self.messages.lock().unwrap_or_else(PoisonError::into_inner);
        if messages.len() < MAX_MESSAGES {
            messages.push(message.chars().take(MAX_MESSAGE).collect());
        }
    }

    /// Notes what a function was called with.
    pub(super) fn note(&self, function: &str, fields: Vec<(String, Value)>) -> Result<(), HostError> {
        let mut notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        if notes.len() >= MAX_NOTES {
            return Err(HostError::Value(format!("{function}() is called too often")));
        }
        notes.push(LogLine { level: LogLevel::Info, message: function.to_owned(), fields });
        Ok(())
    }

    pub(super) fn take_notes(&self) -> Vec<LogLine> {
        std::mem::take(&mut *self.notes.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn take_messages(&self) -> Vec<String> {
        std::mem::take(&mut *self.messages.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The database did not answer: the evaluation ends, and no `except` makes a result of it.
pub(super) fn unavailable(error: &StoreError) -> HostError {
    HostError::Unavailable(error.to_string())
}
