//! Flows.

use countersign_model::{Flow, FlowId};
use countersign_types::{Page, PageRequest};
use diesel::prelude::*;

use super::{fetch, flow_stage_bindings, object_refs, page_of, policy_bindings, whole};
use crate::{
    Change, StoreError, Tx,
    columns::{Id, Row, entities, row},
    conn::{find, load},
    schema::flows,
};

row! {
    #[diesel(table_name = flows)]
    FlowRow of Flow {
        id: Id,
        name: String,
        slug: String,
        title: String,
        designation: String,
        authentication: String,
        denied_action: String,
        layout: String,
        background: String,
        compatibility_mode: bool,
        policy_engine_mode: String,
    }
}

whole!(flows, FlowRow, Flow, FlowId, announcing Some(Change::Config));

/// Deletes a flow with its stage bindings and what guards them; whether it was there.
pub fn delete(tx: &mut Tx<'_>, id: FlowId) -> Result<bool, StoreError> {
    for binding in flow_stage_bindings::of_flow(tx, id)? {
        policy_bindings::delete_of_target(tx, binding.id.raw())?;
    }
    policy_bindings::delete_of_target(tx, id.raw())?;
    object_refs::replace(tx, "", id.raw(), &[])?;
    delete_row(tx, id)
}

/// A flow by its name in the URL.
pub fn by_slug(tx: &mut Tx<'_>, slug: &str) -> Result<Option<Flow>, StoreError> {
    let query = flows::table.filter(flows::slug.eq(slug));
    let row: Option<FlowRow> = find!(tx, query.select(FlowRow::as_select()))?;
    row.map(Row::entity).transpose()
}

/// All of them, by slug.
pub fn all(tx: &mut Tx<'_>) -> Result<Vec<Flow>, StoreError> {
    let query = flows::table.order(flows::slug.asc());
    let rows: Vec<FlowRow> = load!(tx, query.select(FlowRow::as_select()))?;
    entities(rows)
}

/// A part of them, by slug.
pub fn list(tx: &mut Tx<'_>, page: &PageRequest) -> Result<Page<Flow>, StoreError> {
    let after = page.after.as_deref().unwrap_or("");
    let query = flows::table.filter(flows::slug.gt(after)).order(flows::slug.asc()).limit(fetch(page));
    let rows: Vec<FlowRow> = load!(tx, query.select(FlowRow::as_select()))?;
    Ok(page_of(entities(rows)?, page, |entity: &Flow| entity.slug.as_str().to_owned()))
}
