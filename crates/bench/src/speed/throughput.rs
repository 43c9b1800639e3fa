//! Requests per second of one processor, beside yardsticks that take turns with them.

use super::{Bench, TURNS};
use crate::{
    Fault,
    application::{Application, Tokens, discovery, jwks, tokens, userinfo},
    browser::{Browser, End},
    fault::While,
    http::{Connection, Request},
    load::{Outcome, Repeat, Samples, Visitor, closed, millis},
    place::{ADMINISTRATOR, PASSWORD},
    process::cpu,
    report::{Report, Target},
    yardstick::{HELLO, SIGNATURE},
};

/// Enough to keep one processor busy, and for commits to be grouped.
const CONNECTIONS: usize = 64;

/// Rate, latency and processor time of something, over several turns.
#[derive(Default)]
struct Series {
    per_second: Samples,
    p50: Samples,
    p99: Samples,
    cpu_micros: Samples,
}

pub(super) async fn measure(bench: &Bench, report: &mut Report) -> Result<(), Fault> {
    let mut browser = Browser::new(&bench.place);
    if matches!(browser.sign_in(ADMINISTRATOR, PASSWORD).await?, End::Busy(_)) {
        return Err(Fault::Program("a server without load is busy".to_owned()));
    }
    let granted = granted(bench, &mut browser).await?;
    client_credentials(bench, report).await?;

    let page = Request::get("/if/flow/default-authentication-flow/");
    let authorize = browser.with_cookies(bench.application.authorize());
    let subjects = [
        ("discovery", discovery(), 200),
        ("JWKS", jwks(), 200),
        ("userinfo", userinfo(&granted.access), 200),
        ("sign-in page", page, 200),
        ("authorize, signed in", authorize, 302),
    ];
    for (name, request, status) in subjects {
        let mut series = Series::default();
        for _ in 0..3 {
            let visitors = repeated(|| bench.place.connect(), &request, status);
            turn(bench, bench.server.pid(), visitors, &mut series).await?;
        }
        series.note(name, report);
    }
    let mut series = Series::default();
    let mut visitors = Vec::new();
    for _ in 0..CONNECTIONS {
        let application = bench.application.clone();
        let refresh = self::granted(bench, &mut browser).await?.refresh;
        visitors.push(Refresher { connection: bench.place.connect(), application, refresh });
    }
    for _ in 0..3 {
        visitors = turn(bench, bench.server.pid(), visitors, &mut series).await?;
    }
    series.note("refresh", report);
    Ok(())
}

/// The ceiling, and how near to it a token for a client is.
async fn client_credentials(bench: &Bench, report: &mut Report) -> Result<(), Fault> {
    let [mut hello, mut ceiling, mut subject] = <[Series; 3]>::default();
    let mut ratios = Samples::default();
    for _ in 0..TURNS {
        for (path, series) in [(HELLO, &mut hello), (SIGNATURE, &mut ceiling)] {
            let visitors = repeated(|| bench.yardsticks.connect(), &Request::get(path), 200);
            turn(bench, bench.yardsticks.pid(), visitors, series).await?;
        }
        let request = bench.application.client_credentials();
        let visitors = repeated(|| bench.place.connect(), &request, 200);
        turn(bench, bench.server.pid(), visitors, &mut subject).await?;
        ratios.add(100.0 * subject.last() / ceiling.last().max(1.0));
    }
    hello.note("yardstick: hello", report);
    ceiling.note("yardstick: hello and one ES256 signature", report);
    subject.note("client_credentials (ES256)", report);
    report.aim("client_credentials, of that ceiling", ratios.median(), "%", Target::AtLeast(35.0));
    Ok(())
}

/// Tokens for whoever is signed in.
async fn granted(bench: &Bench, browser: &mut Browser) -> Result<Tokens, Fault> {
    let code = bench.application.code(browser).await?;
    let granted = tokens(&mut bench.place.connect(), &bench.application.exchange(&code)).await?;
    granted.ok_or_else(|| Fault::Program("a fresh code is refused".to_owned()))
}

fn repeated(connect: impl Fn() -> Connection, request: &Request, status: u16) -> Vec<Repeat> {
    let visitor = |_| Repeat { connection: connect(), request: request.clone(), status };
    (0..CONNECTIONS).map(visitor).collect()
}

async fn turn<V: Visitor>(
    bench: &Bench,
    pid: u32,
    visitors: Vec<V>,
    series: &mut Series,
) -> Result<Vec<V>, Fault> {
    let before = cpu(pid).during("reading processor time")?;
    let (outcome, visitors) = closed(visitors, bench.slice).await?;
    let spent = cpu(pid).during("reading processor time")?.saturating_sub(before);
    series.add(&outcome, 1000.0 * millis(spent));
    Ok(visitors)
}

impl Series {
    fn add(&mut self, outcome: &Outcome, cpu_micros: f64) {
        self.per_second.add(outcome.per_second());
        self.p50.add(outcome.latencies.median());
        self.p99.add(outcome.latencies.percentile(99.0));
        self.cpu_micros.add(cpu_micros / outcome.visits.max(1) as f64);
    }

    /// The rate of the latest turn.
    fn last(&self) -> f64 {
        self.per_second.last()
    }

    fn note(&self, name: &str, report: &mut Report) {
        report.note(name, self.per_second.median(), "/s");
        report.note("  processor time of one", self.cpu_micros.median(), "µs");
        report.note("  latency p50", self.p50.median(), "ms");
        report.note("  latency p99", self.p99.median(), "ms");
    }
}

/// An application that refreshes again and again: every generation once.
struct Refresher {
    connection: Connection,
    application: Application,
    refresh: String,
}

impl Visitor for Refresher {
    async fn visit(&mut self) -> Result<(), Fault> {
        let request = self.application.refresh(&self.refresh);
        let fresh = tokens(&mut self.connection, &request).await?;
        let refused = || Fault::Program("a refresh token of the latest generation is refused".to_owned());
        self.refresh = fresh.ok_or_else(refused)?.refresh;
        Ok(())
    }
}
