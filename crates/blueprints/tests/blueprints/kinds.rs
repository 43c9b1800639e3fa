//! Kinds made for these tests, and what the stories share.

use std::{num::NonZeroUsize, sync::Arc, time::Duration};

use countersign_blueprints::{BlueprintError, Blueprints, Library, Outside, Report, Source, Variable};
use countersign_crypto::{HashOptions, HashPool, MasterKey, Sealer, SystemRng};
use countersign_model::Family;
use countersign_registry::{Actor, ProviderSpec, Registry};
use countersign_resource::{ConfigKind, target};
use countersign_store::testing::TestStore;
use countersign_types::{Expression, JsonObject, Ref, Secret};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Declares a cold kind of one line.
macro_rules! kind {
    ($name:ident, $model:literal, $family:ident { $($(#[$meta:meta])* $field:ident: $ty:ty),* $(,)? }) => {
        #[derive(Debug, Serialize, Deserialize, JsonSchema)]
        pub(crate) struct $name { $($(#[$meta])* pub(crate) $field: $ty),* }

        impl ConfigKind for $name {
            const MODEL: &'static str = $model;
            const FAMILY: Family = Family::$family;
            const COMPONENT: &'static str = "ak-form";
            const VERBOSE_NAME: &'static str = stringify!($name);
        }
    };
}

kind!(Rule, "test.rule", Policy { expression: Expression });
kind!(
    Question,
    "test.question",
    Prompt {
        #[serde(default)]
        label: String
    }
);
kind!(Asking, "test.asking", Stage {
    #[serde(default)]
    fields: Vec<Ref<target::Prompt>>,
    #[serde(default)]
    rules: Vec<Ref<target::Policy>>,
    #[serde(default)]
    enrollment_flow: Option<Ref<target::Flow>>,
    #[serde(default)]
    times: u8,
    #[serde(skip_serializing, default)]
    #[expect(dead_code, reason = "kept by the registry, read by nobody here")]
    secret: Secret<String>,
});
kind!(Mapping, "test.mapping", PropertyMapping { expression: Expression });

/// A provider.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Gate {
    #[serde(default)]
    client_id: String,
    #[serde(skip_serializing, default)]
    #[expect(dead_code, reason = "kept by the registry, read by nobody here")]
    client_secret: Secret<String>,
}

impl ProviderSpec for Gate {
    const MODEL: &'static str = "test.gate";
    const COMPONENT: &'static str = "ak-gate-form";
    const VERBOSE_NAME: &'static str = "Gate";
}

pub(crate) fn registry() -> Registry {
    let master = MasterKey::from_secret(&Secret::from("a master key for tests, long enough for all of it"));
    Registry::new(Sealer::new(master.unwrap(), &[], Arc::new(SystemRng)))
        .with_config::<Rule>()
        .with_config::<Question>()
        .with_config::<Asking>()
        .with_config::<Mapping>()
        .with_provider::<Gate>()
}

/// Blueprints over a test store, with the cheapest hashes that argon2 allows.
pub(crate) fn blueprints(world: &TestStore, library: Library) -> Blueprints {
    blueprints_with(world, registry(), library)
}

pub(crate) fn blueprints_with(world: &TestStore, registry: Registry, library: Library) -> Blueprints {
    blueprints_over(world, Arc::new(registry), library)
}

pub(crate) fn blueprints_over(world: &TestStore, registry: Arc<Registry>, library: Library) -> Blueprints {
    let options = HashOptions {
        memory_kib: 8,
        iterations: 1,
        parallelism: 1,
        threads: NonZeroUsize::MIN,
        queue: 8,
        idle: Duration::from_millis(10),
    };
    let hashes = HashPool::new(options, Arc::new(SystemRng)).unwrap();
    let outside = Outside::default().with_variables(|name| match name {
        "ALLOWED" => Variable::Value("from outside".to_owned()),
        name if name.starts_with("COUNTERSIGN_BOOTSTRAP_") => Variable::Unset,
        _ => Variable::Forbidden,
    });
    Blueprints::new(world.store().clone(), registry, hashes, library).reaching(outside)
}

/// An empty library, so that nothing of the default set is in the way.
pub(crate) fn nothing() -> Library {
    Library::embedded()
}

pub(crate) async fn apply(blueprints: &Blueprints, text: &str) -> Result<Report, BlueprintError> {
    let source = Source::handed_in("story.yaml", text);
    blueprints.apply(&source, &JsonObject::new(), &Actor::System).await
}

/// The words of a failure.
pub(crate) async fn failure(blueprints: &Blueprints, text: &str) -> String {
    match apply(blueprints, text).await {
        Err(error) => error.to_string(),
        Ok(report) => panic!("it was applied: {report:?}"),
    }
}
