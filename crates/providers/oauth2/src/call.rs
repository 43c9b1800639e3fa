//! What every handler of this crate works with.

use std::sync::Arc;

use actix_web::{FromRequest, HttpRequest, dev::Payload, web};
use countersign_crypto::Sealer;
use countersign_store::Snapshot;
use countersign_types::Timestamp;
use countersign_web::{App, Facts, WebError};

use crate::{
    client::{Client, ClientError},
    state::OAuth2,
};

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
