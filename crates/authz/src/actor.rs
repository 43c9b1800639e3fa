//! Who acts, and what he may do.

use std::sync::Arc;

use countersign_model::{EventUser, Role, RolePermission, Subject, UserId};
use countersign_types::RawId;

use crate::{Permission, Rights, Visible};

/// Who acts.
#[derive(Clone, Debug)]
pub enum Actor {
    /// Countersign itself: the set-up, the command line, blueprints kept applied. May do everything.
    System,
    /// A user.
    User(Arc<Identity>),
}

/// A user as he acts in one request.
#[derive(Clone, Debug)]
pub struct Identity {
    /// The user.
    pub subject: Arc<Subject>,
    /// What he holds.
    pub rights: Rights,
    /// Who really acts, when somebody impersonates the user.
    pub impersonator: Option<EventUser>,
    /// What the token allows that he came with; none when it allows all that he holds.
    pub scope: Option<Rights>,
}

impl Identity {
    /// A user by himself, with all that he holds. Of the roles only his own count.
    pub fn new(subject: Arc<Subject>, roles: &[Arc<Role>]) -> Self {
        let rights = Rights::of(&subject, roles);
        Self { subject, rights, impersonator: None, scope: None }
    }

    /// The same, restricted to what a token allows.
    #[must_use]
    pub fn within(self, scope: Rights) -> Self {
        Self { scope: Some(scope), ..self }
    }

    /// The same, used by somebody else.
    #[must_use]
    pub fn used_by(self, impersonator: EventUser) -> Self {
        Self { impersonator: Some(impersonator), ..self }
    }

    fn may(&self, permission: &Permission, object: Option<RawId>) -> bool {
        let within = |scope: &Rights| scope.allow(permission, object);
        self.subject.user.is_active
            && self.rights.allow(permission, object)
            && self.scope.as_ref().is_none_or(within)
    }

    fn holds_at_least(&self, others: &Rights) -> bool {
        self.subject.user.is_active
            && self.rights.contain(others)
            && self.scope.as_ref().is_none_or(|scope| scope.contain(others))
    }

    fn visible(&self, permission: &Permission) -> Visible {
        if !self.subject.user.is_active {
            return Visible::None;
        }
        let visible = self.rights.visible(permission);
        match &self.scope {
            None => visible,
            Some(scope) => visible.and(&scope.visible(permission)),
        }
    }
}

impl Actor {
    /// A user by himself, with all that he holds.
    pub fn user(subject: Arc<Subject>, roles: &[Arc<Role>]) -> Self {
        Self::User(Arc::new(Identity::new(subject, roles)))
    }

    /// The same, with what was given to him just now.
    #[must_use]
    pub fn given(&self, permissions: &[RolePermission]) -> Self {
        match self {
            Self::User(identity) if !permissions.is_empty() => {
                let mut identity = Identity::clone(identity);
                identity.rights.extend(permissions.iter().cloned());
                Self::User(Arc::new(identity))
            }
            _ => self.clone(),
        }
    }

    /// Whether the actor may do something to an object, or, without one, to all objects.
    pub fn may(&self, permission: &Permission, object: Option<RawId>) -> bool {
        match self {
            Self::System => true,
            Self::User(identity) => identity.may(permission, object),
        }
    }

    /// Whether there is anything to which the actor may do it. For menus, not for decisions about an object.
    pub fn may_somewhere(&self, permission: &Permission) -> bool {
        self.visible(permission) != Visible::None
    }

    /// The objects to which the actor may do something.
    pub fn visible(&self, permission: &Permission) -> Visible {
        match self {
            Self::System => Visible::All,
            Self::User(identity) => identity.visible(permission),
        }
    }

    /// Whether the actor holds all of these rights himself: only then may he grant them, or become or take
    /// over who holds them.
    pub fn holds_at_least(&self, others: &Rights) -> bool {
        match self {
            Self::System => true,
            Self::User(identity) => identity.holds_at_least(others),
        }
    }

    /// Whether the actor is an administrator without limits.
    pub fn is_superuser(&self) -> bool {
        self.holds_at_least(&Rights::unlimited())
    }

    /// The user, if it is one.
    pub fn subject(&self) -> Option<&Arc<Subject>> {
        match self {
            Self::System => None,
            Self::User(identity) => Some(&identity.subject),
        }
    }

    /// The user's identifier.
    pub fn user_id(&self) -> Option<UserId> {
        self.subject().map(|subject| subject.user.id)
    }

    /// The user as events keep him. While somebody impersonates him it is that other, on his behalf.
    pub fn event_user(&self) -> Option<EventUser> {
        let Self::User(identity) = self else { return None };
        let user = EventUser::of(&identity.subject.user);
        Some(match &identity.impersonator {
            None => user,
            Some(impersonator) => user.through(impersonator),
        })
    }
}
