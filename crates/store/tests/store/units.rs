//! Units of work: isolation, retries, bounds.

use std::{
    future::poll_fn,
    sync::{
        Arc, Barrier,
        atomic::{AtomicU32, Ordering},
        mpsc,
    },
    task::Poll,
    thread,
    time::Duration,
};

use countersign_store::{
    Backend, CostMeter, Isolation, Store, StoreError, Trips, Tx, counters, on_both_databases, settings,
    testing::{ManualClock, SeededRng, TestDatabase, TestStore},
    users,
};
use countersign_types::ErrorKind;
use serde_json::json;

/// Keeps the writer (on PostgreSQL: every lane) busy until told.
fn occupy(store: &Store, lanes: usize) -> (mpsc::Sender<()>, Vec<thread::JoinHandle<()>>) {
    let (release, released) = mpsc::channel::<()>();
    let released = Arc::new(std::sync::Mutex::new(released));
    let started = Arc::new(Barrier::new(lanes + 1));
    let threads = (0..lanes)
        .map(|_| {
            let (store, released, started) = (store.clone(), Arc::clone(&released), Arc::clone(&started));
            thread::spawn(move || {
                let mut first = true;
                store
                    .write_blocking(move |_| {
                        if std::mem::take(&mut first) {
                            started.wait();
                        }
                        let _ = released.lock().unwrap().recv_timeout(Duration::from_secs(10));
                        Ok::<_, StoreError>(())
                    })
                    .unwrap();
            })
        })
        .collect();
    started.wait();
    (release, threads)
}

fn lanes(world: &TestStore) -> usize {
    match world.backend() {
        Backend::Sqlite => 1,
        Backend::Postgres => world.database.options.connections,
    }
}

