//! A walk over every row of the table, with every sort of caller.
//!
//! | caller | open rows | rows about oneself | rows with a permission |
//! |---|---|---|---|
//! | nobody | let in | 401 | 401 |
//! | no permission | let in | let in | 403, or 404 where the path names an object |
//! | view alone | let in | let in | let in to look, else 403 or 404 |
//! | one object | – | – | sees that one and no other |
//! | administrator | let in | let in | let in |

use std::collections::{BTreeMap, BTreeSet};

use countersign_api::{Access, Endpoint, Method};
use countersign_testkit::{Backend, TestApp};
use serde_json::{Value, json};

use crate::world::{Program, Reply, admin, program_with};

/// Names an object that is not there, whatever the kind.
const NOBODY: &str = "00000000-0000-4000-8000-000000000000";

/// What the rows of the table are tried with.
struct World {
    app: TestApp,
    rows: Vec<Endpoint>,
    admin: Program,
    /// An object by the path of its list: its key in addresses, and its `pk`.
    objects: BTreeMap<String, (String, Value)>,
}

impl World {
    async fn new() -> Self {
        let app = TestApp::start(Backend::Sqlite).await.unwrap();
        app.finish_setup().await;
        let admin = admin(&app).await;
        let mut rows = countersign_server::endpoints().unwrap();
        rows.retain(|row| row.handler.is_some());
        let mut world = Self { app, rows, admin, objects: BTreeMap::new() };
        world.find_objects().await;
        world
    }

    /// One object of every kind that has any.
    async fn find_objects(&mut self) {
        let lists: Vec<(String, String)> = self
            .rows
            .iter()
            .filter_map(|row| {
                let (list, key) = row.path.trim_end_matches('/').rsplit_once('/')?;
                let key = key.strip_prefix('{')?.strip_suffix('}')?;
                Some((format!("{list}/"), key.to_owned()))
            })
            .collect();
        for (list, key) in lists {
            if self.objects.contains_key(&list) || list.contains('{') {
                continue;
            }
            let found = self.admin.get(&format!("{list}?page_size=1")).await;
            let Some(first) = found.body["results"].get(0) else { continue };
            let named = first.get(&key).unwrap_or(&first["pk"]);
            let address = named.as_str().map_or_else(|| named.to_string(), str::to_owned);
            self.objects.insert(list, (address, first["pk"].clone()));
        }
    }

    /// The address of a row, with objects in its braces that are there if there are any.
    fn address(&self, row: &Endpoint) -> String {
        let mut path = String::new();
        for segment in row.path.trim_end_matches('/').split('/') {
            match segment.starts_with('{') {
                true => path.push_str(self.objects.get(&path).map_or(NOBODY, |(key, _)| key)),
                false => path.push_str(segment),
            }
            path.push('/');
        }
        path
    }
}

/// The address of a row, with nothing that is there in its braces.
fn nowhere(row: &Endpoint) -> String {
    let segments = row.path.split('/');
    segments
        .map(|segment| if segment.starts_with('{') { NOBODY } else { segment })
        .collect::<Vec<_>>()
        .join("/")
}

async fn call(program: &Program, row: &Endpoint, path: &str) -> Reply {
    let method = reqwest::Method::from_bytes(row.method.as_str().as_bytes()).unwrap();
    let request = program.request(method, path);
    program.send(if row.method == Method::Get { request } else { request.json(&json!({})) }).await
}

fn is_to_look(row: &Endpoint) -> bool {
    row.access.permissions().iter().all(|permission| permission.codename().starts_with("view_"))
}

#[tokio::test]
async fn nobody_gets_past_the_door() {
    let world = World::new().await;
    let nobody = Program::new(&world.app, None);
    for row in &world.rows {
        let reply = call(&nobody, row, &nowhere(row)).await;
        match row.access {
            Access::Anyone => assert!(reply.status != 401 && reply.status < 500, "{row:?}: {}", reply.status),
            _ => {
                assert_eq!(reply.status, 401, "{row:?}: {}", reply.text);
                assert!(reply.body["detail"].is_string(), "{row:?}");
                assert!(reply.header("www-authenticate").starts_with("Bearer"), "{row:?}");
            }
        }
    }
    world.app.verify().await;
}

#[tokio::test]
async fn without_permission_nothing_is_seen_or_done() {
    let world = World::new().await;
    let stranger = program_with(&world.app, &world.admin, "stranger", &[]).await;
    for row in &world.rows {
        if row.access.permissions().is_empty() {
            continue;
        }
        let reply = call(&stranger, row, &world.address(row)).await;
        let is_refused = match row.path_params().next() {
            None => reply.status == 403,
            Some(_) => matches!(reply.status, 403 | 404),
        };
        assert!(is_refused, "{row:?}: {} {}", reply.status, reply.text);
        if row.path_params().next().is_some()
            && row.method == Method::Get
            && matches!(row.access, Access::Object(_))
        {
            assert_eq!(reply.status, 404, "{row:?}: what is not visible is not found: {}", reply.text);
        }
    }
    world.app.verify().await;
}

