//! What truly differs between the two databases: opening, beginning, and what errors mean.

use std::{
    path::Path,
    thread,
    time::{Duration, Instant},
};

use diesel::{
    Connection, PgConnection, QueryResult, QueryableByName, RunQueryDsl, SqliteConnection,
    connection::{AnsiTransactionManager, CacheSize, SimpleConnection, TransactionManager},
    result::{DatabaseErrorInformation, DatabaseErrorKind, Error},
    sql_query,
    sql_types::Integer,
};

use crate::{
    Conflict, ConflictRule, Durability, Isolation, StoreError, StoreOptions,
    conn::{Conn, on},
    cost::Mode,
    options::Place,
};

/// Opens a connection for reading or writing.
pub(crate) fn open(place: &Place, options: &StoreOptions, mode: Mode) -> Result<Conn, StoreError> {
    match place {
        Place::Sqlite(path) => open_sqlite(path, options, mode).map(Conn::Sqlite),
        Place::Postgres(url) => open_postgres(url, options).map(Conn::Pg),
    }
}

/// Pages in the write-ahead log at which the writer sees to it that the log begins anew: 32 MiB. Until then it
/// is copied beside it ([`crate::checkpoint`]).
const LONG_LOG: u32 = 8192;

fn open_sqlite(path: &Path, options: &StoreOptions, mode: Mode) -> Result<SqliteConnection, StoreError> {
    if mode == Mode::Write {
        make_file(path).map_err(|error| unavailable(&error))?;
    }
    let path = path.to_str().ok_or_else(|| StoreError::Unavailable("the path is not UTF-8".to_owned()))?;
    let mut conn = SqliteConnection::establish(path).map_err(|error| unavailable(&error))?;
    let synchronous = synchronous(options.durability);
    // A writer waits for the lock in `begin`, and for nothing afterwards.
    let wait = if mode == Mode::Write { 0 } else { options.lock_timeout.as_millis() };
    let mut pragmas = format!(
        "PRAGMA busy_timeout={wait}; PRAGMA foreign_keys=ON; PRAGMA cache_size=-{}; \
         PRAGMA temp_store=MEMORY; PRAGMA trusted_schema=OFF;",
        options.cache_kib
    );
    pragmas.push_str(&match mode {
        Mode::Write => format!(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous={synchronous}; PRAGMA journal_size_limit=67108864; \
             PRAGMA wal_autocheckpoint={LONG_LOG};"
        ),
        Mode::Read => "PRAGMA query_only=ON;".to_owned(),
    });
    // Another process may just be switching the file to WAL, for which SQLite itself does not wait.
    patiently(options.lock_timeout, || conn.batch_execute(&pragmas)).map_err(|error| unavailable(&error))?;
    Ok(conn)
}

/// Does something that another connection's lock may refuse, again and again for so long.
fn patiently<T>(patience: Duration, mut attempt: impl FnMut() -> QueryResult<T>) -> QueryResult<T> {
    let began = Instant::now();
    loop {
        match attempt() {
            Err(error) if is_lock_wait(&error.to_string()) && began.elapsed() < patience => {
                thread::sleep(Duration::from_millis(2));
            }
            other => return other,
        }
    }
}

const fn synchronous(durability: Durability) -> &'static str {
    match durability {
        Durability::Full => "FULL",
        Durability::Normal => "NORMAL",
    }
}

/// From now on commits of this SQLite connection wait for the disk, or do not.
pub(crate) fn set_durability(conn: &mut Conn, durability: Durability) -> QueryResult<()> {
    on!(conn, c => c.batch_execute(&format!("PRAGMA synchronous={}", synchronous(durability))))
}

/// How much of the log is in the file.
#[derive(QueryableByName)]
struct Copied {
    #[diesel(sql_type = Integer)]
    busy: i32,
    #[diesel(sql_type = Integer)]
    log: i32,
    #[diesel(sql_type = Integer)]
    checkpointed: i32,
}

