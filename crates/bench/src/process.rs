//! What the system says about a process, and which processors it may use.

use std::{fs, io, time::Duration};

use rustix::{
    io::Errno,
    param::clock_ticks_per_second,
    process::Pid,
    thread::{CpuSet, sched_getaffinity, sched_setaffinity},
};

/// Processor time of a whole process so far, in user mode and in the kernel, threads that have ended included.
pub(crate) fn cpu(pid: u32) -> io::Result<Duration> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The name of the program, in parentheses, may hold anything; utime and stime are the 12th and 13th after it.
    let after_name = stat.rsplit_once(')').map(|(_, rest)| rest).unwrap_or_default();
    let ticks: u64 =
        after_name.split_whitespace().skip(11).take(2).filter_map(|n| n.parse::<u64>().ok()).sum();
    Ok(Duration::from_millis(ticks * 1000 / clock_ticks_per_second().max(1)))
}

/// Processor time of the living threads of one name.
pub(crate) fn cpu_of_threads(pid: u32, name: &str) -> io::Result<Duration> {
    let mut nanos = 0;
    for thread in fs::read_dir(format!("/proc/{pid}/task"))? {
        let folder = thread?.path();
        // A thread may end between two looks.
        let read = |file| fs::read_to_string(folder.join(file)).unwrap_or_default();
        if read("comm").trim_end() == name {
            nanos += read("schedstat").split(' ').next().and_then(|n| n.parse::<u64>().ok()).unwrap_or(0);
        }
    }
    Ok(Duration::from_nanos(nanos))
}

/// Lets every thread of a process run on these processors; those that it starts later take after them.
pub(crate) fn spread(pid: u32, cpus: CpuSet) -> io::Result<()> {
    for thread in fs::read_dir(format!("/proc/{pid}/task"))? {
        let name = thread?.file_name();
        let id = name.to_str().and_then(|id| id.parse().ok()).and_then(Pid::from_raw);
        // A thread may end between two looks.
        if let Err(error) = sched_setaffinity(id, &cpus)
            && error != Errno::SRCH
        {
            return Err(error.into());
        }
    }
    Ok(())
}

/// Resident memory in MB (10⁶ bytes).
pub(crate) fn resident_mb(pid: u32) -> io::Result<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.split_whitespace().next()).and_then(|kib| kib.parse::<f64>().ok());
    kib.map(|kib| kib * 1024.0 / 1e6).ok_or_else(|| io::ErrorKind::InvalidData.into())
}

/// How the processors are shared between what is measured and what measures.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Processors {
    /// All that this process was given.
    pub(crate) all: CpuSet,
    /// One for the subject and for the yardsticks, by turns.
    pub(crate) subject: CpuSet,
    /// One for the load.
    pub(crate) load: CpuSet,
}

impl Processors {
    pub(crate) fn of_this_process() -> io::Result<Self> {
        let all = sched_getaffinity(None)?;
        let mut members = (0..CpuSet::MAX_CPU).filter(|cpu| all.is_set(*cpu));
        let first = members.next().unwrap_or_default();
        let second = members.next().unwrap_or(first);
        Ok(Self { all, subject: only(first), load: only(second) })
    }

    pub(crate) fn count(&self) -> u32 {
        self.all.count()
    }
}

fn only(cpu: usize) -> CpuSet {
    let mut set = CpuSet::new();
    set.set(cpu);
    set
}

/// Does something on these processors; what it starts stays on them.
pub(crate) fn on<T: Send>(cpus: CpuSet, what: impl FnOnce() -> T + Send) -> io::Result<T> {
    std::thread::scope(|scope| {
        let thread = scope.spawn(move || {
            sched_setaffinity(None, &cpus)?;
            Ok(what())
        });
        thread.join().unwrap_or_else(|_| Err(io::Error::other("a thread failed")))
    })
}
