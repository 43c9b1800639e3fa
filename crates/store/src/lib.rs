//! Floor 2: the only crate that sees diesel.
//!
//! Owns connections, tables, migrations, the unit of work and the threads on which it runs, the snapshot of
//! cold configuration, the cache of subjects, and the announcement of changes between processes. Owns no
//! rule of the domain: what may be written is decided above, what must hold between rows is held here.
//!
//! ```text
//! caller --closure--> queue (bounded) --> thread: begin · closure(&mut Tx) · commit --> changes --> answer
//! ```
//!
//! SQLite has one writer, which groups what waits into one commit, and a few readers. PostgreSQL has a
//! bounded set of connections, each on its own thread, opened when first needed. Waiting is bounded and ends
//! in [`StoreError::Busy`].
//!
//! The SQL is the subset that SQLite, PostgreSQL and the engines compatible with it share: no sequences,
//! triggers, `now()`, advisory locks; identifiers and times are made by the program.

mod cached;
mod change;
mod changes;
mod checkpoint;
mod columns;
mod conn;
mod consent;
mod cost;
mod dialect;
mod error;
mod lane;
mod list;
mod migrate;
mod moments;
mod options;
mod queue;
mod remembered;
mod schema;
mod session;
mod shared;
mod snapshot;
mod store;
mod subject;
mod tables;
#[cfg(feature = "testing")]
pub mod testing;
mod token;
mod tx;
mod unit;
mod watch;
mod writer;

pub use change::Change;
pub use cost::{Cost, CostMeter, Trips};
pub use error::{Conflict, ConflictRule, OpenError, StoreError};
pub use list::{Count, ListRequest, Listed, Sort, Start};
pub use migrate::MigrationReport;
pub use options::{Backend, Durability, Isolation, StoreOptions};
pub use snapshot::Snapshot;
pub use store::Store;
pub use tables::{
    applications, blueprint_instances, blueprint_objects, brands, codes, config_objects, consents, counters,
    events, expired, flow_stage_bindings, flows, grants, groups, invitations, jobs, key_pairs, notifications,
    object_refs, password_history, plans, policy_bindings, providers, reputations, revisions, roles,
    schedules, sessions, settings, throttles, tokens, users,
};
pub use tx::Tx;
