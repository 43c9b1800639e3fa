//! A call on its way to a handler: who calls, what for, with what.

use std::sync::Arc;

use actix_web::{HttpRequest, web::Bytes};
use countersign_authz::{Actor, Identity, Permission};
use countersign_model::LiveSession;
use countersign_registry::{
    AnyResource, Prepared, ReadCx, Registry, ResourceError, SystemSettings, Viewed, WriteCx,
};
use countersign_store::{Snapshot, Tx};
use countersign_types::{JsonObject, RawId, Text};
use countersign_web::{App, Facts, Pairs};
use serde::de::DeserializeOwned;

use crate::{Api, ApiError, paging::Paging};

/// Passwords hashed for one call at most.
const MAX_HASHES: usize = 50;

/// A call.
pub struct Call {
    /// The house.
    pub app: Arc<App>,
    /// The API: registry and seams.
    pub api: Arc<Api>,
    /// Circumstances of the request.
    pub facts: Facts,
    /// Who calls; none only where [`Access::Anyone`](crate::Access::Anyone) lets in.
    pub identity: Option<Arc<Identity>>,
    /// The session with which a browser calls.
    pub session: Option<LiveSession>,
    /// What stands in the braces of the path, decoded.
    pub path: Vec<(String, String)>,
    /// Parameters of the query.
    pub query: Pairs,
    /// The body where it is JSON; else empty.
    pub body: JsonObject,
    /// The body where it is not JSON; else empty.
    pub raw: Bytes,
    /// The request, for cookies and headers.
    pub request: HttpRequest,
}

impl Call {
    /// What stands in these braces of the path.
    pub fn arg(&self, name: &str) -> Result<&str, ApiError> {
        let found = self.path.iter().find(|(other, _)| other == name);
        found.map(|(_, value)| value.as_str()).ok_or_else(ApiError::not_found)
    }

    /// The same as an identifier; anything else is of no object.
    pub fn id_arg(&self, name: &str) -> Result<RawId, ApiError> {
        self.arg(name)?.parse().map_err(|_| ApiError::not_found())
    }

    /// The body as a type, with complaints by path.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, ApiError> {
        serde_path_to_error::deserialize(&self.body).map_err(|error| {
            let path = error.path().to_string();
            let message = error.inner().to_string();
            let missing = message.strip_prefix("missing field `").and_then(|rest| rest.split('`').next());
            let at = |name: &str| if path == "." { name.to_owned() } else { format!("{path}.{name}") };
            match missing {
                Some(name) => ApiError::field(at(name), "required", "resource-error-required"),
                None if path == "." => ApiError::field("", "invalid", Text::literal(message)),
                None => ApiError::field(path, "invalid", Text::literal(message)),
            }
        })
    }

    /// A parameter of the query that may stand there once.
    pub fn query(&self, name: &str) -> Result<Option<&str>, ApiError> {
        Ok(self.query.only(name)?)
    }

    /// A parameter of the query that is `true` or `false`.
    pub fn flag(&self, name: &str, default: bool) -> Result<bool, ApiError> {
        match self.query(name)? {
            None | Some("") => Ok(default),
            Some(text) if text.eq_ignore_ascii_case("true") || text == "1" => Ok(true),
            Some(text) if text.eq_ignore_ascii_case("false") || text == "0" => Ok(false),
            Some(_) => Err(ApiError::field(name, "invalid", "api-error-boolean")),
        }
    }

    /// Which page is asked for, and in which order.
    pub async fn paging(&self) -> Result<Paging, ApiError> {
        Paging::of(&self.query, &SystemSettings::of_snapshot(&*self.snapshot().await?))
    }

    /// All kinds.
    pub fn registry(&self) -> &Arc<Registry> {
        self.api.registry()
    }

    /// Cold configuration; no query when warm.
    pub async fn snapshot(&self) -> Result<Arc<Snapshot>, ApiError> {
        Ok(self.app.snapshot().await?)
    }

    /// Who calls.
    pub fn identity(&self) -> Result<&Arc<Identity>, ApiError> {
        self.identity.as_ref().ok_or_else(|| countersign_web::WebError::unauthenticated().into())
    }

    /// Who calls, as the registry takes him.
    pub fn actor(&self) -> Result<Actor, ApiError> {
        Ok(Actor::User(Arc::clone(self.identity()?)))
    }

    /// Refuses a caller who holds the permission neither for everything nor for this object.
    pub fn require(&self, permission: &Permission, object: Option<RawId>) -> Result<(), ApiError> {
        if self.actor()?.may(permission, object) { Ok(()) } else { Err(ApiError::denied()) }
    }

    /// Reads in one unit of work.
    pub async fn read<T, F>(&self, work: F) -> Result<T, ApiError>
    where
        T: Send + 'static,
        F: FnMut(&mut Tx<'_>) -> Result<T, ApiError> + Send + 'static,
    {
        self.app.store().read(work).await
    }

    /// The object of a kind that a key in the path means, if the caller may see it; without its read-only attributes.
    pub async fn found(&self, model: &'static str, key: &str) -> Result<Viewed, ApiError> {
        let (registry, actor, key) = (Arc::clone(self.registry()), self.actor()?, key.to_owned());
        self.read(move |tx| find(tx, ReadCx { registry: &registry, actor: &actor }, model, &key)).await
    }

    /// Writes in one unit of work. Passwords that it meets are hashed first, outside of it; so the work may
    /// be done several times over.
    pub async fn write<T, F>(&self, work: F) -> Result<T, ApiError>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>, WriteCx<'_>) -> Result<T, ApiError> + Send + Sync + 'static,
    {
        let work = Arc::new(work);
        let actor = self.actor()?;
        let client_ip = self.facts.client.map(|client| client.to_string());
        let mut prepared = Prepared::default();
        loop {
            let (work, registry) = (Arc::clone(&work), Arc::clone(self.registry()));
            let (actor, client_ip, ready) = (actor.clone(), client_ip.clone(), prepared.clone());
            let done = self
                .app
                .store()
                .write(move |tx| work(tx, registry.cx(&actor, client_ip.as_deref(), &ready)))
                .await;
            match done {
                Err(ApiError::Resource(ResourceError::NeedsHash(password)))
                    if prepared.len() < MAX_HASHES =>
                {
                    let hash = self.app.hashes().hash(password.clone()).await;
                    let hash = hash.map_err(countersign_web::WebError::from)?;
                    prepared.add_hash(password, hash);
                }
                done => return done,
            }
        }
    }
}

/// The object of a kind that a key means, if the actor may see it; without its read-only attributes.
pub fn find(tx: &mut Tx<'_>, cx: ReadCx<'_>, model: &str, key: &str) -> Result<Viewed, ApiError> {
    let (resource, id) = resolve(tx, cx, model, key)?;
    resource.brief(tx, cx, id)?.ok_or_else(ApiError::not_found)
}

/// A kind, and what a key means in it, whoever asks.
pub(crate) fn resolve<'r>(
    tx: &mut Tx<'_>,
    cx: ReadCx<'r>,
    model: &str,
    key: &str,
) -> Result<(&'r dyn AnyResource, RawId), ApiError> {
    let resource = cx.registry.get(model)?;
    let id = resource.resolve(tx, key)?.ok_or_else(ApiError::not_found)?;
    Ok((resource, id))
}
