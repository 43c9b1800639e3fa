//! What a policy is, and the kinds of policy that a binary has.

use std::{collections::HashMap, net::IpAddr, sync::Arc};

use async_trait::async_trait;
use countersign_crypto::Sealer;
use countersign_model::ConfigObject;
use countersign_resource::ConfigKind;
use countersign_store::{Snapshot, Store};

use crate::{Expressions, PolicyError, PolicyRequest, Surroundings};

/// What a policy, or all bindings of an object together, come to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PolicyResult {
    /// Whether it passes.
    pub passing: bool,
    /// Words of administrators for the person, in the order in which they were said.
    pub messages: Vec<String>,
}

impl PolicyResult {
    /// Passing, without a word.
    pub const fn pass() -> Self {
        Self { passing: true, messages: Vec::new() }
    }

    /// Not passing, without a word.
    pub const fn deny() -> Self {
        Self { passing: false, messages: Vec::new() }
    }

    /// Not passing, and why.
    pub fn deny_with(message: impl Into<String>) -> Self {
        Self { passing: false, messages: vec![message.into()] }
    }
}

/// What a policy may look at.
pub struct PolicyCx<'a> {
    /// What is asked.
    pub request: &'a PolicyRequest,
    /// Configuration, the same throughout the request.
    pub snapshot: &'a Arc<Snapshot>,
    /// The database.
    pub store: &'a Store,
    /// The expression evaluator.
    pub expressions: &'a Arc<Expressions>,
    /// What there is beside the database.
    pub surroundings: &'a Surroundings,
}

impl PolicyCx<'_> {
    /// The address of the client.
    ///
    /// # Errors
    /// When it is not known: no policy about addresses takes that for an address.
    pub fn client(&self) -> Result<IpAddr, PolicyError> {
        let client = self.request.facts.client.map(|client| client.0.to_canonical());
        client.ok_or_else(|| PolicyError::Unavailable("the address of the client is not known".to_owned()))
    }
}

/// A policy of some kind with its configuration.
#[async_trait]
pub trait Policy: Send + Sync {
    /// Whether the request passes. Whatever cannot be found out is an error, never a pass.
    async fn evaluate(&self, cx: &PolicyCx<'_>) -> Result<PolicyResult, PolicyError>;
}

/// A kind of policy: its specification, and how a policy is made of it.
pub trait PolicyKind: ConfigKind {
    /// Makes the policy. Called once per configuration.
    fn build(self, object: &ConfigObject) -> Result<Arc<dyn Policy>, PolicyError>;
}

type Build = fn(&ConfigObject, &Sealer) -> Result<Arc<dyn Policy>, PolicyError>;

/// The kinds of policy that this binary has, by model label.
#[derive(Clone, Default)]
pub struct PolicyKinds(HashMap<&'static str, Build>);

impl PolicyKinds {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a kind.
    #[must_use]
    pub fn with<K: PolicyKind>(mut self) -> Self {
        let build: Build = |object, sealer| {
            let spec = countersign_registry::load::<K>(object, sealer)
                .map_err(|error| PolicyError::configuration(object, &error))?;
            spec.build(object)
        };
        self.0.insert(K::MODEL, build);
        self
    }

    pub(crate) fn build(
        &self,
        object: &ConfigObject,
        sealer: &Sealer,
    ) -> Result<Arc<dyn Policy>, PolicyError> {
        let build = self.0.get(object.kind.as_str()).ok_or_else(|| {
            PolicyError::configuration(object, &format_args!("the kind {} is not known", object.kind))
        })?;
        build(object, sealer)
    }
}
