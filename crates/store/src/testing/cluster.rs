//! A PostgreSQL cluster that lives as long as the test process.

use std::{
    fs,
    io::Read,
    os::unix::{
        fs::{MetadataExt, chown},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{ChildStdin, Command, Stdio},
    sync::OnceLock,
    time::{Duration, Instant},
};

use diesel::{Connection, PgConnection};

/// `nobody`: the server refuses to run as root.
const UNPRIVILEGED: u32 = 65534;

/// The URL of an administrator, with `{}` where the name of the database belongs; none without a server.
pub(super) fn admin() -> Option<&'static str> {
    static ADMIN: OnceLock<Option<Admin>> = OnceLock::new();
    ADMIN.get_or_init(|| given().or_else(start)).as_ref().map(|admin| admin.url.as_str())
}

struct Admin {
    url: String,
    /// While this end is open the cluster runs; it closes with the process, however that ends.
    _leash: Option<ChildStdin>,
}

#[expect(clippy::disallowed_methods, reason = "the one variable that test runs are steered by")]
fn given() -> Option<Admin> {
    let url = std::env::var("COUNTERSIGN_TEST_DATABASE_URL").ok().filter(|url| !url.is_empty())?;
    Some(Admin { url: with_placeholder(&url), _leash: None })
}

/// Replaces the path of a URL by `{}`.
fn with_placeholder(url: &str) -> String {
    let (address, query) = url.split_once('?').map_or((url, None), |(address, query)| (address, Some(query)));
    let after_scheme = address.find("://").map_or(0, |at| at + 3);
    let authority = address[after_scheme..].find('/').map_or(address, |at| &address[..after_scheme + at]);
    match query {
        Some(query) => format!("{authority}/{{}}?{query}"),
        None => format!("{authority}/{{}}"),
    }
}

fn start() -> Option<Admin> {
    let programs = programs()?;
    let home = tempfile::Builder::new().prefix("countersign-pg-").tempdir().expect("a folder").keep();
    let data = home.join("data");
    let is_root = fs::metadata("/proc/self").is_ok_and(|meta| meta.uid() == 0);
    if is_root {
        chown(&home, Some(UNPRIVILEGED), Some(UNPRIVILEGED)).expect("the folder of the cluster");
    }
    let unprivileged = |command: &mut Command| {
        if is_root {
            command.uid(UNPRIVILEGED).gid(UNPRIVILEGED);
        }
        command.current_dir("/");
    };
    let mut initdb = Command::new(programs.join("initdb"));
    initdb.args(["--no-sync", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C", "-D"]);
    initdb.arg(&data).stdout(Stdio::null()).stderr(Stdio::piped());
    unprivileged(&mut initdb);
    let made = initdb.output().expect("initdb");
    assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));

    // The shell holds the server on a leash: when our end of its input closes, it ends the server.
    let mut keeper = Command::new("/bin/sh");
    keeper.arg("-c").arg(
        "\"$1\" -D \"$2\" -k \"$3\" -c listen_addresses= -c fsync=off -c synchronous_commit=off \
         -c full_page_writes=off -c max_connections=500 -c shared_buffers=32MB >\"$3/log\" 2>&1 & \
         server=$!; cat >/dev/null; kill -INT $server; wait $server; rm -rf \"$3\"",
    );
    keeper.arg("sh").arg(programs.join("postgres")).arg(&data).arg(&home);
    keeper.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    // A group of its own: an interrupt at the terminal must not reach the server before the tests.
    keeper.process_group(0);
    unprivileged(&mut keeper);
    let leash = keeper.spawn().expect("the cluster").stdin.take();
    let url = format!("postgres://postgres@{}/{{}}", home.to_str().expect("UTF-8").replace('/', "%2F"));
    wait_for(&url, &home);
    Some(Admin { url, _leash: leash })
}

/// The newest server installed.
fn programs() -> Option<PathBuf> {
    let mut versions: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .ok()?
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .filter(|bin| bin.join("postgres").exists() && bin.join("initdb").exists())
        .collect();
    versions.sort();
    versions.pop()
}

fn wait_for(url: &str, home: &Path) {
    let started = Instant::now();
    while PgConnection::establish(&url.replace("{}", "postgres")).is_err() {
        if started.elapsed() > Duration::from_secs(30) {
            let mut log = String::new();
            let _ = fs::File::open(home.join("log")).map(|mut file| file.read_to_string(&mut log));
            assert!(started.elapsed().is_zero(), "the cluster does not start: {log}");
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}
