//! `authentik_stages_invitation.invitation`: who has the link may run a flow that asks for an invitation.

use std::collections::{HashMap, HashSet};

use countersign_model::{FlowId, Invitation, InvitationId, UserId};
use countersign_resource::{Describe, Facts, Nothing, canonical, schema_of, target};
use countersign_store::{
    ListRequest, Tx, flows,
    invitations::{self, InvitationFilter},
};
use countersign_types::{FieldErrors, JsonObject, RawId, Ref, Slug};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Flows, document};
use crate::{
    ListFilter, ListQuery, ReadCx, ResourceError, Visible, WriteCx,
    asked::{narrowed, one_id, owner_named},
    moment::Moment,
    owners::{Owner, Owners},
    rows::{Draft, Indexed, Rows, Slice},
    search::Named,
};

/// Longest answers that are given already, as JSON text.
const MAX_FIXED: usize = 32 * 1024;

/// An invitation to a flow.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(crate) struct InvitationSpec {
    /// What administrators call it: letters, digits, hyphens and underscores.
    name: Slug,
    /// The only flow that it is for. Left out, it is good for any flow that asks for invitations.
    #[serde(default)]
    flow: Option<Ref<target::Flow>>,
    /// When it expires; left out, never.
    #[serde(default)]
    expires: Option<Moment>,
    /// Make one account with it and no more.
    #[serde(default)]
    single_use: bool,
    /// Answers that are given already, by the keys of prompts. Prompts that can be changed show them to begin with.
    #[serde(default)]
    fixed_data: JsonObject,
}

/// Model label of invitations.
pub const INVITATION: &str = "authentik_stages_invitation.invitation";

impl Describe for InvitationSpec {
    type Common = Nothing;
    const FACTS: Facts = Facts::new(INVITATION, "ak-invitation-form", "Invitation")
        .at("stages/invitation/invitations", "invitation");

    fn check(&self) -> Result<(), FieldErrors> {
        let mut errors = FieldErrors::default();
        if serde_json::to_string(&self.fixed_data).map_or(true, |text| text.len() > MAX_FIXED) {
            errors.push("fixed_data", "max_length", "resource-error-too-many");
        }
        if self.fixed_data.contains_key("groups") {
            errors.push("fixed_data", "invalid", "stages-user-write-groups");
        }
        errors.into_result()
    }
}

/// Read-only attributes of invitations.
#[derive(Serialize, JsonSchema)]
struct InvitationExtras {
    /// Who invites.
    created_by: Option<Owner>,
    /// The flow, if it is for one.
    flow_obj: Option<JsonObject>,
    /// Where the invited go, below our address; none where it is for any flow.
    link: Option<String>,
    /// When it went out by mail last.
    mailed: Option<Moment>,
}

/// Invitations.
pub(crate) struct Invitations;

