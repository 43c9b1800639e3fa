//! Migrations: embedded, the same names on both sides, each way and back.
//!
//! All pending migrations are one transaction. When several processes start at once, one wins and the others
//! fail on a lock or on a table that is suddenly there; they look again and find the work done.

use std::time::Duration;

use diesel::{
    Connection,
    backend::Backend,
    migration::{Migration, MigrationSource, MigrationVersion},
};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::{
    Isolation, OpenError, StoreError, Tx,
    conn::{Conn, on},
    cost::Mode,
    dialect,
    shared::Shared,
    tables,
};

const SQLITE: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("../../migrations/postgres");

/// How often a migration is begun before its failure is believed.
const ATTEMPTS: u32 = 6;

/// What a migration did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MigrationReport {
    /// Names of the migrations applied (or reverted), in order; empty when there was nothing to do.
    pub applied: Vec<String>,
    /// Name of the newest migration that this program has.
    pub newest: String,
}

/// Which way to go.
#[derive(Clone, Copy)]
enum Way {
    Up,
    /// So many steps.
    #[cfg_attr(not(feature = "testing"), expect(dead_code, reason = "only tests go back"))]
    Down(usize),
}

/// Applies what is pending, names the installation, and lets everybody be found by searches.
pub(crate) fn up(shared: &Shared) -> Result<MigrationReport, OpenError> {
    walk(shared, Way::Up)
}

/// Reverts so many migrations, the newest first.
#[cfg(feature = "testing")]
pub(crate) fn down(shared: &Shared, steps: usize) -> Result<MigrationReport, OpenError> {
    walk(shared, Way::Down(steps))
}

fn walk(shared: &Shared, way: Way) -> Result<MigrationReport, OpenError> {
    let mut attempt = 1;
    loop {
        match walk_once(shared, way) {
            Err(OpenError::Migration { reason, .. }) if attempt < ATTEMPTS => {
                tracing::info!(reason, "another process may be migrating; looking again");
                std::thread::sleep(Duration::from_millis(50 << attempt));
                attempt += 1;
            }
            other => return other,
        }
    }
}

fn walk_once(shared: &Shared, way: Way) -> Result<MigrationReport, OpenError> {
    let mut conn = dialect::open(&shared.place, &shared.options, Mode::Write)
        .map_err(|error| OpenError::Unavailable(error.to_string()))?;
    let failed = |error: &StoreError| OpenError::Migration {
        name: "as a whole".to_owned(),
        reason: error.to_string(),
    };
    dialect::begin(&mut conn, Mode::Write, Isolation::ReadCommitted, shared.options.lock_timeout)
        .map_err(|error| failed(&dialect::judge(&error).0))?;
    let report = match &mut conn {
        Conn::Pg(c) => step(c, &POSTGRES, way)?,
        Conn::Sqlite(c) => step(c, &SQLITE, way)?,
    };
    if matches!(way, Way::Up) {
        let mut tx = Tx::new(&mut conn, shared);
        tables::settings::name_installation(&mut tx).map_err(|error| failed(&error))?;
        tables::words::fill(&mut tx).map_err(|error| failed(&error))?;
    }
    on!(&mut conn, c => {
        use diesel::connection::{AnsiTransactionManager, TransactionManager};
        AnsiTransactionManager::commit_transaction(c)
    })
    .map_err(|error| failed(&dialect::judge(&error).0))?;
    Ok(report)
}

fn step<C, DB>(conn: &mut C, source: &EmbeddedMigrations, way: Way) -> Result<MigrationReport, OpenError>
where
    DB: Backend,
    C: Connection<Backend = DB> + MigrationHarness<DB>,
    EmbeddedMigrations: MigrationSource<DB>,
{
    let failed = |name: &str, reason: &dyn std::fmt::Display| OpenError::Migration {
        name: name.to_owned(),
        reason: reason.to_string(),
    };
    let mut known: Vec<Box<dyn Migration<DB>>> =
        source.migrations().map_err(|error| failed("as a whole", &error))?;
    known.sort_by_key(|migration| migration.name().version().as_owned());
    let newest = known.last().map(|migration| migration.name().to_string()).unwrap_or_default();
    let mut applied = conn.applied_migrations().map_err(|error| failed("as a whole", &error))?;
    applied.sort();
    refuse_newer(&applied, &known, &newest)?;
    let mut report = MigrationReport { applied: Vec::new(), newest };
    let chosen: Vec<&Box<dyn Migration<DB>>> = match way {
        Way::Up => known.iter().filter(|m| !applied.contains(&m.name().version().as_owned())).collect(),
        Way::Down(steps) => known
            .iter()
            .rev()
            .filter(|m| applied.contains(&m.name().version().as_owned()))
            .take(steps)
            .collect(),
    };
    for migration in chosen {
        let name = migration.name().to_string();
        match way {
            Way::Up => conn.run_migration(migration),
            Way::Down(_) => conn.revert_migration(migration),
        }
        .map_err(|error| failed(&name, &error))?;
        report.applied.push(name);
    }
    Ok(report)
}

fn refuse_newer<DB: Backend>(
    applied: &[MigrationVersion<'static>],
    known: &[Box<dyn Migration<DB>>],
    newest: &str,
) -> Result<(), OpenError> {
    let unknown = applied
        .iter()
        .rev()
        .find(|version| !known.iter().any(|m| m.name().version().as_owned() == **version));
    match unknown {
        None => Ok(()),
        Some(version) => Err(OpenError::TooNew { found: version.to_string(), newest: newest.to_owned() }),
    }
}