#[tokio::test]
async fn whoever_may_look_changes_nothing() {
    let world = World::new().await;
    let looks: BTreeSet<String> = world
        .rows
        .iter()
        .filter(|row| is_to_look(row))
        .flat_map(|row| row.access.permissions())
        .map(|permission| permission.as_str().to_owned())
        .collect();
    let looks: Vec<(&str, Option<&str>)> = looks.iter().map(|name| (name.as_str(), None)).collect();
    let viewer = program_with(&world.app, &world.admin, "viewer", &looks).await;
    for row in world.rows.iter().filter(|row| !row.access.permissions().is_empty()) {
        let address = world.address(row);
        let reply = call(&viewer, row, &address).await;
        if is_to_look(row) {
            assert!(
                !matches!(reply.status, 401 | 403),
                "{row:?} at {address}: {} {}",
                reply.status,
                reply.text
            );
        } else {
            let expected: &[u16] = if address.contains(NOBODY) { &[403, 404] } else { &[403] };
            assert!(
                expected.contains(&reply.status),
                "{row:?} at {address}: {} {}",
                reply.status,
                reply.text
            );
        }
        assert!(reply.status < 500, "{row:?} at {address}: {} {}", reply.status, reply.text);
    }
    world.app.verify().await;
}

#[tokio::test]
async fn a_permission_for_one_object_reaches_that_one() {
    let world = World::new().await;
    let mut tried = 0;
    for (list, (key, pk)) in &world.objects {
        let row = world.rows.iter().find(|row| row.path == *list && row.method == Method::Get);
        let Some(row) = row.filter(|row| matches!(row.access, Access::Object(_))) else { continue };
        let permission = row.access.permissions()[0].as_str().to_owned();
        let all = world.admin.get(&format!("{list}?page_size=100")).await.ok();
        let results = all["results"].as_array().unwrap();
        // Integers in addresses, identifiers in permissions.
        let id = results[0].get("uuid").unwrap_or(pk).as_str().map(str::to_owned);
        let Some(id) = id else { continue };
        let name = format!("narrow-{}", list.replace(['/', '_'], "-"));
        let narrow = program_with(&world.app, &world.admin, &name, &[(&permission, Some(&id))]).await;
        let seen = narrow.get(list).await.ok();
        assert_eq!(seen["pagination"]["count"], 1, "{list}: {seen}");
        assert_eq!(seen["results"][0]["pk"], *pk, "{list}");
        assert_eq!(narrow.get(&format!("{list}{key}/")).await.status, 200, "{list}");
        // What the test itself does is among the events, before the one that it looks for.
        if let Some(other) = results.iter().map(|found| &found["pk"]).find(|other| *other != pk) {
            let other = other.as_str().map_or_else(|| other.to_string(), str::to_owned);
            assert_eq!(narrow.get(&format!("{list}{other}/")).await.status, 404, "{list}");
        }
        for method in [reqwest::Method::PATCH, reqwest::Method::DELETE] {
            let request = narrow.request(method.clone(), &format!("{list}{key}/")).json(&json!({}));
            let status = narrow.send(request).await.status;
            assert!(matches!(status, 403 | 405), "{method} {list}{key}/: {status}");
        }
        tried += 1;
    }
    assert!(tried >= 15, "{tried}");
    world.app.verify().await;
}

#[tokio::test]
async fn an_administrator_is_let_in_everywhere() {
    let world = World::new().await;
    for row in &world.rows {
        // What is not there is neither changed nor deleted.
        let address = if row.method == Method::Get { world.address(row) } else { nowhere(row) };
        if row.method == Method::Post && row.path_params().next().is_none() {
            continue;
        }
        let reply = call(&world.admin, row, &address).await;
        assert!(!matches!(reply.status, 401 | 403), "{row:?} at {address}: {} {}", reply.status, reply.text);
        assert!(reply.status < 500, "{row:?} at {address}: {} {}", reply.status, reply.text);
    }
    world.app.verify().await;
}

#[tokio::test]
async fn every_path_answers_other_methods_with_what_is_allowed() {
    let world = World::new().await;
    let mut paths: BTreeMap<String, Vec<Method>> = BTreeMap::new();
    for row in &world.rows {
        paths.entry(nowhere(row)).or_default().push(row.method);
    }
    for (path, methods) in paths {
        for method in [Method::Get, Method::Post, Method::Put, Method::Patch, Method::Delete] {
            if methods.contains(&method) {
                continue;
            }
            let name = reqwest::Method::from_bytes(method.as_str().as_bytes()).unwrap();
            let reply = world.admin.send(world.admin.request(name, &path)).await;
            // `core/users/me/` is `core/users/{id}/` too.
            if reply.status == 405 {
                let allow = reply.header("allow").to_owned();
                assert!(methods.iter().all(|method| allow.contains(method.as_str())), "{path}: {allow}");
                assert_eq!(reply.body["code"], "method_not_allowed");
            } else {
                panic!("{method:?} {path}: {} {}", reply.status, reply.text);
            }
        }
    }
    world.app.verify().await;
}