on_both_databases! {
    async fn an_error_undoes_the_whole_unit(world: TestStore) {
        let outcome: Result<(), StoreError> = world
            .write(|tx| {
                settings::put(tx, "half", &json!(1))?;
                Err(StoreError::Internal("changed my mind".to_owned()))
            })
            .await;
        assert_eq!(outcome, Err(StoreError::Internal("changed my mind".to_owned())));
        assert_eq!(world.read(|tx| settings::get(tx, "half")).await, Ok(None));
    }

    async fn a_panic_undoes_the_unit_and_the_thread_lives(world: TestStore) {
        for _ in 0..lanes(&world) * 3 {
            let outcome: Result<(), StoreError> = world
                .write(|tx| {
                    settings::put(tx, "half", &json!(1))?;
                    panic!("on purpose")
                })
                .await;
            assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Internal);
        }
        assert_eq!(world.read(|tx| settings::get(tx, "half")).await, Ok(None));
        world.write(|tx| settings::put(tx, "whole", &json!(2))).await.unwrap();
    }

    async fn a_panic_inside_a_savepoint_leaves_no_transaction_open(world: TestStore) {
        let outcome: Result<(), StoreError> = world
            .write(|tx| tx.savepoint(|_: &mut Tx<'_>| -> Result<(), StoreError> { panic!("on purpose") }))
            .await;
        assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Internal);
        for number in 0..8 {
            world.write(move |tx| settings::put(tx, "after", &json!(number))).await.unwrap();
        }
        assert_eq!(world.read(|tx| settings::get(tx, "after")).await, Ok(Some(json!(7))));
    }

    async fn a_savepoint_undoes_its_part_only(world: TestStore) {
        world
            .write(|tx| {
                settings::put(tx, "kept", &json!(1))?;
                let part: Result<(), StoreError> = tx.savepoint(|tx| {
                    settings::put(tx, "undone", &json!(1))?;
                    settings::put_once(tx, "undone", &json!(2))?;
                    Err(StoreError::Internal("no".to_owned()))
                });
                assert!(part.is_err());
                settings::put(tx, "kept too", &json!(1))
            })
            .await
            .unwrap();
        let kept = world.read(settings::all).await.unwrap();
        assert!(kept.contains_key("kept") && kept.contains_key("kept too") && !kept.contains_key("undone"));
    }

    async fn a_failed_statement_cannot_be_swallowed(world: TestStore) {
        let now = world.now();
        let ada = countersign_store::testing::samples::user(1, "ada", now);
        let outcome: Result<(), StoreError> = world
            .write(move |tx| {
                users::create(tx, &ada)?;
                // The second fails; who goes on regardless is told in the end.
                let _ = users::create(tx, &ada);
                Ok(())
            })
            .await;
        assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Conflict);
        assert_eq!(world.read(users::count).await, Ok(0));
    }

    async fn a_failing_unit_does_not_hurt_its_batch_mates(world: TestStore) {
        let (release, occupied) = occupy(world.store(), lanes(&world));
        let threads: Vec<_> = (0..60_i64)
            .map(|number| {
                let store = world.store().clone();
                thread::spawn(move || {
                    store.write_blocking(move |tx| {
                        settings::put(tx, &format!("unit-{number}"), &json!(number))?;
                        match number % 3 {
                            0 => Ok(()),
                            1 => Err(StoreError::Internal("on purpose".to_owned())),
                            _ => panic!("on purpose"),
                        }
                    })
                })
            })
            .collect();
        thread::sleep(Duration::from_millis(200));
        drop(release);
        occupied.into_iter().for_each(|thread| thread.join().unwrap());
        let outcomes: Vec<_> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 20);
        let all = world.read(settings::all).await.unwrap();
        for number in 0..60_i64 {
            assert_eq!(all.contains_key(&format!("unit-{number}")), number % 3 == 0, "unit {number}");
        }
    }

    async fn a_reading_unit_cannot_write(world: TestStore) {
        let outcome = world.read(|tx| settings::put(tx, "smuggled", &json!(1))).await;
        assert!(outcome.is_err());
        assert_eq!(world.read(|tx| settings::get(tx, "smuggled")).await, Ok(None));
    }

    async fn a_reading_unit_sees_one_moment(world: TestStore) {
        world.write(|tx| settings::put(tx, "moment", &json!(1))).await.unwrap();
        let writer = world.store().clone();
        let seen = world
            .read(move |tx| {
                let before = settings::get(tx, "moment")?;
                let writer = writer.clone();
                thread::spawn(move || writer.write_blocking(|tx| settings::put(tx, "moment", &json!(2))))
                    .join()
                    .unwrap()?;
                Ok::<_, StoreError>((before, settings::get(tx, "moment")?))
            })
            .await
            .unwrap();
        assert_eq!(seen, (Some(json!(1)), Some(json!(1))));
    }

    async fn counters_never_give_a_number_twice(world: TestStore) {
        let threads: Vec<_> = (0..20)
            .map(|_| {
                let store = world.store().clone();
                thread::spawn(move || {
                    (0..5)
                        .map(|_| store.write_blocking(|tx| counters::next(tx, "user")).unwrap())
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        let mut numbers: Vec<i64> = threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
        numbers.sort_unstable();
        assert_eq!(numbers, (1..=100).collect::<Vec<_>>());
    }

    async fn a_meter_knows_what_its_own_request_cost(world: TestStore) {
        let before = world.trips();
        let meter = Arc::new(CostMeter::default());
        let metered = world.with_cost(Arc::clone(&meter));
        world.read(settings::all).await.unwrap();
        metered.read(settings::all).await.unwrap();
        metered.write(|tx| settings::put(tx, "cost", &json!(1))).await.unwrap();
        let cost = meter.cost();
        assert_eq!((cost.reads, cost.writes), (1, 1));
        // One to read, one to write, one to announce.
        assert_eq!(cost.queries, 3);
        assert!(cost.rows >= 3 && cost.db_micros > 0);
        assert_eq!(world.trips() - before, Trips { reads: 2, writes: 1 });
    }

    async fn a_closed_store_answers(world: TestStore) {
        world.close();
        let outcome = world.read(settings::all).await;
        assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Unavailable);
        let outcome = world.look_up(settings::all).await;
        assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Unavailable);
    }

    async fn who_looks_something_up_in_a_file_does_so_himself(world: TestStore) {
        let own = thread::current().id();
        let before = world.trips();
        let there = world.look_up(|_| Ok::<_, StoreError>(thread::current().id())).await.unwrap();
        assert_eq!(there == own, world.backend() == Backend::Sqlite);
        assert_eq!(world.trips() - before, Trips { reads: 1, writes: 0 });
        world.write(|tx| settings::put(tx, "seen", &json!(1))).await.unwrap();
        let found = world.look_up(settings::all).await.unwrap();
        assert_eq!(found.get("seen"), Some(&json!(1)));
    }

    async fn who_writes_something_fleeting_in_a_file_does_so_himself(world: TestStore) {
        let own = thread::current().id();
        // The thread that writes otherwise may still be about to begin.
        world.write(|tx| settings::put(tx, "first", &json!(1))).await.unwrap();
        let mut is_own = false;
        // Who wrote before him may not be out of the way yet.
        for _ in 0..1_000 {
            let there = world.write_fleeting(|tx| {
                settings::put(tx, "seen", &json!(1))?;
                Ok::<_, StoreError>(thread::current().id())
            });
            is_own = there.await.unwrap() == own;
            if is_own || world.backend() == Backend::Postgres {
                break;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert_eq!(is_own, world.backend() == Backend::Sqlite);
        assert_eq!(world.read(settings::all).await.unwrap().get("seen"), Some(&json!(1)));
        let failed = world.write_fleeting(|tx| {
            settings::put(tx, "undone", &json!(1))?;
            Err::<(), _>(StoreError::Busy)
        });
        assert_eq!(failed.await, Err(StoreError::Busy));
        let panicked = world.write_fleeting(|_| -> Result<(), StoreError> { panic!("a fault") });
        assert_eq!(panicked.await.unwrap_err().kind(), ErrorKind::Internal);
        assert_eq!(world.read(settings::all).await.unwrap().get("undone"), None);
        world.close();
        let closed = world.write_fleeting(|tx| settings::put(tx, "late", &json!(1)));
        assert_eq!(closed.await.unwrap_err().kind(), ErrorKind::Unavailable);
    }

    async fn a_look_that_fails_or_panics_hurts_nobody(world: TestStore) {
        let outcome = world.look_up(|_| Err::<(), _>(StoreError::Busy)).await;
        assert_eq!(outcome, Err(StoreError::Busy));
        let outcome = world.look_up(|_| -> Result<(), StoreError> { panic!("a fault") }).await;
        assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Internal);
        let outcome = world.look_up(|tx| settings::put(tx, "x", &json!(1))).await;
        assert!(outcome.is_err());
        world.look_up(settings::all).await.unwrap();
    }

    async fn a_listener_that_waits_for_the_store_is_refused(world: TestStore) {
        let store = world.store().clone();
        let again = store.clone();
        let outcome = world.read(move |_| store.read_blocking(settings::all)).await;
        assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Internal);
        let outcome = world.look_up(move |_| again.read_blocking(settings::all)).await;
        assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Internal);
    }

    async fn a_sign_of_life_counts_for_nothing(world: TestStore) {
        let before = world.trips();
        world.ping().await.unwrap();
        assert!(world.is_ready());
        assert_eq!(world.trips(), before);
    }
}

