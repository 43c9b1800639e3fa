//! What lists and searches of console and API cost in a large directory, beside a small one.
//!
//! The same pages are asked, by turns, of a server with a thousand users and of one with a million: what they
//! cost must not depend on how many there are. The people come from [`seeded`], so that they are the same
//! in every run and on both databases, and so many fit every search that its page is full in both.
//!
//! What a page cost is what the server's log says of it: milliseconds from the request to its answer, and
//! queries. Figures are medians of the turns after the first. Growth is by how much a million cost more than
//! a thousand; what is below [`NOISE`] is none.

mod fill;
mod seeded;

use std::{collections::HashMap, path::PathBuf};

use serde_json::Value;

use crate::{
    Fault,
    browser::{Browser, End},
    fault::While,
    http::{Connection, Request, Response},
    load::Samples,
    place::{ADMINISTRATOR, Database, PASSWORD, Place, Server},
    process::Processors,
    report::{Report, Target},
};

pub use fill::Size;

/// What to measure with.
#[derive(Clone, Debug)]
pub struct Options {
    /// The server.
    pub server: PathBuf,
    /// A PostgreSQL server and somebody who may create databases there; SQLite without.
    pub postgres: Option<String>,
    /// How many there are.
    pub size: Size,
    /// Where everything stays, and may be from an earlier run.
    pub keep: Option<PathBuf>,
}

/// How often each page is asked of each server.
const TURNS: usize = 61;
/// Milliseconds that two medians of the same thing may differ by.
const NOISE: f64 = 0.1;
/// Queries of one page, at most.
const QUERIES: f64 = 8.0;

/// The pages, and what is asked of them. `QUERY` is a name that many have, `RARE` one that one has, `TA` how
/// very many names begin, `CROWD` a group of a tenth of all. `NEXT` is the page after the one before.
const PAGES: &[(&str, &str)] = &[
    ("dashboard", "/if/admin/"),
    ("users", "/if/admin/identity/users/"),
    ("users, next page", "NEXT"),
    ("users, one name of many", "/if/admin/identity/users/?q=QUERY"),
    ("users, next page of them", "NEXT"),
    ("users, two beginnings of names", "/if/admin/identity/users/?q=TA+ma"),
    ("users, the only one", "/if/admin/identity/users/?q=RARE"),
    ("users, nobody", "/if/admin/identity/users/?q=zzzz"),
    ("users, inactive", "/if/admin/identity/users/?active=no"),
    ("users, active and external", "/if/admin/identity/users/?active=yes&type=external"),
    ("users, a name and inactive", "/if/admin/identity/users/?q=TA&active=no"),
    ("users, a folder", "/if/admin/identity/users/?path=users%2Flima"),
    ("users, a name in a folder", "/if/admin/identity/users/?q=TA&path=users%2Flima"),
    ("members of a group", "/if/admin/identity/groups/CROWD/members/"),
    ("members, somebody to add", "/if/admin/identity/groups/CROWD/members/?q=QUERY"),
    ("groups", "/if/admin/identity/groups/"),
    ("groups, searched", "/if/admin/identity/groups/?q=QUERY"),
    ("applications", "/if/admin/core/applications/"),
    ("applications, searched", "/if/admin/core/applications/?q=QUERY"),
    ("events", "/if/admin/events/log/"),
    ("events, next page", "NEXT"),
    ("events of one action", "/if/admin/events/log/?action=login_failed"),
    ("events, 30 days", "/if/admin/events/log/?range=month"),
    ("search of everything", "/if/admin/search/?q=QUERY"),
    ("API: users", "/api/v3/core/users/"),
    ("API: users, second page", "/api/v3/core/users/?page=2"),
    ("API: users by last change", "/api/v3/core/users/?ordering=-last_updated"),
    ("API: users, searched", "/api/v3/core/users/?search=QUERY"),
    ("API: users, by name and searched", "/api/v3/core/users/?search=TA&is_active=true&ordering=name"),
    ("API: groups", "/api/v3/core/groups/?include_users=false"),
    ("API: groups, searched", "/api/v3/core/groups/?include_users=false&search=QUERY"),
    ("API: applications", "/api/v3/core/applications/"),
    ("API: events", "/api/v3/events/events/"),
    ("API: volume of events", "/api/v3/events/events/volume/"),
];

/// A running server with an administrator who is signed in.
struct Filled {
    // Stopped before its directory goes.
    server: Server,
    place: Place,
    browser: Browser,
}

/// What was asked of one server.
struct Asked {
    connection: Connection,
    /// Identifiers of the requests, in their order.
    requests: Vec<String>,
    weight: usize,
    /// Where the list goes on.
    next: Option<String>,
}

/// What the log says of a request.
#[derive(Clone, Copy)]
struct Logged {
    ms: f64,
    queries: f64,
}

