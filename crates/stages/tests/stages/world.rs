//! A house with flows, and browsers that walk through them.

use std::{num::NonZeroUsize, sync::Arc, time::Duration};

use countersign_crypto::{HashOptions, HashPool, MasterKey, Sealer, digest};
use countersign_expr::{Evaluator, EvaluatorOptions, Limits};
use countersign_flows::{
    BrowserSecret, Executor, FlowError, FlowRequest, FlowServices, Reply, ReplyKind, RequestFacts, Response,
    SessionChange, ShownChallenge, StageKinds,
};
use countersign_geo::Atlas;
use countersign_i18n::Catalogues;
use countersign_mail::{Mail, Outbox};
use countersign_model::{
    ConfigObject, ConfigObjectId, Event, EventAction, Flow, FlowDesignation, Session, User,
};
use countersign_policies::{
    Expressions, KnownDevices, Policies, PolicyKinds, Surroundings, kinds::expression::ExpressionPolicy,
};
use countersign_registry::DocumentVault;
use countersign_resource::ConfigKind;
use countersign_stages::{
    AccountLockdownStage, CaptchaStage, ConsentStage, DenyStage, DummyStage, IdentificationStage,
    InitialSetupStage, InvitationStage, MutualTlsStage, PasswordStage, Prompt, PromptStage, RedirectStage,
    UserDeleteStage, UserLoginStage, UserLogoutStage, UserWriteStage,
};
use countersign_store::{
    StoreError, Trips, Tx, config_objects, events, flow_stage_bindings, flows, sessions,
    testing::{TestStore, samples},
    users,
};
use countersign_types::{ClientAddr, Digest, PageRequest, Secret, Text, random_uuid};
use serde_json::{Value, json};

/// The password of everybody in these stories.
pub(crate) const PASSWORD: &str = "correct horse battery staple";

pub(crate) struct World {
    pub(crate) db: TestStore,
    pub(crate) executor: Executor,
    pub(crate) hashes: HashPool,
}

impl World {
    pub(crate) fn new(db: TestStore) -> Self {
        Self::knowing(db, Atlas::empty())
    }

    /// A house that knows where addresses are.
    pub(crate) fn knowing(db: TestStore, atlas: Atlas) -> Self {
        let (clock, rng) = (Arc::clone(&db.clock), Arc::clone(&db.rng));
        let options = HashOptions {
            memory_kib: 64,
            iterations: 1,
            threads: NonZeroUsize::MIN,
            queue: 512,
            idle: Duration::from_secs(1),
            ..HashOptions::default()
        };
        let hashes = HashPool::new(options, rng.clone()).unwrap();
        let key = MasterKey::from_secret(&Secret::from(
            "a secret of at least fifty characters, for the tests only",
        ));
        let sealer = Arc::new(Sealer::new(key.unwrap(), &[], rng.clone()));
        let evaluator = Evaluator::new(EvaluatorOptions::default(), clock.clone());
        let limits = Limits { time: Duration::from_secs(5), ..Limits::default() };
        let expressions = Arc::new(Expressions::new(db.store().clone(), evaluator, limits));
        let policies = PolicyKinds::new().with::<ExpressionPolicy>();
        let surroundings = Surroundings { atlas, ..Surroundings::bare(db.store()) };
        let policies =
            Policies::within(surroundings, db.store().clone(), policies, expressions, Arc::clone(&sealer));
        let mail =
            Mail::without_server(db.store(), Outbox::new((*sealer).clone()), Catalogues::load().unwrap());
        let executor = Executor::new(FlowServices {
            store: db.store().clone(),
            sealer,
            hashes: hashes.clone(),
            policies: Arc::new(policies),
            mail,
            networks: vec!["127.0.0.0/8".parse().unwrap()],
            kinds: every_kind(),
            clock,
            rng,
        });
        Self { db, executor, hashes }
    }

