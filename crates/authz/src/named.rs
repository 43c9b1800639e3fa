//! The permissions that are not simply view, add, change or delete.

use crate::{Action, Permission};

/// A permission with a name of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extra {
    /// The model whose objects it is about.
    pub model: &'static str,
    /// Its name.
    pub permission: Permission,
}

const fn extra(model: &'static str, name: &'static str) -> Extra {
    Extra { model, permission: Permission::named(name) }
}

const USER: &str = "authentik_core.user";
const GROUP: &str = "authentik_core.group";
const TOKEN: &str = "authentik_core.token";
const FLOW: &str = "authentik_flows.flow";
const KEY_PAIR: &str = "authentik_crypto.certificatekeypair";
const TASK: &str = "authentik_tasks.task";
const SCHEDULE: &str = "authentik_tasks_schedules.schedule";
const SYSTEM: &str = "authentik_rbac.systempermission";

/// All of them, by model.
pub const EXTRAS: &[Extra] = &[
    extra(USER, "authentik_core.impersonate"),
    extra(USER, "authentik_core.reset_user_password"),
    extra(USER, "authentik_core.preview_user"),
    extra(USER, "authentik_core.view_user_applications"),
    extra(GROUP, "authentik_core.add_user_to_group"),
    extra(GROUP, "authentik_core.remove_user_from_group"),
    extra(GROUP, "authentik_core.enable_group_superuser"),
    extra(GROUP, "authentik_core.disable_group_superuser"),
    extra(TOKEN, "authentik_core.view_token_key"),
    extra(TOKEN, "authentik_core.set_token_key"),
    extra(KEY_PAIR, "authentik_crypto.view_certificatekeypair_certificate"),
    extra(KEY_PAIR, "authentik_crypto.view_certificatekeypair_key"),
    extra(FLOW, "authentik_flows.clear_flow_cache"),
    extra(FLOW, "authentik_flows.export_flow"),
    extra(FLOW, "authentik_flows.inspect_flow"),
    extra("authentik_policies.policy", "authentik_policies.clear_policy_cache"),
    extra("authentik_rbac.role", "authentik_rbac.assign_role_permissions"),
    extra("authentik_rbac.role", "authentik_rbac.unassign_role_permissions"),
    extra(TASK, "authentik_tasks.view_task"),
    extra(TASK, "authentik_tasks.retry_task"),
    extra(SCHEDULE, "authentik_tasks_schedules.view_schedule"),
    extra(SCHEDULE, "authentik_tasks_schedules.send_schedule"),
    extra(SYSTEM, "authentik_rbac.access_admin_interface"),
    extra(SYSTEM, "authentik_rbac.view_system_info"),
    extra(SYSTEM, "authentik_rbac.view_system_settings"),
    extra(SYSTEM, "authentik_rbac.edit_system_settings"),
];

/// Every permission about a model: view, add, change, delete and its extras. Those of the system and of its jobs
/// belong to no kind of object and come alone.
pub fn permissions(model: &str) -> Vec<Permission> {
    let general = Action::ALL.into_iter().map(|action| Permission::on(action, model));
    let own = EXTRAS.iter().filter(|extra| extra.model == model).map(|extra| extra.permission.clone());
    if matches!(model, SYSTEM | TASK | SCHEDULE) { own.collect() } else { general.chain(own).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_extra_is_a_name_and_stands_once() {
        let mut names: Vec<_> = EXTRAS.iter().map(|extra| extra.permission.as_str()).collect();
        for name in &names {
            assert!(name.parse::<Permission>().is_ok(), "{name}");
        }
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), EXTRAS.len());
    }

    #[test]
    fn a_model_has_its_own_permissions_beside_the_general_ones() {
        let names: Vec<_> =
            permissions(TOKEN).iter().map(|permission| permission.codename().to_owned()).collect();
        let expected =
            ["view_token", "add_token", "change_token", "delete_token", "view_token_key", "set_token_key"];
        assert_eq!(names, expected);
        assert_eq!(permissions(SYSTEM).len(), 4);
    }
}
