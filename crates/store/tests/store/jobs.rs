//! The rows behind the job queue.

use countersign_model::JobId;
use countersign_store::{
    Change, StoreError, jobs, jobs::Settled, on_both_databases, schedules, testing::samples,
};
use countersign_types::Span;
use uuid::Uuid;

const LEASE: Span = Span::from_mins(1);

fn first() -> JobId {
    JobId(Uuid::from_u128(0xd001))
}

on_both_databases! {
    async fn a_job_has_one_worker_until_its_lease_ends(world: TestStore) {
        let now = world.now();
        let (told, heard) = std::sync::mpsc::channel();
        world.subscribe(move |change| { let _ = told.send(change.clone()); });
        world.write(move |tx| jobs::create(tx, &samples::job(1, "mail", now))).await.unwrap();
        assert_eq!(heard.try_recv(), Ok(Change::Jobs));
        let claim = async |owner: &'static str, kind: &'static str| {
            world.write(move |tx| jobs::claim(tx, owner, &[kind], LEASE, 10)).await.unwrap()
        };
        assert!(claim("one", "other").await.is_empty());
        let taken = claim("one", "mail").await;
        assert_eq!((taken.len(), taken[0].attempts), (1, 1));
        assert!(claim("two", "mail").await.is_empty());
        world.clock.advance(LEASE);
        assert_eq!(claim("two", "mail").await[0].attempts, 2);
        let late = world.write(|tx| jobs::settle(tx, first(), "one", &Settled::Done)).await;
        assert_eq!(late, Ok(false), "who lost the lease has no say");
        assert_eq!(world.write(|tx| jobs::settle(tx, first(), "two", &Settled::Done)).await, Ok(true));
        assert_eq!(world.read(jobs::counts).await, Ok((0, 1, 0)));
    }

    async fn a_dead_job_can_be_revived(world: TestStore) {
        let now = world.now();
        world.write(move |tx| {
            jobs::create(tx, &samples::job(1, "mail", now))?;
            jobs::claim(tx, "one", &["mail"], LEASE, 1)?;
            jobs::settle(tx, first(), "one", &Settled::Dead { error: "no".to_owned() })
        }).await.unwrap();
        assert_eq!(world.read(|tx| jobs::dead(tx, 10)).await.unwrap()[0].last_error.as_deref(), Some("no"));
        assert_eq!(world.write(|tx| jobs::revive(tx, first())).await, Ok(true));
        assert_eq!(world.read(|tx| jobs::next_due(tx, &["mail"])).await, Ok(Some(now)));
        assert_eq!(world.read(|tx| jobs::by_id(tx, first())).await.unwrap().unwrap().attempts, 0);
    }

    async fn a_schedule_is_done_now_unless_somebody_is_at_it(world: TestStore) {
        world.write(|tx| schedules::ensure(tx, "clean")).await.unwrap();
        let hour = world.now().plus(Span::from_hours(1));
        world.write(|tx| schedules::claim(tx, "clean", "one", LEASE)).await.unwrap();
        assert_eq!(world.write(|tx| schedules::hasten(tx, "clean")).await, Ok(false), "somebody is at it");
        world.write(move |tx| schedules::release(tx, "clean", "one", hour)).await.unwrap();
        assert_eq!(world.write(|tx| schedules::hasten(tx, "clean")).await, Ok(true));
        assert_eq!(world.read(|tx| schedules::next_run(tx, "clean")).await, Ok(Some(world.now())));
        assert_eq!(world.write(|tx| schedules::hasten(tx, "other")).await, Ok(false));
    }

    async fn a_schedule_has_one_runner(world: TestStore) {
        world.write(|tx| { schedules::ensure(tx, "clean")?; schedules::ensure(tx, "clean") }).await.unwrap();
        let claim = async |owner: &'static str| {
            world.write(move |tx| schedules::claim(tx, "clean", owner, LEASE)).await.unwrap()
        };
        assert!(claim("one").await);
        assert!(!claim("two").await);
        let next = world.now().plus(Span::from_hours(1));
        assert_eq!(world.write(move |tx| schedules::release(tx, "clean", "one", next)).await, Ok(true));
        assert!(!claim("two").await, "not due");
        world.clock.advance(Span::from_hours(1));
        assert!(claim("two").await);
        let lost: Result<bool, StoreError> = world.write(move |tx| schedules::release(tx, "clean", "one", next)).await;
        assert_eq!(lost, Ok(false));
    }
}
