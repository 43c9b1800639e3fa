//! Lists of sessions, the one that lives longest first.

use countersign_model::{Session, SessionId, UserId};
use diesel::prelude::*;

use super::SessionRow;
use crate::{
    Count, ListRequest, Listed, StoreError, Tx,
    columns::{Id, entities},
    conn::load,
    list::{self, FEW, Position},
    schema::sessions,
    tables::users,
};

/// What a list of sessions asks; everything given must hold.
#[derive(Clone, Debug, Default)]
pub struct SessionFilter {
    /// One of these public names; an empty list lets no session through.
    pub ids: Option<Vec<SessionId>>,
    /// Whose.
    pub user: Option<UserId>,
    /// The beginning of words of the user's names or address.
    pub search: Option<String>,
}

/// Users that a search may mean.
const NAMESAKES: usize = 500;

macro_rules! filtered {
    ($filter:expr, $users:expr, $now:expr) => {{
        let filter: &SessionFilter = $filter;
        let mut query = sessions::table.filter(sessions::expires.gt($now)).into_boxed();
        if let Some(ids) = &filter.ids {
            query = query.filter(sessions::id.eq_any(ids.iter().copied().map(Id::from)));
        }
        if let Some(user) = filter.user {
            query = query.filter(sessions::user_id.eq(Id::from(user)));
        }
        if let Some(users) = $users {
            query = query.filter(sessions::user_id.eq_any(users));
        }
        query
    }};
}

/// Cursors of these lists.
const CURSOR: char = 's';

/// A part of the live sessions that a filter lets through. A search that more than 500 users fit finds only who
/// is called just so. The count is exact when 1000 or fewer fit.
pub fn browse(
    tx: &mut Tx<'_>,
    filter: &SessionFilter,
    request: &ListRequest,
) -> Result<Listed<Session>, StoreError> {
    let users = match &filter.search {
        Some(text) if !text.trim().is_empty() => Some(users::namesakes(tx, text, NAMESAKES)?),
        _ => None,
    };
    let users: Option<Vec<Id>> = users.map(|users| users.iter().map(|user| Id::from(user.id)).collect());
    let now = tx.now().as_micros();
    let after: Option<Position<i64>> = request.after(CURSOR);
    let rows: Vec<SessionRow> = load!(tx, {
        let mut query = filtered!(filter, &users, now);
        if let Some(Position { value, id }) = &after {
            let behind = sessions::expires.lt(*value).or(sessions::id.lt(*id));
            query = query.filter(sessions::expires.le(*value).and(behind));
        }
        query
            .order((sessions::expires.desc(), sessions::id.desc()))
            .offset(request.skipped())
            .limit(request.fetched())
            .select(SessionRow::as_select())
    })?;
    let position =
        |session: &Session| list::cursor(CURSOR, Id::from(session.id), &session.expires.as_micros());
    let mut listed = request.page(entities(rows)?, position);
    if request.count {
        let found: Vec<Id> =
            load!(tx, filtered!(filter, &users, now).select(sessions::id).limit(FEW as i64 + 1))?;
        listed.count = Some(Count::found(found.len()));
    }
    Ok(listed)
}
