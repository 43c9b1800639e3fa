//! Migrations: each way, the same on both sides, within the common subset of SQL.

use std::{collections::BTreeMap, fs, path::Path, sync::Arc, thread};

use countersign_store::{
    Backend, OpenError, StoreError,
    testing::{self, ManualClock, SeededRng, TestDatabase, TestStore},
};
use diesel::{
    Connection, PgConnection, QueryableByName, RunQueryDsl, SqliteConnection, connection::SimpleConnection,
    sql_types::Text,
};

#[derive(QueryableByName, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

const SQLITE_DUMP: &str = "SELECT type || ' ' || name || ' ' || coalesce(sql, '') AS line FROM sqlite_master \
     WHERE name NOT LIKE '\\_\\_diesel%' ESCAPE '\\' AND name NOT LIKE 'sqlite_autoindex%' ORDER BY 1";
const POSTGRES_DUMP: &str = "SELECT table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable \
     AS line FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_%' \
     UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename NOT LIKE '\\_\\_%' \
     UNION ALL SELECT conrelid::regclass || ' ' || pg_get_constraintdef(oid) FROM pg_constraint \
     WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text NOT LIKE '\\_\\_%' ORDER BY 1";
const SQLITE_COLUMNS: &str = "SELECT m.name || '.' || c.name || CASE WHEN c.\"notnull\" THEN '' ELSE '?' END AS line \
     FROM sqlite_master m, pragma_table_info(m.name) c \
     WHERE m.type = 'table' AND m.name NOT LIKE '\\_\\_diesel%' ESCAPE '\\' ORDER BY 1";
const POSTGRES_COLUMNS: &str = "SELECT table_name || '.' || column_name || \
     CASE is_nullable WHEN 'YES' THEN '?' ELSE '' END AS line FROM information_schema.columns \
     WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_%'";

fn ask(database: &TestDatabase, backend: Backend, sqlite: &str, postgres: &str) -> Vec<String> {
    let url = &database.options.url;
    let mut lines: Vec<Line> = match backend {
        Backend::Sqlite => {
            diesel::sql_query(sqlite).load(&mut SqliteConnection::establish(url).unwrap()).unwrap()
        }
        Backend::Postgres => {
            diesel::sql_query(postgres).load(&mut PgConnection::establish(url).unwrap()).unwrap()
        }
    };
    lines.sort();
    lines.into_iter().map(|line| line.line).collect()
}

#[test]
fn up_down_up_comes_back_to_the_same_tables() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let Some(world) = TestStore::start(backend) else { continue };
        let first = ask(&world.database, backend, SQLITE_DUMP, POSTGRES_DUMP);
        assert!(first.len() > 50);
        let reverted = testing::revert(world.store(), usize::MAX).unwrap();
        assert_eq!(ask(&world.database, backend, SQLITE_DUMP, POSTGRES_DUMP), Vec::<String>::new());
        let mut applied = world.migrate().unwrap().applied;
        applied.reverse();
        assert_eq!(applied, reverted.applied);
        assert_eq!(ask(&world.database, backend, SQLITE_DUMP, POSTGRES_DUMP), first);
        assert_eq!(world.migrate().unwrap().applied, Vec::<String>::new());
    }
}

#[test]
fn both_sides_have_the_same_tables_and_columns() {
    let sqlite = TestStore::start(Backend::Sqlite).unwrap();
    let Some(postgres) = TestStore::start(Backend::Postgres) else { return };
    assert_eq!(
        ask(&sqlite.database, Backend::Sqlite, SQLITE_COLUMNS, POSTGRES_COLUMNS),
        ask(&postgres.database, Backend::Postgres, SQLITE_COLUMNS, POSTGRES_COLUMNS)
    );
}

#[test]
fn the_folders_have_the_same_names() {
    let names = |side: &str| -> Vec<String> { sources(side).into_keys().collect() };
    assert_eq!(names("sqlite"), names("postgres"));
}

#[test]
fn a_database_newer_than_the_program_is_refused_by_name() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let Some(world) = TestStore::start(backend) else { continue };
        let future = "INSERT INTO __diesel_schema_migrations (version) VALUES ('20990101000001')";
        let url = &world.database.options.url;
        match backend {
            Backend::Sqlite => SqliteConnection::establish(url).unwrap().batch_execute(future).unwrap(),
            Backend::Postgres => PgConnection::establish(url).unwrap().batch_execute(future).unwrap(),
        }
        let error = world.migrate().unwrap_err();
        assert!(matches!(&error, OpenError::TooNew { found, .. } if found == "20990101000001"), "{error}");
        assert!(error.to_string().contains("20990101000001"));
    }
}

