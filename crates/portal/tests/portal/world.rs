//! A house with flows, people and applications, and browsers that visit it.

use std::{cell::RefCell, collections::BTreeMap, sync::Arc};

use actix_web::{
    App as ActixApp,
    body::to_bytes,
    cookie::Cookie,
    dev::Service,
    http::{Method, StatusCode, header::HeaderMap},
    middleware::from_fn,
    test,
    web::Data,
};
use countersign_crypto::{HashOptions, HashPool, MasterKey, Sealer};
use countersign_expr::{Evaluator, EvaluatorOptions, Limits as ExpressionLimits};
use countersign_flows::{Executor, FlowServices, StageKinds};
use countersign_i18n::Catalogues;
use countersign_mail::{Mail, Outbox};
use countersign_model::{
    Application, BoundTo, Flow, FlowDesignation, Group, PolicyEngineMode, Session, User, UserId,
};
use countersign_policies::{Expressions, Policies, PolicyKinds};
use countersign_portal::{Portal, lead_to_setup};
use countersign_store::{
    Backend, StoreError, applications, config_objects, flow_stage_bindings, flows, groups, policy_bindings,
    providers, sessions, settings,
    testing::{TestStore, samples},
    users,
};
use countersign_types::{Clock as _, RawId, Timestamp};
use countersign_web::{App, AppParts, TrustedProxies, WebSettings, edge};
use serde_json::{Value, json};

use crate::scripted::{Act, Scripted};

pub(crate) struct World {
    pub(crate) store: TestStore,
    pub(crate) app: Arc<App>,
}

/// The user of most stories.
pub(crate) fn alice() -> UserId {
    samples::user(1, "alice", Timestamp::from_secs(0)).id
}

const ADMINS: u8 = 1;

impl World {
    /// Flows for signing in and out, and nobody yet. The set-up is done.
    pub(crate) async fn new() -> Self {
        Self::with(WebSettings::default()).await
    }

    pub(crate) async fn with(web: WebSettings) -> Self {
        let store = TestStore::start(Backend::Sqlite).unwrap();
        let rng: Arc<dyn countersign_types::Rng> = store.rng.clone();
        let clock: Arc<dyn countersign_types::Clock> = store.clock.clone();
        let master = MasterKey::from_secret(&"a secret key of the tests, long enough".into()).unwrap();
        let sealer = Arc::new(Sealer::new(master, &[], rng.clone()));
        let evaluator = Evaluator::new(EvaluatorOptions::default(), clock.clone());
        let expressions = Arc::new(Expressions::new(store.clone(), evaluator, ExpressionLimits::default()));
        let policies = Policies::new(store.clone(), PolicyKinds::new(), expressions, sealer.clone());
        let services = FlowServices {
            store: store.clone(),
            sealer: Arc::clone(&sealer),
            hashes: HashPool::new(HashOptions::default(), rng.clone()).unwrap(),
            policies: Arc::new(policies),
            mail: Mail::without_server(&store, Outbox::new((*sealer).clone()), Catalogues::load().unwrap()),
            networks: Vec::new(),
            kinds: StageKinds::new().with::<Scripted>(),
            clock,
            rng,
        };
        let app = App::new(AppParts {
            executor: Arc::new(Executor::new(services)),
            catalogues: Catalogues::load().unwrap(),
            settings: WebSettings {
                trusted_proxies: TrustedProxies::new(vec!["10.0.0.0/8".parse().unwrap()]),
                ..web
            },
        });
        let world = Self { store, app };
        world.store.write(|tx| settings::close_initial_setup(tx).map(drop)).await.unwrap();
        world
            .flow(1, "sign-in", FlowDesignation::Authentication, &[Act::Name, Act::Password, Act::SignIn])
            .await;
        world.flow(2, "sign-out", FlowDesignation::Invalidation, &[Act::SignOut]).await;
        world.flow(3, "gallery", FlowDesignation::Enrollment, &[Act::Gallery]).await;
        world.flow(4, "denied", FlowDesignation::Enrollment, &[Act::Deny]).await;
        world
    }

