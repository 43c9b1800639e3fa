//! A house without doors: database, policies and flows, as the server composes them.

use std::{num::NonZeroUsize, sync::Arc, time::Duration};

use countersign_crypto::{HashOptions, HashPool, MasterKey, Sealer, SystemClock, SystemRng};
use countersign_expr::{Evaluator, EvaluatorOptions, Limits};
use countersign_flows::{Executor, FlowServices, StageKinds};
use countersign_i18n::Catalogues;
use countersign_mail::{Mail, Outbox};
use countersign_model::{
    BoundTo, ConfigObject, ConfigObjectId, DeniedAction, Family, Flow, FlowAuthentication, FlowDesignation,
    FlowId, FlowLayout, FlowStageBinding, FlowStageBindingId, Group, GroupId, InvalidResponseAction,
    PolicyBinding, PolicyBindingId, PolicyEngineMode, Subject, User, UserId, UserType,
};
use countersign_policies::{
    ContextChanges, Expressions, KnownDevices, Policies, PolicyError, PolicyKinds, PolicyRequest,
    RequestFacts, Source, kinds::expression::ExpressionPolicy,
};
use countersign_resource::ConfigKind;
use countersign_stages::{
    DummyStage, IdentificationStage, PasswordStage, Prompt, PromptStage, UserLoginStage,
};
use countersign_store::{
    Store, StoreError, StoreOptions, config_objects, flow_stage_bindings, flows, groups, policy_bindings,
    users,
};
use countersign_types::{ClientAddr, JsonObject, RawId, Secret, Timestamp, random_uuid};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::Fault;

pub(crate) const SIGN_IN: &str = "sign-in";
pub(super) const LARGE: &str = "large";
/// A flow that asks everything that can be asked.
pub(crate) const PROMPTS: &str = "prompts";
pub(crate) const USERNAME: &str = "ada";
pub(super) const PASSWORD: &str = "correct horse battery staple";
/// Groups that the user is in.
const GROUPS: usize = 5;

/// Kinds of field.
const FIELDS: &[&str] = &[
    "text",
    "text_area",
    "text_read_only",
    "text_area_read_only",
    "username",
    "email",
    "password",
    "number",
    "checkbox",
    "radio-button-group",
    "dropdown",
    "date",
    "date-time",
    "file",
    "separator",
    "hidden",
    "static",
    "ak-locale",
    "alert_info",
];

/// The house.
pub(crate) struct House {
    pub(super) executor: Executor,
    subject: Arc<Subject>,
    _folder: TempDir,
}

fn faulty<T, E: std::fmt::Display>(result: Result<T, E>) -> Result<T, Fault> {
    result.map_err(|error| Fault::Program(error.to_string()))
}

fn id() -> RawId {
    random_uuid(&SystemRng)
}

