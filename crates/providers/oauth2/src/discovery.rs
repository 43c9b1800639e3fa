//! What a provider says about itself (OpenID Connect Discovery §4, RFC 8414 §3). No trip when warm.

use actix_web::{HttpRequest, HttpResponse, web::Path};
use countersign_oauth2::ProviderMetadata;
use countersign_web::{WebError, found};

use crate::{
    call::Call,
    client::{Client, endpoint},
    cors,
    documents::{Document, Shelf},
    spec::{ClientType, GrantType},
    subject::ACR,
};

/// The shelf of discovery documents, told by its type from that of key sets.
#[derive(Default)]
struct Documents(Shelf);

pub(crate) async fn get(
    request: HttpRequest,
    call: Call,
    slug: Path<String>,
) -> Result<HttpResponse, WebError> {
    let client = call.client_by_slug(&slug)?;
    let shelf = call.snapshot.memo::<Documents, WebError>(client.id.raw(), || Ok(Documents::default()))?;
    let document = shelf.0.get(call.base_url(), call.now, || {
        let body = serde_json::to_string(&metadata(&call, &client)).map_err(WebError::internal)?;
        Ok::<_, WebError>(Document::new(body, None))
    })?;
    let mut response = document.send(&request, "application/json");
    cors::allow(&call, Some(&client), &request, &mut response);
    Ok(response)
}

/// The issuer itself leads to its document.
pub(crate) async fn issuer(call: Call, slug: Path<String>) -> Result<HttpResponse, WebError> {
    let client = call.client_by_slug(&slug)?;
    Ok(found(&client.own_endpoint("", ".well-known/openid-configuration")))
}

/// Claims that need no mapping.
const CLAIMS: [&str; 14] = [
    "sub",
    "iss",
    "aud",
    "exp",
    "iat",
    "auth_time",
    "acr",
    "amr",
    "nonce",
    "at_hash",
    "azp",
    "sid",
    "jti",
    "email",
];
/// Claims of the house's own profile mapping.
const PROFILE: [&str; 6] =
    ["email_verified", "name", "given_name", "preferred_username", "nickname", "groups"];

fn metadata(call: &Call, client: &Client) -> ProviderMetadata {
    let base = call.base_url();
    let authentication = match client.client_type {
        ClientType::Confidential => vec!["client_secret_basic", "client_secret_post"],
        ClientType::Public => vec!["none"],
    };
    let confidential = vec!["client_secret_basic", "client_secret_post"];
    let grants = [
        ("authorization_code", GrantType::AuthorizationCode),
        ("refresh_token", GrantType::RefreshToken),
        ("client_credentials", GrantType::ClientCredentials),
    ];
    let languages = call.app.catalogues().locales();
    ProviderMetadata {
        issuer: client.issuer(base),
        authorization_endpoint: endpoint(base, "authorize"),
        token_endpoint: endpoint(base, "token"),
        userinfo_endpoint: endpoint(base, "userinfo"),
        end_session_endpoint: client.own_endpoint(base, "end-session/"),
        introspection_endpoint: endpoint(base, "introspect"),
        revocation_endpoint: endpoint(base, "revoke"),
        device_authorization_endpoint: None,
        jwks_uri: client.own_endpoint(base, "jwks/"),
        response_types_supported: vec!["code"],
        response_modes_supported: vec!["query", "fragment", "form_post"],
        grant_types_supported: grants
            .iter()
            .filter(|(_, kind)| client.may(*kind))
            .map(|(name, _)| *name)
            .collect(),
        id_token_signing_alg_values_supported: vec![client.signing.algorithm().name()],
        subject_types_supported: vec!["public"],
        token_endpoint_auth_methods_supported: authentication.clone(),
        introspection_endpoint_auth_methods_supported: confidential,
        revocation_endpoint_auth_methods_supported: authentication,
        acr_values_supported: vec![ACR.to_owned()],
        scopes_supported: client.scopes.iter().map(|scope| scope.name.clone()).collect(),
        claims_supported: CLAIMS.iter().chain(&PROFILE).map(|claim| (*claim).to_owned()).collect(),
        claims_parameter_supported: false,
        request_parameter_supported: false,
        request_uri_parameter_supported: false,
        code_challenge_methods_supported: vec!["S256"],
        prompt_values_supported: vec!["none", "login", "consent", "select_account"],
        ui_locales_supported: languages.map(|language| language.tag.to_string()).collect(),
        authorization_response_iss_parameter_supported: true,
        backchannel_logout_supported: false,
        backchannel_logout_session_supported: false,
        frontchannel_logout_supported: false,
        frontchannel_logout_session_supported: false,
    }
}
