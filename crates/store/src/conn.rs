//! The two kinds of connection and the macros that expand one query body under both.

use diesel::{PgConnection, SqliteConnection};

use crate::Backend;

/// A connection to either database.
pub(crate) enum Conn {
    Pg(PgConnection),
    Sqlite(SqliteConnection),
}

impl Conn {
    pub(crate) const fn backend(&self) -> Backend {
        match self {
            Self::Pg(_) => Backend::Postgres,
            Self::Sqlite(_) => Backend::Sqlite,
        }
    }
}

/// One body for both arms: `on!(conn, c => c.batch_execute(…))`.
macro_rules! on {
    ($conn:expr, $arm:ident => $body:expr) => {
        match $conn {
            $crate::conn::Conn::Pg($arm) => $body,
            $crate::conn::Conn::Sqlite($arm) => $body,
        }
    };
}

/// All rows of a query: `load!(tx, users::table.select(UserRow::as_select()))?`.
macro_rules! load {
    ($tx:expr, $query:expr) => {{
        let result = $crate::conn::on!($tx.conn(), c => diesel::RunQueryDsl::load($query, c));
        $tx.settle(result)
    }};
}

/// The first row of a query or of what a statement returns, if there is one.
macro_rules! find {
    ($tx:expr, $query:expr) => {{
        let result = $crate::conn::on!($tx.conn(), c => {
            diesel::result::OptionalExtension::optional(diesel::RunQueryDsl::get_result($query, c))
        });
        $tx.settle(result)
    }};
}

/// How many rows a statement touched.
macro_rules! execute {
    ($tx:expr, $query:expr) => {{
        let result = $crate::conn::on!($tx.conn(), c => diesel::RunQueryDsl::execute($query, c));
        $tx.settle(result)
    }};
}

pub(crate) use {execute, find, load, on};
