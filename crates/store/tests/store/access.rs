//! Sessions, codes, refresh tokens, one-time tokens: what is used once is used once, what has expired is dead.

use std::{sync::Arc, thread};

use countersign_model::{GrantId, ProviderId, TokenIntent, UserId};
use countersign_store::{
    Change, StoreError, codes,
    codes::CodeUse,
    consents, events,
    expired::{self, Expiring},
    grants,
    grants::{Refreshed, Rotation},
    on_both_databases, plans, sessions,
    testing::{
        TestStore,
        samples::{self, digest},
    },
    throttles,
    throttles::ThrottleRule,
    tokens,
};
use countersign_types::{PageRequest, Span};
use uuid::Uuid;

const CROWD: usize = 100;

fn nobody() -> UserId {
    UserId(Uuid::from_u128(1))
}

fn provider() -> ProviderId {
    ProviderId(Uuid::from_u128(2))
}

/// A hundred at once, and what each of them got.
fn crowd<T: Send + 'static>(
    world: &TestStore,
    each: impl Fn(&countersign_store::Store) -> Result<T, StoreError> + Send + Sync + 'static,
) -> Vec<T> {
    let each = Arc::new(each);
    let threads: Vec<_> = (0..CROWD)
        .map(|_| {
            let (store, each) = (world.store().clone(), Arc::clone(&each));
            thread::spawn(move || each(&store).unwrap())
        })
        .collect();
    threads.into_iter().map(|thread| thread.join().unwrap()).collect()
}

