//! Who writes, and what was made ready for it.

use std::sync::Arc;

use countersign_model::{EventUser, Subject};
use countersign_types::Secret;

use crate::{Registry, ResourceError};

/// Who acts. Anything but Countersign itself and administrators without limits is refused.
#[derive(Clone, Debug)]
pub enum Actor {
    /// Countersign itself: the set-up, the command line, blueprints kept applied.
    System,
    /// A signed-in user.
    User(Arc<Subject>),
}

impl Actor {
    /// The user as events keep him.
    pub fn event_user(&self) -> Option<EventUser> {
        match self {
            Self::System => None,
            Self::User(subject) => Some(EventUser {
                pk: subject.user.pk,
                username: subject.user.username.clone(),
                email: subject.user.email.clone(),
            }),
        }
    }

    /// Whether the actor may change configuration.
    pub fn may_configure(&self) -> bool {
        match self {
            Self::System => true,
            Self::User(subject) => subject.user.is_active && subject.is_superuser(),
        }
    }
}

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
}