/// Copies into this SQLite database what its log has, as far as nobody who reads still needs the old pages.
/// Whether that was all.
pub(crate) fn copy_log(conn: &mut Conn) -> QueryResult<bool> {
    let copied: Copied = on!(conn, c => sql_query("PRAGMA wal_checkpoint(PASSIVE)").get_result(c))?;
    Ok(copied.busy == 0 && copied.checkpointed >= copied.log)
}

/// Makes the file and its folder when there are none, for nobody else to read: SQLite gives its side files
/// the same permissions.
fn make_file(path: &Path) -> std::io::Result<()> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)?;
    }
    let mut file = std::fs::OpenOptions::new();
    file.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut file, 0o600);
    file.open(path).map(drop)
}

fn open_postgres(url: &str, options: &StoreOptions) -> Result<PgConnection, StoreError> {
    let mut conn = PgConnection::establish(url).map_err(|error| unavailable(&error))?;
    if !options.prepared_statements {
        conn.set_prepared_statement_cache_size(CacheSize::Disabled);
    }
    let (lock, statement) = (options.lock_timeout.as_millis(), options.statement_timeout.as_millis());
    conn.batch_execute(&format!(
        "SET application_name = 'countersign'; SET client_min_messages = warning; SET lock_timeout = {lock}; \
         SET statement_timeout = {statement}; SET idle_in_transaction_session_timeout = {statement};"
    ))
    .map_err(|error| unavailable(&error))?;
    Ok(conn)
}

fn unavailable(error: &dyn std::error::Error) -> StoreError {
    StoreError::Unavailable(error.to_string())
}

/// Begins a transaction of the kind that a unit of work needs. SQLite waits so long for another process that writes;
/// PostgreSQL has its own bounds.
pub(crate) fn begin(
    conn: &mut Conn,
    mode: Mode,
    isolation: Isolation,
    patience: Duration,
) -> QueryResult<()> {
    match (conn, mode) {
        (Conn::Sqlite(c), Mode::Read) => AnsiTransactionManager::begin_transaction(c),
        (Conn::Sqlite(c), Mode::Write) => {
            patiently(patience, || AnsiTransactionManager::begin_transaction_sql(c, "BEGIN IMMEDIATE"))
        }
        (Conn::Pg(c), Mode::Read) => AnsiTransactionManager::begin_transaction_sql(
            c,
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        ),
        (Conn::Pg(c), Mode::Write) => {
            let sql = match isolation {
                Isolation::ReadCommitted => "BEGIN ISOLATION LEVEL READ COMMITTED",
                Isolation::Serializable => "BEGIN ISOLATION LEVEL SERIALIZABLE",
            };
            AnsiTransactionManager::begin_transaction_sql(c, sql)
        }
    }
}

/// A savepoint inside a transaction.
pub(crate) fn begin_savepoint(conn: &mut Conn) -> QueryResult<()> {
    on!(conn, c => AnsiTransactionManager::begin_transaction(c))
}

/// Commits the innermost transaction or releases the innermost savepoint.
pub(crate) fn commit(conn: &mut Conn) -> QueryResult<()> {
    on!(conn, c => AnsiTransactionManager::commit_transaction(c))
}

/// Undoes the innermost transaction or savepoint.
pub(crate) fn rollback(conn: &mut Conn) -> QueryResult<()> {
    on!(conn, c => AnsiTransactionManager::rollback_transaction(c))
}

/// A failure that is not the unit's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It lost against another transaction: run it again (PostgreSQL 40001, 40P01).
    Contended,
    /// The connection is gone.
    Broken,
}

