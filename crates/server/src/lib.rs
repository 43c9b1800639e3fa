//! Floor 6: the binary. Command line, composition, listeners, first start.
//!
//! Owns the one list of every kind ([`registry`](crate::registry)) and how the rooms of the house are put
//! together ([`House`]); owns no rule of the domain. Tests start the same server inside their process.

mod cli;
mod commands;
mod compose;
mod failure;
mod first_start;
mod keys;
mod library_watch;
mod log;
mod master_key;
mod outside;
mod registry;
mod seams;
mod serve;
mod version_history;

use std::{io::Write as _, process::ExitCode};

use clap::Parser as _;

pub use compose::{Circumstances, House};
pub use failure::Failure;
pub use serve::{Addresses, Serving, Stopper, TlsError};

/// Does what the command line says.
pub fn run() -> ExitCode {
    install_tls_provider();
    match commands::run(cli::Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            // Nobody is left to hear that this cannot be written.
            drop(writeln!(std::io::stderr(), "countersign: {failure}"));
            ExitCode::FAILURE
        }
    }
}

/// The OpenAPI document of the REST API, as it is committed in `docs/reference/openapi.json`.
pub fn openapi() -> Result<String, Failure> {
    let document = countersign_api::openapi(&registry::without_secrets()?);
    serde_json::to_string_pretty(&document).map_err(|error| Failure::words(error.to_string()))
}

/// The JSON schema of blueprints, as it is committed in `docs/reference/blueprint-schema.json`.
pub fn blueprint_schema() -> Result<String, Failure> {
    let schema = countersign_blueprints::schema(&registry::without_secrets()?);
    serde_json::to_string_pretty(&schema).map_err(|error| Failure::words(error.to_string()))
}

/// Every row of the REST API.
pub fn endpoints() -> Result<Vec<countersign_api::Endpoint>, Failure> {
    Ok(countersign_api::table(&registry::without_secrets()?))
}

/// Chooses the cryptography of TLS, once for the process, before anything else can.
pub fn install_tls_provider() {
    // Whoever comes second finds the same choice made.
    drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
}
