//! What lists and searches of console and API cost in a large directory, beside a small one.
//!
//! The same pages are asked, by turns, of a server with a thousand users and of one with a million: what they
//! cost must not depend on how many there are. The people come from [`seeded`], so that they are the same
//! in every run and on both databases.

mod fill;
mod seeded;

use std::{path::PathBuf, time::Instant};

use crate::{
    Fault,
    browser::{Browser, End},
    fault::While,
    http::{Connection, Request},
    load::{Samples, millis},
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
}

/// How often each page is asked of each server.
const TURNS: usize = 41;

/// The pages, and what is asked of them. `QUERY` is a name that some have, `RARE` one that few have.
const PAGES: &[(&str, &str)] = &[
    ("users", "/if/admin/identity/users/"),
    ("users, searched", "/if/admin/identity/users/?search=QUERY"),
    ("users, searched for few", "/if/admin/identity/users/?search=RARE"),
    ("groups", "/if/admin/identity/groups/"),
    ("groups, searched", "/if/admin/identity/groups/?search=QUERY"),
    ("applications", "/if/admin/core/applications/"),
    ("applications, searched", "/if/admin/core/applications/?search=QUERY"),
    ("events", "/if/admin/events/log/"),
    ("search of everything", "/if/admin/search/?q=QUERY"),
    ("API: users", "/api/v3/core/users/"),
    ("API: users, searched", "/api/v3/core/users/?search=QUERY"),
    ("API: groups", "/api/v3/core/groups/?include_users=false"),
    ("API: events", "/api/v3/events/events/"),
];

/// A running server with an administrator who is signed in.
struct Filled {
    // Stopped before its directory goes.
    server: Server,
    place: Place,
    browser: Browser,
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
    for (name, path) in PAGES {
        let target = path.replace("QUERY", seeded::COMMON).replace("RARE", seeded::RARE);
        let (mut few, mut many, mut weight) = (Samples::default(), Samples::default(), 0);
        let mut connections = (small.place.connect(), large.place.connect());
        for turn in 0..TURNS {
            let (took, _) = ask(&small, &mut connections.0, &target).await?;
            let (took_of_many, bytes) = ask(&large, &mut connections.1, &target).await?;
            weight = bytes;
            // The first fills caches.
            if turn > 0 {
                few.add(took);
                many.add(took_of_many);
            }
        }
        report.aim(*name, many.median(), "ms", Target::AtMost(50.0));
        report.note("  among a thousand users", few.median(), "ms");
        report.aim("  growth", many.median() / few.median().max(0.01), "×", Target::AtMost(1.1));
        if path.starts_with("/if/") {
            report.aim("  weight", weight as f64 / 1024.0, "KiB", Target::AtMost(60.0));
        }
    }
    small.server.stop().await?;
    large.server.stop().await?;
    Ok(report)
}

/// Milliseconds until the whole page was there, and its bytes.
async fn ask(filled: &Filled, connection: &mut Connection, target: &str) -> Result<(f64, usize), Fault> {
    let request = filled.browser.with_cookies(Request::get(target));
    let began = Instant::now();
    let response = connection.send(&request).await?.expect(200, target)?;
    Ok((millis(began.elapsed()), response.body.len()))
}

/// A server whose database was filled before it started.
async fn fill(options: &Options, size: Size, processors: Processors) -> Result<Filled, Fault> {
    let database = match &options.postgres {
        Some(admin) => Database::fresh_postgres(admin, &size.users.to_string())?,
        None => Database::Sqlite,
    };
    let place = Place::new(&options.server, database, processors.all)?;
    let (server, _) = place.start().await?;
    server.stop().await?;
    fill::fill(&place.store_url()?, size)?;
    let (server, _) = place.start().await?;
    let mut browser = Browser::new(&place);
    if !matches!(browser.sign_in(ADMINISTRATOR, PASSWORD).await?, End::Accepted(_)) {
        return Err(Fault::Program("the administrator cannot sign in".to_owned()));
    }
    Ok(Filled { server, place, browser })
}
