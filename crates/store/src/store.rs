//! The handle: opening, units of work, caches, announcements, closing.

use std::{
    sync::{Arc, Mutex, PoisonError, atomic::Ordering, mpsc},
    thread::{Builder, JoinHandle},
    time::Instant,
};

use countersign_model::{Consent, Event, LiveSession, Subject, Token, UserId};
use countersign_types::{Clock, Digest, Rng, Timestamp};
use tokio::sync::oneshot;

use crate::{
    Backend, Change, CostMeter, MigrationReport, OpenError, Snapshot, StoreError, StoreOptions, Trips, Tx,
    checkpoint,
    cost::Mode,
    dialect, lane, migrate,
    shared::{Shared, on_store_thread},
    tables, token,
    unit::{Queued, Unit, Work},
    watch, writer,
};

/// A database with the threads that work on it. Cloning is cheap; the last clone to go closes it.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
    meter: Option<Arc<CostMeter>>,
    counted: bool,
}

struct Inner {
    shared: Arc<Shared>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    stop: Arc<watch::Stop>,
}

/// A closure needs little stack; many threads need to be cheap.
const STACK: usize = 1 << 20;

impl Store {
    /// Opens a database and starts the store's threads. An SQLite file is made when there is none;
    /// PostgreSQL is first contacted by [`Store::migrate`] or the first unit of work.
    pub fn open(options: StoreOptions, clock: Arc<dyn Clock>, rng: Arc<dyn Rng>) -> Result<Self, OpenError> {
        let place = options.place()?;
        let shared = Arc::new(Shared::new(options, place, clock, rng));
        let inner = Inner { shared: Arc::clone(&shared), threads: Mutex::default(), stop: Arc::default() };
        match shared.backend() {
            Backend::Sqlite => {
                let conn = dialect::open(&shared.place, &shared.options, Mode::Write)
                    .map_err(|error| OpenError::Unavailable(error.to_string()))?;
                let own = Arc::clone(&shared);
                inner.start("store-writer".to_owned(), move || writer::serve(&own, conn))?;
                let (own, stop) = (Arc::clone(&shared), Arc::clone(&inner.stop));
                inner.start("store-checkpoint".to_owned(), move || checkpoint::serve(&own, &stop))?;
                for number in 0..shared.options.readers.max(1) {
                    let own = Arc::clone(&shared);
                    inner.start(format!("store-reader-{number}"), move || lane::serve(&own, Mode::Read))?;
                }
            }
            Backend::Postgres => {
                for number in 0..shared.options.connections.max(1) {
                    let own = Arc::clone(&shared);
                    inner.start(format!("store-lane-{number}"), move || lane::serve(&own, Mode::Write))?;
                }
            }
        }
        let stop = Arc::clone(&inner.stop);
        inner.start("store-watch".to_owned(), move || watch::serve(&shared, &stop))?;
        Ok(Self { inner: Arc::new(inner), meter: None, counted: true })
    }

    /// Brings the tables up to date. Refuses a database that a newer program has migrated.
    ///
    /// Several processes may do so at once: every migration is one transaction, and who comes second finds
    /// it done.
    pub fn migrate(&self) -> Result<MigrationReport, OpenError> {
        let report = migrate::up(&self.inner.shared)?;
        self.inner.shared.set_migrated();
        Ok(report)
    }

    /// Runs a reading unit of work: one consistent view, nothing written.
    pub async fn read<T, E>(
        &self,
        unit: impl FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.run(Mode::Read, true, unit, |shared, queued| shared.push(queued)).await
    }

    /// [`Store::read`] of a few rows by their keys. SQLite is read on the thread that asks, which for so little
    /// costs less than to wake another one: nothing for what may have to go through many rows.
    pub async fn look_up<T, E>(
        &self,
        unit: impl FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.run(Mode::Read, true, unit, lane::look_up).await
    }

    /// Runs a writing unit of work: one transaction. `Err` undoes it. The closure may be run again as a
    /// whole when it lost against another, so that it must not act outside of the transaction.
    pub async fn write<T, E>(
        &self,
        unit: impl FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.run(Mode::Write, true, unit, |shared, queued| shared.push(queued)).await
    }

    /// [`Store::write`] of something that a power cut (not the end of the process) may take back: where
    /// somebody is in a flow, which he can begin again. SQLite commits it without waiting for the disk, on the
    /// thread that asks, unless somebody else writes and it is committed together with that. A few rows, like
    /// [`Store::look_up`].
    pub async fn write_fleeting<T, E>(
        &self,
        unit: impl FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.run(Mode::Write, false, unit, writer::write_fleeting).await
    }

    /// [`Store::read`] for plain threads.
    pub fn read_blocking<T, E>(
        &self,
        unit: impl FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.run_blocking(Mode::Read, unit)
    }

    /// [`Store::write`] for plain threads.
    pub fn write_blocking<T, E>(
        &self,
        unit: impl FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.run_blocking(Mode::Write, unit)
    }

