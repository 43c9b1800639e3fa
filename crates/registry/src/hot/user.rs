//! `authentik_core.user`.
//!
//! A password comes in as plain text and is kept as a hash that was made before the transaction, or as a
//! hash (`password_hash`). A first usable password of an administrator closes the initial set-up, and one that
//! takes the place of another ends the sessions that were begun with that. So does switching the account off.
//!
//! Who changes an account could come to act as it: he must hold all that it may do, before and after.

use countersign_authz::{Actor, Permission};
use countersign_model::{GroupId, RoleId, Token, TokenIntent, User, UserId, UserType};
use countersign_resource::{Describe, Facts, Nothing, canonical, check_name, schema_of, target};
use countersign_store::{
    Sort, Tx, grants, groups, roles, sessions, settings, tokens,
    users::{self, UserFilter, UserOrder},
};
use countersign_types::{FieldErrors, JsonObject, PageRequest, RawId, Ref, Secret};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{document, in_order, on};
use crate::{
    FilterOp, ListFilter, ListQuery, Lookup, ReadCx, ResourceError, Usage, UsageAction, Visible, WriteCx,
    asked::narrowed,
    extras::{GroupBrief, RoleBrief},
    moment::Moment,
    owners::{AccountFacts, Known},
    reach,
    rows::{Draft, Indexed, Rows, Slice},
    search::Named,
};

/// Beginnings of the hashes that can be verified.
const HASHES: [&str; 5] = ["$argon2id$", "$2a$", "$2b$", "$2y$", "pbkdf2_sha256$"];

/// Whether it is a hash that can be verified.
pub(crate) fn is_hash(hash: &Secret<String>) -> bool {
    HASHES.iter().any(|start| hash.expose().starts_with(start))
}

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
    #[schemars(extend("x-advanced" = true))]
    attributes: JsonObject,
    /// The groups joined directly.
    #[serde(default, deserialize_with = "in_order")]
    groups: Vec<Ref<target::Group>>,
    /// Roles that the user has beside those of groups.
    #[serde(default, deserialize_with = "in_order")]
    roles: Vec<Ref<target::Role>>,
    /// A new password.
    #[serde(default, skip_serializing)]
    password: Option<Secret<String>>,
    /// A new password, hashed elsewhere (argon2id, bcrypt, or Django's PBKDF2).
    #[serde(default, skip_serializing)]
    #[schemars(extend("x-advanced" = true))]
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
        if Self::given(&self.password_hash).is_some_and(|hash| !is_hash(hash)) {
            errors.push("password_hash", "invalid", "resource-error-unknown-hash");
        }
        if self.path.is_empty() || self.path.starts_with('/') || self.path.ends_with('/') {
            errors.push("path", "invalid", "resource-error-user-path");
        }
        errors.into_result()
    }
}

/// A user with the groups that he joined directly and the roles that he has by himself.
#[derive(Clone)]
pub(crate) struct Account {
    pub(crate) user: User,
    pub(crate) groups: Vec<GroupId>,
    pub(crate) roles: Vec<RoleId>,
}

impl Account {
    /// Users with both.
    pub(crate) fn all_of(tx: &mut Tx<'_>, users: Vec<User>) -> Result<Vec<Self>, ResourceError> {
        let ids: Vec<UserId> = users.iter().map(|user| user.id).collect();
        let mut given = roles::of_users(tx, &ids)?;
        let mut joined = groups::direct_of_users(tx, &ids)?;
        let account = |user: User| {
            let mut groups = joined.remove(&user.id).unwrap_or_default();
            let mut roles = given.remove(&user.id).unwrap_or_default();
            groups.sort_unstable();
            roles.sort_unstable();
            Self { user, groups, roles }
        };
        Ok(users.into_iter().map(account).collect())
    }
}

