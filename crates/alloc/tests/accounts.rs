//! Accounts under a real global allocator.

use std::hint::black_box;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, mpsc};
use std::time::{Duration, Instant};

use countersign_alloc::{
    Account, CountingAllocator, alarm_in, is_alarm_raised, is_installed, live, lost_threads,
};

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

static ALARM: AtomicUsize = AtomicUsize::new(0);
/// The alarm is of the process, so the tests that raise it take turns.
static TURN: Mutex<()> = Mutex::new(());

const MIB: usize = 1024 * 1024;
const AMPLE: usize = 1024 * MIB;

fn buffer(bytes: usize) -> Vec<u8> {
    black_box(Vec::with_capacity(bytes))
}

#[test]
fn what_is_allocated_while_open_is_counted_and_forgotten_when_freed() {
    assert!(is_installed());
    let account = Account::open(AMPLE);
    let held = buffer(3 * MIB);
    assert!(live() >= 3 * MIB);
    drop(held);
    assert!(live() < MIB);
    assert!(account.peak() >= 3 * MIB);
}

#[test]
fn what_is_allocated_while_paused_is_not_counted() {
    let account = Account::open(AMPLE);
    let held = account.paused(|| buffer(8 * MIB));
    assert!(live() < MIB);
    account.take_over(held.capacity());
    drop(held);
    assert!(live() < MIB);
}

#[test]
fn a_nested_account_counts_for_itself() {
    let _outer = Account::open(AMPLE);
    let before = live();
    let kept = {
        let _inner = Account::open(AMPLE);
        let kept = buffer(2 * MIB);
        assert!(live() >= 2 * MIB);
        kept
    };
    assert!(live() < before + MIB);
    drop(kept);
}

#[test]
fn only_an_account_far_beyond_its_allowance_raises_the_alarm() {
    let _turn = TURN.lock().unwrap();
    alarm_in(&ALARM);
    let account = Account::open(4 * MIB);
    let held = buffer(6 * MIB);
    assert!(!is_alarm_raised());
    let more = buffer(6 * MIB);
    assert!(ALARM.load(Ordering::Relaxed) >= 12 * MIB);
    drop(more);
    assert!(!is_alarm_raised());
    drop((held, account));
}

#[test]
fn the_alarm_does_not_last() {
    let _turn = TURN.lock().unwrap();
    alarm_in(&ALARM);
    let account = Account::open(4 * MIB);
    let held = buffer(9 * MIB);
    assert!(is_alarm_raised());
    std::thread::sleep(Duration::from_millis(30));
    let more = buffer(MIB);
    assert!(!is_alarm_raised());
    drop((held, more, account));
}

#[test]
fn a_closed_account_leaves_no_alarm_behind() {
    let _turn = TURN.lock().unwrap();
    alarm_in(&ALARM);
    let account = Account::open(MIB);
    let held = buffer(3 * MIB);
    assert!(is_alarm_raised());
    drop(account);
    assert!(!is_alarm_raised());
    drop(held);
}

#[test]
fn a_thread_at_four_times_its_allowance_never_runs_again() {
    let _turn = TURN.lock().unwrap();
    let (done, waiting) = mpsc::channel();
    let lost_before = lost_threads();
    std::thread::spawn(move || {
        let account = Account::open(MIB);
        let held = buffer(5 * MIB);
        done.send(held.capacity()).unwrap();
        drop(account);
    });
    let begun = Instant::now();
    while lost_threads() == lost_before {
        assert!(begun.elapsed() < Duration::from_secs(20), "the thread runs on");
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(lost_threads(), lost_before + 1);
    assert!(waiting.recv_timeout(Duration::from_millis(300)).is_err());
    assert!(!is_alarm_raised());
}
