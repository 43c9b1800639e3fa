//! Which versions have run on a database, for administrators who wonder since when something is so.

use countersign_store::{Store, StoreError, settings};
use serde_json::{Value, json};

/// Setting: `[[version, microseconds], …]`, the oldest first.
const HISTORY: &str = "version_history";
/// Entries that are kept.
const MOST: usize = 500;

/// Notes that this version runs, unless it was the last to do so.
pub(crate) async fn note(store: &Store) -> Result<(), StoreError> {
    let version = env!("CARGO_PKG_VERSION");
    let last = |kept: Option<&Value>| {
        kept?.as_array()?.last()?.get(0)?.as_str().map(|last| last == version)
    };
    if last(store.snapshot().await?.settings(HISTORY)) == Some(true) {
        return Ok(());
    }
    store
        .write(move |tx| {
            let kept = settings::get(tx, HISTORY)?;
            if last(kept.as_ref()) == Some(true) {
                return Ok(());
            }
            let mut history = kept.and_then(|kept| kept.as_array().cloned()).unwrap_or_default();
            history.push(json!([version, tx.now().as_micros()]));
            let surplus = history.len().saturating_sub(MOST);
            settings::put(tx, HISTORY, &history.into_iter().skip(surplus).collect())
        })
        .await
}
