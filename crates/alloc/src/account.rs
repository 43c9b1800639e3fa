//! Accounts: what one thread holds since it opened one, and the largest of all, published.
//!
//! Everything here may run inside the allocator: it must not allocate, unwind or take a lock that could be
//! held while allocating.

use std::cell::Cell;
use std::hint::spin_loop;
use std::marker::PhantomData;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

/// How far an account may drift from what is published of it. Limits are tens of megabytes.
const GRAIN: i64 = 256 * 1024;
/// Accounts that can be published at once; more are counted but bounded by their hard limit only.
const SLOTS: usize = 256;
const FREE: usize = usize::MAX;

static PUBLISHED: [AtomicUsize; SLOTS] = [const { AtomicUsize::new(FREE) }; SLOTS];
static PUBLISHING: AtomicBool = AtomicBool::new(false);
static TARGET: OnceLock<&'static AtomicUsize> = OnceLock::new();
static LOST: AtomicUsize = AtomicUsize::new(0);

/// What a thread's open account says. `live` is signed: memory of before may be freed while it is open.
#[derive(Clone, Copy)]
struct Ledger {
    counting: bool,
    live: i64,
    peak: i64,
    published: i64,
    hard_limit: i64,
    slot: Option<usize>,
}

const CLOSED: Ledger =
    Ledger { counting: false, live: 0, peak: 0, published: 0, hard_limit: i64::MAX, slot: None };

thread_local! {
    static LEDGER: Cell<Ledger> = const { Cell::new(CLOSED) };
}

/// Names the number in which the largest open account is published. The first call decides.
pub fn publish_to(target: &'static AtomicUsize) {
    let _ = TARGET.set(target);
}

/// Threads that reached their hard limit and were parked for good, with what they held.
pub fn lost_threads() -> usize {
    LOST.load(Ordering::Relaxed)
}

/// An open account of this thread. While it lives, what the thread allocates and frees is counted, except
/// inside [`Account::paused`]. Accounts nest: the inner one counts for itself and the outer one rests.
#[derive(Debug)]
pub struct Account {
    outer: Outer,
    // An account belongs to the thread that opened it.
    not_send: PhantomData<*const ()>,
}

#[derive(Clone, Copy)]
struct Outer(Ledger);

impl std::fmt::Debug for Outer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("Outer").field(&self.0.live).finish()
    }
}

impl Account {
    /// Opens an account whose thread is parked for good when it holds more than `hard_limit` bytes.
    pub fn open(hard_limit: usize) -> Self {
        let outer = LEDGER.get();
        LEDGER.set(Ledger { counting: true, hard_limit: signed(hard_limit), slot: take_slot(), ..CLOSED });
        Self { outer: Outer(outer), not_send: PhantomData }
    }

    /// Runs what is not the evaluation's doing: what it allocates and frees is not counted.
    pub fn paused<T>(&self, work: impl FnOnce() -> T) -> T {
        let _resting = Resting::begin();
        work()
    }

    /// Counts bytes that come into the evaluation from outside and will be freed inside it.
    pub fn take_over(&self, bytes: usize) {
        grow(bytes);
    }

    /// Stops counting bytes that leave the evaluation and will be freed outside it.
    pub fn hand_over(&self, bytes: usize) {
        shrink(bytes);
    }

    /// Bytes held now.
    pub fn live(&self) -> usize {
        unsigned(LEDGER.get().live)
    }

    /// The most that was held at once.
    pub fn peak(&self) -> usize {
        unsigned(LEDGER.get().peak)
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        let ledger = LEDGER.replace(self.outer.0);
        if let Some(slot) = ledger.slot {
            publish(slot, FREE);
        }
    }
}

/// Stops the counting of this thread while it lives, through an unwinding too.
struct Resting {
    was_counting: bool,
}

impl Resting {
    fn begin() -> Self {
        let ledger = LEDGER.get();
        LEDGER.set(Ledger { counting: false, ..ledger });
        Self { was_counting: ledger.counting }
    }
}

impl Drop for Resting {
    fn drop(&mut self) {
        LEDGER.set(Ledger { counting: self.was_counting, ..LEDGER.get() });
    }
}

/// Called by the allocator before it hands out memory.
pub(crate) fn grow(bytes: usize) {
    let _ = LEDGER.try_with(|cell| {
        let mut ledger = cell.get();
        if !ledger.counting {
            return;
        }
        ledger.live = ledger.live.saturating_add(signed(bytes));
        ledger.peak = ledger.peak.max(ledger.live);
        settle(&mut ledger);
        cell.set(ledger);
        if ledger.live > ledger.hard_limit {
            lose_this_thread(ledger.slot);
        }
    });
}

/// Called by the allocator before it takes memory back.
pub(crate) fn shrink(bytes: usize) {
    let _ = LEDGER.try_with(|cell| {
        let mut ledger = cell.get();
        if !ledger.counting {
            return;
        }
        ledger.live = ledger.live.saturating_sub(signed(bytes));
        settle(&mut ledger);
        cell.set(ledger);
    });
}

fn settle(ledger: &mut Ledger) {
    if ledger.live.abs_diff(ledger.published) >= GRAIN.unsigned_abs() {
        ledger.published = ledger.live;
        if let Some(slot) = ledger.slot {
            publish(slot, unsigned(ledger.live));
        }
    }
}

fn take_slot() -> Option<usize> {
    PUBLISHED
        .iter()
        .position(|slot| slot.compare_exchange(FREE, 0, Ordering::AcqRel, Ordering::Relaxed).is_ok())
}

/// Writes one slot and the maximum of all. The spin lock keeps an older maximum from overwriting a newer
/// one; a standard mutex may allocate on some platforms.
fn publish(slot: usize, bytes: usize) {
    while PUBLISHING.compare_exchange_weak(false, true, Ordering::Acquire, Ordering::Relaxed).is_err() {
        spin_loop();
    }
    if let Some(own) = PUBLISHED.get(slot) {
        own.store(bytes, Ordering::Relaxed);
    }
    if let Some(target) = TARGET.get() {
        let open = PUBLISHED.iter().map(|slot| slot.load(Ordering::Relaxed)).filter(|bytes| *bytes != FREE);
        target.store(open.max().unwrap_or(0), Ordering::Relaxed);
    }
    PUBLISHING.store(false, Ordering::Release);
}

fn lose_this_thread(slot: Option<usize>) -> ! {
    LOST.fetch_add(1, Ordering::Relaxed);
    // Nobody else may be judged by what this thread keeps.
    if let Some(slot) = slot {
        publish(slot, FREE);
    }
    loop {
        std::thread::sleep(Duration::from_secs(3600));
    }
}

fn signed(bytes: usize) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

fn unsigned(bytes: i64) -> usize {
    usize::try_from(bytes.max(0)).unwrap_or(usize::MAX)
}
