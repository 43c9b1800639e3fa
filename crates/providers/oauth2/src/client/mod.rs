//! A provider made ready for use, once per configuration: matchers, scopes, keys, origins.

mod issuer;
mod signing;

use std::sync::Arc;

use countersign_crypto::Sealer;
use countersign_model::{Application, FlowId, Provider, ProviderId};
use countersign_oauth2::{
    MatchingMode, RedirectUri, RedirectUriMatcher, RedirectUriType, RegistrationError, ScopeSet,
};
use countersign_policies::{Expressions, Source};
use countersign_registry::{LoadError, ProviderSpec, load_provider};
use countersign_store::Snapshot;
use countersign_types::{ErrorKind, JsonObject, Secret, Span};
use countersign_web::{KeyRingError, WebError};
use serde_json::Value;
use url::Url;

use crate::spec::{ClientType, GrantType, IssuerMode, OAuth2Provider, ScopeMapping, SubMode};

pub(crate) use issuer::{RESERVED_SLUGS, endpoint};
pub(crate) use signing::Signing;

/// The scope that brings refresh tokens (OpenID Connect Core §11).
pub(crate) const OFFLINE_ACCESS: &str = "offline_access";
/// The scope that makes a request one of OpenID Connect.
pub(crate) const OPENID: &str = "openid";

/// A provider of this kind, ready for use.
pub(crate) struct Client {
    pub(crate) id: ProviderId,
    pub(crate) pk: i64,
    pub(crate) name: String,
    /// What mappings see of it.
    pub(crate) object: countersign_expr::Value,
    pub(crate) client_id: String,
    pub(crate) client_type: ClientType,
    pub(crate) secret: Secret<String>,
    pub(crate) application: Application,
    pub(crate) redirect_uris: RedirectUriMatcher,
    /// Origins of redirect URIs, from which scripts may call.
    pub(crate) origins: Vec<String>,
    /// In the order in which claims are merged.
    pub(crate) scopes: Vec<Scope>,
    pub(crate) code_validity: Span,
    pub(crate) access_validity: Span,
    pub(crate) refresh_validity: Span,
    pub(crate) refresh_threshold: Span,
    pub(crate) claims_in_id_token: bool,
    pub(crate) sub_mode: SubMode,
    pub(crate) issuer_mode: IssuerMode,
    pub(crate) signing: Signing,
    pub(crate) authentication_flow: Option<FlowId>,
    pub(crate) authorization_flow: Option<FlowId>,
    pub(crate) invalidation_flow: Option<FlowId>,
    /// The stored document, to notice that it changed while somebody was asked.
    pub(crate) stored: Value,
    grants: Vec<GrantType>,
}

/// A scope with its claims.
pub(crate) struct Scope {
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) mapping: Mapping,
}

/// How a scope comes to its claims.
pub(crate) enum Mapping {
    /// It has none: nothing is evaluated.
    Nothing,
    /// By an expression.
    Expression(Source),
}

/// There is no client to work with.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ClientError {
    /// No provider of this kind has the name.
    #[error("there is no such client")]
    Unknown,
    /// No application belongs to the provider, so that there is nothing to sign in to.
    #[error("no application belongs to the provider “{0}”")]
    NoApplication(String),
    /// The application's slug is the name of an endpoint.
    #[error("the slug “{0}” is reserved")]
    ReservedSlug(String),
    /// The stored document cannot be used.
    #[error("the provider “{name}” cannot be used: {source}")]
    Stored {
        /// Its name.
        name: String,
        /// Why.
        source: LoadError,
    },
    /// A registered redirect URI cannot be used.
    #[error("the provider “{name}” cannot be used: {source}")]
    RedirectUri {
        /// Its name.
        name: String,
        /// Why.
        source: RegistrationError,
    },
    /// No key can be had.
    #[error(transparent)]
    Key(#[from] KeyRingError),
}

impl ClientError {
    /// What a surface makes of it.
    pub(crate) const fn kind(&self) -> ErrorKind {
        match self {
            Self::Unknown | Self::NoApplication(_) | Self::ReservedSlug(_) => ErrorKind::NotFound,
            Self::Stored { .. } | Self::RedirectUri { .. } => ErrorKind::Internal,
            Self::Key(error) => error.kind(),
        }
    }
}

