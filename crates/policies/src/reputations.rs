//! Reputations: how well names and addresses do at signing in.
//!
//! Sign-ins are counted in memory and written a moment later, all of that moment in one unit of work: a request
//! that signs somebody in waits for nothing. What waits is counted by whoever asks here; other nodes see it when
//! it is written. A process that ends loses that moment.

use std::{
    collections::HashMap,
    mem::take,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use countersign_geo::Atlas;
use countersign_model::ReputationRule;
use countersign_store::{
    Snapshot, Store, StoreError,
    reputations::{self, Judged, Observed},
    users,
};
use countersign_types::{ClientAddr, JsonObject, Span};

use crate::expressions::{network_json, place_json};

/// Settings of the system: the bounds of a score.
const LOWER_LIMIT: &str = "reputation_lower_limit";
const UPPER_LIMIT: &str = "reputation_upper_limit";
/// Bounds where nothing is set.
const DEFAULT_LIMIT: i32 = 5;
/// How long sign-ins wait to be written.
const GATHER: Duration = Duration::from_secs(2);
/// Names at addresses that wait at most; of what comes beyond, nothing is kept.
const MOST_WAITING: usize = 10_000;
/// Scores in one unit of work.
const BATCH: usize = 200;
/// Characters of a name that are kept.
const MAX_NAME: usize = 254;

/// A name at an address.
type Key = (String, String);

/// Counts sign-ins and judges by them.
pub struct Reputations {
    store: Store,
    atlas: Atlas,
    remembered: Span,
    waiting: Mutex<Waiting>,
}

#[derive(Default)]
struct Waiting {
    scores: HashMap<Key, i32>,
    is_gathering: bool,
}

impl Reputations {
    /// Nothing counted yet. A score is forgotten so long after its last change.
    pub fn new(store: &Store, atlas: Atlas, remembered: Span) -> Arc<Self> {
        Arc::new(Self { store: store.background(), atlas, remembered, waiting: Mutex::default() })
    }

    /// Somebody signed in with a name.
    pub fn succeeded(self: &Arc<Self>, name: &str, client: Option<ClientAddr>) {
        self.note(name, client, 1);
    }

    /// Somebody failed to.
    pub fn failed(self: &Arc<Self>, name: &str, client: Option<ClientAddr>) {
        self.note(name, client, -1);
    }

    fn note(self: &Arc<Self>, name: &str, client: Option<ClientAddr>, by: i32) {
        let Some(client) = client else { return };
        let name: String = users::fold(name.trim()).chars().take(MAX_NAME).collect();
        let mut waiting = self.lock();
        let key = (name, client.to_string());
        if waiting.scores.len() >= MOST_WAITING && !waiting.scores.contains_key(&key) {
            return;
        }
        let score = waiting.scores.entry(key).or_default();
        *score = score.saturating_add(by);
        if waiting.is_gathering {
            return;
        }
        // Nobody is kept alive by what waits.
        let gathering = Arc::downgrade(self);
        let thread = thread::Builder::new().name("reputations".to_owned());
        let spawned = thread.spawn(move || {
            loop {
                thread::sleep(GATHER);
                let Some(gathered) = gathering.upgrade() else { return };
                if !gathered.gather() {
                    return;
                }
            }
        });
        waiting.is_gathering = spawned.is_ok();
    }

    /// Writes what waits; whether more does by now.
    fn gather(&self) -> bool {
        if let Err(error) = self.store.snapshot_blocking().and_then(|snapshot| self.write(&snapshot)) {
            tracing::warn!(%error, "reputations were not written");
        }
        let mut waiting = self.lock();
        waiting.is_gathering = !waiting.scores.is_empty();
        waiting.is_gathering
    }

    /// Writes what waits now. Not for threads that serve requests.
    pub fn write(&self, snapshot: &Snapshot) -> Result<(), StoreError> {
        let rule = self.rule(snapshot);
        let scores = take(&mut self.lock().scores);
        let observed: Vec<Observed> =
            scores.into_iter().map(|((name, ip), by)| self.observed(name, ip, by)).collect();
        for batch in observed.chunks(BATCH) {
            let batch = batch.to_vec();
            self.store.write_blocking(move |tx| {
                batch.iter().try_for_each(|observed| reputations::observe(tx, observed, &rule))
            })?;
        }
        Ok(())
    }

    fn observed(&self, identifier: String, ip: String, by: i32) -> Observed {
        let address: Option<IpAddr> = ip.parse().ok();
        let json = |found: Option<serde_json::Value>| match found {
            Some(serde_json::Value::Object(found)) => found,
            _ => JsonObject::new(),
        };
        let place = json(address.and_then(|address| self.atlas.place(address)).as_ref().map(place_json));
        let network =
            json(address.and_then(|address| self.atlas.network(address)).as_ref().map(network_json));
        Observed { identifier, ip, by, place, network }
    }

    /// The sum of the scores at an address or of a name.
    pub async fn judge(&self, snapshot: &Snapshot, of: Judged) -> Result<i64, StoreError> {
        let rule = self.rule(snapshot);
        let wanted = Judged { identifier: of.identifier.as_deref().map(users::fold), ..of.clone() };
        let written = self.store.read(move |tx| reputations::judge(tx, &of, &rule)).await?;
        let waiting = self.lock();
        let new = waiting.scores.iter().filter(|((name, ip), _)| {
            wanted.identifier.as_deref() == Some(name) || wanted.ip.as_deref() == Some(ip)
        });
        Ok(written + new.map(|(_, score)| i64::from(rule.moved(0, *score))).sum::<i64>())
    }

    fn rule(&self, snapshot: &Snapshot) -> ReputationRule {
        let limit = |name: &str, default: i32| {
            let set = snapshot.settings(name).and_then(serde_json::Value::as_i64);
            set.and_then(|limit| i32::try_from(limit).ok()).unwrap_or(default)
        };
        ReputationRule {
            lower: limit(LOWER_LIMIT, -DEFAULT_LIMIT),
            upper: limit(UPPER_LIMIT, DEFAULT_LIMIT),
            remembered: self.remembered,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