/// Measures everything.
pub async fn run(options: &Options) -> Result<Report, Fault> {
    let processors = Processors::of_this_process().during("asking for the processors")?;
    let small = fill(options, Size { users: 1_000, ..options.size }, processors).await?;
    let large = fill(options, options.size, processors).await?;
    let mut report = Report::new(processors.count(), large.place.database().label());
    let Size { users, groups, applications } = options.size;
    report.note("users", f64::from(users), "");
    report.note("groups", f64::from(groups), "");
    report.note("applications", f64::from(applications), "");
    let mut asked = Vec::new();
    let (mut few, mut many) = (Asked::of(&small), Asked::of(&large));
    for (_, path) in PAGES {
        let fixed = path.replace("QUERY", seeded::COMMON).replace("RARE", seeded::RARE).replace("TA", "ta");
        let fixed = fixed.replace("CROWD", &fill::CROWD.to_string());
        let of = |asked: &Asked| match *path {
            "NEXT" => asked.next.clone().ok_or_else(|| Fault::Program(format!("no page follows {fixed}"))),
            _ => Ok(fixed.clone()),
        };
        let targets = (of(&few)?, of(&many)?);
        for _ in 0..TURNS {
            few.ask(&small, &targets.0).await?;
            many.ask(&large, &targets.1).await?;
        }
        asked.push((few.take(), many.take(), many.weight));
    }
    let logs = (small.logged(), large.logged());
    small.server.stop().await?;
    large.server.stop().await?;
    for ((name, path), (few, many, weight)) in PAGES.iter().zip(asked) {
        let (few, _) = median(&logs.0, &few)?;
        let (ms, queries) = median(&logs.1, &many)?;
        report.aim(*name, ms, "ms", Target::AtMost(50.0));
        report.note("  among a thousand users", few, "ms");
        let growth = (ms - few - NOISE).max(0.0) / few.max(0.01) * 100.0;
        report.aim("  growth", growth, "%", Target::AtMost(10.0));
        if !path.starts_with("/api/") {
            report.aim("  queries", queries, "", Target::AtMost(QUERIES));
            report.aim("  weight", weight as f64 / 1024.0, "KiB", Target::AtMost(60.0));
        }
    }
    Ok(report)
}

/// Milliseconds and queries, the median. The first request fills caches.
fn median(log: &HashMap<String, Logged>, requests: &[String]) -> Result<(f64, f64), Fault> {
    let (mut took, mut queries) = (Samples::default(), Samples::default());
    for request in requests.iter().skip(1) {
        let Some(line) = log.get(request) else {
            return Err(Fault::Program(format!("the log does not tell of request {request}")));
        };
        took.add(line.ms);
        queries.add(line.queries);
    }
    Ok((took.median(), queries.median()))
}

impl Asked {
    fn of(filled: &Filled) -> Self {
        Self { connection: filled.place.connect(), requests: Vec::new(), weight: 0, next: None }
    }

    async fn ask(&mut self, filled: &Filled, target: &str) -> Result<(), Fault> {
        let request = filled.browser.with_cookies(Request::get(target));
        let response = self.connection.send(&request).await?.expect(200, target)?;
        self.requests.extend(response.header("x-request-id").map(str::to_owned));
        self.weight = response.body.len();
        self.next = next_page(&response);
        Ok(())
    }

    fn take(&mut self) -> Vec<String> {
        std::mem::take(&mut self.requests)
    }
}

/// The link of a page to the one after it.
fn next_page(response: &Response) -> Option<String> {
    let page = response.text();
    let links = page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let next = links.filter(|link| link.contains("after="));
    next.last().map(|link| link.replace("&amp;", "&").replace("&#38;", "&"))
}

impl Filled {
    /// What the log says, by request.
    fn logged(&self) -> HashMap<String, Logged> {
        let line = |line: &str| {
            let line: Value = serde_json::from_str(line).ok()?;
            let number = |name: &str| line.get(name).and_then(Value::as_f64);
            let request = line.get("request_id")?.as_str()?.to_owned();
            Some((request, Logged { ms: number("ms")?, queries: number("queries")? }))
        };
        self.place.log_text().lines().filter_map(line).collect()
    }
}

/// A server whose database was filled before it started.
async fn fill(options: &Options, size: Size, processors: Processors) -> Result<Filled, Fault> {
    let users = size.users.to_string();
    let database = match (&options.postgres, &options.keep) {
        (Some(admin), None) => Database::fresh_postgres(admin, &users)?,
        (Some(admin), Some(_)) => Database::kept_postgres(admin, &users)?,
        (None, _) => Database::Sqlite,
    };
    let place = match &options.keep {
        Some(directory) => {
            let directory = directory.join(format!("{}-{users}", database.label()));
            Place::at(&options.server, database, processors.all, directory)?
        }
        None => Place::new(&options.server, database, processors.all)?,
    };
    let (server, _) = place.start().await?;
    server.stop().await?;
    if fill::fill(&place.store_url()?, size)? {
        place.database().analyze()?;
    }
    let (server, _) = place.start().await?;
    let mut browser = Browser::new(&place);
    if !matches!(browser.sign_in(ADMINISTRATOR, PASSWORD).await?, End::Accepted(_)) {
        return Err(Fault::Program("the administrator cannot sign in".to_owned()));
    }
    Ok(Filled { server, place, browser })
}
