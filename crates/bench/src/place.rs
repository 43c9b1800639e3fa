//! A server in a directory of its own: started, waited for, killed, started again.

use std::{
    fs::{self, File},
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use rustix::{
    process::{Pid, Signal, kill_process},
    thread::CpuSet,
};
use tempfile::TempDir;
use tokio::time::sleep;
use url::Url;

use crate::{
    Fault,
    fault::While,
    http::{Connection, Request},
    process,
};

/// Password of the administrator of every place.
pub(crate) const PASSWORD: &str = "a long password for measuring";
/// Name of the administrator.
pub(crate) const ADMINISTRATOR: &str = "akadmin";

const STARTING: Duration = Duration::from_secs(60);
const STOPPING: Duration = Duration::from_secs(40);

/// Where a server keeps what it knows.
#[derive(Debug)]
pub(crate) enum Database {
    /// In its directory.
    Sqlite,
    /// On a server, under a name of its own; dropped in the end unless it is kept.
    Postgres { admin: String, name: String, is_kept: bool },
}

impl Database {
    /// A fresh one beside the database that the URL names.
    pub(crate) fn fresh_postgres(admin: &str, what: &str) -> Result<Self, Fault> {
        let name = format!("countersign_bench_{}_{what}", std::process::id());
        psql(admin, &format!("CREATE DATABASE {name}"))?;
        Ok(Self::Postgres { admin: admin.to_owned(), name, is_kept: false })
    }

    /// The one of that name, made when it is not there; it stays.
    pub(crate) fn kept_postgres(admin: &str, what: &str) -> Result<Self, Fault> {
        let name = format!("countersign_bench_{what}");
        let found = psql(admin, &format!("SELECT 1 FROM pg_database WHERE datname = '{name}'"))?;
        if found.trim().is_empty() {
            psql(admin, &format!("CREATE DATABASE {name}"))?;
        }
        Ok(Self::Postgres { admin: admin.to_owned(), name, is_kept: true })
    }

    /// Lets the database look at what was written, as it does by itself after a while.
    pub(crate) fn analyze(&self) -> Result<(), Fault> {
        let Some(url) = self.url()? else { return Ok(()) };
        psql(&url, "VACUUM ANALYZE").map(drop)
    }

    pub(crate) const fn label(&self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres { .. } => "PostgreSQL",
        }
    }

    fn url(&self) -> Result<Option<String>, Fault> {
        let Self::Postgres { admin, name, .. } = self else { return Ok(None) };
        let mut url = Url::parse(admin).map_err(|error| Fault::Program(format!("{admin}: {error}")))?;
        url.set_path(name);
        Ok(Some(url.into()))
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Self::Postgres { admin, name, is_kept: false } = self {
            // What is left behind goes with the throw-away cluster.
            let _ = psql(admin, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        }
    }
}

/// Runs a statement; what it printed.
fn psql(url: &str, statement: &str) -> Result<String, Fault> {
    let arguments = [url, "-v", "ON_ERROR_STOP=1", "-qtAc", statement];
    let output = Command::new("psql").args(arguments).output().during("running psql")?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(Fault::Program(format!("psql: {}", String::from_utf8_lossy(&output.stderr))))
}

/// Directory, ports and settings of a server.
#[derive(Debug)]
pub(crate) struct Place {
    binary: PathBuf,
    directory: PathBuf,
    /// Removes the directory in the end.
    temporary: Option<TempDir>,
    settings: Vec<(&'static str, String)>,
    cpus: CpuSet,
    http: SocketAddr,
    database: Database,
}

impl Place {
    /// An empty one. The server will run on these processors.
    pub(crate) fn new(binary: &Path, database: Database, cpus: CpuSet) -> Result<Self, Fault> {
        let temporary =
            tempfile::Builder::new().prefix("countersign-bench-").tempdir().during("a directory")?;
        let directory = temporary.path().to_owned();
        let place = Self::at(binary, database, cpus, directory)?;
        Ok(Self { temporary: Some(temporary), ..place })
    }

    /// One in a directory that stays, with whatever an earlier one has left there.
    pub(crate) fn at(
        binary: &Path,
        database: Database,
        cpus: CpuSet,
        directory: PathBuf,
    ) -> Result<Self, Fault> {
        fs::create_dir_all(&directory).during("a directory")?;
        let [http, https, metrics] = free_addresses()?;
        let mut settings = vec![
            ("COUNTERSIGN_DATA_DIR", directory.join("data").display().to_string()),
            ("COUNTERSIGN_LISTEN__HTTP", http.to_string()),
            ("COUNTERSIGN_LISTEN__HTTPS", https.to_string()),
            ("COUNTERSIGN_LISTEN__METRICS", metrics.to_string()),
            ("COUNTERSIGN_BOOTSTRAP_PASSWORD", PASSWORD.to_owned()),
            ("COUNTERSIGN_BOOTSTRAP_EMAIL", "admin@example.com".to_owned()),
        ];
        settings.extend(database.url()?.map(|url| ("COUNTERSIGN_DATABASE_URL", url)));
        Ok(Self { binary: binary.to_owned(), directory, temporary: None, settings, cpus, http, database })
    }

    /// One from whose single address everybody signs in as often as they like: that is the load.
    pub(crate) fn without_throttles(mut self) -> Self {
        self.settings.extend([("COUNTERSIGN_THROTTLE__SIGN_IN_PER_ADDRESS", "1000000/second".to_owned())]);
        self
    }

    pub(crate) const fn address(&self) -> SocketAddr {
        self.http
    }

    pub(crate) const fn database(&self) -> &Database {
        &self.database
    }

    /// The database, for whoever fills it while no server runs.
    pub(crate) fn store_url(&self) -> Result<String, Fault> {
        let file = self.directory.join("data").join("countersign.sqlite3");
        Ok(self.database.url()?.unwrap_or_else(|| file.display().to_string()))
    }

    pub(crate) fn connect(&self) -> Connection {
        Connection::new(self.http)
    }

    /// Starts the server; how long it took from its first instruction until it was ready.
    pub(crate) async fn start(&self) -> Result<(Server, Duration), Fault> {
        let log = File::options().create(true).append(true).open(self.log()).during("the server's log")?;
        let errors = log.try_clone().during("the server's log")?;
        let mut command = self.command(&["serve"]);
        command.stdin(Stdio::null()).stdout(log).stderr(errors);
        let began = Instant::now();
        let child = process::on(self.cpus, || command.spawn()).and_then(|child| child);
        let mut server = Server(child.during(format!("starting {}", self.binary.display()))?);
        let ready = Request::get("/-/health/ready/");
        loop {
            if matches!(self.connect().send(&ready).await, Ok(response) if response.status == 200) {
                return Ok((server, began.elapsed()));
            }
            let ended = server.0.try_wait().during("looking after the server")?;
            if ended.is_some() || began.elapsed() > STARTING {
                let state = ended.map_or("is not ready".to_owned(), |status| format!("has ended: {status}"));
                return Err(Fault::Program(format!("the server {state}\n{}", self.log_tail())));
            }
            sleep(Duration::from_millis(2)).await;
        }
    }

    /// Runs another command of the server's binary; what it printed.
    pub(crate) fn run(&self, arguments: &[&str]) -> Result<String, Fault> {
        let output = self.command(arguments).output().during(format!("running {arguments:?}"))?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        Err(Fault::Program(format!("{arguments:?}: {}", String::from_utf8_lossy(&output.stderr))))
    }

    /// Leaves the directory, with database and log, to whoever looks into what went wrong.
    pub(crate) fn keep(&mut self) -> &Path {
        if let Some(temporary) = &mut self.temporary {
            temporary.disable_cleanup(true);
        }
        &self.directory
    }

    /// The end of the server's log.
    pub(crate) fn log_tail(&self) -> String {
        let log = self.log_text();
        let lines: Vec<&str> = log.lines().collect();
        lines.get(lines.len().saturating_sub(20)..).unwrap_or_default().join("\n")
    }

    /// Everything that the servers of this place have logged.
    pub(crate) fn log_text(&self) -> String {
        fs::read_to_string(self.log()).unwrap_or_default()
    }

    fn log(&self) -> PathBuf {
        self.directory.join("server.log")
    }

    /// Only what stands here reaches the server, not the environment of whoever measures.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.binary);
        command.args(arguments).env_clear().current_dir(&self.directory);
        command.envs(self.settings.iter().map(|(name, value)| (*name, value.as_str())));
        command
    }
}

fn free_addresses() -> Result<[SocketAddr; 3], Fault> {
    let listen = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).during("looking for a free port");
    let address = |listener: &TcpListener| listener.local_addr().during("looking for a free port");
    // All are held until all are known, so that they differ.
    let (first, second, third) = (listen()?, listen()?, listen()?);
    Ok([address(&first)?, address(&second)?, address(&third)?])
}

/// A running server. It does not outlive this.
#[derive(Debug)]
pub(crate) struct Server(Child);

impl Server {
    pub(crate) fn pid(&self) -> u32 {
        self.0.id()
    }

    /// `kill -9`.
    pub(crate) fn kill(mut self) -> Result<(), Fault> {
        self.0.kill().during("killing the server")?;
        self.0.wait().during("waiting for the server's end").map(drop)
    }

    /// Asks it to end.
    pub(crate) async fn stop(mut self) -> Result<(), Fault> {
        let pid = Pid::from_child(&self.0);
        kill_process(pid, Signal::TERM).during("asking the server to end")?;
        let began = Instant::now();
        while began.elapsed() < STOPPING {
            match self.0.try_wait().during("waiting for the server's end")? {
                Some(status) if ExitStatus::success(&status) => return Ok(()),
                Some(status) => return Err(Fault::Program(format!("the server ended badly: {status}"))),
                None => sleep(Duration::from_millis(5)).await,
            }
        }
        Err(Fault::Program("the server does not end when asked to".to_owned()))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
