//! The expressions of the blueprint files that authentik ships, where a checkout is at hand (see [`crate::authentik`]):
//! each compiles and comes to an end, with what its kind has it see.

use std::{fs, path::Path, sync::Arc};

use countersign_crypto::SystemRng;
use countersign_expr::{Evaluator, EvaluatorOptions, Limits, Value};
use countersign_i18n::Catalogues;
use countersign_model::{Group, GroupId, Provider, ProviderId, Subject, UserId};
use countersign_policies::{
    ContextChanges, Expressions, KnownDevices, Mapping, PolicyError, PolicyRequest, Reach, RequestFacts,
    Returns, Shape, Source, Stand, given,
};
use countersign_store::Backend;
use countersign_testkit::TestApp;
use serde_json::{Value as Json, json};
use serde_yaml_ng::Value as Yaml;

use crate::{Hands, authentik, object};

/// How many expressions the files of the release have that the kinds were made by.
const SHIPPED: usize = 78;

/// An expression of a file.
struct Found {
    place: String,
    text: String,
}

/// The expressions below a node: those of policies and mappings, and texts of prompts that are some.
fn collect(place: &str, node: &Yaml, found: &mut Vec<Found>) {
    match node {
        Yaml::Tagged(tagged) => collect(place, &tagged.value, found),
        Yaml::Sequence(items) => {
            for (at, item) in items.iter().enumerate() {
                collect(&format!("{place}[{at}]"), item, found);
            }
        }
        Yaml::Mapping(members) => {
            let is_one = |name: &str| {
                let switch = members.get(format!("{name}_expression"));
                name == "expression" || switch.and_then(Yaml::as_bool) == Some(true)
            };
            for (name, value) in members {
                let name = name.as_str().unwrap_or_default();
                match value.as_str() {
                    Some(text) if is_one(name) => {
                        found.push(Found { place: format!("{place} {name}"), text: text.to_owned() });
                    }
                    _ => collect(place, value, found),
                }
            }
        }
        _ => {}
    }
}

fn facts() -> RequestFacts {
    RequestFacts {
        client: None,
        user_agent: "Browser".to_owned(),
        host: "localhost".to_owned(),
        base_url: "http://localhost".to_owned(),
        query: String::new(),
        locale: "en".to_owned(),
        request_id: "request".to_owned(),
        is_cross_site: false,
        impersonator: None,
        devices: KnownDevices::default(),
        certificate: None,
    }
}

/// What every kind of expression may ask for.
fn request(user: &Arc<Subject>) -> PolicyRequest {
    let context = object(json!({
        "prompt_data": { "username": user.user.username, "name": user.user.name, "email": user.user.email },
        "pending_user": { "$user": user.user.id.to_string() },
        "auth_method": "password",
        "is_restored": false,
    }));
    PolicyRequest {
        user: Some(Arc::clone(user)),
        context,
        facts: facts(),
        is_sso: false,
        changes: ContextChanges::new(),
    }
}

/// The objects that providers and sources have beside.
fn variables(connection: &Json) -> Vec<(String, Value)> {
    let mut objects = object(json!({
        "source": { "slug": "corp", "realm": "EXAMPLE.COM" },
        "group": { "name": "Some People" },
        "connection": connection,
    }));
    let mapping =
        Mapping { given: &[given::SOURCE, given::GROUP, given::CONNECTION], returns: Returns::Anything };
    let mut given = mapping.tried_with(&mut objects, Stand::default()).unwrap();
    let people = |name: &str| Value::list([Value::from(name)]);
    given.extend([
        ("ldap".to_owned(), Value::dict([("uid", people("ada")), ("sn", people("Lovelace"))])),
        ("dn".to_owned(), Value::from("cn=ada,ou=people,dc=example,dc=com")),
        ("principal".to_owned(), Value::from("ada@EXAMPLE.COM")),
        ("provider".to_owned(), Value::None),
    ]);
    given
}

fn expressions(app: &TestApp) -> Expressions {
    let reach = Reach { registry: Some(app.kinds()), ..Reach::default() };
    let options = EvaluatorOptions { threads: 2, queue: 64, memory: 64 * 1024 * 1024 };
    let evaluator = Evaluator::new(options, Arc::clone(app.store().clock()));
    let expressions = Expressions::new(app.store().clone(), evaluator, Limits::default()).reaching(reach);
    expressions.mapping_as(app.mappings().clone())
}

