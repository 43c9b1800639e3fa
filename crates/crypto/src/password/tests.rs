//! The pool as its users see it, and the hashes of others. The vectors were made with Python's `hashlib`,
//! `bcrypt` and `argon2-cffi`.

use std::{
    num::NonZeroUsize,
    sync::Arc,
    time::{Duration, Instant},
};

use countersign_types::{ErrorKind, Secret};

use super::*;
use crate::SystemRng;

fn options() -> HashOptions {
    HashOptions { memory_kib: 1024, threads: NonZeroUsize::MIN, ..HashOptions::default() }
}

fn pool_with(options: HashOptions) -> HashPool {
    HashPool::new(options, Arc::new(SystemRng)).unwrap()
}

async fn verify(pool: &HashPool, password: &str, stored: &str) -> Verdict {
    pool.verify(password.into(), Some(stored.into())).await.unwrap()
}

#[tokio::test]
async fn a_password_matches_its_own_hash_and_no_other() {
    let pool = pool_with(options());
    let hash = pool.hash("correct horse".into()).await.unwrap();
    assert!(hash.expose().starts_with("$argon2id$v=19$m=1024,t=2,p=1$"));
    let verdict = verify(&pool, "correct horse", hash.expose()).await;
    assert!(verdict.matches && verdict.rehash.is_none());
    assert!(!verify(&pool, "correct horsf", hash.expose()).await.matches);
    assert_ne!(hash.expose(), pool.hash("correct horse".into()).await.unwrap().expose(), "salted");
}

#[tokio::test]
async fn foreign_hashes_match_and_are_replaced() {
    let pool = pool_with(options());
    for stored in [
        "pbkdf2_sha256$1000$seasalt$mQnueSakb748zqBAC1tmWVZsZbi2zPGZarEzTGdfmso=",
        "$argon2id$v=19$m=1024,t=2,p=8$c2FsdHNhbHRzYWx0c2FsdA$TphYlO6VOTVzAIuyroTHwmJrUJOnNCpraWtlqNYZsAc",
        "argon2$argon2id$v=19$m=1024,t=2,p=8$c2FsdHNhbHRzYWx0c2FsdA$TphYlO6VOTVzAIuyroTHwmJrUJOnNCpraWtlqNYZsAc",
        "$argon2i$v=19$m=256,t=1,p=1$c2FsdHNhbHQ$UXgIhdsfbT/VI661F3mWl/sA9ur5N8ow",
        "$argon2id$v=16$m=512,t=2,p=2$c2FsdHNhbHRzYWx0c2FsdA$qtr1MRlxjba2C+YAvKTEPQ6IekQLmbLaAeyXFswxRgM",
        "$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e",
        "bcrypt$$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e",
        "bcrypt_sha256$$2b$04$abcdefghijklmnopqrstuuIvyWZlBcE3WoQXKqRnwrLYJ6nenE0Bq",
    ] {
        let verdict = verify(&pool, "correct horse", stored).await;
        assert!(verdict.matches, "{stored}");
        let rehash = verdict.rehash.expect("an upgrade");
        let again = verify(&pool, "correct horse", rehash.expose()).await;
        assert!(again.matches && again.rehash.is_none(), "{stored}");
        let wrong = verify(&pool, "wrong horse", stored).await;
        assert!(!wrong.matches && wrong.rehash.is_none(), "{stored}");
    }
}

#[tokio::test]
async fn stronger_parameters_take_hold_at_the_next_sign_in() {
    let old = pool_with(options()).hash("correct horse".into()).await.unwrap();
    let pool = pool_with(HashOptions { memory_kib: 2048, ..options() });
    let verdict = verify(&pool, "correct horse", old.expose()).await;
    assert!(verdict.matches);
    assert!(verdict.rehash.unwrap().expose().contains("m=2048,"));
}

#[tokio::test]
async fn the_same_password_typed_in_another_normal_form_matches() {
    let pool = pool_with(options());
    let (composed, decomposed) = ("p\u{e4}ssw\u{f6}rd", "pa\u{308}sswo\u{308}rd");
    let hash = pool.hash(composed.into()).await.unwrap();
    assert!(verify(&pool, decomposed, hash.expose()).await.matches);
    // A system that did not normalise hashed what was typed.
    let foreign = "pbkdf2_sha256$1000$seasalt$N6Y9F4+e9IXlNTaqbXepyI2gWE66YpiMrCbbZSR/ZjA=";
    let verdict = verify(&pool, decomposed, foreign).await;
    assert!(verdict.matches);
    assert!(verify(&pool, composed, verdict.rehash.unwrap().expose()).await.matches);
}

#[tokio::test]
async fn long_passwords_are_not_truncated_and_longer_ones_refused() {
    let pool = pool_with(options());
    let longest = "x".repeat(MAX_PASSWORD_LEN);
    let hash = pool.hash(longest.clone().into()).await.unwrap();
    assert!(verify(&pool, &longest, hash.expose()).await.matches);
    assert!(!verify(&pool, &longest[1..], hash.expose()).await.matches);
    for bad in ["", &"x".repeat(MAX_PASSWORD_LEN + 1)] {
        assert_eq!(pool.hash(bad.into()).await.unwrap_err(), HashError::Length);
        assert!(!verify(&pool, bad, hash.expose()).await.matches);
    }
    // bcrypt stops at 72 bytes, and whoever made the hash did, too.
    let bcrypt = "$2b$04$abcdefghijklmnopqrstuubzadhGtS2zEF.gu0yd0opP6cVzb.e0i";
    assert!(verify(&pool, &"x".repeat(80), bcrypt).await.matches);
}

