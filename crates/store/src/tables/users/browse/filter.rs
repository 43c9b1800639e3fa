//! What may be asked about users.

use countersign_model::{GroupId, RoleId, UserId, UserType};
use countersign_types::{JsonObject, Timestamp};

/// A span of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Between {
    /// Not earlier than this.
    pub from: Option<Timestamp>,
    /// Earlier than this.
    pub before: Option<Timestamp>,
}

impl Between {
    pub(crate) const fn is_open(self) -> bool {
        self.from.is_none() && self.before.is_none()
    }

    /// First and last moment, in microseconds.
    pub(crate) fn micros(self) -> (i64, i64) {
        let from = self.from.map_or(i64::MIN, Timestamp::as_micros);
        let last = self.before.map_or(i64::MAX, |before| before.as_micros().saturating_sub(1));
        (from, last)
    }
}

/// What a list of users asks; everything given must hold.
#[derive(Clone, Debug, Default)]
pub struct UserFilter {
    /// Identifier.
    pub id: Option<UserId>,
    /// One of these identifiers; an empty list lets nobody through.
    pub ids: Option<Vec<UserId>>,
    /// Integer key.
    pub pk: Option<i64>,
    /// One of these integer keys.
    pub pks: Option<Vec<i64>>,
    /// Name, whatever its case.
    pub username: Option<String>,
    /// Address, whatever its case.
    pub email: Option<String>,
    /// Display name.
    pub name: Option<String>,
    /// Whether the account may be used.
    pub is_active: Option<bool>,
    /// Path, and what lies below it.
    pub path: Option<String>,
    /// Path, and not what lies below it.
    pub exact_path: Option<String>,
    /// How the path begins.
    pub path_prefix: Option<String>,
    /// One of these kinds of account.
    pub user_types: Option<Vec<UserType>>,
    /// Direct member of one of these groups.
    pub groups: Option<Vec<GroupId>>,
    /// Direct member of one of the groups of these names.
    pub group_names: Option<Vec<String>>,
    /// Whether some group, ancestors included, is a superuser group.
    pub is_superuser: Option<bool>,
    /// Has one of these roles by himself.
    pub roles: Option<Vec<RoleId>>,
    /// Attributes that contain these: the same values at the same paths; of a list, among its elements.
    pub attributes: JsonObject,
    /// When the account was made.
    pub date_joined: Between,
    /// When the account last changed.
    pub last_updated: Between,
    /// When a session last began. No index serves it.
    pub last_login: Between,
    /// Whether a session ever began. No index serves it.
    pub has_logged_in: Option<bool>,
    /// The beginnings of words of name, display name or address, whatever their case; all of them.
    pub search: Option<String>,
}

/// By what users are ordered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UserOrder {
    /// Name, whatever its case.
    #[default]
    Username,
    /// Display name, whatever its case.
    Name,
    /// Address, whatever its case.
    Email,
    /// Integer key.
    Pk,
    /// When the account was made.
    DateJoined,
    /// When the account last changed.
    LastUpdated,
    /// When a session last began; who never signed in counts as long ago.
    LastLogin,
}
