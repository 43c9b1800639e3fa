//! What policies and expressions are told about a request. No HTTP types: the web kit fills these in.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use countersign_crypto::PresentedCertificate;
use countersign_model::{EventUser, Subject};
use countersign_types::{ClientAddr, JsonObject};
use serde_json::Value;

use crate::{KnownDevices, Verdict};

/// Facts about the request that stages, policies and the audit trail may use.
#[derive(Clone, Debug)]
pub struct RequestFacts {
    /// Where it came from, after the trusted-proxy rules; none when even that is unknown.
    pub client: Option<ClientAddr>,
    /// Browser, shortened to 256 characters.
    pub user_agent: String,
    /// Host name by which we were called, without port.
    pub host: String,
    /// Our own address as the browser sees it: `https://auth.example.com`, without a trailing slash.
    pub base_url: String,
    /// The query of the address, undecoded: that of the flow page in flows, whatever face they have.
    pub query: String,
    /// Language chosen for this request.
    pub locale: String,
    /// Request identifier, in every log line.
    pub request_id: String,
    /// Whether the browser says that another site led here (`Sec-Fetch-Site: cross-site`).
    pub is_cross_site: bool,
    /// Who is behind the browser, when its session is used in its user's place.
    pub impersonator: Option<EventUser>,
    /// Who signed in with this browser before.
    pub devices: KnownDevices,
    /// The certificate that the client presented, of which nothing is believed yet.
    pub certificate: Option<Arc<PresentedCertificate>>,
}

/// What is asked of a policy: about whom, in what context.
#[derive(Clone)]
pub struct PolicyRequest {
    /// The user; none for nobody in particular, whom expressions see as an anonymous user.
    pub user: Option<Arc<Subject>>,
    /// Context values by name. `{"$user": id}`, `{"$application": id}` and `{"$pretended": text}` stand for
    /// users, applications and accounts that do not exist.
    pub context: JsonObject,
    /// Facts.
    pub facts: RequestFacts,
    /// Whether a source began the flow.
    pub is_sso: bool,
    /// What expressions assign to `context["flow_plan"].context[…]`, for the caller to apply afterwards.
    pub changes: ContextChanges,
}

impl PolicyRequest {
    /// The name of the account; what was typed where there is none, and nothing for nobody in particular.
    pub fn username(&self) -> &str {
        if let Some(subject) = &self.user {
            return &subject.user.username;
        }
        let pretended = self.context.get("pending_user").and_then(|pending| pending.get("$pretended"));
        pretended.and_then(Value::as_str).unwrap_or_default()
    }
}

/// What expressions leave behind: values that they assigned to the plan's context, in the form of the context
/// itself; and, if somebody listens, what they logged and what bindings said.
///
/// Clones share the same values.
#[derive(Clone, Default)]
pub struct ContextChanges(Arc<Mutex<Left>>);

#[derive(Default)]
struct Left {
    values: JsonObject,
    /// None while nobody listens.
    heard: Option<Heard>,
    /// Whether something is only tried out.
    is_trial: bool,
}

#[derive(Default)]
struct Heard {
    lines: Vec<LoggedLine>,
    verdicts: Vec<Verdict>,
}

/// A line that an expression logged with `ak_logger`.
#[derive(Clone, Debug, PartialEq)]
pub struct LoggedLine {
    /// Name of the expression.
    pub logger: String,
    /// How loud: `debug`, `info`, `warning` or `error`.
    pub level: &'static str,
    /// The text.
    pub message: String,
    /// Keyword arguments.
    pub fields: JsonObject,
}

/// Most bytes, roughly, that expressions may leave in a plan.
const MAX_BYTES: usize = 64 * 1024;
/// Lines that are kept for who listens.
const MAX_LINES: usize = 200;
/// Verdicts that are kept for who listens.
const MAX_VERDICTS: usize = 200;

impl ContextChanges {
    /// No change yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// No change yet, and log lines and verdicts are kept.
    pub fn listening() -> Self {
        Self(Arc::new(Mutex::new(Left { heard: Some(Heard::default()), ..Left::default() })))
    }

    /// The same, for trying something out: nothing that it does outside of the plan happens.
    pub fn trying() -> Self {
        Self(Arc::new(Mutex::new(Left { heard: Some(Heard::default()), is_trial: true, ..Left::default() })))
    }

    /// Whether something is only tried out.
    pub fn is_trial(&self) -> bool {
        self.lock().is_trial
    }

    pub(crate) fn is_listening(&self) -> bool {
        self.lock().heard.is_some()
    }

    /// A value that was assigned.
    pub fn get(&self, name: &str) -> Option<Value> {
        self.lock().values.get(name).cloned()
    }

    /// All values assigned so far.
    pub fn snapshot(&self) -> JsonObject {
        self.lock().values.clone()
    }

    /// Takes all values, for the plan; nothing is left.
    pub fn take(&self) -> JsonObject {
        std::mem::take(&mut self.lock().values)
    }

    /// Takes what was logged; nothing where nobody listens.
    pub fn take_lines(&self) -> Vec<LoggedLine> {
        self.lock().heard.as_mut().map(|heard| std::mem::take(&mut heard.lines)).unwrap_or_default()
    }

    /// Takes what bindings said, in order; nothing where nobody listens.
    pub fn take_verdicts(&self) -> Vec<Verdict> {
        self.lock().heard.as_mut().map(|heard| std::mem::take(&mut heard.verdicts)).unwrap_or_default()
    }

    /// Keeps a line for who listens.
    pub(crate) fn log(&self, line: impl FnOnce() -> LoggedLine) {
        if let Some(heard) = &mut self.lock().heard
            && heard.lines.len() < MAX_LINES
        {
            heard.lines.push(line());
        }
    }

    /// Keeps a verdict for who listens.
    pub(crate) fn saw(&self, verdict: impl FnOnce() -> Verdict) {
        if let Some(heard) = &mut self.lock().heard
            && heard.verdicts.len() < MAX_VERDICTS
        {
            heard.verdicts.push(verdict());
        }
    }

    /// Adds an assignment; false, and nothing is added, when there is too much already.
    pub(crate) fn assign(&self, name: &str, value: Value) -> bool {
        self.assign_all([(name.to_owned(), value)].into_iter().collect())
    }

    /// Adds several, all or none of them.
    pub(crate) fn assign_all(&self, assigned: JsonObject) -> bool {
        let values = &mut self.lock().values;
        let mut whole: usize = assigned.iter().map(|(name, value)| weight(name, value)).sum();
        let kept = values.iter().filter(|(name, _)| !assigned.contains_key(*name));
        whole += kept.map(|(name, value)| weight(name, value)).sum::<usize>();
        if whole > MAX_BYTES {
            return false;
        }
        values.extend(assigned);
        true
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Left> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for ContextChanges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.lock().values.keys()).finish()
    }
}

fn weight(name: &str, value: &Value) -> usize {
    let below: usize = match value {
        Value::String(text) => text.len(),
        Value::Array(items) => items.iter().map(|item| weight("", item)).sum(),
        Value::Object(members) => members.iter().map(|(name, value)| weight(name, value)).sum(),
        _ => 0,
    };
    name.len() + below + 16
}
