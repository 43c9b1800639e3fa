//! A house with people in it, applications around it, and somebody who asks.

use std::{collections::HashMap, sync::Arc};

use actix_web::{
    App as ActixApp,
    body::to_bytes,
    dev::Service,
    http::{
        Method, StatusCode,
        header::{HeaderMap, LOCATION},
    },
    middleware::from_fn,
    test, web,
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use countersign_crypto::{
    HashOptions, HashPool, MasterKey, Sealer, SigningAlgorithm, digest, generate, new_token,
};
use countersign_expr::{Evaluator, EvaluatorOptions, Limits};
use countersign_flows::{Executor, FlowServices, StageKinds};
use countersign_i18n::Catalogues;
use countersign_mail::{Mail, Outbox};
use countersign_model::{
    CertificateKeyPair, EventAction, KeyAlgorithm, KeyPairId, KeyVersion, KeyVersionId, Session, User, UserId,
};
use countersign_policies::{Expressions, Policies, PolicyKinds, kinds::expression::ExpressionPolicy};
use countersign_provider_oauth2::{
    FULFILMENT, Fulfilment, OAuth2, OAuth2Provider, REQUIRED_CONSENT, ScopeMapping, routes,
};
use countersign_registry::{Actor, Prepared, Registry, ResourceError, seal_private_key};
use countersign_stages::{ConsentStage, RequiredConsent, UserLogoutStage};
use countersign_store::{
    Backend, Store, events, key_pairs, sessions,
    testing::{TestStore, samples},
    users,
};
use countersign_types::{Clock as _, JsonObject, RawId, Secret, Span};
use countersign_web::{App, AppParts, WebSettings, edge};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use url::Url;

pub(crate) const BASE: &str = "https://auth.example.com";
pub(crate) const REDIRECT: &str = "https://rp.example/callback";
const PROVIDER: &str = "authentik_providers_oauth2.oauth2provider";

/// A house.
pub(crate) struct World {
    pub(crate) store: TestStore,
    pub(crate) app: Arc<App>,
    pub(crate) state: Arc<OAuth2>,
    pub(crate) registry: Arc<Registry>,
    named: HashMap<&'static str, RawId>,
}

/// An application.
#[derive(Clone)]
pub(crate) struct Rp {
    pub(crate) id: RawId,
    pub(crate) application: RawId,
    pub(crate) slug: String,
    pub(crate) client_id: String,
    pub(crate) secret: String,
}

/// Somebody with a browser.
#[derive(Clone)]
pub(crate) struct Person {
    pub(crate) user: User,
    pub(crate) token: Secret<String>,
    pub(crate) browser: String,
}

/// An answer as the asker sees it.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.text()))
    }

    /// `error` of a JSON answer.
    pub(crate) fn error(&self) -> String {
        self.json()["error"].as_str().unwrap_or_default().to_owned()
    }

    pub(crate) fn location(&self) -> String {
        self.header(LOCATION.as_str()).to_owned()
    }

    /// Parameters of the address that the answer leads to.
    pub(crate) fn sent(&self) -> HashMap<String, String> {
        let url = Url::parse(BASE).unwrap().join(&self.location()).unwrap();
        let fragment = url.fragment().map(|fragment| Url::parse(&format!("{BASE}/?{fragment}")).unwrap());
        fragment.as_ref().unwrap_or(&url).query_pairs().into_owned().collect()
    }
}

/// A question.
pub(crate) struct Ask(test::TestRequest);

pub(crate) fn get(uri: &str) -> Ask {
    Ask(test::TestRequest::get().uri(uri))
        .header("host", "auth.example.com")
        .header("x-forwarded-proto", "https")
}

pub(crate) fn post(uri: &str, form: &[(&str, &str)]) -> Ask {
    post_raw(uri, &encode(form))
}

pub(crate) fn post_raw(uri: &str, form: &str) -> Ask {
    let ask = get(uri).header("content-type", "application/x-www-form-urlencoded");
    Ask(ask.0.method(Method::POST).set_payload(form.to_owned()))
}

