//! `authentik_core.userconsent`: what users agreed to. Deleting one has them asked again.

use countersign_model::{Application, ApplicationId, Consent, ConsentId, PolicyEngineMode, UserId};
use countersign_resource::{Describe, Facts, Nothing, canonical, schema_of, target};
use countersign_store::{
    Tx, applications,
    consents::{self, ConsentFilter},
};
use countersign_types::{JsonObject, RawId, Ref};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::document;
use crate::{
    ListFilter, ListQuery, Lookup, ReadCx, ResourceError, Verbs, Visible,
    asked::one_id,
    moment::Moment,
    numbers::{number_of, only, range_of},
    owners::{Owner, Owners},
    rows::{Indexed, Rows, Slice},
};

/// A user's consent for an application.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(crate) struct ConsentSpec {
    /// Who agreed.
    user: Ref<target::User>,
    /// To what application.
    application: Ref<target::Application>,
    /// The scopes agreed to.
    permissions: String,
    /// Whether it is asked again some day.
    expiring: bool,
    /// When it is asked again.
    expires: Option<Moment>,
}

impl Describe for ConsentSpec {
    type Common = Nothing;
    const FACTS: Facts = Facts::new("authentik_core.userconsent", "ak-consent", "User Consent")
        .at("core/user_consent", "consent");
}

/// Read-only attributes of consents. User and application stand here as objects, as authentik's API has them.
#[derive(Serialize, JsonSchema)]
struct ConsentExtras {
    /// A number for clients that name consents by one.
    pk: i64,
    /// Who agreed.
    user: Option<Owner>,
    /// To what application.
    application: Option<ApplicationBrief>,
}

/// An application in short.
#[derive(Serialize, JsonSchema)]
struct ApplicationBrief {
    pk: RawId,
    pbm_uuid: RawId,
    name: String,
    slug: String,
    group: String,
    provider: Option<i64>,
    backchannel_providers: Vec<i64>,
    backchannel_providers_obj: Vec<JsonObject>,
    launch_url: Option<String>,
    open_in_new_tab: bool,
    meta_launch_url: String,
    meta_icon: String,
    meta_hide: bool,
    policy_engine_mode: PolicyEngineMode,
    meta_description: String,
    meta_publisher: String,
    meta_icon_url: Option<String>,
    meta_icon_themed_urls: Option<String>,
    provider_obj: Option<JsonObject>,
}

impl ApplicationBrief {
    fn of(application: &Application) -> Self {
        let text = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
        Self {
            pk: application.id.raw(),
            pbm_uuid: application.id.raw(),
            name: application.name.clone(),
            slug: application.slug.as_str().to_owned(),
            group: application.group.clone(),
            provider: None,
            backchannel_providers: Vec::new(),
            backchannel_providers_obj: Vec::new(),
            launch_url: text(&application.meta_launch_url),
            open_in_new_tab: application.open_in_new_tab,
            meta_launch_url: application.meta_launch_url.clone(),
            meta_icon: application.meta_icon.clone(),
            meta_hide: application.meta_hide,
            policy_engine_mode: application.policy_engine_mode,
            meta_description: application.meta_description.clone(),
            meta_publisher: application.meta_publisher.clone(),
            meta_icon_url: text(&application.meta_icon),
            meta_icon_themed_urls: None,
            provider_obj: None,
        }
    }
}

/// Consents.
pub(crate) struct Consents;

impl Rows for Consents {
    type Spec = ConsentSpec;
    type Row = Consent;
    const IDENTIFIED_BY: &'static [&'static str] = &[];
    const EXPORTED: bool = false;
    const VERBS: Verbs = Verbs::ReadDelete;
    const LOOKUP: Lookup = Lookup::Integer("pk");
    const OWNED_BY: &'static [&'static str] = &["user", "application"];
    const RECORDS_REFERENCES: bool = false;
    const ANSWERS_FILTERS_ALONE: bool = true;
    const FILTERS: &'static [ListFilter] = &[
        ListFilter::is("user", "Those of this user, by his integer key."),
        ListFilter::is("application", "Those about this application."),
    ];

    fn by_id(&self, tx: &mut Tx<'_>, id: RawId) -> Result<Option<Consent>, ResourceError> {
        Ok(consents::by_id(tx, ConsentId(id))?)
    }

    /// There may be many: [`Rows::page`] is asked instead.
    fn all(&self, _: &mut Tx<'_>) -> Result<Vec<Consent>, ResourceError> {
        Ok(Vec::new())
    }

    fn id_of(row: &Consent) -> RawId {
        row.id.raw()
    }

    fn key_of(row: &Consent, _: &JsonObject) -> String {
        number_of(row.id.raw()).to_string()
    }

    fn document(&self, row: &Consent) -> Result<JsonObject, ResourceError> {
        Ok(document(&ConsentSpec {
            user: Ref::new(row.user.raw()),
            application: Ref::new(row.application.raw()),
            permissions: row.permissions.clone(),
            expiring: row.expires.is_some(),
            expires: row.expires.map(Moment::from),
        }))
    }

    fn computed_schema(&self) -> Value {
        schema_of::<ConsentExtras>()
    }

    fn computed(
        &self,
        tx: &mut Tx<'_>,
        cx: ReadCx<'_>,
        rows: &[Consent],
    ) -> Result<Vec<JsonObject>, ResourceError> {
        let users: Vec<UserId> = rows.iter().map(|consent| consent.user).collect();
        let (owners, all) = (Owners::load(tx, cx, &users)?, applications::all(tx)?);
        let extras = |consent: &Consent| ConsentExtras {
            pk: number_of(consent.id.raw()),
            user: owners.get(consent.user),
            application: all
                .iter()
                .find(|application| application.id == consent.application)
                .map(ApplicationBrief::of),
        };
        Ok(rows.iter().map(|consent| canonical(&extras(consent))).collect())
    }

    fn page(
        &self,
        tx: &mut Tx<'_>,
        query: &ListQuery,
        visible: &Visible,
    ) -> Result<Option<Slice<Consent>>, ResourceError> {
        if let Visible::Only(ids) = visible {
            return self.few(tx, ids).map(Some);
        }
        let mut filter = ConsentFilter::default();
        for asked in &query.filters {
            match asked.field.as_str() {
                "user" => filter.user = Some(UserId(one_id(asked)?)),
                "application" => filter.application = Some(ApplicationId(one_id(asked)?)),
                _ => return Err(asked.unknown()),
            }
        }
        let found = consents::browse(tx, &filter, &query.request())?;
        Ok(Some(found.into()))
    }

    fn by_key(&self, tx: &mut Tx<'_>, attribute: &str, value: &Value) -> Result<Indexed, ResourceError> {
        let Some((first, last)) = value.as_i64().filter(|_| attribute == "pk").and_then(range_of) else {
            return Ok(Indexed::No);
        };
        let found = consents::between(tx, ConsentId(first), ConsentId(last))?;
        Ok(only(found).map(|consent| consent.id).into())
    }

    fn delete(&self, tx: &mut Tx<'_>, id: RawId) -> Result<(), ResourceError> {
        consents::delete(tx, ConsentId(id))?;
        Ok(())
    }
}
