//! Users as they stand in the read-only attributes of what is theirs: tokens, consents, grants.

use std::collections::{HashMap, HashSet};

use countersign_authz::Permission;
use countersign_model::{GroupId, User, UserId, UserType};
use countersign_store::{Tx, groups, users};
use countersign_types::{JsonObject, RawId};
use schemars::JsonSchema;
use serde::Serialize;

use crate::{ReadCx, ResourceError, extras::Install, moment::Moment};

/// Read-only attributes of an account, whoever shows it.
#[derive(Clone, Serialize, JsonSchema)]
pub(crate) struct AccountFacts {
    /// Integer key.
    pk: i64,
    /// Identifier.
    uuid: RawId,
    /// A stable name that tells nothing.
    uid: String,
    /// Whether the user is an administrator without limits.
    is_superuser: bool,
    /// Address of a picture.
    avatar: String,
    /// When a session last began.
    last_login: Option<Moment>,
    /// When the account was made.
    date_joined: Moment,
    /// When the account last changed.
    last_updated: Moment,
    /// When the password was last set; when the account was made, if it never was.
    password_change_date: Moment,
}

/// A user, whole.
#[derive(Clone, Serialize, JsonSchema)]
pub(crate) struct Owner {
    #[serde(flatten)]
    facts: AccountFacts,
    username: String,
    name: String,
    is_active: bool,
    email: String,
    attributes: JsonObject,
    path: String,
    r#type: UserType,
    groups: Vec<RawId>,
    roles: Vec<RawId>,
}

/// What is known of some users at once.
pub(crate) struct Known {
    install: Install,
    superusers: HashSet<UserId>,
}

impl Known {
    /// Of users with the groups that they joined directly.
    pub(crate) fn load<'a>(
        tx: &mut Tx<'_>,
        memberships: impl Iterator<Item = (UserId, &'a [GroupId])>,
    ) -> Result<Self, ResourceError> {
        let superior = groups::of_superusers(tx)?;
        let is_one = |groups: &[GroupId]| groups.iter().any(|group| superior.contains(group));
        let superusers = memberships.filter(|(_, groups)| is_one(groups)).map(|(user, _)| user).collect();
        Ok(Self { install: Install::load(tx)?, superusers })
    }

    pub(crate) fn facts(&self, cx: ReadCx<'_>, user: &User) -> AccountFacts {
        AccountFacts {
            pk: user.pk,
            uuid: user.id.raw(),
            uid: self.install.uid(user),
            is_superuser: self.superusers.contains(&user.id),
            avatar: cx.registry.picture(user),
            last_login: user.last_login.map(Moment::from),
            date_joined: user.date_joined.into(),
            last_updated: user.last_updated.into(),
            password_change_date: user.password_change_date.unwrap_or(user.date_joined).into(),
        }
    }
}

/// The users whose something is.
pub(crate) struct Owners(HashMap<UserId, Owner>);

impl Owners {
    /// Looks up users by identifier, as far as the actor may see them: of others he learns the name alone,
    /// because what is theirs names them.
    pub(crate) fn load(tx: &mut Tx<'_>, cx: ReadCx<'_>, ids: &[UserId]) -> Result<Self, ResourceError> {
        let mut ids = ids.to_vec();
        ids.sort_unstable();
        ids.dedup();
        let memberships = groups::direct_of_users(tx, &ids)?;
        let known = Known::load(tx, memberships.iter().map(|(user, groups)| (*user, groups.as_slice())))?;
        let view = Permission::view("authentik_core.user");
        let owner = |user: User| {
            let facts = known.facts(cx, &user);
            let is_visible = cx.actor.may(&view, Some(user.id.raw()));
            let seen = |text: String| if is_visible { text } else { String::new() };
            let owner = Owner {
                facts,
                username: user.username,
                name: seen(user.name),
                is_active: user.is_active,
                email: seen(user.email),
                attributes: if is_visible { user.attributes } else { JsonObject::new() },
                path: seen(user.path),
                r#type: user.user_type,
                groups: Vec::new(),
                roles: Vec::new(),
            };
            (user.id, owner)
        };
        Ok(Self(users::by_ids(tx, &ids)?.into_iter().map(owner).collect()))
    }

    pub(crate) fn get(&self, id: UserId) -> Option<Owner> {
        self.0.get(&id).cloned()
    }
}
