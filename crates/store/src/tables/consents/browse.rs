//! Lists of consents, by identifier.

use countersign_model::{ApplicationId, Consent, UserId};
use diesel::prelude::*;

use super::ConsentRow;
use crate::{
    Count, ListRequest, Listed, StoreError, Tx,
    columns::{Id, entities},
    conn::load,
    list::{self, FEW},
    schema::consents,
};

/// What a list of consents asks; everything given must hold.
#[derive(Clone, Debug, Default)]
pub struct ConsentFilter {
    /// Whose.
    pub user: Option<UserId>,
    /// For what.
    pub application: Option<ApplicationId>,
}

macro_rules! filtered {
    ($filter:expr, $now:expr) => {{
        let filter: &ConsentFilter = $filter;
        let mut query = consents::table.into_boxed();
        if let Some(user) = filter.user {
            query = query.filter(consents::user_id.eq(Id::from(user)));
        }
        if let Some(application) = filter.application {
            query = query.filter(consents::application_id.eq(Id::from(application)));
        }
        query.filter(consents::expires.is_null().or(consents::expires.gt($now)))
    }};
}

/// Cursors of these lists.
const CURSOR: char = 'c';

/// A part of the consents on file that have not expired. The count is exact when 1000 or fewer fit.
pub fn browse(
    tx: &mut Tx<'_>,
    filter: &ConsentFilter,
    request: &ListRequest,
) -> Result<Listed<Consent>, StoreError> {
    let now = tx.now().as_micros();
    let after = request.after::<String>(CURSOR).map(|position| position.id);
    let rows: Vec<ConsentRow> = load!(tx, {
        let mut query = filtered!(filter, now);
        if let Some(after) = after {
            query = query.filter(consents::id.gt(after));
        }
        query
            .order(consents::id.asc())
            .offset(request.skipped())
            .limit(request.fetched())
            .select(ConsentRow::as_select())
    })?;
    let position = |row: &Consent| list::cursor(CURSOR, Id::from(row.id), &"");
    let mut listed = request.page(entities(rows)?, position);
    if request.count {
        let found: Vec<Id> = load!(tx, filtered!(filter, now).select(consents::id).limit(FEW as i64 + 1))?;
        listed.count = Some(Count::found(found.len()));
    }
    Ok(listed)
}
