//! Groups: the page of one group, its members.
//!
//! List, form and deletion are the generic pages'. Joining and leaving is decided in the registry's `accounts`.

mod members;
mod show;

use actix_web::web::{ServiceConfig, get, post};
use countersign_model::{Group, GroupId};
use countersign_registry::{Actor, Permission, ResourceError};
use countersign_store::{Tx, groups};

use crate::{cx::ConsoleCx, generic::reset, kit::Button, nav::Module, routes::at, shell::Header};

/// Address of the list, below which every page of groups stands.
pub(crate) const HERE: &str = "/if/admin/identity/groups/";
/// Model label.
pub(crate) const GROUP: &str = "authentik_core.group";

/// The pages of groups.
pub(crate) const MODULE: Module = Module { nav: &[], routes };

fn routes(config: &mut ServiceConfig) {
    at(config, &format!("{HERE}{{key}}/members/"), [get().to(members::show), post().to(members::change)]);
    at(config, &format!("{HERE}{{key:[^~/]+}}/"), [get().to(show::show)]);
}

/// A group that the actor may see, by the key of an address.
pub(crate) fn find(tx: &mut Tx<'_>, actor: &Actor, key: &str) -> Result<Group, ResourceError> {
    let id = key.parse().map(GroupId).map_err(|_| ResourceError::NotFound)?;
    if !actor.may(&Permission::view(GROUP), Some(id.raw())) {
        return Err(ResourceError::NotFound);
    }
    groups::by_id(tx, id)?.ok_or(ResourceError::NotFound)
}

/// Address of a page of a group.
fn address(group: &Group, rest: &str) -> String {
    format!("{HERE}{}/{rest}", group.id)
}

pub(crate) fn header(cx: &ConsoleCx, group: &Group, tab: &str) -> Header {
    let mut header = Header::new(HERE, group.name.clone()).crumb(cx.t("console-nav-groups"), HERE);
    if group.is_superuser {
        header = header.badge(cx.t("console-group-superuser"), "warning");
    }
    for (name, key) in [
        ("", "console-tab-overview"),
        ("members/", "console-group-members"),
        ("used-by/", "console-tab-usage"),
        ("revisions/", "console-tab-revisions"),
    ] {
        header = header.tab(cx.t(key), address(group, name), name == tab);
    }
    let object = Some(group.id.raw());
    if cx.may("authentik_core.delete_group", object) {
        header = header.also(Button::link(cx.t("action-delete"), address(group, "delete/")).danger());
    }
    if cx.may("authentik_core.change_group", object) {
        header = header.action(cx.t("action-edit"), address(group, "edit/"));
    }
    reset::offer(cx, header, GROUP, group.id.raw(), &address(group, ""))
}
