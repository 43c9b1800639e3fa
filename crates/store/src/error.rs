//! What can go wrong between a unit of work and its database.

use countersign_types::ErrorKind;

/// Why a unit of work came to nothing. Cloneable, because callers that waited together share it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The queue is full, or the unit waited longer than the bound. Nothing was done.
    #[error("the database is busy")]
    Busy,
    /// A value that must be unique is taken, or a row is still referred to.
    #[error("{0}")]
    Conflict(Conflict),
    /// The database is away. A write may or may not have happened when the connection died at its commit.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// A row does not say what it should.
    #[error("a stored value is damaged: {0}")]
    Corrupt(String),
    /// A fault of ours.
    #[error("the store failed: {0}")]
    Internal(String),
}

/// Which rule of the tables a write would have broken, the same words on both databases.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{table}.{column}: {rule}")]
pub struct Conflict {
    /// The table.
    pub table: String,
    /// The column, or the columns joined by `, `; empty when the database does not say.
    pub column: String,
    /// The rule.
    pub rule: ConflictRule,
}

/// The rules of tables that callers can break.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConflictRule {
    /// The value is taken.
    Unique,
    /// The row referred to is not there, or the row is referred to.
    Reference,
    /// A group would become its own ancestor.
    Cycle,
}

impl std::fmt::Display for ConflictRule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Unique => "is taken",
            Self::Reference => "breaks a reference",
            Self::Cycle => "would close a circle",
        })
    }
}

impl StoreError {
    /// What a surface makes of it.
    pub const fn kind(&self) -> ErrorKind {
        match self {
            Self::Busy | Self::Unavailable(_) => ErrorKind::Unavailable,
            Self::Conflict(_) => ErrorKind::Conflict,
            Self::Corrupt(_) | Self::Internal(_) => ErrorKind::Internal,
        }
    }

    /// The broken rule, when it is one.
    pub const fn conflict(&self) -> Option<&Conflict> {
        match self {
            Self::Conflict(conflict) => Some(conflict),
            _ => None,
        }
    }
}

/// Why a database cannot be used at all.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The address is neither a path of a file nor a `postgres://` URL.
    #[error("“{0}” is not an address of a database: give the path of a file or a postgres:// URL")]
    Address(String),
    /// The database or its folder cannot be reached.
    #[error("the database cannot be opened: {0}")]
    Unavailable(String),
    /// The database was migrated by a newer Countersign.
    #[error(
        "the database is newer than this program: it has migration {found}, this program knows {newest} at most; \
         start a newer version, or restore the backup that was made before the upgrade"
    )]
    TooNew {
        /// The newest migration that the database has.
        found: String,
        /// The newest migration that this program has.
        newest: String,
    },
    /// A migration failed; what it did was rolled back.
    #[error("migration {name} failed: {reason}")]
    Migration {
        /// Its name.
        name: String,
        /// What the database said.
        reason: String,
    },
    /// The operating system refused a thread.
    #[error("the store's threads cannot be started: {0}")]
    Threads(#[from] std::io::Error),
}

impl OpenError {
    /// What a surface makes of it.
    pub const fn kind(&self) -> ErrorKind {
        match self {
            Self::Address(_) => ErrorKind::Invalid,
            Self::Unavailable(_) => ErrorKind::Unavailable,
            Self::TooNew { .. } => ErrorKind::Conflict,
            Self::Migration { .. } | Self::Threads(_) => ErrorKind::Internal,
        }
    }
}
