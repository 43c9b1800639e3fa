//! Roles, revisions, and sessions that somebody uses in another's place.

use countersign_model::{
    EventUser, GroupId, Impersonation, Revision, RevisionAction, RevisionId, Role, RoleId, RolePermission,
};
use countersign_store::{
    groups, on_both_databases, revisions, roles, sessions, testing::samples, tokens, users,
};
use countersign_types::{JsonObject, PageRequest, RawId, Span};
use serde_json::json;

fn role(number: u8, permissions: &[(&str, Option<RawId>)]) -> Role {
    let permissions = permissions
        .iter()
        .map(|(permission, object)| RolePermission { permission: (*permission).to_owned(), object: *object })
        .collect();
    Role {
        id: RoleId(RawId::from_u128(0xe000 + u128::from(number))),
        name: format!("role-{number}"),
        managed: None,
        permissions,
    }
}

on_both_databases! {
    async fn a_role_comes_back_as_written(world: TestStore) {
        let object = RawId::from_u128(9);
        let mut written = role(1, &[("app.view_one", None), ("app.view_two", Some(object))]);
        let (first, id) = (written.clone(), written.id);
        world.write(move |tx| roles::create(tx, &first)).await.unwrap();
        assert_eq!(world.read(move |tx| roles::by_id(tx, id)).await.unwrap().unwrap(), written);
        written.permissions.pop();
        written.managed = Some("goauthentik.io/rbac/read-only".to_owned());
        let second = written.clone();
        assert!(world.write(move |tx| roles::update(tx, &second)).await.unwrap());
        let found = world.read(|tx| roles::by_managed(tx, "goauthentik.io/rbac/read-only")).await.unwrap();
        assert_eq!(found.unwrap(), written);
        assert!(world.write(move |tx| roles::delete(tx, id)).await.unwrap());
        assert!(world.read(|tx| roles::by_name(tx, "role-1")).await.unwrap().is_none());
    }

    async fn roles_stand_in_the_snapshot_until_they_change(world: TestStore) {
        let reader = role(1, &[("app.view_one", None)]);
        let id = reader.id;
        world.write(move |tx| roles::create(tx, &reader)).await.unwrap();
        let before = world.snapshot().await.unwrap();
        assert_eq!(before.role(id).unwrap().permissions.len(), 1);
        let more = RolePermission { permission: "app.view_two".to_owned(), object: None };
        let (given, taken) = (vec![more.clone()], vec![more]);
        world.write(move |tx| { roles::assign(tx, id, &given)?; roles::assign(tx, id, &given) }).await.unwrap();
        assert_eq!(world.snapshot().await.unwrap().role(id).unwrap().permissions.len(), 2);
        assert_eq!(world.write(move |tx| roles::unassign(tx, id, &taken)).await.unwrap(), 1);
        assert_eq!(world.snapshot().await.unwrap().roles()[0].permissions.len(), 1);
    }

    async fn a_user_has_his_own_roles_and_those_of_all_groups_above_him(world: TestStore) {
        let now = world.now();
        let (top, middle) = (samples::group(1, "top", &[]), samples::group(2, "middle", &[]));
        let middle = countersign_model::Group { parents: vec![top.id], ..middle };
        let (aside, ada) = (samples::group(3, "aside", &[]), samples::user(1, "ada", now));
        let id = ada.id;
        world.write(move |tx| {
            for number in 1..=4 {
                roles::create(tx, &role(number, &[]))?;
            }
            for group in [&top, &middle, &aside] {
                groups::create(tx, group)?;
            }
            users::create(tx, &ada)?;
            groups::add_member(tx, middle.id, ada.id)?;
            roles::set_of_user(tx, ada.id, &[role(1, &[]).id])?;
            roles::set_of_group(tx, top.id, &[role(1, &[]).id, role(2, &[]).id])?;
            roles::set_of_group(tx, middle.id, &[role(3, &[]).id])?;
            roles::set_of_group(tx, aside.id, &[role(4, &[]).id])
        }).await.unwrap();
        let subject = world.subject(id).await.unwrap().unwrap();
        assert_eq!(subject.roles, [role(1, &[]).id, role(2, &[]).id, role(3, &[]).id]);
        assert_eq!(subject.groups.len(), 2);
        let given = world.read(move |tx| {
            Ok::<_, countersign_store::StoreError>((
                roles::of_users(tx, &[id])?.remove(&id),
                roles::groups_of(tx, role(2, &[]).id, 10)?,
                roles::users_of(tx, role(1, &[]).id, 10)?,
            ))
        }).await.unwrap();
        let top = GroupId(samples::group(1, "top", &[]).id.raw());
        assert_eq!(given, (Some(vec![role(1, &[]).id]), vec![top], vec![id]));
    }

    async fn a_role_taken_from_a_group_is_gone_from_its_members_at_once(world: TestStore) {
        let now = world.now();
        let (staff, ada, reader) = (samples::group(1, "staff", &[]), samples::user(1, "ada", now), role(1, &[]));
        let (id, group) = (ada.id, staff.id);
        world.write(move |tx| {
            roles::create(tx, &reader)?;
            groups::create(tx, &staff)?;
            users::create(tx, &ada)?;
            groups::add_member(tx, staff.id, ada.id)?;
            roles::set_of_group(tx, staff.id, &[reader.id])
        }).await.unwrap();
        assert_eq!(world.subject(id).await.unwrap().unwrap().roles.len(), 1);
        world.write(move |tx| roles::set_of_group(tx, group, &[])).await.unwrap();
        assert_eq!(world.subject(id).await.unwrap().unwrap().roles.len(), 0);
    }

    async fn a_permission_about_an_object_goes_with_it(world: TestStore) {
        let now = world.now();
        let (ada, group) = (samples::user(1, "ada", now), samples::group(1, "staff", &[]));
        let stage = samples::stage(1, "one");
        let objects = [ada.id.raw(), group.id.raw(), stage.id.raw()];
        let holder = role(1, &objects.map(|object| ("app.view", Some(object))));
        let id = holder.id;
        let (user, of, object) = (ada.id, group.id, stage.id);
        world.write(move |tx| {
            users::create(tx, &ada)?;
            groups::create(tx, &group)?;
            countersign_store::config_objects::create(tx, &stage)?;
            roles::create(tx, &holder)
        }).await.unwrap();
        world.write(move |tx| {
            users::delete(tx, user)?;
            groups::delete(tx, of)?;
            countersign_store::config_objects::delete(tx, object)
        }).await.unwrap();
        assert_eq!(world.read(move |tx| roles::by_id(tx, id)).await.unwrap().unwrap().permissions, []);
    }

    async fn the_last_fifty_revisions_of_an_object_are_kept(world: TestStore) {
        let (one, other) = (RawId::from_u128(1), RawId::from_u128(2));
        for number in 0..60_u32 {
            world.clock.advance(Span::from_secs(1));
            world.write(move |tx| {
                let revision = Revision {
                    id: RevisionId::timed(tx.now(), tx.rng()),
                    model: "authentik_core.group".to_owned(),
                    object: if number == 0 { other } else { one },
                    created: tx.now(),
                    user: Some(EventUser { pk: 1, username: "ada".to_owned(), ..EventUser::default() }),
                    action: RevisionAction::Updated,
                    document: json!({ "number": number }).as_object().unwrap().clone(),
                    diff: JsonObject::new(),
                };
                revisions::create(tx, &revision)
            }).await.unwrap();
        }
        let numbers = |page: countersign_types::Page<Revision>| -> Vec<u64> {
            page.items.iter().map(|revision| revision.document["number"].as_u64().unwrap()).collect()
        };
        let first = world.read(move |tx| revisions::of_object(tx, one, &PageRequest::first(40))).await.unwrap();
        let after = first.next.clone();
        assert_eq!(numbers(first), (20..60).rev().collect::<Vec<u64>>());
        let rest = PageRequest { after, limit: 40 };
        let rest = world.read(move |tx| revisions::of_object(tx, one, &rest)).await.unwrap();
        assert_eq!(numbers(rest), (10..20).rev().collect::<Vec<u64>>());
        let latest = world.read(move |tx| revisions::latest(tx, other)).await.unwrap().unwrap();
        assert_eq!(latest.user.unwrap().username, "ada");
    }

    async fn sessions_of_an_impersonator_end_with_his_own(world: TestStore) {
        let now = world.now();
        let (root, ada) = (samples::user(1, "root", now), samples::user(2, "ada", now));
        let (own, mut taken) = (samples::session(1, root.id, now), samples::session(2, ada.id, now));
        let impersonation = Impersonation {
            by: root.id,
            user: EventUser::of(&root),
            session: own.id,
            reason: "ticket 4711".to_owned(),
        };
        taken.impersonator = Some(impersonation.clone());
        let (by, key) = (root.id, taken.key);
        world.write(move |tx| {
            users::create(tx, &root)?;
            users::create(tx, &ada)?;
            sessions::create(tx, &own)?;
            sessions::create(tx, &taken)
        }).await.unwrap();
        let found = world.read(move |tx| sessions::by_key(tx, &key)).await.unwrap().unwrap();
        assert_eq!(found.impersonator, Some(impersonation));
        assert_eq!(world.write(move |tx| sessions::delete_of_user(tx, by, None)).await.unwrap(), 2);
        assert!(world.read(move |tx| sessions::by_key(tx, &key)).await.unwrap().is_none());
    }

    async fn a_token_keeps_the_permissions_that_it_is_restricted_to(world: TestStore) {
        let mut token = samples::token(1, samples::user(1, "ada", world.now()).id, world.now());
        token.permissions = Some(vec!["authentik_core.view_user".to_owned()]);
        let (id, permissions) = (token.id, token.permissions.clone());
        world.write(move |tx| tokens::create(tx, &token)).await.unwrap();
        assert_eq!(world.read(move |tx| tokens::by_id(tx, id)).await.unwrap().unwrap().permissions, permissions);
    }
}
