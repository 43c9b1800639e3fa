//! `authentik_core.user`.
//!
//! A password comes in as plain text and is kept as a hash that was made before the transaction, or as a
//! hash (`password_hash`). A first usable password of an administrator closes the initial set-up, and one that
//! takes the place of another ends the sessions that were begun with that.

use countersign_model::{GroupId, User, UserId, UserType};
use countersign_resource::{Describe, Facts, Nothing, check_name, target};
use countersign_store::{Tx, groups, sessions, settings, users};
use countersign_types::{FieldErrors, JsonObject, PageRequest, RawId, Ref, Secret};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{document, on};
use crate::{
    Lookup, ResourceError, WriteCx,
    rows::{Draft, Indexed, Rows},
};

/// Beginnings of the hashes that can be verified.
const HASHES: [&str; 5] = ["$argon2id$", "$2a$", "$2b$", "$2y$", "pbkdf2_sha256$"];

/// Somebody, or something, that can sign in.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(crate) struct UserSpec {
    /// Unique name; its case does not matter.
    username: String,
    /// Display name.
    #[serde(default)]
    name: String,
    /// E-mail address.
    #[serde(default)]
    email: String,
    /// Whether the account may be used at all.
    #[serde(default = "on")]
    is_active: bool,
    /// Place in the directory, with `/` between folders.
    #[serde(default = "users_path")]
    path: String,
    /// Kind of account.
    #[serde(default = "internal", rename = "type")]
    user_type: UserType,
    /// Free attributes.
    #[serde(default)]
    attributes: JsonObject,
    /// The groups joined directly.
    #[serde(default)]
    groups: Vec<Ref<target::Group>>,
    /// A new password.
    #[serde(default, skip_serializing)]
    password: Option<Secret<String>>,
    /// A new password, hashed elsewhere (argon2id, bcrypt, or Django's PBKDF2).
    #[serde(default, skip_serializing)]
    password_hash: Option<Secret<String>>,
}

fn users_path() -> String {
    "users".to_owned()
}

const fn internal() -> UserType {
    UserType::Internal
}

impl UserSpec {
    fn given(secret: &Option<Secret<String>>) -> Option<&Secret<String>> {
        secret.as_ref().filter(|secret| !secret.is_empty())
    }
}

impl Describe for UserSpec {
    type Common = Nothing;
    const FACTS: Facts = Facts::new("authentik_core.user", "ak-user-form", "User").at("core/users", "user");

    fn check(&self) -> Result<(), FieldErrors> {
        let mut errors = check_name("username", &self.username).err().unwrap_or_default();
        let known = |hash: &Secret<String>| HASHES.iter().any(|start| hash.expose().starts_with(start));
        if Self::given(&self.password_hash).is_some_and(|hash| !known(hash)) {
            errors.push("password_hash", "invalid", "resource-error-unknown-hash");
        }
        if self.path.is_empty() || self.path.starts_with('/') || self.path.ends_with('/') {
            errors.push("path", "invalid", "resource-error-user-path");
        }
        errors.into_result()
    }
}

/// A user with the groups that he joined directly.
pub(crate) struct Account {
    user: User,
    groups: Vec<GroupId>,
}

impl Account {
    fn of(tx: &mut Tx<'_>, user: User) -> Result<Self, ResourceError> {
        let mut groups = groups::direct_of(tx, user.id)?;
        groups.sort_unstable();
        Ok(Self { user, groups })
    }
}

/// Users.
pub(crate) struct Users;

