//! Asking one policy: made of its configuration, within its time, its failures told to the administrator.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use countersign_crypto::Sealer;
use countersign_model::ConfigObjectId;
use countersign_store::{Snapshot, Store};
use countersign_types::ErrorKind;

use crate::{
    Expressions, LoggedLine, Policy, PolicyCx, PolicyError, PolicyKinds, PolicyRequest, PolicyResult,
    Surroundings, audit::Audit,
};

/// Seconds that a policy may take where no binding says otherwise.
pub(crate) const DEFAULT_TIMEOUT: u32 = 30;

/// Asks policies.
pub(crate) struct Asker {
    surroundings: Surroundings,
    store: Store,
    kinds: PolicyKinds,
    expressions: Arc<Expressions>,
    sealer: Arc<Sealer>,
    audit: Audit,
}

/// What asking a policy came to; without an outcome it failed. Time and lines only for those who look on.
#[derive(Default)]
pub(crate) struct Asked {
    pub(crate) outcome: Option<PolicyResult>,
    pub(crate) failure: Option<String>,
    pub(crate) name: String,
    pub(crate) lines: Vec<LoggedLine>,
    pub(crate) elapsed: Duration,
}

/// A policy made of its configuration, kept as long as the configuration.
struct Made {
    policy: Arc<dyn Policy>,
    name: String,
    logged: bool,
}

impl Asker {
    /// Who also answers expressions that ask other policies.
    pub(crate) fn new(
        surroundings: Surroundings,
        store: Store,
        kinds: PolicyKinds,
        expressions: Arc<Expressions>,
        sealer: Arc<Sealer>,
    ) -> Arc<Self> {
        let audit = Audit::new(store.clone());
        let asker = Arc::new(Self { surroundings, store, kinds, expressions, sealer, audit });
        asker.expressions.answered_by(&asker);
        asker
    }

    pub(crate) const fn expressions(&self) -> &Arc<Expressions> {
        &self.expressions
    }

    pub(crate) const fn surroundings(&self) -> &Surroundings {
        &self.surroundings
    }

    /// What the policy says; none, with an event for the administrator, when it could not be evaluated.
    pub(crate) async fn ask(
        &self,
        snapshot: &Arc<Snapshot>,
        id: ConfigObjectId,
        timeout: u32,
        request: &PolicyRequest,
    ) -> Asked {
        let started = request.changes.is_listening().then(Instant::now);
        let mut asked = Asked::default();
        match self.made(snapshot, id) {
            Ok(made) => {
                asked.name.clone_from(&made.name);
                match self.evaluate_one(snapshot, &made, timeout, request).await {
                    Ok(result) => {
                        if made.logged {
                            self.audit.execution(id, &made.name, &result, request).await;
                        }
                        asked.outcome = Some(result);
                    }
                    Err(error) => {
                        asked.failure = Some(error.to_string());
                        self.failed(id, &made.name, &error, request).await;
                    }
                }
            }
            Err(error) => {
                asked.failure = Some(error.to_string());
                self.audit.exception(id, "", &error, request).await;
            }
        }
        asked.elapsed = started.map(|started| started.elapsed()).unwrap_or_default();
        asked.lines = request.changes.take_lines();
        asked
    }

    async fn evaluate_one(
        &self,
        snapshot: &Arc<Snapshot>,
        made: &Made,
        timeout: u32,
        request: &PolicyRequest,
    ) -> Result<PolicyResult, PolicyError> {
        let cx = PolicyCx {
            request,
            snapshot,
            store: &self.store,
            expressions: &self.expressions,
            surroundings: &self.surroundings,
        };
        let limit = Duration::from_secs(u64::from(timeout));
        let outcome = tokio::time::timeout(limit, made.policy.evaluate(&cx)).await;
        outcome.unwrap_or(Err(PolicyError::Timeout(timeout)))
    }

    /// What a single policy says, with the reason when it could not be evaluated. Leaves no event.
    pub(crate) async fn ask_alone(
        &self,
        snapshot: &Arc<Snapshot>,
        id: ConfigObjectId,
        request: &PolicyRequest,
    ) -> Result<PolicyResult, PolicyError> {
        let made = self.made(snapshot, id)?;
        self.evaluate_one(snapshot, &made, DEFAULT_TIMEOUT, request).await
    }

    async fn failed(&self, id: ConfigObjectId, name: &str, error: &PolicyError, request: &PolicyRequest) {
        // When the house is overloaded the audit trail is spared: another write would not help.
        if error.kind() == ErrorKind::Unavailable {
            tracing::warn!(policy = name, %error, "a policy was not evaluated");
        } else {
            self.audit.exception(id, name, error, request).await;
        }
    }

    fn made(&self, snapshot: &Arc<Snapshot>, id: ConfigObjectId) -> Result<Arc<Made>, PolicyError> {
        snapshot.memo(id.raw(), || {
            let object = snapshot.object(id).ok_or(PolicyError::Missing(id))?;
            let policy = self.kinds.build(object, &self.sealer)?;
            let logged = object.config.get("execution_logging").and_then(serde_json::Value::as_bool);
            Ok(Made { policy, name: object.name.clone(), logged: logged.unwrap_or(false) })
        })
    }
}
