//! One object: itself, who uses it, what it was.

use std::sync::Arc;

use countersign_authz::Permission;
use countersign_registry::ReadCx;

use super::{Kind, document::Translation, key, usage, usages};
use crate::{Answer, ApiError, Call, Endpoint, Method, call::resolve, find};

pub(super) fn row(kind: &Kind<'_>) -> Endpoint {
    let model = kind.model;
    kind.row(Method::Get, &kind.one, "retrieve", Permission::view(model), move |call| retrieve(call, model))
        .about(format!("{}: one of them. `ETag` names its version.", kind.noun()))
        .gives_shape(kind.shape())
}

pub(super) fn used_by_row(kind: &Kind<'_>) -> Endpoint {
    let (model, path) = (kind.model, format!("{}used_by/", kind.one));
    kind.row(Method::Get, &path, "used_by_list", Permission::view(model), move |call| used_by(call, model))
        .about("Who refers to it, and what deleting it would do to him.")
        .gives_shape(usages())
}

async fn retrieve(call: Call, model: &'static str) -> Result<Answer, ApiError> {
    let key = key(&call)?;
    let (registry, actor, snapshot) = (Arc::clone(call.registry()), call.actor()?, call.snapshot().await?);
    let (version, shown) = call
        .read(move |tx| {
            let cx = ReadCx { registry: &registry, actor: &actor };
            let (resource, id) = resolve(tx, cx, model, &key)?;
            let found = resource.view(tx, cx, id)?.ok_or_else(ApiError::not_found)?;
            let version = found.version.clone();
            let mut translation = Translation::new(&registry, &snapshot);
            Ok((version, translation.show(tx, resource, found)?))
        })
        .await?;
    Ok(Answer::json(&shown)?.version(&version))
}

async fn used_by(call: Call, model: &'static str) -> Result<Answer, ApiError> {
    let key = key(&call)?;
    let (registry, actor) = (Arc::clone(call.registry()), call.actor()?);
    let found = call
        .read(move |tx| {
            let cx = ReadCx { registry: &registry, actor: &actor };
            let found = find(tx, cx, model, &key)?;
            Ok(registry.get(model)?.usage(tx, cx, found.id)?)
        })
        .await?;
    Answer::json(&found.iter().map(usage).collect::<Vec<_>>())
}
