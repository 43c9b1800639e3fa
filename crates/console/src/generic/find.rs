//! From an address to an object: the place of the request, the key of the path, the kind that has it.

use std::sync::Arc;

use actix_web::{FromRequest, HttpRequest, dev::Payload, web::Data};
use countersign_model::{ConfigObjectId, ProviderId};
use countersign_registry::{AnyResource, ReadCx, Registry, ResourceError, Viewed};
use countersign_store::{Snapshot, Tx};
use countersign_types::RawId;
use countersign_web::WebError;
use futures_util::future::{Ready, ready};
use serde::Deserialize;

use super::places::Place;
use crate::{Console, cx::ConsoleCx};

/// The place that a request came to.
pub(crate) struct At(pub(crate) Arc<Place>);

impl FromRequest for At {
    type Error = WebError;
    type Future = Ready<Result<Self, WebError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let places = request.app_data::<Data<Console>>().map(|console| console.places());
        let place = places.zip(request.match_info().get("place"));
        let place = place.and_then(|(places, name)| places.named(name)).map(|place| Self(Arc::clone(place)));
        ready(place.ok_or_else(|| WebError::internal("the route has no place")))
    }
}

/// What the path calls the object.
#[derive(Debug, Deserialize)]
pub(crate) struct Keyed {
    pub(crate) key: String,
}

/// What the path calls the object and its revision.
#[derive(Debug, Deserialize)]
pub(crate) struct KeyedRevision {
    pub(crate) key: String,
    pub(crate) revision: String,
}

/// What an address names: which kinds may have the object, most likely first, and its key.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    models: Vec<&'static str>,
    key: String,
}

/// An object of an address.
pub(crate) struct Found<'r> {
    pub(crate) resource: &'r dyn AnyResource,
    pub(crate) id: RawId,
}

impl Wanted {
    /// The object that the path of this request names.
    pub(crate) fn of(cx: &ConsoleCx, place: &Place, key: &str) -> Self {
        let mut models = place.models.clone();
        if models.len() > 1
            && let Some(hint) = hint(&cx.snapshot, key)
        {
            models.retain(|model| *model == hint);
        }
        Self { models, key: key.to_owned() }
    }

    /// Finds it, whoever asks.
    pub(crate) fn find<'r>(
        &self,
        tx: &mut Tx<'_>,
        registry: &'r Registry,
    ) -> Result<Found<'r>, ResourceError> {
        for model in &self.models {
            let resource = registry.get(model)?;
            if let Some(id) = resource.resolve(tx, &self.key)? {
                return Ok(Found { resource, id });
            }
        }
        Err(ResourceError::NotFound)
    }

    /// Finds it and reads it, if the actor may see it.
    pub(crate) fn view<'r>(
        &self,
        tx: &mut Tx<'_>,
        cx: ReadCx<'r>,
    ) -> Result<(&'r dyn AnyResource, Viewed), ResourceError> {
        let Found { resource, id } = self.find(tx, cx.registry)?;
        let viewed = resource.view(tx, cx, id)?.ok_or(ResourceError::NotFound)?;
        Ok((resource, viewed))
    }

    /// The same without read-only attributes.
    pub(crate) fn brief<'r>(
        &self,
        tx: &mut Tx<'_>,
        cx: ReadCx<'r>,
    ) -> Result<(&'r dyn AnyResource, Viewed), ResourceError> {
        let Found { resource, id } = self.find(tx, cx.registry)?;
        let viewed = resource.brief(tx, cx, id)?.ok_or(ResourceError::NotFound)?;
        Ok((resource, viewed))
    }
}

/// The kind of an object of a family, when the configuration knows it.
fn hint(snapshot: &Snapshot, key: &str) -> Option<String> {
    if let Ok(pk) = key.parse::<i64>() {
        return snapshot.provider_by_pk(pk).map(|provider| provider.kind.clone());
    }
    let id: RawId = key.parse().ok()?;
    let object = snapshot.object(ConfigObjectId(id)).map(|object| &object.kind);
    object.or_else(|| snapshot.provider(ProviderId(id)).map(|provider| &provider.kind)).cloned()
}
