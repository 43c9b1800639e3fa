//! A small house for the tests: a database, some people, and the engine.

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
};

use countersign_crypto::{HashOptions, HashPool, MasterKey, Sealer, SystemClock, SystemRng};
use countersign_expr::{Evaluator, EvaluatorOptions, Limits};
use countersign_model::{
    BoundTo, ConfigObject, ConfigObjectId, Event, Family, Group, GroupId, PolicyBinding, PolicyBindingId,
    PolicyEngineMode, Subject, User, UserId, UserType,
};
use countersign_policies::{
    ContextChanges, Evaluated, Expressions, KnownDevices, Policies, PolicyError, PolicyKinds, PolicyRequest,
    PolicyResult, Reach, RequestFacts, Source, Surroundings,
    kinds::{
        dummy::DummyPolicy, expression::ExpressionPolicy, geoip::GeoIpPolicy, password::PasswordPolicy,
        password_expiry::PasswordExpiryPolicy, reputation::ReputationPolicy,
        unique_password::UniquePasswordPolicy,
    },
};
use countersign_store::{
    Store, StoreError, StoreOptions, Tx, config_objects, events, groups, policy_bindings, users,
};
use countersign_types::{ClientAddr, JsonObject, RawId, Secret, Timestamp};
use serde_json::{Value as Json, json};
use uuid::Uuid;

pub(crate) const HASH: &str = "$argon2id$v=19$m=8,t=1,p=1$c2FsdA$aGFzaGhhc2g";

pub(crate) struct House {
    pub(crate) store: Store,
    pub(crate) policies: Policies,
    pub(crate) hashes: HashPool,
    _folder: tempfile::TempDir,
}

impl House {
    pub(crate) fn new() -> Self {
        Self::with_limits(Limits::default())
    }

    pub(crate) fn with_limits(limits: Limits) -> Self {
        Self::build(limits, Reach::default(), |store, _| Surroundings::bare(store))
    }

    pub(crate) fn within(surroundings: impl FnOnce(&Store) -> Surroundings) -> Self {
        Self::build(Limits::default(), Reach::default(), |store, _| surroundings(store))
    }

    /// One that can compare passwords, cheaply.
    pub(crate) fn hashing() -> Self {
        Self::build(Limits::default(), Reach::default(), |store, hashes| Surroundings {
            hashes: Some(hashes.clone()),
            ..Surroundings::bare(store)
        })
    }

    pub(crate) fn reaching(reach: Reach, surroundings: impl FnOnce(&Store) -> Surroundings) -> Self {
        Self::build(Limits::default(), reach, |store, _| surroundings(store))
    }

    pub(crate) fn limited(limits: Limits, reach: Reach) -> Self {
        Self::build(limits, reach, |store, _| Surroundings::bare(store))
    }

    fn build(
        limits: Limits,
        reach: Reach,
        surroundings: impl FnOnce(&Store, &HashPool) -> Surroundings,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("house.sqlite");
        let options = StoreOptions::new(file.display().to_string());
        let store = Store::open(options, Arc::new(SystemClock), Arc::new(SystemRng)).unwrap();
        store.migrate().unwrap();
        let options = EvaluatorOptions { threads: 2, queue: 64, memory: 64 * 1024 * 1024 };
        let evaluator = Evaluator::new(options, Arc::clone(store.clock()));
        let expressions = Arc::new(Expressions::new(store.clone(), evaluator, limits).reaching(reach));
        let kinds = PolicyKinds::new()
            .with::<ExpressionPolicy>()
            .with::<DummyPolicy>()
            .with::<PasswordPolicy>()
            .with::<PasswordExpiryPolicy>()
            .with::<UniquePasswordPolicy>()
            .with::<ReputationPolicy>()
            .with::<GeoIpPolicy>();
        let sealer = Sealer::new(
            MasterKey::from_secret(&Secret::from("a secret of the tests, forty characters long")).unwrap(),
            &[],
            Arc::new(SystemRng),
        );
        let cheap = HashOptions { memory_kib: 8, iterations: 1, ..HashOptions::default() };
        let hashes = HashPool::new(cheap, Arc::new(SystemRng)).unwrap();
        let surroundings = surroundings(&store, &hashes);
        let policies = Policies::within(surroundings, store.clone(), kinds, expressions, Arc::new(sealer));
        Self { store, policies, hashes, _folder: folder }
    }

    pub(crate) async fn user(&self, username: &str, member_of: &[GroupId]) -> Arc<Subject> {
        let user = person(username);
        let (user_id, member_of) = (user.id, member_of.to_vec());
        let written = self.store.write(move |tx| {
            let mut user = user.clone();
            user.pk = users::next_pk(tx)?;
            users::create(tx, &user)?;
            for group in &member_of {
                groups::add_member(tx, *group, user.id)?;
            }
            Ok::<_, StoreError>(())
        });
        written.await.unwrap();
        self.store.subject(user_id).await.unwrap().unwrap()
    }

