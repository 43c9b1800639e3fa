//! What every handler of this crate works with.

use std::{sync::Arc, time::Duration};

use actix_web::{FromRequest, HttpRequest, dev::Payload, web};
use countersign_crypto::Sealer;
use countersign_store::Snapshot;
use countersign_types::Timestamp;
use countersign_web::{App, Facts, KeyRingError, WebError};
use tokio::time::{Instant, sleep};

use crate::{
    client::{Client, ClientError, Signing},
    state::OAuth2,
};

/// How long somebody waits for a key that is being made. Making one takes up to a second.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often we look meanwhile.
const LOOKS: Duration = Duration::from_millis(50);

/// A request to one of our endpoints: the house, our own state, the configuration in force, the facts.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) app: Arc<App>,
    pub(crate) state: Arc<OAuth2>,
    pub(crate) snapshot: Arc<Snapshot>,
    pub(crate) facts: Facts,
    pub(crate) now: Timestamp,
}

impl Call {
    /// Seals what leaves us and comes back.
    pub(crate) fn sealer(&self) -> &Sealer {
        self.app.sealer()
    }

    /// Our own address.
    pub(crate) fn base_url(&self) -> &str {
        &self.facts.base_url
    }

    /// The client of this name.
    pub(crate) fn client(&self, client_id: &str) -> Result<Arc<Client>, ClientError> {
        Client::by_client_id(&self.snapshot, self.sealer(), client_id)
    }

    /// The client of the application of this slug.
    pub(crate) fn client_by_slug(&self, slug: &str) -> Result<Arc<Client>, ClientError> {
        Client::by_slug(&self.snapshot, self.sealer(), slug)
    }

    /// Waits for a client's key. At a first start it may still be made, and a relying party that read an empty key
    /// set would keep it and refuse the first tokens.
    pub(crate) async fn with_key_of(mut self, client: &Client) -> Result<Self, WebError> {
        let Signing::Pair(id, _) = &client.signing else { return Ok(self) };
        let deadline = Instant::now() + PATIENCE;
        while let Some(pair) = self.snapshot.key_pair(*id).filter(|pair| pair.versions.is_empty()) {
            if Instant::now() >= deadline {
                return Err(KeyRingError::NoVersion(pair.name.clone()).into());
            }
            sleep(LOOKS).await;
            self.snapshot = self.app.snapshot().await?;
        }
        Ok(self)
    }
}

impl FromRequest for Call {
    type Error = WebError;
    type Future = std::pin::Pin<Box<dyn Future<Output = Result<Self, WebError>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let app = App::shared(&request)?;
            let state = request.app_data::<web::Data<OAuth2>>().cloned();
            let state = state.ok_or_else(|| WebError::internal("the OAuth 2 endpoints have no state"))?;
            let facts = Facts::extract(&request).await?;
            let snapshot = app.snapshot().await?;
            let now = app.now();
            Ok(Self { app, state: state.into_inner(), snapshot, facts, now })
        })
    }
}
