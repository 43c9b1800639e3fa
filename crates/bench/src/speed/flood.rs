//! A flood of password sign-ins must not starve the token endpoint.
//!
//! An application that asks for a token at a steady pace is timed alone, then among far more people than
//! passwords can be checked for; by turns.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use tokio::{runtime, time::sleep};

use super::{Bench, TURNS};
use crate::{
    Fault,
    browser::{Browser, End},
    fault::While,
    load::{Repeat, Samples, Visitor, closed, paced},
    place::{ADMINISTRATOR, PASSWORD},
    report::{Report, Target},
};

/// People at the door: more than the queue (64) and the threads can take.
const PEOPLE: usize = 160;
const PER_SECOND: u32 = 200;
/// Before the flood is at its height.
const RISING: Duration = Duration::from_millis(700);

pub(super) async fn measure(bench: &Bench, report: &mut Report) -> Result<(), Fault> {
    let [mut alone, mut flooded] = <[Samples; 2]>::default();
    let mut flood = Flood::default();
    let time = bench.slice * 2;
    for _ in 0..TURNS {
        let mut application = application(bench);
        alone.add(paced(&mut application, PER_SECOND, time).await?.percentile(99.0));
        let people: Vec<_> = (0..PEOPLE).map(|_| Browser::new(&bench.place)).collect();
        // On a thread of low priority: what is measured is the server, not whoever measures.
        let thread = std::thread::spawn(move || rise(people, RISING + time));
        sleep(RISING).await;
        flooded.add(paced(&mut application, PER_SECOND, time).await?.percentile(99.0));
        flood.add(&thread.join().unwrap_or_else(|_| Err(Fault::Program("the flood failed".to_owned())))?);
    }
    report.note("token endpoint, p99 alone", alone.median(), "ms");
    report.note("token endpoint, p99 in a flood of sign-ins", flooded.median(), "ms");
    let times = flooded.median() / alone.median().max(f64::EPSILON);
    report.aim("token endpoint, p99 in the flood", times, "× alone", Target::AtMost(5.0));
    let seconds = flood.took.as_secs_f64();
    report.note("sign-ins in the flood", flood.accepted as f64 / seconds, "/s");
    report.aim("refused with 503 and Retry-After", flood.busy as f64 / seconds, "/s", Target::AtLeast(1.0));
    Ok(())
}

fn application(bench: &Bench) -> Repeat {
    Repeat { connection: bench.place.connect(), request: bench.application.client_credentials(), status: 200 }
}

/// What became of the people.
#[derive(Default)]
struct Flood {
    accepted: u64,
    busy: u64,
    took: Duration,
}

impl Flood {
    fn add(&mut self, other: &Self) {
        self.accepted += other.accepted;
        self.busy += other.busy;
        self.took += other.took;
    }
}

fn rise(people: Vec<Browser>, time: Duration) -> Result<Flood, Fault> {
    rustix::process::setpriority_process(None, 15).during("lowering a priority")?;
    let runtime = runtime::Builder::new_current_thread().enable_all().build().during("a runtime")?;
    let began = Instant::now();
    let people = (0_u32..).zip(people).map(|(number, browser)| Person::new(number, browser)).collect();
    let (_, people) = runtime.block_on(closed(people, time))?;
    let mut flood = Flood::default();
    for person in people {
        // Until the last answer: those who were sent away may still be on their way.
        flood.took = flood.took.max(person.answered.saturating_duration_since(began));
        flood.accepted += person.accepted;
        flood.busy += person.busy;
    }
    Ok(flood)
}

/// Somebody in the flood.
struct Person {
    browser: Browser,
    /// How long he takes to notice that he may come back. `Retry-After` counts in seconds: without this, all would
    /// for ever return at the same moment of a second, which people do not.
    dawdles: Duration,
    accepted: u64,
    busy: u64,
    /// When he was last answered.
    answered: Instant,
}

impl Person {
    fn new(number: u32, browser: Browser) -> Self {
        let dawdles = Duration::from_millis((u64::from(number) * 389) % 1000);
        Self { browser, dawdles, accepted: 0, busy: 0, answered: Instant::now() }
    }
}

impl Visitor for Person {
    async fn visit(&mut self) -> Result<(), Fault> {
        self.browser.set_cookies(BTreeMap::new());
        let end = self.browser.sign_in(ADMINISTRATOR, PASSWORD).await?;
        self.answered = Instant::now();
        match end {
            End::Accepted(_) => self.accepted += 1,
            End::Busy(after) => {
                self.busy += 1;
                sleep(after + self.dawdles).await;
            }
            End::Refused => return Err(Fault::Program("the right password is refused".to_owned())),
        }
        Ok(())
    }
}
