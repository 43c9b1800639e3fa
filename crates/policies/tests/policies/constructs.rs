//! The constructs of the expressions that authentik ships and publishes, each in words of our own: what they come to, and
//! what follows from them.

use std::sync::Arc;

use countersign_crypto::{MasterKey, Sealer, SystemRng};
use countersign_expr::{Evaluator, EvaluatorOptions, Limits, Value};
use countersign_i18n::Catalogues;
use countersign_mail::{Encryption, Library, Mail, MailParts, Outbox, Server};
use countersign_model::{
    Application, ApplicationId, DeniedAction, Flow, FlowAuthentication, FlowDesignation, FlowId, FlowLayout,
    PolicyEngineMode, Provider, ProviderId, Subject,
};
use countersign_policies::{
    Expressions, Given, Mapping, PolicyError, PolicyRequest, Reach, Returns, Shape, Source, Stand, given,
};
use countersign_registry::Registry;
use countersign_store::{flows, jobs, jobs::JobFilter};
use countersign_types::{JsonObject, Secret, Span};
use serde_json::{Value as Json, json};

use crate::house::{House, id, object, request, with_context};

/// Expressions that may write letters and shut flows.
struct Desk {
    house: House,
    expressions: Expressions,
}

impl Desk {
    fn new() -> Self {
        let house = House::new();
        let secret = Secret::from("a secret of the tests, forty characters long");
        let sealer = Sealer::new(MasterKey::from_secret(&secret).unwrap(), &[], Arc::new(SystemRng));
        let server = Server {
            host: "127.0.0.1".to_owned(),
            port: 25,
            credentials: None,
            encryption: Encryption::None,
            timeout: Span::from_secs(1),
            from: "id@example.com".to_owned(),
        };
        let parts = MailParts {
            library: Library::embedded(),
            catalogues: Catalogues::load().unwrap(),
            server: Some(server),
            home: None,
            routes: Box::new(()),
        };
        let reach = Reach {
            mail: Some(Mail::new(&house.store, Outbox::new(sealer.clone()), parts)),
            registry: Some(Arc::new(
                Registry::new(sealer).picturing(|user| format!("https://{}/", user.username)),
            )),
            ..Reach::default()
        };
        let options = EvaluatorOptions { threads: 2, queue: 64, memory: 64 * 1024 * 1024 };
        let evaluator = Evaluator::new(options, Arc::clone(house.store.clock()));
        let expressions = Expressions::new(house.store.clone(), evaluator, Limits::default()).reaching(reach);
        Self { house, expressions }
    }

    async fn run(
        &self,
        body: &str,
        variables: Vec<(String, Value)>,
        asked: &PolicyRequest,
    ) -> Result<Json, PolicyError> {
        let evaluated = self.expressions.evaluate(&Source::new("test", body), variables, asked).await?;
        Ok(evaluated.value.to_json().unwrap())
    }

    async fn value(&self, body: &str, asked: &PolicyRequest) -> Json {
        self.run(body, Vec::new(), asked).await.unwrap_or_else(|error| panic!("{body}: {error}"))
    }

    async fn refusal(&self, body: &str, asked: &PolicyRequest) -> String {
        match self.run(body, Vec::new(), asked).await {
            Err(PolicyError::Expression { problem, .. }) => problem,
            other => panic!("{body}: {other:?}"),
        }
    }

    async fn flow(&self, slug: &'static str, designation: FlowDesignation) -> FlowId {
        let flow = Flow {
            id: FlowId(id(slug)),
            name: slug.to_owned(),
            slug: slug.parse().unwrap(),
            title: slug.to_owned(),
            designation,
            authentication: FlowAuthentication::None,
            denied_action: DeniedAction::Message,
            layout: FlowLayout::Stacked,
            background: String::new(),
            compatibility_mode: false,
            policy_engine_mode: PolicyEngineMode::Any,
        };
        let made = flow.id;
        self.house.store.write(move |tx| flows::create(tx, &flow)).await.unwrap();
        made
    }

    async fn authentication(&self, flow: FlowId) -> FlowAuthentication {
        self.house.store.snapshot().await.unwrap().flow(flow).unwrap().authentication
    }

