//! `cargo xtask <check>`: the checks that no compiler does for us.
//!
//! Owns the rules about the shape of this repository: who may depend on whom, where `unsafe` and kinds may be
//! named, that migrations exist in pairs, and that links lead somewhere. Owns nothing that the product runs.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

mod links;
mod migrations;
mod walls;

const USAGE: &str = "usage: cargo xtask <check>

checks:
  walls       every crate keeps to its floor and its rules
  migrations  every migration exists for SQLite and for PostgreSQL, with a way back
  links       every link between Markdown files leads somewhere
";

/// What a check found: nothing, or one line for each thing that is wrong.
type Findings = Result<Vec<String>, CheckError>;

/// The check itself could not be made.
#[derive(Debug, thiserror::Error)]
enum CheckError {
    #[error("cargo metadata: {0}")]
    Metadata(#[from] cargo_metadata::Error),
    #[error("cannot read {path}: {source}")]
    Read { path: String, source: std::io::Error },
    #[error("{path} is no manifest: {source}")]
    Manifest { path: String, source: toml::de::Error },
}

impl CheckError {
    fn read(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.display().to_string();
        move |source| Self::Read { path, source }
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [check] = arguments.as_slice() else { return usage() };
    let findings = match check.as_str() {
        "walls" => walls::check(),
        "migrations" => migrations::check(Path::new("migrations")),
        "links" => links::check(Path::new(".")),
        _ => return usage(),
    };
    report(check, findings)
}

fn usage() -> ExitCode {
    say(USAGE);
    ExitCode::from(2)
}

fn report(check: &str, findings: Findings) -> ExitCode {
    match findings {
        Ok(found) if found.is_empty() => {
            say(&format!("{check}: in order\n"));
            ExitCode::SUCCESS
        }
        Ok(found) => {
            for line in &found {
                say(&format!("{check}: {line}\n"));
            }
            say(&format!("{check}: {} found\n", found.len()));
            ExitCode::FAILURE
        }
        Err(error) => {
            say(&format!("{check}: could not be checked: {error}\n"));
            ExitCode::FAILURE
        }
    }
}

/// Writes to standard output. A reader that has gone away is no reason to fail: the exit code speaks.
fn say(text: &str) {
    let _gone = std::io::stdout().write_all(text.as_bytes());
}
