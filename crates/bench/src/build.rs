//! The server's binary, as fresh as the sources.

use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::{Fault, fault::While};

/// How the server is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// As tests are.
    Debug,
    /// As it is measured.
    Release,
}

/// Builds the server unless it is up to date, and says where it is.
#[expect(clippy::disallowed_methods, reason = "cargo names itself and the workspace to what it runs")]
pub fn server_binary(profile: Profile) -> Result<PathBuf, Fault> {
    let cargo = env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let mut command = Command::new(cargo);
    command.args(["build", "--locked", "--package", "countersign-server", "--bin", "countersign"]);
    if profile == Profile::Release {
        command.arg("--release");
    }
    command.args(["--message-format", "json"]);
    command.current_dir(env!("CARGO_MANIFEST_DIR")).stderr(Stdio::inherit());
    let output = command.output().during("building the server")?;
    if !output.status.success() {
        return Err(Fault::Program("the server does not build".to_owned()));
    }
    let messages = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut executables = messages.lines().filter_map(|line| {
        let message: serde_json::Value = serde_json::from_str(line).ok()?;
        Some(Path::new(message.get("executable")?.as_str()?).to_owned())
    });
    executables.next_back().ok_or_else(|| Fault::Program("cargo names no executable".to_owned()))
}
