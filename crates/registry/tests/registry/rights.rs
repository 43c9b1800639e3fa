//! Who may do what. Each story of an attack is named after it: somebody with every permission on the directory
//! but no more tries to become an administrator.

use countersign_model::UserId;
use countersign_registry::{Actor, Identity, ListQuery, Permission, ResourceError};
use countersign_store::{
    on_both_databases, roles, sessions,
    testing::{TestStore, samples},
};
use countersign_types::RawId;
use serde_json::{Value, json};

use crate::kinds::{House, complaints, object};

const USER: &str = "authentik_core.user";
const GROUP: &str = "authentik_core.group";
const ROLE: &str = "authentik_rbac.role";
const TOKEN: &str = "authentik_core.token";
const INITIAL: &str = "authentik_rbac.initialpermissions";

/// The people of these stories.
pub(crate) struct People {
    pub(crate) house: House,
    /// A superuser group.
    pub(crate) admins: RawId,
    /// Its member.
    pub(crate) ada: RawId,
    /// Runs the directory: every permission on users, groups, roles and tokens.
    pub(crate) dora: RawId,
    /// The role that gives it.
    pub(crate) directory: RawId,
    /// Nobody in particular.
    pub(crate) bob: RawId,
}

fn permissions(names: &[&str]) -> Value {
    names.iter().map(|name| json!({ "permission": name })).collect()
}

impl People {
    pub(crate) async fn gather(world: &TestStore) -> Self {
        let house = House::new();
        let make = |model, document| {
            let house = house.clone();
            async move { house.create(world, model, document).await.unwrap().id }
        };
        let admins = make(GROUP, json!({"name": "admins", "is_superuser": true})).await;
        let ada = make(USER, json!({"username": "ada", "groups": [admins]})).await;
        let mut held = Vec::new();
        for model in ["core.user", "core.group", "core.token", "rbac.role"] {
            let (app, model) = model.split_once('.').unwrap();
            for action in ["view", "add", "change", "delete"] {
                held.push(format!("authentik_{app}.{action}_{model}"));
            }
        }
        held.push("authentik_core.reset_user_password".to_owned());
        held.push("authentik_core.set_token_key".to_owned());
        let held: Vec<_> = held.iter().map(String::as_str).collect();
        let directory = make(ROLE, json!({"name": "directory", "permissions": permissions(&held)})).await;
        let dora = make(USER, json!({"username": "dora", "roles": [directory]})).await;
        let bob = make(USER, json!({"username": "bob"})).await;
        Self { house, admins, ada, dora, directory, bob }
    }

    /// Somebody with the rights that he has now.
    pub(crate) async fn actor(&self, world: &TestStore, id: RawId) -> Actor {
        Actor::User(self.identity(world, id).await.into())
    }

    async fn identity(&self, world: &TestStore, id: RawId) -> Identity {
        let subject = self.house.subject(world, id).await;
        let roles = world.store().read(roles::all).await.unwrap();
        let roles: Vec<_> = roles.into_iter().map(Into::into).collect();
        Identity::new(subject, &roles)
    }

    /// Dora makes something.
    async fn makes(
        &self,
        world: &TestStore,
        model: &'static str,
        document: Value,
    ) -> Result<(), ResourceError> {
        let (actor, document) = (self.actor(world, self.dora).await, object(document));
        self.house
            .act_as(world, actor, move |tx, cx| cx.registry.create(tx, cx, model, &document).map(drop))
            .await
    }

    /// Dora changes something.
    async fn changes(
        &self,
        world: &TestStore,
        model: &'static str,
        id: RawId,
        patch: Value,
    ) -> Result<(), ResourceError> {
        let (actor, patch) = (self.actor(world, self.dora).await, object(patch));
        self.house
            .act_as(world, actor, move |tx, cx| cx.registry.get(model)?.update(tx, cx, id, &patch).map(drop))
            .await
    }

