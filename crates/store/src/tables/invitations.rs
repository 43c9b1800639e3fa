//! Invitations to flows.

use countersign_model::{FlowId, Invitation, InvitationId, UserId};
use diesel::prelude::*;

use super::whole;
use crate::{
    Count, ListRequest, Listed, StoreError, Tx,
    columns::{Id, Row, entities, row},
    conn::{execute, find, load},
    list::{self, FEW},
    schema::invitations,
};

row! {
    #[diesel(table_name = invitations)]
    InvitationRow of Invitation {
        id: Id,
        name: String,
        #[diesel(column_name = flow_id)]
        flow: Option<Id>,
        created_by: Option<Id>,
        created: i64,
        expires: Option<i64>,
        single_use: bool,
        fixed_data: String,
        mailed: Option<i64>,
    }
}

whole!(invitations, InvitationRow, Invitation, InvitationId, announcing None);

/// Deletes an invitation; whether it was there.
pub fn delete(tx: &mut Tx<'_>, id: InvitationId) -> Result<bool, StoreError> {
    delete_row(tx, id)
}

/// Notes that an invitation went out by mail; whether it was there.
pub fn mailed(tx: &mut Tx<'_>, id: InvitationId) -> Result<bool, StoreError> {
    let noted = invitations::mailed.eq(Some(tx.now().as_micros()));
    let target = invitations::table.find(Id::from(id));
    Ok(execute!(tx, diesel::update(target).set(noted))? > 0)
}

/// That an invitation has not expired and is for a flow.
macro_rules! good {
    ($now:expr, $id:expr, $flow:expr) => {
        invitations::table
            .filter(invitations::id.eq(Id::from($id)))
            .filter(invitations::expires.is_null().or(invitations::expires.gt($now.as_micros())))
            .filter(invitations::flow_id.is_null().or(invitations::flow_id.eq(Id::from($flow))))
    };
}

/// An invitation that is good for a flow now.
pub fn good(tx: &mut Tx<'_>, id: InvitationId, flow: FlowId) -> Result<Option<Invitation>, StoreError> {
    let query = good!(tx.now(), id, flow);
    let row: Option<InvitationRow> = find!(tx, query.select(InvitationRow::as_select()))?;
    row.map(Row::entity).transpose()
}

/// Uses an invitation up that is good for one account, by one conditional statement; whether it was good.
pub fn consume(tx: &mut Tx<'_>, id: InvitationId, flow: FlowId) -> Result<bool, StoreError> {
    let target = good!(tx.now(), id, flow).filter(invitations::single_use.eq(true));
    Ok(execute!(tx, diesel::delete(target))? == 1)
}

/// What a list of invitations asks; everything given must hold.
#[derive(Clone, Debug, Default)]
pub struct InvitationFilter {
    /// One of these identifiers.
    pub ids: Option<Vec<InvitationId>>,
    /// The name.
    pub name: Option<String>,
    /// The beginning of the name.
    pub beginning: Option<String>,
    /// For this flow alone.
    pub flow: Option<FlowId>,
    /// Made by this user.
    pub created_by: Option<UserId>,
}

macro_rules! filtered {
    ($filter:expr) => {{
        let filter: &InvitationFilter = $filter;
        let mut query = invitations::table.into_boxed();
        if let Some(ids) = &filter.ids {
            query = query.filter(invitations::id.eq_any(ids.iter().copied().map(Id::from)));
        }
        if let Some(name) = &filter.name {
            query = query.filter(invitations::name.eq(name));
        }
        if let Some(beginning) = &filter.beginning {
            let end = format!("{beginning}{}", char::MAX);
            query = query.filter(invitations::name.ge(beginning)).filter(invitations::name.lt(end));
        }
        if let Some(flow) = filter.flow {
            query = query.filter(invitations::flow_id.eq(Id::from(flow)));
        }
        if let Some(user) = filter.created_by {
            query = query.filter(invitations::created_by.eq(Id::from(user)));
        }
        query
    }};
}

/// Cursors of these lists.
const CURSOR: char = 'i';

/// A part of the invitations that a filter lets through, by name, expired ones too. The count is exact when 1000 or
/// fewer fit.
pub fn browse(
    tx: &mut Tx<'_>,
    filter: &InvitationFilter,
    request: &ListRequest,
) -> Result<Listed<Invitation>, StoreError> {
    let after = request.after::<String>(CURSOR);
    let rows: Vec<InvitationRow> = load!(tx, {
        let mut query = filtered!(filter);
        if let Some(after) = &after {
            // Names need not be unique.
            let beyond = invitations::name.gt(&after.value);
            let same = invitations::name.eq(&after.value).and(invitations::id.gt(after.id));
            query = query.filter(beyond.or(same));
        }
        query
            .order((invitations::name.asc(), invitations::id.asc()))
            .offset(request.skipped())
            .limit(request.fetched())
            .select(InvitationRow::as_select())
    })?;
    let position = |row: &Invitation| list::cursor(CURSOR, Id::from(row.id), &row.name);
    let mut listed = request.page(entities(rows)?, position);
    if request.count {
        let found: Vec<Id> = load!(tx, filtered!(filter).select(invitations::id).limit(FEW as i64 + 1))?;
        listed.count = Some(Count::found(found.len()));
    }
    Ok(listed)
}
