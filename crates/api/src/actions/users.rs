//! `core/users/…`: who one is, and what is done to accounts beside changing their documents.

use std::{collections::BTreeSet, sync::Arc};

use countersign_authz::{Identity, Permission, Visible};
use countersign_mail::Look;
use countersign_model::{ConfigObjectId, Group, Subject, Token, UserId, UserType};
use countersign_registry::{Registry, accounts};
use countersign_store::{Snapshot, Tx, tokens, users as rows};
use countersign_types::{JsonObject, RawId, Secret, Span};
use countersign_web::{Avatar, WebError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{shapes::Link, times::moment};
use crate::{Access, Answer, ApiError, Call, Endpoint, Intake, Shape};

const USER: &str = "authentik_core.user";
const RESET: Permission = Permission::named("authentik_core.reset_user_password");
const IMPERSONATE: Permission = Permission::named("authentik_core.impersonate");

pub(super) fn rows() -> Vec<Endpoint> {
    vec![
        Endpoint::get("core/users/me/", "core_users_me_retrieve", Access::SignedIn, me)
            .about("Who calls, and who really does while somebody is impersonated.")
            .gives::<SessionUser>(),
        Endpoint::get(
            "core/users/paths/",
            "core_users_paths_retrieve",
            Access::Object(Permission::view(USER)),
            paths,
        )
        .about("The places in the directory where there are users.")
        .param::<String>("search", "Only places with this in them.")
        .gives::<UserPath>(),
        Endpoint::post(
            "core/users/service_account/",
            "core_users_service_account_create",
            Access::Global(Permission::add(USER)),
            service_account,
        )
        .about("Makes an account for a machine, with a password for applications that is shown once.")
        .takes::<UserServiceAccountRequest>()
        .gives::<UserServiceAccountResponse>(),
        Endpoint::post(
            "core/users/{id}/set_password/",
            "core_users_set_password_create",
            Access::Object(RESET),
            set_password,
        )
        .about("Sets a password and ends the sessions begun with the old one.")
        .takes::<UserPasswordSetRequest>()
        .status(204),
        Endpoint::post(
            "core/users/{id}/set_password_hash/",
            "core_users_set_password_hash_create",
            Access::Object(RESET),
            set_password_hash,
        )
        .about("The same, with a hash that was made elsewhere (argon2id, bcrypt, or Django's PBKDF2).")
        .takes::<UserPasswordHashSetRequest>()
        .status(204),
        Endpoint::post(
            "core/users/{id}/recovery/",
            "core_users_recovery_create",
            Access::Object(RESET),
            recovery,
        )
        .about("Makes a link that signs the user in once, to set a new password.")
        .intake(Intake::OptionalJson(Shape::of::<UserRecoveryLinkRequest>()))
        .gives::<Link>(),
        Endpoint::post(
            "core/users/{id}/recovery_email/",
            "core_users_recovery_email_create",
            Access::Object(RESET),
            recovery_email,
        )
        .about("Makes such a link and sends it to the user's own address.")
        .param::<String>("email_stage", "The e-mail stage whose template and mail server are used.")
        .intake(Intake::OptionalJson(Shape::of::<UserRecoveryEmailRequest>()))
        .status(204),
        Endpoint::post(
            "core/users/{id}/impersonate/",
            "core_users_impersonate_create",
            Access::Object(IMPERSONATE),
            impersonate,
        )
        .about("Begins a session of the user in this browser, with a reason that the audit trail keeps.")
        .takes::<ImpersonationRequest>()
        .status(204),
        Endpoint::get(
            "core/users/impersonate_end/",
            "core_users_impersonate_end_retrieve",
            Access::SignedIn,
            impersonate_end,
        )
        .about("Ends impersonation; one's own session goes on.")
        .status(204),
    ]
}

/// A user, as he sees himself.
#[derive(Serialize, JsonSchema)]
struct UserSelf {
    /// Integer key.
    pk: i64,
    /// Unique user name.
    username: String,
    /// Display name.
    name: String,
    /// Whether the account may be used at all.
    is_active: bool,
    /// Whether he is an administrator without limits.
    is_superuser: bool,
    /// Whether this is who calls.
    is_current: bool,
    /// Groups, those that others of his groups belong to included.
    groups: Vec<Named>,
    /// Roles, those of his groups included.
    roles: Vec<Named>,
    /// E-mail address.
    email: String,
    /// Picture.
    avatar: String,
    /// A stable name that tells nothing.
    uid: String,
    /// His preferences.
    settings: JsonObject,
    /// Kind of account.
    #[serde(rename = "type")]
    user_type: UserType,
    /// What he may do to the system itself.
    system_permissions: Vec<String>,
}

/// Something with a name.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct Named {
    name: String,
    pk: String,
}

