//! What somebody holds: the sum of his roles, and whether he is an administrator without limits.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use countersign_model::{Role, RolePermission, Subject};
use countersign_types::RawId;

use crate::{Permission, Visible};

/// A set of permissions, some for all objects and some for single ones. The empty set is the default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rights {
    superuser: bool,
    global: BTreeSet<String>,
    objects: BTreeMap<String, BTreeSet<RawId>>,
}

impl Rights {
    /// Everything.
    pub fn unlimited() -> Self {
        Self { superuser: true, ..Self::default() }
    }

    /// What a user holds through his roles and groups, whether or not his account is active. Of the roles
    /// handed in only those count that he has, so that all there are may be handed in.
    pub fn of(subject: &Subject, roles: &[Arc<Role>]) -> Self {
        let own = roles.iter().filter(|role| subject.roles.contains(&role.id));
        Self::of_roles(subject.is_superuser(), own.map(Arc::as_ref))
    }

    /// What membership of a group, or a role by itself, brings.
    pub fn of_roles<'a>(superuser: bool, roles: impl IntoIterator<Item = &'a Role>) -> Self {
        let permissions = roles.into_iter().flat_map(|role| &role.permissions).cloned();
        Self { superuser, ..permissions.collect() }
    }

    /// Whether these are the rights of an administrator without limits.
    pub const fn is_superuser(&self) -> bool {
        self.superuser
    }

    /// Whether something is allowed: for all objects, or for the one that is named.
    pub fn allow(&self, permission: &Permission, object: Option<RawId>) -> bool {
        self.allow_name(permission.as_str(), object)
    }

    fn allow_name(&self, permission: &str, object: Option<RawId>) -> bool {
        let for_one = |object| self.objects.get(permission).is_some_and(|objects| objects.contains(&object));
        self.superuser || self.global.contains(permission) || object.is_some_and(for_one)
    }

    /// The objects for which something is allowed.
    pub fn visible(&self, permission: &Permission) -> Visible {
        if self.allow(permission, None) {
            return Visible::All;
        }
        self.objects.get(permission.as_str()).map_or(Visible::None, Visible::only)
    }

    /// Whether something is allowed for at least one object.
    pub fn allow_somewhere(&self, permission: &Permission) -> bool {
        self.visible(permission) != Visible::None
    }

    /// Whether everything that the others allow is allowed here too.
    pub fn contain(&self, others: &Self) -> bool {
        if self.superuser {
            return true;
        }
        !others.superuser
            && others.global.iter().all(|permission| self.allow_name(permission, None))
            && others
                .objects
                .iter()
                .all(|(name, objects)| objects.iter().all(|object| self.allow_name(name, Some(*object))))
    }

    /// The permissions held, for all objects first. Of an administrator without limits only what roles give.
    pub fn permissions(&self) -> impl Iterator<Item = (&str, Option<RawId>)> {
        let global = self.global.iter().map(|permission| (permission.as_str(), None));
        let single = self.objects.iter().flat_map(|(permission, objects)| {
            objects.iter().map(move |object| (permission.as_str(), Some(*object)))
        });
        global.chain(single)
    }
}

impl FromIterator<RolePermission> for Rights {
    fn from_iter<I: IntoIterator<Item = RolePermission>>(permissions: I) -> Self {
        let mut rights = Self::default();
        rights.extend(permissions);
        rights
    }
}

impl Extend<RolePermission> for Rights {
    fn extend<I: IntoIterator<Item = RolePermission>>(&mut self, permissions: I) {
        for RolePermission { permission, object } in permissions {
            match object {
                None => drop(self.global.insert(permission)),
                Some(object) => drop(self.objects.entry(permission).or_default().insert(object)),
            }
        }
    }
}

impl FromIterator<Permission> for Rights {
    fn from_iter<I: IntoIterator<Item = Permission>>(permissions: I) -> Self {
        let global = permissions.into_iter().map(|permission| permission.as_str().to_owned()).collect();
        Self { global, ..Self::default() }
    }
}
