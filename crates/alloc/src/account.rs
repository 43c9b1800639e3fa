//! Accounts: what one thread holds since it opened one, and the alarm of those far beyond their allowance.
//!
//! Everything here may run inside the allocator: it must not allocate, unwind or take a lock that could be
//! held while allocating.

use std::cell::Cell;
use std::marker::PhantomData;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// How much an account may move before it is looked at. Allowances are tens of megabytes.
const GRAIN: i64 = 256 * 1024;
/// Allowances an account may hold before the alarm is raised, and before its thread is parked.
const ALARM_AT: i64 = 2;
const PARK_AT: i64 = 4;
/// How long the alarm is raised. Code that looks at it at all does so within microseconds.
const ALARM_LASTS: Duration = Duration::from_millis(20);

static ALARM: OnceLock<&'static AtomicUsize> = OnceLock::new();
static LOST: AtomicUsize = AtomicUsize::new(0);

/// What a thread's open account says. `live` is signed: memory of before may be freed while it is open.
#[derive(Clone, Copy)]
struct Ledger {
    counting: bool,
    live: i64,
    peak: i64,
    looked_at: i64,
    allowance: i64,
    alarmed: Option<Instant>,
    /// Whether the alarm is raised by this account now.
    raised: bool,
}

const CLOSED: Ledger = Ledger {
    counting: false,
    live: 0,
    peak: 0,
    looked_at: 0,
    allowance: i64::MAX,
    alarmed: None,
    raised: false,
};

thread_local! {
    static LEDGER: Cell<Ledger> = const { Cell::new(CLOSED) };
}

/// Names the number that tells the bytes of an account at more than twice its allowance, and otherwise 0.
/// The first call decides.
pub fn alarm_in(target: &'static AtomicUsize) {
    let _ = ALARM.set(target);
}

/// Whether some account's alarm is raised.
pub fn is_alarm_raised() -> bool {
    ALARM.get().is_some_and(|alarm| alarm.load(Ordering::Relaxed) != 0)
}

/// Threads that held four times their allowance and were parked for good, with what they held.
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
    /// Opens an account with an allowance in bytes. At four times the allowance the thread is parked for
    /// good.
    pub fn open(allowance: usize) -> Self {
        let outer = LEDGER.get();
        LEDGER.set(Ledger { counting: true, allowance: signed(allowance), ..CLOSED });
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

    /// The most that was held at once.
    pub fn peak(&self) -> usize {
        unsigned(LEDGER.get().peak)
    }
}

/// Bytes the open account of this thread holds now.
pub fn live() -> usize {
    unsigned(LEDGER.get().live)
}

impl Drop for Account {
    fn drop(&mut self) {
        if LEDGER.replace(self.outer.0).raised {
            tell(0);
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
        if ledger.live > ledger.allowance.saturating_mul(PARK_AT) {
            lose_this_thread();
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

/// Looks at an account that moved: raises the alarm, and lets it go when it lasted or is over.
fn settle(ledger: &mut Ledger) {
    if ledger.live.abs_diff(ledger.looked_at) < GRAIN.unsigned_abs() {
        return;
    }
    ledger.looked_at = ledger.live;
    if ledger.live > ledger.allowance.saturating_mul(ALARM_AT) {
        let since = *ledger.alarmed.get_or_insert_with(Instant::now);
        if since.elapsed() < ALARM_LASTS {
            ledger.raised = true;
            tell(unsigned(ledger.live));
            return;
        }
    }
    if ledger.raised {
        ledger.raised = false;
        tell(0);
    }
}

/// Two alarms at once may overwrite each other; the one that still holds is told again at the next grain.
fn tell(bytes: usize) {
    if let Some(alarm) = ALARM.get() {
        alarm.store(bytes, Ordering::Relaxed);
    }
}

fn lose_this_thread() -> ! {
    LOST.fetch_add(1, Ordering::Relaxed);
    // Nobody else may be judged by what this thread keeps.
    tell(0);
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