/// Read-only attributes of users.
#[derive(Serialize, JsonSchema)]
struct UserExtras {
    #[serde(flatten)]
    facts: AccountFacts,
    /// The groups joined directly, as far as the actor may see them.
    groups_obj: Vec<GroupBrief>,
    /// The roles of the user himself, as far as the actor may see them.
    roles_obj: Vec<RoleBrief>,
    /// Whether the user can sign in with a password.
    has_password: bool,
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
    const ANSWERS_FILTERS_ALONE: bool = true;
    const FILTERS: &'static [ListFilter] = &[
        ListFilter::is("username", "Exactly this name, whatever its case."),
        ListFilter::is("name", "Exactly this display name, whatever its case."),
        ListFilter::is("email", "Exactly this address, whatever its case."),
        ListFilter::is("uuid", "The one of this identifier."),
        ListFilter::new("pk__in", "pk", FilterOp::In, "Those of these integer keys, with commas between."),
        ListFilter::is("is_active", "Whether the account may be used."),
        ListFilter::is("is_superuser", "Whether the user is an administrator without limits."),
        ListFilter::is("path", "Exactly this place in the directory."),
        ListFilter::new(
            "path_startswith",
            "path",
            FilterOp::StartsWith,
            "At this place in the directory or below.",
        ),
        ListFilter::new("type", "type", FilterOp::In, "Of this kind; said several times, of one of them."),
        ListFilter::new(
            "groups_by_pk",
            "groups",
            FilterOp::In,
            "Direct members of this group, or of one of several.",
        ),
        ListFilter::new("groups_by_name", "groups_by_name", FilterOp::In, "The same, by the group's name."),
        ListFilter::new(
            "roles_by_pk",
            "roles",
            FilterOp::In,
            "Who have this role by themselves, or one of several.",
        ),
        ListFilter::new("roles_by_name", "roles_by_name", FilterOp::In, "The same, by the role's name."),
        ListFilter::is("attributes", "JSON object that the attributes contain."),
        ListFilter::is("date_joined", "Made at this moment."),
        ListFilter::new("date_joined__gt", "date_joined", FilterOp::AtLeast, "Not made before."),
        ListFilter::new("date_joined__lt", "date_joined", FilterOp::AtMost, "Not made after."),
        ListFilter::is("last_updated", "Last changed at this moment."),
        ListFilter::new("last_updated__gt", "last_updated", FilterOp::AtLeast, "Not last changed before."),
        ListFilter::new("last_updated__lt", "last_updated", FilterOp::AtMost, "Not last changed after."),
        ListFilter::is("last_login", "Last signed in at this moment."),
        ListFilter::new("last_login__gt", "last_login", FilterOp::AtLeast, "Not last signed in before."),
        ListFilter::new("last_login__lt", "last_login", FilterOp::AtMost, "Not last signed in after."),
        ListFilter::new("last_login__isnull", "last_login", FilterOp::IsNull, "Whether he never signed in."),
    ];

    fn by_id(&self, tx: &mut Tx<'_>, id: RawId) -> Result<Option<Account>, ResourceError> {
        let user = users::by_id(tx, UserId(id))?;
        Ok(Account::all_of(tx, user.into_iter().collect())?.pop())
    }

    fn all(&self, tx: &mut Tx<'_>) -> Result<Vec<Account>, ResourceError> {
        let mut all = Vec::new();
        let mut request = PageRequest::first(1_000);
        loop {
            let page = users::list(tx, &UserFilter::default(), &request)?;
            all.extend(Account::all_of(tx, page.items)?);
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
            roles: row.roles.iter().map(|role| Ref::new(role.raw())).collect(),
            password: None,
            password_hash: None,
        }))
    }

    fn computed_schema(&self) -> Value {
        schema_of::<UserExtras>()
    }

    fn at_hand(&self, row: &Account) -> JsonObject {
        let last_login = row.user.last_login.map(Moment::from);
        JsonObject::from_iter([("last_login".to_owned(), json!(last_login))])
    }

    fn computed(
        &self,
        tx: &mut Tx<'_>,
        cx: ReadCx<'_>,
        rows: &[Account],
    ) -> Result<Vec<JsonObject>, ResourceError> {
        let known = Known::load(tx, rows.iter().map(|account| (account.user.id, account.groups.as_slice())))?;
        let mut joined: Vec<GroupId> = rows.iter().flat_map(|account| account.groups.clone()).collect();
        joined.sort_unstable();
        joined.dedup();
        let groups = groups::by_ids(tx, &joined)?;
        let roles = roles::all(tx)?;
        let extras = |account: &Account| {
            let own = groups.iter().filter(|group| account.groups.contains(&group.id));
            UserExtras {
                facts: known.facts(cx, &account.user),
                groups_obj: own.filter_map(|group| GroupBrief::visible(cx, group)).collect(),
                roles_obj: RoleBrief::visible(cx, &roles, &account.roles),
                has_password: account.user.password.is_some(),
            }
        };
        Ok(rows.iter().map(|account| canonical(&extras(account))).collect())
    }

    fn named(
        &self,
        tx: &mut Tx<'_>,
        text: &str,
        visible: &Visible,
        limit: u32,
    ) -> Result<Option<Vec<Named>>, ResourceError> {
        let found = match visible {
            Visible::All => users::propose(tx, text, limit)?,
            Visible::Only(_) | Visible::None => {
                let query = ListQuery { search: Some(text.to_owned()), ..ListQuery::first(limit) };
                let filter = filter(tx, &query, visible)?;
                users::browse(tx, &filter, Sort::default(), &query.request())?.items
            }
        };
        let named = |user: User| {
            let name = if user.name.is_empty() { user.username } else { user.name };
            Named { id: user.id.raw(), key: user.pk.to_string(), name }
        };
        Ok(Some(found.into_iter().map(named).collect()))
    }

    fn page(
        &self,
        tx: &mut Tx<'_>,
        query: &ListQuery,
        visible: &Visible,
    ) -> Result<Option<Slice<Account>>, ResourceError> {
        let filter = filter(tx, query, visible)?;
        let sort = query.sort(Sort::default(), |field| match field {
            "username" => Some(UserOrder::Username),
            "name" => Some(UserOrder::Name),
            "email" => Some(UserOrder::Email),
            "pk" => Some(UserOrder::Pk),
            "date_joined" => Some(UserOrder::DateJoined),
            "last_updated" => Some(UserOrder::LastUpdated),
            "last_login" => Some(UserOrder::LastLogin),
            _ => None,
        })?;
        let found = users::browse(tx, &filter, sort, &query.request())?;
        let rows = Account::all_of(tx, found.items)?;
        Ok(Some(Slice { rows, count: found.count, next: found.next, is_cut: found.is_cut }))
    }

    fn by_key(&self, tx: &mut Tx<'_>, attribute: &str, value: &Value) -> Result<Indexed, ResourceError> {
        let found = match (attribute, value.as_str(), value.as_i64()) {
            ("username", Some(username), _) => users::by_username(tx, username)?,
            ("pk", None, Some(pk)) => users::by_pk(tx, pk)?,
            _ => return Ok(Indexed::No),
        };
        Ok(found.map(|user| user.id).into())
    }

    fn guard(
        &self,
        tx: &mut Tx<'_>,
        cx: WriteCx<'_>,
        before: Option<&Account>,
        draft: Option<&Draft<UserSpec>>,
    ) -> Result<(), ResourceError> {
        if let Some(before) = before {
            reach::user(tx, cx.actor, before.user.id)?;
        }
        let Some(Draft { id, spec, .. }) = draft else { return Ok(()) };
        let wanted: Vec<_> = spec.groups.iter().map(|group| GroupId(group.id())).collect();
        let had = before.map(|before| before.groups.as_slice()).unwrap_or_default();
        let joined: Vec<_> = wanted.iter().filter(|group| !had.contains(group)).copied().collect();
        let left: Vec<_> = had.iter().filter(|group| !wanted.contains(group)).copied().collect();
        may_move(cx, &joined, "authentik_core.add_user_to_group")?;
        may_move(cx, &left, "authentik_core.remove_user_from_group")?;
        reach::groups(tx, cx.actor, &joined)?;
        let roles: Vec<_> = spec.roles.iter().map(|role| RoleId(role.id())).collect();
        reach::roles(tx, cx.actor, &roles)?;
        let is_machine_of_ours = spec.user_type == UserType::InternalServiceAccount;
        let was = before.is_some_and(|before| before.user.user_type == UserType::InternalServiceAccount);
        if is_machine_of_ours && !was && !matches!(cx.actor, Actor::System) {
            return Err(ResourceError::field("type", "invalid", "resource-error-user-type"));
        }
        let has_password = UserSpec::given(&spec.password).or(UserSpec::given(&spec.password_hash)).is_some();
        let reset = Permission::named("authentik_core.reset_user_password");
        if before.is_some() && has_password && !cx.actor.may(&reset, Some(*id)) {
            return Err(ResourceError::Denied);
        }
        Ok(())
    }

    fn holders(&self, tx: &mut Tx<'_>, id: RawId) -> Result<Vec<Usage>, ResourceError> {
        let usage = |token: Token| Usage {
            model: "authentik_core.token".to_owned(),
            id: token.id.raw(),
            name: token.identifier,
            field: "user".to_owned(),
            action: UsageAction::Cascade,
        };
        Ok(tokens::of_user(tx, UserId(id))?.into_iter().map(usage).collect())
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
        let roles: Vec<_> = spec.roles.iter().map(|role| RoleId(role.id())).collect();
        roles::set_of_user(tx, id, &roles)?;
        let is_switched_off = before.as_ref().is_some_and(|before| before.is_active) && !user.is_active;
        if is_replaced || is_switched_off {
            // Whoever knew the old password loses what he got by it.
            sessions::delete_of_user(tx, id, None)?;
            tokens::delete_of_user(tx, id, TokenIntent::Recovery)?;
        }
        if is_switched_off {
            grants::revoke_of_user(tx, id)?;
        }
        if user.password.is_some() {
            close_setup(tx, id)?;
        }
        if let Some(before) = &before {
            cx.tell_changed(tx, before, &user)?;
        }
        Ok(())
    }

    fn delete(&self, tx: &mut Tx<'_>, id: RawId) -> Result<(), ResourceError> {
        users::delete(tx, UserId(id))?;
        Ok(())
    }
}

