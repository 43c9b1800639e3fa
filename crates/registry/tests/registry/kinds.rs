//! Kinds made for these tests, and what the stories share.

use std::sync::Arc;

use countersign_crypto::{MasterKey, Sealer, SystemRng};
use countersign_model::{Family, Subject, UserId};
use countersign_registry::{Actor, Prepared, ProviderSpec, Registry, ResourceError, WriteCx, Written};
use countersign_resource::{ConfigKind, target};
use countersign_store::{Tx, testing::TestStore};
use countersign_types::{FieldErrors, JsonObject, RawId, Ref, Secret};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A stage that refers to others and keeps a secret.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Bell {
    /// How often it rings.
    #[serde(default)]
    pub(crate) times: u8,
    /// The policies that must agree.
    #[serde(default)]
    pub(crate) policies: Vec<Ref<target::Policy>>,
    /// The tower it cannot do without.
    #[serde(default)]
    pub(crate) flow: Option<Ref<target::Flow>>,
    /// The group that those join who ring it.
    #[serde(default)]
    #[schemars(extend("x-grants" = true))]
    pub(crate) crew: Option<Ref<target::Group>>,
    /// The word that makes it ring.
    #[serde(skip_serializing, default)]
    pub(crate) password: Secret<String>,
}

impl ConfigKind for Bell {
    const MODEL: &'static str = "test.bell";
    const FAMILY: Family = Family::Stage;
    const COMPONENT: &'static str = "ak-bell-form";
    const VERBOSE_NAME: &'static str = "Bell";

    fn validate(&self) -> Result<(), FieldErrors> {
        if self.times > 12 {
            return Err(FieldErrors::one("times", "max_value", "test-too-often"));
        }
        Ok(())
    }
}

/// A policy.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Nod {}

impl ConfigKind for Nod {
    const MODEL: &'static str = "test.nod";
    const FAMILY: Family = Family::Policy;
    const COMPONENT: &'static str = "ak-nod-form";
    const VERBOSE_NAME: &'static str = "Nod";
}

/// A provider.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Gate {
    #[serde(default)]
    pub(crate) client_id: String,
    #[serde(skip_serializing, default)]
    pub(crate) client_secret: Secret<String>,
    pub(crate) address: String,
}

impl ProviderSpec for Gate {
    const MODEL: &'static str = "test.gate";
    const COMPONENT: &'static str = "ak-gate-form";
    const VERBOSE_NAME: &'static str = "Gate";
}

/// The house of these tests.
#[derive(Clone)]
pub(crate) struct House {
    pub(crate) registry: Arc<Registry>,
    pub(crate) sealer: Sealer,
}

impl House {
    pub(crate) fn new() -> Self {
        let master =
            MasterKey::from_secret(&Secret::from("a master key for tests, long enough for all of it"));
        let sealer = Sealer::new(master.unwrap(), &[], Arc::new(SystemRng));
        let registry =
            Registry::new(sealer.clone()).with_config::<Bell>().with_config::<Nod>().with_provider::<Gate>();
        Self { registry: Arc::new(registry), sealer }
    }

    /// Does something as Countersign itself, in a transaction.
    pub(crate) async fn act<T: Send + 'static>(
        &self,
        world: &TestStore,
        work: impl Fn(&mut Tx<'_>, WriteCx<'_>) -> Result<T, ResourceError> + Send + 'static,
    ) -> Result<T, ResourceError> {
        self.act_as(world, Actor::System, work).await
    }

    pub(crate) async fn act_as<T: Send + 'static>(
        &self,
        world: &TestStore,
        actor: Actor,
        work: impl Fn(&mut Tx<'_>, WriteCx<'_>) -> Result<T, ResourceError> + Send + 'static,
    ) -> Result<T, ResourceError> {
        let registry = Arc::clone(&self.registry);
        let mut prepared = Prepared::default();
        prepared.add_hash(Secret::from("canary-password"), Secret::from("$argon2id$hash"));
        world.store().write(move |tx| work(tx, registry.cx(&actor, Some("192.0.2.1"), &prepared))).await
    }

    pub(crate) async fn create(
        &self,
        world: &TestStore,
        model: &'static str,
        document: Value,
    ) -> Result<Written, ResourceError> {
        let document = object(document);
        self.act(world, move |tx, cx| cx.registry.create(tx, cx, model, &document)).await
    }

    pub(crate) async fn update(
        &self,
        world: &TestStore,
        model: &'static str,
        id: RawId,
        patch: Value,
    ) -> Result<Written, ResourceError> {
        let patch = object(patch);
        self.act(world, move |tx, cx| cx.registry.get(model)?.update(tx, cx, id, &patch)).await
    }

    pub(crate) async fn delete(
        &self,
        world: &TestStore,
        model: &'static str,
        id: RawId,
    ) -> Result<(), ResourceError> {
        self.act(world, move |tx, cx| cx.registry.get(model)?.delete(tx, cx, id)).await
    }

    pub(crate) async fn read(&self, world: &TestStore, model: &'static str, id: RawId) -> Option<JsonObject> {
        self.act(world, move |tx, cx| cx.registry.get(model)?.read(tx, id)).await.unwrap()
    }

    pub(crate) async fn subject(&self, world: &TestStore, id: RawId) -> Arc<Subject> {
        world.store().subject(UserId(id)).await.unwrap().unwrap()
    }
}

pub(crate) fn object(value: Value) -> JsonObject {
    match value {
        Value::Object(object) => object,
        other => panic!("not an object: {other}"),
    }
}

/// The fields complained about, each with the reason.
#[track_caller]
pub(crate) fn complaints<T: std::fmt::Debug>(
    outcome: Result<T, ResourceError>,
) -> Vec<(String, &'static str)> {
    match outcome {
        Err(ResourceError::Fields(errors)) => {
            errors.0.into_iter().map(|error| (error.path, error.code)).collect()
        }
        other => panic!("no complaint about fields: {other:?}"),
    }
}
