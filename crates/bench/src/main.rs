//! `countersign-bench`: measures the server, and kills it.

use std::{
    io::{self, Write as _},
    path::PathBuf,
    process::ExitCode,
    time::Duration,
};

use clap::{Args, Parser, Subcommand};
use countersign_bench::{
    Fault, Report, crash, directory, engine, fuzz, serve_yardsticks, server_binary, speed,
};

/// Expressions are bounded in memory where it counts.
#[global_allocator]
static ALLOCATOR: countersign_alloc::CountingAllocator = countersign_alloc::CountingAllocator;

/// Measures Countersign from outside: speed, memory, and what a crash leaves behind.
#[derive(Debug, Parser)]
#[command(name = "countersign-bench", version, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Measure speed and memory against yardsticks of the same run (the default).
    Speed(SpeedArgs),
    /// Measure pages of console and API among a million users beside a thousand.
    Directory(DirectoryArgs),
    /// Measure expressions and flows by themselves, in this process.
    Engine(EngineArgs),
    /// Feed blueprints, expressions and answers to flows with what nobody would write.
    Fuzz(FuzzArgs),
    /// Kill the server under load, again and again, and look for what is lost or accepted twice.
    Crash(CrashArgs),
    /// The process of the yardsticks.
    #[command(hide = true)]
    Yardsticks { port: u16 },
}

#[derive(Debug, Default, Args)]
struct SpeedArgs {
    /// End with an error when a target is missed.
    #[arg(long)]
    check: bool,
    /// Also write the figures to this file, as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Length of one measurement in milliseconds; every figure is the median of several.
    #[arg(long, default_value = "1500", value_parser = clap::value_parser!(u64).range(100..=60_000))]
    slice: u64,
    /// Measure this server instead of building one.
    #[arg(long, value_name = "FILE")]
    server: Option<PathBuf>,
    /// Measure on this PostgreSQL server, as a role that may create databases, instead of on SQLite.
    #[arg(long, value_name = "URL")]
    postgres: Option<String>,
}

#[derive(Debug, Args)]
struct DirectoryArgs {
    /// End with an error when a target is missed.
    #[arg(long)]
    check: bool,
    /// How many users there are.
    #[arg(long, default_value = "1000000", value_parser = clap::value_parser!(u32).range(1_000..=10_000_000))]
    users: u32,
    /// Keep what was filled in this directory (and in databases of fixed names), and use what an earlier run
    /// has left there: filling takes minutes.
    #[arg(long, value_name = "DIRECTORY")]
    keep: Option<PathBuf>,
    /// How many groups there are.
    #[arg(long, default_value = "10000")]
    groups: u32,
    /// How many applications there are.
    #[arg(long, default_value = "1000")]
    applications: u32,
    /// Measure this server instead of building one.
    #[arg(long, value_name = "FILE")]
    server: Option<PathBuf>,
    /// Measure on this PostgreSQL server, as a role that may create databases, instead of on SQLite.
    #[arg(long, value_name = "URL")]
    postgres: Option<String>,
}

#[derive(Debug, Args)]
struct EngineArgs {
    /// End with an error when a target is missed.
    #[arg(long)]
    check: bool,
    /// Evaluations of one measurement; every figure is the median of several.
    #[arg(long, default_value = "5000", value_parser = clap::value_parser!(u32).range(10..=1_000_000))]
    rounds: u32,
}

#[derive(Debug, Args)]
struct FuzzArgs {
    /// What is fed.
    subject: fuzz::Subject,
    /// Where inputs come from: the same seed makes the same inputs.
    #[arg(long, default_value = "1")]
    seed: u64,
    /// For how long.
    #[arg(long, default_value = "300")]
    seconds: u64,
    /// How many inputs, however long they take.
    #[arg(long, conflicts_with = "seconds")]
    count: Option<u64>,
    /// Keep the input in hand in this file.
    #[arg(long, value_name = "FILE")]
    trace: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct CrashArgs {
    /// How often the server is killed, on each database.
    #[arg(long, default_value = "50", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    rounds: u32,
    /// Kill this server instead of building one.
    #[arg(long, value_name = "FILE")]
    server: Option<PathBuf>,
    /// Also on this PostgreSQL server, as a role that may create databases.
    #[arg(long, value_name = "URL", env = "COUNTERSIGN_TEST_DATABASE_URL")]
    postgres: Option<String>,
}

fn main() -> ExitCode {
    let command =
        Cli::parse().command.unwrap_or(Command::Speed(SpeedArgs { slice: 1500, ..SpeedArgs::default() }));
    let done = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|source| Fault::System { what: "a runtime".to_owned(), source })
        .and_then(|runtime| runtime.block_on(perform(command)));
    match done {
        Ok(code) => code,
        Err(fault) => {
            let _ = writeln!(io::stderr(), "countersign-bench: {fault}");
            ExitCode::FAILURE
        }
    }
}

async fn perform(command: Command) -> Result<ExitCode, Fault> {
    match command {
        Command::Speed(args) => measure(args).await,
        Command::Directory(args) => browse(args).await,
        Command::Engine(EngineArgs { check, rounds }) => {
            let report = engine::run(&engine::Options { rounds }).await?;
            print(&report.table());
            Ok(verdict(check, &report))
        }
        Command::Fuzz(FuzzArgs { subject, seed, seconds, count, trace }) => {
            let bound =
                count.map_or_else(|| fuzz::Bound::Time(Duration::from_secs(seconds)), fuzz::Bound::Count);
            let tally = fuzz::run(fuzz::Options { subject, seed, bound, trace }).await?;
            print(&tally.to_string());
            Ok(if tally.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        Command::Crash(args) => kill(args).await,
        Command::Yardsticks { port } => serve_yardsticks(port).await.map(|()| ExitCode::SUCCESS),
    }
}

async fn measure(args: SpeedArgs) -> Result<ExitCode, Fault> {
    let yardsticks = std::env::current_exe()
        .map_err(|source| Fault::System { what: "finding this program".to_owned(), source })?;
    let options = speed::Options {
        server: args.server.map_or_else(server_binary, Ok)?,
        yardsticks,
        postgres: args.postgres,
        slice: Duration::from_millis(args.slice),
    };
    let report = speed::run(&options).await?;
    print(&report.table());
    if let Some(file) = args.json {
        std::fs::write(&file, report.json())
            .map_err(|source| Fault::System { what: format!("writing {}", file.display()), source })?;
    }
    Ok(verdict(args.check, &report))
}

async fn browse(args: DirectoryArgs) -> Result<ExitCode, Fault> {
    let DirectoryArgs { check, users, keep, groups, applications, server, postgres } = args;
    let size = directory::Size { users, groups, applications };
    let server = server.map_or_else(server_binary, Ok)?;
    let report = directory::run(&directory::Options { server, postgres, size, keep }).await?;
    print(&report.table());
    Ok(verdict(check, &report))
}

fn verdict(check: bool, report: &Report) -> ExitCode {
    if check && !report.is_met() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

async fn kill(args: CrashArgs) -> Result<ExitCode, Fault> {
    let server = args.server.map_or_else(server_binary, Ok)?;
    let mut is_sound = true;
    for postgres in std::iter::once(None).chain(args.postgres.map(Some)) {
        let tally =
            crash::run(&crash::Options { server: server.clone(), postgres, rounds: args.rounds }).await?;
        print(&tally.to_string());
        is_sound &= tally.is_sound(Duration::from_secs(1));
    }
    Ok(if is_sound { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Whoever listened has gone when this fails.
fn print(text: &str) {
    let _ = writeln!(io::stdout(), "{text}");
}
