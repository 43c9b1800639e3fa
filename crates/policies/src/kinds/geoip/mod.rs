//! `authentik_policies_geoip.geoippolicy`: where somebody is, and whether he can have got there.
//!
//! Networks and countries make one condition (one of the listed is enough), the two checks against earlier sign-ins one
//! each; all conditions must hold. What is not known holds for none of them.

mod travel;

use std::sync::Arc;

use async_trait::async_trait;
use countersign_geo::{countries, country_name};
use countersign_model::{ConfigObject, EventAction, Family};
use countersign_resource::{ConfigKind, canonical, schema_of};
use countersign_store::events::{self, EventFilter};
use countersign_types::{FieldErrors, JsonObject, PageRequest};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use self::travel::Visit;
use crate::{Policy, PolicyCx, PolicyError, PolicyKind, PolicyResult};

/// What the person is told; the catalogues have it in every language.
const FROM_HERE: &str = "Signing in from your network or country is not allowed.";
/// Entries of a list at most.
const MOST_LISTED: usize = 500;
/// Sign-ins that are looked back at, at most.
const MOST_LOGINS: u32 = 50;

/// Passes by network, country and distance from earlier sign-ins. Needs the files that
/// `events.context_processors` names.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct GeoIpPolicy {
    /// Record every evaluation as an event.
    #[serde(default)]
    #[schemars(extend("x-advanced" = true))]
    pub execution_logging: bool,
    /// Numbers of the networks (autonomous systems) that pass.
    #[serde(default)]
    pub asns: Vec<u32>,
    /// Countries that pass, by ISO 3166-1: DE, KR.
    #[serde(default)]
    pub countries: Vec<String>,
    /// Refuse who is far from earlier sign-ins.
    #[serde(default)]
    #[schemars(extend("x-group" = "travel"))]
    pub check_history_distance: bool,
    /// The distance in km that is too far.
    #[serde(default = "default_hundred")]
    #[schemars(extend("x-group" = "travel"))]
    pub history_max_distance_km: u32,
    /// What the position of an address may be wrong by, in km.
    #[serde(default = "default_tolerance")]
    #[schemars(extend("x-group" = "travel"))]
    pub distance_tolerance_km: u32,
    /// How many earlier sign-ins are looked at.
    #[serde(default = "default_logins")]
    #[schemars(extend("x-group" = "travel"), range(min = 0, max = 50))]
    pub history_login_count: u32,
    /// Refuse who would have had to travel faster than an aircraft since an earlier sign-in.
    #[serde(default)]
    #[schemars(extend("x-group" = "travel"))]
    pub check_impossible_travel: bool,
    /// Distance in km that is possible in no time: positions are not exact.
    #[serde(default = "default_hundred")]
    #[schemars(extend("x-group" = "travel"))]
    pub impossible_tolerance_km: u32,
}

const fn default_hundred() -> u32 {
    100
}

const fn default_tolerance() -> u32 {
    50
}

const fn default_logins() -> u32 {
    5
}

impl ConfigKind for GeoIpPolicy {
    const MODEL: &'static str = "authentik_policies_geoip.geoippolicy";
    const FAMILY: Family = Family::Policy;
    const COMPONENT: &'static str = "ak-policy-geoip-form";
    const VERBOSE_NAME: &'static str = "GeoIP Policy";
    const VERBOSE_NAME_PLURAL: &'static str = "GeoIP Policies";

    fn validate(&self) -> Result<(), FieldErrors> {
        let mut errors = FieldErrors::default();
        for country in &self.countries {
            if country.len() != 2 || !country.bytes().all(|letter| letter.is_ascii_uppercase()) {
                errors.push("countries", "invalid", "policies-geoip-country");
                break;
            }
        }
        for (path, length) in [("countries", self.countries.len()), ("asns", self.asns.len())] {
            if length > MOST_LISTED {
                errors.push(path, "max_length", "policies-geoip-too-many");
            }
        }
        if self.history_login_count > MOST_LOGINS {
            errors.push("history_login_count", "max_value", "policies-geoip-too-many-logins");
        }
        errors.into_result()
    }