impl Rows for Users {
    type Spec = UserSpec;
    type Row = Account;
    const LOOKUP: Lookup = Lookup::Integer("pk");
    const IDENTIFIED_BY: &'static [&'static str] = &["username"];
    const EXPORTED: bool = false;
    const UNIQUE: &'static [&'static str] = &["username"];
    const SEALS: bool = false;
    const RECORDS_REFERENCES: bool = false;

    fn by_id(&self, tx: &mut Tx<'_>, id: RawId) -> Result<Option<Account>, ResourceError> {
        users::by_id(tx, UserId(id))?.map(|user| Account::of(tx, user)).transpose()
    }

    fn all(&self, tx: &mut Tx<'_>) -> Result<Vec<Account>, ResourceError> {
        let mut all = Vec::new();
        let mut request = PageRequest::first(1_000);
        loop {
            let page = users::list(tx, &users::UserFilter::default(), &request)?;
            for user in page.items {
                all.push(Account::of(tx, user)?);
            }
            match page.next {
                Some(next) => request.after = Some(next),
                None => return Ok(all),
            }
        }
    }

    fn id_of(row: &Account) -> RawId {
        row.user.id.raw()
    }

    fn key_of(row: &Account, _: &JsonObject) -> String {
        row.user.pk.to_string()
    }

    fn document(&self, row: &Account) -> Result<JsonObject, ResourceError> {
        let user = &row.user;
        Ok(document(&UserSpec {
            username: user.username.clone(),
            name: user.name.clone(),
            email: user.email.clone(),
            is_active: user.is_active,
            path: user.path.clone(),
            user_type: user.user_type,
            attributes: user.attributes.clone(),
            groups: row.groups.iter().map(|group| Ref::new(group.raw())).collect(),
            password: None,
            password_hash: None,
        }))
    }

    fn by_key(&self, tx: &mut Tx<'_>, attribute: &str, value: &Value) -> Result<Indexed, ResourceError> {
        let found = match (attribute, value.as_str(), value.as_i64()) {
            ("username", Some(username), _) => users::by_username(tx, username)?,
            ("pk", None, Some(pk)) => users::by_pk(tx, pk)?,
            _ => return Ok(Indexed::No),
        };
        Ok(found.map(|user| user.id).into())
    }

    fn write(&self, tx: &mut Tx<'_>, cx: WriteCx<'_>, draft: Draft<UserSpec>) -> Result<(), ResourceError> {
        let spec = draft.spec;
        let hash = match (UserSpec::given(&spec.password), UserSpec::given(&spec.password_hash)) {
            (Some(password), _) => Some(cx.prepared.hash(password)?),
            (None, hash) => hash.cloned(),
        };
        let (id, now) = (UserId(draft.id), tx.now());
        let before = users::by_id(tx, id)?;
        let is_replaced = draft.exists && hash.is_some();
        let user = User {
            id,
            pk: match &before {
                Some(before) => before.pk,
                None => users::next_pk(tx)?,
            },
            username: spec.username,
            name: spec.name,
            email: spec.email,
            is_active: spec.is_active,
            password_change_date: if hash.is_some() {
                Some(now)
            } else {
                before.as_ref().and_then(|before| before.password_change_date)
            },
            password: hash.or_else(|| before.as_ref().and_then(|before| before.password.clone())),
            last_login: before.as_ref().and_then(|before| before.last_login),
            date_joined: before.as_ref().map_or(now, |before| before.date_joined),
            last_updated: now,
            path: spec.path,
            user_type: spec.user_type,
            attributes: spec.attributes,
        };
        if draft.exists {
            users::update(tx, &user)?;
        } else {
            users::create(tx, &user)?;
        }
        let joined: Vec<_> = spec.groups.iter().map(|group| GroupId(group.id())).collect();
        groups::set_groups_of(tx, id, &joined)?;
        if is_replaced {
            // Whoever knew the old password loses what he got by it.
            sessions::delete_of_user(tx, id, None)?;
        }
        if user.password.is_some() {
            close_setup(tx, id)?;
        }
        Ok(())
    }

    fn delete(&self, tx: &mut Tx<'_>, id: RawId) -> Result<(), ResourceError> {
        users::delete(tx, UserId(id))?;
        Ok(())
    }
}

/// Once an administrator has a password there is an owner.
pub(crate) fn close_setup(tx: &mut Tx<'_>, id: UserId) -> Result<(), ResourceError> {
    if settings::initial_setup_is_open(tx)?
        && users::subject(tx, id)?.is_some_and(|subject| subject.is_superuser())
    {
        settings::close_initial_setup(tx)?;
    }
    Ok(())
}
