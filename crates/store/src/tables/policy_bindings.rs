//! What guards flows, stage bindings, applications and sources.

use countersign_model::{BoundTo, ConfigObjectId, GroupId, PolicyBinding, PolicyBindingId, UserId};
use countersign_types::{RawId, Timestamp};
use diesel::prelude::*;

use super::whole;
use crate::{
    Change, StoreError, Tx,
    columns::{Id, Row, entities},
    conn::{execute, load},
    schema::policy_bindings,
};

/// The three columns of [`BoundTo`] make this row one of its own.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = policy_bindings, treat_none_as_null = true, treat_none_as_default_value = false)]
pub(crate) struct BindingRow {
    id: Id,
    target_id: Id,
    policy_id: Option<Id>,
    group_id: Option<Id>,
    user_id: Option<Id>,
    enabled: bool,
    negate: bool,
    sort_order: i32,
    timeout: i32,
    failure_result: bool,
    expires: Option<i64>,
}

impl Row for BindingRow {
    type Entity = PolicyBinding;

    fn of(binding: &PolicyBinding) -> Self {
        let (mut policy_id, mut group_id, mut user_id) = (None, None, None);
        match binding.bound_to {
            BoundTo::Policy(id) => policy_id = Some(Id::from(id)),
            BoundTo::Group(id) => group_id = Some(Id::from(id)),
            BoundTo::User(id) => user_id = Some(Id::from(id)),
        }
        Self {
            id: Id::from(binding.id),
            target_id: Id(binding.target),
            policy_id,
            group_id,
            user_id,
            enabled: binding.enabled,
            negate: binding.negate,
            sort_order: binding.order,
            timeout: i32::try_from(binding.timeout).unwrap_or(i32::MAX),
            failure_result: binding.failure_result,
            expires: binding.expires.map(Timestamp::as_micros),
        }
    }

    fn entity(self) -> Result<PolicyBinding, StoreError> {
        let bound_to = match (self.policy_id, self.group_id, self.user_id) {
            (Some(id), None, None) => BoundTo::Policy(ConfigObjectId(id.0)),
            (None, Some(id), None) => BoundTo::Group(GroupId(id.0)),
            (None, None, Some(id)) => BoundTo::User(UserId(id.0)),
            _ => {
                return Err(StoreError::Corrupt(
                    "a policy binding is not bound to exactly one thing".to_owned(),
                ));
            }
        };
        Ok(PolicyBinding {
            id: PolicyBindingId(self.id.0),
            target: self.target_id.0,
            bound_to,
            enabled: self.enabled,
            negate: self.negate,
            order: self.sort_order,
            timeout: u32::try_from(self.timeout).unwrap_or(0),
            failure_result: self.failure_result,
            expires: self.expires.map(Timestamp::from_micros),
        })
    }
}

whole!(policy_bindings, BindingRow, PolicyBinding, PolicyBindingId, announcing Some(Change::Config));

/// Deletes a binding; whether it was there.
pub fn delete(tx: &mut Tx<'_>, id: PolicyBindingId) -> Result<bool, StoreError> {
    delete_row(tx, id)
}

/// Deletes everything that guards an object; how much that was.
pub fn delete_of_target(tx: &mut Tx<'_>, target: RawId) -> Result<usize, StoreError> {
    let count = execute!(
        tx,
        diesel::delete(policy_bindings::table.filter(policy_bindings::target_id.eq(Id(target))))
    )?;
    if count > 0 {
        tx.change(Change::Config);
    }
    Ok(count)
}

/// What guards an object, in order, disabled bindings included.
pub fn of_target(tx: &mut Tx<'_>, target: RawId) -> Result<Vec<PolicyBinding>, StoreError> {
    let query = policy_bindings::table
        .filter(policy_bindings::target_id.eq(Id(target)))
        .order((policy_bindings::sort_order.asc(), policy_bindings::id.asc()));
    let rows: Vec<BindingRow> = load!(tx, query.select(BindingRow::as_select()))?;
    entities(rows)
}

/// All bindings, in order.
pub fn all(tx: &mut Tx<'_>) -> Result<Vec<PolicyBinding>, StoreError> {
    let query = policy_bindings::table.order((policy_bindings::sort_order.asc(), policy_bindings::id.asc()));
    let rows: Vec<BindingRow> = load!(tx, query.select(BindingRow::as_select()))?;
    entities(rows)
}
