//! Which events may interest a rule, so that the others cost nothing.
//!
//! What rules there are is looked up when a job asks, never by whoever writes an event. When the configuration changes,
//! every event is of interest until somebody has looked again: a job too many does no harm, one too few would.

use std::{
    collections::HashSet,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
};

use countersign_events::RULE;
use countersign_model::{BoundTo, EventAction, Family, PolicyBinding};
use countersign_policies::kinds::event_matcher::EVENT_MATCHER;
use countersign_store::{Change, Snapshot, Store};
use serde_json::Value;

/// What rules may match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Interest {
    /// Any event.
    Everything,
    /// Events of these actions.
    Actions(HashSet<EventAction>),
}

/// Hears events.
#[derive(Default)]
pub(crate) struct Ear {
    /// Counts changes of the configuration.
    changes: AtomicU64,
    /// What was found, after how many changes.
    known: RwLock<Option<(u64, Interest)>>,
}

impl Ear {
    /// Hears when the configuration of a store changes.
    pub(crate) fn follow(self: &Arc<Self>, store: &Store) {
        let told = Arc::clone(self);
        store.subscribe(move |change| {
            if matches!(change, Change::Config | Change::Everything) {
                told.changes.fetch_add(1, Ordering::SeqCst);
            }
        });
    }

    /// Whether a rule may match an event of this action.
    pub(crate) fn is_for(&self, action: EventAction) -> bool {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        match &*known {
            Some((changes, Interest::Actions(actions)))
                if *changes == self.changes.load(Ordering::SeqCst) =>
            {
                actions.contains(&action)
            }
            _ => true,
        }
    }

    /// How many changes there were: asked before the configuration is read.
    pub(crate) fn changes(&self) -> u64 {
        self.changes.load(Ordering::SeqCst)
    }

    /// Keeps what was found in a configuration that was read after so many changes.
    pub(crate) fn keep(&self, changes: u64, interest: Interest) {
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = Some((changes, interest));
    }
}

/// What the rules of a configuration may match.
pub(crate) fn interest(snapshot: &Snapshot) -> Interest {
    let mut actions = HashSet::new();
    for rule in snapshot.objects(Family::NotificationRule).iter().filter(|rule| rule.kind == RULE) {
        let bindings = snapshot.policy_bindings(rule.id.raw());
        for binding in bindings.iter().filter(|binding| binding.enabled) {
            match only(snapshot, binding) {
                Some(action) => actions.insert(action),
                None => return Interest::Everything,
            };
        }
    }
    Interest::Actions(actions)
}

/// The only action of which events a binding lets pass; none where that cannot be told beforehand.
fn only(snapshot: &Snapshot, binding: &PolicyBinding) -> Option<EventAction> {
    let BoundTo::Policy(policy) = binding.bound_to else { return None };
    let policy = snapshot.object(policy).filter(|policy| policy.kind == EVENT_MATCHER)?;
    let is_plain = !binding.negate && !binding.failure_result;
    let action = policy.config.get("action").and_then(Value::as_str).filter(|_| is_plain)?;
    action.parse().ok()
}
