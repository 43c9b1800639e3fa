//! Users and groups.

use std::sync::Arc;

use countersign_types::{JsonObject, Secret, Timestamp};
use serde_json::Value;

use crate::{RoleId, text_enum};

countersign_types::ids! {
    /// A user.
    UserId,
    /// A group.
    GroupId,
}

text_enum! {
    /// What kind of account a user is.
    UserType {
        /// People of the organization: may use the library and, with permission, the console.
        Internal = "internal",
        /// People from outside, for example by enrolment.
        External = "external",
        /// A machine's account, made by an administrator.
        ServiceAccount = "service_account",
        /// A machine's account of our own.
        InternalServiceAccount = "internal_service_account",
    }
}

/// Somebody, or something, that can sign in.
#[derive(Clone, Debug)]
pub struct User {
    /// Identifier.
    pub id: UserId,
    /// Integer key of the API.
    pub pk: i64,
    /// Unique name, compared without case (NFC, lower-cased) for uniqueness.
    pub username: String,
    /// Display name.
    pub name: String,
    /// E-mail address; not unique.
    pub email: String,
    /// Whether the account may be used at all.
    pub is_active: bool,
    /// Password hash in PHC or Django form; none when there is no usable password.
    pub password: Option<Secret<String>>,
    /// When the password was last set.
    pub password_change_date: Option<Timestamp>,
    /// When a session last began.
    pub last_login: Option<Timestamp>,
    /// When the account was made.
    pub date_joined: Timestamp,
    /// When the account last changed.
    pub last_updated: Timestamp,
    /// `/`-separated place in the directory.
    pub path: String,
    /// Kind of account.
    pub user_type: UserType,
    /// Free attributes.
    pub attributes: JsonObject,
}

impl User {
    /// The language chosen by the user (`attributes.settings.locale`).
    pub fn locale(&self) -> Option<&str> {
        self.setting("locale")?.as_str().filter(|locale| !locale.is_empty())
    }

    /// What the user chose for himself under a name (`attributes.settings.<name>`).
    pub fn setting(&self, name: &str) -> Option<&Value> {
        self.attributes.get("settings")?.get(name)
    }

    /// Keeps such a choice, and leaves every other attribute alone.
    pub fn choose(&mut self, name: &str, chosen: Value) {
        let mut settings = match self.attributes.remove("settings") {
            Some(Value::Object(settings)) => settings,
            _ => JsonObject::new(),
        };
        settings.insert(name.to_owned(), chosen);
        self.attributes.insert("settings".to_owned(), Value::Object(settings));
    }
}

/// A set of users with attributes of its own.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// Identifier.
    pub id: GroupId,
    /// Unique name.
    pub name: String,
    /// Whether members (of descendants too) are administrators without limits.
    pub is_superuser: bool,
    /// Attributes that members inherit.
    pub attributes: JsonObject,
    /// The groups that this group belongs to; a directed graph without cycles.
    pub parents: Vec<GroupId>,
}

/// A user with everything that decides what he may do: the answer to "who is this?".
#[derive(Clone, Debug)]
pub struct Subject {
    /// The user.
    pub user: User,
    /// The groups joined directly.
    pub direct_groups: Vec<GroupId>,
    /// Those and all their ancestors, by name.
    pub groups: Vec<Arc<Group>>,
    /// The roles given to the user and to all those groups.
    pub roles: Vec<RoleId>,
}

impl Subject {
    /// Whether any group, ancestors included, is a superuser group.
    pub fn is_superuser(&self) -> bool {
        self.groups.iter().any(|group| group.is_superuser)
    }

    /// Whether the user belongs to the group, directly or through a descendant.
    pub fn is_member_of(&self, group: GroupId) -> bool {
        self.groups.iter().any(|candidate| candidate.id == group)
    }
}
