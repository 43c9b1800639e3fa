//! Who writes, and what was made ready for it.

use countersign_events::EventDraft;
use countersign_mail::Occasion;
use countersign_model::{EventAction, User};
use countersign_store::Tx;
use countersign_types::Secret;

use crate::{Actor, Registry, ResourceError};

/// What takes long and was therefore made before the transaction: hashes of passwords.
///
/// A write that meets a password without its hash ends in [`ResourceError::NeedsHash`]. The caller undoes the
/// transaction, hashes, adds the pair and tries again.
#[derive(Clone, Debug, Default)]
pub struct Prepared {
    hashes: Vec<(Secret<String>, Secret<String>)>,
}

impl Prepared {
    /// Adds a password and its hash.
    pub fn add_hash(&mut self, password: Secret<String>, hash: Secret<String>) {
        self.hashes.push((password, hash));
    }

    /// How many hashes there are.
    pub fn len(&self) -> usize {
        self.hashes.len()
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.hashes.is_empty()
    }

    /// The hash of a password, or the complaint that it is missing.
    pub(crate) fn hash(&self, password: &Secret<String>) -> Result<Secret<String>, ResourceError> {
        let found = self.hashes.iter().find(|(candidate, _)| candidate.ct_eq(password.expose()));
        found.map(|(_, hash)| hash.clone()).ok_or_else(|| ResourceError::NeedsHash(password.clone()))
    }
}

/// The circumstances of reading: whose eyes these are.
#[derive(Clone, Copy, Debug)]
pub struct ReadCx<'a> {
    /// All kinds, for names of what is referred to.
    pub registry: &'a Registry,
    /// Who looks.
    pub actor: &'a Actor,
}

/// The circumstances of a write.
#[derive(Clone, Copy)]
pub struct WriteCx<'a> {
    /// All kinds, for references and what deletion touches.
    pub registry: &'a Registry,
    /// Who acts.
    pub actor: &'a Actor,
    /// From where, for the event.
    pub client_ip: Option<&'a str>,
    /// What was made before the transaction.
    pub prepared: &'a Prepared,
    /// The version that the actor saw: another in the meantime ends in [`ResourceError::Stale`].
    pub expected: Option<&'a str>,
    /// Whether deletion may take the last that guards something, which opens it to everybody.
    pub may_open: bool,
    /// How many blueprints the write stands in, one in another.
    pub depth: u8,
    /// Whether this write follows from another, for which the actor was asked for permission.
    pub(crate) follows: bool,
}

impl<'a> WriteCx<'a> {
    /// The same, if the object still is what the actor saw.
    #[must_use]
    pub const fn expecting(self, version: Option<&'a str>) -> Self {
        Self { expected: version, ..self }
    }

    /// The same, with leave to take the last guard of something.
    #[must_use]
    pub const fn opening(self, may_open: bool) -> Self {
        Self { may_open, ..self }
    }

    /// The same, within a blueprint at this depth.
    #[must_use]
    pub const fn within(self, depth: u8) -> Self {
        Self { depth, ..self }
    }

    /// An event by the actor, from where he is, as a room (`countersign.registry`) tells it.
    pub fn event(&self, action: EventAction, room: &str) -> EventDraft {
        let mut draft = EventDraft::new(action, room);
        draft.user = self.actor.event_user();
        draft.client_ip = self.client_ip.map(str::to_owned);
        draft
    }

    /// Tells somebody that his password or address became another, in the transaction in which it does.
    pub(crate) fn tell_changed(
        &self,
        tx: &mut Tx<'_>,
        before: &User,
        after: &User,
    ) -> Result<(), ResourceError> {
        let Some(notices) = self.registry.notices() else { return Ok(()) };
        let is_own = self.actor.subject().is_some_and(|subject| subject.user.id == after.id);
        let occasion = Occasion {
            is_by_administrator: !is_own,
            client: self.client_ip.map(str::to_owned),
            ..Occasion::default()
        };
        Ok(notices.changed(tx, before, after, &occasion)?)
    }

    /// For reading by the same actor.
    pub const fn reading(&self) -> ReadCx<'a> {
        ReadCx { registry: self.registry, actor: self.actor }
    }

    /// For what follows from a permitted write.
    pub(crate) const fn following(self) -> Self {
        Self { expected: None, follows: true, ..self }
    }
}
