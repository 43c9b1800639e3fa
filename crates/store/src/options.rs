//! How a store is opened.

use std::{path::PathBuf, time::Duration};

use crate::OpenError;

/// Which database, and the bounds within which it is used.
#[derive(Clone, Debug)]
pub struct StoreOptions {
    /// Path of an SQLite file (with or without `sqlite:`), or a `postgres://` URL.
    pub url: String,
    /// SQLite: reading threads beside the one that writes.
    pub readers: usize,
    /// SQLite: what each connection keeps of the file in memory.
    pub cache_kib: u32,
    /// PostgreSQL: connections, each on its own thread, opened when first needed.
    pub connections: usize,
    /// Units of work that may wait in one queue; the next is refused as busy.
    pub queue: usize,
    /// How long a unit may wait before it is refused as busy.
    pub max_wait: Duration,
    /// SQLite: what a commit waits for.
    pub durability: Durability,
    /// PostgreSQL: what writing transactions see of each other.
    pub isolation: Isolation,
    /// How long a statement may wait for a lock.
    pub lock_timeout: Duration,
    /// PostgreSQL: how long a statement may run.
    pub statement_timeout: Duration,
    /// PostgreSQL: keep prepared statements. Off behind a pooler that hands out connections by transaction.
    pub prepared_statements: bool,
    /// How often the changes of other processes are looked for.
    pub poll_interval: Duration,
}

impl StoreOptions {
    /// The defaults, for a database.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            readers: 2,
            cache_kib: 8000,
            connections: 4,
            queue: 1024,
            max_wait: Duration::from_secs(5),
            durability: Durability::Full,
            isolation: Isolation::ReadCommitted,
            lock_timeout: Duration::from_secs(5),
            statement_timeout: Duration::from_secs(10),
            prepared_statements: true,
            poll_interval: Duration::from_millis(250),
        }
    }

    /// Where the database is.
    pub(crate) fn place(&self) -> Result<Place, OpenError> {
        let url = self.url.trim();
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Place::Postgres(with_connect_timeout(url)));
        }
        let path = ["sqlite://", "sqlite:"].iter().find_map(|scheme| url.strip_prefix(scheme)).unwrap_or(url);
        if path.is_empty() || path.contains("://") || path.starts_with(":memory:") {
            let scheme = url.split_once("://").map_or(url, |(scheme, _)| scheme);
            return Err(OpenError::Address(scheme.to_owned()));
        }
        Ok(Place::Sqlite(PathBuf::from(path)))
    }
}

/// A server that does not answer must not hold a thread for minutes.
fn with_connect_timeout(url: &str) -> String {
    if url.contains("connect_timeout=") {
        return url.to_owned();
    }
    format!("{url}{}connect_timeout=5", if url.contains('?') { '&' } else { '?' })
}

/// Where a database is.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    Sqlite(PathBuf),
    Postgres(String),
}

/// Which database it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// SQLite, in this process.
    Sqlite,
    /// PostgreSQL, or an engine that speaks its protocol.
    Postgres,
}

/// What a commit on SQLite waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// The disk: an acknowledged write survives a power cut.
    Full,
    /// The operating system: an acknowledged write survives a crash of the process, not a power cut.
    Normal,
}

/// What writing transactions on PostgreSQL see of each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Isolation {
    /// Every statement sees what was committed before it.
    ReadCommitted,
    /// As if one after the other; units are re-run when that fails.
    Serializable,
}
