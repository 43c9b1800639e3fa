//! What an object was, and putting it back.

use std::sync::Arc;

use countersign_authz::Permission;
use countersign_model::{EventUser, RevisionId};
use countersign_registry::{ReadCx, RevisionView};
use countersign_types::PageRequest;
use serde_json::{Value, json};

use super::{Kind, document::Translation, key};
use crate::{Answer, ApiError, Call, Endpoint, IfMatch, Method, Shape, find};

/// Revisions that an object keeps, and so shows.
const MOST: u32 = 50;

pub(super) fn list_row(kind: &Kind<'_>) -> Endpoint {
    let (model, path) = (kind.model, format!("{}revisions/", kind.one));
    kind.row(Method::Get, &path, "revisions_list", Permission::view(model), move |call| list(call, model))
        .about("What it was after each of its last changes, the latest first. Secrets are left out.")
        .gives_shape(shape().many())
}

pub(super) fn revert_row(kind: &Kind<'_>) -> Endpoint {
    let (model, path) = (kind.model, format!("{}revisions/{{revision}}/revert/", kind.one));
    let permission = Permission::change(model);
    kind.row(Method::Post, &path, "revisions_revert_create", permission, move |call| revert(call, model))
        .about("Puts it back to what it was after a revision. Secrets stay what they are now.")
        .gives_shape(kind.shape())
}

async fn list(call: Call, model: &'static str) -> Result<Answer, ApiError> {
    let key = key(&call)?;
    let (registry, actor) = (Arc::clone(call.registry()), call.actor()?);
    let found = call
        .read(move |tx| {
            let cx = ReadCx { registry: &registry, actor: &actor };
            let found = find(tx, cx, model, &key)?;
            Ok(registry.get(model)?.revisions(tx, cx, found.id, &PageRequest::first(MOST))?)
        })
        .await?;
    Answer::json(&found.items.iter().map(shown).collect::<Vec<_>>())
}

async fn revert(call: Call, model: &'static str) -> Result<Answer, ApiError> {
    let (key, wanted) = (key(&call)?, IfMatch::of(&call.request)?);
    let revision = RevisionId(call.id_arg("revision")?);
    let snapshot = call.snapshot().await?;
    let (version, shown) = call
        .write(move |tx, cx| {
            let resource = cx.registry.get(model)?;
            let found = find(tx, cx.reading(), model, &key)?;
            wanted.check(&found.version)?;
            resource.revert(tx, cx, found.id, revision)?;
            let changed = resource.view(tx, cx.reading(), found.id)?.ok_or_else(ApiError::not_found)?;
            let version = changed.version.clone();
            Ok((version, Translation::new(cx.registry, &snapshot).show(tx, resource, changed)?))
        })
        .await?;
    Ok(Answer::json(&shown)?.version(&version))
}

fn shown(revision: &RevisionView) -> Value {
    json!({
        "pk": revision.id.raw(),
        "created": revision.created.to_rfc3339(),
        "user": revision.user.as_ref().map(person),
        "action": revision.action.as_str(),
        "diff": revision.diff,
        "document": revision.document,
        "version": revision.version,
    })
}

/// Who did it, and in whose place.
fn person(user: &EventUser) -> Value {
    json!({
        "pk": user.pk,
        "username": user.username,
        "on_behalf_of": user.on_behalf_of.as_deref().map(person),
    })
}

fn shape() -> Shape {
    Shape::named("Revision", || {
        json!({
            "type": "object",
            "properties": {
                "pk": { "type": "string", "format": "uuid" },
                "created": { "type": "string", "format": "date-time" },
                "user": {
                    "type": ["object", "null"],
                    "properties": {
                        "pk": { "type": "integer" },
                        "username": { "type": "string" },
                        "on_behalf_of": { "type": ["object", "null"], "additionalProperties": true },
                    },
                    "required": ["pk", "username", "on_behalf_of"],
                },
                "action": { "type": "string", "enum": ["created", "updated", "reverted", "deleted"] },
                "diff": { "type": "object", "additionalProperties": true },
                "document": { "type": "object", "additionalProperties": true },
                "version": { "type": "string" },
            },
            "required": ["pk", "created", "user", "action", "diff", "document", "version"],
        })
    })
}