impl From<ClientError> for WebError {
    fn from(error: ClientError) -> Self {
        Self::new(error.kind()).caused_by(error)
    }
}

impl Client {
    /// The client of this name.
    pub(crate) fn by_client_id(
        snapshot: &Snapshot,
        sealer: &Sealer,
        client_id: &str,
    ) -> Result<Arc<Self>, ClientError> {
        let provider = snapshot.provider_by_client_id(client_id).ok_or(ClientError::Unknown)?;
        Self::of(snapshot, sealer, provider)
    }

    /// The client of the application of this slug.
    pub(crate) fn by_slug(
        snapshot: &Snapshot,
        sealer: &Sealer,
        slug: &str,
    ) -> Result<Arc<Self>, ClientError> {
        let application = snapshot.application_by_slug(slug).ok_or(ClientError::Unknown)?;
        let provider = application.provider.and_then(|id| snapshot.provider(id));
        Self::of(snapshot, sealer, provider.ok_or(ClientError::Unknown)?)
    }

    /// A provider, ready for use.
    pub(crate) fn of(
        snapshot: &Snapshot,
        sealer: &Sealer,
        provider: &Provider,
    ) -> Result<Arc<Self>, ClientError> {
        if provider.kind != OAuth2Provider::MODEL {
            return Err(ClientError::Unknown);
        }
        snapshot.memo(provider.id.raw(), || Self::compile(snapshot, sealer, provider))
    }

    fn compile(snapshot: &Snapshot, sealer: &Sealer, provider: &Provider) -> Result<Self, ClientError> {
        let name = provider.name.clone();
        let application = snapshot
            .application_of_provider(provider.id)
            .cloned()
            .ok_or_else(|| ClientError::NoApplication(name.clone()))?;
        if RESERVED_SLUGS.contains(&application.slug.as_str()) {
            return Err(ClientError::ReservedSlug(application.slug.to_string()));
        }
        let spec: OAuth2Provider = load_provider(provider, sealer)
            .map_err(|source| ClientError::Stored { name: name.clone(), source })?;
        let redirect_uris = RedirectUriMatcher::compile(&spec.redirect_uris)
            .map_err(|source| ClientError::RedirectUri { name: name.clone(), source })?;
        let signing = Signing::of(snapshot, &spec)?;
        Ok(Self {
            id: provider.id,
            pk: provider.pk,
            name,
            object: Expressions::provider(provider, Some(&application)),
            origins: origins(&spec.redirect_uris),
            scopes: scopes(snapshot, provider)?,
            client_id: spec.client_id,
            client_type: spec.client_type,
            secret: spec.client_secret,
            application,
            redirect_uris,
            code_validity: spec.access_code_validity,
            access_validity: spec.access_token_validity,
            refresh_validity: spec.refresh_token_validity,
            refresh_threshold: spec.refresh_token_threshold,
            claims_in_id_token: spec.include_claims_in_id_token,
            sub_mode: spec.sub_mode,
            issuer_mode: spec.issuer_mode,
            signing,
            authentication_flow: provider.authentication_flow,
            authorization_flow: provider.authorization_flow,
            invalidation_flow: provider.invalidation_flow,
            stored: provider.config.clone(),
            grants: spec.grant_types,
        })
    }

    /// Whether a way to tokens is open to it. A public client has nothing to act for itself with.
    pub(crate) fn may(&self, grant: GrantType) -> bool {
        let is_possible =
            grant != GrantType::ClientCredentials || self.client_type == ClientType::Confidential;
        is_possible && self.grants.contains(&grant)
    }

    /// What of the scopes asked for it may have; all of them when it asks for none. Others are passed over.
    pub(crate) fn grantable(&self, asked: Option<ScopeSet>) -> ScopeSet {
        match asked {
            Some(asked) => asked.retain(|scope| self.scopes.iter().any(|known| known.name == scope)),
            None => self.all_scopes(),
        }
    }