    pub(crate) async fn flow(
        &self,
        number: u8,
        slug: &str,
        designation: FlowDesignation,
        acts: &[Act],
    ) -> Flow {
        let flow = Flow { designation, ..samples::flow(number, slug) };
        let (kept, acts) = (flow.clone(), acts.to_vec());
        self.store
            .write(move |tx| {
                flows::create(tx, &kept)?;
                for (order, act) in (0_u8..).zip(&acts) {
                    let mut stage = samples::stage(number * 10 + order, &format!("{}-{order}", kept.name));
                    stage.kind = "tests.scripted".to_owned();
                    stage.config = json!({ "act": act });
                    config_objects::create(tx, &stage)?;
                    let binding =
                        samples::stage_binding(number * 10 + order, kept.id, stage.id, order.into());
                    flow_stage_bindings::create(tx, &binding)?;
                }
                Ok::<_, StoreError>(())
            })
            .await
            .unwrap();
        flow
    }

    /// The user of most stories; a superuser if the change makes him one by group.
    pub(crate) async fn alice(&self, change: impl FnOnce(&mut User)) {
        let mut user = samples::user(1, "alice", self.store.clock.now());
        user.name = "Alice Liddell".to_owned();
        change(&mut user);
        self.store.write(move |tx| users::create(tx, &user)).await.unwrap();
    }

    pub(crate) async fn make_alice_superuser(&self) {
        let group = Group { is_superuser: true, ..samples::group(ADMINS, "admins", &[]) };
        self.store
            .write(move |tx| {
                groups::create(tx, &group)?;
                groups::add_member(tx, group.id, alice())?;
                Ok::<_, StoreError>(())
            })
            .await
            .unwrap();
    }

    /// An application at `https://<slug>.example/`, with a provider of its own.
    pub(crate) async fn application(
        &self,
        number: u8,
        slug: &str,
        change: impl FnOnce(&mut Application),
    ) -> Application {
        let provider = samples::provider(number);
        let mut application = samples::application(number, slug, Some(provider.id));
        application.meta_launch_url = format!("https://{slug}.example/");
        change(&mut application);
        let kept = application.clone();
        self.store
            .write(move |tx| {
                providers::create(tx, &provider)?;
                applications::create(tx, &kept)
            })
            .await
            .unwrap();
        application
    }

    /// Only members of a group that nobody is in may pass.
    pub(crate) async fn forbid(&self, target: RawId) {
        let group = samples::group(9, "nobody", &[]);
        let binding = samples::policy_binding(1, target, BoundTo::Group(group.id));
        self.store
            .write(move |tx| {
                groups::create(tx, &group)?;
                policy_bindings::create(tx, &binding)
            })
            .await
            .unwrap();
        assert_eq!(PolicyEngineMode::Any, samples::flow(1, "x").policy_engine_mode);
    }

    pub(crate) async fn open_setup(&self) {
        self.flow(7, "initial-setup", FlowDesignation::StageConfiguration, &[Act::Name]).await;
        self.store.write(|tx| settings::delete(tx, settings::INITIAL_SETUP).map(drop)).await.unwrap();
    }

    pub(crate) fn browser(&self) -> Browser<'_> {
        Browser { world: self, cookies: RefCell::default(), headers: Vec::new() }
    }

    /// A browser in which Alice is signed in.
    pub(crate) async fn signed_in(&self) -> Browser<'_> {
        let browser = self.browser();
        let (token, key) = countersign_crypto::new_token(self.app.rng());
        let session = Session {
            key,
            id: countersign_model::SessionId(RawId::from_u128(u128::from_be_bytes(
                key.0[..16].try_into().unwrap(),
            ))),
            ..samples::session(1, alice(), self.store.clock.now())
        };
        self.store.write(move |tx| sessions::create(tx, &session)).await.unwrap();
        browser.cookies.borrow_mut().insert("countersign_session".to_owned(), token.expose().clone());
        browser
    }

    async fn ask(&self, request: test::TestRequest) -> Page {
        let portal = Portal::new().launching("authentik_providers_oauth2.oauth2provider", |_, provider| {
            Some(format!("https://{}.derived.example/", provider.name))
        });
        let house = ActixApp::new()
            .app_data(Data::from(self.app.clone()))
            .configure(countersign_web::routes)
            .configure(countersign_portal::routes(Arc::new(portal)))
            .wrap(from_fn(lead_to_setup))
            .wrap(from_fn(edge));
        let house = test::init_service(house).await;
        let response = match house.call(request.to_request()).await {
            Ok(response) => response.into_parts().1.map_into_boxed_body(),
            Err(error) => error.error_response(),
        };
        let (status, headers) = (response.status(), response.headers().clone());
        let body = to_bytes(response.into_body()).await.unwrap_or_else(|_| panic!("a body")).to_vec();
        Page { status, headers, body }
    }
}

