//! Passwords come from a terminal, without echo and twice, or from standard input. Never from arguments,
//! which every user of the machine can read.

use std::io::{self, BufRead as _, IsTerminal as _, Read as _, Write as _};

use countersign_crypto::MAX_PASSWORD_LEN;
use countersign_types::Secret;
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

use crate::Failure;

/// Asks for a new password.
pub(super) fn ask() -> Result<Secret<String>, Failure> {
    let password = if io::stdin().is_terminal() { from_terminal()? } else { from_pipe()? };
    if password.is_empty() {
        return Err(Failure::words("the password is empty"));
    }
    Ok(password)
}

fn from_terminal() -> Result<Secret<String>, Failure> {
    let first = without_echo("Password: ")?;
    let again = without_echo("The same again: ")?;
    if first.ct_eq(again.expose()) { Ok(first) } else { Err(Failure::words("the passwords differ")) }
}

fn without_echo(prompt: &str) -> Result<Secret<String>, Failure> {
    let quiet = Quiet::begin()?;
    let mut terminal = io::stderr().lock();
    write!(terminal, "{prompt}")?;
    terminal.flush()?;
    let mut line = String::new();
    let read = io::stdin().lock().read_line(&mut line);
    drop(quiet);
    writeln!(terminal)?;
    read?;
    Ok(Secret::new(line.trim_end_matches(['\r', '\n']).to_owned()))
}

/// The first line of standard input.
fn from_pipe() -> Result<Secret<String>, Failure> {
    let mut line = String::new();
    let limit = u64::try_from(MAX_PASSWORD_LEN + 2).unwrap_or(u64::MAX);
    io::stdin().lock().take(limit).read_line(&mut line)?;
    Ok(Secret::new(line.trim_end_matches(['\r', '\n']).to_owned()))
}

/// A terminal that does not show what is typed, until this is dropped.
struct Quiet(Termios);

impl Quiet {
    fn begin() -> io::Result<Self> {
        let before = tcgetattr(io::stdin())?;
        let mut quiet = before.clone();
        quiet.local_modes.remove(LocalModes::ECHO);
        tcsetattr(io::stdin(), OptionalActions::Flush, &quiet)?;
        Ok(Self(before))
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        // A terminal that cannot be restored has gone away.
        let _ = tcsetattr(io::stdin(), OptionalActions::Flush, &self.0);
    }
}