    pub(crate) async fn write<T: Send + 'static>(
        &self,
        unit: impl FnMut(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> T {
        self.db.write(unit).await.unwrap()
    }

    pub(crate) async fn read<T: Send + 'static>(
        &self,
        unit: impl FnMut(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> T {
        self.db.read(unit).await.unwrap()
    }

    /// Somebody with [`PASSWORD`].
    pub(crate) async fn user(&self, number: u8, username: &str) -> User {
        let mut user = samples::user(number, username, self.db.now());
        user.password = Some(self.hashes.hash(Secret::from(PASSWORD)).await.unwrap());
        let row = user.clone();
        self.write(move |tx| users::create(tx, &row)).await;
        user
    }

    pub(crate) async fn user_row(&self, user: &User) -> Option<User> {
        let id = user.id;
        self.read(move |tx| users::by_id(tx, id)).await
    }

    pub(crate) async fn user_named(&self, username: &str) -> Option<User> {
        let username = username.to_owned();
        self.read(move |tx| users::by_username(tx, &username)).await
    }

    pub(crate) async fn change_user(&self, user: &User, change: impl Fn(&mut User)) {
        let mut row = self.user_row(user).await.unwrap();
        change(&mut row);
        self.write(move |tx| users::update(tx, &row)).await;
    }

    /// A configuration object of some kind, its document read as the registry would.
    pub(crate) async fn object<K: ConfigKind>(&self, name: &str, document: Value) -> ConfigObjectId {
        let Value::Object(document) = document else { panic!("a document is an object") };
        let spec: K = countersign_resource::parse(&document).unwrap();
        let object = ConfigObject {
            id: ConfigObjectId(random_uuid(&*self.db.rng)),
            family: K::FAMILY,
            kind: K::MODEL.to_owned(),
            name: name.to_owned(),
            managed: None,
            config: Value::Object(countersign_resource::canonical(&spec)),
        };
        let id = object.id;
        self.write(move |tx| config_objects::create(tx, &object)).await;
        id
    }

    /// The same of a kind with secrets, which are kept sealed.
    pub(crate) async fn sealed_object<K: ConfigKind>(&self, name: &str, document: Value) -> ConfigObjectId {
        let Value::Object(document) = document else { panic!("a document is an object") };
        let spec: K = countersign_resource::parse(&document).unwrap();
        let id = ConfigObjectId(random_uuid(&*self.db.rng));
        let vault = DocumentVault::new((*self.executor.services().sealer).clone());
        let fields = countersign_resource::Descriptor::of::<K>();
        let canonical = countersign_resource::canonical(&spec);
        let config =
            countersign_resource::sealed(&fields, id.raw(), canonical, &document, None, &vault).unwrap();
        let object = ConfigObject {
            id,
            family: K::FAMILY,
            kind: K::MODEL.to_owned(),
            name: name.to_owned(),
            managed: None,
            config: Value::Object(config),
        };
        self.write(move |tx| config_objects::create(tx, &object)).await;
        id
    }

    pub(crate) async fn prompt(&self, key: &str, kind: &str, more: Value) -> ConfigObjectId {
        let mut document = json!({ "field_key": key, "label": key, "type": kind });
        document.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.object::<Prompt>(&format!("{key}-{}", random_uuid(&*self.db.rng)), document).await
    }

    /// A flow of these stages, in this order.
    pub(crate) async fn flow(
        &self,
        slug: &str,
        designation: FlowDesignation,
        stages: &[ConfigObjectId],
    ) -> Flow {
        let mut flow = samples::flow(0, slug);
        flow.id.0 = random_uuid(&*self.db.rng);
        flow.designation = designation;
        self.put_flow(flow, stages).await
    }

    pub(crate) async fn put_flow(&self, flow: Flow, stages: &[ConfigObjectId]) -> Flow {
        let bindings: Vec<_> = stages
            .iter()
            .enumerate()
            .map(|(place, stage)| {
                let order = i32::try_from(place).unwrap() * 10;
                let mut binding = samples::stage_binding(0, flow.id, *stage, order);
                binding.id.0 = random_uuid(&*self.db.rng);
                binding
            })
            .collect();
        let row = flow.clone();
        self.write(move |tx| {
            flows::create(tx, &row)?;
            bindings.iter().try_for_each(|binding| flow_stage_bindings::create(tx, binding))
        })
        .await;
        flow
    }

    /// The flow that most of the stories go through: name, password, session.
    pub(crate) async fn sign_in_flow(&self) -> Flow {
        let name =
            self.object::<IdentificationStage>("who", json!({ "user_fields": ["username", "email"] })).await;
        let password = self.password_stage(json!({})).await;
        let login = self.object::<UserLoginStage>("login", json!({})).await;
        self.flow("sign-in", FlowDesignation::Authentication, &[name, password, login]).await
    }

    pub(crate) async fn password_stage(&self, more: Value) -> ConfigObjectId {
        let mut document = json!({ "backends": ["authentik.core.auth.InbuiltBackend"] });
        document.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.object::<PasswordStage>("password", document).await
    }

    pub(crate) async fn password_stage_named(&self, name: &str) -> ConfigObjectId {
        self.object::<PasswordStage>(name, json!({ "backends": ["authentik.core.auth.InbuiltBackend"] }))
            .await
    }

    pub(crate) fn browser(&self, name: &str) -> Browser<'_> {
        Browser {
            world: self,
            secret: BrowserSecret::from(format!("browser of {name}")),
            facts: facts(),
            session: None,
            page: (String::new(), String::new()),
            token: None,
            device: None,
        }
    }

    /// A browser in which somebody is signed in.
    pub(crate) async fn signed_in(&self, user: &User) -> Browser<'_> {
        let mut browser = self.browser(&user.username);
        let (now, id) = (self.db.now(), user.id);
        let mut session = samples::session(1, id, now);
        session.key = digest(&format!("session of {}", user.username));
        session.id.0 = random_uuid(&*self.db.rng);
        browser.session = Some(session.key);
        self.write(move |tx| sessions::create(tx, &session)).await;
        browser
    }