    /// Hands a unit of work over, and waits for its answer.
    async fn run<T, E>(
        &self,
        mode: Mode,
        is_lasting: bool,
        unit: impl FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        hand_over: fn(&Arc<Shared>, Queued),
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        // Who no longer waits is not told.
        let unit = Work::new(unit, move |result| drop(answer.send(result)));
        hand_over(&self.inner.shared, self.queued(mode, is_lasting, unit));
        answered.await.unwrap_or_else(|_| Err(gone().into()))
    }

    fn queued(&self, mode: Mode, is_lasting: bool, unit: Box<dyn Unit>) -> Queued {
        if self.counted {
            self.inner.shared.trips.count(mode);
        }
        Queued { unit, mode, is_lasting, since: Instant::now(), meter: self.meter() }
    }

    fn run_blocking<T, E>(
        &self,
        mode: Mode,
        unit: impl FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        if on_store_thread() {
            return Err(waits_for_itself().into());
        }
        let (answer, answered) = mpsc::sync_channel(1);
        let unit = Work::new(unit, move |result| drop(answer.send(result)));
        self.inner.shared.push(self.queued(mode, true, unit));
        answered.recv().unwrap_or_else(|_| Err(gone().into()))
    }

    /// All cold configuration. Cached until [`Change::Config`]: no trip when warm, one when not, however many
    /// ask at once.
    pub async fn snapshot(&self) -> Result<Arc<Snapshot>, StoreError> {
        let shared = &self.inner.shared;
        if let Some(snapshot) = shared.snapshot.warm() {
            return Ok(snapshot);
        }
        let (answer, answered) = oneshot::channel();
        let reply = Box::new(move |result| drop(answer.send(result)));
        crate::snapshot::request(shared, self.meter(), reply);
        answered.await.unwrap_or_else(|_| Err(gone()))
    }

    /// [`Store::snapshot`] for plain threads.
    pub fn snapshot_blocking(&self) -> Result<Arc<Snapshot>, StoreError> {
        let shared = &self.inner.shared;
        if let Some(snapshot) = shared.snapshot.warm() {
            return Ok(snapshot);
        }
        if on_store_thread() {
            return Err(waits_for_itself());
        }
        let (answer, answered) = mpsc::sync_channel(1);
        let reply = Box::new(move |result| drop(answer.send(result)));
        crate::snapshot::request(shared, self.meter(), reply);
        answered.recv().unwrap_or_else(|_| Err(gone()))
    }

    /// A user with his groups and their ancestors. Cached for a minute at most and until a change of the user
    /// or of groups: no trip when warm.
    pub async fn subject(&self, id: UserId) -> Result<Option<Arc<Subject>>, StoreError> {
        let subjects = &self.inner.shared.subjects;
        if let Some(subject) = subjects.warm(&id) {
            return Ok(Some(subject));
        }
        let epoch = subjects.epoch();
        let found = self.look_up(move |tx| tables::users::subject(tx, id)).await?;
        Ok(found.map(|subject| subjects.keep(epoch, id, Arc::new(subject))))
    }

    /// [`Store::subject`] for plain threads.
    pub fn subject_blocking(&self, id: UserId) -> Result<Option<Arc<Subject>>, StoreError> {
        let subjects = &self.inner.shared.subjects;
        if let Some(subject) = subjects.warm(&id) {
            return Ok(Some(subject));
        }
        let epoch = subjects.epoch();
        let found = self.read_blocking(move |tx| tables::users::subject(tx, id))?;
        Ok(found.map(|subject| subjects.keep(epoch, id, Arc::new(subject))))
    }

    /// The live session of a cookie's digest, with its user, who is active. No trip when warm, one when not.
    pub async fn live_session(&self, key: &Digest) -> Result<Option<LiveSession>, StoreError> {
        let shared = &self.inner.shared;
        let warm = shared.sessions.alive(key, self.now());
        if let Some((session, subject)) = warm.and_then(|session| {
            let subject = shared.subjects.warm(&session.user)?;
            Some((session, subject))
        }) {
            return Ok(subject.user.is_active.then_some(LiveSession { session, subject }));
        }
        let (key, epochs) = (*key, (shared.sessions.epoch(), shared.subjects.epoch()));
        let found = self.look_up(move |tx| {
            let Some(session) = tables::sessions::by_key(tx, &key)? else { return Ok::<_, StoreError>(None) };
            let subject = tables::users::subject(tx, session.user)?;
            Ok(subject.map(|subject| (session, subject)))
        });
        Ok(found.await?.and_then(|(session, subject)| {
            let subject = shared.subjects.keep(epochs.1, session.user, Arc::new(subject));
            let session = shared.sessions.keep(epochs.0, session.key, Arc::new(session));
            subject.user.is_active.then_some(LiveSession { session, subject })
        }))
    }

