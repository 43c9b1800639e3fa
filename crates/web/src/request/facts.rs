//! The facts of a request, in the form that stages, policies and pages take.

use std::{ops::Deref, sync::Arc};

use actix_web::{FromRequest, HttpMessage as _, HttpRequest, dev::Payload};
use countersign_i18n::{Locale, Localizer};
use countersign_model::{Brand, LiveSession};
use countersign_policies::{KnownDevices, RequestFacts};
use futures_util::future::LocalBoxFuture;

use super::{Arrival, MaybeSession};
use crate::{App, WebError, cookies::Cookies};

/// The facts of a request. Shared: clones are cheap, and a request has one.
#[derive(Clone, Debug)]
pub struct Facts(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    facts: RequestFacts,
    is_https: bool,
    locale: Locale,
}

impl Facts {
    /// The language chosen.
    pub fn locale_handle(&self) -> Locale {
        self.0.locale
    }

    /// A handle that speaks it.
    pub fn localizer(&self, app: &App) -> Localizer {
        app.catalogues().localizer(self.0.locale)
    }

    /// Whether the browser spoke HTTPS.
    pub fn is_https(&self) -> bool {
        self.0.is_https
    }

    /// Makes our cookies for this request.
    pub fn cookies(&self) -> Cookies {
        Cookies::new(self.0.is_https)
    }

    /// For those who keep them.
    pub fn to_request_facts(&self) -> RequestFacts {
        self.0.facts.clone()
    }

    pub(crate) fn new(
        app: &App,
        arrival: &Arrival,
        session: Option<&LiveSession>,
        brand: Option<&Brand>,
    ) -> Self {
        let user = session.and_then(|live| live.subject.user.locale());
        let locale = arrival.wishes.best(app.catalogues(), user, brand.and_then(Brand::locale));
        let facts = RequestFacts {
            client: arrival.client,
            user_agent: arrival.user_agent.clone(),
            host: arrival.host.clone(),
            base_url: arrival.base_url.clone(),
            query: arrival.query.clone(),
            locale: app.catalogues().localizer(locale).lang().to_owned(),
            request_id: arrival.request_id.clone(),
            is_cross_site: arrival.is_cross_site,
            impersonator: session.and_then(|live| live.session.behind()).cloned(),
            certificate: arrival.certificate.clone(),
            devices: arrival
                .device
                .as_deref()
                .map_or_else(KnownDevices::default, |kept| KnownDevices::open(app.sealer(), kept, app.now())),
        };
        Self(Arc::new(Inner { facts, is_https: arrival.is_https, locale }))
    }
}

impl Deref for Facts {
    type Target = RequestFacts;

    fn deref(&self) -> &RequestFacts {
        &self.0.facts
    }
}

impl FromRequest for Facts {
    type Error = WebError;
    type Future = LocalBoxFuture<'static, Result<Self, WebError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            if let Some(known) = request.extensions().get::<Self>() {
                return Ok(known.clone());
            }
            let app = App::shared(&request)?;
            let arrival =
                Arrival::found(&request).ok_or_else(|| WebError::internal("the edge was not passed"))?;
            let session = MaybeSession::extract(&request).await?;
            let snapshot = app.snapshot().await?;
            let facts = Self::new(&app, &arrival, session.0.as_ref(), snapshot.brand_for(&arrival.host));
            request.extensions_mut().insert(facts.clone());
            Ok(facts)
        })
    }
}