/// What is asked of users.
fn filter(tx: &mut Tx<'_>, query: &ListQuery, visible: &Visible) -> Result<UserFilter, ResourceError> {
    let mut filter = UserFilter { search: query.search.clone(), ..UserFilter::default() };
    let mut ids = None;
    for asked in &query.filters {
        match asked.field.as_str() {
            "pk" if asked.any_as::<i64>().is_some_and(|pks| !pks.is_empty()) => {
                filter.pks = asked.any_as();
            }
            "pk" | "uuid" => ids = Some(asked.any_as().ok_or_else(|| asked.unknown())?),
            "username" => filter.username = Some(asked.one().ok_or_else(|| asked.unknown())?.to_owned()),
            "email" => filter.email = Some(asked.one().ok_or_else(|| asked.unknown())?.to_owned()),
            "name" => filter.name = Some(asked.one().ok_or_else(|| asked.unknown())?.to_owned()),
            "is_active" => filter.is_active = Some(asked.switch().ok_or_else(|| asked.unknown())?),
            "is_superuser" => filter.is_superuser = Some(asked.switch().ok_or_else(|| asked.unknown())?),
            "path" => match (asked.op, asked.values.as_slice()) {
                (FilterOp::Is, [path]) => filter.exact_path = Some(path.clone()),
                (FilterOp::StartsWith, [start]) => filter.path_prefix = Some(start.clone()),
                _ => return Err(asked.unknown()),
            },
            "type" => filter.user_types = Some(asked.any_as().ok_or_else(|| asked.unknown())?),
            "groups" => {
                let groups = asked.any_as::<RawId>().ok_or_else(|| asked.unknown())?;
                filter.groups = Some(groups.into_iter().map(GroupId).collect());
            }
            "groups_by_name" => {
                filter.group_names = Some(asked.any().ok_or_else(|| asked.unknown())?.to_vec());
            }
            "roles" => {
                let roles = asked.any_as::<RawId>().ok_or_else(|| asked.unknown())?;
                filter.roles = Some(roles.into_iter().map(RoleId).collect());
            }
            "roles_by_name" => {
                let mut named = Vec::new();
                for name in asked.any().ok_or_else(|| asked.unknown())? {
                    named.extend(roles::by_name(tx, name)?.map(|role| role.id));
                }
                filter.roles = Some(named);
            }
            "date_joined" if asked.narrow(&mut filter.date_joined) => {}
            "last_updated" if asked.narrow(&mut filter.last_updated) => {}
            "last_login" if asked.narrow(&mut filter.last_login) => {}
            "last_login" if asked.op == FilterOp::IsNull => {
                filter.has_logged_in = Some(!asked.values.iter().any(|value| value == "true"));
            }
            _ if asked.within("attributes", &mut filter.attributes) => {}
            _ => return Err(asked.unknown()),
        }
    }
    filter.ids = narrowed(visible, ids).map(|ids| ids.into_iter().map(UserId).collect());
    Ok(filter)
}

/// Whether the actor may make somebody a member of all these groups, or end that.
fn may_move(cx: WriteCx<'_>, groups: &[GroupId], permission: &'static str) -> Result<(), ResourceError> {
    let (named, change) = (Permission::named(permission), Permission::change("authentik_core.group"));
    let may =
        |group: &GroupId| cx.actor.may(&named, Some(group.raw())) || cx.actor.may(&change, Some(group.raw()));
    if groups.iter().all(may) { Ok(()) } else { Err(ResourceError::Denied) }
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
