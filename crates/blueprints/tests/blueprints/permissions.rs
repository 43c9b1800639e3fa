//! Who may do what with single objects, as entries and exports say it.

use std::collections::BTreeSet;

use countersign_blueprints::{Done, Selection};
use countersign_model::{RoleId, RolePermission};
use countersign_store::{Backend, groups, on_both_databases, roles, testing::TestStore, users};
use countersign_types::RawId;

use crate::kinds::{apply, blueprints, failure, nothing};

const HOUSE: &str = "
version: 1
metadata: {name: House}
entries:
  - model: authentik_rbac.role
    id: keeper
    identifiers: {name: Keeper}
    attrs: {permissions: [authentik_flows.view_flow]}
  - model: authentik_core.user
    id: ada
    identifiers: {username: ada}
    attrs: {name: Ada, roles: [!KeyOf keeper]}
  - model: authentik_flows.flow
    id: flow
    identifiers: {slug: journey}
    attrs: {name: Journey, title: Journey, designation: enrollment}
    permissions:
      - {permission: change_flow, role: !KeyOf keeper}
      - {permission: authentik_flows.export_flow, user: !KeyOf ada}
";

async fn held(world: &TestStore, name: &'static str) -> Vec<RolePermission> {
    world.read(move |tx| roles::by_name(tx, name)).await.unwrap().unwrap().permissions
}

async fn object(world: &TestStore) -> RawId {
    world.read(|tx| countersign_store::flows::by_slug(tx, "journey")).await.unwrap().unwrap().id.raw()
}