    /// Dora deletes something.
    async fn deletes(&self, world: &TestStore, model: &'static str, id: RawId) -> Result<(), ResourceError> {
        let actor = self.actor(world, self.dora).await;
        self.house.act_as(world, actor, move |tx, cx| cx.registry.get(model)?.delete(tx, cx, id)).await
    }

    async fn is_superuser(&self, world: &TestStore, id: RawId) -> bool {
        self.house.subject(world, id).await.is_superuser()
    }
}

#[track_caller]
#[expect(clippy::needless_pass_by_value, reason = "stories hand over what came of it")]
fn refused(outcome: Result<(), ResourceError>) {
    assert!(matches!(outcome, Err(ResourceError::Denied)), "{outcome:?}");
}

on_both_databases! {
    async fn a_directory_administrator_does_his_work(world: TestStore) {
        let people = People::gather(&world).await;
        people.makes(&world, USER, json!({"username": "carol"})).await.unwrap();
        people.makes(&world, GROUP, json!({"name": "staff", "users": [people.bob]})).await.unwrap();
        people.changes(&world, USER, people.bob, json!({"email": "bob@x.test"})).await.unwrap();
        people.changes(&world, USER, people.bob, json!({"password": "canary-password"})).await.unwrap();
        people.changes(&world, USER, people.bob, json!({"roles": [people.directory]})).await.unwrap();
        people.makes(&world, TOKEN, json!({"identifier": "bobs", "user": people.bob})).await.unwrap();
        people.deletes(&world, USER, people.bob).await.unwrap();
    }

    async fn joining_a_superuser_group_is_refused(world: TestStore) {
        let people = People::gather(&world).await;
        let patch = json!({"groups": [people.admins]});
        refused(people.changes(&world, USER, people.dora, patch.clone()).await);
        refused(people.changes(&world, USER, people.bob, patch).await);
        let user = json!({"username": "eve", "groups": [people.admins]});
        refused(people.makes(&world, USER, user).await);
        refused(people.changes(&world, GROUP, people.admins, json!({"users": [people.dora]})).await);
        assert!(!people.is_superuser(&world, people.dora).await);
    }

    async fn making_a_superuser_group_is_refused(world: TestStore) {
        let people = People::gather(&world).await;
        refused(people.makes(&world, GROUP, json!({"name": "mine", "is_superuser": true})).await);
        people.makes(&world, GROUP, json!({"name": "mine", "users": [people.dora]})).await.unwrap();
        let mine = people.house.act(&world, |tx, cx| cx.registry.get(GROUP)?.find(tx, &object(json!({"name": "mine"}))));
        let mine = mine.await.unwrap().unwrap();
        refused(people.changes(&world, GROUP, mine, json!({"is_superuser": true})).await);
        refused(people.changes(&world, GROUP, people.admins, json!({"is_superuser": false})).await);
    }

    async fn a_group_put_below_a_superuser_group_is_refused(world: TestStore) {
        let people = People::gather(&world).await;
        let parent = people.house.create(&world, GROUP, json!({"name": "middle", "parents": [people.admins]})).await;
        let middle = parent.unwrap().id;
        for parent in [people.admins, middle] {
            refused(people.makes(&world, GROUP, json!({"name": "below", "parents": [parent]})).await);
        }
        refused(people.changes(&world, USER, people.dora, json!({"groups": [middle]})).await);
    }

    async fn taking_over_an_administrators_account_is_refused(world: TestStore) {
        let people = People::gather(&world).await;
        for patch in [
            json!({"email": "dora@x.test"}),
            json!({"password": "canary-password"}),
            json!({"password_hash": "$argon2id$v=19$mine"}),
            json!({"username": "nobody"}),
            json!({"is_active": false}),
            json!({"groups": []}),
        ] {
            refused(people.changes(&world, USER, people.ada, patch).await);
        }
        refused(people.deletes(&world, USER, people.ada).await);
        refused(people.deletes(&world, GROUP, people.admins).await);
        assert!(people.is_superuser(&world, people.ada).await);
    }

    async fn a_token_of_an_administrator_is_refused(world: TestStore) {
        let people = People::gather(&world).await;
        for intent in ["api", "app_password", "recovery"] {
            let token = json!({"identifier": "t", "user": people.ada, "intent": intent});
            refused(people.makes(&world, TOKEN, token).await);
        }
        let token = json!({"identifier": "own", "user": people.dora});
        people.makes(&world, TOKEN, token).await.unwrap();
        let own = people.house.act(&world, |tx, cx| cx.registry.get(TOKEN)?.resolve(tx, "own")).await.unwrap().unwrap();
        refused(people.changes(&world, TOKEN, own, json!({"user": people.ada})).await);
        let adas = json!({"identifier": "adas", "user": people.ada});
        let adas = people.house.create(&world, TOKEN, adas).await.unwrap().id;
        let patch = json!({"user": people.dora, "key": "a value that I know well"});
        refused(people.changes(&world, TOKEN, adas, patch).await);
        refused(people.deletes(&world, TOKEN, adas).await);
    }

    async fn a_token_wider_than_the_token_it_is_made_with_is_refused(world: TestStore) {
        let people = People::gather(&world).await;
        let identity = people.identity(&world, people.dora).await;
        let scope = [Permission::add(TOKEN), Permission::view(TOKEN), Permission::view(USER)];
        let actor = Actor::User(identity.within(scope.into_iter().collect()).into());
        let make = |name: &'static str, permissions: Value| {
            let (house, actor, user) = (people.house.clone(), actor.clone(), people.dora);
            let token = object(json!({"identifier": name, "user": user, "permissions": permissions}));
            let world = &world;
            async move {
                house.act_as(world, actor, move |tx, cx| cx.registry.create(tx, cx, TOKEN, &token).map(drop)).await
            }
        };
        refused(make("all", Value::Null).await);
        refused(make("more", json!(["authentik_core.delete_user"])).await);
        make("same", json!(["authentik_core.view_user"])).await.unwrap();
    }

    async fn a_role_beyond_ones_own_rights_is_refused(world: TestStore) {
        let people = People::gather(&world).await;
        let flows = permissions(&["authentik_flows.change_flow"]);
        refused(people.makes(&world, ROLE, json!({"name": "more", "permissions": flows})).await);
        refused(people.changes(&world, ROLE, people.directory, json!({"permissions": flows})).await);
        let more = people.house.create(&world, ROLE, json!({"name": "more", "permissions": flows})).await.unwrap().id;
        for id in [people.dora, people.bob] {
            refused(people.changes(&world, USER, id, json!({"roles": [more]})).await);
        }
        refused(people.makes(&world, USER, json!({"username": "eve", "roles": [more]})).await);
        refused(people.makes(&world, GROUP, json!({"name": "eves", "roles": [more]})).await);
        refused(people.changes(&world, ROLE, more, json!({"name": "less"})).await);
        refused(people.deletes(&world, ROLE, more).await);
        let powerful = json!({"name": "powerful", "roles": [more]});
        let powerful = people.house.create(&world, GROUP, powerful).await.unwrap().id;
        refused(people.changes(&world, USER, people.dora, json!({"groups": [powerful]})).await);
        refused(people.makes(&world, GROUP, json!({"name": "child", "parents": [powerful]})).await);
        let equal = permissions(&["authentik_core.view_user"]);
        people.makes(&world, ROLE, json!({"name": "readers", "permissions": equal})).await.unwrap();
    }

    async fn initial_permissions_beyond_ones_own_rights_are_refused(world: TestStore) {
        let people = People::gather(&world).await;
        let rbac = ["view", "add", "change", "delete"].map(|action| format!("authentik_rbac.{action}_initialpermissions"));
        let rbac: Vec<&str> = rbac.iter().map(String::as_str).collect();
        let role = json!({"name": "rbac", "permissions": permissions(&rbac)});
        let role = people.house.create(&world, ROLE, role).await.unwrap().id;
        people.house.update(&world, USER, people.dora, json!({"roles": [people.directory, role]})).await.unwrap();
        let initial = |name: &str, role: RawId, permission: &str| {
            json!({"name": name, "role": role, "permissions": [permission]})
        };
        let beyond = "authentik_flows.change_flow";
        refused(people.makes(&world, INITIAL, initial("mine", people.directory, beyond)).await);
        people.makes(&world, INITIAL, initial("mine", people.directory, "authentik_core.change_user")).await.unwrap();
        let mine = people.house.act(&world, |tx, cx| cx.registry.get(INITIAL)?.find(tx, &object(json!({"name": "mine"}))));
        let mine = mine.await.unwrap().unwrap();
        refused(people.changes(&world, INITIAL, mine, json!({"permissions": [beyond]})).await);

        let strong = json!({"name": "strong", "permissions": permissions(&[beyond])});
        let strong = people.house.create(&world, ROLE, strong).await.unwrap().id;
        refused(people.makes(&world, INITIAL, initial("strong", strong, "authentik_core.change_user")).await);
        refused(people.changes(&world, INITIAL, mine, json!({"role": strong})).await);

        // A role that holds nothing itself, and is given more than hers on whatever its holders make.
        let coming = people.house.create(&world, ROLE, json!({"name": "coming"})).await.unwrap().id;
        let others = people.house.create(&world, INITIAL, initial("others", coming, beyond)).await.unwrap().id;
        refused(people.changes(&world, INITIAL, others, json!({"permissions": []})).await);
        refused(people.deletes(&world, INITIAL, others).await);
        refused(people.changes(&world, USER, people.dora, json!({"roles": [people.directory, role, coming]})).await);
        refused(people.makes(&world, GROUP, json!({"name": "eves", "roles": [coming]})).await);
        let holder = json!({"username": "holder", "roles": [coming]});
        let holder = people.house.create(&world, USER, holder).await.unwrap().id;
        refused(people.changes(&world, USER, holder, json!({"password": "canary-password"})).await);
    }

    async fn whoever_makes_an_object_gets_what_his_role_is_given_on_it(world: TestStore) {
        let people = People::gather(&world).await;
        let adds = json!({"name": "adds", "permissions": permissions(&["authentik_core.add_group"])});
        let adds = people.house.create(&world, ROLE, adds).await.unwrap().id;
        let initial = json!({"name": "own groups", "role": adds, "permissions": [
            "authentik_core.view_group", "authentik_core.change_group", "authentik_core.view_user",
        ]});
        people.house.create(&world, INITIAL, initial).await.unwrap();
        let maker = people.house.create(&world, USER, json!({"username": "maker", "roles": [adds]})).await.unwrap().id;
        let actor = people.actor(&world, maker).await;
        let make = |actor: Actor, name: &'static str| {
            let (house, group) = (people.house.clone(), object(json!({"name": name})));
            let world = &world;
            async move { house.act_as(world, actor, move |tx, cx| cx.registry.create(tx, cx, GROUP, &group)).await }
        };
        let made = make(actor, "mine").await.unwrap();
        let names: Vec<&str> = made.given.iter().map(|given| given.permission.as_str()).collect();
        assert_eq!(names, ["authentik_core.change_group", "authentik_core.view_group"], "what is about users is not given");
        let actor = people.actor(&world, maker).await;
        let (mine, other) = (made.id, people.house.create(&world, GROUP, json!({"name": "other"})).await.unwrap().id);
        let may = |id| actor.may(&Permission::change(GROUP), Some(id));
        assert!(may(mine) && !may(other), "only what its holders made");
        assert!(!actor.may(&Permission::delete(GROUP), Some(mine)));
        let role = world.store().read(move |tx| roles::by_id(tx, countersign_model::RoleId(adds))).await.unwrap().unwrap();
        assert_eq!(role.permissions.iter().filter(|held| held.object == Some(mine)).count(), 2);
        // Nothing is given for what Countersign makes, or who does not hold the role.
        assert!(people.house.create(&world, GROUP, json!({"name": "third"})).await.unwrap().given.is_empty());
        assert!(make(people.actor(&world, people.dora).await, "fourth").await.unwrap().given.is_empty());
        // With the role goes what it was to be given.
        people.house.act(&world, move |tx, cx| cx.registry.get(ROLE)?.delete(tx, cx, adds)).await.unwrap();
        let left = people.house.act(&world, |tx, cx| cx.registry.get(INITIAL)?.ids(tx)).await.unwrap();
        assert!(left.is_empty());
    }

    async fn an_object_permission_does_not_become_one_for_all_objects(world: TestStore) {
        let people = People::gather(&world).await;
        let one = json!([
            {"permission": "authentik_core.view_user", "object": people.bob},
            {"permission": "authentik_core.change_user", "object": people.bob},
            {"permission": "authentik_rbac.add_role"}, {"permission": "authentik_rbac.view_role"},
        ]);
        let role = people.house.create(&world, ROLE, json!({"name": "bobs", "permissions": one})).await.unwrap().id;
        let eve = json!({"username": "eve", "roles": [role]});
        let eve = people.house.create(&world, USER, eve).await.unwrap().id;
        let eve = people.actor(&world, eve).await;
        let make = |name: &'static str, permissions: Value| {
            let (house, actor, world) = (people.house.clone(), eve.clone(), &world);
            let role = object(json!({"name": name, "permissions": permissions}));
            async move {
                house.act_as(world, actor, move |tx, cx| cx.registry.create(tx, cx, ROLE, &role).map(drop)).await
            }
        };
        refused(make("wide", permissions(&["authentik_core.change_user"])).await);
        refused(make("other", json!([{"permission": "authentik_core.change_user", "object": people.ada}])).await);
        make("same", json!([{"permission": "authentik_core.change_user", "object": people.bob}])).await.unwrap();
    }

    async fn enrolment_into_a_superuser_group_is_refused(world: TestStore) {
        let people = People::gather(&world).await;
        let stages = permissions(&["test.view_bell", "test.add_bell", "test.change_bell", "authentik_core.view_group"]);
        let role = json!({"name": "stages", "permissions": stages});
        let role = people.house.create(&world, ROLE, role).await.unwrap().id;
        people.house.update(&world, USER, people.dora, json!({"roles": [people.directory, role]})).await.unwrap();
        let plain = people.house.create(&world, GROUP, json!({"name": "plain"})).await.unwrap().id;
        people.makes(&world, "test.bell", json!({"name": "ok", "crew": plain})).await.unwrap();
        refused(people.makes(&world, "test.bell", json!({"name": "no", "crew": people.admins})).await);
    }

    async fn what_is_kept_applied_without_limits_is_chosen_by_who_has_none(world: TestStore) {
        let people = People::gather(&world).await;
        let all = permissions(&[
            "authentik_blueprints.view_blueprintinstance", "authentik_blueprints.add_blueprintinstance",
        ]);
        let role = people.house.create(&world, ROLE, json!({"name": "files", "permissions": all})).await.unwrap().id;
        people.house.update(&world, USER, people.dora, json!({"roles": [people.directory, role]})).await.unwrap();
        let instance = json!({"name": "mine", "path": "evil.yaml"});
        refused(people.makes(&world, "authentik_blueprints.blueprintinstance", instance).await);
    }

    async fn what_is_not_visible_is_not_there(world: TestStore) {
        let people = People::gather(&world).await;
        let nod = people.house.create(&world, "test.nod", json!({"name": "secret rule"})).await.unwrap().id;
        let actor = people.actor(&world, people.dora).await;
        let (seen, list, usage, revisions) = people
            .house
            .act_as(&world, actor, move |tx, cx| {
                let (resource, cx) = (cx.registry.get("test.nod")?, cx.reading());
                let query = ListQuery { count: true, ..ListQuery::first(10) };
                Ok((
                    resource.view(tx, cx, nod)?.is_some(),
                    resource.list(tx, cx, &query)?,
                    resource.usage(tx, cx, nod).is_err(),
                    resource.revisions(tx, cx, nod, &countersign_types::PageRequest::first(5)).is_err(),
                ))
            })
            .await
            .unwrap();
        assert!(!seen && list.items.is_empty() && list.count == Some(0) && usage && revisions);
        for outcome in [
            people.changes(&world, "test.nod", nod, json!({"name": "x"})).await,
            people.deletes(&world, "test.nod", nod).await,
        ] {
            assert!(matches!(outcome, Err(ResourceError::NotFound)), "{outcome:?}");
        }
        let guard = json!({"name": "b", "policies": [nod]});
        let actor = people.actor(&world, people.dora).await;
        let outcome = people.house.act_as(&world, actor, move |tx, cx| {
            cx.registry.create(tx, cx, "test.bell", &object(guard.clone()))
        });
        assert!(matches!(outcome.await, Err(ResourceError::Denied)), "making needs permission first");
    }

    async fn a_reference_to_what_is_not_visible_does_not_exist(world: TestStore) {
        let people = People::gather(&world).await;
        let nod = people.house.create(&world, "test.nod", json!({"name": "n"})).await.unwrap().id;
        let bell = people.house.create(&world, "test.bell", json!({"name": "b", "policies": [nod]})).await.unwrap().id;
        let stages = permissions(&["test.view_bell", "test.add_bell", "test.change_bell"]);
        let role = people.house.create(&world, ROLE, json!({"name": "stages", "permissions": stages})).await.unwrap().id;
        people.house.update(&world, USER, people.dora, json!({"roles": [role]})).await.unwrap();
        let outcome = people.makes(&world, "test.bell", json!({"name": "c", "policies": [nod]})).await;
        assert_eq!(complaints(outcome), [("policies.0".to_owned(), "does_not_exist")]);
        people.changes(&world, "test.bell", bell, json!({"times": 2})).await.unwrap();
    }

    async fn seeing_is_not_changing_and_one_object_is_not_all(world: TestStore) {
        let people = People::gather(&world).await;
        let make = |name: &'static str| people.house.create(&world, "test.nod", json!({"name": name}));
        let (a, b) = (make("a").await.unwrap().id, make("b").await.unwrap().id);
        let rights = json!([
            {"permission": "test.view_nod"},
            {"permission": "test.change_nod", "object": a},
        ]);
        let role = people.house.create(&world, ROLE, json!({"name": "nods", "permissions": rights})).await.unwrap().id;
        people.house.update(&world, USER, people.dora, json!({"roles": [role]})).await.unwrap();
        people.changes(&world, "test.nod", a, json!({"name": "aa"})).await.unwrap();
        refused(people.changes(&world, "test.nod", b, json!({"name": "bb"})).await);
        refused(people.deletes(&world, "test.nod", a).await);
        refused(people.makes(&world, "test.nod", json!({"name": "c"})).await);
        let only = json!({"permissions": [{"permission": "test.view_nod", "object": b}]});
        people.house.update(&world, ROLE, role, only).await.unwrap();
        let actor = people.actor(&world, people.dora).await;
        let page = people.house.act_as(&world, actor, |tx, cx| {
            cx.registry.get("test.nod")?.list(tx, cx.reading(), &ListQuery { count: true, ..ListQuery::first(9) })
        });
        let page = page.await.unwrap();
        assert_eq!((page.items.len(), page.count, page.items[0].id), (1, Some(1), b));
    }

    async fn switching_an_account_off_ends_what_it_holds(world: TestStore) {
        let people = People::gather(&world).await;
        let session = samples::session(1, UserId(people.bob), countersign_types::Timestamp::from_secs(1));
        let (kept, id) = (session.clone(), session.id);
        world.store().write(move |tx| sessions::create(tx, &kept)).await.unwrap();
        people.changes(&world, USER, people.bob, json!({"is_active": false})).await.unwrap();
        assert!(world.store().read(move |tx| sessions::by_id(tx, id)).await.unwrap().is_none());
    }
}
