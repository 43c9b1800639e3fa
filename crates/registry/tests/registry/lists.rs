//! Lists, look-ups, and what deletion would do.

use countersign_model::ReputationRule;
use countersign_registry::{
    Actor, Filter, FilterOp, ListPage, ListQuery, Order, ReadCx, ResourceError, Start, UsageAction,
};
use countersign_store::{
    StoreError, Tx, on_both_databases,
    reputations::{self, Observed},
    testing::TestStore,
};
use countersign_types::Span;
use serde_json::{Value, json};

use crate::kinds::House;

async fn read<T: Send + 'static>(
    house: &House,
    world: &TestStore,
    work: impl Fn(&mut Tx<'_>, ReadCx<'_>) -> Result<T, ResourceError> + Send + 'static,
) -> Result<T, ResourceError> {
    let registry = std::sync::Arc::clone(&house.registry);
    world.store().read(move |tx| work(tx, registry.read_as(&Actor::System))).await
}

async fn list(house: &House, world: &TestStore, model: &'static str, query: ListQuery) -> ListPage {
    read(house, world, move |tx, cx| cx.registry.get(model)?.list(tx, cx, &query)).await.unwrap()
}

fn names(page: &ListPage) -> Vec<&str> {
    page.items.iter().map(|item| item.name.as_str()).collect()
}

fn query(filters: Vec<Filter>, order: &str) -> ListQuery {
    let order = vec![Order { field: order.to_owned(), descending: true }];
    ListQuery { filters, order, count: true, computed: true, ..ListQuery::first(50) }
}

