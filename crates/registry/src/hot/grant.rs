//! `authentik_providers_oauth2.accesstoken`, `….refreshtoken` and `….authorizationcode`: what users let
//! applications have.
//!
//! Access tokens are not kept: a grant stands for all that were made of it. Deleting one revokes the grant, and
//! with it everything that was made of it.

use std::marker::PhantomData;

use countersign_model::{Grant, GrantId, Provider, ProviderId, UserId};
use countersign_resource::{Describe, Facts, Nothing, canonical, schema_of, target};
use countersign_store::{
    ListRequest, Listed, Tx,
    codes::{self, CodeFilter},
    grants::{self, GrantFilter},
    providers,
};
use countersign_types::{JsonObject, RawId, Ref};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::document;
use crate::{
    ListFilter, ListQuery, Lookup, ReadCx, ResourceError, Verbs, Visible,
    asked::one_id,
    extras::{Assigned, ProviderBrief},
    moment::Moment,
    numbers::{number_of, only, range_of},
    owners::{Owner, Owners},
    rows::{Indexed, Rows, Slice},
};

/// One of the three ways to look at grants.
pub(crate) trait Face: Send + Sync + 'static {
    /// What it is.
    const FACTS: Facts;

    /// Whether a grant is seen this way.
    fn shows(grant: &Grant) -> bool;

    /// A part of the grants that are seen this way.
    fn browse(
        tx: &mut Tx<'_>,
        user: Option<UserId>,
        provider: Option<ProviderId>,
        request: &ListRequest,
    ) -> Result<Listed<Grant>, ResourceError>;
}

/// As access tokens: every grant that lives.
pub(crate) enum AccessToken {}

impl Face for AccessToken {
    const FACTS: Facts =
        Facts::new("authentik_providers_oauth2.accesstoken", "ak-oauth2-token", "OAuth2 Access Token")
            .at("oauth2/access_tokens", "token");

    fn shows(_: &Grant) -> bool {
        true
    }

    fn browse(
        tx: &mut Tx<'_>,
        user: Option<UserId>,
        provider: Option<ProviderId>,
        request: &ListRequest,
    ) -> Result<Listed<Grant>, ResourceError> {
        let filter = GrantFilter { user, provider, is_refreshable: None };
        Ok(grants::browse(tx, &filter, request)?)
    }
}

/// As refresh tokens: the grants that can be renewed.
pub(crate) enum RefreshToken {}

impl Face for RefreshToken {
    const FACTS: Facts =
        Facts::new("authentik_providers_oauth2.refreshtoken", "ak-oauth2-token", "OAuth2 Refresh Token")
            .at("oauth2/refresh_tokens", "token");

    fn shows(grant: &Grant) -> bool {
        grant.refresh_generation > 0
    }

    fn browse(
        tx: &mut Tx<'_>,
        user: Option<UserId>,
        provider: Option<ProviderId>,
        request: &ListRequest,
    ) -> Result<Listed<Grant>, ResourceError> {
        let filter = GrantFilter { user, provider, is_refreshable: Some(true) };
        Ok(grants::browse(tx, &filter, request)?)
    }
}

/// As authorization codes: the grants whose code was not fetched yet.
pub(crate) enum Code {}

impl Face for Code {
    const FACTS: Facts = Facts::new(
        "authentik_providers_oauth2.authorizationcode",
        "ak-oauth2-code",
        "OAuth2 Authorization Code",
    )
    .at("oauth2/authorization_codes", "token");

    fn shows(_: &Grant) -> bool {
        true
    }

    fn browse(
        tx: &mut Tx<'_>,
        user: Option<UserId>,
        provider: Option<ProviderId>,
        request: &ListRequest,
    ) -> Result<Listed<Grant>, ResourceError> {
        let found = codes::browse(tx, &CodeFilter { user, provider }, request)?;
        Ok(found.map(|(_, grant)| grant))
    }
}

/// What a user let an application have.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(crate) struct GrantSpec<F> {
    /// The user.
    user: Ref<target::User>,
    /// The provider, that is the application's side.
    provider: Ref<target::Provider>,
    /// The scopes.
    scope: Vec<String>,
    /// When it was given.
    created: Moment,
    /// When nothing comes of it any more.
    expires: Option<Moment>,
    /// Whether it was revoked.
    revoked: bool,
    #[serde(skip)]
    #[schemars(skip)]
    face: PhantomData<fn() -> F>,
}

impl<F: Face> Describe for GrantSpec<F> {
    type Common = Nothing;
    const FACTS: Facts = F::FACTS;
}

