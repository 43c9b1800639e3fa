//! What was acknowledged is there after the process was killed in the middle of its work.

use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
    sync::Arc,
    thread,
    time::Duration,
};

use countersign_store::{
    Backend, Store, StoreOptions, settings,
    testing::{ManualClock, SeededRng, TestDatabase},
};
use serde_json::json;

const DATABASE: &str = "COUNTERSIGN_TEST_VICTIM_DATABASE";

fn open(url: &str, seed: u64) -> Store {
    let rng = Arc::new(SeededRng::new(seed));
    let store = Store::open(StoreOptions::new(url), Arc::new(ManualClock::default()), rng).unwrap();
    store.migrate().unwrap();
    store
}

/// Not a test of its own: the process that is killed. Writes and says so, until it is.
#[test]
#[expect(clippy::disallowed_methods, reason = "how the victim learns its database")]
fn victim() {
    let Ok(url) = std::env::var(DATABASE) else { return };
    let store = open(&url, 2);
    for number in 0.. {
        store
            .write_blocking(move |tx| settings::put(tx, &format!("write-{number}"), &json!(number)))
            .unwrap();
        println!("acknowledged {number}");
    }
}

#[test]
fn an_acknowledged_write_survives_a_kill() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let Some(database) = TestDatabase::new(backend) else { continue };
        let mut acknowledged = 0;
        for round in 0..3 {
            acknowledged = acknowledged.max(kill_in_the_middle(&database.options.url, round));
        }
        let store = open(&database.options.url, 3);
        let all = store.read_blocking(settings::all).unwrap();
        assert!(acknowledged > 0);
        for number in 0..=acknowledged {
            assert!(all.contains_key(&format!("write-{number}")), "write {number} of {acknowledged} is lost");
        }
    }
}

/// The last number that the victim had acknowledged.
fn kill_in_the_middle(url: &str, round: u64) -> u32 {
    let mut victim = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "durability::victim", "--nocapture"])
        .env(DATABASE, url)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(victim.stdout.take().unwrap()).lines();
    let reader = thread::spawn(move || {
        lines
            .map_while(Result::ok)
            .filter_map(|line| line.split("acknowledged ").nth(1)?.trim().parse::<u32>().ok())
            .last()
    });
    thread::sleep(Duration::from_millis(400 + round * 70));
    victim.kill().unwrap();
    victim.wait().unwrap();
    reader.join().unwrap().unwrap_or(0)
}

#[test]
fn the_log_is_copied_into_the_file_beside_the_writer() {
    let database = TestDatabase::new(Backend::Sqlite).unwrap();
    let store = open(&database.options.url, 4);
    let path = database.options.url.trim_start_matches("sqlite:").to_owned();
    store.write_blocking(|tx| settings::put(tx, "copied", &json!("a word to look for"))).unwrap();
    let is_there = || {
        let (file, word) = (std::fs::read(&path).unwrap(), b"a word to look for");
        file.windows(word.len()).any(|window| window == word)
    };
    let deadline = std::time::Instant::now() + Duration::from_secs(20);
    while !is_there() {
        assert!(std::time::Instant::now() < deadline, "the file has nothing of what was committed");
        thread::sleep(Duration::from_millis(100));
    }
    // The log begins anew: sooner or later more was written than it holds.
    let mut written = 0;
    loop {
        let log = std::fs::metadata(format!("{path}-wal")).unwrap().len();
        if written > log {
            break;
        }
        assert!(written < 512 << 20, "the log has {log} bytes");
        let large = "x".repeat(200_000);
        written += large.len() as u64;
        store.write_blocking(move |tx| settings::put(tx, "large", &json!(large))).unwrap();
    }
}
