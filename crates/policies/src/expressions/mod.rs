//! Expressions of administrators, with the house's objects and functions in their world.
//!
//! | name | what it is |
//! |---|---|
//! | `request` | `.user`, `.context`, `.http_request`, `.obj`, `.debug` |
//! | `context` | the context, as `request.context`; its values are variables too |
//! | `flow_plan` | `.context[…]`, in which assignments stay |
//! | `user` | as `request.user`; anonymous when there is none |
//! | `http_request` | as `request.http_request` |
//! | `ak_client_ip` | `ip_address` of the client; undefined when it is not known |
//! | `ak_is_sso_flow` | whether a source began the flow |
//! | `ak_message(text)` | says something to the person |
//! | `ak_is_group_member(user, name=…)` | membership, through descendants too |
//! | `ak_user_by(username=…)` | a user or `None` |
//! | `ak_user_has_authenticator(user, device_type)` | whether he has a device that proves who he is |
//! | `ak_call_policy(name, key=…)` | what another policy says: `.passing`, `.messages` |
//! | `ak_create_event(action, key=…)` | records an event |
//! | `ak_create_jwt(user, provider, scopes, validity)` | a token for the user of the request |
//! | `ak_create_jwt_raw(provider, validity, claim=…)` | a token that says what the expression wants it to |
//! | `ak_send_email(address, subject, body)` | queues a letter |
//! | `resolve_dns(host, ip_version)`, `reverse_dns(address)` | names and addresses |
//! | `requests` | requests to where the administrator allows |
//! | `context["geoip"]`, `context["asn"]` | where the client is, when that is known |
//!
//! Pure functions come from the crate `expr`. A variable is given only to expressions that mention it.

mod afterwards;
mod application;
mod arguments;
mod conditions;
mod context;
mod described;
mod directory;
mod event;
mod flow_objects;
mod functions;
mod group;
mod letters;
mod mapping;
mod names;
mod outside;
mod present;
mod provider;
mod queries;
mod reach;
mod request;
mod source;
mod tokens;
mod user;
mod waiting;
mod world;

use std::sync::{Arc, OnceLock, Weak};

use countersign_expr::{EvalError, Evaluator, Limits, LogLevel, LogLine, Outcome, Program, Value};
use countersign_model::{Application, Group, Provider};
use countersign_store::{Snapshot, Store};
use countersign_types::{Expression, FieldErrors, Text};
use moka::sync::Cache;

pub use event::event_value;
pub(crate) use functions::RESULT_TYPE;
pub use mapping::{Given, Mapping, MappingKind, MappingKinds, Returns, Shape, Stand, given, token};
pub use names::{Area, KNOWN_NAMES, KnownName, NameKind};
pub use reach::{HasDevice, Reach, Says, TokenMint, TokenOrder};
pub(crate) use reach::{network_json, place_json};
pub use source::Source;
pub use user::uid;

use self::{
    context::{ContextDict, FlowPlan, Lasting},
    functions::Functions,
    group::GroupObject,
    present::{plain, present},
    provider::ProviderObject,
    request::{HttpRequest, RequestObject},
    source::variable_name,
    user::UserObject,
    waiting::Beside,
    world::{Around, Pace, World},
};
use crate::{LoggedLine, PolicyError, PolicyRequest, asker::Asker};

/// Bytes of source text whose compiled form is kept.
const KEPT_SOURCE: u64 = 4 * 1024 * 1024;

/// What an expression came to.
#[derive(Clone, Debug)]
pub struct Evaluated<T = Value> {
    /// What it returned; `None` without a `return`.
    pub value: T,
    /// What it said with `ak_message`, in order.
    pub messages: Vec<String>,
}

/// A text and the variables that it was compiled with.
type Key = (Arc<str>, Vec<String>);

/// The evaluator together with the world that expressions may see.
pub struct Expressions {
    store: Store,
    evaluator: Evaluator,
    limits: Limits,
    programs: Cache<Key, Program>,
    reach: Arc<Reach>,
    asker: OnceLock<Weak<Asker>>,
    beside: Arc<Beside>,
    mappings: MappingKinds,
}

impl Expressions {
    /// Expressions that run under these limits.
    pub fn new(store: Store, evaluator: Evaluator, limits: Limits) -> Self {
        let weight = |key: &Key, _: &Program| u32::try_from(key.0.len()).unwrap_or(u32::MAX).max(256);
        let programs = Cache::builder().max_capacity(KEPT_SOURCE).weigher(weight).build();
        let (reach, beside, mappings) = (Arc::default(), Arc::default(), MappingKinds::default());
        Self { store, evaluator, limits, programs, reach, asker: OnceLock::new(), beside, mappings }
    }

