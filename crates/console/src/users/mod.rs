//! Users: the tree of paths with its list, and the page of one user with what he holds.
//!
//! Owns no form and no deletion: those are the generic pages' (`~new/`, `edit/`, `delete/`, `revisions/`). What
//! is done to accounts is decided in the registry's `accounts`, for the API and for here.

mod actions;
mod bulk;
mod holdings;
mod list;
mod membership;
mod service;
mod show;
mod tree;

use actix_web::web::{ServiceConfig, get, post};
use countersign_model::{Subject, User, UserId, UserType};
use countersign_registry::ResourceError;
use countersign_store::{Tx, users};
use countersign_web::WebError;

use crate::{
    cx::{ConsoleCx, fault},
    generic::reset,
    kit::Button,
    nav::Module,
    routes::at,
    shell::Header,
};

/// Address of the list, below which every page of users stands.
pub(crate) const HERE: &str = "/if/admin/identity/users/";
/// Model label.
pub(crate) const USER: &str = "authentik_core.user";

/// The pages of users.
pub(crate) const MODULE: Module = Module { nav: &[], routes };

fn routes(config: &mut ServiceConfig) {
    let path = |rest: &str| format!("{HERE}{rest}");
    at(config, HERE, [get().to(list::show)]);
    at(config, &path("~bulk/"), [post().to(bulk::run)]);
    at(config, &path("~service-account/"), [get().to(service::ask), post().to(service::create)]);
    at(config, &path("{key:[^~/]+}/"), [get().to(show::overview)]);
    at(config, &path("{key}/sessions/"), [get().to(holdings::sessions), post().to(holdings::end_sessions)]);
    at(config, &path("{key}/groups/"), [get().to(membership::groups), post().to(membership::change_groups)]);
    at(config, &path("{key}/roles/"), [get().to(membership::roles), post().to(membership::change_roles)]);
    at(config, &path("{key}/credentials/"), [get().to(holdings::credentials)]);
    at(
        config,
        &path("{key}/consents/"),
        [get().to(holdings::consents), post().to(holdings::revoke_consents)],
    );
    at(config, &path("{key}/tokens/"), [get().to(holdings::tokens), post().to(holdings::delete_tokens)]);
    at(config, &path("{key}/grants/"), [get().to(holdings::grants), post().to(holdings::revoke_grants)]);
    at(config, &path("{key}/events/"), [get().to(show::events)]);
    at(config, &path("{key}/password/"), [get().to(actions::ask_password), post().to(actions::set_password)]);
    at(config, &path("{key}/recovery-email/"), [post().to(actions::mail_recovery)]);
    at(config, &path("{key}/recovery/"), [get().to(actions::ask_recovery), post().to(actions::recovery)]);
    at(
        config,
        &path("{key}/deactivate/"),
        [get().to(actions::ask_deactivate), post().to(actions::deactivate)],
    );
    at(config, &path("{key}/activate/"), [post().to(actions::activate)]);
    at(
        config,
        &path("{key}/impersonate/"),
        [get().to(crate::impersonation::ask), post().to(crate::impersonation::begin)],
    );
}

/// A user whom the actor may see, by the key of an address.
pub(crate) fn find(
    tx: &mut Tx<'_>,
    actor: &countersign_registry::Actor,
    key: &str,
) -> Result<User, ResourceError> {
    let found = match (key.parse::<i64>(), key.parse()) {
        (Ok(pk), _) => users::by_pk(tx, pk)?,
        (_, Ok(id)) => users::by_id(tx, UserId(id))?,
        _ => None,
    };
    let view = countersign_registry::Permission::view(USER);
    found.filter(|user| actor.may(&view, Some(user.id.raw()))).ok_or(ResourceError::NotFound)
}

/// The same, with groups and roles.
pub(crate) fn subject(
    tx: &mut Tx<'_>,
    actor: &countersign_registry::Actor,
    key: &str,
) -> Result<Subject, ResourceError> {
    let user = find(tx, actor, key)?;
    users::subject(tx, user.id)?.ok_or(ResourceError::NotFound)
}

/// The same outside of a transaction.
pub(crate) async fn load(cx: &ConsoleCx, key: &str) -> Result<Subject, WebError> {
    let key = key.to_owned();
    cx.read(move |tx, _, actor| subject(tx, actor, &key)).await.map_err(fault)
}

/// Address of a page of a user.
pub(crate) fn address(user: &User, rest: &str) -> String {
    format!("{HERE}{}/{rest}", user.pk)
}

/// What people call a user.
pub(crate) fn name_of(user: &User) -> &str {
    if user.name.trim().is_empty() { &user.username } else { &user.name }
}

/// Word of a kind of account.
pub(crate) fn type_word(cx: &ConsoleCx, user_type: UserType) -> String {
    cx.t(match user_type {
        UserType::Internal => "console-user-type-internal",
        UserType::External => "console-user-type-external",
        UserType::ServiceAccount => "console-user-type-service",
        UserType::InternalServiceAccount => "console-user-type-ours",
    })
}

/// The header of every page of a user: who he is, the tabs, and what can be done.
pub(crate) fn header(cx: &ConsoleCx, user: &User, tab: &str) -> Header {
    let mut header = Header::new(HERE, name_of(user)).crumb(cx.t("console-nav-users"), HERE);
    header = if user.is_active {
        header.badge(cx.t("console-user-active"), "success")
    } else {
        header.badge(cx.t("console-user-inactive"), "danger")
    };
    for (name, key) in [
        ("", "console-tab-overview"),
        ("sessions/", "console-user-tab-sessions"),
        ("groups/", "console-nav-groups"),
        ("roles/", "console-nav-roles"),
        ("credentials/", "console-user-tab-credentials"),
        ("consents/", "console-user-tab-consents"),
        ("tokens/", "console-user-tab-tokens"),
        ("grants/", "console-user-tab-grants"),
        ("events/", "console-user-tab-events"),
    ] {
        header = header.tab(cx.t(key), address(user, name), name == tab);
    }
    for (name, key) in [("used-by/", "console-tab-usage"), ("revisions/", "console-tab-revisions")] {
        header = header.tab(cx.t(key), address(user, name), name == tab);
    }
    reset::offer(cx, actions(cx, header, user), USER, user.id.raw(), &address(user, ""))
}

fn actions(cx: &ConsoleCx, mut header: Header, user: &User) -> Header {
    let object = Some(user.id.raw());
    let link = |key: &str, rest: &str| Button::link(cx.t(key), address(user, rest));
    let may_reset = cx.may("authentik_core.reset_user_password", object);
    if may_reset {
        header = header.also(link("console-user-set-password", "password/"));
    }
    if may_reset && user.is_active {
        header = header.also(link("console-user-recovery", "recovery/"));
    }
    let is_self = user.id == cx.session.subject.user.id;
    if user.is_active && !is_self && cx.may("authentik_core.impersonate", object) {
        header = header.also(link("console-user-impersonate", "impersonate/"));
    }
    if cx.may("authentik_core.change_user", object) {
        if !user.is_active {
            header = header.also(Button::post(cx.t("console-user-activate"), address(user, "activate/")));
        } else if !is_self {
            header = header.also(link("console-user-deactivate", "deactivate/"));
        }
        header = header.action(cx.t("action-edit"), address(user, "edit/"));
    }
    if !is_self && cx.may("authentik_core.delete_user", object) {
        header = header.also(link("action-delete", "delete/").danger());
    }
    header
}
