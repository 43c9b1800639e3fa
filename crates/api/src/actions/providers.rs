//! `providers/oauth2/{id}/…`: what the application's side needs to know, and what it would learn.

use countersign_authz::Permission;
use countersign_registry::SeamError;
use countersign_types::JsonObject;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use super::shapes::subject;
use crate::{Access, Answer, ApiError, Call, Endpoint, Shape};

const OAUTH2: &str = "authentik_providers_oauth2.oauth2provider";
const PREVIEW: Permission = Permission::named("authentik_core.preview_user");

pub(super) fn rows() -> Vec<Endpoint> {
    vec![
        Endpoint::get(
            "providers/oauth2/{id}/setup_urls/",
            "providers_oauth2_setup_urls_retrieve",
            Access::Object(Permission::view(OAUTH2)),
            setup_urls,
        )
        .about("The addresses that an administrator carries to the application.")
        .gives_shape(setup_shape()),
        Endpoint::get(
            "providers/oauth2/{id}/preview_user/",
            "providers_oauth2_preview_user_retrieve",
            Access::Object(Permission::view(OAUTH2)),
            preview,
        )
        .about(
            "The claims that a user would bring to the application. For others than oneself it takes the \
                permission to preview them.",
        )
        .param::<i64>("for_user", "Integer key of the user; the caller unless it is said.")
        .gives::<PropertyMappingPreview>(),
    ]
}

/// The addresses are null as long as no application belongs to the provider.
fn setup_shape() -> Shape {
    let names = ["issuer", "authorize", "token", "user_info", "provider_info", "logout", "jwks"];
    let address = json!({ "type": "string", "readOnly": true });
    let mut properties: serde_json::Map<String, Value> =
        names.iter().map(|name| ((*name).to_owned(), address.clone())).collect();
    properties.insert(
        "dcr_registration".to_owned(),
        json!({ "type": "string", "nullable": true, "readOnly": true }),
    );
    Shape::named(
        "OAuth2ProviderSetupURLs",
        json!({ "type": "object", "description": "Addresses of a provider.", "properties": properties }),
    )
}

async fn setup_urls(call: Call) -> Result<Answer, ApiError> {
    let found = call.found(OAUTH2, call.arg("id")?).await?;
    let urls = call.api.seams().providers.setup_urls(found.id, &call.facts.base_url).await?;
    let mut shown: JsonObject =
        urls.unwrap_or_default().into_iter().map(|(name, url)| (name.to_owned(), url.into())).collect();
    shown.insert("dcr_registration".to_owned(), Value::Null);
    Answer::json(&shown)
}

/// The claims that a user would bring.
#[derive(Serialize, JsonSchema)]
struct PropertyMappingPreview {
    /// By claim.
    preview: JsonObject,
    /// Mappings that failed and brought nothing, with the reason.
    #[serde(skip_serializing_if = "JsonObject::is_empty")]
    failures: JsonObject,
}

async fn preview(call: Call) -> Result<Answer, ApiError> {
    let found = call.found(OAUTH2, call.arg("id")?).await?;
    let identity = call.identity()?;
    let asked = call
        .query("for_user")?
        .map(|pk| pk.parse::<i64>().map_err(|_| ApiError::field("for_user", "invalid", "api-error-integer")));
    let user = match asked.transpose()? {
        None => std::sync::Arc::clone(&identity.subject),
        Some(pk) => subject(&call, "for_user", pk).await?,
    };
    if user.user.id != identity.subject.user.id {
        call.require(&PREVIEW, Some(user.user.id.raw()))?;
    }
    let preview = call.api.seams().providers.preview(found.id, &user, &call.facts.base_url).await?;
    let preview = preview.ok_or(SeamError::NotFound)?;
    Answer::json(&PropertyMappingPreview {
        preview: preview.claims,
        failures: preview.failures.into_iter().map(|(name, why)| (name, why.into())).collect(),
    })
}