#[tokio::test]
async fn the_expressions_that_authentik_ships_run() {
    let Some(directory) = authentik::directory() else { return };
    let Some(app) = TestApp::start(Backend::Sqlite).await else { return };
    let hands = Hands { app: &app, registry: app.kinds() };
    let made = hands.make(
        "authentik_core.user",
        object(json!({ "username": "ada", "name": "Ada Lovelace", "email": "ada@x.test" })),
    );
    let ada = made.await.id;
    let subject = app.store().subject(UserId(ada)).await.unwrap().unwrap();
    let expressions = expressions(&app);
    let mut found = Vec::new();
    for path in authentik::files(Path::new(&directory)) {
        let text = fs::read_to_string(Path::new(&directory).join(&path)).unwrap();
        collect(&path, &serde_yaml_ng::from_str(&text).unwrap(), &mut found);
    }
    let (mut failures, mut skipped) = (Vec::new(), 0);
    for one in &found {
        for connection in [Json::Null, json!({ "attributes": { "on_premises_immutable_id": "7" } })] {
            let source = Source::new(one.place.as_str(), one.text.as_str());
            let mut given = variables(&connection);
            if one.text.contains("provider.application") {
                given.retain(|(name, _)| name != "provider");
                given.push(("provider".to_owned(), Expressions::provider(&provider(), None)));
            }
            match expressions.evaluate(&source, given, &request(&subject)).await {
                Ok(_) => {}
                Err(PolicyError::Skipped) => skipped += 1,
                Err(error) => failures.push(format!("{}: {error}\n{}", one.place, one.text)),
            }
        }
    }
    println!("{} expressions, {} failures, {skipped} left something out", found.len(), failures.len());
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(found.len() >= SHIPPED, "{} expressions in {directory}", found.len());
}

/// Names that every expression has, of which the help of mappings speaks too.
const OF_ALL: [&str; 2] = ["request", "user"];

#[tokio::test]
async fn every_mapping_has_the_names_that_are_listed_beside_it() {
    let Some(app) = TestApp::start(Backend::Sqlite).await else { return };
    let (registry, expressions) = (app.kinds(), expressions(&app));
    let catalogues = Catalogues::load().unwrap();
    let provider = || Some(Expressions::provider(&provider(), None));
    let group = Group {
        id: GroupId(countersign_types::random_uuid(&SystemRng)),
        name: "staff".to_owned(),
        is_superuser: false,
        attributes: Default::default(),
        parents: Vec::new(),
    };
    let mut seen = 0;
    for kind in registry.of_family("propertymapping").map(|kind| kind.descriptor()) {
        let mapping =
            expressions.mapping(kind.model).unwrap_or_else(|| panic!("{} says nothing", kind.model));
        let help = &kind.field("expression").unwrap().doc;
        let said: Vec<&str> = help.split_once("Sees").unwrap().1.split('`').skip(1).step_by(2).collect();
        for name in said.iter().filter(|name| !OF_ALL.contains(name)) {
            assert!(mapping.gives(name), "{}: {name} is not there", kind.model);
        }
        for given in mapping.given {
            seen += 1;
            assert!(said.contains(&given.name), "{}: the help does not speak of {}", kind.model, given.name);
            for tag in ["en", "ko", "zh-Hans"] {
                let localizer = catalogues.localizer(catalogues.negotiate(&[tag]));
                assert!(localizer.find(&given.key()).is_some(), "{tag} {}", given.key());
            }
            let asked = PolicyRequest {
                user: None,
                context: mapping.example(),
                facts: facts(),
                is_sso: false,
                changes: ContextChanges::new(),
            };
            let stand = Stand {
                provider: provider(),
                group: Some(group.clone()),
                scopes: Some(vec!["email".to_owned()]),
            };
            let any = Mapping { returns: Returns::Anything, ..mapping };
            let body = match given.shape {
                Shape::Filled => given.usage.to_owned(),
                Shape::Provider => "return provider.name".to_owned(),
                _ => format!("return {}", given.usage),
            };
            let trial = expressions.try_mapping(any, &Source::new(kind.model, body), stand, asked).await;
            assert!(trial.outcome.is_ok(), "{}: {}: {:?}", kind.model, given.usage, trial.outcome);
        }
    }
    assert!(seen > 30, "{seen} names");
}

fn provider() -> Provider {
    Provider {
        id: ProviderId(countersign_types::random_uuid(&SystemRng)),
        pk: 1,
        kind: "authentik_providers_oauth2.oauth2provider".to_owned(),
        name: "wiki".to_owned(),
        client_id: None,
        authentication_flow: None,
        authorization_flow: None,
        invalidation_flow: None,
        property_mappings: Vec::new(),
        config: Json::Null,
    }
}
