//! The server killed under load, again and again.
//!
//! People enrol and change their passwords, applications exchange codes and rotate refresh tokens, until
//! `kill -9`. The server is started again, and then: every write that was acknowledged is there, every code and
//! refresh generation that was accepted is refused, the latest ones are accepted once, though two ask at the
//! same moment. What was under way when the server died may have happened or not, but not by halves.
//!
//! A process that is killed leaves the system's caches behind: this shows the order of commit and answer, not
//! what a power cut does (`sqlite.synchronous`).

mod grants;
mod people;
mod tally;

use std::{path::PathBuf, time::Duration};

use tokio::{task::LocalSet, time::sleep};

pub use tally::Tally;

use self::{
    grants::Holder,
    people::{Changer, Enroller},
};
use crate::{
    Fault,
    application::Application,
    fault::While,
    place::{Database, Place},
    process::Processors,
};

/// What to kill, and how often.
#[derive(Clone, Debug)]
pub struct Options {
    /// The server.
    pub server: PathBuf,
    /// A PostgreSQL server and somebody who may create databases there; SQLite without.
    pub postgres: Option<String>,
    /// How often.
    pub rounds: u32,
}

const ENROLLERS: u32 = 3;
const CHANGERS: u32 = 2;
const HOLDERS: u32 = 6;

/// Kills the server so many times; what was found afterwards.
pub async fn run(options: &Options) -> Result<Tally, Fault> {
    let database = match &options.postgres {
        Some(admin) => Database::fresh_postgres(admin, "crash")?,
        None => Database::Sqlite,
    };
    let processors = Processors::of_this_process().during("asking for the processors")?;
    let mut place = Place::new(&options.server, database, processors.all)?.without_throttles();
    let end = live_and_die(&place, options.rounds).await;
    let with_log = |fault| Fault::Program(format!("{fault}\nThe server's log ends:\n{}", place.log_tail()));
    let mut tally = end.map_err(with_log)?;
    if !tally.is_intact() {
        tally.complain(format!("database and log are kept in {}", place.keep().display()));
    }
    Ok(tally)
}

async fn live_and_die(place: &Place, rounds: u32) -> Result<Tally, Fault> {
    let mut tally = Tally::new(place.database().label());
    let (mut server, _) = place.start().await?;
    let application = Application::install(place)?;
    let mut crowd = crowd(place, &application).await?;
    for round in 0..rounds {
        let lives = LocalSet::new();
        let tasks: Vec<_> = crowd.into_iter().map(|actor| lives.spawn_local(actor.live())).collect();
        // Never the same moment of what is under way.
        let moment = Duration::from_millis(u64::from(150 + round * 97 % 450));
        lives.run_until(sleep(moment)).await;
        server.kill()?;
        lives.await;
        crowd = Vec::new();
        for task in tasks {
            crowd.push(task.await.map_err(|error| Fault::Program(error.to_string()))??);
        }
        let (started, took) = place.start().await?;
        server = started;
        tally.restarted(took);
        for actor in &mut crowd {
            actor.look_back(place, &mut tally).await?;
        }
        if !tally.is_intact() {
            // Whoever lost something cannot go on from there.
            return Ok(tally);
        }
    }
    for actor in &mut crowd {
        actor.look_back_on_all(place, &mut tally).await?;
    }
    server.stop().await?;
    Ok(tally)
}

async fn crowd(place: &Place, application: &Application) -> Result<Vec<Actor>, Fault> {
    let mut crowd = Vec::new();
    for number in 0..ENROLLERS {
        crowd.push(Actor::Enroller(Enroller::new(place, number)));
    }
    for number in 0..CHANGERS {
        crowd.push(Actor::Changer(Changer::new(place, number).await?));
    }
    for number in 0..HOLDERS {
        crowd.push(Actor::Holder(Holder::new(place, application, number).await?));
    }
    Ok(crowd)
}

/// Somebody who writes, and remembers what was acknowledged.
enum Actor {
    Enroller(Enroller),
    Changer(Changer),
    Holder(Holder),
}

impl Actor {
    /// Writes until the server is gone.
    async fn live(mut self) -> Result<Self, Fault> {
        loop {
            let done = match &mut self {
                Self::Enroller(enroller) => enroller.act().await,
                Self::Changer(changer) => changer.act().await,
                Self::Holder(holder) => holder.act().await,
            };
            match done {
                Ok(()) => {}
                Err(Fault::System { .. }) => return Ok(self),
                Err(fault) => return Err(fault),
            }
        }
    }

    /// Looks for what was acknowledged since the last restart.
    async fn look_back(&mut self, place: &Place, tally: &mut Tally) -> Result<(), Fault> {
        match self {
            Self::Enroller(enroller) => enroller.look_back(place, tally).await,
            Self::Changer(changer) => changer.look_back(place, tally).await,
            Self::Holder(holder) => holder.look_back(place, tally).await,
        }
    }

    /// Looks for everything that was ever acknowledged.
    async fn look_back_on_all(&mut self, place: &Place, tally: &mut Tally) -> Result<(), Fault> {
        match self {
            Self::Enroller(enroller) => enroller.look_back_on_all(place, tally).await,
            Self::Changer(changer) => changer.look_back(place, tally).await,
            Self::Holder(holder) => holder.look_back_on_all(tally).await,
        }
    }
}
