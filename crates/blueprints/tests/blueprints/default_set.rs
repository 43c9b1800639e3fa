//! The embedded set, with the real stages and policies.

use std::sync::Arc;

use countersign_blueprints::{Blueprints, Done, Library, Report, Source};
use countersign_expr::{Evaluator, EvaluatorOptions, Limits};
use countersign_model::{BlueprintStatus, Family, FlowAuthentication};
use countersign_notifications::{NotificationRule, NotificationTransport};
use countersign_policies::{
    ContextChanges, Evaluated, Expressions, KnownDevices, PolicyRequest, RequestFacts, Source as Text,
    kinds::{event_matcher::EventMatcherPolicy, expression::ExpressionPolicy, password::PasswordPolicy},
};
use countersign_registry::{Actor, ProviderSpec, Registry};
use countersign_resource::ConfigKind;
use countersign_stages::{
    ConsentStage, EmailProofStage, IdentificationStage, InitialSetupStage, PasswordStage, Prompt,
    PromptStage, UserLoginStage, UserLogoutStage, UserWriteStage,
};
use countersign_store::{
    applications, brands, config_objects, flow_stage_bindings, flows, groups, on_both_databases, settings,
    testing::TestStore, users,
};
use countersign_types::{Expression, JsonObject, Secret};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::kinds::{blueprints_with, registry};

/// Stands for the scope mapping of the crate that speaks OAuth 2.0.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Scope {
    scope_name: String,
    #[serde(default)]
    description: String,
    expression: Expression,
}

impl ConfigKind for Scope {
    const MODEL: &'static str = "authentik_providers_oauth2.scopemapping";
    const FAMILY: Family = Family::PropertyMapping;
    const COMPONENT: &'static str = "ak-form";
    const VERBOSE_NAME: &'static str = "Scope Mapping";
}

/// Stands for its provider.
#[derive(Serialize, Deserialize, JsonSchema)]
struct OAuth {
    client_type: String,
    grant_types: Vec<String>,
    redirect_uris: Vec<Value>,
    #[serde(default)]
    client_id: String,
    #[serde(skip_serializing, default)]
    #[expect(dead_code, reason = "kept by the registry, read by nobody here")]
    client_secret: Secret<String>,
}

impl ProviderSpec for OAuth {
    const MODEL: &'static str = "authentik_providers_oauth2.oauth2provider";
    const COMPONENT: &'static str = "ak-form";
    const VERBOSE_NAME: &'static str = "OAuth2 Provider";
}

fn house() -> Registry {
    registry()
        .with_config::<IdentificationStage>()
        .with_config::<PasswordStage>()
        .with_config::<PromptStage>()
        .with_config::<UserWriteStage>()
        .with_config::<UserLoginStage>()
        .with_config::<UserLogoutStage>()
        .with_config::<ConsentStage>()
        .with_config::<InitialSetupStage>()
        .with_config::<EmailProofStage>()
        .with_config::<Prompt>()
        .with_config::<ExpressionPolicy>()
        .with_config::<PasswordPolicy>()
        .with_config::<EventMatcherPolicy>()
        .with_config::<NotificationTransport>()
        .with_config::<NotificationRule>()
        .with_config::<Scope>()
        .with_provider::<OAuth>()
}

/// Evaluates an expression about akadmin, whose prompts were answered so.
async fn evaluate(world: &TestStore, text: &str, context: Value) -> (Value, Vec<String>) {
    let akadmin = world.read(|tx| users::by_username(tx, "akadmin")).await.unwrap().unwrap();
    let options = EvaluatorOptions { threads: 1, queue: 8, memory: 64 * 1024 * 1024 };
    let evaluator = Evaluator::new(options, Arc::clone(world.store().clock()));
    let expressions = Expressions::new(world.store().clone(), evaluator, Limits::default());
    let request = PolicyRequest {
        user: world.store().subject(akadmin.id).await.unwrap(),
        context: context.as_object().unwrap().clone(),
        facts: RequestFacts {
            client: None,
            user_agent: String::new(),
            host: "id.test".to_owned(),
            base_url: "https://id.test".to_owned(),
            query: String::new(),
            locale: "en".to_owned(),
            request_id: "r".to_owned(),
            is_cross_site: false,
            impersonator: None,
            devices: KnownDevices::default(),
            certificate: None,
        },
        is_sso: false,
        changes: ContextChanges::new(),
    };
    let outcome = expressions.evaluate(&Text::new("story", text), Vec::new(), &request).await;
    let Evaluated { value, messages } = outcome.unwrap_or_else(|error| panic!("{error}\n{text}"));
    (value.to_json().unwrap(), messages)
}