    /// Everything that it may ask for.
    pub(crate) fn all_scopes(&self) -> ScopeSet {
        let names: Vec<&str> = self.scopes.iter().map(|scope| scope.name.as_str()).collect();
        // Names were checked one by one when they were configured.
        names.join(" ").parse().unwrap_or_default()
    }

    /// What policies and expressions see of the application: the mark that stands for it.
    pub(crate) fn context(&self) -> JsonObject {
        let mark = serde_json::json!({ "$application": self.application.id.to_string() });
        JsonObject::from_iter([("application".to_owned(), mark)])
    }

    /// The origin of its first redirect URI: where its users find it when nobody says more.
    pub(crate) fn home(&self) -> Option<String> {
        self.origins.first().map(|origin| format!("{origin}/"))
    }
}

/// Origins of the URIs that are compared as they stand. A pattern has no origin.
pub(crate) fn origins(registered: &[RedirectUri]) -> Vec<String> {
    let mut origins = Vec::new();
    for uri in registered {
        let is_plain = uri.matching_mode == MatchingMode::Strict;
        if !is_plain || uri.redirect_uri_type != RedirectUriType::Authorization {
            continue;
        }
        if let Some(origin) = origin_of(&uri.url)
            && !origins.contains(&origin)
        {
            origins.push(origin);
        }
    }
    origins
}

/// The origin of an address of the web; applications with schemes of their own have none.
pub(crate) fn origin_of(address: &str) -> Option<String> {
    let url = Url::parse(address).ok().filter(|url| matches!(url.scheme(), "https" | "http"))?;
    Some(url.origin().ascii_serialization())
}

fn scopes(snapshot: &Snapshot, provider: &Provider) -> Result<Vec<Scope>, ClientError> {
    let mut scopes = Vec::new();
    for id in &provider.property_mappings {
        let object = snapshot.object(countersign_model::ConfigObjectId(*id));
        // Mappings of other kinds mean nothing here.
        let Some(object) = object.filter(|object| object.kind == MAPPING_MODEL) else { continue };
        let mapping: ScopeMapping = countersign_resource::load_plain(object)
            .map_err(|source| ClientError::Stored { name: object.name.clone(), source })?;
        scopes.push(Scope {
            mapping: Mapping::of(&object.name, mapping.expression.as_str()),
            name: mapping.scope_name,
            description: mapping.description,
        });
    }
    Ok(scopes)
}

const MAPPING_MODEL: &str = <ScopeMapping as countersign_resource::ConfigKind>::MODEL;

impl Mapping {
    fn of(name: &str, expression: &str) -> Self {
        let mut said =
            expression.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        match (said.next(), said.next()) {
            (None | Some("return {}" | "return None" | "return"), None) => Self::Nothing,
            _ => Self::Expression(Source::new(name, expression)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mapping_that_brings_nothing_is_not_evaluated() {
        for expression in ["return {}", "# why\n\n  return {}\n", "return None", "# nothing"] {
            assert!(matches!(Mapping::of("x", expression), Mapping::Nothing), "{expression}");
        }
        for expression in ["return {'a': 1}", "x = 1\nreturn {}", "return {} or x"] {
            assert!(matches!(Mapping::of("x", expression), Mapping::Expression(_)), "{expression}");
        }
    }

    #[test]
    fn scripts_may_call_from_the_origins_of_plain_redirect_uris() {
        let uri = |url: &str, matching_mode, redirect_uri_type| RedirectUri {
            url: url.to_owned(),
            matching_mode,
            redirect_uri_type,
        };
        let registered = [
            uri("https://rp.example/cb", MatchingMode::Strict, RedirectUriType::Authorization),
            uri("https://rp.example/other", MatchingMode::Strict, RedirectUriType::Authorization),
            uri("http://localhost:8000/cb", MatchingMode::Strict, RedirectUriType::Authorization),
            uri("com.example.app:/cb", MatchingMode::Strict, RedirectUriType::Authorization),
            uri("https://.*", MatchingMode::Regex, RedirectUriType::Authorization),
            uri("https://bye.example/", MatchingMode::Strict, RedirectUriType::Logout),
        ];
        assert_eq!(origins(&registered), ["https://rp.example", "http://localhost:8000"]);
    }
}