/// A store with room for little. While nothing is polled, nobody looks after those who wait, either.
fn crowded(backend: Backend, poll_interval: Duration, max_wait: Duration) -> Option<TestStore> {
    TestStore::start_with(backend, |options| {
        options.poll_interval = poll_interval;
        options.queue = 3;
        options.connections = 1;
        options.max_wait = max_wait;
    })
}

#[tokio::test]
async fn a_full_queue_is_busy_at_once() {
    let hour = Duration::from_secs(3600);
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let Some(world) = crowded(backend, hour, hour) else { continue };
        let (release, occupied) = occupy(world.store(), 1);
        let put = || world.write(|tx| settings::put(tx, "waited", &json!(1)));
        let mut waiting = [Box::pin(put()), Box::pin(put()), Box::pin(put())];
        for one in &mut waiting {
            assert!(poll_fn(|cx| Poll::Ready(one.as_mut().poll(cx).is_pending())).await);
        }
        assert_eq!(put().await, Err(StoreError::Busy));
        drop(release);
        for one in waiting {
            assert_eq!(one.await, Ok(()));
        }
        occupied.into_iter().for_each(|thread| thread.join().unwrap());
    }
}

#[test]
fn who_waits_too_long_is_told_while_the_thread_is_still_busy() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let (often, little) = (Duration::from_millis(20), Duration::from_millis(300));
        let Some(world) = crowded(backend, often, little) else { continue };
        let (release, occupied) = occupy(world.store(), 1);
        let refused = world.write_blocking(|tx| settings::put(tx, "refused", &json!(1)));
        assert_eq!(refused, Err(StoreError::Busy));
        assert!(occupied.iter().all(|thread| !thread.is_finished()));
        drop(release);
        occupied.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!(world.read_blocking(|tx| settings::get(tx, "refused")), Ok(None));
    }
}

