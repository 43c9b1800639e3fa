//! The one list of every kind: what is not here, Countersign does not have.

use std::sync::Arc;

use actix_web::{HttpRequest, web::ServiceConfig};
use countersign_api::AccessTokens;
use countersign_crypto::{MasterKey, Sealer, SystemRng};
use countersign_flows::{SourceKind, StageKind, StageKinds};
use countersign_mail::{Routes, Server};
use countersign_mappings::{
    GoogleWorkspaceMapping, KerberosSourceMapping, LdapSourceMapping, MicrosoftEntraMapping,
    OAuthSourceMapping, PlexSourceMapping, RacMapping, RadiusMapping, SamlMapping, SamlSourceMapping,
    ScimMapping, ScimSourceMapping, TelegramSourceMapping,
};
use countersign_model::{ConfigObjectId, Provider, ProviderId, Subject, User};
use countersign_notifications::{NotificationRule, NotificationTransport, NotificationWebhookMapping};
use countersign_policies::{
    Expressions, MappingKind, MappingKinds, PolicyKind, PolicyKinds, RequestFacts, TokenMint,
    kinds::{
        dummy::DummyPolicy, event_matcher::EventMatcherPolicy, expression::ExpressionPolicy,
        geoip::GeoIpPolicy, password::PasswordPolicy, password_expiry::PasswordExpiryPolicy,
        reputation::ReputationPolicy, unique_password::UniquePasswordPolicy,
    },
};
use countersign_portal::Portal;
use countersign_provider_oauth2::{
    FULFILMENT, Fulfilment, OAuth2, OAuth2Provider, REQUIRED_CONSENT, ScopeMapping, Statements, launch_url,
    subject_of_access_token,
};
use countersign_registry::{Preview, ProviderSpec, Registry, SeamError, SetupUrls, load, load_provider};
use countersign_resource::ConfigKind;
use countersign_stages::{
    AccountLockdownStage, CaptchaStage, ConsentStage, DenyStage, DummyStage, EmailProofStage, EmailStage,
    IdentificationStage, InitialSetupStage, InvitationStage, MutualTlsStage, PasswordStage, Prompt,
    PromptStage, RedirectStage, RequiredConsent, UserDeleteStage, UserLoginStage, UserLogoutStage,
    UserWriteStage,
};
use countersign_store::{Snapshot, Store, StoreError, Tx, providers};
use countersign_types::{RawId, Rng, Secret};
use countersign_web::{Avatar, WebError};
use futures_util::future::LocalBoxFuture;

use crate::{Circumstances, Failure};

/// Where the digest of the one-time code of the initial set-up is kept, and what is kept of it.
pub(crate) use countersign_stages::{SETUP_CODE, kept_setup_code};

/// Every kind, where it has to be known.
pub(crate) fn every(kinds: Kinds) -> Kinds {
    kinds
        // Stages
        .stage::<IdentificationStage>()
        .stage::<PasswordStage>()
        .stage::<PromptStage>()
        .stage::<InvitationStage>()
        .stage::<UserWriteStage>()
        .stage::<UserLoginStage>()
        .stage::<UserLogoutStage>()
        .stage::<UserDeleteStage>()
        .stage::<AccountLockdownStage>()
        .stage::<ConsentStage>()
        .stage::<MutualTlsStage>()
        .stage::<CaptchaStage>()
        .stage::<RedirectStage>()
        .stage::<DenyStage>()
        .stage::<DummyStage>()
        .stage::<EmailStage>()
        .stage::<EmailProofStage>()
        .stage::<InitialSetupStage>()
        // Prompts
        .object::<Prompt>()
        // Policies
        .policy::<ExpressionPolicy>()
        .policy::<PasswordPolicy>()
        .policy::<PasswordExpiryPolicy>()
        .policy::<UniquePasswordPolicy>()
        .policy::<ReputationPolicy>()
        .policy::<GeoIpPolicy>()
        .policy::<EventMatcherPolicy>()
        .policy::<DummyPolicy>()
        // Providers and property mappings
        .provider::<OAuth2Provider>()
        .mapping::<ScopeMapping>()
        // Notifications
        .object::<NotificationTransport>()
        .object::<NotificationRule>()
        .mapping::<NotificationWebhookMapping>()
        .mapping::<SamlMapping>()
        .mapping::<ScimMapping>()
        .mapping::<RadiusMapping>()
        .mapping::<RacMapping>()
        .mapping::<GoogleWorkspaceMapping>()
        .mapping::<MicrosoftEntraMapping>()
        .mapping::<LdapSourceMapping>()
        .mapping::<KerberosSourceMapping>()
        .mapping::<OAuthSourceMapping>()
        .mapping::<PlexSourceMapping>()
        .mapping::<SamlSourceMapping>()
        .mapping::<ScimSourceMapping>()
        .mapping::<TelegramSourceMapping>()
}

/// Every kind as an object, for describing: it opens no secret of any database.
pub(crate) fn without_secrets() -> Result<Registry, Failure> {
    let master = MasterKey::from_secret(&Secret::from("no database is sealed with this"))?;
    Ok(every(Kinds::new(Sealer::new(master, &[], Arc::new(SystemRng)))).registry)
}

