//! `providers/<kind>/{id}/…`: what the application's side needs to know, and what it would learn.

use countersign_authz::Permission;
use countersign_registry::{AnyResource, Registry, SeamError};
use countersign_types::JsonObject;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use super::shapes::subject;
use crate::{Access, Answer, ApiError, Call, Endpoint, Method, Shape};

const PREVIEW: Permission = Permission::named("authentik_core.preview_user");

pub(super) fn rows(registry: &Registry) -> Vec<Endpoint> {
    registry.of_family("provider").flat_map(of_kind).collect()
}

fn of_kind(resource: &dyn AnyResource) -> [Endpoint; 2] {
    let (model, place) = (resource.descriptor().model, &resource.descriptor().api_path);
    let operation = |verb: &str| format!("{}_{verb}_retrieve", place.replace('/', "_"));
    let view = || Access::Object(Permission::view(model));
    let path = format!("{place}/{{id}}/setup_urls/");
    let setup = Endpoint::new(Method::Get, path, operation("setup_urls"), view(), move |call| {
        setup_urls(call, model)
    })
    .about("The addresses that an administrator carries to the application.")
    .gives_shape(Shape::named("OAuth2ProviderSetupURLs", setup_shape));
    let path = format!("{place}/{{id}}/preview_user/");
    let preview = Endpoint::new(Method::Get, path, operation("preview_user"), view(), move |call| {
        preview(call, model)
    })
    .about(
        "What a user would bring to the application. For others than oneself it takes the permission to \
             preview them.",
    )
    .param::<i64>("for_user", "Integer key of the user; the caller unless it is said.")
    .gives::<PropertyMappingPreview>();
    [setup, preview]
}

/// The addresses are null as long as no application belongs to the provider.
fn setup_shape() -> Value {
    let names = ["issuer", "authorize", "token", "user_info", "provider_info", "logout", "jwks"];
    let address = json!({ "type": "string", "readOnly": true });
    let mut properties: serde_json::Map<String, Value> =
        names.iter().map(|name| ((*name).to_owned(), address.clone())).collect();
    properties.insert(
        "dcr_registration".to_owned(),
        json!({ "type": "string", "nullable": true, "readOnly": true }),
    );
    json!({ "type": "object", "description": "Addresses of a provider.", "properties": properties })
}

async fn setup_urls(call: Call, model: &'static str) -> Result<Answer, ApiError> {
    let found = call.found(model, call.arg("id")?).await?;
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

async fn preview(call: Call, model: &'static str) -> Result<Answer, ApiError> {
    let found = call.found(model, call.arg("id")?).await?;
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
