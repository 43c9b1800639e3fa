//! What protocols know about their providers, for API and console.

use std::sync::Arc;

use async_trait::async_trait;
use countersign_model::{ProviderId, Subject};
use countersign_policies::{KnownDevices, RequestFacts};
use countersign_registry::{Preview, ProviderWork, ResourceError, SeamError, SetupUrls};
use countersign_types::RawId;
use countersign_web::App;
use url::Url;

use crate::registry::Protocols;

/// The protocols, over what requests work with.
pub(super) struct OfProtocols {
    app: Arc<App>,
    protocols: Arc<Protocols>,
}

impl OfProtocols {
    pub(super) fn new(app: &Arc<App>, protocols: &Arc<Protocols>) -> Self {
        Self { app: Arc::clone(app), protocols: Arc::clone(protocols) }
    }
}

#[async_trait]
impl ProviderWork for OfProtocols {
    async fn setup_urls(&self, provider: RawId, base_url: &str) -> Result<Option<SetupUrls>, SeamError> {
        let snapshot = self.app.store().snapshot().await.map_err(ResourceError::from)?;
        let provider = snapshot.provider(ProviderId(provider)).ok_or(SeamError::NotFound)?;
        self.protocols.setup_urls(&snapshot, provider, base_url)
    }

    async fn preview(
        &self,
        provider: RawId,
        subject: &Arc<Subject>,
        base_url: &str,
    ) -> Result<Option<Preview>, SeamError> {
        let snapshot = self.app.store().snapshot().await.map_err(ResourceError::from)?;
        let provider = snapshot.provider(ProviderId(provider)).ok_or(SeamError::NotFound)?;
        let expressions = self.app.policies().expressions();
        self.protocols.preview(&snapshot, expressions, provider, subject, &facts(base_url)).await
    }
}

/// Nobody signs in: there is no browser and no address.
fn facts(base_url: &str) -> RequestFacts {
    let host = Url::parse(base_url).ok().and_then(|url| url.host_str().map(str::to_owned));
    RequestFacts {
        client: None,
        user_agent: String::new(),
        host: host.unwrap_or_default(),
        base_url: base_url.to_owned(),
        query: String::new(),
        locale: "en".to_owned(),
        request_id: String::new(),
        is_cross_site: false,
        impersonator: None,
        devices: KnownDevices::default(),
        certificate: None,
    }
}
