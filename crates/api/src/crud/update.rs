//! Changing an object, or putting it back to what it was.
//!
//! PATCH changes what it names. PUT must name whatever a new object needs, and leaves the rest as PATCH does, as
//! authentik's API has it: secrets that nobody can read back are not lost by a PUT.

use std::sync::Arc;

use countersign_authz::Permission;
use countersign_registry::AnyResource;
use countersign_types::{FieldErrors, JsonObject};

use super::{Kind, document::Translation, key, schema};
use crate::{Answer, ApiError, Call, Endpoint, Intake, Method, Shape, find, precondition::IfMatch};

/// Whether everything that a new object needs must be there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Whole {
    Yes,
    No,
}

pub(super) fn put_row(kind: &Kind<'_>) -> Endpoint {
    let model = kind.model;
    let handler = move |call| update(call, model, Whole::Yes);
    kind.row(Method::Put, &kind.one, "update", Permission::change(model), handler)
        .about("Replaces it. What is left out and not required stays. `If-Match` guards against a stale version.")
        .intake(Intake::Json(kind.asked()))
        .gives_shape(kind.shape())
}

pub(super) fn patch_row(kind: &Kind<'_>) -> Endpoint {
    let model = kind.model;
    let handler = move |call| update(call, model, Whole::No);
    kind.row(Method::Patch, &kind.one, "partial_update", Permission::change(model), handler)
        .about("Changes what is named. `If-Match` guards against a stale version.")
        .intake(Intake::Json(Shape::of_kind(kind.model, schema::patched)))
        .gives_shape(kind.shape())
}

async fn update(call: Call, model: &'static str, whole: Whole) -> Result<Answer, ApiError> {
    let (key, wanted) = (key(&call)?, IfMatch::of(&call.request)?);
    let snapshot = call.snapshot().await?;
    let body = Arc::new(call.body.clone());
    let (version, shown) = call
        .write(move |tx, cx| {
            let resource = cx.registry.get(model)?;
            let found = find(tx, cx.reading(), model, &key)?;
            wanted.check(&found.version)?;
            let mut translation = Translation::new(cx.registry, &snapshot);
            let document = translation.take(tx, resource, &body)?;
            if whole == Whole::Yes {
                complete(resource, &document)?;
            }
            resource.update(tx, cx, found.id, &document)?;
            let changed = resource.view(tx, cx.reading(), found.id)?.ok_or_else(ApiError::not_found)?;
            let version = changed.version.clone();
            Ok((version, translation.show(tx, resource, changed)?))
        })
        .await?;
    Ok(Answer::json(&shown)?.version(&version))
}

/// Whatever a new object needs must be there.
fn complete(resource: &dyn AnyResource, document: &JsonObject) -> Result<(), FieldErrors> {
    let mut errors = FieldErrors::default();
    for field in
        resource.descriptor().fields.iter().filter(|field| field.required && field.path.is_top_level())
    {
        let name = field.path.to_string();
        if !document.contains_key(&name) {
            errors.push(name, "required", "resource-error-required");
        }
    }
    errors.into_result()
}
