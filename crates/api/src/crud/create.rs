//! Making an object.

use std::sync::Arc;

use actix_web::http::header::LOCATION;
use countersign_authz::Permission;
use serde_json::{Value, json};

use super::{Kind, document::Translation};
use crate::{Answer, ApiError, Call, Endpoint, Intake, Method};

pub(super) fn row(kind: &Kind<'_>) -> Endpoint {
    let model = kind.model;
    kind.row(Method::Post, &kind.path, "create", Permission::add(model), move |call| create(call, model))
        .about(format!("Makes one: {}. Secrets that were made for it are shown this once.", kind.noun()))
        .intake(Intake::Json(kind.asked()))
        .gives_shape(kind.shape())
        .status(201)
}

async fn create(call: Call, model: &'static str) -> Result<Answer, ApiError> {
    let snapshot = call.snapshot().await?;
    let body = Arc::new(call.body.clone());
    let (location, version, shown) = call
        .write(move |tx, cx| {
            let resource = cx.registry.get(model)?;
            let mut translation = Translation::new(cx.registry, &snapshot);
            let document = translation.take(tx, resource, &body)?;
            let written = resource.create(tx, cx, &document)?;
            let actor = cx.actor.given(&written.given);
            let found = resource.view(tx, cx.registry.read_as(&actor), written.id)?;
            // Whoever may make but not see learns which one he made, and the secrets he will need.
            let (key, version) =
                found.as_ref().map(|found| (found.key.clone(), found.version.clone())).unzip();
            let mut shown = match found {
                Some(found) => translation.show(tx, resource, found)?,
                None => json!({ "pk": written.id }),
            };
            if let Value::Object(shown) = &mut shown {
                let generated = written.generated.into_iter();
                shown.extend(generated.map(|(name, secret)| (name, Value::from(secret.expose().clone()))));
            }
            Ok((key, version, shown))
        })
        .await?;
    let mut answer = Answer::created(&shown)?;
    if let Some(key) = location {
        let key = percent_encoding::utf8_percent_encode(&key, percent_encoding::NON_ALPHANUMERIC);
        answer = answer.header(LOCATION, &format!("{}{key}/", call.request.path()));
    }
    Ok(match version {
        Some(version) => answer.version(&version),
        None => answer,
    })
}
