//! Accounts under a real global allocator.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::hint::black_box;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, mpsc};
use std::time::Duration;

use countersign_alloc::{Account, CountingAllocator, is_installed, lost_threads, publish_to};

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

static LARGEST: AtomicUsize = AtomicUsize::new(0);
/// What is published is of the process, so the tests that look at it take turns.
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
    assert!(account.live() >= 3 * MIB);
    drop(held);
    assert!(account.live() < MIB);
    assert!(account.peak() >= 3 * MIB);
}

#[test]
fn what_is_allocated_while_paused_is_not_counted() {
    let account = Account::open(AMPLE);
    let held = account.paused(|| buffer(8 * MIB));
    assert!(account.live() < MIB);
    account.take_over(held.capacity());
    drop(held);
    assert!(account.live() < MIB);
}

#[test]
fn a_nested_account_counts_for_itself() {
    let outer = Account::open(AMPLE);
    let before = outer.live();
    let kept = {
        let inner = Account::open(AMPLE);
        let kept = buffer(2 * MIB);
        assert!(inner.live() >= 2 * MIB);
        kept
    };
    assert!(outer.live() < before + MIB);
    drop(kept);
}

#[test]
fn the_largest_account_is_published_and_not_the_sum() {
    let _turn = TURN.lock().unwrap();
    publish_to(&LARGEST);
    let account = Account::open(AMPLE);
    let held = buffer(4 * MIB);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let account = Account::open(AMPLE);
            let held = buffer(6 * MIB);
            assert!((6 * MIB..7 * MIB).contains(&LARGEST.load(Ordering::Relaxed)));
            drop((held, account));
        });
    });
    assert!((4 * MIB..5 * MIB).contains(&LARGEST.load(Ordering::Relaxed)));
    drop((held, account));
}

#[test]
fn a_thread_that_passes_its_hard_limit_never_runs_again() {
    let (done, waiting) = mpsc::channel();
    let lost_before = lost_threads();
    std::thread::spawn(move || {
        let account = Account::open(MIB);
        let held = buffer(2 * MIB);
        done.send(held.capacity()).unwrap();
        drop(account);
    });
    assert!(waiting.recv_timeout(Duration::from_millis(300)).is_err());
    assert_eq!(lost_threads(), lost_before + 1);
}