/// Somebody's browser: it keeps cookies, says that its requests are its own, and follows nothing.
pub(crate) struct Browser<'w> {
    world: &'w World,
    pub(crate) cookies: RefCell<BTreeMap<String, String>>,
    headers: Vec<(&'static str, String)>,
}

impl Browser<'_> {
    /// With a header that goes with every request.
    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    pub(crate) async fn get(&self, address: &str) -> Page {
        self.send(test::TestRequest::get().uri(address)).await
    }

    /// Asks for the head of an answer alone.
    pub(crate) async fn head(&self, address: &str) -> Page {
        self.send(test::TestRequest::default().method(Method::HEAD).uri(address)).await
    }

    pub(crate) async fn post(&self, address: &str, fields: &[(&str, &str)]) -> Page {
        let encode = countersign_web::encode_next;
        let body: Vec<String> =
            fields.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
        self.send_body(address, "application/x-www-form-urlencoded", body.join("&")).await
    }

    pub(crate) async fn post_json(&self, address: &str, body: &Value) -> Page {
        self.send_body(address, "application/json", body.to_string()).await
    }

    pub(crate) async fn send_body(&self, address: &str, kind: &str, body: impl Into<String>) -> Page {
        let request = test::TestRequest::default().method(Method::POST).uri(address);
        self.send(request.insert_header(("content-type", kind)).set_payload(body.into())).await
    }

    /// Answers the form of a page, at the address and with the hidden fields that it names.
    pub(crate) async fn answer(&self, page: &Page, fields: &[(&str, &str)]) -> Page {
        let token = page.hidden("plan");
        let mut all = vec![("plan", token.as_str())];
        all.extend_from_slice(fields);
        self.post(&page.form_action(), &all).await
    }

    /// Follows redirects of ours until there is a page.
    pub(crate) async fn follow(&self, mut page: Page) -> Page {
        for _ in 0..10 {
            if !page.status.is_redirection() {
                return page;
            }
            page = self.get(&page.location()).await;
        }
        panic!("redirected in circles")
    }

    async fn send(&self, mut request: test::TestRequest) -> Page {
        let cookies: Vec<String> =
            self.cookies.borrow().iter().map(|(name, value)| format!("{name}={value}")).collect();
        request = request
            .insert_header(("host", "auth.example.com"))
            .peer_addr(std::net::SocketAddr::new("203.0.113.9".parse().unwrap(), 4711));
        if !self.headers.iter().any(|(name, _)| *name == "sec-fetch-site") {
            request = request.insert_header(("sec-fetch-site", "same-origin"));
        }
        for (name, value) in &self.headers {
            request = request.insert_header((*name, value.as_str()));
        }
        if !cookies.is_empty() {
            request = request.insert_header(("cookie", cookies.join("; ")));
        }
        let page = self.world.ask(request).await;
        for line in page.headers.get_all("set-cookie") {
            let cookie = Cookie::parse(line.to_str().unwrap().to_owned()).unwrap();
            let mut kept = self.cookies.borrow_mut();
            if cookie.max_age().is_some_and(|age| age.is_zero()) {
                kept.remove(cookie.name());
            } else {
                kept.insert(cookie.name().to_owned(), cookie.value().to_owned());
            }
        }
        page
    }
}

/// What came back.
pub(crate) struct Page {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Page {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.text()))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    pub(crate) fn location(&self) -> String {
        assert!(self.status.is_redirection(), "{}: {}", self.status, self.text());
        self.header("location").to_owned()
    }

    /// Value of a hidden field.
    pub(crate) fn hidden(&self, name: &str) -> String {
        self.after(&format!(r#"<input type="hidden" name="{name}" value=""#))
    }

    /// Where the first form with a step token, or else the first form, is sent.
    pub(crate) fn form_action(&self) -> String {
        self.after(r#"<form method="post" action=""#)
    }

    /// What stands between the mark and the next quotation mark, unescaped.
    fn after(&self, mark: &str) -> String {
        let (_, rest) =
            self.text().split_once(mark).unwrap_or_else(|| panic!("no {mark} in {}", self.text()));
        unescaped(rest.split_once('"').unwrap().0)
    }

    pub(crate) fn says(&self, words: &str) -> bool {
        unescaped(self.text()).contains(words)
    }
}

pub(crate) fn unescaped(html: &str) -> String {
    html.replace("&#34;", "\"")
        .replace("&#38;", "&")
        .replace("&#39;", "'")
        .replace("&#60;", "<")
        .replace("&#62;", ">")
        .replace("&amp;", "&")
}