on_both_databases! {
    async fn an_entry_gives_permissions_on_its_object(world: TestStore) {
        let blueprints = blueprints(&world, nothing());
        let report = apply(&blueprints, HOUSE).await.unwrap();
        assert!(report.warnings.is_empty(), "{:?}", report.warnings);
        let flow = object(&world).await;
        let keeper = held(&world, "Keeper").await;
        let on_it = |permission: &str, object| RolePermission { permission: permission.to_owned(), object };
        assert!(keeper.contains(&on_it("authentik_flows.change_flow", Some(flow))), "{keeper:?}");
        assert!(keeper.contains(&on_it("authentik_flows.view_flow", None)), "{keeper:?}");
        let ada = world.read(|tx| users::by_username(tx, "ada")).await.unwrap().unwrap();
        let own: Vec<RoleId> =
            world.read(move |tx| roles::of_users(tx, &[ada.id])).await.unwrap().remove(&ada.id).unwrap();
        assert_eq!(own.len(), 2, "the keeper's, and one of her own");
        let name = format!("ak-managed-role--user-{}", ada.pk);
        let hers = world.read(move |tx| roles::by_name(tx, &name)).await.unwrap().unwrap();
        assert!(own.contains(&hers.id));
        assert_eq!(hers.permissions, [on_it("authentik_flows.export_flow", Some(flow))]);

        // The first entry of the keeper takes away what the last one gives: what he has is what the file says.
        let again = apply(&blueprints, HOUSE).await.unwrap();
        assert_eq!(held(&world, "Keeper").await, keeper, "{again:?}");
    }

    async fn giving_again_changes_nothing(world: TestStore) {
        let blueprints = blueprints(&world, nothing());
        apply(&blueprints, HOUSE).await.unwrap();
        let text = "
version: 1
metadata: {name: More}
entries:
  - model: authentik_flows.flow
    identifiers: {slug: journey}
    permissions: [{permission: change_flow, role: !Find [authentik_rbac.role, [name, Keeper]]}]
";
        assert!(!apply(&blueprints, text).await.unwrap().has_changes());
        let fewer = text.replace("change_flow", "delete_flow");
        assert_eq!(apply(&blueprints, &fewer).await.unwrap().count(Done::Updated), 1);
        let created = text.replace("    identifiers", "    state: created\n    identifiers").replace("change_flow", "clear_flow_cache");
        assert!(!apply(&blueprints, &created).await.unwrap().has_changes(), "created leaves alone what is there");
    }

    async fn a_permission_for_nobody_or_without_a_name_is_refused(world: TestStore) {
        let blueprints = blueprints(&world, nothing());
        for (row, words) in [
            ("{permission: change_flow, role: !Find [authentik_rbac.role, [name, Nobody]]}", "permissions.0, line 7: a role or a user is needed"),
            ("{permission: change_flow, role: 00000000-0000-0000-0000-000000000001}", "permissions.0, line 7: there is no such user or role"),
            ("{permission: change_flow, user: 00000000-0000-0000-0000-000000000001}", "permissions.0, line 7: there is no such user or role"),
            ("{permission: chnge_flow, role: !KeyOf keeper}", "permissions.0.permission, line 7: "),
            ("{permission: 3, role: !KeyOf keeper}", "permissions.0.permission, line 7: text is needed"),
            ("{permission: change_flow, group: !KeyOf keeper}", "permissions.0, line 7: a role or a user is needed"),
            ("{permission: change_flow, role: !KeyOf keeper, rolle: x}", "permissions.0.rolle, line 7: unknown key"),
        ] {
            let text = format!("
version: 1
metadata: {{name: Wrong}}
entries:
  - {{model: authentik_rbac.role, id: keeper, identifiers: {{name: Keeper}}}}
  - {{model: authentik_flows.flow, identifiers: {{slug: j}}, attrs: {{name: J, title: J, designation: enrollment}},
      permissions: [{row}]}}
");
            let found = failure(&blueprints, &text).await;
            assert!(found.contains(words), "{found}\nhas no\n{words}");
            assert!(world.read(roles::all).await.unwrap().iter().all(|role| role.name != "Keeper"));
        }
    }

    async fn an_export_names_the_objects_of_permissions_and_not_their_identifiers(world: TestStore) {
        let here = blueprints(&world, nothing());
        apply(&here, HOUSE).await.unwrap();
        // A circle: the role is about the user and the group who hold it, and about itself.
        apply(&here, "
version: 1
metadata: {name: Circle}
entries:
  - model: authentik_core.user
    identifiers: {username: ada}
    permissions: [{permission: change_user, role: !Find [authentik_rbac.role, [name, Keeper]]}]
  - model: authentik_core.group
    identifiers: {name: keepers}
    attrs: {roles: [!Find [authentik_rbac.role, [name, Keeper]]]}
    permissions: [{permission: view_group, role: !Find [authentik_rbac.role, [name, Keeper]]}]
  - model: authentik_rbac.role
    identifiers: {name: Keeper}
    permissions: [{permission: view_role, role: !Find [authentik_rbac.role, [name, Keeper]]}]
").await.unwrap();
        let text = here.export(&Selection::Everything).await.unwrap();
        let before = held(&world, "Keeper").await;
        let again = apply(&here, &text).await.unwrap_or_else(|error| panic!("{error}\n{text}"));
        assert!(!again.has_changes(), "{again:?}\n{text}");
        let ids: BTreeSet<RawId> = before.iter().filter_map(|held| held.object).collect();
        assert_eq!(ids.len(), 4);
        for id in ids {
            assert!(!text.contains(&id.to_string()), "{text}");
        }

        let Some(other) = TestStore::start(Backend::Sqlite) else { return };
        let there = blueprints(&other, nothing());
        // Exports hold no people.
        let people = "version: 1\nmetadata: {name: P}\nentries: [{model: authentik_core.user, identifiers: {username: ada}}]";
        apply(&there, people).await.unwrap();
        apply(&there, &text).await.unwrap_or_else(|error| panic!("{error}\n{text}"));
        let held = held(&other, "Keeper").await;
        let about = |permission: &str| {
            held.iter().find(|held| held.permission == permission).map(|held| held.object).unwrap()
        };
        assert_eq!(about("authentik_flows.view_flow"), None);
        assert_eq!(about("authentik_flows.change_flow"), Some(object(&other).await));
        let ada = other.read(|tx| users::by_username(tx, "ada")).await.unwrap().unwrap();
        assert_eq!(about("authentik_core.change_user"), Some(ada.id.raw()));
        let keepers = other.read(|tx| groups::by_name(tx, "keepers")).await.unwrap().unwrap();
        assert_eq!(about("authentik_core.view_group"), Some(keepers.id.raw()));
        let keeper = other.read(|tx| roles::by_name(tx, "Keeper")).await.unwrap().unwrap();
        assert_eq!(about("authentik_rbac.view_role"), Some(keeper.id.raw()));
    }

    async fn a_permission_on_an_object_that_is_not_there_is_not_one_on_everything(world: TestStore) {
        let here = blueprints(&world, nothing());
        apply(&here, HOUSE).await.unwrap();
        let role = Selection::Object { model: "authentik_rbac.role".to_owned(), name: "Keeper".to_owned() };
        let text = here.export(&role).await.unwrap();
        let before = held(&world, "Keeper").await;
        apply(&here, &text).await.unwrap_or_else(|error| panic!("{error}\n{text}"));
        assert_eq!(held(&world, "Keeper").await, before, "{text}");
        let Some(other) = TestStore::start(Backend::Sqlite) else { return };
        let there = blueprints(&other, nothing());
        let report = apply(&there, &text).await.unwrap_or_else(|error| panic!("{error}\n{text}"));
        assert_eq!(report.count(Done::Created), 1, "{text}");
        let held = held(&other, "Keeper").await;
        assert_eq!(held, [RolePermission { permission: "authentik_flows.view_flow".to_owned(), object: None }]);
    }
}