/// Who calls.
#[derive(Serialize, JsonSchema)]
struct SessionUser {
    /// The user in whose name the call acts.
    user: UserSelf,
    /// Who really calls, while he impersonates that user.
    #[serde(skip_serializing_if = "Option::is_none")]
    original: Option<UserSelf>,
    /// Others who are signed in with this browser; there are none.
    users: Vec<UserSelf>,
}

async fn me(call: Call) -> Result<Answer, ApiError> {
    let snapshot = call.snapshot().await?;
    let identity = call.identity()?;
    let user = UserSelf::of(&snapshot, identity, true);
    let impersonation = call.session.as_ref().and_then(|live| live.session.impersonator.clone());
    let original = match impersonation {
        None => None,
        Some(impersonation) => call.app.store().subject(impersonation.by).await?,
    };
    let original =
        original.map(|subject| UserSelf::of(&snapshot, &Identity::new(subject, snapshot.roles()), false));
    Answer::json(&SessionUser { user, original, users: Vec::new() })
}

impl UserSelf {
    fn of(snapshot: &Snapshot, identity: &Identity, is_current: bool) -> Self {
        let subject: &Subject = &identity.subject;
        let user = &subject.user;
        let group = |group: &Arc<Group>| Named { name: group.name.clone(), pk: group.id.to_string() };
        let roles = snapshot.roles().iter().filter(|role| subject.roles.contains(&role.id));
        let settings = user.attributes.get("settings").and_then(Value::as_object).cloned();
        Self {
            pk: user.pk,
            username: user.username.clone(),
            name: user.name.clone(),
            is_active: user.is_active,
            is_superuser: subject.is_superuser(),
            is_current,
            groups: subject.groups.iter().map(group).collect(),
            roles: roles.map(|role| Named { name: role.name.clone(), pk: role.id.to_string() }).collect(),
            email: user.email.clone(),
            avatar: Avatar::of(if user.name.is_empty() { &user.username } else { &user.name }).data_uri(),
            uid: countersign_policies::uid(user, &snapshot.install_id().to_string()),
            settings: settings.unwrap_or_default(),
            user_type: user.user_type,
            system_permissions: system_permissions(identity),
        }
    }
}

fn system_permissions(identity: &Identity) -> Vec<String> {
    let of_system = countersign_authz::permissions("authentik_rbac.systempermission").into_iter();
    let held = of_system.filter(|permission| identity.rights.allow(permission, None));
    held.map(|permission| permission.codename().to_owned()).collect()
}

/// Places in the directory.
#[derive(Serialize, JsonSchema)]
struct UserPath {
    /// With `/` between folders.
    paths: Vec<String>,
}

async fn paths(call: Call) -> Result<Answer, ApiError> {
    let search = call.query("search")?.unwrap_or_default().to_lowercase();
    let visible = call.actor()?.visible(&Permission::view(USER));
    let mut paths = call.read(move |tx| places(tx, &visible)).await?;
    paths.retain(|path| path.to_lowercase().contains(&search));
    Answer::json(&UserPath { paths })
}

/// The places of the users that somebody sees.
fn places(tx: &mut Tx<'_>, visible: &Visible) -> Result<Vec<String>, ApiError> {
    match visible {
        Visible::All => Ok(rows::paths(tx, MAX_PATHS)?),
        Visible::None => Ok(Vec::new()),
        Visible::Only(ids) => {
            let mut places = BTreeSet::new();
            for id in ids.iter().take(MAX_SINGLE) {
                places.extend(rows::by_id(tx, UserId(*id))?.map(|user| user.path));
            }
            Ok(places.into_iter().collect())
        }
    }
}

/// An account for a machine.
#[derive(Clone, Deserialize, JsonSchema)]
struct UserServiceAccountRequest {
    /// Unique user name.
    name: String,
    /// Whether it gets a group of the same name.
    #[serde(default)]
    create_group: bool,
    /// Whether its password for applications expires.
    #[serde(default = "on")]
    expiring: bool,
    /// When; a day from now unless it is said.
    #[serde(default)]
    expires: Option<String>,
}

const fn on() -> bool {
    true
}

