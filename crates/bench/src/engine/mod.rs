//! What the engine costs by itself, without the web around it: an expression, a flow of four stages, and a flow with as
//! many bindings and policies as anybody will have.
//!
//! Everything runs in this process, on a fresh SQLite file, warm. Counted is the processor time of the whole process, so
//! that threads beside are no hiding place; passwords are hashed cheaply, and what that costs is measured alone and
//! taken off.

mod house;
mod walk;

use std::time::{Duration, Instant};

use countersign_policies::{KnownDevices, Source};
use rustix::time::{ClockId, clock_gettime};

use crate::{
    Fault, Report,
    load::{Samples, millis},
    report::Target,
};

pub(crate) use self::{
    house::{House, PROMPTS, SIGN_IN, USERNAME},
    walk::answer_to,
};

/// What is measured.
#[derive(Debug)]
pub struct Options {
    /// Evaluations of one measurement. Flows are walked a tenth as often.
    pub rounds: u32,
}

/// Measurements of which the median is taken.
const TURNS: usize = 5;
/// Bindings, and policies, of the large flow.
const MANY: u32 = 200;

/// The expressions: what they are, what they say.
const EXPRESSIONS: [(&str, &str); 4] = [
    ("a trivial expression", "return True"),
    (
        "an expression that compares",
        "return request.user.email.endswith(\"@example.com\") and not ak_is_sso_flow",
    ),
    (
        "the claims of a profile",
        "return {\"name\": request.user.name, \"preferred_username\": request.user.username,\n    \
         \"groups\": [group.name for group in request.user.groups.all()]}",
    ),
    (
        "an expression with a loop of its own",
        "count = 0\nwhile count < 3:\n    count = count + 1\nreturn count == 3",
    ),
];

/// Measures, and says what came of it.
pub async fn run(options: &Options) -> Result<Report, Fault> {
    let house = House::open().await?;
    let mut report = Report::new(1, "SQLite");
    for (at, (name, text)) in EXPRESSIONS.into_iter().enumerate() {
        let source = Source::new(name, text);
        let cost = house.repeat(options.rounds, async || house.evaluate(&source).await).await?;
        let title = format!("{name}, processor time");
        match at {
            0 => report.aim(title, cost.processor, "µs", Target::AtMost(30.0)),
            _ => report.note(title, cost.processor, "µs"),
        }
        report.note("  from question to answer", cost.wall, "µs");
    }
    let rounds = (options.rounds / 10).max(1);
    let hash = house.repeat(rounds, async || house.compare_password().await).await?;
    let strange = KnownDevices::default();
    let known = walk::sign_in(&house, &strange).await?;
    let walk = house.repeat(rounds, async || walk::sign_in(&house, &known).await.map(drop)).await?;
    let first = house.repeat(rounds, async || walk::sign_in(&house, &strange).await.map(drop)).await?;
    let beside = walk.processor - hash.processor;
    report.aim("a flow of four stages, beside hashing", beside, "µs", Target::AtMost(200.0));
    report.note("  the cheap hash, which is taken off", hash.processor, "µs");
    report.note("  from the first page to the session", walk.wall, "µs");
    report.note("  in a new browser, with a letter", first.processor - hash.processor, "µs");
    house.add_large_flow(MANY).await?;
    let large = house.repeat(rounds.div_ceil(10), async || walk::open_large(&house).await).await?;
    let title = format!("planning a flow with {MANY} bindings and {MANY} policies");
    report.aim(title, large.wall / 1000.0, "ms", Target::AtMost(5.0));
    report.note("  processor time", large.processor / 1000.0, "ms");
    Ok(report)
}

/// What one of many costs, in µs.
struct Cost {
    processor: f64,
    wall: f64,
}

impl House {
    /// Does something so often, several times over.
    async fn repeat(&self, rounds: u32, work: impl AsyncFn() -> Result<(), Fault>) -> Result<Cost, Fault> {
        let (mut processor, mut wall) = (Samples::default(), Samples::default());
        for _ in 0..rounds.div_ceil(10) {
            work().await?;
        }
        for _ in 0..TURNS {
            let (cpu, began) = (processor_time(), Instant::now());
            for _ in 0..rounds {
                work().await?;
            }
            let each = |spent: Duration| millis(spent) * 1000.0 / f64::from(rounds);
            processor.add(each(processor_time().saturating_sub(cpu)));
            wall.add(each(began.elapsed()));
        }
        Ok(Cost { processor: processor.median(), wall: wall.median() })
    }
}

/// Processor time of this process so far.
fn processor_time() -> Duration {
    let spent = clock_gettime(ClockId::ProcessCPUTime);
    let seconds = u64::try_from(spent.tv_sec).unwrap_or(0);
    Duration::new(seconds, u32::try_from(spent.tv_nsec).unwrap_or(0))
}
