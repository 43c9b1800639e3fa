//! The one list of every kind: what is not here, Countersign does not have.

use std::sync::Arc;

use actix_web::web::ServiceConfig;
use countersign_crypto::Sealer;
use countersign_flows::{StageKind, StageKinds};
use countersign_model::ProviderId;
use countersign_policies::{
    PolicyKind, PolicyKinds,
    kinds::{dummy::DummyPolicy, expression::ExpressionPolicy, password::PasswordPolicy},
};
use countersign_portal::Portal;
use countersign_provider_oauth2::{
    FULFILMENT, Fulfilment, OAuth2, OAuth2Provider, REQUIRED_CONSENT, ScopeMapping, launch_url,
};
use countersign_registry::{ProviderSpec, Registry, load_provider};
use countersign_resource::ConfigKind;
use countersign_stages::{
    ConsentStage, DenyStage, DummyStage, IdentificationStage, InitialSetupStage, PasswordStage, Prompt,
    PromptStage, RedirectStage, RequiredConsent, UserLoginStage, UserLogoutStage, UserWriteStage,
};
use countersign_store::{Store, StoreError, Tx, providers};
use countersign_types::{RawId, Rng, Secret};

use crate::Failure;

/// Where the digest of the one-time code of the initial set-up is kept, and what is kept of it.
pub(crate) use countersign_stages::{SETUP_CODE, kept_setup_code};

/// Every kind, where it has to be known.
pub(crate) fn every(kinds: Kinds) -> Kinds {
    kinds
        // Stages
        .stage::<IdentificationStage>()
        .stage::<PasswordStage>()
        .stage::<PromptStage>()
        .stage::<UserWriteStage>()
        .stage::<UserLoginStage>()
        .stage::<UserLogoutStage>()
        .stage::<ConsentStage>()
        .stage::<RedirectStage>()
        .stage::<DenyStage>()
        .stage::<DummyStage>()
        .stage::<InitialSetupStage>()
        // Prompts
        .object::<Prompt>()
        // Policies
        .policy::<ExpressionPolicy>()
        .policy::<PasswordPolicy>()
        .policy::<DummyPolicy>()
        // Providers and property mappings
        .provider::<OAuth2Provider>()
        .object::<ScopeMapping>()
}

/// Kinds, where they have to be known: as objects, and as what runs.
pub(crate) struct Kinds {
    /// As objects.
    pub(crate) registry: Registry,
    /// Those that are stages.
    pub(crate) stages: StageKinds,
    /// Those that are policies.
    pub(crate) policies: PolicyKinds,
}

impl Kinds {
    /// None but the objects that have tables of their own.
    pub(crate) fn new(sealer: Sealer) -> Self {
        Self { registry: Registry::new(sealer), stages: StageKinds::new(), policies: PolicyKinds::new() }
    }

    fn stage<K: StageKind>(self) -> Self {
        let stages = self.stages.with::<K>();
        Self { stages, registry: self.registry.with_config::<K>(), policies: self.policies }
    }

    fn policy<K: PolicyKind>(self) -> Self {
        let policies = self.policies.with::<K>();
        Self { policies, registry: self.registry.with_config::<K>(), stages: self.stages }
    }

    fn object<K: ConfigKind>(self) -> Self {
        Self { registry: self.registry.with_config::<K>(), ..self }
    }

    fn provider<S: ProviderSpec>(self) -> Self {
        Self { registry: self.registry.with_provider::<S>(), ..self }
    }
}

/// What an administrator carries from a provider to its application; nothing for other objects.
pub(crate) fn credentials(
    tx: &mut Tx<'_>,
    sealer: &Sealer,
    id: RawId,
) -> Result<Vec<(&'static str, Secret<String>)>, Failure> {
    let Some(provider) =
        providers::by_id(tx, ProviderId(id))?.filter(|found| found.kind == OAuth2Provider::MODEL)
    else {
        return Ok(Vec::new());
    };
    let provider = load_provider::<OAuth2Provider>(&provider, sealer)
        .map_err(|error| Failure::words(error.to_string()))?;
    let id = ("client_id", Secret::new(provider.client_id));
    Ok(match provider.client_secret.is_empty() {
        true => vec![id],
        false => vec![id, ("client_secret", provider.client_secret)],
    })
}

/// The protocols that applications speak.
pub(crate) struct Protocols {
    oauth2: Arc<OAuth2>,
    sealer: Sealer,
}

impl Protocols {
    /// Their state in this process.
    pub(crate) fn new(store: &Store, sealer: &Sealer, rng: &dyn Rng) -> Self {
        Self { oauth2: OAuth2::new(store, rng), sealer: sealer.clone() }
    }

    /// Loads what the first request would wait for.
    pub(crate) async fn warm_up(&self, store: &Store) -> Result<(), StoreError> {
        self.oauth2.warm_up(store).await
    }

    /// Adds the stages with which they end flows.
    pub(crate) fn append(&self, stages: StageKinds) -> StageKinds {
        stages
            .with_appended(REQUIRED_CONSENT, Arc::new(RequiredConsent))
            .with_appended(FULFILMENT, Arc::new(Fulfilment))
    }

    /// Adds their endpoints.
    pub(crate) fn routes(&self, config: &mut ServiceConfig) {
        config.configure(countersign_provider_oauth2::routes(Arc::clone(&self.oauth2)));
    }

    /// The portal, which asks them where applications are.
    pub(crate) fn portal(&self) -> Portal {
        let sealer = self.sealer.clone();
        Portal::new().launching(OAuth2Provider::MODEL, move |snapshot, provider| {
            launch_url(snapshot, &sealer, provider)
        })
    }
}
