//! What one evaluation shares among its host objects and functions.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use countersign_expr::HostError;
use countersign_model::{Subject, UserId};
use countersign_store::{Snapshot, Store, StoreError};
use countersign_types::JsonObject;
use serde_json::Value as Json;

use crate::{ContextChanges, PolicyRequest, RequestFacts};

/// Messages of one evaluation at most, and characters in one.
const MAX_MESSAGES: usize = 32;
const MAX_MESSAGE: usize = 1000;

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
}

impl World {
    pub(super) fn new(store: Store, snapshot: Arc<Snapshot>, request: &PolicyRequest) -> Self {
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
        }
    }

    pub(super) const fn store(&self) -> &Store {
        &self.store
    }

    /// A user; warm, it costs nothing.
    pub(super) fn subject(&self, id: UserId) -> Result<Option<Arc<Subject>>, HostError> {
        match &self.user {
            Some(user) if user.user.id == id => Ok(Some(Arc::clone(user))),
            _ => self.store.subject_blocking(id).map_err(|error| unavailable(&error)),
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

    pub(super) fn take_messages(&self) -> Vec<String> {
        std::mem::take(&mut *self.messages.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The database did not answer: the evaluation ends, and no `except` makes a result of it.
pub(super) fn unavailable(error: &StoreError) -> HostError {
    HostError::Unavailable(error.to_string())
}