impl Rows for Invitations {
    type Spec = InvitationSpec;
    type Row = Invitation;
    const EXPORTED: bool = false;
    const OWNED_BY: &'static [&'static str] = &["flow"];
    const ANSWERS_FILTERS_ALONE: bool = true;
    const FILTERS: &'static [ListFilter] = &[
        ListFilter::is("name", "Those of this name."),
        ListFilter::is("flow", "Those for this flow."),
        ListFilter::is("flow__slug", "Those for the flow of this slug."),
        ListFilter::is("created_by__username", "Those that this user made."),
    ];

    fn by_id(&self, tx: &mut Tx<'_>, id: RawId) -> Result<Option<Invitation>, ResourceError> {
        Ok(invitations::by_id(tx, InvitationId(id))?)
    }

    /// There may be many: [`Rows::page`] is asked instead.
    fn all(&self, _: &mut Tx<'_>) -> Result<Vec<Invitation>, ResourceError> {
        Ok(Vec::new())
    }

    fn by_key(&self, tx: &mut Tx<'_>, attribute: &str, value: &Value) -> Result<Indexed, ResourceError> {
        let ("name", Some(name)) = (attribute, value.as_str()) else { return Ok(Indexed::No) };
        let filter = InvitationFilter { name: Some(name.to_owned()), ..InvitationFilter::default() };
        let first = ListRequest::first(1);
        Ok(invitations::browse(tx, &filter, &first)?.items.first().map(|found| found.id).into())
    }

    fn id_of(row: &Invitation) -> RawId {
        row.id.raw()
    }

    fn document(&self, row: &Invitation) -> Result<JsonObject, ResourceError> {
        let name = row.name.parse();
        Ok(document(&InvitationSpec {
            name: name.map_err(|_| ResourceError::Damaged("an invitation's name".to_owned()))?,
            flow: row.flow.map(|flow| Ref::new(flow.raw())),
            expires: row.expires.map(Moment::from),
            single_use: row.single_use,
            fixed_data: row.fixed_data.clone(),
        }))
    }

    fn computed_schema(&self) -> Value {
        schema_of::<InvitationExtras>()
    }

    fn computed(
        &self,
        tx: &mut Tx<'_>,
        cx: ReadCx<'_>,
        rows: &[Invitation],
    ) -> Result<Vec<JsonObject>, ResourceError> {
        let makers: Vec<UserId> = rows.iter().filter_map(|row| row.created_by).collect();
        let owners = Owners::load(tx, cx, &makers)?;
        let flows = Shown::of(tx, cx, &rows.iter().filter_map(|row| row.flow).collect())?;
        let extras = |row: &Invitation| {
            let flow = row.flow.and_then(|id| flows.0.get(&id));
            InvitationExtras {
                created_by: row.created_by.and_then(|maker| owners.get(maker)),
                flow_obj: flow.map(|(_, shown)| shown.clone()),
                mailed: row.mailed.map(Moment::from),
                link: flow.map(|(slug, _)| format!("/if/flow/{slug}/?itoken={}", row.id)),
            }
        };
        Ok(rows.iter().map(|row| canonical(&extras(row))).collect())
    }

    fn named(
        &self,
        tx: &mut Tx<'_>,
        text: &str,
        visible: &Visible,
        limit: u32,
    ) -> Result<Option<Vec<Named>>, ResourceError> {
        let ids = narrowed(visible, None).map(|ids| ids.into_iter().map(InvitationId).collect());
        let filter =
            InvitationFilter { beginning: Some(text.trim().to_owned()), ids, ..InvitationFilter::default() };
        let found = invitations::browse(tx, &filter, &ListRequest::first(limit))?.items;
        let named = |row: Invitation| Named { id: row.id.raw(), key: row.id.to_string(), name: row.name };
        Ok(Some(found.into_iter().map(named).collect()))
    }

    fn page(
        &self,
        tx: &mut Tx<'_>,
        query: &ListQuery,
        visible: &Visible,
    ) -> Result<Option<Slice<Invitation>>, ResourceError> {
        let mut filter = InvitationFilter { beginning: query.search.clone(), ..InvitationFilter::default() };
        let mut ids = None;
        for asked in &query.filters {
            let unknown = || asked.unknown();
            match asked.field.as_str() {
                "pk" => ids = Some(asked.any_as().ok_or_else(unknown)?),
                "name" => filter.name = Some(asked.one().ok_or_else(unknown)?.to_owned()),
                "flow" => filter.flow = Some(FlowId(one_id(asked)?)),
                "flow__slug" => {
                    let flow = flows::by_slug(tx, asked.one().ok_or_else(unknown)?)?;
                    // No flow of this slug: no invitation is for it.
                    filter.flow = Some(flow.map_or(FlowId(RawId::nil()), |flow| flow.id));
                }
                "created_by__username" => filter.created_by = Some(owner_named(tx, asked)?),
                _ => return Err(unknown()),
            }
        }
        filter.ids = narrowed(visible, ids).map(|ids| ids.into_iter().map(InvitationId).collect());
        let found = invitations::browse(tx, &filter, &query.request())?;
        Ok(Some(Slice::from(found)))
    }

    fn write(
        &self,
        tx: &mut Tx<'_>,
        cx: WriteCx<'_>,
        draft: Draft<InvitationSpec>,
    ) -> Result<(), ResourceError> {
        let (spec, id) = (draft.spec, InvitationId(draft.id));
        let before = invitations::by_id(tx, id)?;
        let maker = cx.actor.subject().map(|subject| subject.user.id);
        let invitation = Invitation {
            id,
            name: spec.name.as_str().to_owned(),
            flow: spec.flow.map(|flow| FlowId(flow.id())),
            created_by: before.as_ref().map_or(maker, |before| before.created_by),
            created: before.as_ref().map_or_else(|| tx.now(), |before| before.created),
            mailed: before.and_then(|before| before.mailed),
            expires: spec.expires.map(|expires| expires.0),
            single_use: spec.single_use,
            fixed_data: spec.fixed_data,
        };
        if draft.exists {
            invitations::update(tx, &invitation)?;
        } else {
            invitations::create(tx, &invitation)?;
        }
        Ok(())
    }

    fn delete(&self, tx: &mut Tx<'_>, id: RawId) -> Result<(), ResourceError> {
        invitations::delete(tx, InvitationId(id))?;
        Ok(())
    }
}

/// Flows that invitations are for, by their slugs and as answers show them.
struct Shown(HashMap<FlowId, (String, JsonObject)>);

impl Shown {
    /// In as many queries whether one is wanted or a hundred.
    fn of(tx: &mut Tx<'_>, cx: ReadCx<'_>, wanted: &HashSet<FlowId>) -> Result<Self, ResourceError> {
        if wanted.is_empty() {
            return Ok(Self(HashMap::new()));
        }
        let mut found = flows::all(tx)?;
        found.retain(|flow| wanted.contains(&flow.id));
        let computed = Flows.computed(tx, cx, &found)?;
        let shown = found.iter().zip(computed).map(|(flow, computed)| {
            let mut shown = Flows.document(flow)?;
            shown.insert("pk".to_owned(), Value::from(flow.id.to_string()));
            shown.extend(computed);
            Ok((flow.id, (flow.slug.to_string(), shown)))
        });
        Ok(Self(shown.collect::<Result<_, ResourceError>>()?))
    }
}