#[test]
fn several_processes_may_start_at_once() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let Some(database) = TestDatabase::new(backend) else { continue };
        let database = Arc::new(database);
        let threads: Vec<_> = (0..4)
            .map(|seed| {
                let database = Arc::clone(&database);
                thread::spawn(move || {
                    let store = database
                        .open(Arc::new(ManualClock::default()), Arc::new(SeededRng::new(seed)))
                        .unwrap();
                    store.migrate().unwrap().applied.len()
                })
            })
            .collect();
        let mut applied: Vec<usize> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
        applied.sort_unstable();
        assert_eq!(applied[..3], [0, 0, 0]);
        assert!(applied[3] > 0);
    }
}

#[test]
fn an_address_that_is_none_is_refused_without_its_password() {
    for address in ["mysql://root:hunter2@db/x", "", "sqlite::memory:"] {
        let mut database = TestDatabase::new(Backend::Sqlite).unwrap();
        address.clone_into(&mut database.options.url);
        let opened = database.open(Arc::new(ManualClock::default()), Arc::new(SeededRng::new(1)));
        let error = opened.err().unwrap();
        assert!(matches!(error, OpenError::Address(_)));
        assert!(!error.to_string().contains("hunter2"));
    }
}

/// What SQLite, PostgreSQL and the engines compatible with it do not have in common.
const FORBIDDEN: &[&str] = &[
    "serial",
    "sequence",
    "nextval",
    "autoincrement",
    "trigger",
    "create function",
    "create rule",
    "now(",
    "current_timestamp",
    "current_date",
    "datetime(",
    "advisory",
    "listen ",
    "notify ",
    "deferrable",
    "exclude ",
    "inherits",
    "lock table",
    "create type",
    "citext",
    "xmin",
    "ctid",
    "temporary",
    "temp table",
    " offset ",
    "json_",
    "jsonb",
    "::",
    "ilike",
    "skip locked",
    "for update",
    "timestamptz",
    "generated always",
    "strftime",
];
const HOT: &[&str] = &[
    "sessions",
    "flow_plans",
    "tokens",
    "events",
    "grants",
    "authorization_codes",
    "consents",
    "throttles",
    "jobs",
];

#[test]
fn every_statement_stays_within_the_common_subset() {
    for side in ["sqlite", "postgres"] {
        for (name, sql) in sources(side) {
            check(&format!("{side}/{name}"), &sql);
        }
    }
    for query in testing::RAW_QUERIES {
        check("a query", query);
    }
}

#[test]
fn the_hottest_tables_have_no_foreign_keys() {
    for side in ["sqlite", "postgres"] {
        for (name, sql) in sources(side) {
            for statement in sql.split(';').map(str::trim_start) {
                let hot = HOT.iter().any(|table| statement.contains(&format!("CREATE TABLE {table} ")));
                assert!(!(hot && statement.contains("REFERENCES")), "{side}/{name}: {statement}");
            }
        }
    }
}

fn check(place: &str, sql: &str) {
    let code: String =
        sql.lines().map(|line| line.split("--").next().unwrap().to_lowercase() + "\n").collect();
    for word in FORBIDDEN {
        assert!(!code.contains(word), "{place} has {word:?}");
    }
}

/// Every file of a side, `<migration>/<up or down>` to its text.
fn sources(side: &str) -> BTreeMap<String, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations").join(side);
    let mut found = BTreeMap::new();
    for migration in fs::read_dir(root).unwrap() {
        let migration = migration.unwrap();
        for file in ["up.sql", "down.sql"] {
            let name = format!("{}/{file}", migration.file_name().to_str().unwrap());
            found.insert(name, fs::read_to_string(migration.path().join(file)).unwrap());
        }
    }
    assert!(!found.is_empty());
    found
}

#[test]
fn an_unmigrated_database_fails_its_callers_and_not_its_threads() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let Some(database) = TestDatabase::new(backend) else { continue };
        let store = database.open(Arc::new(ManualClock::default()), Arc::new(SeededRng::new(1))).unwrap();
        let early: Result<_, StoreError> = store.read_blocking(countersign_store::settings::all);
        assert!(early.is_err());
        assert!(!store.is_ready());
        store.migrate().unwrap();
        assert!(store.read_blocking(countersign_store::settings::all).is_ok());
        assert!(store.is_ready());
    }
}