    /// The same, with more within their reach.
    #[must_use]
    pub fn reaching(self, reach: Reach) -> Self {
        Self { reach: Arc::new(reach), ..self }
    }

    /// The same, with these kinds of property mapping.
    #[must_use]
    pub fn mapping_as(self, mappings: MappingKinds) -> Self {
        Self { mappings, ..self }
    }

    /// Who answers expressions that ask other policies: the first engine that they are part of.
    pub(crate) fn answered_by(&self, asker: &Arc<Asker>) {
        self.asker.get_or_init(|| Arc::downgrade(asker));
    }

    /// Evaluates an expression. `variables` are added to those that every expression has and replace values
    /// of the context of the same name.
    pub async fn evaluate(
        &self,
        source: &Source,
        variables: Vec<(String, Value)>,
        request: &PolicyRequest,
    ) -> Result<Evaluated, PolicyError> {
        self.evaluate_with(source, variables, &[], request).await
    }

    /// Evaluates, with functions of which it is noted what they are called with.
    async fn evaluate_with(
        &self,
        source: &Source,
        variables: Vec<(String, Value)>,
        noted: &[&'static str],
        request: &PolicyRequest,
    ) -> Result<Evaluated, PolicyError> {
        let failed = |problem: String| PolicyError::Expression { name: source.name().to_owned(), problem };
        let snapshot = self.store.snapshot().await?;
        let world = self.world(source, request, Arc::clone(&snapshot), Pace::AtOnce);
        let seen = visible(source, variables.clone(), &world).map_err(|error| failed(error.to_string()))?;
        let program = self.program(source, &seen).map_err(|error| failed(error.to_string()))?;
        let mut host = Functions::new(Arc::clone(&world), noted);
        let at_once = program
            .is_plain()
            .then(|| self.evaluator.evaluate_at_once(&program, seen, &mut host, self.limits));
        let (world, outcome) = match at_once.flatten() {
            Some(outcome) => (world, outcome),
            // It waits for something, or for its turn: nothing of what was tried counts.
            None => {
                let world = self.world(source, request, snapshot, Pace::Waiting);
                let seen = visible(source, variables, &world).map_err(|error| failed(error.to_string()))?;
                let host = Box::new(Functions::new(Arc::clone(&world), noted));
                (world, self.evaluator.evaluate(program, seen, host, self.limits).await)
            }
        };
        let Outcome { value, logs, .. } = outcome.map_err(|error| match error {
            EvalError::Skipped => PolicyError::Skipped,
            EvalError::Busy => PolicyError::Busy,
            EvalError::Unavailable { .. } => PolicyError::Unavailable(error.to_string()),
            error => failed(error.to_string()),
        })?;
        if !request.changes.assign_all(world.take_changes()) {
            return Err(failed("too much is left in the plan's context".to_owned()));
        }
        write_logs(source, request, &logs);
        write_logs(source, request, &world.take_notes());
        self.follow(&world).await?;
        Ok(Evaluated { value: plain(value), messages: world.take_messages() })
    }

    /// What an evaluation finds.
    fn world(
        &self,
        source: &Source,
        request: &PolicyRequest,
        snapshot: Arc<Snapshot>,
        pace: Pace,
    ) -> Arc<World> {
        let around = Around {
            reach: Arc::clone(&self.reach),
            asker: self.asker.get().cloned().unwrap_or_default(),
            beside: Arc::clone(&self.beside),
            time: self.limits.time,
            pace,
        };
        let world = World::new(self.store.clone(), snapshot, request, around);
        let (place, network) = (source.mentions("geoip"), source.mentions("asn"));
        if place || network {
            world.locate(place, network);
        }
        Arc::new(world)
    }

    /// Writes what follows from the expression. A trail that cannot be written changes no decision.
    async fn follow(&self, world: &World) -> Result<(), PolicyError> {
        let consequences = world.afterwards.take();
        if consequences.is_empty() || world.is_trial {
            return Ok(());
        }
        let matters = consequences.matters();
        let reach = Arc::clone(&self.reach);
        let Err(error) = self.store.write(move |tx| consequences.write(tx, &reach)).await else {
            return Ok(());
        };
        tracing::error!(%error, "what follows from an expression was not written");
        if matters { Err(PolicyError::Unavailable(error.to_string())) } else { Ok(()) }
    }

    /// A provider and its application, for [`Expressions::evaluate`]'s variables.
    pub fn provider(provider: &Provider, application: Option<&Application>) -> Value {
        Value::object(ProviderObject::new(provider, application))
    }

    /// A group, for the same.
    pub fn group(group: Group) -> Value {
        GroupObject::of_nobody(group)
    }

    /// Complains when the text of a field cannot be compiled: for kinds that have expressions.
    pub fn validate(path: &str, expression: &Expression) -> Result<(), FieldErrors> {
        Program::compile(expression.as_str(), &[]).map(drop).map_err(|error| {
            let message = Text::key("policies-expression-invalid").with("problem", error.to_string());
            FieldErrors::one(path, "invalid", message)
        })
    }

    fn program(
        &self,
        source: &Source,
        variables: &[(String, Value)],
    ) -> Result<Program, countersign_expr::CompileError> {
        let names: Vec<String> = variables.iter().map(|(name, _)| name.clone()).collect();
        let key = (Arc::clone(source.shared_text()), names);
        if let Some(program) = self.programs.get(&key) {
            return Ok(program);
        }
        let names: Vec<&str> = key.1.iter().map(String::as_str).collect();
        let program = Program::compile(source.text(), &names)?;
        self.programs.insert(key, program.clone());
        Ok(program)
    }
}

/// The variables that the source mentions, by name: the caller's first, then the house's, then the context's.
fn visible(
    source: &Source,
    given: Vec<(String, Value)>,
    world: &Arc<World>,
) -> Result<Vec<(String, Value)>, countersign_expr::HostError> {
    let mut variables: Vec<(String, Value)> =
        given.into_iter().filter(|(name, _)| source.mentions(name)).collect();
    for name in HOUSE {
        if source.mentions(name)
            && !has(&variables, name)
            && let Some(value) = of_the_house(name, world)
        {
            variables.push(((*name).to_owned(), value));
        }
    }
    let keys: Vec<String> = world.context().keys().cloned().collect();
    for key in keys {
        let Some(name) = variable_name(&key) else { continue };
        if source.mentions(&name) && !has(&variables, &name) {
            let json = world.context().get(&key).cloned().unwrap_or_default();
            variables.push((name, present(world, &json, vec![key])?));
        }
    }
    variables.sort_by(|(one, _), (other, _)| one.cmp(other));
    Ok(variables)
}

fn has(variables: &[(String, Value)], name: &str) -> bool {
    variables.iter().any(|(taken, _)| taken == name)
}

/// Variables that every expression has.
const HOUSE: &[&str] =
    &["request", "context", "flow_plan", "user", "http_request", "ak_client_ip", "ak_is_sso_flow"];

fn of_the_house(name: &str, world: &Arc<World>) -> Option<Value> {
    Some(match name {
        "request" => RequestObject::value(world),
        "context" => ContextDict::root(world, Lasting::Expression),
        "flow_plan" => FlowPlan::of(world),
        "user" => Value::object(UserObject::of_request(world)),
        "http_request" => HttpRequest::value(world),
        // An unknown address is not an address that is outside of some network: whoever asks for it fails.
        "ak_client_ip" => Value::Ip(world.facts.client?.0),
        "ak_is_sso_flow" => Value::Bool(world.is_sso),
        _ => return None,
    })
}

fn write_logs(source: &Source, request: &PolicyRequest, logs: &[LogLine]) {
    let (expression, request_id) = (source.name(), request.facts.request_id.as_str());
    for line in logs {
        request.changes.log(|| kept_line(expression, line));
        let LogLine { level, message, fields } = line;
        match level {
            LogLevel::Debug => tracing::debug!(expression, request_id, ?fields, "{message}"),
            LogLevel::Info => tracing::info!(expression, request_id, ?fields, "{message}"),
            LogLevel::Warning => tracing::warn!(expression, request_id, ?fields, "{message}"),
            LogLevel::Error => tracing::error!(expression, request_id, ?fields, "{message}"),
        }
    }
}

/// A line as it is shown to who tries the expression out.
fn kept_line(expression: &str, line: &LogLine) -> LoggedLine {
    let level = match line.level {
        LogLevel::Debug => "debug",
        LogLevel::Info => "info",
        LogLevel::Warning => "warning",
        LogLevel::Error => "error",
    };
    let fields = line.fields.iter().map(|(name, value)| (name.clone(), value.to_json().unwrap_or_default()));
    LoggedLine {
        logger: expression.to_owned(),
        level,
        message: line.message.clone(),
        fields: fields.collect(),
    }
}
