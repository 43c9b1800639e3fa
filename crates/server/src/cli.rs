//! The command line. Shapes and help only; what a command does stands in [`crate::commands`].

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// Identity provider: signs people in to everything they use.
#[derive(Debug, Parser)]
#[command(name = "countersign", version, max_term_width = 100)]
pub(crate) struct Cli {
    /// Configuration file (YAML or TOML). The environment wins over it.
    #[arg(long, short, global = true, env = "COUNTERSIGN_CONFIG", value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the server. Prepares the database first.
    Serve,
    /// Bring the database up to date, and stop.
    Migrate,
    /// Apply, export or check blueprints.
    #[command(subcommand)]
    Blueprint(BlueprintCommand),
    /// Make users, set passwords, help people back in.
    #[command(subcommand)]
    User(UserCommand),
    /// Rotate signing keys.
    #[command(subcommand)]
    Key(KeyCommand),
    /// Look whether mail goes out.
    #[command(subcommand)]
    Mail(MailCommand),
    /// Ask the server on this machine whether it is ready; for containers.
    Healthcheck,
    /// Show the configuration in force.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Print the OpenAPI document of the REST API.
    Openapi,
}

/// Blueprints.
#[derive(Debug, Subcommand)]
pub(crate) enum BlueprintCommand {
    /// Apply a file. All of it is applied, or nothing.
    Apply {
        /// Blueprint file.
        file: PathBuf,
        /// Values for the blueprint's context.
        #[arg(long, value_name = "NAME=VALUE", value_parser = name_and_value)]
        context: Vec<(String, String)>,
        /// Print the report as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Check a file against the database without changing anything.
    Validate {
        /// Blueprint file.
        file: PathBuf,
        /// Values for the blueprint's context.
        #[arg(long, value_name = "NAME=VALUE", value_parser = name_and_value)]
        context: Vec<(String, String)>,
    },
    /// Say what applying a file would make different, attribute by attribute, without changing anything.
    Diff {
        /// Blueprint file.
        file: PathBuf,
        /// Values for the blueprint's context.
        #[arg(long, value_name = "NAME=VALUE", value_parser = name_and_value)]
        context: Vec<(String, String)>,
        /// Print the differences as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Print objects as a blueprint. Secrets are left out.
    Export(ExportArgs),
    /// Print the JSON schema of the format, for editors.
    Schema,
}

/// What to export.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct ExportArgs {
    /// A flow by its slug, with everything bound to it.
    #[arg(long, value_name = "SLUG")]
    pub(crate) flow: Option<String>,
    /// An application by its slug, with its provider.
    #[arg(long, value_name = "SLUG")]
    pub(crate) application: Option<String>,
    /// The whole configuration.
    #[arg(long)]
    pub(crate) all: bool,
}

/// Users.
#[derive(Debug, Subcommand)]
pub(crate) enum UserCommand {
    /// Make a user. Asks for a password on a terminal, or reads it from standard input.
    Create {
        /// User name.
        username: String,
        /// Display name.
        #[arg(long, default_value = "")]
        name: String,
        /// E-mail address.
        #[arg(long, default_value = "")]
        email: String,
        /// Put the user into the administrators' group.
        #[arg(long)]
        admin: bool,
        /// Make the user without a password.
        #[arg(long)]
        no_password: bool,
    },
    /// Set a user's password. Asks for it on a terminal, or reads it from standard input.
    SetPassword {
        /// User name.
        username: String,
    },
    /// Print a link that signs a user in once.
    RecoveryLink {
        /// User name.
        username: String,
        /// How long the link is good for.
        #[arg(long, default_value = "60", value_name = "MINUTES", value_parser = clap::value_parser!(u32).range(1..=10_080))]
        minutes: u32,
    },
}

/// Signing keys.
#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    /// Make a new generation of a key pair. It is published at once and signs after the overlap.
    Rotate {
        /// Name of the key pair.
        name: String,
        /// Minutes until the new key signs, so that relying parties can fetch it first.
        #[arg(long, default_value = "60", value_name = "MINUTES", value_parser = clap::value_parser!(u32).range(0..=10_080))]
        overlap: u32,
    },
}

/// Mail.
#[derive(Debug, Subcommand)]
pub(crate) enum MailCommand {
    /// Send a test message now, and say how it went.
    Test {
        /// E-mail address that gets it.
        address: String,
    },
}

/// Configuration.
#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Print every setting, its value and where that came from. Secrets are masked.
    Show,
}

fn name_and_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("write it as NAME=VALUE".to_owned()),
    }
}
