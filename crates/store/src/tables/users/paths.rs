//! The places in the directory that users have.

use diesel::{
    QueryableByName,
    sql_types::{BigInt, Text},
};

use crate::{StoreError, Tx, conn::load};

/// One look into the index for each path, however many users share it.
pub(crate) const PATHS: &str = "\
WITH RECURSIVE places (path) AS (
    SELECT MIN(path) FROM users
    UNION ALL
    SELECT (SELECT MIN(u.path) FROM users u WHERE u.path > places.path) FROM places
    WHERE places.path IS NOT NULL
)
SELECT path FROM places WHERE path IS NOT NULL LIMIT $1";

#[derive(QueryableByName)]
struct Place {
    #[diesel(sql_type = Text)]
    path: String,
}

/// The paths of users, each once, in order; at most `limit`.
pub fn paths(tx: &mut Tx<'_>, limit: u32) -> Result<Vec<String>, StoreError> {
    let query = diesel::sql_query(PATHS).bind::<BigInt, _>(i64::from(limit));
    let rows: Vec<Place> = load!(tx, query)?;
    Ok(rows.into_iter().map(|place| place.path).collect())
}
