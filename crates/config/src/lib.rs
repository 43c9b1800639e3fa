//! Configuration: typed sections from a file and the environment, read once at start.
//!
//! Owns every setting the server has. `settings.rs` is the one table of them; parsing, defaults, masking,
//! suggestions for misspelt names, `config show` and `docs/reference/configuration.md` all come from it.
//! Owns no global state: the environment is a parameter, and the binary passes the real one.
//!
//! A value comes from the first of these that has one; an empty value counts as none:
//! 1. `COUNTERSIGN_<SECTION>__<KEY>`,
//! 2. `AUTHENTIK_<SECTION>__<KEY>`, then the short names of a `.env` written for authentik (`PG_PASS`,
//!    `COMPOSE_PORT_HTTP`),
//! 3. the file (YAML or TOML),
//! 4. the default.

mod check;
mod database;
mod describe;
mod environment;
mod file;
mod ignored;
mod indirection;
mod kinds;
mod load;
mod nearest;
mod problem;
mod settings;
mod table;
mod value;

pub use database::Database;
pub use describe::{Provenance, Setting, reference_markdown};
pub use kinds::{ClientCertificates, HttpUrl, ListenAddr, LogFormat, LogLevel, Rate, SslMode, Synchronous};
pub use problem::{ConfigErrors, Origin, Problem, Warning};
pub use settings::{
    Argon2, Bootstrap, Config, ContextProcessors, Email, Expressions, Limits, Listen, Log, Passwords,
    Postgresql, Reputation, Sqlite, Throttle, Tls, Web,
};
