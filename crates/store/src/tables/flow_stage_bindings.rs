//! Stages bound to flows.

use countersign_model::{ConfigObjectId, FlowId, FlowStageBinding, FlowStageBindingId};
use diesel::prelude::*;

use super::{policy_bindings, whole};
use crate::{
    Change, StoreError, Tx,
    columns::{Id, Row, entities, row},
    conn::{find, load},
    schema::flow_stage_bindings,
};

row! {
    #[diesel(table_name = flow_stage_bindings)]
    BindingRow of FlowStageBinding {
        id: Id,
        #[diesel(column_name = target_id)]
        target: Id,
        #[diesel(column_name = stage_id)]
        stage: Id,
        #[diesel(column_name = sort_order)]
        order: i32,
        evaluate_on_plan: bool,
        re_evaluate_policies: bool,
        invalid_response_action: String,
        policy_engine_mode: String,
    }
}

whole!(
    flow_stage_bindings, BindingRow, FlowStageBinding, FlowStageBindingId, announcing Some(Change::Config)
);

/// Deletes a binding with what guards it; whether it was there.
pub fn delete(tx: &mut Tx<'_>, id: FlowStageBindingId) -> Result<bool, StoreError> {
    policy_bindings::delete_of_target(tx, id.raw())?;
    delete_row(tx, id)
}

/// The binding that has this place.
pub fn by_place(
    tx: &mut Tx<'_>,
    flow: FlowId,
    stage: ConfigObjectId,
    order: i32,
) -> Result<Option<FlowStageBinding>, StoreError> {
    let query = flow_stage_bindings::table
        .filter(flow_stage_bindings::target_id.eq(Id::from(flow)))
        .filter(flow_stage_bindings::stage_id.eq(Id::from(stage)))
        .filter(flow_stage_bindings::sort_order.eq(order));
    let row: Option<BindingRow> = find!(tx, query.select(BindingRow::as_select()))?;
    row.map(Row::entity).transpose()
}

/// The stages of a flow, in order.
pub fn of_flow(tx: &mut Tx<'_>, flow: FlowId) -> Result<Vec<FlowStageBinding>, StoreError> {
    let query = flow_stage_bindings::table
        .filter(flow_stage_bindings::target_id.eq(Id::from(flow)))
        .order((flow_stage_bindings::sort_order.asc(), flow_stage_bindings::id.asc()));
    let rows: Vec<BindingRow> = load!(tx, query.select(BindingRow::as_select()))?;
    entities(rows)
}

/// All bindings, in order.
pub fn all(tx: &mut Tx<'_>) -> Result<Vec<FlowStageBinding>, StoreError> {
    let query = flow_stage_bindings::table
        .order((flow_stage_bindings::sort_order.asc(), flow_stage_bindings::id.asc()));
    let rows: Vec<BindingRow> = load!(tx, query.select(BindingRow::as_select()))?;
    entities(rows)
}