    /// Letters in the queue.
    async fn letters(&self) -> usize {
        let letters = JobFilter { kind: Some(countersign_mail::KIND.to_owned()), ..JobFilter::default() };
        self.house.store.read(move |tx| jobs::list(tx, &letters, 0, 100)).await.unwrap().len()
    }
}

fn pending(user: &Arc<Subject>, more: Json) -> PolicyRequest {
    let mut context = object(more);
    context.insert("pending_user".to_owned(), json!({ "$user": user.user.id.to_string() }));
    with_context(request(Some(user)), Json::Object(context))
}

#[tokio::test]
async fn a_flow_of_set_up_shuts_itself() {
    let desk = Desk::new();
    let flow = desk.flow("initial-setup", FlowDesignation::StageConfiguration).await;
    let body = "from authentik.flows.models import Flow, FlowAuthenticationRequirement\n\
                return Flow.objects.filter(slug=\"initial-setup\").update(\n    \
                authentication=FlowAuthenticationRequirement.REQUIRE_SUPERUSER,\n)";
    let source = Source::new("trial", body);
    assert_eq!(desk.expressions.try_out(&source, request(None)).await.outcome.unwrap(), json!(1));
    assert_eq!(desk.authentication(flow).await, FlowAuthentication::None, "a trial changes nothing");
    assert!(
        desk.run(&format!("{}\nreturn 1 / 0", body.replace("return ", "")), vec![], &request(None))
            .await
            .is_err()
    );
    assert_eq!(desk.authentication(flow).await, FlowAuthentication::None, "a failure changes nothing");
    for _ in 0..2 {
        assert_eq!(desk.value(body, &request(None)).await, json!(1));
        assert_eq!(desk.authentication(flow).await, FlowAuthentication::RequireSuperuser);
    }
}

#[tokio::test]
async fn an_expression_neither_opens_a_flow_nor_shuts_the_way_in() {
    let desk = Desk::new();
    let setup = desk.flow("setup", FlowDesignation::StageConfiguration).await;
    let sign_in = desk.flow("sign-in", FlowDesignation::Authentication).await;
    for change in [
        "filter(slug='setup').update(authentication='none')",
        "filter(slug='setup').update(authentication='require_authenticated')",
        "filter(slug='setup').update(designation='recovery')",
        "filter(slug='setup').update(authentication='require_superuser', title='x')",
        "filter(slug='sign-in').update(authentication='require_superuser')",
        "update(authentication='require_superuser')",
        "filter(slug='setup').delete()",
        "create(slug='x')",
    ] {
        desk.refusal(
            &format!("from authentik.flows.models import Flow\nFlow.objects.{change}"),
            &request(None),
        )
        .await;
    }
    for flow in [setup, sign_in] {
        assert_eq!(desk.authentication(flow).await, FlowAuthentication::None);
    }
    let looked = "from authentik.flows.models import Flow, FlowDesignation\nfound = Flow.objects.exclude(\
                  designation=FlowDesignation.AUTHENTICATION)\nreturn [found.count(), found.first().slug, \
                  Flow.objects.get(slug='sign-in').designation, [flow.slug for flow in Flow.objects.all()]]";
    let seen = desk.value(looked, &request(None)).await;
    assert_eq!(seen, json!([1, "setup", "authentication", ["setup", "sign-in"]]));
}

#[tokio::test]
async fn letters_are_queued_when_the_expression_has_come_to_its_end() {
    let desk = Desk::new();
    let alice = desk.house.user("alice", &[]).await;
    let asked = request(Some(&alice));
    for body in [
        "return ak_send_email(user.email, 'Hello', body='Good morning.')",
        "return ak_send_email(address=['a@x.example', 'b@x.example'], subject='Hello', body='b', cc='c@x.example', bcc=['d@x.example'])",
        "return ak_send_email('a@x.example', 'Hello', template='email/password_reset.html', context={'url': 'https://x.example'})",
    ] {
        let before = desk.letters().await;
        assert_eq!(desk.value(body, &asked).await, json!(true), "{body}");
        assert_eq!(desk.letters().await, before + 1, "{body}");
    }
    let sent = desk.letters().await;
    let source = Source::new("trial", "return ak_send_email(user.email, 'Hello', body='b')");
    desk.expressions.try_out(&source, asked.clone()).await.outcome.unwrap();
    assert!(
        desk.run("ak_send_email(user.email, 'x', body='b')\nreturn 1 / 0", vec![], &asked).await.is_err()
    );
    assert_eq!(desk.letters().await, sent, "neither trials nor failures send any");
    let without = desk.house.value("return ak_send_email(user.email, 'Hello', body='b')", &asked).await;
    assert_eq!(without, json!(false), "there is no mail server");
}

