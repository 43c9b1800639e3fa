//! The binary as a process: an empty folder, a line with the address, an end in good order.

use std::{
    io::{BufRead as _, BufReader, Read as _},
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use regex::Regex;

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

struct Server {
    child: Child,
    lines: std::io::Lines<BufReader<std::process::ChildStdout>>,
    http: u16,
}

impl Server {
    fn start(folder: &Path) -> Self {
        let http = free_port();
        let mut child = Command::new(env!("CARGO_BIN_EXE_countersign"))
            .arg("serve")
            .env_clear()
            .env("COUNTERSIGN_LISTEN__HTTP", format!("127.0.0.1:{http}"))
            .env("COUNTERSIGN_LISTEN__HTTPS", format!("127.0.0.1:{}", free_port()))
            .env("COUNTERSIGN_LISTEN__METRICS", format!("127.0.0.1:{}", free_port()))
            .current_dir(folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines, http }
    }

    fn line(&mut self) -> String {
        self.lines.next().expect("a line").unwrap()
    }

    fn stop(mut self) -> (Option<i32>, String) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        let mut log = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        (self.child.wait().unwrap().code(), log)
    }
}

#[test]
fn an_empty_folder_becomes_a_server_with_one_command() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(folder.path());
    assert_eq!(server.line(), format!("Countersign is ready at http://localhost:{}/", server.http));
    let code = Regex::new("[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}$").unwrap();
    let second = server.line();
    assert!(code.is_match(&second), "{second}");
    let key = folder.path().join("data/keys/master");
    let mode = std::os::unix::fs::PermissionsExt::mode(&key.metadata().unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    let (status, log) = server.stop();
    assert_eq!(status, Some(0), "{log}");
    let printed = code.find(&second).unwrap().as_str();
    assert!(!log.contains(printed), "the code is for the terminal, not for the log");
    for line in log.lines() {
        assert!(serde_json::from_str::<serde_json::Value>(line).is_ok(), "not a terminal: {line}");
    }

    // The second start has nothing to do but to make a new code.
    let began = Instant::now();
    let mut server = Server::start(folder.path());
    assert!(server.line().starts_with("Countersign is ready"));
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    let again = server.line();
    assert!(code.is_match(&again) && again != second, "{again}");
    let (status, log) = server.stop();
    assert_eq!(status, Some(0));
    assert!(!log.contains("\"applied\""), "{log}");
}

#[test]
fn a_port_that_is_taken_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_countersign"))
        .arg("serve")
        .env_clear()
        .env("COUNTERSIGN_LISTEN__HTTP", taken.local_addr().unwrap().to_string())
        .env("COUNTERSIGN_LISTEN__HTTPS", "off")
        .env("COUNTERSIGN_LISTEN__METRICS", "off")
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(!output.status.success());
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert!(complaint.contains("listen.http") && complaint.contains("in use"), "{complaint}");
}
