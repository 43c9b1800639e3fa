//! Lists of grants, by identifier.

use countersign_model::{Grant, ProviderId, UserId};
use diesel::prelude::*;

use super::GrantRow;
use crate::{
    Count, ListRequest, Listed, StoreError, Tx,
    columns::{Id, entities},
    conn::load,
    list::{self, FEW},
    schema::grants,
};

/// What a list of grants asks; everything given must hold.
#[derive(Clone, Debug, Default)]
pub struct GrantFilter {
    /// Whose.
    pub user: Option<UserId>,
    /// To which client.
    pub provider: Option<ProviderId>,
    /// Whether a refresh token came of it.
    pub is_refreshable: Option<bool>,
}

macro_rules! filtered {
    ($filter:expr, $now:expr) => {{
        let filter: &GrantFilter = $filter;
        let mut query = grants::table.into_boxed();
        if let Some(user) = filter.user {
            query = query.filter(grants::user_id.eq(Id::from(user)));
        }
        if let Some(provider) = filter.provider {
            query = query.filter(grants::provider_id.eq(Id::from(provider)));
        }
        match filter.is_refreshable {
            None => {}
            Some(true) => query = query.filter(grants::refresh_generation.gt(0)),
            Some(false) => query = query.filter(grants::refresh_generation.eq(0)),
        }
        query.filter(grants::revoked.is_null()).filter(grants::expires.gt($now))
    }};
}

/// Cursors of these lists.
const CURSOR: char = 'g';

/// A part of the grants that are neither revoked nor expired. The count is exact when 1000 or fewer fit.
pub fn browse(
    tx: &mut Tx<'_>,
    filter: &GrantFilter,
    request: &ListRequest,
) -> Result<Listed<Grant>, StoreError> {
    let now = tx.now().as_micros();
    let after = request.after::<String>(CURSOR).map(|position| position.id);
    let rows: Vec<GrantRow> = load!(tx, {
        let mut query = filtered!(filter, now);
        if let Some(after) = after {
            query = query.filter(grants::id.gt(after));
        }
        query
            .order(grants::id.asc())
            .offset(request.skipped())
            .limit(request.fetched())
            .select(GrantRow::as_select())
    })?;
    let position = |row: &Grant| list::cursor(CURSOR, Id::from(row.id), &"");
    let mut listed = request.page(entities(rows)?, position);
    if request.count {
        let found: Vec<Id> = load!(tx, filtered!(filter, now).select(grants::id).limit(FEW as i64 + 1))?;
        listed.count = Some(Count::found(found.len()));
    }
    Ok(listed)
}
