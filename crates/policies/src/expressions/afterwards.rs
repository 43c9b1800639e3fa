//! What follows from an evaluation: events, letters, flows that are shut. All of it is written in one transaction once
//! the expression has come to its end, and nothing of it when the expression failed or was only tried out.

use std::sync::{Mutex, MutexGuard, PoisonError};

use countersign_events::EventDraft;
use countersign_expr::HostError;
use countersign_mail::Letter;
use countersign_model::{FlowAuthentication, FlowId};
use countersign_registry::{Actor, Prepared, ResourceError};
use countersign_store::Tx;
use countersign_types::JsonObject;

use super::reach::Reach;

/// Events of one evaluation at most.
const MAX_EVENTS: usize = 5;
/// Letters of one evaluation at most.
const MAX_LETTERS: usize = 5;

/// What is to follow.
#[derive(Default)]
pub(super) struct Afterwards(Mutex<Consequences>);

/// What follows.
#[derive(Clone, Default)]
pub(super) struct Consequences {
    events: Vec<EventDraft>,
    letters: Vec<Letter>,
    flows: Vec<FlowId>,
}

impl Afterwards {
    fn lock(&self) -> MutexGuard<'_, Consequences> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something happened.
    pub(super) fn tell(&self, event: EventDraft) -> Result<(), HostError> {
        let events = &mut self.lock().events;
        if events.len() >= MAX_EVENTS {
            return Err(HostError::Value(format!("an expression records at most {MAX_EVENTS} events")));
        }
        events.push(event);
        Ok(())
    }

    /// Somebody is written to.
    pub(super) fn write_to(&self, letter: Letter) -> Result<(), HostError> {
        let letters = &mut self.lock().letters;
        if letters.len() >= MAX_LETTERS {
            return Err(HostError::Value(format!("an expression sends at most {MAX_LETTERS} letters")));
        }
        letters.push(letter);
        Ok(())
    }

    /// A flow is for superusers alone from now on.
    pub(super) fn shut(&self, flow: FlowId) {
        let flows = &mut self.lock().flows;
        if !flows.contains(&flow) {
            flows.push(flow);
        }
    }

    /// Takes everything.
    pub(super) fn take(&self) -> Consequences {
        std::mem::take(&mut self.lock())
    }
}

impl Consequences {
    /// Whether nothing follows.
    pub(super) const fn is_empty(&self) -> bool {
        self.events.is_empty() && !self.matters()
    }

    /// Whether the expression must not pass for done when this is not. The trail alone changes no decision.
    pub(super) const fn matters(&self) -> bool {
        !self.letters.is_empty() || !self.flows.is_empty()
    }

    /// Writes all of it.
    pub(super) fn write(&self, tx: &mut Tx<'_>, reach: &Reach) -> Result<(), ResourceError> {
        for event in &self.events {
            countersign_events::record(tx, event.clone())?;
        }
        if let Some(mail) = &reach.mail {
            for letter in &self.letters {
                mail.outbox().post(tx, letter)?;
            }
        }
        let Some(registry) = reach.registry.as_ref().filter(|_| !self.flows.is_empty()) else {
            return Ok(());
        };
        let (actor, prepared) = (Actor::System, Prepared::default());
        let shut = FlowAuthentication::RequireSuperuser.as_str();
        let patch = JsonObject::from_iter([("authentication".to_owned(), shut.into())]);
        for flow in &self.flows {
            registry.get("authentik_flows.flow")?.update(
                tx,
                registry.cx(&actor, None, &prepared),
                flow.raw(),
                &patch,
            )?;
        }
        Ok(())
    }
}
