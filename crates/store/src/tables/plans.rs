//! Flow plans at rest. Every accepted answer moves the step by a conditional statement, so that of two equal
//! answers one counts.

use countersign_model::StoredPlan;
use countersign_types::{Digest, RawId};
use diesel::prelude::*;

use crate::{
    StoreError, Tx,
    cached::Cached,
    columns::{Id, Row, row},
    conn::{execute, find},
    schema::flow_plans,
};

row! {
    #[diesel(table_name = flow_plans, primary_key(key))]
    PlanRow of StoredPlan {
        key: Vec<u8>,
        plan_id: Id,
        step: i32,
        state: Vec<u8>,
        expires: i64,
    }
}

/// Writes a plan after its first answer, in the place of another run's or of an expired one. False when the
/// same run already has a row: the answer came twice.
pub fn create(tx: &mut Tx<'_>, plan: &StoredPlan) -> Result<bool, StoreError> {
    let row = PlanRow::of(plan);
    // Most have no row yet, and this statement is prepared once.
    let statement = diesel::insert_into(flow_plans::table).values(&row).on_conflict_do_nothing();
    if execute!(tx, statement)? > 0 {
        return Ok(true);
    }
    let other_run = flow_plans::plan_id.ne(Id(plan.plan_id)).or(flow_plans::expires.le(tx.now().as_micros()));
    let target = flow_plans::table.find(plan.key.as_bytes()).filter(other_run);
    Ok(execute!(tx, Cached(diesel::update(target).set(&row)))? > 0)
}

/// Moves a plan on from the step that the answer was for. False when it is not there any more, has expired,
/// or has moved: the answer came twice or too late.
pub fn advance(tx: &mut Tx<'_>, plan: &StoredPlan, expected_step: i32) -> Result<bool, StoreError> {
    let row = PlanRow::of(plan);
    let target = flow_plans::table
        .find(plan.key.as_bytes())
        .filter(flow_plans::plan_id.eq(Id(plan.plan_id)))
        .filter(flow_plans::step.eq(expected_step))
        .filter(flow_plans::expires.gt(tx.now().as_micros()));
    Ok(execute!(tx, Cached(diesel::update(target).set(&row)))? > 0)
}

/// A plan that has not expired.
pub fn by_key(tx: &mut Tx<'_>, key: &Digest) -> Result<Option<StoredPlan>, StoreError> {
    let query = flow_plans::table.find(key.as_bytes()).filter(flow_plans::expires.gt(tx.now().as_micros()));
    let row: Option<PlanRow> = find!(tx, query.select(PlanRow::as_select()))?;
    row.map(Row::entity).transpose()
}

/// Ends a plan at the step that the last answer was for; false as for [`advance`].
pub fn finish(tx: &mut Tx<'_>, key: &Digest, plan_id: RawId, expected_step: i32) -> Result<bool, StoreError> {
    let target = flow_plans::table
        .find(key.as_bytes())
        .filter(flow_plans::plan_id.eq(Id(plan_id)))
        .filter(flow_plans::step.eq(expected_step))
        .filter(flow_plans::expires.gt(tx.now().as_micros()));
    Ok(execute!(tx, diesel::delete(target))? > 0)
}

/// Forgets a plan, wherever it stands; whether there was one.
pub fn delete(tx: &mut Tx<'_>, key: &Digest) -> Result<bool, StoreError> {
    Ok(execute!(tx, diesel::delete(flow_plans::table.find(key.as_bytes())))? > 0)
}
