//! `schema/`: the OpenAPI document.

use std::sync::Arc;

use actix_web::web;
use countersign_web::WebError;

use crate::{Access, Answer, ApiError, Call, Endpoint, Shape};

/// What an OpenAPI document in JSON is called among media types.
const MEDIA_TYPE: &str = "application/vnd.oai.openapi+json";

pub(crate) fn rows() -> Vec<Endpoint> {
    vec![
        Endpoint::get("schema/", "schema_retrieve", Access::Anyone, describe)
            .about("This document.")
            .gives_media(MEDIA_TYPE)
            .gives_shape(Shape::bare(|| serde_json::json!({ "type": "object" }))),
    ]
}

async fn describe(call: Call) -> Result<Answer, ApiError> {
    let api = Arc::clone(&call.api);
    // Elsewhere: making it takes a while, and this thread serves others.
    let document = web::block(move || api.document().to_vec()).await.map_err(WebError::internal)?;
    Ok(Answer::other(MEDIA_TYPE, document))
}