    pub(crate) async fn group(&self, name: &str, parents: &[GroupId]) -> GroupId {
        let group = Group {
            id: GroupId(id(name)),
            name: name.to_owned(),
            is_superuser: false,
            attributes: object(json!({ "of": name, "tags": [name] })),
            parents: parents.to_vec(),
        };
        let group_id = group.id;
        self.store.write(move |tx| groups::create(tx, &group)).await.unwrap();
        group_id
    }

    pub(crate) async fn policy(&self, name: &str, kind: &str, config: Json) -> ConfigObjectId {
        let object = ConfigObject {
            id: ConfigObjectId(id(name)),
            family: Family::Policy,
            kind: kind.to_owned(),
            name: name.to_owned(),
            managed: None,
            config,
        };
        let policy = object.id;
        self.store.write(move |tx| config_objects::create(tx, &object)).await.unwrap();
        policy
    }

    pub(crate) async fn expression(&self, name: &str, body: &str) -> ConfigObjectId {
        let config = json!({ "expression": body });
        self.policy(name, "authentik_policies_expression.expressionpolicy", config).await
    }

    pub(crate) async fn bind(
        &self,
        target: RawId,
        bound_to: BoundTo,
        tweak: impl FnOnce(&mut PolicyBinding),
    ) {
        let mut binding = PolicyBinding {
            id: PolicyBindingId(countersign_types::random_uuid(&SystemRng)),
            target,
            bound_to,
            enabled: true,
            negate: false,
            order: 0,
            timeout: 30,
            failure_result: false,
            expires: None,
        };
        tweak(&mut binding);
        self.store.write(move |tx| policy_bindings::create(tx, &binding)).await.unwrap();
    }

    pub(crate) async fn ask(
        &self,
        target: RawId,
        mode: PolicyEngineMode,
        request: &PolicyRequest,
    ) -> PolicyResult {
        let snapshot = self.store.snapshot().await.unwrap();
        self.policies.evaluate(&snapshot, target, mode, request).await
    }

    pub(crate) async fn passes(
        &self,
        target: RawId,
        mode: PolicyEngineMode,
        request: &PolicyRequest,
    ) -> bool {
        self.ask(target, mode, request).await.passing
    }

    pub(crate) async fn run(&self, body: &str, request: &PolicyRequest) -> Result<Evaluated, PolicyError> {
        self.policies.expressions().evaluate(&Source::new("test", body), Vec::new(), request).await
    }

    /// What an expression returns, as JSON.
    pub(crate) async fn value(&self, body: &str, request: &PolicyRequest) -> Json {
        match self.run(body, request).await {
            Ok(evaluated) => evaluated.value.to_json().unwrap(),
            Err(error) => panic!("{body}: {error}"),
        }
    }

    pub(crate) async fn events(&self) -> Vec<Event> {
        let page = countersign_types::PageRequest::first(100);
        self.store.read(move |tx| events::list(tx, &Default::default(), &page)).await.unwrap().items
    }
}

fn person(username: &str) -> User {
    User {
        id: UserId(id(username)),
        pk: 0,
        username: username.to_owned(),
        name: format!("{username} of the house"),
        email: format!("{username}@example.com"),
        is_active: true,
        password: Some(Secret::from(HASH)),
        password_change_date: None,
        last_login: None,
        date_joined: Timestamp::from_secs(1_700_000_000),
        last_updated: Timestamp::from_secs(1_700_000_000),
        path: "users".to_owned(),
        user_type: UserType::Internal,
        attributes: object(json!({ "department": "tests", "settings": { "locale": "ko" } })),
    }
}

/// Somebody with a number of his own.
pub(crate) fn somebody(tx: &mut Tx<'_>, username: &str) -> Result<User, StoreError> {
    Ok(User { pk: users::next_pk(tx)?, ..person(username) })
}

/// An identifier that is the same for the same name.
pub(crate) fn id(name: &str) -> Uuid {
    let digest = countersign_crypto::digest(name);
    Uuid::from_slice(&digest.as_bytes()[..16]).unwrap()
}

pub(crate) fn object(json: Json) -> JsonObject {
    let Json::Object(members) = json else { panic!("not an object") };
    members
}

pub(crate) fn request(user: Option<&Arc<Subject>>) -> PolicyRequest {
    PolicyRequest {
        user: user.cloned(),
        context: JsonObject::new(),
        facts: RequestFacts {
            client: Some(ClientAddr(IpAddr::V4(Ipv4Addr::new(10, 1, 2, 3)))),
            user_agent: "Browser".to_owned(),
            host: "auth.example.com".to_owned(),
            base_url: "https://auth.example.com".to_owned(),
            query: String::new(),
            locale: "en".to_owned(),
            request_id: "req-1".to_owned(),
            is_cross_site: false,
            impersonator: None,
            devices: KnownDevices::default(),
            certificate: None,
        },
        is_sso: false,
        changes: ContextChanges::new(),
    }
}

pub(crate) fn with_context(mut request: PolicyRequest, context: Json) -> PolicyRequest {
    request.context = object(context);
    request
}
