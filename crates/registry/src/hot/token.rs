//! `authentik_core.token`. The value is kept as a digest; it is shown once, when it is made.
//!
//! Who makes a token for somebody, or takes one over, can do what it carries: he must hold all of that himself.

use countersign_authz::Permission;
use countersign_crypto::{digest, new_token};
use countersign_model::{Token, TokenId, TokenIntent, UserId};
use countersign_resource::{Describe, Descriptor, Facts, Nothing, canonical, schema_of, target};
use countersign_store::{
    ListRequest, Tx,
    tokens::{self, TokenFilter},
};
use countersign_types::{FieldErrors, JsonObject, RawId, Ref, Secret, Slug};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{document, on};
use crate::{
    FilterOp, ListFilter, ListQuery, Lookup, ReadCx, ResourceError, SystemSettings, Visible, WriteCx,
    asked::{narrowed, one_id, owner_named},
    moment::Moment,
    owners::{Owner, Owners},
    reach,
    rows::{Draft, Indexed, Rows, Slice},
    search::Named,
};

/// Shorter values can be guessed.
pub(crate) const MIN_KEY: usize = 20;

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
    /// Whether it expires.
    #[serde(default = "on")]
    expiring: bool,
    /// When it expires; left out, after the time that the settings say, a day unless they were changed.
    #[serde(default)]
    expires: Option<Moment>,
    /// The only permissions of its owner's that it carries; left out, all of them.
    #[serde(default)]
    #[schemars(extend("x-advanced" = true))]
    permissions: Option<Vec<String>>,
    /// Marks a token that Countersign itself keeps.
    #[serde(default)]
    #[schemars(extend("x-widget" = "hidden"))]
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
        let mut errors = FieldErrors::default();
        if self.key.as_ref().is_some_and(|key| key.expose().len() < MIN_KEY) {
            errors.push("key", "min_length", "resource-error-token-too-short");
        }
        for (place, name) in self.permissions.iter().flatten().enumerate() {
            if name.parse::<Permission>().is_err() {
                errors.push(format!("permissions.{place}"), "invalid", "resource-error-permission");
            }
        }
        errors.into_result()
    }
}