#[test]
fn a_unit_that_lost_against_another_is_run_again_as_a_whole() {
    let serializable = |options: &mut countersign_store::StoreOptions| {
        options.isolation = Isolation::Serializable;
    };
    let Some(world) = TestStore::start_with(Backend::Postgres, serializable) else { return };
    world.write_blocking(|tx| settings::put(tx, "sum", &json!(0))).unwrap();
    let runs = Arc::new(AtomicU32::new(0));
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let (store, runs) = (world.store().clone(), Arc::clone(&runs));
            thread::spawn(move || {
                store
                    .write_blocking(move |tx| {
                        runs.fetch_add(1, Ordering::Relaxed);
                        let sum = settings::get(tx, "sum")?.and_then(|sum| sum.as_i64()).unwrap();
                        thread::sleep(Duration::from_millis(20));
                        settings::put(tx, "sum", &json!(sum + 1))
                    })
                    .unwrap();
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    assert_eq!(world.read_blocking(|tx| settings::get(tx, "sum")), Ok(Some(json!(4))));
    assert!(runs.load(Ordering::Relaxed) > 4, "nobody ever lost");
}

#[test]
fn a_connection_that_died_while_idle_is_not_noticed_by_callers() {
    use diesel::{Connection, PgConnection, connection::SimpleConnection};
    let Some(world) = TestStore::start(Backend::Postgres) else { return };
    world.write_blocking(|tx| settings::put(tx, "before", &json!(1))).unwrap();
    let mut other = PgConnection::establish(&world.database.options.url).unwrap();
    other
        .batch_execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
             WHERE datname = current_database() AND pid <> pg_backend_pid()",
        )
        .unwrap();
    thread::sleep(Duration::from_millis(100));
    for _ in 0..8 {
        world.write_blocking(|tx| settings::put(tx, "after", &json!(1))).unwrap();
    }
}

#[test]
fn a_server_that_is_away_is_unavailable_and_not_ready() {
    let mut database = TestDatabase::new(Backend::Sqlite).unwrap();
    database.options.url = "postgres://nobody@127.0.0.1:1/none".to_owned();
    let store = database.open(Arc::new(ManualClock::default()), Arc::new(SeededRng::new(1))).unwrap();
    assert_eq!(store.read_blocking(settings::all).unwrap_err().kind(), ErrorKind::Unavailable);
    assert!(!store.is_ready());
    assert!(store.migrate().is_err());
}

#[test]
fn nobody_else_may_read_the_file() {
    use std::os::unix::fs::PermissionsExt;
    let world = TestStore::start(Backend::Sqlite).unwrap();
    world.write_blocking(|tx| settings::put(tx, "a", &json!(1))).unwrap();
    for suffix in ["", "-wal", "-shm"] {
        let path = format!("{}{suffix}", world.database.options.url);
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600, "{path}");
    }
}

/// Otherwise everybody else on that thread would wait, too.
#[tokio::test]
async fn who_writes_something_fleeting_waits_for_nobody_who_writes() {
    let world = TestStore::start(Backend::Sqlite).unwrap();
    world.write(|tx| settings::put(tx, "first", &json!(1))).await.unwrap();
    let another_process = world.neighbour(7);
    for writes in [world.store(), &another_process] {
        let (release, writers) = occupy(writes, 1);
        let store = world.store().clone();
        let there = tokio::spawn(async move {
            store.write_fleeting(|_| Ok::<_, StoreError>(thread::current().id())).await
        });
        // Runs it on this thread until it waits.
        tokio::task::yield_now().await;
        release.send(()).unwrap();
        assert_ne!(there.await.unwrap().unwrap(), thread::current().id());
        writers.into_iter().for_each(|writer| writer.join().unwrap());
    }
}