/// Facts of a request from nowhere.
pub(super) fn facts() -> RequestFacts {
    RequestFacts {
        client: "192.0.2.7".parse().ok().map(ClientAddr),
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

impl House {
    /// A fresh one, with one user and the flow that he signs in by.
    pub(crate) async fn open() -> Result<Self, Fault> {
        let folder =
            tempfile::tempdir().map_err(|source| Fault::System { what: "a directory".to_owned(), source })?;
        let (clock, rng) = (Arc::new(SystemClock), Arc::new(SystemRng));
        let options = StoreOptions::new(folder.path().join("engine.sqlite").display().to_string());
        let store = faulty(Store::open(options, clock.clone(), rng.clone()))?;
        faulty(store.migrate())?;
        let cheap = HashOptions {
            memory_kib: 8,
            iterations: 1,
            parallelism: 1,
            threads: NonZeroUsize::MIN,
            queue: 8,
            idle: Duration::from_secs(600),
        };
        let hashes = faulty(HashPool::new(cheap, rng.clone()))?;
        let secret = Secret::from("what is measured here is kept from nobody, so this may be read");
        let sealer = Arc::new(Sealer::new(faulty(MasterKey::from_secret(&secret))?, &[], rng.clone()));
        let evaluator = Evaluator::new(EvaluatorOptions::default(), clock.clone());
        let expressions = Arc::new(Expressions::new(store.clone(), evaluator, Limits::default()));
        let kinds = PolicyKinds::new().with::<ExpressionPolicy>();
        let policies = Arc::new(Policies::new(store.clone(), kinds, expressions, Arc::clone(&sealer)));
        let mail = Mail::without_server(&store, Outbox::new((*sealer).clone()), faulty(Catalogues::load())?);
        let password = faulty(hashes.hash(Secret::from(PASSWORD)).await)?;
        let subject = populate(&store, password).await?;
        let executor = Executor::new(FlowServices {
            store,
            sealer,
            hashes,
            policies,
            mail,
            networks: Vec::new(),
            kinds: StageKinds::new()
                .with::<IdentificationStage>()
                .with::<PasswordStage>()
                .with::<DummyStage>()
                .with::<PromptStage>()
                .with::<UserLoginStage>(),
            clock,
            rng,
        });
        let house = Self { executor, subject, _folder: folder };
        house.add_sign_in().await?;
        Ok(house)
    }

    const fn store(&self) -> &Store {
        &self.executor.services().store
    }

    /// What a browser is known by that has kept this.
    pub(super) fn known_by(&self, kept: &str) -> KnownDevices {
        let services = self.executor.services();
        KnownDevices::open(&services.sealer, kept, services.clock.now())
    }

    /// What an expression says of the user.
    pub(super) async fn evaluate(&self, source: &Source) -> Result<(), Fault> {
        faulty(self.ask(source).await)
    }

    /// The same, with what goes wrong.
    pub(crate) async fn ask(&self, source: &Source) -> Result<(), PolicyError> {
        let request = PolicyRequest {
            user: Some(Arc::clone(&self.subject)),
            context: JsonObject::new(),
            facts: facts(),
            is_sso: false,
            changes: ContextChanges::new(),
        };
        let expressions = self.executor.services().policies.expressions();
        expressions.evaluate(source, Vec::new(), &request).await.map(drop)
    }

    /// Compares the password, as the flow does.
    pub(super) async fn compare_password(&self) -> Result<(), Fault> {
        let kept = self.subject.user.password.clone();
        faulty(self.executor.services().hashes.verify(Secret::from(PASSWORD), kept).await).map(drop)
    }

    async fn add_sign_in(&self) -> Result<(), Fault> {
        let backend = json!({ "backends": ["authentik.core.auth.InbuiltBackend"] });
        let stages = [
            stage::<IdentificationStage>("who", json!({ "user_fields": ["username", "email"] })),
            stage::<PasswordStage>("password", backend),
            stage::<DummyStage>("confirm", json!({})),
            stage::<UserLoginStage>("session", json!({})),
        ];
        self.add_flow(flow(SIGN_IN)?, stages.to_vec(), Vec::new()).await
    }

    /// A flow whose every stage has a policy of its own, which passes for the last alone.
    pub(super) async fn add_large_flow(&self, size: u32) -> Result<(), Fault> {
        let stages = (0..size).map(|at| stage::<DummyStage>(&format!("page {at}"), json!({}))).collect();
        let expression = |at: u32| {
            let is_last = if at + 1 == size { "True" } else { "False" };
            json!({ "expression": format!("return request.user.username == \"nobody {at}\" or {is_last}") })
        };
        let policy =
            |at: u32| object::<ExpressionPolicy>(Family::Policy, &format!("policy {at}"), expression(at));
        self.add_flow(flow(LARGE)?, stages, (0..size).map(policy).collect()).await
    }

    /// A flow that asks for a field of every kind.
    pub(crate) async fn add_prompts(&self) -> Result<(), Fault> {
        let prompt = |kind: &&str| {
            let choices = "return [\"red\", \"green\"]";
            let is_choice = matches!(*kind, "dropdown" | "radio-button-group");
            let config = json!({
                "field_key": kind, "label": kind, "type": kind, "required": false,
                "placeholder": if is_choice { choices } else { "" }, "placeholder_expression": is_choice,
            });
            object::<Prompt>(Family::Prompt, &format!("prompt {kind}"), config)
        };
        let prompts: Vec<ConfigObject> = FIELDS.iter().map(prompt).collect();
        let fields: Vec<_> = prompts.iter().map(|prompt| prompt.id.raw()).collect();
        let stages = vec![
            stage::<PromptStage>("fields", json!({ "fields": fields })),
            stage::<DummyStage>("after the fields", json!({})),
        ];
        let written = self
            .store()
            .write(move |tx| prompts.iter().try_for_each(|prompt| config_objects::create(tx, prompt)));
        faulty::<(), StoreError>(written.await)?;
        self.add_flow(flow(PROMPTS)?, stages, Vec::new()).await
    }

    /// A flow of these stages, each guarded by the policy at the same place, if there is one.
    async fn add_flow(
        &self,
        flow: Flow,
        stages: Vec<ConfigObject>,
        policies: Vec<ConfigObject>,
    ) -> Result<(), Fault> {
        let bindings: Vec<_> = stages.iter().zip(0..).map(|(stage, at)| binding(&flow, stage, at)).collect();
        let guards: Vec<_> =
            bindings.iter().zip(&policies).map(|(place, policy)| guard(place, policy)).collect();
        let written = self.store().write(move |tx| {
            flows::create(tx, &flow)?;
            stages.iter().chain(&policies).try_for_each(|object| config_objects::create(tx, object))?;
            bindings.iter().try_for_each(|binding| flow_stage_bindings::create(tx, binding))?;
            guards.iter().try_for_each(|guard| policy_bindings::create(tx, guard))
        });
        faulty::<(), StoreError>(written.await)
    }
}

async fn populate(store: &Store, password: Secret<String>) -> Result<Arc<Subject>, Fault> {
    let user = User {
        id: UserId(id()),
        pk: 1,
        username: USERNAME.to_owned(),
        name: "Ada Lovelace".to_owned(),
        email: "ada@example.com".to_owned(),
        is_active: true,
        password: Some(password),
        password_change_date: None,
        last_login: None,
        date_joined: Timestamp::from_secs(1_700_000_000),
        last_updated: Timestamp::from_secs(1_700_000_000),
        path: "users".to_owned(),
        user_type: UserType::Internal,
        attributes: JsonObject::new(),
    };
    let known = user.id;
    let written = store.write(move |tx| {
        users::create(tx, &user)?;
        for at in 0..GROUPS {
            let group = Group {
                id: GroupId(id()),
                name: format!("group {at}"),
                is_superuser: false,
                attributes: JsonObject::new(),
                parents: Vec::new(),
            };
            groups::create(tx, &group)?;
            groups::add_member(tx, group.id, user.id)?;
        }
        Ok::<_, StoreError>(())
    });
    faulty(written.await)?;
    let found = faulty(store.subject(known).await)?;
    found.ok_or_else(|| Fault::Program("the user is not there".to_owned()))
}

fn object<K: ConfigKind>(family: Family, name: &str, config: Value) -> ConfigObject {
    let (id, kind) = (ConfigObjectId(id()), K::MODEL.to_owned());
    ConfigObject { id, family, kind, name: name.to_owned(), managed: None, config }
}

fn stage<K: ConfigKind>(name: &str, config: Value) -> ConfigObject {
    object::<K>(Family::Stage, name, config)
}

fn flow(slug: &str) -> Result<Flow, Fault> {
    Ok(Flow {
        id: FlowId(id()),
        name: slug.to_owned(),
        slug: faulty(slug.parse())?,
        title: slug.to_owned(),
        designation: FlowDesignation::Authentication,
        authentication: FlowAuthentication::None,
        denied_action: DeniedAction::Message,
        layout: FlowLayout::Stacked,
        background: String::new(),
        compatibility_mode: false,
        policy_engine_mode: PolicyEngineMode::Any,
    })
}

fn binding(flow: &Flow, stage: &ConfigObject, order: i32) -> FlowStageBinding {
    FlowStageBinding {
        id: FlowStageBindingId(id()),
        target: flow.id,
        stage: stage.id,
        order,
        evaluate_on_plan: true,
        re_evaluate_policies: false,
        invalid_response_action: InvalidResponseAction::Retry,
        policy_engine_mode: PolicyEngineMode::Any,
    }
}

fn guard(place: &FlowStageBinding, policy: &ConfigObject) -> PolicyBinding {
    PolicyBinding {
        id: PolicyBindingId(id()),
        target: place.id.raw(),
        bound_to: BoundTo::Policy(policy.id),
        enabled: true,
        negate: false,
        order: 0,
        timeout: 30,
        failure_result: false,
        expires: None,
    }
}
