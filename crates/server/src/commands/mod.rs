//! What each command does.

mod blueprint;
mod config;
mod healthcheck;
mod key;
mod mail;
mod password;
mod serve;
mod user;

use std::io::{self, Write as _};

use countersign_config::Config;

use crate::{
    Circumstances, Failure, House,
    cli::{BlueprintCommand, Cli, Command, ConfigCommand, KeyCommand},
    log,
};

/// Does what the command line says.
pub(crate) fn run(cli: Cli) -> Result<(), Failure> {
    let config = Config::load(cli.config.as_deref(), std::env::vars_os())?;
    match cli.command {
        Command::Serve => serve::serve(config),
        Command::Migrate => migrate(config),
        Command::Healthcheck => healthcheck::healthcheck(&config),
        Command::Config(ConfigCommand::Show) => config::show(&config),
        Command::Blueprint(BlueprintCommand::Schema) => say(&crate::blueprint_schema()?),
        Command::Blueprint(command) => blueprint::run(&open(config)?, command),
        Command::User(command) => user::run(&open(config)?, command),
        Command::Mail(command) => mail::run(&open(config)?, command),
        Command::Openapi => say(&crate::openapi()?),
        Command::Key(KeyCommand::Rotate { name, overlap }) => key::rotate(&open(config)?, &name, overlap),
    }
}

/// The house, for a command that works on the database and ends.
fn open(config: Config) -> Result<House, Failure> {
    log::begin(&config, log::Voice::Quiet);
    let house = House::open(config, Circumstances::real())?;
    // The server asks its rules about what commands do.
    house.store.listen(|_| true);
    Ok(house)
}

fn migrate(config: Config) -> Result<(), Failure> {
    log::begin(&config, log::Voice::Quiet);
    let database = config.database().redacted();
    let house = House::open(config, Circumstances::real())?;
    house.store.close();
    say(&format!("{database} is up to date."))
}

/// Prints a line for whoever called.
fn say(line: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}

/// Runs a future to its end on this thread.
fn wait_for<T>(future: impl Future<Output = T>) -> Result<T, Failure> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(future))
}