/// Kinds, where they have to be known: as objects, and as what runs.
pub(crate) struct Kinds {
    /// As objects.
    pub(crate) registry: Registry,
    /// Those that are stages.
    pub(crate) stages: StageKinds,
    /// Those that are policies.
    pub(crate) policies: PolicyKinds,
    /// Those that are property mappings.
    pub(crate) mappings: MappingKinds,
}

impl Kinds {
    /// None but the objects that have tables of their own.
    pub(crate) fn new(sealer: Sealer) -> Self {
        Self {
            registry: Registry::new(sealer).picturing(picture),
            stages: StageKinds::new(),
            policies: PolicyKinds::new(),
            mappings: MappingKinds::new(),
        }
    }

    fn stage<K: StageKind>(self) -> Self {
        Self { stages: self.stages.with::<K>(), ..self }.object::<K>()
    }

    fn policy<K: PolicyKind>(self) -> Self {
        Self { policies: self.policies.with::<K>(), ..self }.object::<K>()
    }

    fn mapping<K: MappingKind>(self) -> Self {
        Self { mappings: self.mappings.with::<K>(), ..self }.object::<K>()
    }

    #[expect(dead_code, reason = "the line of the first kind of source calls it")]
    fn source<K: SourceKind>(self) -> Self {
        Self { stages: self.stages.with_source::<K>(), ..self }.object::<K>()
    }

    fn object<K: ConfigKind>(self) -> Self {
        Self { registry: self.registry.with_config::<K>(), ..self }
    }

    fn provider<S: ProviderSpec>(self) -> Self {
        Self { registry: self.registry.with_provider::<S>(), ..self }
    }
}

/// Stages that send by mail servers of their own.
pub(crate) struct MailRoutes {
    sealer: Sealer,
}

impl MailRoutes {
    /// Opens their passwords with this.
    pub(crate) fn new(sealer: &Sealer) -> Self {
        Self { sealer: sealer.clone() }
    }
}

impl Routes for MailRoutes {
    fn server(&self, snapshot: &Snapshot, object: ConfigObjectId) -> Option<Server> {
        let stage = snapshot.object(object).filter(|found| found.kind == EmailStage::MODEL)?;
        match load::<EmailStage>(stage, &self.sealer) {
            Ok(spec) => spec.server(),
            Err(error) => {
                tracing::error!(stage = stage.name, %error, "the mail server of a stage cannot be read");
                None
            }
        }
    }
}

/// The picture of a user: his own, or his initials.
fn picture(user: &User) -> String {
    let name = if user.name.is_empty() { &user.username } else { &user.name };
    let own = user.attributes.get("avatar").and_then(|address| address.as_str()).unwrap_or_default();
    Avatar::of(name).with_picture(own).data_uri()
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

    /// What expressions get signed statements from.
    pub(crate) fn mint(&self, circumstances: &Circumstances) -> Arc<dyn TokenMint> {
        let Circumstances { clock, rng } = circumstances.clone();
        Arc::new(Statements::new(self.sealer.clone(), clock, rng))
    }

    /// Adds the stages with which they end flows.
    pub(crate) fn append(&self, stages: StageKinds) -> StageKinds {
        stages
            .with_appended(REQUIRED_CONSENT, Arc::new(RequiredConsent))
            .with_appended(FULFILMENT, Arc::new(Fulfilment))
    }

    /// What the API takes for access tokens.
    pub(crate) fn access_tokens(&self) -> Arc<dyn AccessTokens> {
        Arc::new(OurTokens)
    }

    /// The addresses of a provider; none for kinds without any.
    pub(crate) fn setup_urls(
        &self,
        snapshot: &Snapshot,
        provider: &Provider,
        base_url: &str,
    ) -> Result<Option<SetupUrls>, SeamError> {
        if provider.kind != OAuth2Provider::MODEL {
            return Ok(None);
        }
        let urls = countersign_provider_oauth2::setup_urls(snapshot, &self.sealer, provider, base_url);
        urls.map(Some).map_err(|error| SeamError::Failed(error.kind(), error.to_string()))
    }

    /// What the application of a provider would learn about a user; none for kinds without claims.
    pub(crate) async fn preview(
        &self,
        snapshot: &Snapshot,
        expressions: &Expressions,
        provider: &Provider,
        subject: &Arc<Subject>,
        facts: &RequestFacts,
    ) -> Result<Option<Preview>, SeamError> {
        if provider.kind != OAuth2Provider::MODEL {
            return Ok(None);
        }
        let sealer = &self.sealer;
        let seen =
            countersign_provider_oauth2::preview(snapshot, sealer, expressions, provider, subject, facts);
        match seen.await {
            Ok(seen) => Ok(Some(Preview { claims: seen.claims, failures: seen.failures })),
            Err(error) => Err(SeamError::Failed(error.kind(), error.to_string())),
        }
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

/// Access tokens of our own providers.
struct OurTokens;

impl AccessTokens for OurTokens {
    fn subject_of<'a>(
        &'a self,
        request: &'a HttpRequest,
        token: &'a str,
        scope: &'a str,
    ) -> LocalBoxFuture<'a, Result<Option<Arc<Subject>>, WebError>> {
        Box::pin(subject_of_access_token(request, token, scope))
    }
}
