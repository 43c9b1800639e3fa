//! What a sign-in costs the server beside argon2.
//!
//! Passwords are hashed on threads of their own, whose processor time the system tells apart. As a check, the
//! same comparison of a password is measured in the yardstick and subtracted. One person signs in at a time,
//! to a server that has every processor, as where it is at home: on a single one each hash would drive
//! everything else out of that processor's caches, and the rest of the sign-in would pay for it.

use std::{collections::BTreeMap, time::Instant};

use super::{Bench, TURNS};
use crate::{
    Fault,
    browser::{Browser, End},
    fault::While,
    http::{Connection, Request},
    load::{Samples, millis},
    place::{ADMINISTRATOR, PASSWORD},
    process::{cpu, cpu_of_threads, spread},
    report::{Report, Target},
    yardstick::{ARGON2, HELLO},
};

/// Name of the threads that hash passwords.
const THREADS: &str = "password";
/// The system counts processor time in steps of 10 ms: so many make that 0.1 ms.
const SIGN_INS: usize = 100;

pub(super) async fn measure(bench: &Bench, report: &mut Report) -> Result<(), Fault> {
    let [mut whole, mut argon2, mut yardstick, mut latencies] = <[Samples; 4]>::default();
    let spread = |cpus| spread(bench.server.pid(), cpus).during("choosing processors for the server");
    spread(bench.processors.all)?;
    let mut browser = Browser::new(&bench.place);
    // The thread that is looked at has to be there before and after.
    sign_in(&mut browser).await?;
    for _ in 0..TURNS {
        let (total, hashing) = times(bench)?;
        for _ in 0..SIGN_INS {
            let began = Instant::now();
            sign_in(&mut browser).await?;
            latencies.add(millis(began.elapsed()));
        }
        let (total_after, hashing_after) = times(bench)?;
        whole.add((total_after - total) / SIGN_INS as f64);
        argon2.add((hashing_after - hashing) / SIGN_INS as f64);
        let hello = of_yardstick(bench, HELLO).await?;
        yardstick.add(of_yardstick(bench, ARGON2).await? - hello);
    }
    spread(bench.processors.subject)?;
    report.note("sign-in (4 requests), latency p50", latencies.median(), "ms");
    report.note("sign-in, processor time", whole.median(), "ms");
    report.note("  of it argon2", argon2.median(), "ms");
    let beside = whole.median() - argon2.median();
    report.aim("sign-in, processor time beside argon2", beside, "ms", Target::AtMost(2.0));
    report.note("yardstick: argon2 of the same parameters", yardstick.median(), "ms");
    report.note("  sign-in less that", whole.median() - yardstick.median(), "ms");
    Ok(())
}

async fn sign_in(browser: &mut Browser) -> Result<(), Fault> {
    browser.set_cookies(BTreeMap::new());
    match browser.sign_in(ADMINISTRATOR, PASSWORD).await? {
        End::Accepted(_) => Ok(()),
        end => Err(Fault::Program(format!("the administrator signs in: {end:?}"))),
    }
}

/// Processor time in ms: all of the server, and of its threads that hash passwords.
fn times(bench: &Bench) -> Result<(f64, f64), Fault> {
    let pid = bench.server.pid();
    let total = cpu(pid).during("reading processor time")?;
    let hashing = cpu_of_threads(pid, THREADS).during("reading processor time")?;
    Ok((millis(total), millis(hashing)))
}

/// Processor time in ms of one request to the yardstick.
async fn of_yardstick(bench: &Bench, path: &str) -> Result<f64, Fault> {
    let read = || cpu(bench.yardsticks.pid()).during("reading processor time");
    let mut connection: Connection = bench.yardsticks.connect();
    let request = Request::get(path);
    let before = read()?;
    for _ in 0..SIGN_INS {
        connection.send(&request).await?.expect(200, "asking the yardstick")?;
    }
    Ok(millis(read()?.saturating_sub(before)) / SIGN_INS as f64)
}
