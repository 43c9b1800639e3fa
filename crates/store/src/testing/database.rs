//! A database for one test.

use std::{
    ops::Deref,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use diesel::{Connection, PgConnection, connection::SimpleConnection};

use super::{ManualClock, SeededRng, cluster};
use crate::{Backend, OpenError, Store, StoreOptions};

/// An empty database that is gone when this is dropped.
pub struct TestDatabase {
    /// How to open it; tests may change it before they do.
    pub options: StoreOptions,
    place: Place,
}

enum Place {
    /// Removed with the folder.
    Folder { _folder: tempfile::TempDir },
    /// Dropped by an administrator.
    Server { admin: String, name: String },
}

impl TestDatabase {
    /// A fresh one; none when it would have to be a PostgreSQL and there is no server.
    pub fn new(backend: Backend) -> Option<Self> {
        match backend {
            Backend::Sqlite => Some(Self::sqlite()),
            Backend::Postgres => Self::postgres(),
        }
    }

    fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a folder for the database");
        let path = folder.path().join("countersign.db");
        let options = StoreOptions::new(path.to_str().expect("UTF-8"));
        Self { options, place: Place::Folder { _folder: folder } }
    }

    fn postgres() -> Option<Self> {
        static COUNTER: AtomicU32 = AtomicU32::new(0);
        let admin = cluster::admin()?;
        let name =
            format!("countersign_test_{}_{}", std::process::id(), COUNTER.fetch_add(1, Ordering::Relaxed));
        let admin_url = admin.replace("{}", "postgres");
        let mut conn = PgConnection::establish(&admin_url).expect("a connection of the administrator");
        conn.batch_execute(&format!("DROP DATABASE IF EXISTS {name}")).expect("no database of that name");
        conn.batch_execute(&format!("CREATE DATABASE {name} TEMPLATE template0")).expect("a database");
        let options = StoreOptions::new(admin.replace("{}", &name));
        Some(Self { options, place: Place::Server { admin: admin_url, name } })
    }

    /// Opens it, without migrating it.
    pub fn open(&self, clock: Arc<ManualClock>, rng: Arc<SeededRng>) -> Result<Store, OpenError> {
        Store::open(self.options.clone(), clock, rng)
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if let Place::Server { admin, name } = &self.place
            && let Ok(mut conn) = PgConnection::establish(admin)
        {
            // What is left behind goes with the cluster.
            let _ = conn.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        }
    }
}

/// A migrated store on a fresh database, with the hands that move its time.
pub struct TestStore {
    store: Store,
    /// The store's clock.
    pub clock: Arc<ManualClock>,
    /// The store's source of randomness.
    pub rng: Arc<SeededRng>,
    /// The database, for who wants to open it a second time.
    pub database: TestDatabase,
}

impl TestStore {
    /// A fresh one; none when it would have to be a PostgreSQL and there is no server.
    pub fn start(backend: Backend) -> Option<Self> {
        Self::start_with(backend, |_| {})
    }

    /// A fresh one with other options.
    pub fn start_with(backend: Backend, change: impl FnOnce(&mut StoreOptions)) -> Option<Self> {
        let mut database = TestDatabase::new(backend)?;
        database.options.poll_interval = Duration::from_millis(20);
        change(&mut database.options);
        let (clock, rng) = (Arc::new(ManualClock::default()), Arc::new(SeededRng::new(1)));
        let store = database.open(Arc::clone(&clock), Arc::clone(&rng)).expect("an open store");
        store.migrate().expect("tables");
        Some(Self { store, clock, rng, database })
    }

    /// The store.
    pub const fn store(&self) -> &Store {
        &self.store
    }

    /// Another process on the same database: its own threads, caches and announcements.
    pub fn neighbour(&self, seed: u64) -> Store {
        let rng = Arc::new(SeededRng::new(seed));
        let store = self.database.open(Arc::clone(&self.clock), rng).expect("a second store");
        store.migrate().expect("tables");
        store
    }
}

impl Deref for TestStore {
    type Target = Store;

    fn deref(&self) -> &Store {
        &self.store
    }
}