    /// The same with a session that begins now.
    pub(crate) async fn signed_in_again(&self, user: &User) -> Browser<'_> {
        let id = user.id;
        self.write(move |tx| sessions::delete_of_user(tx, id, None)).await;
        self.signed_in(user).await
    }

    pub(crate) async fn sessions_of(&self, user: &User) -> Vec<Session> {
        let id = user.id;
        self.read(move |tx| sessions::of_user(tx, id)).await
    }

    pub(crate) async fn events(&self, action: EventAction) -> Vec<Event> {
        let filter = events::EventFilter { action: Some(action), ..Default::default() };
        self.read(move |tx| Ok(events::list(tx, &filter, &PageRequest::first(500))?.items)).await
    }

    /// What some steps cost.
    pub(crate) fn trips(&self) -> Trips {
        self.db.trips()
    }
}

pub(crate) fn every_kind() -> StageKinds {
    StageKinds::new()
        .with::<crate::journeys::Witness>()
        .with::<crate::journeys::Arrival>()
        .with_source::<crate::sources::House>()
        .with::<AccountLockdownStage>()
        .with::<CaptchaStage>()
        .with::<ConsentStage>()
        .with::<DenyStage>()
        .with::<DummyStage>()
        .with::<IdentificationStage>()
        .with::<InitialSetupStage>()
        .with::<InvitationStage>()
        .with::<MutualTlsStage>()
        .with::<PasswordStage>()
        .with::<PromptStage>()
        .with::<RedirectStage>()
        .with::<UserDeleteStage>()
        .with::<UserLoginStage>()
        .with::<UserLogoutStage>()
        .with::<UserWriteStage>()
}

pub(crate) fn facts() -> RequestFacts {
    RequestFacts {
        client: Some(ClientAddr("192.0.2.7".parse().unwrap())),
        user_agent: "a browser".to_owned(),
        host: "sso.example.org".to_owned(),
        base_url: "https://sso.example.org".to_owned(),
        query: String::new(),
        locale: "en".to_owned(),
        request_id: "request".to_owned(),
        is_cross_site: false,
        impersonator: None,
        devices: KnownDevices::default(),
        certificate: None,
    }
}

/// What a browser is shown.
#[derive(Debug)]
pub(crate) enum Seen {
    Asked(Box<ShownChallenge>),
    Gone(String),
    Denied(Vec<Text>),
}

impl Seen {
    pub(crate) fn asked(&self) -> &ShownChallenge {
        match self {
            Self::Asked(shown) => shown,
            other => panic!("a question was expected: {other:?}"),
        }
    }

