//! Roles: what their holders may do, by kind and by single object, and who holds them.
//!
//! Name, deletion and revisions are the generic pages'. Nobody gives what he does not hold himself: the
//! registry sees to that.

mod matrix;
mod objects;
mod show;

use actix_web::web::{ServiceConfig, get, post};
use countersign_model::{Role, RoleId, RolePermission};
use countersign_registry::{ResourceError, WriteCx, accounts};
use countersign_store::{Tx, roles};
use countersign_web::WebError;

use crate::{cx::ConsoleCx, generic::reset, kit::Button, nav::Module, routes::at, shell::Header};

/// Address of the list, below which every page of roles stands.
pub(crate) const HERE: &str = "/if/admin/identity/roles/";
/// Model label.
pub(crate) const ROLE: &str = "authentik_rbac.role";

/// The pages of roles.
pub(crate) const MODULE: Module = Module { nav: &[], routes };

fn routes(config: &mut ServiceConfig) {
    let path = |rest: &str| format!("{HERE}{rest}");
    at(config, &path("{key}/objects/"), [get().to(objects::show), post().to(objects::change)]);
    at(config, &path("{key}/holders/"), [get().to(show::holders)]);
    at(config, &path("{key:[^~/]+}/"), [get().to(matrix::show), post().to(matrix::save)]);
}

/// A role that the reader may see, by the key of an address.
pub(crate) fn find(cx: &ConsoleCx, key: &str) -> Result<std::sync::Arc<Role>, WebError> {
    let id = key.parse().map(RoleId).map_err(|_| WebError::not_found())?;
    if !cx.may("authentik_rbac.view_role", Some(id.raw())) {
        return Err(WebError::not_found());
    }
    cx.snapshot.role(id).cloned().ok_or_else(WebError::not_found)
}

/// Makes these the permissions of a role, and no others.
fn put(
    tx: &mut Tx<'_>,
    cx: WriteCx<'_>,
    role: RoleId,
    change: impl FnOnce(&mut Vec<RolePermission>),
) -> Result<(), ResourceError> {
    let before = roles::by_id(tx, role)?.ok_or(ResourceError::NotFound)?.permissions;
    let mut after = before.clone();
    change(&mut after);
    let added: Vec<RolePermission> = after.iter().filter(|one| !before.contains(one)).cloned().collect();
    let gone: Vec<RolePermission> = before.into_iter().filter(|one| !after.contains(one)).collect();
    if !added.is_empty() {
        accounts::assign_permissions(tx, cx, role, &added)?;
    }
    if !gone.is_empty() {
        accounts::unassign_permissions(tx, cx, role, &gone)?;
    }
    Ok(())
}

/// Address of a page of a role.
fn address(role: &Role, rest: &str) -> String {
    format!("{HERE}{}/{rest}", role.id)
}

fn may_change(cx: &ConsoleCx, role: &Role) -> bool {
    cx.may("authentik_rbac.change_role", Some(role.id.raw()))
}

/// Whether the reader may say what the holders of a role may do, or take any of it away.
fn may_permit(cx: &ConsoleCx, role: &Role) -> bool {
    let object = Some(role.id.raw());
    may_change(cx, role)
        || [accounts::ASSIGN, accounts::UNASSIGN].iter().any(|one| cx.may(one.as_str(), object))
}

pub(crate) fn header(cx: &ConsoleCx, role: &Role, tab: &str) -> Header {
    let mut header = Header::new(HERE, role.name.clone()).crumb(cx.t("console-nav-roles"), HERE);
    if role.managed.is_some() {
        header = header.badge(cx.t("console-managed"), "");
    }
    for (name, key) in [
        ("", "console-role-permissions"),
        ("objects/", "console-role-objects"),
        ("holders/", "console-role-holders"),
        ("used-by/", "console-tab-usage"),
        ("revisions/", "console-tab-revisions"),
    ] {
        header = header.tab(cx.t(key), address(role, name), name == tab);
    }
    if cx.may("authentik_rbac.delete_role", Some(role.id.raw())) {
        header = header.also(Button::link(cx.t("action-delete"), address(role, "delete/")).danger());
    }
    if may_change(cx, role) {
        header = header.also(Button::link(cx.t("console-role-rename"), address(role, "edit/")));
    }
    reset::offer(cx, header, ROLE, role.id.raw(), &address(role, ""))
}
