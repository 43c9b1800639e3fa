//! The house as a request sees it. Everything hangs off here; there are no statics but metrics.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use actix_web::{HttpRequest, web};
use countersign_crypto::{HashPool, Sealer};
use countersign_flows::{Executor, FlowServices};
use countersign_i18n::Catalogues;
use countersign_mail::Mail;
use countersign_model::LiveSession;
use countersign_policies::Policies;
use countersign_store::{Snapshot, Store};
use countersign_types::{Clock, Digest, Rng, Span, Timestamp};
use url::Url;

use crate::{
    AddressLimiter, Assets, CertificateSource, KeyRing, Limits, Rate, TrustedProxies, WebError,
    csrf::CrossSitePaths, edge::Routes, request::Arrival,
};

/// What the server makes an [`App`] of.
pub struct AppParts {
    /// The flow engine with store, sealer, hash pool, policies, clock and randomness.
    pub executor: Arc<Executor>,
    /// The languages.
    pub catalogues: Catalogues,
    /// What the configuration says about the web.
    pub settings: WebSettings,
}

/// What the configuration says about the web.
#[derive(Clone, Debug)]
pub struct WebSettings {
    /// Our own address (`web.base_url`), when it is configured: then no header has a say in it.
    pub base_url: Option<Url>,
    /// `listen.trusted_proxy_cidrs`.
    pub trusted_proxies: TrustedProxies,
    /// Where certificates of clients come from.
    pub client_certificates: CertificateSource,
    /// Bounds on requests.
    pub limits: Limits,
    /// How often one address may answer a flow that signs in.
    pub sign_in_rate: Rate,
    /// Paths to which other sites may send forms: the endpoints of protocols.
    pub cross_site_paths: CrossSitePaths,
}

impl Default for WebSettings {
    fn default() -> Self {
        Self {
            base_url: None,
            trusted_proxies: TrustedProxies::default(),
            client_certificates: CertificateSource::Nowhere,
            limits: Limits::default(),
            sign_in_rate: Rate { burst: 30, times: 60, per: Span::from_mins(1) },
            cross_site_paths: CrossSitePaths::default(),
        }
    }
}

/// The house. Lives in `web::Data`.
pub struct App {
    executor: Arc<Executor>,
    catalogues: Catalogues,
    settings: WebSettings,
    draining: AtomicBool,
    assets: Assets,
    sign_in_limiter: AddressLimiter,
    routes: Routes,
}

impl App {
    /// Puts the parts together.
    pub fn new(parts: AppParts) -> Arc<Self> {
        let AppParts { executor, catalogues, settings } = parts;
        let sign_in_limiter = AddressLimiter::new(settings.sign_in_rate);
        let draining = AtomicBool::new(false);
        Arc::new(Self {
            executor,
            catalogues,
            settings,
            draining,
            assets: Assets::load(),
            sign_in_limiter,
            routes: Routes::default(),
        })
    }

    /// The house that a request came to; none where the server did not register one.
    pub fn of(request: &HttpRequest) -> Option<&Self> {
        request.app_data::<web::Data<Self>>().map(|data| &***data)
    }

    /// The same, shared.
    pub fn shared(request: &HttpRequest) -> Result<Arc<Self>, WebError> {
        let data = request
            .app_data::<web::Data<Self>>()
            .ok_or_else(|| WebError::internal("no app is registered"))?;
        Ok(Arc::clone(data))
    }

    /// Routes by address, for the log.
    pub(crate) const fn routes(&self) -> &Routes {
        &self.routes
    }

    /// The flow engine.
    pub fn executor(&self) -> &Executor {
        &self.executor
    }

    /// What the flow engine works with.
    pub fn services(&self) -> &FlowServices {
        self.executor.services()
    }

    /// Database.
    pub fn store(&self) -> &Store {
        &self.services().store
    }

    /// Cold configuration; no query when warm.
    pub async fn snapshot(&self) -> Result<Arc<Snapshot>, WebError> {
        Ok(self.store().snapshot().await?)
    }

    /// The live session of a cookie's digest, where it is good; no query when warm.
    pub(crate) async fn live_session(
        &self,
        key: &Digest,
        arrival: &Arrival,
    ) -> Result<Option<LiveSession>, WebError> {
        Ok(self.services().live_session(key, arrival.client, &arrival.request_id).await?)
    }

    /// Seals what leaves us and comes back.
    pub fn sealer(&self) -> &Sealer {
        &self.services().sealer
    }

    /// Password hashes.
    pub fn hashes(&self) -> &HashPool {
        &self.services().hashes
    }

    /// Mail.
    pub fn mail(&self) -> &Mail {
        &self.services().mail
    }

    /// Policies and expressions.
    pub fn policies(&self) -> &Policies {
        &self.services().policies
    }

    /// Signing keys, unsealed and parsed once per configuration.
    pub fn keys(&self) -> KeyRing<'_> {
        KeyRing::new(self.sealer())
    }

    /// The languages.
    pub const fn catalogues(&self) -> &Catalogues {
        &self.catalogues
    }

    /// What the configuration says about the web.
    pub const fn settings(&self) -> &WebSettings {
        &self.settings
    }

    /// From now on the probe says that we are not ready, so that no new visitors are sent here.
    pub fn begin_drain(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    /// Whether this process is about to end.
    pub fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }

    /// Style sheets, scripts, icons.
    pub const fn assets(&self) -> &Assets {
        &self.assets
    }

    /// Throttles answers to flows that sign in, by address.
    pub const fn sign_in_limiter(&self) -> &AddressLimiter {
        &self.sign_in_limiter
    }

    /// The present moment.
    pub fn now(&self) -> Timestamp {
        self.clock().now()
    }

    /// Time.
    pub fn clock(&self) -> &dyn Clock {
        &*self.services().clock
    }

    /// Randomness.
    pub fn rng(&self) -> &dyn Rng {
        &*self.services().rng
    }
}
