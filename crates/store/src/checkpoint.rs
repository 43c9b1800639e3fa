//! Copies SQLite's write-ahead log into the database file beside the writer, so that nobody's commit waits for
//! it. What is left of a long log the writer copies itself ([`crate::dialect`]): only where nobody writes can
//! the log begin anew, and by then little is left.

use std::{sync::atomic::Ordering, time::Duration};

use crate::{
    StoreError,
    conn::Conn,
    cost::Mode,
    dialect,
    shared::{Shared, enter_store_thread},
    watch::Stop,
};

/// Between two copies. A commit beside one waits for the same disk, so that they have to be small.
const PAUSE: Duration = Duration::from_millis(250);

/// Copies until stopped.
pub(crate) fn serve(shared: &Shared, stop: &Stop) {
    enter_store_thread();
    let mut conn = None;
    let mut done = 0;
    while stop.pause(PAUSE) {
        let commits = shared.commits.load(Ordering::Relaxed);
        if commits == done {
            continue;
        }
        match copy(shared, &mut conn) {
            Ok(true) => done = commits,
            // Somebody still reads the old pages: the next round copies the rest.
            Ok(false) => {}
            // The writer copies a long log in any case, and says what is wrong with the file.
            Err(error) => tracing::debug!(%error, "the write-ahead log could not be copied"),
        }
    }
}

fn copy(shared: &Shared, kept: &mut Option<Conn>) -> Result<bool, StoreError> {
    let mut conn = match kept.take() {
        Some(conn) => conn,
        None => dialect::open(&shared.place, &shared.options, Mode::Write)?,
    };
    let all = dialect::copy_log(&mut conn).map_err(|error| dialect::judge(&error).0)?;
    *kept = Some(conn);
    Ok(all)
}