#[tokio::test]
async fn an_expression_cannot_flood_mailboxes_or_forge_headers() {
    let desk = Desk::new();
    for body in [
        "while True:\n    ak_send_email('a@x.example', 'x', body='b')",
        "while True:\n    try:\n        ak_send_email('a@x.example', 'x', body='b')\n    except Exception:\n        pass",
        "ak_send_email(['a%d@x.example' % i for i in range(50)], 'x', body='b')",
        "ak_send_email('a@x.example', 'x', body='b', bcc=['a%d@x.example' % i for i in range(50)])",
        "ak_send_email('a@x.example\\nBcc: b@x.example', 'x', body='b')",
        "ak_send_email('a@x.example', 'x', body='b', cc='a@x.example\\r\\nBcc: b@x.example')",
        "ak_send_email('nobody', 'x', body='b')",
        "ak_send_email([], 'x', body='b')",
        "ak_send_email('a@x.example', 'x' * 1000, body='b')",
        "ak_send_email('a@x.example', 'x', body='b' * 100000)",
        "ak_send_email('a@x.example', 'x')",
        "ak_send_email('a@x.example', 'x', body='b', template='email/setup.html')",
        "ak_send_email('a@x.example', 'x', body='b', stage='nowhere')",
        "ak_send_email('a@x.example', 'x', body='b', context=[1])",
    ] {
        assert!(desk.run(body, vec![], &request(None)).await.is_err(), "{body}");
    }
    assert_eq!(desk.letters().await, 0);
}

#[tokio::test]
async fn the_request_tells_what_authentiks_expressions_ask_it() {
    let desk = Desk::new();
    let alice = desk.house.user("alice", &[]).await;
    let asked =
        pending(&alice, json!({ "prompt_data": { "email": "new@x.example", "name": "alice of the house" } }));
    for (body, expected) in [
        ("return http_request.META['REMOTE_ADDR']", json!("10.1.2.3")),
        ("return request.http_request.META.get('HTTP_USER_AGENT')", json!("Browser")),
        ("return request.http_request.tenant.default_user_change_name", json!(true)),
        (
            "return user.group_attributes(http_request).get('x', http_request.tenant.default_user_change_email)",
            json!(false),
        ),
        ("return user.avatar", json!("https://alice/")),
        ("return '://' in user.avatar", json!(true)),
        ("return user.app_entitlements()", json!([])),
        ("return hasattr(context.get('flow_plan').context.get('pending_user'), 'backend')", json!(false)),
        ("try:\n    return nowhere.username\nexcept:\n    return ''", json!("")),
        (
            "first, rest = user.name, ' '\nif ' ' in user.name:\n    first, _, rest = user.name.partition(' ')\nreturn [first, rest]",
            json!(["alice", "of the house"]),
        ),
        (
            "from authentik.flows.planner import PLAN_CONTEXT_PENDING_USER as key\nreturn flow_plan.context[key].username",
            json!("alice"),
        ),
        (
            "from authentik.stages.prompt.stage import PLAN_CONTEXT_PROMPT\nreturn context[PLAN_CONTEXT_PROMPT]['email']",
            json!("new@x.example"),
        ),
    ] {
        assert_eq!(desk.value(body, &asked).await, expected, "{body}");
    }
    let proven = pending(&alice, json!({ "user_backend": "authentik.core.auth.InbuiltBackend" }));
    let body = "return flow_plan.context.get('pending_user').backend";
    assert_eq!(desk.value(body, &proven).await, json!("authentik.core.auth.InbuiltBackend"));
}

