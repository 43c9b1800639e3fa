//! What changed: announced in this process after the commit, and to other processes by a row that they poll.

use countersign_model::{GrantId, UserId};
use countersign_types::Digest;
use uuid::Uuid;

/// Something that somebody may have cached.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Change {
    /// Cold configuration: anything that a [`Snapshot`](crate::Snapshot) holds.
    Config,
    /// A user, or the groups that he is a member of.
    User(UserId),
    /// Groups, their attributes or parents.
    Groups,
    /// A session ended or moved to another key.
    Session(Digest),
    /// A grant was revoked.
    Grant(GrantId),
    /// Bearer tokens were made, changed or deleted.
    Tokens,
    /// There is a new job.
    Jobs,
    /// Changes may have been missed: forget everything that was cached.
    Everything,
}

impl Change {
    /// The columns `kind` and `subject`.
    pub(crate) fn to_row(&self) -> (&'static str, Vec<u8>) {
        match self {
            Self::Config => ("config", Vec::new()),
            Self::User(id) => ("user", id.raw().as_bytes().to_vec()),
            Self::Groups => ("groups", Vec::new()),
            Self::Session(key) => ("session", key.as_bytes().to_vec()),
            Self::Grant(id) => ("grant", id.raw().as_bytes().to_vec()),
            Self::Tokens => ("tokens", Vec::new()),
            Self::Jobs => ("jobs", Vec::new()),
            Self::Everything => ("everything", Vec::new()),
        }
    }

    /// What a row says. A kind that only a newer process knows means that anything may have changed.
    pub(crate) fn from_row(kind: &str, subject: &[u8]) -> Self {
        let id = || Uuid::from_slice(subject).ok();
        match kind {
            "config" => Some(Self::Config),
            "user" => id().map(|id| Self::User(UserId(id))),
            "groups" => Some(Self::Groups),
            "session" => subject.try_into().ok().map(|key| Self::Session(Digest(key))),
            "grant" => id().map(|id| Self::Grant(GrantId(id))),
            "tokens" => Some(Self::Tokens),
            "jobs" => Some(Self::Jobs),
            _ => None,
        }
        .unwrap_or(Self::Everything)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_announced_is_understood_elsewhere() {
        let id = Uuid::from_u128(7);
        for change in [
            Change::Config,
            Change::User(UserId(id)),
            Change::Groups,
            Change::Session(Digest([3; 32])),
            Change::Grant(GrantId(id)),
            Change::Tokens,
            Change::Jobs,
            Change::Everything,
        ] {
            let (kind, subject) = change.to_row();
            assert_eq!(Change::from_row(kind, &subject), change);
        }
    }

    #[test]
    fn a_change_of_unknown_kind_forgets_everything() {
        assert_eq!(Change::from_row("outposts", &[]), Change::Everything);
        assert_eq!(Change::from_row("session", &[1, 2]), Change::Everything);
    }
}
