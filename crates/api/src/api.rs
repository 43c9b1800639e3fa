//! The API as a whole: its table, and what it needs of other parts of the house.

use std::sync::{Arc, OnceLock};

use actix_web::{HttpRequest, web::Bytes};
use countersign_model::Subject;
use countersign_registry::{Registry, Seams};
use countersign_types::Span;
use countersign_web::{AddressLimiter, Rate, WebError};
use futures_util::future::LocalBoxFuture;

use crate::{Endpoint, actions, authenticate::TokenUses, crud, describe, openapi::document, router::Router};

/// How often one address may come with a token that is none.
const FAILED_TOKENS: Rate = Rate { burst: 20, times: 20, per: Span::from_mins(1) };

/// Access tokens of our own providers, which the API takes too.
pub trait AccessTokens: Send + Sync {
    /// Whose token it is, if it is valid here and now and was given this scope.
    fn subject_of<'a>(
        &'a self,
        request: &'a HttpRequest,
        token: &'a str,
        scope: &'a str,
    ) -> LocalBoxFuture<'a, Result<Option<Arc<Subject>>, WebError>>;
}

/// What the server makes an [`Api`] of.
pub struct ApiParts {
    /// Every kind.
    pub registry: Arc<Registry>,
    /// Access tokens of our own providers.
    pub access_tokens: Arc<dyn AccessTokens>,
    /// Rooms that do what the API does not know.
    pub seams: Seams,
}

/// The API.
pub struct Api {
    parts: ApiParts,
    table: Vec<Endpoint>,
    router: Router,
    /// Made when somebody first asks for it.
    document: OnceLock<Bytes>,
    failed_tokens: AddressLimiter,
    token_uses: TokenUses,
}

impl Api {
    /// Puts the table together.
    pub fn new(parts: ApiParts) -> Arc<Self> {
        let table = table(&parts.registry);
        Arc::new(Self {
            router: Router::of(&table),
            document: OnceLock::new(),
            table,
            parts,
            failed_tokens: AddressLimiter::new(FAILED_TOKENS),
            token_uses: TokenUses::default(),
        })
    }

    /// Every kind.
    pub fn registry(&self) -> &Arc<Registry> {
        &self.parts.registry
    }

    /// Every row.
    pub fn table(&self) -> &[Endpoint] {
        &self.table
    }

    /// The OpenAPI document. The first to ask waits while it is made.
    pub fn document(&self) -> &Bytes {
        self.document.get_or_init(|| {
            let document = document(&self.parts.registry, &self.table);
            serde_json::to_vec(&document).unwrap_or_default().into()
        })
    }

    /// Rooms that do what the API does not know.
    pub(crate) const fn seams(&self) -> &Seams {
        &self.parts.seams
    }

    pub(crate) fn access_tokens(&self) -> &dyn AccessTokens {
        &*self.parts.access_tokens
    }

    pub(crate) const fn router(&self) -> &Router {
        &self.router
    }

    pub(crate) const fn failed_tokens(&self) -> &AddressLimiter {
        &self.failed_tokens
    }

    pub(crate) const fn token_uses(&self) -> &TokenUses {
        &self.token_uses
    }
}

/// The OpenAPI document of the API over these kinds, without a server.
pub fn openapi(registry: &Registry) -> serde_json::Value {
    document(registry, &table(registry))
}

/// The rows of every kind and those written by hand, which take the place of a generated one.
pub fn table(registry: &Registry) -> Vec<Endpoint> {
    let by_hand = actions::rows(registry);
    let is_written = |row: &Endpoint| {
        by_hand.iter().any(|other| other.method == row.method && same_place(&other.path, &row.path))
    };
    let mut table: Vec<Endpoint> = crud::rows(registry).into_iter().filter(|row| !is_written(row)).collect();
    table.extend(by_hand);
    table.extend(describe::rows());
    table.sort_by(|one, other| (&one.path, one.method).cmp(&(&other.path, other.method)));
    table
}

/// Whether two paths are one, whatever their braces are called.
fn same_place(one: &str, other: &str) -> bool {
    let is_braces = |segment: &str| segment.starts_with('{');
    let (mut one, mut other) = (one.split('/'), other.split('/'));
    loop {
        match (one.next(), other.next()) {
            (None, None) => return true,
            (Some(one), Some(other)) if one == other || (is_braces(one) && is_braces(other)) => {}
            _ => return false,
        }
    }
}
