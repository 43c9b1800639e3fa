//! A house with a few routes of its own, and somebody who asks it.

use std::sync::Arc;

use actix_web::{
    App as ActixApp, HttpRequest, HttpResponse,
    body::to_bytes,
    dev::Service,
    http::{Method, StatusCode, header::HeaderMap},
    middleware::from_fn,
    test,
    web::{self, ServiceConfig},
};
use countersign_crypto::{HashOptions, HashPool, MasterKey, Sealer, new_token};
use countersign_expr::{Evaluator, EvaluatorOptions, Limits as ExpressionLimits};
use countersign_flows::{Executor, FlowServices, StageKinds};
use countersign_i18n::Catalogues;
use countersign_mail::{Mail, Outbox};
use countersign_model::{Session as SessionRow, SessionBinding, User};
use countersign_policies::{Expressions, Policies, PolicyKinds};
use countersign_store::{
    Backend, StoreError, sessions,
    testing::{TestStore, samples},
    users,
};
use countersign_types::{Clock as _, Digest, Secret};
use countersign_web::{
    App, AppParts, BoundedForm, BoundedJson, BoundedQuery, Browser, Diagnostics, Facts, MaybeSession, PageCx,
    Session, SessionForm, Superuser, Surface, TrustedProxies, WebError, WebSettings, edge, routes, see_other,
};
use serde_json::json;

pub(crate) struct World {
    pub(crate) store: TestStore,
    pub(crate) app: Arc<App>,
}

/// An answer as the asker sees it.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn cookies(&self) -> Vec<&str> {
        self.headers.get_all("set-cookie").map(|value| value.to_str().unwrap()).collect()
    }
}

/// A question.
pub(crate) struct Ask {
    request: test::TestRequest,
}

pub(crate) fn get(uri: &str) -> Ask {
    Ask { request: test::TestRequest::get().uri(uri) }.header("host", "auth.example.com").from("203.0.113.9")
}

pub(crate) fn post(uri: &str) -> Ask {
    let ask = get(uri);
    Ask { request: ask.request.method(Method::POST) }
}

impl Ask {
    pub(crate) fn method(self, method: Method) -> Self {
        Self { request: self.request.method(method) }
    }

    pub(crate) fn header(self, name: &'static str, value: &str) -> Self {
        Self { request: self.request.insert_header((name, value)) }
    }

    pub(crate) fn from(self, peer: &str) -> Self {
        Self { request: self.request.peer_addr(std::net::SocketAddr::new(peer.parse().unwrap(), 4711)) }
    }

    pub(crate) fn form(self, body: &str) -> Self {
        self.body("application/x-www-form-urlencoded", body)
    }

    pub(crate) fn body(self, kind: &str, body: &str) -> Self {
        Self { request: self.header("content-type", kind).request.set_payload(body.to_owned()) }
    }
}

/// Carries a session token in plain HTTP.
pub(crate) fn cookie(token: &Secret<String>) -> String {
    format!("countersign_session={}", token.expose())
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(WebSettings {
            trusted_proxies: TrustedProxies::new(vec!["10.0.0.0/8".parse().unwrap()]),
            ..WebSettings::default()
        })
    }

    pub(crate) fn with(settings: WebSettings) -> Self {
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
            kinds: StageKinds::new(),
            clock,
            rng,
        };
        let app = App::new(AppParts {
            executor: Arc::new(Executor::new(services)),
            catalogues: Catalogues::load().unwrap(),
            settings,
        });
        Self { store, app }
    }

    /// Somebody who is signed in, with the value of his cookie.
    pub(crate) async fn sign_in(&self, change: impl FnOnce(&mut User)) -> Secret<String> {
        self.sign_in_bound(change, None).await
    }

    /// The same with a session that is bound to where it began.
    pub(crate) async fn sign_in_bound(
        &self,
        change: impl FnOnce(&mut User),
        binding: Option<SessionBinding>,
    ) -> Secret<String> {
        let now = self.store.clock.now();
        let mut user = samples::user(1, "alice", now);
        change(&mut user);
        let (token, key) = new_token(self.app.rng());
        let session = SessionRow { key, binding, ..samples::session(1, user.id, now) };
        self.store
            .write(move |tx| {
                users::create(tx, &user)?;
                sessions::create(tx, &session)
            })
            .await
            .unwrap();
        token
    }

    pub(crate) async fn sign_out(&self, token: &Secret<String>) {
        let key: Digest = countersign_crypto::digest(token.expose());
        self.store.write(move |tx| sessions::delete(tx, &key).map(drop)).await.unwrap();
    }

    pub(crate) async fn ask(&self, ask: Ask) -> Answer {
        let house = ActixApp::new()
            .app_data(web::Data::from(self.app.clone()))
            .configure(routes)
            .configure(probes)
            .wrap(from_fn(edge));
        let house = test::init_service(house).await;
        let response = match house.call(ask.request.to_request()).await {
            Ok(response) => response.into_parts().1.map_into_boxed_body(),
            Err(error) => error.error_response(),
        };
        let (status, headers) = (response.status(), response.headers().clone());
        let body = to_bytes(response.into_body()).await.unwrap_or_else(|_| panic!("a body")).to_vec();
        Answer { status, headers, body }
    }
}