/// Read-only attributes of grants. User and provider stand here as objects, as authentik's API has them.
#[derive(Serialize, JsonSchema)]
struct GrantExtras {
    /// A number for clients that name tokens by one.
    pk: i64,
    /// The user.
    user: Option<Owner>,
    /// The provider.
    provider: Option<ProviderBrief>,
    /// Whether its time is over.
    is_expired: bool,
    /// Kept for authentik's field of this name: ID tokens are not kept.
    id_token: String,
}

/// Grants, seen one way.
pub(crate) struct Grants<F>(PhantomData<fn() -> F>);

impl<F> Grants<F> {
    pub(crate) const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<F: Face> Rows for Grants<F> {
    type Spec = GrantSpec<F>;
    type Row = Grant;
    const IDENTIFIED_BY: &'static [&'static str] = &[];
    const EXPORTED: bool = false;
    const VERBS: Verbs = Verbs::ReadDelete;
    const LOOKUP: Lookup = Lookup::Integer("pk");
    const OWNED_BY: &'static [&'static str] = &["user", "provider"];
    const RECORDS_REFERENCES: bool = false;
    const ANSWERS_FILTERS_ALONE: bool = true;
    const FILTERS: &'static [ListFilter] = &[
        ListFilter::is("user", "Those of this user, by his integer key."),
        ListFilter::is("provider", "Those about this provider."),
    ];

    fn by_id(&self, tx: &mut Tx<'_>, id: RawId) -> Result<Option<Grant>, ResourceError> {
        Ok(grants::live(tx, GrantId(id))?.filter(F::shows))
    }

    /// There may be many: [`Rows::page`] is asked instead.
    fn all(&self, _: &mut Tx<'_>) -> Result<Vec<Grant>, ResourceError> {
        Ok(Vec::new())
    }

    fn id_of(row: &Grant) -> RawId {
        row.id.raw()
    }

    fn key_of(row: &Grant, _: &JsonObject) -> String {
        number_of(row.id.raw()).to_string()
    }

    fn document(&self, row: &Grant) -> Result<JsonObject, ResourceError> {
        Ok(document(&GrantSpec::<F> {
            user: Ref::new(row.user.raw()),
            provider: Ref::new(row.provider.raw()),
            scope: row.scope.split_whitespace().map(str::to_owned).collect(),
            created: row.created.into(),
            expires: Some(row.expires.into()),
            revoked: row.revoked.is_some(),
            face: PhantomData,
        }))
    }

    fn computed_schema(&self) -> Value {
        schema_of::<GrantExtras>()
    }

    fn computed(
        &self,
        tx: &mut Tx<'_>,
        cx: ReadCx<'_>,
        rows: &[Grant],
    ) -> Result<Vec<JsonObject>, ResourceError> {
        let users: Vec<UserId> = rows.iter().map(|grant| grant.user).collect();
        let owners = Owners::load(tx, cx, &users)?;
        let (assigned, all) = (Assigned::load(tx)?, providers::all(tx)?);
        let now = tx.now();
        let extras = |grant: &Grant| GrantExtras {
            pk: number_of(grant.id.raw()),
            user: owners.get(grant.user),
            provider: all
                .iter()
                .find(|provider: &&Provider| provider.id == grant.provider)
                .map(|provider| assigned.brief(cx, provider)),
            is_expired: grant.expires <= now,
            id_token: String::new(),
        };
        Ok(rows.iter().map(|grant| canonical(&extras(grant))).collect())
    }

    fn page(
        &self,
        tx: &mut Tx<'_>,
        query: &ListQuery,
        visible: &Visible,
    ) -> Result<Option<Slice<Grant>>, ResourceError> {
        if let Visible::Only(ids) = visible {
            return self.few(tx, ids).map(Some);
        }
        let (mut user, mut provider) = (None, None);
        for asked in &query.filters {
            match asked.field.as_str() {
                "user" => user = Some(UserId(one_id(asked)?)),
                "provider" => provider = Some(ProviderId(one_id(asked)?)),
                _ => return Err(asked.unknown()),
            }
        }
        let found = F::browse(tx, user, provider, &query.request())?;
        Ok(Some(found.into()))
    }

    fn by_key(&self, tx: &mut Tx<'_>, attribute: &str, value: &Value) -> Result<Indexed, ResourceError> {
        let Some((first, last)) = value.as_i64().filter(|_| attribute == "pk").and_then(range_of) else {
            return Ok(Indexed::No);
        };
        let found = grants::between(tx, GrantId(first), GrantId(last))?;
        Ok(only(found).filter(F::shows).map(|grant| grant.id).into())
    }

    fn delete(&self, tx: &mut Tx<'_>, id: RawId) -> Result<(), ResourceError> {
        grants::revoke(tx, GrantId(id))?;
        Ok(())
    }
}
