//! A few of the crashes of `countersign-bench crash`, in every run of the tests.

use std::time::Duration;

use countersign_bench::{crash, server_binary};

#[tokio::test]
async fn what_was_acknowledged_outlives_kill_9() {
    let server = server_binary().unwrap();
    let tally = crash::run(&crash::Options { server, postgres: None, rounds: 5 }).await.unwrap();
    // How soon it is ready again is measured by the bench, on a build that people run.
    assert!(tally.is_sound(Duration::from_secs(60)), "{tally}");
}
