//! `authentik_policies_reputation.reputation`: how well names and addresses do at signing in. Scores come about by
//! themselves; deleting one forgets it.

use std::net::IpAddr;

use countersign_model::{Reputation, ReputationId};
use countersign_resource::{Describe, Facts, Nothing};
use countersign_store::{
    Tx,
    reputations::{self, ReputationFilter},
};
use countersign_types::{JsonObject, RawId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::document;
use crate::{
    ListFilter, ListQuery, ResourceError, Verbs, Visible,
    moment::Moment,
    rows::{Rows, Slice},
};

/// The score of one name at one address.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(crate) struct ReputationSpec {
    /// The name that was tried, in lower case.
    identifier: String,
    /// From where.
    ip: String,
    /// Where the address is, as far as that is known.
    ip_geo_data: JsonObject,
    /// Whose network the address belongs to, as far as that is known.
    ip_asn_data: JsonObject,
    /// Successes less failures, within the limits of the system settings.
    score: i32,
    /// When the score changed last.
    updated: Moment,
    /// When the score is forgotten.
    expires: Moment,
}

/// Model label of reputations.
pub const REPUTATION: &str = "authentik_policies_reputation.reputation";

impl Describe for ReputationSpec {
    type Common = Nothing;
    const FACTS: Facts = Facts::new(REPUTATION, "ak-reputation", "Reputation Score")
        .at("policies/reputation/scores", "policy");
}

/// Reputations.
pub(crate) struct Reputations;

impl Rows for Reputations {
    type Spec = ReputationSpec;
    type Row = Reputation;
    const IDENTIFIED_BY: &'static [&'static str] = &[];
    const EXPORTED: bool = false;
    const VERBS: Verbs = Verbs::ReadDelete;
    const ANSWERS_FILTERS_ALONE: bool = true;
    const FILTERS: &'static [ListFilter] = &[
        ListFilter::is("identifier", "Scores of this name."),
        ListFilter::is("ip", "Scores at this address."),
    ];

    fn by_id(&self, tx: &mut Tx<'_>, id: RawId) -> Result<Option<Reputation>, ResourceError> {
        Ok(reputations::by_id(tx, ReputationId(id))?)
    }

    /// There may be many: [`Rows::page`] is asked instead.
    fn all(&self, _: &mut Tx<'_>) -> Result<Vec<Reputation>, ResourceError> {
        Ok(Vec::new())
    }

    fn id_of(row: &Reputation) -> RawId {
        row.id.raw()
    }

    fn document(&self, row: &Reputation) -> Result<JsonObject, ResourceError> {
        Ok(document(&ReputationSpec {
            identifier: row.identifier.clone(),
            ip: row.ip.clone(),
            ip_geo_data: row.place.clone(),
            ip_asn_data: row.network.clone(),
            score: row.score,
            updated: row.updated.into(),
            expires: row.expires.into(),
        }))
    }

    fn page(
        &self,
        tx: &mut Tx<'_>,
        query: &ListQuery,
        visible: &Visible,
    ) -> Result<Option<Slice<Reputation>>, ResourceError> {
        if let Visible::Only(ids) = visible {
            return self.few(tx, ids).map(Some);
        }
        let mut filter = ReputationFilter::default();
        for asked in &query.filters {
            let value = || asked.one().map(str::to_owned).ok_or_else(|| asked.unknown());
            match asked.field.as_str() {
                "identifier" => filter.identifier = Some(value()?),
                "ip" => filter.ip = Some(value()?),
                _ => return Err(asked.unknown()),
            }
        }
        // A name or an address, whole: parts of them have no index.
        if let Some(text) = query.search.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
            let field = if text.parse::<IpAddr>().is_ok() { &mut filter.ip } else { &mut filter.identifier };
            *field = Some(text.to_owned());
        }
        let found = reputations::browse(tx, &filter, &query.request())?;
        Ok(Some(found.into()))
    }

    fn delete(&self, tx: &mut Tx<'_>, id: RawId) -> Result<(), ResourceError> {
        reputations::delete(tx, ReputationId(id))?;
        Ok(())
    }
}
