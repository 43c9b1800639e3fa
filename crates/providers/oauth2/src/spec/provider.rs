//! `authentik_providers_oauth2.oauth2provider`: an application that speaks OAuth 2.0 or OpenID Connect.

use countersign_crypto::SigningKey;
use countersign_oauth2::{RedirectUri, RedirectUriMatcher, RegistrationError};
use countersign_registry::ProviderSpec;
use countersign_resource::target;
use countersign_types::{FieldErrors, Ref, Secret, Span, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ClientType, GrantType, IssuerMode, LogoutMethod, SigningKeyChoice, SubMode};
use crate::client::origins;

/// An application that speaks OAuth 2.0 or OpenID Connect.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct OAuth2Provider {
    /// Whether the application can keep a secret.
    #[serde(default)]
    pub client_type: ClientType,
    /// Ways to tokens that are open to it. Left out: authorization code, refresh token and, for confidential
    /// applications, client credentials. Implicit, hybrid and password are never granted.
    #[serde(default = "usual_grants")]
    #[schemars(extend("x-advanced" = true))]
    pub grant_types: Vec<GrantType>,
    /// Name of the client; 40 random characters when left out.
    #[serde(default)]
    #[schemars(length(max = 255))]
    pub client_id: String,
    /// Secret of a confidential client; 128 random characters when left out.
    #[serde(default, skip_serializing)]
    #[schemars(length(max = 255))]
    pub client_secret: Secret<String>,
    /// How long a code may be used.
    #[serde(default = "one_minute")]
    #[schemars(extend("x-group" = "tokens", "x-advanced" = true))]
    pub access_code_validity: Span,
    /// How long an access token and an ID token live.
    #[serde(default = "one_hour")]
    #[schemars(extend("x-group" = "tokens"))]
    pub access_token_validity: Span,
    /// How long a refresh token lives; each renewal begins anew.
    #[serde(default = "thirty_days")]
    #[schemars(extend("x-group" = "tokens"))]
    pub refresh_token_validity: Span,
    /// Keep a refresh token as long as it has more than this left. Zero renews it at each use, as public
    /// clients always do.
    #[serde(default)]
    #[schemars(extend("x-group" = "tokens", "x-advanced" = true))]
    pub refresh_token_threshold: Span,
    /// Put what the scopes bring into the ID token too, for applications that do not ask the userinfo endpoint.
    #[serde(default = "yes")]
    #[schemars(extend("x-group" = "tokens"))]
    pub include_claims_in_id_token: bool,
    /// Key pair that signs tokens. Left out: the house's RSA pair (RS256). Null: the client secret (HS256).
    #[serde(default, skip_serializing_if = "SigningKeyChoice::is_house")]
    #[schemars(extend("x-group" = "tokens"))]
    pub signing_key: SigningKeyChoice,
    /// Key pair to encrypt tokens with. Not built yet: has to be empty.
    #[serde(default)]
    #[schemars(extend("x-group" = "tokens", "x-advanced" = true))]
    pub encryption_key: Option<Ref<target::KeyPair>>,
    /// Where answers may go.
    pub redirect_uris: Vec<RedirectUri>,
    /// Address that hears of sign-outs.
    #[serde(default)]
    #[schemars(length(max = 2048))]
    #[schemars(extend("x-group" = "sign-out"))]
    pub logout_uri: String,
    /// How it hears of them.
    #[serde(default)]
    #[schemars(extend("x-group" = "sign-out"))]
    pub logout_method: LogoutMethod,
    /// What the application knows a user by.
    #[serde(default)]
    #[schemars(extend("x-group" = "tokens", "x-advanced" = true))]
    pub sub_mode: SubMode,
    /// What tokens name as their issuer.
    #[serde(default)]
    #[schemars(extend("x-group" = "tokens", "x-advanced" = true))]
    pub issuer_mode: IssuerMode,
    /// Sources whose tokens count as client assertions. Not built yet: has to be empty.
    #[serde(default)]
    #[schemars(extend("x-advanced" = true))]
    pub jwt_federation_sources: Vec<Ref<target::Source>>,
    /// Providers whose tokens count as client assertions. Not built yet: has to be empty.
    #[serde(default)]
    #[schemars(extend("x-advanced" = true))]
    pub jwt_federation_providers: Vec<i64>,
}

fn usual_grants() -> Vec<GrantType> {
    vec![GrantType::AuthorizationCode, GrantType::RefreshToken, GrantType::ClientCredentials]
}

const fn one_minute() -> Span {
    Span::from_mins(1)
}

const fn one_hour() -> Span {
    Span::from_hours(1)
}

const fn thirty_days() -> Span {
    Span::from_days(30)
}

const fn yes() -> bool {
    true
}

/// Longest life of a code (OWASP ASVS 10.4.3).
const MAX_CODE: Span = Span::from_mins(10);
/// Longest life of an access token: revoked grants are kept in memory for as long.
pub(crate) const MAX_ACCESS: Span = Span::from_days(31);
/// Longest life of a refresh token.
const MAX_REFRESH: Span = Span::from_days(3660);

impl ProviderSpec for OAuth2Provider {
    const MODEL: &'static str = "authentik_providers_oauth2.oauth2provider";
    const COMPONENT: &'static str = "ak-provider-oauth2-form";
    const VERBOSE_NAME: &'static str = "OAuth2/OpenID Provider";

    /// The origin of the first redirect URI.
    fn launch_url(&self) -> Option<String> {
        origins(&self.redirect_uris).first().map(|origin| format!("{origin}/"))
    }

