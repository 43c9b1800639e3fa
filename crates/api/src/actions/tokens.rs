//! `core/tokens/…`: the value of a token, which is kept as a digest.

use countersign_authz::Permission;
use countersign_model::TokenId;
use countersign_registry::accounts;
use countersign_types::Secret;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Access, Answer, ApiError, Call, Endpoint};

const TOKEN: &str = "authentik_core.token";
const VIEW_KEY: Permission = Permission::named("authentik_core.view_token_key");
const SET_KEY: Permission = Permission::named("authentik_core.set_token_key");

pub(super) fn rows() -> Vec<Endpoint> {
    vec![
        Endpoint::get(
            "core/tokens/{identifier}/view_key/",
            "core_tokens_view_key_retrieve",
            Access::Object(VIEW_KEY),
            view_key,
        )
        .about("Says that a value is shown once, when it is made or set: it is kept as a digest.")
        .gives_shape(crate::Shape::named("TokenView", key_shape)),
        Endpoint::post(
            "core/tokens/{identifier}/set_key/",
            "core_tokens_set_key_create",
            Access::Object(SET_KEY),
            set_key,
        )
        .about("Sets the value, of at least 20 characters.")
        .takes::<TokenSetKeyRequest>()
        .status(204),
    ]
}

fn key_shape() -> serde_json::Value {
    serde_json::json!({
        "type": "object",
        "description": "The value of a token.",
        "properties": { "key": { "type": "string", "readOnly": true, "description": "The value." } },
        "required": ["key"],
    })
}

/// A new value.
#[derive(Deserialize, JsonSchema)]
struct TokenSetKeyRequest {
    /// The value.
    #[serde(default)]
    key: Secret<String>,
}

async fn view_key(call: Call) -> Result<Answer, ApiError> {
    let found = call.found(TOKEN, call.arg("identifier")?).await?;
    call.require(&VIEW_KEY, Some(found.id))?;
    let words = call.facts.localizer(&call.app).t("api-error-token-shown-once");
    let answer = Answer::json(&serde_json::json!({ "detail": words, "code": "shown_once" }))?;
    Ok(answer.status(actix_web::http::StatusCode::GONE))
}

async fn set_key(call: Call) -> Result<Answer, ApiError> {
    let found = call.found(TOKEN, call.arg("identifier")?).await?;
    call.require(&SET_KEY, Some(found.id))?;
    let TokenSetKeyRequest { key } = call.json()?;
    let id = TokenId(found.id);
    call.write(move |tx, cx| Ok(accounts::set_token_key(tx, cx, id, &key)?)).await?;
    Ok(Answer::empty())
}
