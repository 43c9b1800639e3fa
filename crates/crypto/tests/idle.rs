//! What the password threads leave behind when there is nothing to do, as the system sees it.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "tests")]

use std::{fs, num::NonZeroUsize, sync::Arc, thread, time::Duration};

use countersign_crypto::{HashOptions, HashPool, SystemRng};
use countersign_types::Secret;

/// Resident memory of this process in MiB.
fn resident_mib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
}

/// The nice values of the threads that hash.
fn priorities() -> Vec<i32> {
    let tasks = fs::read_dir("/proc/self/task").unwrap().flatten();
    let stats = tasks.filter_map(|task| fs::read_to_string(task.path().join("stat")).ok());
    stats
        .filter(|stat| stat.contains("(password)"))
        .map(|stat| stat.rsplit(')').next().unwrap().split_whitespace().nth(16).unwrap().parse().unwrap())
        .collect()
}

fn burst(pool: &HashPool) {
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| pool.hash_blocking(&Secret::from("correct horse")).unwrap());
        }
    });
}

#[test]
fn threads_that_hash_stand_back_and_give_their_memory_back() {
    let options = HashOptions {
        threads: NonZeroUsize::new(2).unwrap(),
        idle: Duration::from_secs(1),
        ..HashOptions::default()
    };
    let pool = HashPool::new(options, Arc::new(SystemRng)).unwrap();
    let before = resident_mib();
    // More than once: the allocator learns from the first time what it is worth keeping.
    for round in 1..=3 {
        burst(&pool);
        assert_eq!(priorities(), [19, 19], "round {round}");
        while pool.load().threads > 0 {
            thread::sleep(Duration::from_millis(20));
        }
        thread::sleep(Duration::from_millis(100));
        let kept = resident_mib().saturating_sub(before);
        assert!(kept < 8, "round {round}: {kept} MiB are kept by idle threads");
    }
}