async fn expression(world: &TestStore, family: Family, name: &'static str) -> String {
    let object = world.read(move |tx| config_objects::by_name(tx, family, name)).await.unwrap().unwrap();
    let text = object.config.get("expression").or_else(|| object.config.get("initial_value")).unwrap();
    text.as_str().unwrap().to_owned()
}

async fn settle(world: &TestStore, library: Library) -> (Blueprints, Vec<Report>) {
    let blueprints = blueprints_with(world, house(), library);
    let outcomes = blueprints.apply_library().await.unwrap();
    let reports =
        outcomes.into_iter().map(|outcome| outcome.unwrap_or_else(|error| panic!("{error}"))).collect();
    (blueprints, reports)
}

on_both_databases! {
    async fn an_empty_database_gets_the_default_set(world: TestStore) {
        let (blueprints, reports) = settle(&world, Library::embedded()).await;
        for report in &reports {
            assert!(report.warnings.is_empty(), "{:?}", report.warnings);
        }
        let slugs: Vec<_> =
            world.read(flows::all).await.unwrap().into_iter().map(|flow| flow.slug.to_string()).collect();
        assert_eq!(slugs, [
            "default-authentication-flow",
            "default-enrollment-flow",
            "default-invalidation-flow",
            "default-password-change",
            "default-provider-authorization-explicit-consent",
            "default-provider-authorization-implicit-consent",
            "default-provider-invalidation-flow",
            "default-user-settings-flow",
            "initial-setup",
        ]);
        let flow = world.read(|tx| flows::by_slug(tx, "default-authentication-flow")).await.unwrap().unwrap();
        let bindings = world.read(move |tx| flow_stage_bindings::of_flow(tx, flow.id)).await.unwrap();
        assert_eq!(bindings.iter().map(|binding| binding.order).collect::<Vec<_>>(), [10, 20, 100]);
        let brand = world.read(brands::default).await.unwrap().unwrap();
        assert_eq!((brand.domain.as_str(), brand.flow_authentication), ("authentik-default", Some(flow.id)));
        let scopes = world.read(|tx| {
            config_objects::by_managed(tx, "goauthentik.io/providers/oauth2/scope-profile")
        });
        assert!(scopes.await.unwrap().is_some());

        assert!(blueprints.apply_library().await.unwrap().is_empty(), "nothing changed, nothing to do");
        for source in blueprints.library().sources() {
            if source.file.starts_with("default/") {
                let report = blueprints.apply(&source, &JsonObject::new(), &Actor::System).await.unwrap();
                assert!(!report.has_changes(), "{report:?}");
            }
        }
    }

    async fn the_first_administrator_waits_for_a_password(world: TestStore) {
        settle(&world, Library::embedded()).await;
        let admins = world.read(|tx| groups::by_name(tx, "authentik Admins")).await.unwrap().unwrap();
        assert!(admins.is_superuser);
        let akadmin = world.read(|tx| users::by_username(tx, "akadmin")).await.unwrap().unwrap();
        assert!(akadmin.password.is_none() && akadmin.is_active);
        let subject = world.store().subject(akadmin.id).await.unwrap().unwrap();
        assert!(subject.is_superuser());
        assert!(world.read(settings::initial_setup_is_open).await.unwrap());
        let setup = world.read(|tx| flows::by_slug(tx, "initial-setup")).await.unwrap().unwrap();
        assert_eq!(setup.authentication, FlowAuthentication::None);
    }

    async fn a_deleted_administrator_does_not_come_back(world: TestStore) {
        let (blueprints, _) = settle(&world, Library::embedded()).await;
        let akadmin = world.read(|tx| users::by_username(tx, "akadmin")).await.unwrap().unwrap();
        world.write(move |tx| users::delete(tx, akadmin.id)).await.unwrap();
        // A newer release has another bootstrap.
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("system")).unwrap();
        let bootstrap = blueprints.library().by_path("system/bootstrap.yaml").unwrap();
        let newer = format!("{}\n# newer\n", bootstrap.text);
        std::fs::write(folder.path().join("system/bootstrap.yaml"), newer).unwrap();
        settle(&world, Library::embedded().with_directory(folder.path())).await;
        assert!(world.read(|tx| users::by_username(tx, "akadmin")).await.unwrap().is_none());
    }

    async fn a_file_that_changes_is_applied_and_one_that_is_gone_is_marked(world: TestStore) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("group.yaml");
        let write = |notes: &str| {
            let entry = format!("{{model: authentik_core.group, identifiers: {{name: crew}}, attrs: {{attributes: {{notes: {notes}}}}}}}");
            std::fs::write(&file, format!("version: 1\nmetadata: {{name: Crew}}\nentries: [{entry}]\n")).unwrap();
        };
        let notes = async || {
            let crew = world.read(|tx| groups::by_name(tx, "crew")).await.unwrap().unwrap();
            crew.attributes["notes"].as_str().unwrap().to_owned()
        };
        let status = async || {
            let crew = world.read(|tx| countersign_store::blueprint_instances::by_name(tx, "Crew")).await;
            crew.unwrap().unwrap().status
        };
        write("one");
        let (blueprints, _) = settle(&world, Library::embedded().with_directory(folder.path())).await;
        assert_eq!((notes().await.as_str(), status().await), ("one", BlueprintStatus::Successful));
        assert!(blueprints.apply_library().await.unwrap().is_empty());
        write("two");
        assert_eq!(blueprints.apply_library().await.unwrap().len(), 1);
        assert_eq!(notes().await, "two");
        std::fs::remove_file(&file).unwrap();
        assert!(blueprints.apply_library().await.unwrap().is_empty());
        assert_eq!((notes().await.as_str(), status().await), ("two", BlueprintStatus::Orphaned), "what it made stays");
        write("two");
        blueprints.apply_library().await.unwrap();
        assert_eq!(status().await, BlueprintStatus::Successful);
    }

    async fn the_bootstrap_password_makes_the_set_up_needless(world: TestStore) {
        let blueprints = blueprints_with(&world, house(), Library::embedded());
        let source = blueprints.library().by_path("system/bootstrap.yaml").unwrap();
        let context = json!({"password": "canary-admin", "token": "canary-token-of-the-administrator"});
        let report = blueprints.apply(&source, context.as_object().unwrap(), &Actor::System).await.unwrap();
        assert_eq!(report.count(Done::Created), 3);
        let akadmin = world.read(|tx| users::by_username(tx, "akadmin")).await.unwrap().unwrap();
        assert!(akadmin.password.is_some());
        assert!(!world.read(settings::initial_setup_is_open).await.unwrap());
        let instances = world.read(countersign_store::blueprint_instances::all).await.unwrap();
        let kept = format!("{instances:?}");
        assert!(!kept.contains("canary"), "{kept}");
    }

    async fn the_first_application_prints_its_credentials(world: TestStore) {
        let (blueprints, _) = settle(&world, Library::embedded()).await;
        for (file, flow) in [
            ("example/first-application.yaml", "default-provider-authorization-implicit-consent"),
            ("example/first-application-with-consent.yaml", "default-provider-authorization-explicit-consent"),
        ] {
            let text = blueprints.library().by_path(file).unwrap().text;
            let source = Source::handed_in(file, text);
            let report = blueprints.apply(&source, &JsonObject::new(), &Actor::System).await.unwrap();
            assert!(report.warnings.is_empty(), "{:?}", report.warnings);
            let fields: Vec<_> = report.generated().map(|(_, field, _)| field.to_owned()).collect();
            let is_first = file == "example/first-application.yaml";
            assert_eq!(fields.is_empty(), !is_first, "the variant changes the flow of the same provider");
            let flow = world.read(move |tx| flows::by_slug(tx, flow)).await.unwrap().unwrap();
            let application = world.read(|tx| applications::by_slug(tx, "fastapi-demo")).await.unwrap().unwrap();
            let provider = application.provider.unwrap();
            let provider = world.store().snapshot().await.unwrap().provider(provider).unwrap().clone();
            assert_eq!(provider.authorization_flow, Some(flow.id));
            assert_eq!(provider.property_mappings.len(), 3);
            assert_eq!(provider.config["redirect_uris"][0]["url"], "http://localhost:8000/auth/callback");
        }
    }

    async fn an_administrators_edits_survive_a_restart(world: TestStore) {
        let (blueprints, _) = settle(&world, Library::embedded()).await;
        crate::kinds::apply(&blueprints, "
version: 1
metadata: {name: Mine}
entries:
  - model: authentik_stages_identification.identificationstage
    identifiers: {name: default-authentication-identification}
    attrs: {enrollment_flow: !Find [authentik_flows.flow, [slug, default-enrollment-flow]]}
").await.unwrap();
        settle(&world, Library::embedded()).await;
        let source = blueprints.library().by_name("Default - Authentication flow").unwrap();
        blueprints.apply(&source, &JsonObject::new(), &Actor::System).await.unwrap();
        let stage = world
            .read(|tx| config_objects::by_name(tx, Family::Stage, "default-authentication-identification"))
            .await
            .unwrap()
            .unwrap();
        assert!(stage.config["enrollment_flow"].is_string(), "{}", stage.config);
    }

    async fn people_change_of_themselves_what_they_may(world: TestStore) {
        settle(&world, Library::embedded()).await;
        let policy = expression(&world, Family::Policy, "default-user-settings-authorization").await;
        let name = "Countersign Default Admin";
        let answers = async |username: &str, name: &str, email: &str| {
            let data = json!({"prompt_data": {"username": username, "name": name, "email": email}});
            evaluate(&world, &policy, data).await
        };
        assert_eq!(answers("akadmin", name, "root@example.com").await, (json!(true), vec![]));
        assert_eq!(answers("akadmin", "Ada", "root@example.com").await, (json!(true), vec![]));
        let refused = |words: &str| (json!(false), vec![words.to_owned()]);
        assert_eq!(answers("root", name, "root@example.com").await, refused("You cannot change your username here. Ask your administrator."));
        assert_eq!(answers("akadmin", name, "x@example.com").await, refused("You cannot change your e-mail address here. Ask your administrator."));

        world.write(|tx| {
            let mut group = groups::by_name(tx, "authentik Admins")?.unwrap();
            let may = json!({"goauthentik.io/user/can-change-email": true, "goauthentik.io/user/can-change-name": false});
            group.attributes = may.as_object().unwrap().clone();
            groups::update(tx, &group)
        }).await.unwrap();
        assert_eq!(answers("akadmin", name, "x@example.com").await, (json!(true), vec![]));
        assert_eq!(answers("akadmin", "Ada", "root@example.com").await, refused("You cannot change your name here. Ask your administrator."));
    }

    async fn every_expression_of_the_set_runs(world: TestStore) {
        settle(&world, Library::embedded()).await;
        for (name, value) in [
            ("default-user-settings-field-username", "akadmin"),
            ("default-user-settings-field-name", "Countersign Default Admin"),
            ("default-user-settings-field-email", "root@example.com"),
            ("default-user-settings-field-locale", ""),
        ] {
            let text = expression(&world, Family::Prompt, name).await;
            assert_eq!(evaluate(&world, &text, json!({})).await.0, json!(value), "{name}");
        }
        let policy = expression(&world, Family::Policy, "default-authentication-flow-password-stage").await;
        assert_eq!(evaluate(&world, &policy, json!({})).await.0, json!(true));
        assert_eq!(evaluate(&world, &policy, json!({"auth_method": "password"})).await.0, json!(false));
        let objects = world.read(config_objects::all).await.unwrap();
        let scopes: Vec<_> =
            objects.into_iter().filter(|object| object.family == Family::PropertyMapping).collect();
        assert_eq!(scopes.len(), 6);
        for scope in scopes {
            let claims = evaluate(&world, scope.config["expression"].as_str().unwrap(), json!({})).await.0;
            assert!(claims.is_object(), "{}: {claims}", scope.name);
            if scope.config["scope_name"] == "profile" {
                assert_eq!(claims["groups"], json!(["authentik Admins"]));
                assert_eq!(claims["preferred_username"], "akadmin");
            }
        }
    }
}
