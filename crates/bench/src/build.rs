//! The server's binary, as fresh as the sources.

use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::{Fault, fault::While};

/// Builds the server unless it is up to date, in the profile of this program, and says where it is. So whoever
/// chooses how the bench is built (`make bench`, `make test`) has chosen for the server too.
#[expect(clippy::disallowed_methods, reason = "cargo names itself to what it runs")]
pub fn server_binary() -> Result<PathBuf, Fault> {
    let cargo = env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let mut command = Command::new(cargo);
    command.args(["build", "--locked", "--package", "countersign-server", "--bin", "countersign"]);
    command.args(["--profile", &profile()?, "--message-format", "json"]);
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

/// The profile that this program was built in: the name of its directory, which for `dev` is `debug`.
fn profile() -> Result<String, Fault> {
    let program = env::current_exe().during("finding this program")?;
    // Tests are in `deps` below it.
    let directory = program.ancestors().skip(1).find(|path| !path.ends_with("deps"));
    let name = directory.and_then(Path::file_name).and_then(|name| name.to_str());
    match name {
        Some("debug") => Ok("dev".to_owned()),
        Some(name) => Ok(name.to_owned()),
        None => Err(Fault::Program(format!("{} is in no directory of a profile", program.display()))),
    }
}
