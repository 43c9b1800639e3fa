//! Which versions have run on a database, for administrators who wonder since when something is so.

use countersign_store::{Store, StoreError, settings};
use serde_json::{Value, json};

/// Setting: `[[version, microseconds], …]`, the oldest first.
const HISTORY: &str = "version_history";
const VERSION: &str = env!("CARGO_PKG_VERSION");
/// Entries that are kept.
const MOST: usize = 500;

/// Notes that this version runs, unless it was the last to do so.
pub(crate) async fn note(store: &Store) -> Result<(), StoreError> {
    if is_noted(store.snapshot().await?.settings(HISTORY)) {
        return Ok(());
    }
    store
        .write(move |tx| {
            let kept = settings::get(tx, HISTORY)?;
            if is_noted(kept.as_ref()) {
                return Ok(());
            }
            let mut history = kept.and_then(|kept| kept.as_array().cloned()).unwrap_or_default();
            history.push(json!([VERSION, tx.now().as_micros()]));
            let surplus = history.len().saturating_sub(MOST);
            settings::put(tx, HISTORY, &history.into_iter().skip(surplus).collect())
        })
        .await
}

fn is_noted(kept: Option<&Value>) -> bool {
    let last = kept.and_then(Value::as_array).and_then(|history| history.last());
    last.and_then(|entry| entry.get(0)).and_then(Value::as_str) == Some(VERSION)
}
