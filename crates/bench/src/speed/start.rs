//! How long a start takes, and how much memory the server holds when nobody asks it anything.

use std::time::Duration;

use tokio::time::sleep;

use crate::{
    Fault,
    fault::While,
    load::Samples,
    place::{Place, Server},
    process::resident_mb,
    report::{Report, Target},
};

const STARTS: usize = 5;
/// By then the first key pairs are made and threads that have nothing to do have gone.
const SETTLED: Duration = Duration::from_secs(15);

pub(super) async fn measure(
    place: impl Fn() -> Result<Place, Fault>,
    report: &mut Report,
) -> Result<(), Fault> {
    let [mut empty, mut existing] = <[Samples; 2]>::default();
    for turn in 1..=STARTS {
        let place = place()?;
        let (server, took) = place.start().await?;
        empty.add(took.as_secs_f64());
        if turn == STARTS {
            sleep(SETTLED).await;
            let idle = resident_mb(server.pid()).during("measuring memory")?;
            report.aim("memory, idle after the first start", idle, "MB", Target::AtMost(40.0));
        }
        server.stop().await?;
        let (server, took) = place.start().await?;
        existing.add(took.as_secs_f64());
        if turn == STARTS {
            sleep(SETTLED).await;
            let again = resident_mb(server.pid()).during("measuring memory")?;
            report.aim("memory, idle after a later start", again, "MB", Target::AtMost(40.0));
        }
        server.stop().await?;
    }
    report.aim("start on an empty database", empty.median(), "s", Target::AtMost(2.0));
    report.aim("start on an existing database", existing.median(), "s", Target::AtMost(0.5));
    Ok(())
}

/// What is still held after all the load.
pub(super) async fn measure_memory_after(server: &Server, report: &mut Report) -> Result<(), Fault> {
    let loaded = resident_mb(server.pid()).during("measuring memory")?;
    report.note("memory, right after the flood", loaded, "MB");
    sleep(SETTLED).await;
    let settled = resident_mb(server.pid()).during("measuring memory")?;
    report.note("memory, 15 s after the flood", settled, "MB");
    Ok(())
}