/// The account made.
#[derive(Serialize, JsonSchema)]
struct UserServiceAccountResponse {
    /// User name.
    username: String,
    /// The password for applications: shown now and never again.
    token: String,
    /// The user's stable name that tells nothing.
    user_uid: String,
    /// The user's integer key.
    user_pk: i64,
    /// The group, if one was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    group_pk: Option<String>,
}

async fn service_account(call: Call) -> Result<Answer, ApiError> {
    let asked: UserServiceAccountRequest = call.json()?;
    let expires = asked.expires.as_deref().map(|text| moment("expires", text)).transpose()?;
    let expires = expires.filter(|_| asked.expiring);
    let wanted = accounts::NewServiceAccount {
        name: asked.name,
        create_group: asked.create_group,
        expiring: asked.expiring,
    };
    let made = call.write(move |tx, cx| {
        let made = accounts::create_service_account(tx, cx, &wanted)
            .map_err(|error| super::renamed(error, "username", "name"))?;
        if let Some(expires) = expires
            && let Some(token) = tokens::by_identifier(tx, &made.identifier)?
        {
            tokens::update(tx, &Token { expires: Some(expires), ..token })?;
        }
        let user = rows::by_id(tx, UserId(made.user))?.ok_or_else(ApiError::not_found)?;
        Ok((made, user))
    });
    let (made, user) = made.await?;
    let snapshot = call.snapshot().await?;
    Answer::json(&UserServiceAccountResponse {
        user_uid: countersign_policies::uid(&user, &snapshot.install_id().to_string()),
        user_pk: user.pk,
        username: user.username,
        token: made.token.expose().clone(),
        group_pk: made.group.map(|group| group.to_string()),
    })
}

/// A new password.
#[derive(Deserialize, JsonSchema)]
struct UserPasswordSetRequest {
    /// The password.
    #[serde(default)]
    password: Secret<String>,
}

async fn set_password(call: Call) -> Result<Answer, ApiError> {
    let key = call.arg("id")?.to_owned();
    let found = call.found(USER, &key).await?;
    call.require(&RESET, Some(found.id))?;
    let UserPasswordSetRequest { password } = call.json()?;
    // Of one's own sessions the one in hand goes on.
    let here = call.session.as_ref().map(|live| (live.session.user, live.session.key));
    call.write(move |tx, cx| {
        let id = user(tx, cx.registry, &key)?;
        let here = here.as_ref().filter(|(own, _)| *own == id).map(|(_, key)| key);
        Ok(accounts::set_password_here(tx, cx, id, &password, here)?)
    })
    .await?;
    Ok(Answer::empty())
}

/// A password that was hashed elsewhere.
#[derive(Deserialize, JsonSchema)]
struct UserPasswordHashSetRequest {
    /// The hash.
    password: Secret<String>,
}

async fn set_password_hash(call: Call) -> Result<Answer, ApiError> {
    let key = call.arg("id")?.to_owned();
    let found = call.found(USER, &key).await?;
    call.require(&RESET, Some(found.id))?;
    let UserPasswordHashSetRequest { password } = call.json()?;
    call.write(move |tx, cx| {
        let id = user(tx, cx.registry, &key)?;
        Ok(accounts::set_password_hash(tx, cx, id, &password)?)
    })
    .await?;
    Ok(Answer::empty())
}

/// The user that a key in the path means. Whether he may be seen is asked with the operation.
pub(super) fn user(tx: &mut Tx<'_>, registry: &Registry, key: &str) -> Result<UserId, ApiError> {
    let id = registry.get(USER)?.resolve(tx, key)?.ok_or_else(ApiError::not_found)?;
    Ok(UserId(id))
}

/// How long the link works.
#[derive(Default, Deserialize, JsonSchema)]
struct UserRecoveryLinkRequest {
    /// For example `hours=1`; half an hour unless it is said.
    #[serde(default)]
    token_duration: Option<Span>,
}

/// Places in the directory that are shown at most.
const MAX_PATHS: u32 = 1_000;
/// Single users whose places are looked up.
const MAX_SINGLE: usize = 1_000;
/// How long a recovery link works when nobody says.
const RECOVERY: Span = Span::from_mins(30);

async fn recovery(call: Call) -> Result<Answer, ApiError> {
    let asked: UserRecoveryLinkRequest = call.json()?;
    let (key, lifetime) = (call.arg("id")?.to_owned(), asked.token_duration.unwrap_or(RECOVERY));
    if lifetime <= Span::ZERO {
        return Err(ApiError::field("token_duration", "min_value", "resource-error-span-positive"));
    }
    let path = call.write(move |tx, cx| {
        let id = user(tx, cx.registry, &key)?;
        Ok(accounts::recovery_link(tx, cx, id, lifetime)?)
    });
    let path = path.await?;
    Answer::json(&Link { link: format!("{}{}", call.facts.base_url, path.expose()) })
}