/// Read-only attributes of tokens.
#[derive(Serialize, JsonSchema)]
struct TokenExtras {
    /// Whose it is.
    user_obj: Option<Owner>,
    /// When it was made.
    created: Moment,
    /// When it was last used.
    last_used: Option<Moment>,
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
    const ANSWERS_FILTERS_ALONE: bool = true;
    const FILTERS: &'static [ListFilter] = &[
        ListFilter::is("identifier", "The one of this slug."),
        ListFilter::is("user", "Those of this user, by his integer key."),
        ListFilter::is("user__username", "Those of this user, by his name."),
        ListFilter::new(
            "intent",
            "intent",
            FilterOp::In,
            "Those for this; said several times, for one of them.",
        ),
        ListFilter::is("managed", "The one that Countersign keeps under this mark."),
    ];

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
            expires: row.expires.map(Moment::from),
            permissions: row.permissions.clone(),
            managed: row.managed.clone(),
            key: None,
        }))
    }

    fn computed_schema(&self) -> Value {
        schema_of::<TokenExtras>()
    }

    fn computed(
        &self,
        tx: &mut Tx<'_>,
        cx: ReadCx<'_>,
        rows: &[Token],
    ) -> Result<Vec<JsonObject>, ResourceError> {
        let ids: Vec<UserId> = rows.iter().map(|token| token.user).collect();
        let owners = Owners::load(tx, cx, &ids)?;
        let extras = |token: &Token| TokenExtras {
            user_obj: owners.get(token.user),
            created: token.created.into(),
            last_used: token.last_used.map(Moment::from),
        };
        Ok(rows.iter().map(|token| canonical(&extras(token))).collect())
    }

    /// By what they are called alone: whose they are stands with their owners.
    fn named(
        &self,
        tx: &mut Tx<'_>,
        text: &str,
        visible: &Visible,
        limit: u32,
    ) -> Result<Option<Vec<Named>>, ResourceError> {
        let ids = narrowed(visible, None).map(|ids| ids.into_iter().map(TokenId).collect());
        let beginning = Some(text.trim().to_lowercase());
        let filter = TokenFilter { beginning, ids, ..TokenFilter::default() };
        let found = tokens::browse(tx, &filter, &ListRequest::first(limit))?.items;
        let named = |token: Token| Named {
            id: token.id.raw(),
            key: token.identifier.clone(),
            name: token.identifier,
        };
        Ok(Some(found.into_iter().map(named).collect()))
    }

    fn page(
        &self,
        tx: &mut Tx<'_>,
        query: &ListQuery,
        visible: &Visible,
    ) -> Result<Option<Slice<Token>>, ResourceError> {
        let mut filter = TokenFilter { search: query.search.clone(), ..TokenFilter::default() };
        let mut ids = None;
        for asked in &query.filters {
            let unknown = || asked.unknown();
            match asked.field.as_str() {
                "pk" => ids = Some(asked.any_as().ok_or_else(unknown)?),
                "identifier" => filter.identifier = Some(asked.one().ok_or_else(unknown)?.to_owned()),
                "user" => filter.user = Some(UserId(one_id(asked)?)),
                "user__username" => filter.user = Some(owner_named(tx, asked)?),
                "intent" => filter.intents = Some(asked.any_as().ok_or_else(unknown)?),
                "managed" => filter.managed = Some(asked.one().ok_or_else(unknown)?.to_owned()),
                _ => return Err(unknown()),
            }
        }
        filter.ids = narrowed(visible, ids).map(|ids| ids.into_iter().map(TokenId).collect());
        let found = tokens::browse(tx, &filter, &query.request())?;
        Ok(Some(found.into()))
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

    fn guard(
        &self,
        tx: &mut Tx<'_>,
        cx: WriteCx<'_>,
        before: Option<&Token>,
        draft: Option<&Draft<TokenSpec>>,
    ) -> Result<(), ResourceError> {
        if let Some(token) = before {
            carried(tx, cx, token.user, token.intent, token.permissions.as_deref())?;
        }
        let Some(Draft { id, spec, .. }) = draft else { return Ok(()) };
        carried(tx, cx, UserId(spec.user.id()), spec.intent, spec.permissions.as_deref())?;
        let may = |name| cx.actor.may(&Permission::named(name), Some(*id));
        // A new token has a value of ours unless somebody chooses one.
        if before.is_some() && spec.key.is_some() && !may("authentik_core.set_token_key") {
            return Err(ResourceError::Denied);
        }
        let reset = Permission::named("authentik_core.reset_user_password");
        let lets_in = matches!(spec.intent, TokenIntent::Recovery | TokenIntent::Verification);
        if lets_in && !cx.actor.may(&reset, Some(spec.user.id())) {
            return Err(ResourceError::Denied);
        }
        Ok(())
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
            expires: match (spec.expiring, spec.expires) {
                (false, _) => None,
                (true, Some(Moment(expires))) => Some(expires),
                (true, None) => Some(now.plus(SystemSettings::read(tx)?.default_token_duration)),
            },
            permissions: spec.permissions,
            managed: spec.managed,
            created: before.as_ref().map_or(now, |before| before.created),
            last_used: before.and_then(|before| before.last_used),
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

/// Refuses what a token carries and the actor lacks: the owner's rights, or those that it is restricted to.
/// Only API tokens can be restricted; the others are as good as the owner's password.
fn carried(
    tx: &mut Tx<'_>,
    cx: WriteCx<'_>,
    owner: UserId,
    intent: TokenIntent,
    permissions: Option<&[String]>,
) -> Result<(), ResourceError> {
    match permissions.filter(|_| intent == TokenIntent::Api) {
        None => reach::user(tx, cx.actor, owner),
        Some(names) => {
            let rights = names.iter().filter_map(|name| name.parse::<Permission>().ok()).collect();
            reach::demand(cx.actor, &rights)
        }
    }
}