#[tokio::test]
async fn a_hash_that_asks_for_too_much_or_is_nonsense_never_matches_and_never_hangs() {
    let pool = pool_with(options());
    let tail = "c2FsdHNhbHRzYWx0c2FsdA$TphYlO6VOTVzAIuyroTHwmJrUJOnNCpraWtlqNYZsAc";
    let began = Instant::now();
    for stored in [
        String::new(),
        "!unusable".to_owned(),
        "plaintext".to_owned(),
        "pbkdf2_sha256$4294967295$s$mQnueSakb748zqBAC1tmWVZsZbi2zPGZarEzTGdfmso=".to_owned(),
        "pbkdf2_sha256$0$s$mQnueSakb748zqBAC1tmWVZsZbi2zPGZarEzTGdfmso=".to_owned(),
        "pbkdf2_sha256$1000$s$".to_owned(),
        "pbkdf2_sha256$1000$s$$".to_owned(),
        format!("$argon2id$v=19$m=4294967295,t=1,p=1${tail}"),
        format!("$argon2id$v=19$m=1024,t=4294967295,p=1${tail}"),
        format!("$argon2id$v=19$m=1024,t=1,p=4294967295${tail}"),
        format!("$argon2id$v=19$m=0,t=0,p=0${tail}"),
        format!("$argon2id$v=18$m=1024,t=1,p=1${tail}"),
        format!("$argon2id$v=19$m=1024,t=1,p=1${tail}$more"),
        "$argon2id$v=19$m=1024,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$".to_owned(),
        "$argon2id$v=19$m=1024,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$AAAA".to_owned(),
        "$2b$31$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e".to_owned(),
        "$2b$04$short".to_owned(),
        "$2b$é4$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6".to_owned(),
        "$".repeat(5000),
    ] {
        let verdict = verify(&pool, "correct horse", &stored).await;
        assert!(!verdict.matches && verdict.rehash.is_none(), "{stored}");
    }
    assert!(began.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn an_unknown_user_costs_as_much_as_a_known_one() {
    let pool = pool_with(HashOptions { memory_kib: 8192, ..options() });
    let hash = pool.hash("correct horse".into()).await.unwrap();
    let mut known = Duration::MAX;
    let mut unknown = Duration::MAX;
    for _ in 0..5 {
        let began = Instant::now();
        assert!(!verify(&pool, "wrong", hash.expose()).await.matches);
        known = known.min(began.elapsed());
        let began = Instant::now();
        assert!(!pool.verify("wrong".into(), None).await.unwrap().matches);
        unknown = unknown.min(began.elapsed());
    }
    let ratio = unknown.as_secs_f64() / known.as_secs_f64();
    assert!((0.5..2.0).contains(&ratio), "known {known:?}, unknown {unknown:?}");
}

#[tokio::test]
async fn a_flood_beyond_the_queue_is_told_to_come_back() {
    let pool = pool_with(HashOptions { memory_kib: 16_384, iterations: 4, queue: 2, ..options() });
    let mut asked = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let pool = pool.clone();
        asked.spawn(async move { pool.verify("guess".into(), None).await });
    }
    let (mut answered, mut refused) = (0, 0);
    while let Some(answer) = asked.join_next().await {
        match answer.unwrap() {
            Ok(_) => answered += 1,
            Err(error @ HashError::Busy { retry_after_secs }) => {
                assert!((1..=60).contains(&retry_after_secs));
                assert_eq!(error.kind(), ErrorKind::Unavailable);
                refused += 1;
            }
            Err(error) => panic!("{error}"),
        }
    }
    assert!(answered >= 2 && refused >= 10, "{answered} answered, {refused} refused");
    // And afterwards it works again.
    assert!(pool.hash("correct horse".into()).await.is_ok());
}

#[tokio::test]
async fn idle_threads_end_and_the_next_password_starts_one() {
    let pool = pool_with(HashOptions { idle: Duration::from_millis(20), ..options() });
    assert_eq!(pool.load().threads, 0, "none before the first password");
    pool.hash("correct horse".into()).await.unwrap();
    let began = Instant::now();
    while pool.load().threads > 0 {
        assert!(began.elapsed() < Duration::from_secs(5), "threads do not end");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    pool.hash("correct horse".into()).await.unwrap();
}

#[tokio::test]
async fn a_job_whose_asker_has_gone_is_not_done() {
    let pool = pool_with(HashOptions { memory_kib: 16_384, iterations: 4, ..options() });
    let began = Instant::now();
    pool.verify("guess".into(), None).await.unwrap();
    let one = began.elapsed();
    for _ in 0..30 {
        let asked = pool.verify("guess".into(), None);
        tokio::select! { biased; _ = asked => {}, () = std::future::ready(()) => {} }
    }
    let began = Instant::now();
    pool.verify("guess".into(), None).await.unwrap();
    assert!(began.elapsed() < one * 15, "30 abandoned jobs were done: {:?} for {one:?}", began.elapsed());
}

#[test]
fn plain_threads_may_hash_too() {
    let hash = pool_with(options()).hash_blocking(&Secret::from("correct horse")).unwrap();
    assert!(hash.expose().starts_with("$argon2id$"));
}

#[test]
fn parameters_out_of_bounds_are_refused() {
    for (memory_kib, iterations, parallelism) in
        [(0, 2, 1), (1024, 0, 1), (1024, 2, 0), (u32::MAX, 2, 1), (1024, 1000, 1), (1024, 2, 1000), (8, 2, 2)]
    {
        let options = HashOptions { memory_kib, iterations, parallelism, ..options() };
        assert!(HashPool::new(options, Arc::new(SystemRng)).is_err());
    }
}
