//! Lists of users, of which there may be a million.
//!
//! What is asked is answered in one of four ways, whichever costs least:
//!
//! ```text
//! a key is asked (identifier, number, user name, address)   -> the rows of that key
//! something is asked that few fit (group, word, path, …)    -> those few, in any order, counted
//! a search that many fit                                    -> the rows of the word, in the order of words
//! nothing or something that many fit                        -> the index of the order asked for, row by row
//! ```
//!
//! The first two are found whole. The others look at so many rows for one page and say where to go on.
//! Statements that fetch rows leave the database no choice of index: what is only looked at afterwards is
//! written so that no index serves it.

mod ask;
mod by_word;
mod filter;
mod ordered;

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
};
use ask::{Asked, Reach};

/// A part of the users that a filter lets through, in the order asked for.
///
/// The order is that of the words found, not the one asked for, when more than 5000 users have the word that a
/// search is for; and that of names when it is asked to order more than 5000 users by their last sign-in, of
/// which no index is kept.
///
/// The count is exact for all users together and whenever 5000 or fewer fit; else it is [`Count::AtLeast`].
/// Exempt is what only a walk through all rows would tell, the date of the last sign-in: there a count, and
/// a page that does not [`Start::Skip`], look at 20000 rows.
pub fn browse(
    tx: &mut Tx<'_>,
    filter: &UserFilter,
    order: Sort<UserOrder>,
    request: &ListRequest,
) -> Result<Listed<User>, StoreError> {
    let Some(asked) = Asked::of(tx, filter)? else { return Ok(Listed::nothing()) };
    let mut listed = match asked.reach {
        _ if request.limit == 0 => Listed { items: Vec::new(), next: None, count: None },
        Reach::Word => by_word::page(tx, &asked, request)?,
        Reach::Key | Reach::Few(_) | Reach::Many => ordered::page(tx, &asked, order, request)?,
    };
    if request.count {
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
