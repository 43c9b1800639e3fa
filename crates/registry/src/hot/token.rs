//! `authentik_core.token`. The value is kept as a digest; it is shown once, when it is made.

use countersign_crypto::{digest, new_token};
use countersign_model::{Token, TokenId, TokenIntent, UserId};
use countersign_resource::{Describe, Descriptor, Facts, Nothing, target};
use countersign_store::{Tx, tokens};
use countersign_types::{FieldErrors, JsonObject, RawId, Ref, Secret, Slug, Span};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{document, on};
use crate::{
    Lookup, ResourceError, WriteCx,
    rows::{Draft, Indexed, Rows},
};

/// How long a token lives that expires.
const LIFETIME: Span = Span::from_days(1);
/// Shorter values can be guessed.
const MIN_KEY: usize = 20;

/// A bearer token of a user.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(crate) struct TokenSpec {
    /// Unique slug.
    identifier: Slug,
    /// What it is for.
    #[serde(default = "api")]
    intent: TokenIntent,
    /// Whose it is.
    user: Ref<target::User>,
    /// What the owner wrote.
    #[serde(default)]
    description: String,
    /// Whether it expires, one day after it was made.
    #[serde(default = "on")]
    expiring: bool,
    /// Marks a token that Countersign itself keeps.
    #[serde(default)]
    managed: Option<String>,
    /// Its value; made when left out.
    #[serde(default, skip_serializing)]
    key: Option<Secret<String>>,
}

const fn api() -> TokenIntent {
    TokenIntent::Api
}

impl Describe for TokenSpec {
    type Common = Nothing;
    const FACTS: Facts =
        Facts::new("authentik_core.token", "ak-token-form", "Token").at("core/tokens", "token");

    fn check(&self) -> Result<(), FieldErrors> {
        match &self.key {
            Some(key) if key.expose().len() < MIN_KEY => {
                Err(FieldErrors::one("key", "min_length", "resource-error-token-too-short"))
            }
            _ => Ok(()),
        }
    }
}

/// Tokens.
pub(crate) struct Tokens;

impl Rows for Tokens {
    type Spec = TokenSpec;
    type Row = Token;
    const LOOKUP: Lookup = Lookup::Attribute("identifier");
    const IDENTIFIED_BY: &'static [&'static str] = &["identifier"];
    const EXPORTED: bool = false;
    const UNIQUE: &'static [&'static str] = &["identifier"];
    const OWNED_BY: &'static [&'static str] = &["user"];
    const SEALS: bool = false;
    const RECORDS_REFERENCES: bool = false;

    fn by_id(&self, tx: &mut Tx<'_>, id: RawId) -> Result<Option<Token>, ResourceError> {
        Ok(tokens::by_id(tx, TokenId(id))?)
    }

    fn all(&self, _: &mut Tx<'_>) -> Result<Vec<Token>, ResourceError> {
        Ok(Vec::new())
    }

    fn id_of(row: &Token) -> RawId {
        row.id.raw()
    }

    fn document(&self, row: &Token) -> Result<JsonObject, ResourceError> {
        let identifier = row.identifier.parse();
        Ok(document(&TokenSpec {
            identifier: identifier.map_err(|_| ResourceError::Damaged("a token's identifier".to_owned()))?,
            intent: row.intent,
            user: Ref::new(row.user.raw()),
            description: row.description.clone(),
            expiring: row.expires.is_some(),
            managed: row.managed.clone(),
            key: None,
        }))
    }

    fn by_key(&self, tx: &mut Tx<'_>, attribute: &str, value: &Value) -> Result<Indexed, ResourceError> {
        match (attribute, value.as_str()) {
            ("identifier", Some(identifier)) => {
                Ok(tokens::by_identifier(tx, identifier)?.map(|token| token.id).into())
            }
            _ => Ok(Indexed::No),
        }
    }

    fn complete(
        &self,
        tx: &mut Tx<'_>,
        _: &Descriptor,
        plain: &mut JsonObject,
    ) -> Result<Vec<(String, Secret<String>)>, ResourceError> {
        if plain.get("key").is_some_and(|key| !key.is_null()) {
            return Ok(Vec::new());
        }
        let (token, _) = new_token(tx.rng());
        plain.insert("key".to_owned(), Value::from(token.expose().clone()));
        Ok(vec![("key".to_owned(), token)])
    }

    fn write(&self, tx: &mut Tx<'_>, _: WriteCx<'_>, draft: Draft<TokenSpec>) -> Result<(), ResourceError> {
        let spec = draft.spec;
        let (id, now) = (TokenId(draft.id), tx.now());
        let before = tokens::by_id(tx, id)?;
        let key = spec.key.as_ref().map(|key| digest(key.expose()));
        let key = key.or_else(|| before.as_ref().map(|before| before.key));
        let token = Token {
            id,
            identifier: spec.identifier.as_str().to_owned(),
            key: key.ok_or_else(|| ResourceError::field("key", "required", "resource-error-required"))?,
            intent: spec.intent,
            user: UserId(spec.user.id()),
            description: spec.description,
            expires: match (spec.expiring, before.as_ref().and_then(|before| before.expires)) {
                (false, _) => None,
                (true, Some(expires)) => Some(expires),
                (true, None) => Some(now.plus(LIFETIME)),
            },
            managed: spec.managed,
            created: before.as_ref().map_or(now, |before| before.created),
            last_used: before.as_ref().and_then(|before| before.last_used),
            permissions: before.and_then(|before| before.permissions),
        };
        if draft.exists {
            tokens::update(tx, &token)?;
        } else {
            tokens::create(tx, &token)?;
        }
        Ok(())
    }

    fn delete(&self, tx: &mut Tx<'_>, id: RawId) -> Result<(), ResourceError> {
        tokens::delete(tx, TokenId(id))?;
        Ok(())
    }
}