    fn shown_schema() -> Option<Value> {
        Some(schema_of::<Shown>())
    }

    fn shown(config: &Value) -> JsonObject {
        let listed = config.get("countries").and_then(Value::as_array).into_iter().flatten();
        let countries = listed.filter_map(Value::as_str).map(Country::of).collect();
        canonical(&Shown { countries_obj: countries })
    }
}

/// Read-only attributes of the kind.
#[derive(Serialize, JsonSchema)]
struct Shown {
    /// The countries that pass, with their names.
    countries_obj: Vec<Country>,
}

/// A country of ISO 3166-1.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "DetailedCountry")]
pub struct Country {
    /// Its code of two letters.
    pub code: String,
    /// Its name in English; its code where the standard has none.
    pub name: String,
}

impl Country {
    /// The country of a code.
    pub fn of(code: &str) -> Self {
        Self { code: code.to_owned(), name: country_name(code).unwrap_or(code).to_owned() }
    }

    /// All countries, by name.
    pub fn all() -> Vec<Self> {
        countries().map(|(code, name)| Self { code: code.to_owned(), name: name.to_owned() }).collect()
    }
}

impl PolicyKind for GeoIpPolicy {
    fn build(self, _: &ConfigObject) -> Result<Arc<dyn Policy>, PolicyError> {
        Ok(Arc::new(self))
    }
}

#[async_trait]
impl Policy for GeoIpPolicy {
    async fn evaluate(&self, cx: &PolicyCx<'_>) -> Result<PolicyResult, PolicyError> {
        if !self.is_listed(cx)? {
            return Ok(PolicyResult::deny_with(FROM_HERE));
        }
        if self.check_history_distance || self.check_impossible_travel {
            return self.travelled(cx).await;
        }
        Ok(PolicyResult::pass())
    }
}

impl GeoIpPolicy {
    /// Whether network or country are among those that pass.
    fn is_listed(&self, cx: &PolicyCx<'_>) -> Result<bool, PolicyError> {
        if self.asns.is_empty() && self.countries.is_empty() {
            return Ok(true);
        }
        let (client, atlas) = (cx.client()?, &cx.surroundings.atlas);
        let network = || atlas.network(client).is_some_and(|network| self.asns.contains(&network.asn));
        let country = || atlas.place(client).and_then(|place| place.country);
        Ok((!self.asns.is_empty() && network())
            || (!self.countries.is_empty()
                && country().is_some_and(|country| self.countries.contains(&country))))
    }

    /// Whether somebody can and may be here, after where he signed in before. Nobody in particular was nowhere.
    async fn travelled(&self, cx: &PolicyCx<'_>) -> Result<PolicyResult, PolicyError> {
        let Some(subject) = &cx.request.user else { return Ok(PolicyResult::pass()) };
        let atlas = &cx.surroundings.atlas;
        let unknown = || PolicyError::Unavailable("where the client is, is not known".to_owned());
        let here = atlas.place(cx.client()?).filter(|place| place.location.is_some()).ok_or_else(unknown)?;
        let filter = EventFilter {
            action: Some(EventAction::Login),
            user_pk: Some(subject.user.pk),
            ..EventFilter::default()
        };
        let page = PageRequest::first(self.history_login_count.clamp(1, MOST_LOGINS));
        let logins = cx.store.read(move |tx| events::list(tx, &filter, &page)).await?.items;
        let logins = logins.into_iter().take(usize::try_from(self.history_login_count).unwrap_or(0));
        let visits: Vec<Visit> = logins
            .filter_map(|login| {
                let place = atlas.place(login.client_ip?.parse().ok()?)?;
                Some(Visit { km: place.distance_km(&here)?, ago: cx.store.now().since(login.created) })
            })
            .collect();
        Ok(travel::judge(self, &visits))
    }
}
