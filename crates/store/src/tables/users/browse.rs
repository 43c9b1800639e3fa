//! Lists of users, of which there may be a million.
//!
//! What is asked is answered in one of four ways:
//!
//! ```text
//! a key is asked (identifier, number, user name, address)   -> the rows of that key
//! something is asked that few fit (group, word, path, …)    -> those few, in any order
//! something that many fit, and an index knows who           -> the rows of that index, in its order
//! nothing, or something that no index knows                 -> the index of the order asked for
//! ```
//!
//! The first two are found whole. The others look at so many rows for one page and say where to go on.
//! Statements leave the database no choice of index: what is only looked at afterwards is written so that no
//! index serves it.

mod ask;
mod filter;
mod ordered;
mod source;
mod walk;

use countersign_model::{User, UserId};
use countersign_types::{Page, PageRequest};
use diesel::prelude::*;

pub use filter::{Between, UserFilter, UserOrder};

use super::UserRow;
use crate::{
    Count, ListRequest, Listed, Sort, Start, StoreError, Tx,
    columns::{Id, entities},
    conn::load,
    schema::users,
    tables::words::{self, Kind},
};
use ask::{Asked, Reach};

/// A part of the users that a filter lets through, in the order asked for.
///
/// When more than 1000 users have the word of a search, belong to a group, lie below a path or are of a kind,
/// the order is that of words or paths, and then of names, whatever was asked for; when more than 1000 joined
/// or changed in a span of time, it is that of time. So many are not sorted by their last sign-in either, of
/// which no index is kept: they come in the order of names.
///
/// The count is exact for all users together, and whenever 1000 or fewer meet one of the conditions that an
/// index knows; else it is [`Count::AtLeast`], of what was looked at. A page of several conditions that more than
/// 1000 meet each looks at 250 rows; it may be short, or empty, and go on. With [`Start::Skip`] it looks at all
/// rows up to its end, but at 10,000 at most: a page that is short, or empty, and goes on lies beyond those.
pub fn browse(
    tx: &mut Tx<'_>,
    filter: &UserFilter,
    order: Sort<UserOrder>,
    request: &ListRequest,
) -> Result<Listed<User>, StoreError> {
    let Some(asked) = Asked::of(tx, filter)? else { return Ok(Listed::nothing()) };
    let mut listed = match asked.reach {
        _ if request.limit == 0 => Listed::of(Vec::new(), None),
        Reach::Walk(ref source) => walk::page(tx, &asked, source, request)?,
        Reach::Key | Reach::Few(..) | Reach::Many => ordered::page(tx, &asked, order, request)?,
    };
    if request.count && listed.count.is_none() {
        let is_whole = request.start == Start::First && listed.next.is_none() && request.limit > 0;
        listed.count = Some(if is_whole {
            Count::Exact(listed.items.len() as u64)
        } else {
            ordered::count(tx, &asked)?
        });
    }
    Ok(listed)
}

/// The first user that a filter lets through, by integer key.
pub fn first_by(tx: &mut Tx<'_>, filter: &UserFilter) -> Result<Option<User>, StoreError> {
    let first = browse(tx, filter, Sort::ascending(UserOrder::Pk), &ListRequest::first(1))?;
    Ok(first.items.into_iter().next())
}

/// A part of the users that a filter lets through, by name.
pub fn list(tx: &mut Tx<'_>, filter: &UserFilter, page: &PageRequest) -> Result<Page<User>, StoreError> {
    let start = page.after.clone().map_or(Start::First, Start::After);
    let request = ListRequest { start, limit: page.limit.max(1), count: false };
    let Listed { items, next, .. } = browse(tx, filter, Sort::default(), &request)?;
    Ok(Page { items, next })
}

/// A few users whom a search may mean, the best first, in three statements at most: of a word that many have, the
/// first 250 rows are looked at.
pub fn propose(tx: &mut Tx<'_>, search: &str, limit: u32) -> Result<Vec<User>, StoreError> {
    let filter = UserFilter { search: Some(search.to_owned()), ..UserFilter::default() };
    let Some(asked) = Asked::new(&filter) else { return Ok(Vec::new()) };
    let mut ids = words::proposed(tx, Kind::User, &asked.terms)?;
    if asked.conditions > 1 {
        return ordered::first_fitting(tx, &asked, &ids, limit);
    }
    ids.truncate(limit as usize);
    rows(tx, &ids)
}

/// The users of some identifiers, in that order; who is no more is left out.
pub fn by_ids(tx: &mut Tx<'_>, ids: &[UserId]) -> Result<Vec<User>, StoreError> {
    let ids: Vec<_> = ids.iter().copied().map(Id::from).collect();
    rows(tx, &ids)
}

/// The rows of identifiers, in that order.
fn rows(tx: &mut Tx<'_>, ids: &[Id]) -> Result<Vec<User>, StoreError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let query = users::table.filter(users::id.eq_any(ids));
    let rows: Vec<UserRow> = load!(tx, query.select(UserRow::as_select()))?;
    let place: std::collections::HashMap<_, _> =
        ids.iter().enumerate().map(|(place, id)| (id.0, place)).collect();
    let mut found: Vec<User> = entities(rows)?;
    found.sort_by_key(|user| place.get(&user.id.raw()).copied());
    Ok(found)
}