on_both_databases! {
    async fn of_a_hundred_who_present_a_code_one_wins(world: TestStore) {
        let now = world.now();
        let grant = samples::grant(1, provider(), nobody(), now);
        let code = samples::code(1, &grant, now);
        let id = grant.id;
        world.write(move |tx| { grants::create(tx, &grant)?; codes::create(tx, &code) }).await.unwrap();
        let outcomes = crowd(&world, |store| store.write_blocking(|tx| codes::consume(tx, &digest(1))));
        let fresh = outcomes.iter().filter(|outcome| matches!(outcome, CodeUse::Fresh(_))).count();
        let reused = outcomes.iter().filter(|outcome| matches!(outcome, CodeUse::Reused(_))).count();
        assert_eq!((fresh, reused), (1, CROWD - 1));
        // The others are the proof of a copy: what the code brought is gone.
        assert!(world.read(move |tx| grants::live(tx, id)).await.unwrap().is_none());
    }

    async fn an_expired_code_is_dead_and_revokes_nothing(world: TestStore) {
        let now = world.now();
        let grant = samples::grant(1, provider(), nobody(), now);
        let code = samples::code(1, &grant, now);
        let id = grant.id;
        world.write(move |tx| { grants::create(tx, &grant)?; codes::create(tx, &code) }).await.unwrap();
        world.clock.advance(Span::from_mins(1));
        let outcome = world.write(|tx| codes::consume(tx, &digest(1))).await.unwrap();
        assert!(matches!(outcome, CodeUse::Dead));
        let unknown = world.write(|tx| codes::consume(tx, &digest(9))).await.unwrap();
        assert!(matches!(unknown, CodeUse::Dead));
        assert!(world.read(move |tx| grants::live(tx, id)).await.unwrap().is_some());
    }

    async fn of_a_hundred_who_present_a_refresh_token_one_wins_and_the_family_ends(world: TestStore) {
        let now = world.now();
        let grant = samples::grant(1, provider(), nobody(), now);
        let id = grant.id;
        let expires = now.plus(Span::from_days(30));
        world.write(move |tx| {
            grants::create(tx, &grant)?;
            assert!(grants::first_refresh(tx, id, &digest(1), expires)?);
            assert!(!grants::first_refresh(tx, id, &digest(2), expires)?);
            Ok::<_, StoreError>(())
        }).await.unwrap();
        let outcomes = crowd(&world, move |store| {
            store.write_blocking(move |tx| grants::rotate_refresh(tx, &rotation(id, 1, 1, 2, expires)))
        });
        let rotated = outcomes.iter().filter(|outcome| matches!(outcome, Refreshed::Rotated(_))).count();
        let reused = outcomes.iter().filter(|outcome| matches!(outcome, Refreshed::Reused(_))).count();
        // Whoever comes second revokes; whoever comes after that finds the grant dead.
        assert_eq!(rotated, 1);
        assert!(reused >= 1, "nobody noticed the copies");
        let winner = world.write(move |tx| grants::rotate_refresh(tx, &rotation(id, 2, 2, 3, expires))).await;
        assert!(matches!(winner.unwrap(), Refreshed::Dead));
    }

    async fn a_stolen_older_refresh_token_ends_the_family(world: TestStore) {
        let now = world.now();
        let grant = samples::grant(1, provider(), nobody(), now);
        let id = grant.id;
        let expires = now.plus(Span::from_days(30));
        world.write(move |tx| {
            grants::create(tx, &grant)?;
            grants::first_refresh(tx, id, &digest(1), expires)?;
            let first = grants::rotate_refresh(tx, &rotation(id, 1, 1, 2, expires))?;
            assert!(matches!(&first, Refreshed::Rotated(grant) if grant.refresh_generation == 2));
            let guessed = grants::rotate_refresh(tx, &rotation(id, 2, 9, 3, expires))?;
            assert!(matches!(guessed, Refreshed::Dead), "a wrong key of the generation in force proves nothing");
            let mut foreign = rotation(id, 2, 2, 3, expires);
            foreign.provider = ProviderId(Uuid::from_u128(77));
            assert!(matches!(grants::rotate_refresh(tx, &foreign)?, Refreshed::Dead));
            Ok::<_, StoreError>(())
        }).await.unwrap();
        let (told, heard) = std::sync::mpsc::channel();
        world.subscribe(move |change| { let _ = told.send(change.clone()); });
        let outcome = world.write(move |tx| grants::rotate_refresh(tx, &rotation(id, 1, 1, 4, expires))).await;
        assert!(matches!(outcome.unwrap(), Refreshed::Reused(_)));
        assert_eq!(heard.try_recv(), Ok(Change::Grant(id)));
        let honest = world.write(move |tx| grants::rotate_refresh(tx, &rotation(id, 2, 2, 3, expires))).await;
        assert!(matches!(honest.unwrap(), Refreshed::Dead));
        assert_eq!(world.read(move |tx| grants::revoked_after(tx, now.minus(Span::from_secs(1)))).await, Ok(vec![id]));
    }

    async fn an_expired_refresh_token_is_dead(world: TestStore) {
        let now = world.now();
        let grant = samples::grant(1, provider(), nobody(), now);
        let id = grant.id;
        let expires = now.plus(Span::from_days(30));
        world.write(move |tx| {
            grants::create(tx, &grant)?;
            grants::first_refresh(tx, id, &digest(1), expires)
        }).await.unwrap();
        world.clock.advance(Span::from_days(30));
        let outcome = world.write(move |tx| grants::rotate_refresh(tx, &rotation(id, 1, 1, 2, expires))).await;
        assert!(matches!(outcome.unwrap(), Refreshed::Dead));
    }

    async fn of_a_hundred_who_present_a_one_time_token_one_gets_it(world: TestStore) {
        let token = samples::token(1, nobody(), world.now());
        world.write(move |tx| tokens::create(tx, &token)).await.unwrap();
        let wrong = world.write(|tx| tokens::consume(tx, &digest(1), TokenIntent::Api)).await.unwrap();
        assert!(wrong.is_none(), "a token is good for its own purpose only");
        let outcomes =
            crowd(&world, |store| store.write_blocking(|tx| tokens::consume(tx, &digest(1), TokenIntent::Recovery)));
        assert_eq!(outcomes.iter().flatten().count(), 1);
    }

    async fn an_expired_session_is_dead_while_its_row_is_there(world: TestStore) {
        let session = samples::session(1, nobody(), world.now());
        let id = session.id;
        world.write(move |tx| sessions::create(tx, &session)).await.unwrap();
        assert!(world.read(|tx| sessions::by_key(tx, &digest(1))).await.unwrap().is_some());
        world.clock.advance(Span::from_hours(1));
        let (by_key, by_id, of_user, touched) = world.write(move |tx| {
            Ok::<_, StoreError>((
                sessions::by_key(tx, &digest(1))?,
                sessions::by_id(tx, id)?,
                sessions::of_user(tx, nobody())?,
                sessions::touch(tx, &digest(1))?,
            ))
        }).await.unwrap();
        assert!(by_key.is_none() && by_id.is_none() && of_user.is_empty() && !touched);
        assert_eq!(world.write(|tx| expired::clear(tx, Expiring::Sessions)).await, Ok(1));
    }

    async fn a_busy_session_is_touched_once_a_minute(world: TestStore) {
        let session = samples::session(1, nobody(), world.now());
        assert!(!sessions::is_due(&session, world.now()));
        world.write(move |tx| sessions::create(tx, &session)).await.unwrap();
        assert_eq!(world.write(|tx| sessions::touch(tx, &digest(1))).await, Ok(false));
        world.clock.advance(Span::from_secs(60));
        assert_eq!(world.write(|tx| sessions::touch(tx, &digest(1))).await, Ok(true));
        assert_eq!(world.write(|tx| sessions::touch(tx, &digest(1))).await, Ok(false));
    }

    async fn a_fixated_session_key_is_worth_nothing_after_sign_in(world: TestStore) {
        let now = world.now();
        let mut session = samples::session(1, nobody(), now);
        let before = session.clone();
        session.key = digest(2);
        session.authenticated_at = now.plus(Span::from_secs(5));
        world.write(move |tx| {
            sessions::create(tx, &before)?;
            assert!(sessions::rotate(tx, &digest(1), &session)?);
            assert!(!sessions::rotate(tx, &digest(1), &session)?);
            Ok::<_, StoreError>(())
        }).await.unwrap();
        assert!(world.read(|tx| sessions::by_key(tx, &digest(1))).await.unwrap().is_none());
        let now_at = world.read(|tx| sessions::by_key(tx, &digest(2))).await.unwrap().unwrap().authenticated_at;
        assert_eq!(now_at, now.plus(Span::from_secs(5)));
    }

    async fn a_user_signs_out_everywhere_else(world: TestStore) {
        let now = world.now();
        world.write(move |tx| {
            for number in 1..=3 {
                sessions::create(tx, &samples::session(number, nobody(), now))?;
            }
            sessions::create(tx, &samples::session(4, UserId(Uuid::from_u128(99)), now))
        }).await.unwrap();
        let ended = world.write(|tx| sessions::delete_of_user(tx, nobody(), Some(&digest(2)))).await.unwrap();
        assert_eq!(ended, 2);
        let left = world.read(|tx| sessions::of_user(tx, nobody())).await.unwrap();
        assert_eq!(left.iter().map(|session| session.key).collect::<Vec<_>>(), [digest(2)]);
        let gone = world.write(|tx| sessions::delete(tx, &digest(4))).await.unwrap().unwrap();
        assert_eq!(gone.key, digest(4));
        assert!(world.write(|tx| sessions::delete(tx, &digest(4))).await.unwrap().is_none());
    }

    async fn of_two_equal_answers_to_a_step_one_counts(world: TestStore) {
        let now = world.now();
        assert_eq!(world.write(move |tx| plans::create(tx, &samples::plan(1, 1, now))).await, Ok(true));
        assert_eq!(world.write(move |tx| plans::create(tx, &samples::plan(1, 1, now))).await, Ok(false));
        let outcomes = crowd(&world, move |store| {
            store.write_blocking(move |tx| plans::advance(tx, &samples::plan(1, 2, now), 1))
        });
        assert_eq!(outcomes.into_iter().filter(|won| *won).count(), 1);
        assert_eq!(world.read(|tx| plans::by_key(tx, &digest(1))).await.unwrap().unwrap().step, 2);
    }

    async fn another_run_takes_the_place_of_a_plan(world: TestStore) {
        let now = world.now();
        let mut other = samples::plan(1, 1, now);
        other.plan_id = Uuid::from_u128(5);
        let plan_id = other.plan_id;
        world.write(move |tx| {
            assert!(plans::create(tx, &samples::plan(1, 1, now))?);
            assert!(plans::create(tx, &other)?);
            assert!(!plans::advance(tx, &samples::plan(1, 2, now), 1)?, "the first run is over");
            assert!(plans::finish(tx, &digest(1), plan_id, 1)?);
            assert!(!plans::finish(tx, &digest(1), plan_id, 1)?);
            Ok::<_, StoreError>(())
        }).await.unwrap();
    }

    async fn an_expired_plan_is_dead_and_gives_way(world: TestStore) {
        let now = world.now();
        world.write(move |tx| plans::create(tx, &samples::plan(1, 1, now))).await.unwrap();
        world.clock.advance(Span::from_hours(1));
        assert!(world.read(|tx| plans::by_key(tx, &digest(1))).await.unwrap().is_none());
        assert_eq!(world.write(move |tx| plans::advance(tx, &samples::plan(1, 2, now), 1)).await, Ok(false));
        let later = world.now();
        assert_eq!(world.write(move |tx| plans::create(tx, &samples::plan(1, 1, later))).await, Ok(true));
    }

    async fn failures_lock_and_time_unlocks(world: TestStore) {
        let rule = ThrottleRule { window: Span::from_mins(5), limit: 3, lock: Span::from_mins(15) };
        let key = digest(1);
        for expected in 1..=2 {
            let throttle = world.write(move |tx| throttles::bump(tx, &key, &rule)).await.unwrap();
            assert_eq!((throttle.failures, throttle.is_locked(world.now())), (expected, false));
        }
        let locked = world.write(move |tx| throttles::bump(tx, &key, &rule)).await.unwrap();
        assert!(locked.is_locked(world.now()));
        world.clock.advance(Span::from_mins(14));
        let still = world.read(move |tx| throttles::by_key(tx, &key)).await.unwrap().unwrap();
        assert!(still.is_locked(world.now()));
        world.clock.advance(Span::from_mins(1));
        assert!(world.read(move |tx| throttles::by_key(tx, &key)).await.unwrap().is_none());
        let anew = world.write(move |tx| throttles::bump(tx, &key, &rule)).await.unwrap();
        assert_eq!((anew.failures, anew.is_locked(world.now())), (1, false));
        assert_eq!(world.write(move |tx| throttles::reset(tx, &key)).await, Ok(true));
        let immediate = ThrottleRule { limit: 1, ..rule };
        let first = world.write(move |tx| throttles::bump(tx, &key, &immediate)).await.unwrap();
        assert!(first.is_locked(world.now()));
    }

    async fn failures_of_a_crowd_are_all_counted(world: TestStore) {
        let rule = ThrottleRule { window: Span::from_mins(5), limit: 1000, lock: Span::from_mins(1) };
        let counts = crowd(&world, move |store| store.write_blocking(move |tx| throttles::bump(tx, &digest(1), &rule)));
        assert_eq!(counts.iter().map(|throttle| throttle.failures).max(), Some(CROWD as i32));
    }

    async fn a_consent_takes_the_place_of_the_earlier(world: TestStore) {
        let now = world.now();
        let consent = countersign_model::Consent {
            id: countersign_model::ConsentId(Uuid::from_u128(1)),
            user: nobody(),
            application: countersign_model::ApplicationId(Uuid::from_u128(3)),
            permissions: "openid".to_owned(),
            expires: Some(now.plus(Span::from_days(1))),
        };
        let mut wider = consent.clone();
        wider.id = countersign_model::ConsentId(Uuid::from_u128(2));
        wider.permissions = "email openid".to_owned();
        let application = consent.application;
        world.write(move |tx| { consents::put(tx, &consent)?; consents::put(tx, &wider) }).await.unwrap();
        let kept = world.read(move |tx| consents::by_user_and_application(tx, nobody(), application)).await;
        assert_eq!(kept.unwrap().unwrap().permissions, "email openid");
        assert_eq!(world.read(|tx| consents::of_user(tx, nobody())).await.unwrap().len(), 1);
        world.clock.advance(Span::from_days(1));
        let late = world.read(move |tx| consents::by_user_and_application(tx, nobody(), application)).await;
        assert!(late.unwrap().is_none());
    }

    async fn the_trail_is_read_from_its_end(world: TestStore) {
        let now = world.now();
        let batch: Vec<_> = (1..=5).map(|number| samples::event(number, now)).collect();
        world.write(move |tx| events::create_batch(tx, &batch)).await.unwrap();
        let filter = events::EventFilter::default();
        let first = world.read({
            let filter = filter.clone();
            move |tx| events::list(tx, &filter, &PageRequest::first(2))
        }).await.unwrap();
        assert_eq!(ids(&first.items), [5, 4]);
        let next = PageRequest { after: first.next, limit: 10 };
        let rest = world.read(move |tx| events::list(tx, &filter, &next)).await.unwrap();
        assert_eq!((ids(&rest.items), rest.next), (vec![3, 2, 1], None));
    }

    async fn clearing_takes_a_bounded_batch(world: TestStore) {
        let now = world.now();
        world.write(move |tx| {
            for number in 0..600_u32 {
                let mut session = samples::session(1, nobody(), now);
                let mut key = [0; 32];
                key[..4].copy_from_slice(&number.to_be_bytes());
                session.key = countersign_types::Digest(key);
                session.id = countersign_model::SessionId(Uuid::from_u128(u128::from(number)));
                sessions::create(tx, &session)?;
            }
            Ok::<_, StoreError>(())
        }).await.unwrap();
        world.clock.advance(Span::from_hours(2));
        assert_eq!(world.write(|tx| expired::clear(tx, Expiring::Sessions)).await, Ok(500));
        assert_eq!(world.write(|tx| expired::clear(tx, Expiring::Sessions)).await, Ok(100));
        for table in Expiring::ALL {
            assert_eq!(world.write(move |tx| expired::clear(tx, table)).await, Ok(0), "{table:?}");
        }
    }
}

fn ids(events: &[countersign_model::Event]) -> Vec<u128> {
    events.iter().map(|event| event.id.raw().as_u128() & 0xffff).collect()
}

fn rotation(
    grant: GrantId,
    generation: i32,
    presented: u8,
    next: u8,
    expires: countersign_types::Timestamp,
) -> Rotation {
    Rotation {
        grant,
        provider: provider(),
        generation,
        presented: digest(presented),
        next: digest(next),
        expires,
    }
}