    fn validate(&self) -> Result<(), FieldErrors> {
        let mut errors = FieldErrors::default();
        self.check_client(&mut errors);
        self.check_spans(&mut errors);
        self.check_unbuilt(&mut errors);
        if let Err(error) = RedirectUriMatcher::compile(&self.redirect_uris) {
            errors.push(place_of(&error), "invalid", Text::literal(error.to_string()));
        }
        let logout = url::Url::parse(&self.logout_uri);
        if !self.logout_uri.is_empty() && !logout.is_ok_and(|url| matches!(url.scheme(), "https" | "http")) {
            errors.push("logout_uri", "invalid", "oauth2-provider-logout-uri");
        }
        errors.into_result()
    }
}

impl OAuth2Provider {
    fn check_client(&self, errors: &mut FieldErrors) {
        // VSCHAR of RFC 6749 appendix A, without the colon that Basic could not carry, and without spaces.
        let is_plain = |text: &str| text.len() <= 255 && text.bytes().all(|byte| byte.is_ascii_graphic());
        if !is_plain(&self.client_id) || self.client_id.contains(':') {
            errors.push("client_id", "invalid", "oauth2-provider-client-id");
        }
        if !is_plain(self.client_secret.expose()) {
            errors.push("client_secret", "invalid", "oauth2-provider-client-secret");
        }
        let is_short = SigningKey::from_client_secret(&self.client_secret).is_err();
        if self.signing_key == SigningKeyChoice::ClientSecret && !self.client_secret.is_empty() && is_short {
            errors.push("client_secret", "min_length", "oauth2-provider-client-secret-short");
        }
    }

    fn check_spans(&self, errors: &mut FieldErrors) {
        let spans = [
            ("access_code_validity", self.access_code_validity, Span::from_secs(1), MAX_CODE),
            ("access_token_validity", self.access_token_validity, Span::from_secs(1), MAX_ACCESS),
            ("refresh_token_validity", self.refresh_token_validity, Span::from_secs(1), MAX_REFRESH),
            ("refresh_token_threshold", self.refresh_token_threshold, Span::ZERO, MAX_REFRESH),
        ];
        for (path, span, least, most) in spans {
            if span < least || span > most {
                let message = Text::key("oauth2-provider-span")
                    .with("least", least.to_string())
                    .with("most", most.to_string());
                errors.push(path, "invalid", message);
            }
        }
    }

    /// What cannot work yet is refused rather than passed over: nobody should believe in it.
    fn check_unbuilt(&self, errors: &mut FieldErrors) {
        for (path, is_set) in [
            ("encryption_key", self.encryption_key.is_some()),
            ("jwt_federation_sources", !self.jwt_federation_sources.is_empty()),
            ("jwt_federation_providers", !self.jwt_federation_providers.is_empty()),
        ] {
            if is_set {
                errors.push(path, "not_supported", "oauth2-provider-not-built");
            }
        }
    }
}

fn place_of(error: &RegistrationError) -> String {
    match error {
        RegistrationError::Uri { index, .. }
        | RegistrationError::Pattern { index, .. }
        | RegistrationError::TooWide { index } => format!("redirect_uris.{index}.url"),
        RegistrationError::TooMany => "redirect_uris".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn complaints(document: &Value) -> Vec<String> {
        let mut whole = json!({ "redirect_uris": [{ "url": "https://rp.example/cb" }] });
        whole.as_object_mut().unwrap().extend(document.as_object().unwrap().clone());
        let spec: OAuth2Provider = serde_json::from_value(whole).unwrap();
        let errors = spec.validate().err().unwrap_or_default();
        errors.0.into_iter().map(|error| error.path).collect()
    }

    #[test]
    fn a_document_with_redirect_uris_alone_is_enough() {
        assert!(complaints(&json!({})).is_empty());
        assert!(serde_json::from_value::<OAuth2Provider>(json!({})).is_err(), "but those are required");
    }

    #[test]
    fn what_cannot_work_is_named() {
        let id = "6fb3a4a8-4f0b-4a4e-9a5c-0d2d3e9b1c11";
        for (document, path) in [
            (json!({ "encryption_key": id }), "encryption_key"),
            (json!({ "jwt_federation_sources": [id] }), "jwt_federation_sources"),
            (json!({ "jwt_federation_providers": [1] }), "jwt_federation_providers"),
            (json!({ "client_id": "a:b" }), "client_id"),
            (json!({ "client_id": "a b" }), "client_id"),
            (json!({ "client_secret": "geheim\u{e9}" }), "client_secret"),
            (json!({ "client_secret": "short", "signing_key": null }), "client_secret"),
            (json!({ "access_code_validity": "minutes=11" }), "access_code_validity"),
            (json!({ "access_token_validity": "seconds=0" }), "access_token_validity"),
            (json!({ "refresh_token_validity": "days=-1" }), "refresh_token_validity"),
            (json!({ "redirect_uris": [{ "url": "javascript:alert(1)" }] }), "redirect_uris.0.url"),
            (
                json!({ "redirect_uris": [{ "url": "https://a.example/" }, { "url": ".*", "matching_mode": "regex" }] }),
                "redirect_uris.1.url",
            ),
            (json!({ "logout_uri": "javascript:alert(1)" }), "logout_uri"),
        ] {
            assert_eq!(complaints(&document), [path], "{document}");
        }
    }

    #[test]
    fn a_secret_is_never_read_back() {
        let document = json!({ "redirect_uris": [], "client_secret": "canary-canary-canary" });
        let spec: OAuth2Provider = serde_json::from_value(document).unwrap();
        assert!(!serde_json::to_string(&spec).unwrap().contains("canary"));
        assert!(!format!("{spec:?}").contains("canary"));
    }
}