    pub(crate) fn component(&self) -> &'static str {
        self.asked().challenge.component
    }

    pub(crate) fn gone(&self) -> &str {
        match self {
            Self::Gone(to) => to,
            other => panic!("the end was expected: {other:?}"),
        }
    }

    pub(crate) fn is_denied(&self) -> bool {
        matches!(self, Self::Denied(_))
    }

    /// Codes of the complaints, by field.
    pub(crate) fn complaints(&self) -> Vec<(&str, &'static str)> {
        let errors = &self.asked().challenge.errors.0;
        errors.iter().map(|error| (error.path.as_str(), error.code)).collect()
    }

    /// Everything that a program sees, for comparing what two people see.
    pub(crate) fn as_json(&self) -> Value {
        let shown = self.asked();
        let errors: Vec<_> = shown
            .challenge
            .errors
            .0
            .iter()
            .map(|error| json!([error.path, error.code, error.message]))
            .collect();
        let pending =
            shown.challenge.pending_user.as_ref().map(|user| (&user.avatar, user.switch_url.is_some()));
        json!({
            "component": shown.challenge.component,
            "data": shown.challenge.data,
            "errors": errors,
            "pending": pending,
            "retry": shown.is_retry,
            "nodes": format!("{:?}", shown.challenge.nodes),
        })
    }
}

pub(crate) struct Browser<'w> {
    pub(crate) world: &'w World,
    pub(crate) secret: BrowserSecret,
    pub(crate) facts: RequestFacts,
    pub(crate) session: Option<Digest>,
    pub(crate) page: (String, String),
    pub(crate) token: Option<String>,
    /// By what it is known.
    pub(crate) device: Option<String>,
}

impl Browser<'_> {
    pub(crate) fn request(&self) -> FlowRequest {
        FlowRequest {
            slug: self.page.0.clone(),
            query: self.page.1.clone(),
            browser: self.secret.clone(),
            session_key: self.session,
            facts: RequestFacts { devices: self.devices(), ..self.facts.clone() },
        }
    }

    /// Who signed in with it before, as the house reads what it keeps.
    pub(crate) fn devices(&self) -> KnownDevices {
        let (sealer, now) = (&self.world.executor.services().sealer, self.world.db.now());
        self.device
            .as_deref()
            .map_or_else(KnownDevices::default, |kept| KnownDevices::open(sealer, kept, now))
    }

    /// Opens a flow page: `sign-in` or `sign-in?next=%2F`.
    pub(crate) async fn open(&mut self, page: &str) -> Seen {
        let (slug, query) = page.split_once('?').unwrap_or((page, ""));
        self.page = (slug.to_owned(), query.to_owned());
        self.reload().await
    }

    pub(crate) async fn reload(&mut self) -> Seen {
        let reply = self.world.executor.show(&self.request()).await.unwrap();
        self.see(reply)
    }

    /// Sends the form, with the token of the page.
    pub(crate) async fn send(&mut self, fields: &[(&str, &str)]) -> Seen {
        self.try_send(fields).await.unwrap()
    }

    pub(crate) async fn try_send(&mut self, fields: &[(&str, &str)]) -> Result<Seen, FlowError> {
        let pairs = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let response = Response::from_form(pairs).unwrap();
        let token = self.token.clone();
        let reply = self.world.executor.answer(&self.request(), token.as_deref(), None, response).await?;
        Ok(self.see(reply))
    }

    /// Sends JSON, as a program does.
    pub(crate) async fn send_json(&mut self, body: Value) -> Result<Seen, FlowError> {
        let Value::Object(body) = body else { panic!("a body is an object") };
        let component = body.get("component").and_then(Value::as_str).map(str::to_owned);
        let response = Response::from_json(body).unwrap();
        let reply = self.world.executor.answer(&self.request(), None, component.as_deref(), response).await?;
        Ok(self.see(reply))
    }

    fn see(&mut self, reply: Reply) -> Seen {
        match reply.session {
            SessionChange::Keep => {}
            SessionChange::Set { token, device, .. } => {
                self.session = Some(digest(token.expose()));
                if let Some(device) = device {
                    self.device = Some(device.value.expose().clone());
                }
            }
            SessionChange::Clear => self.session = None,
        }
        match reply.kind {
            ReplyKind::Challenge(shown) | ReplyKind::NextChallenge(shown) => {
                self.token = Some(shown.token.clone());
                Seen::Asked(shown)
            }
            ReplyKind::Redirect { to } => Seen::Gone(to),
            ReplyKind::Denied(denied) => Seen::Denied(denied.messages),
        }
    }

    /// Whether somebody is signed in, and who.
    pub(crate) async fn who(&self) -> Option<String> {
        let services = self.world.executor.services();
        let live = services.live_session(&self.session?, self.facts.client, "request").await.unwrap()?;
        Some(live.subject.user.username.clone())
    }
}
