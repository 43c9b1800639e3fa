//! What a transaction has read, as PostgreSQL counts it.

use diesel::{QueryableByName, sql_types::BigInt};

use crate::{
    Backend, StoreError, Tx,
    conn::{execute, load},
};

/// Entries of indexes and rows of tables that were read, whether they fitted or not.
const LOOKED_AT: &str = "\
SELECT CAST(COALESCE(SUM(pg_stat_get_xact_tuples_returned(c.oid) + CASE c.relkind WHEN 'r' \
THEN pg_stat_get_xact_tuples_fetched(c.oid) ELSE 0 END), 0) AS BIGINT) AS number \
FROM pg_class c WHERE c.relnamespace = CAST(current_schema() AS regnamespace) AND c.relkind IN ('r', 'i')";

#[derive(QueryableByName)]
struct LookedAt {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

/// Lets PostgreSQL plan as for millions of rows until the unit of work ends: of a few thousand it reads whole tables,
/// and sorts them.
pub fn plan_for_millions(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    if tx.backend() == Backend::Postgres {
        for setting in ["SET LOCAL enable_seqscan = off", "SET LOCAL enable_sort = off"] {
            execute!(tx, diesel::sql_query(setting))?;
        }
    }
    Ok(())
}

/// So many rows of tables and indexes were read until now; differences within one unit of work count. SQLite does
/// not tell, and has always read none.
pub fn rows_looked_at(tx: &mut Tx<'_>) -> Result<i64, StoreError> {
    if tx.backend() == Backend::Sqlite {
        return Ok(0);
    }
    let rows: Vec<LookedAt> = load!(tx, diesel::sql_query(LOOKED_AT))?;
    Ok(rows.first().map_or(0, |row| row.number))
}