#[tokio::test]
async fn the_query_is_seen_without_what_is_a_key_to_something() {
    let house = House::new();
    let mut asked = request(None);
    asked.facts.query =
        "next=%2Fif%2Fuser%2F&campaign=spring+sale&flow_token=canary&itoken=canary&code=canary&START=canary\
                         &id_token_hint=canary&twice=a&twice=b"
            .to_owned();
    let body = "return [http_request.GET.get('next'), request.http_request.GET['campaign'], http_request.GET['twice'], \
                'flow_token' in http_request.GET, http_request.GET]";
    let seen = house.value(body, &asked).await;
    assert_eq!(seen[0], "/if/user/");
    assert_eq!((&seen[1], &seen[2], &seen[3]), (&json!("spring sale"), &json!("b"), &json!(false)));
    assert!(!seen.to_string().contains("canary"), "{seen}");
    asked.facts.query = (0..10_000).map(|n| format!("p{n}=x&")).collect();
    assert_eq!(house.value("return len(http_request.GET.keys())", &asked).await, json!(100));
    assert_eq!(house.value("return http_request.POST", &asked).await, json!({}));
}

#[tokio::test]
async fn a_session_is_neither_read_nor_changed() {
    let house = House::new();
    let alice = house.user("alice", &[]).await;
    let asked = request(Some(&alice));
    for (body, expected) in [
        ("return http_request.session.get('authentik/flows/plan')", json!(null)),
        ("return request.http_request.session.get('x', 7)", json!(7)),
        ("return 'x' in http_request.session", json!(false)),
        ("return http_request.session.session_key", json!(null)),
        ("return list(http_request.session.keys())", json!([])),
    ] {
        assert_eq!(house.value(body, &asked).await, expected, "{body}");
    }
    for body in [
        "http_request.session['x'] = 1",
        "return http_request.session['_auth_user_id']",
        "http_request.session.flush()",
        "return http_request.session.cookie",
        "http_request.GET = {}\nreturn http_request.COOKIES",
    ] {
        assert!(house.run(body, &asked).await.is_err(), "{body}");
    }
}

#[tokio::test]
async fn the_password_that_a_mapping_hands_on_is_nobodys() {
    let desk = Desk::new();
    let alice = desk.house.user("alice", &[]).await;
    let asked = request(Some(&alice));
    let (one, other) =
        (desk.value("return user.password", &asked).await, desk.value("return user.password", &asked).await);
    assert_ne!(one, other);
    for seen in [one, other] {
        let seen = seen.as_str().unwrap().to_owned();
        assert!(
            seen.len() >= 43 && !seen.contains("argon2") && !crate::house::HASH.contains(&seen),
            "{seen}"
        );
    }
    assert_eq!(desk.value("return hasattr(context.get('nobody'), 'password')", &asked).await, json!(false));
}

const DN: Given = Given::new("dn", "dn", Shape::Value("\"\""));
const PRINCIPAL: Given = Given::new("principal", "principal", Shape::Value("\"\""));
const LDAP: Given = Given::new("ldap", "ldap", Shape::Value("{}"));