/// Routes that say what the extractors found.
pub(crate) fn probes(config: &mut ServiceConfig) {
    config
        .route("/facts", web::get().to(facts))
        .route("/diagnostics", web::get().to(diagnostics))
        .route(
            "/who",
            web::get().to(|MaybeSession(live): MaybeSession| async move {
                live.map_or_else(|| "nobody".to_owned(), |live| live.subject.user.username.clone())
            }),
        )
        .route(
            "/members",
            web::get().to(|session: Session| async move { session.subject.user.username.clone() }),
        )
        .route("/admins", web::get().to(|_: Superuser| async { "welcome" }))
        .route(
            "/browser",
            web::get().to(|browser: Browser, again: Browser| async move {
                assert_eq!(browser.secret().expose(), again.secret().expose());
                let mut response = HttpResponse::Ok().body(browser.secret().expose().clone());
                browser.keep(&mut response);
                response
            }),
        )
        .route("/token", web::get().to(|cx: PageCx| async move { cx.csrf }))
        .route(
            "/settings",
            web::post().to(|form: SessionForm| async move {
                assert!(form.fields.first("csrf").is_none());
                see_other("/if/user/")
            }),
        )
        .route(
            "/form",
            web::post().to(|BoundedForm(pairs): BoundedForm| async move {
                pairs.duplicate().unwrap_or("none").to_owned()
            }),
        )
        .route(
            "/query",
            web::get()
                .to(|BoundedQuery(pairs): BoundedQuery| async move { pairs.as_slice().len().to_string() }),
        )
        .route("/json", web::post().to(|BoundedJson(object): BoundedJson| async move { web::Json(object) }))
        .route("/panic", web::get().to(panics))
        .route(
            "/broken",
            web::get().to(|| async {
                Err::<HttpResponse, _>(WebError::from(StoreError::Internal("the secret cause".to_owned())))
            }),
        )
        .route("/busy", web::get().to(|| async { Err::<HttpResponse, _>(WebError::from(StoreError::Busy)) }))
        .route("/path/{number}", web::get().to(|number: web::Path<u32>| async move { number.to_string() }))
        .route(
            "/long",
            web::get()
                .to(|| async { HttpResponse::Ok().content_type("text/html").body("words ".repeat(1000)) }),
        )
        .service(
            web::scope("/oauth")
                .app_data(Surface::OAuth)
                .route(
                    "/broken",
                    web::get().to(|| async {
                        Err::<HttpResponse, _>(WebError::from(StoreError::Internal(
                            "the secret cause".to_owned(),
                        )))
                    }),
                )
                .route("/form", web::post().to(|_: BoundedForm| async { "fine" })),
        )
        .service(
            web::scope("/api")
                .app_data(Surface::Rest)
                .route("/form", web::post().to(|_: BoundedForm| async { "fine" })),
        )
        .route("/application/o/token/", web::post().to(|_: BoundedForm| async { "token" }));
}

async fn panics() -> HttpResponse {
    panic!("a secret of the panic")
}

async fn facts(facts: Facts) -> HttpResponse {
    HttpResponse::Ok().json(json!({
        "client": facts.client.map(|client| client.to_string()),
        "host": facts.host,
        "base_url": facts.base_url,
        "locale": facts.locale,
        "https": facts.is_https(),
        "request_id": facts.request_id,
        "user_agent": facts.user_agent.chars().count(),
        "cross_site": facts.is_cross_site,
        "has_certificate": facts.certificate.is_some(),
    }))
}

async fn diagnostics(request: HttpRequest) -> HttpResponse {
    let app = App::shared(&request).unwrap();
    HttpResponse::Ok().json(Diagnostics::of(&request, app.settings()))
}