/// What an error of the database means, and whether it speaks of more than the statement.
pub(crate) fn judge(error: &Error) -> (StoreError, Option<Fault>) {
    match error {
        Error::DatabaseError(kind, info) => judge_database(kind, info.as_ref()),
        Error::RollbackErrorOnCommit { commit_error, .. } => {
            let (error, fault) = judge(commit_error);
            (error, fault.or(Some(Fault::Broken)))
        }
        Error::BrokenTransactionManager => {
            (StoreError::Unavailable("the connection was lost".to_owned()), Some(Fault::Broken))
        }
        Error::DeserializationError(cause) => (StoreError::Corrupt(cause.to_string()), None),
        other => (StoreError::Internal(other.to_string()), None),
    }
}

fn judge_database(
    kind: &DatabaseErrorKind,
    info: &(dyn DatabaseErrorInformation + Send + Sync),
) -> (StoreError, Option<Fault>) {
    let message = info.message();
    match kind {
        DatabaseErrorKind::UniqueViolation => (conflict(ConflictRule::Unique, info), None),
        DatabaseErrorKind::ForeignKeyViolation => (conflict(ConflictRule::Reference, info), None),
        DatabaseErrorKind::SerializationFailure => (StoreError::Busy, Some(Fault::Contended)),
        DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand => {
            (StoreError::Unavailable(message.trim().to_owned()), Some(Fault::Broken))
        }
        _ if message.contains("deadlock detected") => (StoreError::Busy, Some(Fault::Contended)),
        _ if is_lock_wait(message) => (StoreError::Busy, None),
        _ if is_lost(message) => (StoreError::Unavailable(message.trim().to_owned()), Some(Fault::Broken)),
        _ if is_exhausted(message) => (StoreError::Unavailable(message.to_owned()), None),
        _ if message.contains("malformed") || message.contains("file is not a database") => {
            (StoreError::Corrupt(message.to_owned()), None)
        }
        _ => (StoreError::Internal(message.to_owned()), None),
    }
}

fn is_lock_wait(message: &str) -> bool {
    message.contains("database is locked")
        || message.contains("database table is locked")
        || message.contains("due to lock timeout")
}

fn is_lost(message: &str) -> bool {
    message.contains("terminating connection")
        || message.contains("server closed the connection")
        || message.contains("no connection to the server")
        || message.contains("could not receive data from server")
        || message.contains("SSL connection has been closed")
}

fn is_exhausted(message: &str) -> bool {
    message.contains("database or disk is full")
        || message.contains("disk I/O error")
        || message.contains("No space left on device")
        || message.contains("due to statement timeout")
        || message.contains("read-only transaction")
}

/// Names table and columns of a broken rule.
///
/// SQLite says `UNIQUE constraint failed: users.username_lower`; PostgreSQL names the table and has the
/// columns in the detail, `Key (username_lower)=(ada) …`, in parentheses whatever the server's language is.
fn conflict(rule: ConflictRule, info: &(dyn DatabaseErrorInformation + Send + Sync)) -> StoreError {
    let (table, column) = match info.table_name() {
        Some(table) => {
            let columns = info
                .details()
                .and_then(|detail| detail.split_once('('))
                .and_then(|(_, rest)| rest.split_once(")=("))
                .map_or("", |(columns, _)| columns);
            (table.to_owned(), columns.to_owned())
        }
        None => sqlite_columns(info.message()),
    };
    StoreError::Conflict(Conflict { table, column, rule })
}

fn sqlite_columns(message: &str) -> (String, String) {
    let Some((_, places)) = message.split_once("failed: ") else { return (String::new(), String::new()) };
    let mut table = String::new();
    let mut columns = Vec::new();
    for place in places.split(", ") {
        if let Some((in_table, column)) = place.split_once('.') {
            in_table.clone_into(&mut table);
            columns.push(column);
        }
    }
    (table, columns.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sqlite_names_every_column_of_a_rule() {
        assert_eq!(
            sqlite_columns("UNIQUE constraint failed: config_objects.family, config_objects.name"),
            ("config_objects".to_owned(), "family, name".to_owned())
        );
        assert_eq!(sqlite_columns("FOREIGN KEY constraint failed"), (String::new(), String::new()));
    }
}
