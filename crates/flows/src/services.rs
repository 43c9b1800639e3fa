//! What the engine works with, and what others hand to a flow.

use std::sync::Arc;

use countersign_crypto::{HashPool, Sealer};
use countersign_mail::Mail;
use countersign_model::ConfigObject;
use countersign_policies::Policies;
use countersign_store::{Snapshot, Store};
use countersign_types::{Clock, Rng};
use ipnet::IpNet;
use serde_json::Value;

use crate::{Context, Key, Stage, StageError, StageKinds};

/// What the engine works with.
pub struct FlowServices {
    /// Database.
    pub store: Store,
    /// Seals plans and tokens.
    pub sealer: Arc<Sealer>,
    /// Verifies and makes password hashes.
    pub hashes: HashPool,
    /// Evaluates policies and expressions.
    pub policies: Arc<Policies>,
    /// Takes letters.
    pub mail: Mail,
    /// Networks of this house that requests of stages may lead into, beside the public Internet.
    pub networks: Vec<IpNet>,
    /// The kinds of stage.
    pub kinds: StageKinds,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub rng: Arc<dyn Rng>,
}

impl FlowServices {
    /// The stage of a configuration object, made once per configuration.
    pub(crate) fn stage(
        &self,
        snapshot: &Snapshot,
        object: &ConfigObject,
    ) -> Result<Arc<dyn Stage>, StageError> {
        let built = snapshot.memo(object.id.raw(), || self.kinds.build(object, &self.sealer))?;
        Ok(Arc::clone(&built))
    }
}

/// What another part of the house hands to a flow that it begins.
#[derive(Clone, Debug, Default)]
pub struct Start {
    /// Context to begin with.
    pub context: Context,
    /// Stages to append: name and configuration.
    pub appended: Vec<(String, Value)>,
}

impl Start {
    /// Sets a context value.
    #[must_use]
    pub fn with<T: serde::Serialize>(mut self, key: &Key<T>, value: &T) -> Self {
        self.context.set(key, value);
        self
    }

    /// Appends a stage.
    #[must_use]
    pub fn then(mut self, stage: impl Into<String>, config: Value) -> Self {
        self.appended.push((stage.into(), config));
        self
    }
}