/// How the link goes out.
#[derive(Default, Deserialize, JsonSchema)]
struct UserRecoveryEmailRequest {
    /// For example `hours=1`; half an hour unless it is said.
    #[serde(default)]
    token_duration: Option<Span>,
    /// The e-mail stage whose template and mail server are used; ours unless it is said.
    #[serde(default)]
    email_stage: Option<RawId>,
}

async fn recovery_email(call: Call) -> Result<Answer, ApiError> {
    let asked: UserRecoveryEmailRequest = call.json()?;
    let (key, lifetime) = (call.arg("id")?.to_owned(), asked.token_duration.unwrap_or(RECOVERY));
    if lifetime <= Span::ZERO {
        return Err(ApiError::field("token_duration", "min_value", "resource-error-span-positive"));
    }
    let found = call.found(USER, &key).await?;
    call.require(&RESET, Some(found.id))?;
    let none = || ApiError::field("email_stage", "does_not_exist", "resource-error-reference");
    let named = match call.query("email_stage")?.filter(|text| !text.is_empty()) {
        Some(text) => Some(text.parse().map_err(|_| none())?),
        None => asked.email_stage,
    };
    let snapshot = call.snapshot().await?;
    let stage = match named {
        Some(id) => {
            let stage =
                snapshot.object(ConfigObjectId(id)).filter(|stage| stage.kind == countersign_mail::STAGE);
            let stage =
                stage.filter(|_| call.require(&Permission::view(countersign_mail::STAGE), Some(id)).is_ok());
            Some(stage.cloned().ok_or_else(none)?)
        }
        None => None,
    };
    let mail = call.app.mail();
    if !mail.is_configured(&snapshot, stage.as_ref().map(|stage| stage.id)) {
        return Err(ApiError::field("", "invalid", "api-error-mail-not-configured"));
    }
    let home = mail.home(&snapshot, &call.facts.host, &call.facts.base_url);
    let home = home.ok_or_else(|| ApiError::field("", "invalid", "api-error-mail-no-address"))?;
    let order = accounts::RecoveryMail {
        outbox: mail.outbox().clone(),
        look: Look::of(snapshot.brand_for(&call.facts.host), home),
        stage,
        lifetime,
        language: call.facts.localizer(&call.app).lang().to_owned(),
    };
    call.write(move |tx, cx| {
        let id = user(tx, cx.registry, &key)?;
        Ok(accounts::mail_recovery_link(tx, cx, id, &order)?)
    })
    .await?;
    Ok(Answer::empty())
}

/// Why somebody is impersonated.
#[derive(Deserialize, JsonSchema)]
struct ImpersonationRequest {
    /// The reason.
    #[serde(default)]
    reason: String,
}

async fn impersonate(call: Call) -> Result<Answer, ApiError> {
    let key = call.arg("id")?.to_owned();
    let found = call.found(USER, &key).await?;
    call.require(&IMPERSONATE, Some(found.id))?;
    let ImpersonationRequest { reason } = call.json()?;
    let Some(own) = call.session.clone() else {
        return Err(ApiError::field("", "session_required", "api-error-impersonation-browser"));
    };
    let begun = call.write(move |tx, cx| {
        let id = user(tx, cx.registry, &key)?;
        Ok(accounts::begin_impersonation(tx, cx, &own, id, &reason)?)
    });
    let begun = begun.await?;
    Ok(Answer::empty().cookie(&call.facts.cookies().session(&begun.token, None)))
}

/// Clients of authentik's API end it with GET, which other sites could send along: those are turned away.
async fn impersonate_end(call: Call) -> Result<Answer, ApiError> {
    let acting = call.session.clone().filter(|live| live.session.impersonator.is_some());
    let Some(acting) = acting else { return Ok(Answer::empty()) };
    if call.facts.is_cross_site {
        return Err(WebError::denied().saying("api-error-csrf").coded("csrf").into());
    }
    let ended = call.write(move |tx, cx| Ok(accounts::end_impersonation(tx, &acting, cx.client_ip)?));
    let cookies = call.facts.cookies();
    Ok(match ended.await? {
        Some(begun) => Answer::empty().cookie(&cookies.session(&begun.token, None)),
        None => cookies.clear_session().iter().fold(Answer::empty(), |answer, cookie| answer.cookie(cookie)),
    })
}