on_both_databases! {
    async fn few_objects_are_filtered_and_ordered_by_any_attribute(world: TestStore) {
        let house = House::new();
        let flow = json!({"name": "f", "slug": "f", "title": "F", "designation": "enrollment"});
        let flow = house.create(&world, "authentik_flows.flow", flow).await.unwrap().id;
        for (name, times) in [("a", 3), ("b", 1), ("c", 2)] {
            let bell = json!({"name": name, "times": times, "password": "canary-ding"});
            let bell = house.create(&world, "test.bell", bell).await.unwrap().id;
            if name != "c" {
                let binding = json!({"target": flow, "stage": bell, "order": times});
                house.create(&world, "authentik_flows.flowstagebinding", binding).await.unwrap();
            }
        }
        let page = list(&house, &world, "test.bell", query(Vec::new(), "times")).await;
        assert_eq!((names(&page), page.count), (vec!["a", "c", "b"], Some(3)));
        assert!(page.items.iter().all(|item| !format!("{item:?}").contains("canary")));
        assert_eq!(page.items[0].computed["flow_set"][0]["slug"], json!("f"));
        assert_eq!(page.items[0].computed["meta_model_name"], json!("test.bell"));
        let bound = Filter { field: "flow_set".to_owned(), op: FilterOp::IsNull, values: vec!["true".to_owned()] };
        let page = list(&house, &world, "test.bell", query(vec![bound], "name")).await;
        assert_eq!(names(&page), ["c"], "by what is worked out, too");
        let outcome = read(&house, &world, |tx, cx| {
            cx.registry.get("test.bell")?.list(tx, cx, &query(Vec::new(), "colour"))
        });
        assert!(matches!(outcome.await, Err(ResourceError::UnknownAttribute(_))));
    }

    async fn pages_follow_one_another(world: TestStore) {
        let house = House::new();
        for name in ["a", "b", "c"] {
            house.create(&world, "test.nod", json!({"name": name})).await.unwrap();
            house.create(&world, "authentik_core.user", json!({"username": name})).await.unwrap();
        }
        for model in ["test.nod", "authentik_core.user"] {
            let first = list(&house, &world, model, ListQuery::first(2)).await;
            assert_eq!(names(&first), ["a", "b"]);
            let next = ListQuery { start: Start::After(first.next.unwrap()), ..ListQuery::first(2) };
            let next = list(&house, &world, model, next).await;
            assert_eq!((names(&next), next.next.is_none()), (vec!["c"], true));
            let skipped = ListQuery { start: Start::Skip(1), ..ListQuery::first(1) };
            assert_eq!(names(&list(&house, &world, model, skipped).await), ["b"]);
        }
    }

    async fn users_are_searched_and_shown_with_what_clients_expect(world: TestStore) {
        let house = House::new();
        let role = house.create(&world, "authentik_rbac.role", json!({"name": "r"})).await.unwrap().id;
        let admins = json!({"name": "admins", "is_superuser": true});
        let admins = house.create(&world, "authentik_core.group", admins).await.unwrap().id;
        let below = json!({"name": "below", "parents": [admins], "roles": [role]});
        let below = house.create(&world, "authentik_core.group", below).await.unwrap().id;
        let ada = json!({
            "username": "ada", "name": "Ada Lovelace", "groups": [below], "password": "canary-password",
            "attributes": {"team": "red"}
        });
        let ada = house.create(&world, "authentik_core.user", ada).await.unwrap().id;
        house.create(&world, "authentik_core.user", json!({"username": "bob"})).await.unwrap();
        let search = ListQuery { search: Some("love".to_owned()), computed: true, ..ListQuery::first(5) };
        let page = list(&house, &world, "authentik_core.user", search).await;
        assert_eq!(names(&page), ["Ada Lovelace"]);
        let seen = &page.items[0];
        assert_eq!(seen.key, seen.computed["pk"].to_string());
        assert_eq!(seen.computed["is_superuser"], json!(true), "through a parent");
        assert_eq!(seen.computed["groups_obj"][0]["name"], json!("below"));
        assert_eq!(seen.computed["has_password"], json!(true));
        for filter in [
            Filter::is("attributes.team", "red"),
            Filter::is("groups", below.to_string()),
            Filter::is("is_superuser", "true"),
            Filter::is("pk", seen.key.clone()),
            Filter::is("uuid", ada.to_string()),
        ] {
            let page = list(&house, &world, "authentik_core.user", query(vec![filter.clone()], "username")).await;
            assert_eq!(names(&page), ["Ada Lovelace"], "{filter:?}");
        }
        let group = read(&house, &world, move |tx, cx| cx.registry.get("authentik_core.group")?.view(tx, cx, below));
        let group = group.await.unwrap().unwrap();
        assert_eq!(group.computed["users_obj"][0]["username"], json!("ada"));
        assert_eq!(group.computed["parents_obj"][0]["name"], json!("admins"));
        assert_eq!(group.computed["roles_obj"][0]["name"], json!("r"));
        assert_eq!(group.document["roles"], json!([role]));
    }

    async fn a_search_of_scores_finds_a_whole_name_or_address_and_nothing_else(world: TestStore) {
        let house = House::new();
        world
            .write(|tx| {
                let rule = ReputationRule { lower: -5, upper: 5, remembered: Span::from_hours(24) };
                for (identifier, ip) in [("ada", "192.0.2.1"), ("bob", "2001:db8::1")] {
                    let (identifier, ip) = (identifier.to_owned(), ip.to_owned());
                    reputations::observe(tx, &Observed { identifier, ip, by: -1, ..Observed::default() }, &rule)?;
                }
                Ok::<_, StoreError>(())
            })
            .await
            .unwrap();
        for (text, found) in
            [("Ada", vec!["ada"]), (" 2001:db8::1 ", vec!["bob"]), ("zzz", vec![]), ("", vec!["ada", "bob"])]
        {
            let search = ListQuery { search: Some(text.to_owned()), ..ListQuery::first(5) };
            let page = list(&house, &world, "authentik_policies_reputation.reputation", search).await;
            let mut names = names(&page);
            names.sort_unstable();
            assert_eq!(names, found, "{text}");
        }
    }

    async fn addresses_name_objects(world: TestStore) {
        let house = House::new();
        let flow = json!({"name": "f", "slug": "welcome", "title": "F", "designation": "enrollment"});
        let flow = house.create(&world, "authentik_flows.flow", flow).await.unwrap().id;
        let user = house.create(&world, "authentik_core.user", json!({"username": "ada"})).await.unwrap().id;
        let nod = house.create(&world, "test.nod", json!({"name": "n"})).await.unwrap().id;
        let gate = house.create(&world, "test.gate", json!({"name": "g", "address": "a"})).await.unwrap().id;
        for (model, id) in [
            ("authentik_flows.flow", flow), ("authentik_core.user", user), ("test.nod", nod), ("test.gate", gate),
        ] {
            let resolved = read(&house, &world, move |tx, cx| {
                let resource = cx.registry.get(model)?;
                let key = resource.view(tx, cx, id)?.unwrap().key;
                Ok((key.clone(), resource.resolve(tx, &key)?, resource.resolve(tx, &id.to_string())?, resource.resolve(tx, "nothing")?))
            });
            let (key, by_key, by_id, nothing) = resolved.await.unwrap();
            assert_eq!((by_key, by_id, nothing), (Some(id), Some(id), None), "{model} {key}");
        }
    }

    async fn a_family_is_one_list(world: TestStore) {
        let house = House::new();
        house.create(&world, "test.bell", json!({"name": "b"})).await.unwrap();
        house.create(&world, "test.bell", json!({"name": "a"})).await.unwrap();
        let page = read(&house, &world, |tx, cx| {
            cx.registry.list_family(tx, cx, "stage", &ListQuery { count: true, ..ListQuery::first(1) })
        });
        let page = page.await.unwrap();
        assert_eq!((names(&page), page.count, page.next.is_some()), (vec!["a"], Some(2), true));
        assert_eq!(page.items[0].model, "test.bell");
    }

    async fn deleting_the_last_guard_of_something_is_said_expressly(world: TestStore) {
        let house = House::new();
        let app = house.create(&world, "authentik_core.application", json!({"name": "A", "slug": "a"})).await.unwrap().id;
        let nod = house.create(&world, "test.nod", json!({"name": "n"})).await.unwrap().id;
        let other = house.create(&world, "test.nod", json!({"name": "other"})).await.unwrap().id;
        let bob = house.create(&world, "authentik_core.user", json!({"username": "bob"})).await.unwrap().id;
        let bind = |what: Value| house.create(&world, "authentik_policies.policybinding", what);
        bind(json!({"target": app, "policy": nod, "order": 0})).await.unwrap();
        bind(json!({"target": app, "policy": other, "order": 1, "enabled": false})).await.unwrap();
        let usage = read(&house, &world, move |tx, cx| cx.registry.get("test.nod")?.usage(tx, cx, nod)).await.unwrap();
        let actions: Vec<_> = usage.iter().map(|usage| (usage.model.as_str(), usage.action)).collect();
        assert_eq!(actions, [
            ("authentik_policies.policybinding", UsageAction::Cascade),
            ("authentik_core.application", UsageAction::Opens),
        ]);
        let outcome = house.delete(&world, "test.nod", nod).await;
        let Err(ResourceError::WouldOpen(opened)) = outcome else { panic!("{outcome:?}") };
        assert_eq!((opened.len(), opened[0].id, opened[0].name.as_str()), (1, app, "A"));
        house.delete(&world, "test.nod", other).await.unwrap();
        bind(json!({"target": app, "user": bob, "order": 2})).await.unwrap();
        house.delete(&world, "test.nod", nod).await.unwrap();
        let outcome = house.delete(&world, "authentik_core.user", bob).await;
        assert!(matches!(outcome, Err(ResourceError::WouldOpen(_))), "{outcome:?}");
        house
            .act(&world, move |tx, cx| cx.registry.get("authentik_core.user")?.delete(tx, cx.opening(true), bob))
            .await
            .unwrap();
        let left = list(&house, &world, "authentik_policies.policybinding", ListQuery::first(5)).await;
        assert!(left.items.is_empty());
    }

    async fn a_binding_expires(world: TestStore) {
        let house = House::new();
        let app = house.create(&world, "authentik_core.application", json!({"name": "A", "slug": "a"})).await.unwrap().id;
        let bob = house.create(&world, "authentik_core.user", json!({"username": "bob"})).await.unwrap().id;
        let binding = json!({"target": app, "user": bob, "order": 0, "expiring": true, "expires": "2027-01-02T03:04:05Z"});
        let id = house.create(&world, "authentik_policies.policybinding", binding).await.unwrap().id;
        let document = house.read(&world, "authentik_policies.policybinding", id).await.unwrap();
        assert_eq!((&document["expiring"], &document["expires"]), (&json!(true), &json!("2027-01-02T03:04:05.000000Z")));
        house.update(&world, "authentik_policies.policybinding", id, json!({"expiring": false})).await.unwrap();
        let document = house.read(&world, "authentik_policies.policybinding", id).await.unwrap();
        assert_eq!(document["expires"], Value::Null);
    }
}