#[tokio::test]
async fn mappings_see_their_provider_group_and_source() {
    let desk = Desk::new();
    let alice = desk.house.user("alice", &[]).await;
    let staff = desk.house.group("Staff of the House", &[]).await;
    let asked = request(Some(&alice));
    let application = application();
    let provider = Expressions::provider(&provider(), Some(&application));
    let group =
        desk.house.store.read(move |tx| countersign_store::groups::by_id(tx, staff)).await.unwrap().unwrap();
    let mut context: JsonObject = object(json!({
        "source": { "realm": "EXAMPLE.COM", "slug": "corp" }, "connection": { "attributes": { "id": 7 } },
        "dn": "cn=alice,ou=people,dc=example", "principal": "host/db1@example.com", "ldap": { "sn": ["Of the House"] },
    }));
    let mapping = Mapping {
        given: &[given::PROVIDER, given::GROUP, given::SOURCE, given::CONNECTION, DN, PRINCIPAL, LDAP],
        returns: Returns::Anything,
    };
    let stand = Stand { provider: Some(provider), group: Some(group), scopes: None };
    let variables = mapping.tried_with(&mut context, stand).unwrap();
    for (body, expected) in [
        ("return [provider.name, provider['name'], provider.client_id]", json!(["wiki", "wiki", "wiki-id"])),
        ("return provider.application.slug", json!("wiki")),
        ("return [one.name for one in user.app_entitlements(provider.application)]", json!([])),
        ("return {'mail_nickname': slugify(group.name)}", json!({ "mail_nickname": "staff-of-the-house" })),
        (
            "return [source.get_user_path(), source.realm.lower()]",
            json!(["goauthentik.io/sources/corp", "example.com"]),
        ),
        ("if connection:\n    return connection.attributes.get('id')\nelse:\n    return 0", json!(7)),
        (
            "return {'attributes': {'sn': list_flatten(ldap.get('sn')), 'none': list_flatten(ldap.get('x'))}}",
            json!({ "attributes": { "sn": "Of the House", "none": null } }),
        ),
        (
            "parts = []\nfor pair in dn.split(','):\n    key, _, value = pair.partition('=')\n    if key.lower() in ['cn', 'dc']:\n        \
          continue\n    parts.append(value)\nparts.reverse()\npath = source.get_user_path()\nif len(parts) > 0:\n    \
          path = f\"{path}/{'/'.join(parts)}\"\nreturn {'path': path}",
            json!({ "path": "goauthentik.io/sources/corp/people" }),
        ),
        (
            "from authentik.core.models import USER_PATH_SERVICE_ACCOUNT, UserTypes\nlocal, _ = principal.rsplit('@', 1)\n\
          return {'type': UserTypes.SERVICE_ACCOUNT, 'path': USER_PATH_SERVICE_ACCOUNT} if '/' in local else {}",
            json!({ "type": "service_account", "path": "goauthentik.io/service-accounts" }),
        ),
        (
            "from msgraph.generated.models.password_profile import PasswordProfile\n\
          return len(PasswordProfile(password=user.password)['password']) > 40",
            json!(true),
        ),
    ] {
        let came =
            desk.run(body, variables.clone(), &asked).await.unwrap_or_else(|error| panic!("{body}: {error}"));
        assert_eq!(came, expected, "{body}");
    }
    let skipping = "local, realm = principal.rsplit('@', 1)\nfor prefix in ['kadmin/', 'host/']:\n    \
                    if local.lower().startswith(prefix.lower()):\n        raise SkipObject\nreturn {}";
    assert!(matches!(desk.run(skipping, variables, &asked).await, Err(PolicyError::Skipped)));
}

#[tokio::test]
async fn what_a_mapping_yields_is_a_list() {
    let desk = Desk::new();
    let (one, other) = (desk.house.group("one", &[]).await, desk.house.group("other", &[]).await);
    let alice = desk.house.user("alice", &[one, other]).await;
    let body = "for group in request.user.groups.all():\n    yield group.name";
    assert_eq!(desk.value(body, &request(Some(&alice))).await, json!(["one", "other"]));
    let nobody = desk.house.user("bob", &[]).await;
    assert_eq!(desk.value(body, &request(Some(&nobody))).await, json!([]));
}

pub(crate) fn application() -> Application {
    Application {
        id: ApplicationId(id("wiki")),
        name: "Wiki".to_owned(),
        slug: "wiki".parse().unwrap(),
        group: String::new(),
        provider: Some(ProviderId(id("provider"))),
        meta_launch_url: String::new(),
        meta_icon: String::new(),
        meta_description: String::new(),
        meta_publisher: String::new(),
        meta_hide: false,
        open_in_new_tab: false,
        policy_engine_mode: PolicyEngineMode::Any,
    }
}

pub(crate) fn provider() -> Provider {
    Provider {
        id: ProviderId(id("provider")),
        pk: 3,
        name: "wiki".to_owned(),
        client_id: Some("wiki-id".to_owned()),
        kind: "authentik_providers_oauth2.oauth2provider".to_owned(),
        authentication_flow: None,
        authorization_flow: None,
        invalidation_flow: None,
        property_mappings: Vec::new(),
        config: Json::Null,
    }
}
