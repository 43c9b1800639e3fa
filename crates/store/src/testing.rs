//! For tests of this and higher crates: throw-away databases of both kinds, a clock that is moved by hand, a
//! seeded source of randomness, and sample rows.
//!
//! PostgreSQL is the server whose administrator's URL stands in `COUNTERSIGN_TEST_DATABASE_URL`; without the
//! variable, a cluster is started for as long as the test process lives, if the server's programs are
//! installed. Every test gets a database of its own.

#![expect(clippy::expect_used, reason = "a test that cannot have its database has failed")]

mod cluster;
mod database;
mod determined;
mod looked;
mod orphans;
pub mod samples;

pub use database::{TestDatabase, TestStore};
pub use determined::{ManualClock, SeededRng};
pub use looked::{plan_for_millions, rows_looked_at};
pub use orphans::orphans;

/// Makes two tests of one story, `<story>::sqlite` and `<story>::postgres`. The story is a function that takes
/// a [`TestStore`] and is run on a runtime of its own.
///
/// ```ignore
/// on_both_databases! {
///     async fn a_session_ends(world: TestStore) { … }
/// }
/// ```
#[macro_export]
macro_rules! on_both_databases {
    ($($(#[$meta:meta])* async fn $story:ident($world:ident: TestStore) $body:block)+) => {$(
        $(#[$meta])*
        mod $story {
            use super::*;

            async fn story($world: $crate::testing::TestStore) $body

            #[test]
            fn sqlite() {
                $crate::testing::run($crate::Backend::Sqlite, story);
            }

            #[test]
            fn postgres() {
                $crate::testing::run($crate::Backend::Postgres, story);
            }
        }
    )+};
}

/// Takes back so many migrations, the newest first.
pub fn revert(store: &crate::Store, steps: usize) -> Result<crate::MigrationReport, crate::OpenError> {
    crate::migrate::down(store.shared(), steps)
}

/// The hand-written queries, for the test that reads them against the common subset of SQL.
pub const RAW_QUERIES: &[&str] = &crate::tables::RAW_QUERIES;

/// Runs a story on a fresh database. Without a PostgreSQL the story of that side is skipped.
pub fn run<F: Future<Output = ()>>(backend: crate::Backend, story: impl FnOnce(TestStore) -> F) {
    let Some(world) = TestStore::start(backend) else { return };
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime for the test");
    runtime.block_on(story(world));
}