pub(crate) fn encode(form: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish()
}

impl Ask {
    pub(crate) fn header(self, name: &'static str, value: &str) -> Self {
        Self(self.0.insert_header((name, value)))
    }

    pub(crate) fn method(self, method: Method) -> Self {
        Self(self.0.method(method))
    }

    pub(crate) fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    pub(crate) fn basic(self, rp: &Rp) -> Self {
        self.basic_with(&rp.client_id, &rp.secret)
    }

    pub(crate) fn basic_with(self, id: &str, secret: &str) -> Self {
        self.header("authorization", &format!("Basic {}", STANDARD.encode(format!("{id}:{secret}"))))
    }

    pub(crate) fn person(self, person: &Person) -> Self {
        let cookies =
            format!("countersign_session={}; countersign_browser={}", person.token.expose(), person.browser);
        self.header("cookie", &cookies)
    }
}

/// PKCE.
pub(crate) const VERIFIER: &str = "a-verifier-of-the-tests-that-has-more-than-43-characters";

pub(crate) fn challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()))
}

/// The parts of a token, decoded without any check.
pub(crate) fn claims(token: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap()).unwrap()
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::on(TestStore::start(Backend::Sqlite).unwrap()).await
    }

    pub(crate) async fn on(store: TestStore) -> Self {
        let rng: Arc<dyn countersign_types::Rng> = store.rng.clone();
        let clock: Arc<dyn countersign_types::Clock> = store.clock.clone();
        let master = MasterKey::from_secret(&"a secret key of the tests, which is long enough for it".into());
        let sealer = Sealer::new(master.unwrap(), &[], rng.clone());
        let registry = Registry::new(sealer.clone())
            .with_config::<ConsentStage>()
            .with_config::<UserLogoutStage>()
            .with_config::<ExpressionPolicy>()
            .with_config::<ScopeMapping>()
            .with_provider::<OAuth2Provider>();
        let app = house(store.store(), clock, rng, Arc::new(sealer));
        let state = OAuth2::new(&store, app.rng());
        state.warm_up(&store).await.unwrap();
        let mut world = Self { store, app, state, registry: Arc::new(registry), named: HashMap::new() };
        world.furnish().await;
        world
    }

    /// Flows, keys and scopes.
    async fn furnish(&mut self) {
        self.make_key("authentik Self-signed Certificate", SigningAlgorithm::Es256, 1).await;
        for (slug, designation, authentication) in [
            ("sign-in", "authentication", "none"),
            ("implicit", "authorization", "require_authenticated"),
            ("explicit", "authorization", "require_authenticated"),
            ("sign-out", "invalidation", "none"),
        ] {
            let flow = json!({
                "name": slug, "slug": slug, "title": slug,
                "designation": designation, "authentication": authentication
            });
            let id = self.make("authentik_flows.flow", flow).await;
            self.named.insert(slug, id);
        }
        for (flow, model, name, config) in [
            ("explicit", "authentik_stages_consent.consentstage", "consent", json!({ "mode": "permanent" })),
            ("sign-out", "authentik_stages_user_logout.userlogoutstage", "logout", json!({})),
        ] {
            let mut stage = json!({ "name": name });
            stage.as_object_mut().unwrap().extend(config.as_object().unwrap().clone());
            let stage = self.make(model, stage).await;
            let binding = json!({ "target": self.named[flow], "stage": stage, "order": 0 });
            self.make("authentik_flows.flowstagebinding", binding).await;
        }
        for (scope, description, expression) in [
            ("openid", "", "return {}"),
            ("email", "Your address", "return {'email': request.user.email, 'email_verified': False}"),
            (
                "profile",
                "Your name",
                "return {'name': request.user.name, 'preferred_username': request.user.username}",
            ),
            ("offline_access", "", "return {}"),
            (
                "api",
                "The API",
                "return {'sub': 'forged', 'aud': 'forged', 'app': {'name': application.name, 'none': None}}",
            ),
            ("broken", "", "return {'x': 1 // 0}"),
        ] {
            let mapping = json!({ "name": scope, "scope_name": scope, "description": description, "expression": expression });
            let id = self.make("authentik_providers_oauth2.scopemapping", mapping).await;
            self.named.insert(scope, id);
        }
    }

    pub(crate) async fn make_key(&self, name: &str, algorithm: SigningAlgorithm, number: u128) -> KeyPairId {
        let made =
            generate(algorithm, "tests", Span::from_days(1), &*self.store.clock, self.app.rng()).unwrap();
        let (pair, version) =
            (KeyPairId(uuid::Uuid::from_u128(number)), KeyVersionId::random(self.app.rng()));
        let now = self.store.clock.now();
        let row = CertificateKeyPair {
            id: pair,
            name: name.to_owned(),
            managed: None,
            algorithm: match algorithm {
                SigningAlgorithm::Rs256 => KeyAlgorithm::Rsa,
                _ => KeyAlgorithm::EcdsaP256,
            },
            versions: vec![KeyVersion {
                id: version,
                key_pair: pair,
                kid: made.kid.clone(),
                certificate: made.certificate_pem.clone(),
                private_key: seal_private_key(self.app.sealer(), version, &made.pkcs8),
                created: now,
                activates: now,
                retires: None,
            }],
        };
        self.store.write(move |tx| key_pairs::create(tx, &row)).await.unwrap();
        pair
    }

    /// Makes an object the way that blueprints do.
    pub(crate) async fn make(&self, model: &'static str, document: Value) -> RawId {
        self.try_make(model, document).await.unwrap().0
    }

    async fn try_make(
        &self,
        model: &'static str,
        document: Value,
    ) -> Result<(RawId, HashMap<String, String>), ResourceError> {
        let registry = Arc::clone(&self.registry);
        self.store
            .write(move |tx| {
                let (actor, prepared) = (Actor::System, Prepared::default());
                let document: &JsonObject = document.as_object().unwrap();
                let written = registry.create(tx, registry.cx(&actor, None, &prepared), model, document)?;
                let generated = written.generated.iter();
                let generated =
                    generated.map(|(name, value)| (name.clone(), value.expose().clone())).collect();
                Ok((written.id, generated))
            })
            .await
    }

    /// Changes an object the way that blueprints do.
    pub(crate) async fn change(&self, model: &'static str, id: RawId, patch: Value) {
        let registry = Arc::clone(&self.registry);
        let changed = self.store.write(move |tx| {
            let (actor, prepared) = (Actor::System, Prepared::default());
            let patch: &JsonObject = patch.as_object().unwrap();
            registry.get(model)?.update(tx, registry.cx(&actor, None, &prepared), id, patch).map(drop)
        });
        changed.await.map_err(|error: ResourceError| error.to_string()).unwrap();
    }

    pub(crate) async fn change_provider(&self, rp: &Rp, patch: Value) {
        self.change(PROVIDER, rp.id, patch).await;
    }

    pub(crate) fn flow(&self, slug: &str) -> RawId {
        self.named[slug]
    }

    /// An application with implicit consent and every scope but the broken one.
    pub(crate) async fn rp(&self, slug: &str) -> Rp {
        self.rp_with(slug, json!({})).await
    }

    /// An application, different in something.
    pub(crate) async fn rp_with(&self, slug: &str, different: Value) -> Rp {
        let scopes = ["openid", "email", "profile", "offline_access", "api"].map(|scope| self.named[scope]);
        let mut document = json!({
            "name": slug,
            "authentication_flow": self.named["sign-in"],
            "authorization_flow": self.named["implicit"],
            "invalidation_flow": self.named["sign-out"],
            "property_mappings": scopes,
            "redirect_uris": [
                { "url": REDIRECT },
                { "url": "https://rp.example/bye", "redirect_uri_type": "logout" },
            ],
        });
        document.as_object_mut().unwrap().extend(different.as_object().unwrap().clone());
        let (id, generated) = self.try_make(PROVIDER, document).await.unwrap();
        let application = json!({ "name": slug, "slug": slug, "provider": id });
        let application = self.make("authentik_core.application", application).await;
        let provider = countersign_model::ProviderId(id);
        let row = self.store.read(move |tx| countersign_store::providers::by_id(tx, provider)).await.unwrap();
        Rp {
            id,
            application,
            slug: slug.to_owned(),
            client_id: row.unwrap().client_id.unwrap(),
            secret: generated.get("client_secret").cloned().unwrap_or_default(),
        }
    }

    /// Lets only those in for whom the expression is true.
    pub(crate) async fn guard(&self, rp: &Rp, expression: &str) {
        let policy = json!({ "name": format!("policy of {}", rp.slug), "expression": expression });
        let policy = self.make("authentik_policies_expression.expressionpolicy", policy).await;
        let binding = json!({ "target": rp.application, "policy": policy, "order": 0 });
        self.make("authentik_policies.policybinding", binding).await;
    }

    /// Somebody who is signed in.
    pub(crate) async fn person(&self, number: u8, name: &str) -> Person {
        let now = self.store.clock.now();
        let user = samples::user(number, name, now);
        let row = user.clone();
        self.store.write(move |tx| users::create(tx, &row)).await.unwrap();
        let browser = new_token(self.app.rng()).0.expose().clone();
        self.sign_in(Person { user, token: Secret::from("nobody yet"), browser }).await
    }

    /// The same person, signed in anew with another browser.
    pub(crate) async fn sign_in(&self, person: Person) -> Person {
        let (token, session) = self.new_session(person.user.id);
        self.store.write(move |tx| sessions::create(tx, &session)).await.unwrap();
        Person { token, ..person }
    }

    /// Somebody signs in where somebody is signed in.
    pub(crate) async fn sign_in_instead(&self, of: &Person, user: &User) -> Person {
        let (token, session) = self.new_session(user.id);
        let old = digest(of.token.expose());
        self.store.write(move |tx| sessions::replace(tx, &old, &session)).await.unwrap();
        Person { user: user.clone(), token, browser: of.browser.clone() }
    }

    fn new_session(&self, user: UserId) -> (Secret<String>, Session) {
        let now = self.store.clock.now();
        let (token, key) = new_token(self.app.rng());
        let session = Session {
            key,
            id: countersign_model::SessionId::random(self.app.rng()),
            expires: now.plus(Span::from_days(30)),
            ..samples::session(1, user, now)
        };
        (token, session)
    }

    pub(crate) async fn sign_out(&self, person: &Person) {
        let key = digest(person.token.expose());
        self.store.write(move |tx| sessions::end(tx, &key).map(drop)).await.unwrap();
    }

    pub(crate) async fn deactivate(&self, id: UserId) {
        let off = move |tx: &mut countersign_store::Tx<'_>| {
            let user = users::by_id(tx, id)?.unwrap();
            users::update(tx, &User { is_active: false, ..user }).map(drop)
        };
        self.store.write::<_, countersign_store::StoreError>(off).await.unwrap();
    }

    pub(crate) fn wait(&self, span: Span) {
        self.store.clock.advance(span);
    }

    pub(crate) async fn ask(&self, ask: Ask) -> Answer {
        self.ask_process(&self.state, ask).await
    }

    /// Asks a process that keeps this in memory.
    pub(crate) async fn ask_process(&self, state: &Arc<OAuth2>, ask: Ask) -> Answer {
        let house = ActixApp::new()
            .app_data(web::Data::from(Arc::clone(&self.app)))
            .configure(routes(Arc::clone(state)))
            .wrap(from_fn(edge));
        let house = test::init_service(house).await;
        let response = match house.call(ask.0.to_request()).await {
            Ok(response) => response.into_parts().1.map_into_boxed_body(),
            Err(error) => error.error_response(),
        };
        let (status, headers) = (response.status(), response.headers().clone());
        let body = to_bytes(response.into_body()).await.unwrap_or_else(|_| panic!("a body")).to_vec();
        Answer { status, headers, body }
    }

    /// Asks to authorize, with what is usual and more.
    pub(crate) async fn authorize(&self, rp: &Rp, person: &Person, more: &[(&str, &str)]) -> Answer {
        self.ask(get(&authorize_url(rp, more)).person(person)).await
    }

    /// A code for this person.
    pub(crate) async fn code(&self, rp: &Rp, person: &Person, more: &[(&str, &str)]) -> String {
        let answer = self.authorize(rp, person, more).await;
        answer
            .sent()
            .remove("code")
            .unwrap_or_else(|| panic!("no code: {} {}", answer.status, answer.location()))
    }

    /// Redeems a code.
    pub(crate) async fn redeem(&self, rp: &Rp, code: &str, more: &[(&str, &str)]) -> Answer {
        let mut form = vec![("grant_type", "authorization_code"), ("code", code), ("redirect_uri", REDIRECT)];
        form.extend(more);
        self.ask(post("/application/o/token/", &form).basic(rp)).await
    }

    /// Tokens for this person.
    pub(crate) async fn tokens(&self, rp: &Rp, person: &Person, scope: &str) -> Value {
        let code = self.code(rp, person, &[("scope", scope), ("nonce", "n-1")]).await;
        let answer = self.redeem(rp, &code, &[]).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    pub(crate) async fn refresh(&self, rp: &Rp, token: &str) -> Answer {
        let form = [("grant_type", "refresh_token"), ("refresh_token", token)];
        self.ask(post("/application/o/token/", &form).basic(rp)).await
    }

    pub(crate) async fn userinfo(&self, token: &str) -> Answer {
        self.ask(get("/application/o/userinfo/").bearer(token)).await
    }

    pub(crate) async fn introspect(&self, rp: &Rp, token: &str) -> Value {
        let answer = self.ask(post("/application/o/introspect/", &[("token", token)]).basic(rp)).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    /// How many events of this kind there are.
    pub(crate) async fn events(&self, action: EventAction) -> usize {
        let filter = events::EventFilter { action: Some(action), ..Default::default() };
        let page = countersign_types::PageRequest::first(1000);
        self.store.read(move |tx| events::list(tx, &filter, &page)).await.unwrap().items.len()
    }
}

pub(crate) fn authorize_url(rp: &Rp, more: &[(&str, &str)]) -> String {
    let mut query = vec![
        ("client_id", rp.client_id.as_str()),
        ("redirect_uri", REDIRECT),
        ("response_type", "code"),
        ("scope", "openid email profile"),
        ("state", "s-1"),
    ];
    query.retain(|(name, _)| !more.iter().any(|(other, _)| other == name));
    query.extend(more.iter().filter(|(_, value)| *value != "\0"));
    format!("/application/o/authorize/?{}", encode(&query))
}

fn house(
    store: &Store,
    clock: Arc<dyn countersign_types::Clock>,
    rng: Arc<dyn countersign_types::Rng>,
    sealer: Arc<Sealer>,
) -> Arc<App> {
    let evaluator = Evaluator::new(EvaluatorOptions::default(), clock.clone());
    let expressions = Arc::new(Expressions::new(store.clone(), evaluator, Limits::default()));
    let kinds = PolicyKinds::new().with::<ExpressionPolicy>();
    let policies = Policies::new(store.clone(), kinds, expressions, Arc::clone(&sealer));
    let mail = Mail::without_server(store, Outbox::new((*sealer).clone()), Catalogues::load().unwrap());
    let services = FlowServices {
        store: store.clone(),
        sealer,
        hashes: HashPool::new(HashOptions::default(), rng.clone()).unwrap(),
        policies: Arc::new(policies),
        mail,
        networks: Vec::new(),
        kinds: StageKinds::new()
            .with::<ConsentStage>()
            .with::<UserLogoutStage>()
            .with_appended(REQUIRED_CONSENT, Arc::new(RequiredConsent))
            .with_appended(FULFILMENT, Arc::new(Fulfilment)),
        clock,
        rng,
    };
    App::new(AppParts {
        executor: Arc::new(Executor::new(services)),
        catalogues: Catalogues::load().unwrap(),
        settings: WebSettings { base_url: Some(BASE.parse().unwrap()), ..WebSettings::default() },
    })
}
