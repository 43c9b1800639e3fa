//! Figures of speed and memory.
//!
//! The server, and each yardstick it is compared with, has one processor to itself, by turns; the load has
//! another. So a ratio says how many requests of one kind cost as much as one of the other, and figures of
//! machines with different numbers of processors can be compared. Start and idle memory are measured with all
//! processors, as people run the server.

mod flood;
mod sign_in;
mod start;
mod throughput;
mod weight;

use std::{path::PathBuf, time::Duration};

use rustix::thread::sched_setaffinity;

use crate::{
    Fault,
    application::Application,
    fault::While,
    place::{Database, Place, Server},
    process::Processors,
    report::Report,
    yardstick::Yardsticks,
};

/// What to measure with.
#[derive(Clone, Debug)]
pub struct Options {
    /// The server.
    pub server: PathBuf,
    /// This program, which is also the yardsticks.
    pub yardsticks: PathBuf,
    /// A PostgreSQL server and somebody who may create databases there; SQLite without.
    pub postgres: Option<String>,
    /// How long one measurement lasts; every figure is the median of several.
    pub slice: Duration,
}

/// How often subject and yardstick take turns.
const TURNS: usize = 5;

/// A running server with its application, and yardsticks beside it.
struct Bench {
    place: Place,
    server: Server,
    application: Application,
    yardsticks: Yardsticks,
    processors: Processors,
    slice: Duration,
}

/// Measures everything.
pub async fn run(options: &Options) -> Result<Report, Fault> {
    let processors = Processors::of_this_process().during("asking for the processors")?;
    let database = || match &options.postgres {
        Some(admin) => Database::fresh_postgres(admin, "speed"),
        None => Ok(Database::Sqlite),
    };
    let mut report = Report::new(processors.count(), database()?.label());
    start::measure(|| Place::new(&options.server, database()?, processors.all), &mut report).await?;

    sched_setaffinity(None, &processors.load).during("keeping to one processor")?;
    let place = Place::new(&options.server, database()?, processors.subject)?.without_throttles();
    let (server, _) = place.start().await?;
    let application = Application::install(&place)?;
    let neighbour = Place::new(&options.server, Database::Sqlite, processors.subject)?;
    let yardsticks = Yardsticks::start(&options.yardsticks, neighbour.address(), processors.subject).await?;
    let bench = Bench { place, server, application, yardsticks, processors, slice: options.slice };
    weight::measure(&bench, &mut report).await?;
    throughput::measure(&bench, &mut report).await?;
    sign_in::measure(&bench, &mut report).await?;
    flood::measure(&bench, &mut report).await?;
    start::measure_memory_after(&bench.server, &mut report).await?;
    bench.server.stop().await?;
    Ok(report)
}
