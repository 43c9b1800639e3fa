//! `schema/`: the OpenAPI document.

use crate::{Access, Answer, ApiError, Call, Endpoint, Shape};

pub(crate) fn rows() -> Vec<Endpoint> {
    vec![
        Endpoint::get("schema/", "schema_retrieve", Access::Anyone, describe)
            .about("This document.")
            .gives_shape(Shape::bare(serde_json::json!({ "type": "object" }))),
    ]
}

async fn describe(call: Call) -> Result<Answer, ApiError> {
    Ok(Answer::other("application/vnd.oai.openapi+json", call.api.document().to_vec()))
}