    /// A bearer token of whatever intent that has not expired, by the digest of its value. No trip when warm;
    /// `last_used` may be a minute behind.
    pub async fn token(&self, key: &Digest) -> Result<Option<Arc<Token>>, StoreError> {
        let tokens = &self.inner.shared.tokens;
        let now = self.now();
        if let Some(warm) = tokens.warm(key) {
            return Ok(token::is_good(&warm, now).then_some(warm));
        }
        let (key, epoch) = (*key, tokens.epoch());
        let found = self.look_up(move |tx| tables::tokens::by_key(tx, &key)).await?;
        Ok(found.map(|token| tokens.keep(epoch, token.key, Arc::new(token))))
    }

    /// The consents of a user that are on file. Cached like [`Store::subject`]; one that has expired since may
    /// still be among them.
    pub async fn consents(&self, user: UserId) -> Result<Arc<[Consent]>, StoreError> {
        let consents = &self.inner.shared.consents;
        if let Some(warm) = consents.warm(&user) {
            return Ok(warm);
        }
        let epoch = consents.epoch();
        let found = self.look_up(move |tx| tables::consents::of_user(tx, user)).await?;
        Ok(consents.keep(epoch, user, found.into()))
    }

    /// Hears of every change of this process after its commit and before its caller, and of those of other
    /// processes within the poll interval. Runs on the store's threads: it must be quick, and must not wait
    /// for the store.
    pub fn subscribe(&self, listener: impl Fn(&Change) + Send + Sync + 'static) {
        self.inner.shared.subscribe(Arc::new(listener));
    }

    /// Asks of every event that is written whether somebody wants to hear of it; whoever writes it then puts it into the
    /// queue in the same transaction. The first who listens is the only one; whether that was him. The ear runs in
    /// transactions: it must be quick, and must not wait for the store.
    pub fn listen(&self, ear: impl Fn(&Event) -> bool + Send + Sync + 'static) -> bool {
        self.inner.shared.set_ear(Box::new(ear))
    }

    /// A handle whose work is added to a meter.
    #[must_use]
    pub fn with_cost(&self, meter: Arc<CostMeter>) -> Self {
        Self { inner: Arc::clone(&self.inner), meter: Some(meter), counted: true }
    }

    /// A handle for work that no request causes: [`Store::trips`] does not count it.
    #[must_use]
    pub fn background(&self) -> Self {
        Self { inner: Arc::clone(&self.inner), meter: None, counted: false }
    }

    /// The meter of this handle, else that of the future that is being polled.
    fn meter(&self) -> Option<Arc<CostMeter>> {
        self.meter.clone().or_else(CostMeter::of_scope)
    }

    /// Units of work so far.
    pub fn trips(&self) -> Trips {
        self.inner.shared.trips.trips()
    }

    /// Which database it is.
    pub fn backend(&self) -> Backend {
        self.inner.shared.backend()
    }

    /// The present moment of the store's clock.
    pub fn now(&self) -> Timestamp {
        self.inner.shared.clock.now()
    }

    /// The store's clock.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.inner.shared.clock
    }

    /// The store's source of randomness.
    pub fn rng(&self) -> &Arc<dyn Rng> {
        &self.inner.shared.rng
    }

    #[cfg(feature = "testing")]
    pub(crate) fn shared(&self) -> &Shared {
        &self.inner.shared
    }

    /// Whether the tables are up to date and the last contact with the database went well. Asks nobody.
    pub fn is_ready(&self) -> bool {
        let shared = &self.inner.shared;
        shared.migrated() && shared.healthy.load(Ordering::Relaxed)
    }

    /// Asks the database for a sign of life; counted by no budget.
    pub async fn ping(&self) -> Result<(), StoreError> {
        let (answer, answered) = oneshot::channel();
        let reply = move |result: Result<(), StoreError>| drop(answer.send(result));
        self.inner.shared.submit(Mode::Read, Work::new(tables::settings::ping, reply), None);
        answered.await.unwrap_or_else(|_| Err(gone()))
    }

    /// Works off what waits, takes nothing new, and ends the threads. Waits for them, unless it is called on
    /// one of them.
    pub fn close(&self) {
        self.inner.close();
    }
}

impl Inner {
    fn start(&self, name: String, work: impl FnOnce() + Send + 'static) -> Result<(), OpenError> {
        let handle = Builder::new().name(name).stack_size(STACK).spawn(work)?;
        self.threads.lock().unwrap_or_else(PoisonError::into_inner).push(handle);
        Ok(())
    }

    fn close(&self) {
        self.shared.writes.close();
        self.shared.reads.close();
        self.shared.close_spare();
        self.stop.stop();
        let threads = std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        if on_store_thread() {
            return;
        }
        for thread in threads {
            // A thread that panicked has nothing left to do.
            let _ = thread.join();
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.close();
    }
}

fn gone() -> StoreError {
    StoreError::Unavailable("the store was closed".to_owned())
}

fn waits_for_itself() -> StoreError {
    StoreError::Internal("a thread of the store would wait for the store".to_owned())
}
