//! What policies remember of sign-ins: scores, and passwords that were replaced.

use countersign_model::{ConfigObject, ConfigObjectId, Family, ReputationRule, User};
use countersign_store::{
    config_objects,
    expired::{self, Expiring},
    on_both_databases, password_history,
    password_history::{MOST_KEPT, UNIQUE_PASSWORD_POLICY},
    reputations,
    reputations::{Judged, Observed, ReputationFilter},
    testing::{TestStore, samples},
    users,
};
use countersign_types::{Secret, Span};
use serde_json::json;
use uuid::Uuid;

const RULE: ReputationRule = ReputationRule { lower: -5, upper: 5, remembered: Span::from_days(1) };

fn observed(identifier: &str, ip: &str, by: i32) -> Observed {
    Observed { identifier: identifier.to_owned(), ip: ip.to_owned(), by, ..Observed::default() }
}

async fn observe(world: &TestStore, identifier: &str, ip: &str, by: i32) {
    let observed = observed(identifier, ip, by);
    world.write(move |tx| reputations::observe(tx, &observed, &RULE)).await.unwrap();
}

async fn judge(world: &TestStore, ip: Option<&str>, identifier: Option<&str>) -> i64 {
    let of = Judged { ip: ip.map(str::to_owned), identifier: identifier.map(str::to_owned) };
    world.read(move |tx| reputations::judge(tx, &of, &RULE)).await.unwrap()
}

async fn hashes(world: &TestStore, user: &User) -> Vec<String> {
    let id = user.id;
    let kept = world.read(move |tx| password_history::of_user(tx, id, MOST_KEPT)).await.unwrap();
    kept.iter().map(|hash| hash.expose().clone()).collect()
}

async fn unique_passwords(world: &TestStore, depth: u32) {
    let policy = ConfigObject {
        id: ConfigObjectId(Uuid::from_u128(77)),
        family: Family::Policy,
        kind: UNIQUE_PASSWORD_POLICY.to_owned(),
        name: "unique".to_owned(),
        managed: None,
        config: json!({ "num_historical_passwords": depth }),
    };
    world.write(move |tx| config_objects::create(tx, &policy)).await.unwrap();
}

async fn someone(world: &TestStore) -> User {
    let user = User { password: Some(Secret::from("first")), ..samples::user(1, "ada", world.now()) };
    let row = user.clone();
    world.write(move |tx| users::create(tx, &row)).await.unwrap();
    user
}

async fn set(world: &TestStore, user: &User, hash: &'static str) {
    let id = user.id;
    world.clock.advance(Span::from_secs(1));
    world.write(move |tx| users::set_password(tx, id, Some(hash))).await.unwrap();
}

on_both_databases! {
    async fn scores_add_up_by_address_and_by_name(world: TestStore) {
        observe(&world, "Ada", "192.0.2.1", -2).await;
        observe(&world, "ada", "192.0.2.1", -1).await;
        observe(&world, "ada", "192.0.2.2", -1).await;
        observe(&world, "bob", "192.0.2.1", 1).await;
        assert_eq!(judge(&world, Some("192.0.2.1"), None).await, -2);
        assert_eq!(judge(&world, None, Some("ADA")).await, -4);
        assert_eq!(judge(&world, Some("192.0.2.1"), Some("ada")).await, -3, "each row counts once");
        assert_eq!(judge(&world, None, None).await, 0);
    }

    async fn scores_fade_and_are_cleared_away(world: TestStore) {
        observe(&world, "ada", "192.0.2.1", -9).await;
        assert_eq!(judge(&world, None, Some("ada")).await, -5);
        world.clock.advance(Span::from_hours(10));
        assert_eq!(judge(&world, None, Some("ada")).await, -3);
        observe(&world, "ada", "192.0.2.1", -1).await;
        assert_eq!(judge(&world, None, Some("ada")).await, -4, "what has faded stays so");
        world.clock.advance(Span::from_hours(25));
        assert_eq!(judge(&world, None, Some("ada")).await, 0);
        assert_eq!(world.write(|tx| expired::clear(tx, Expiring::Reputations)).await, Ok(1));
    }

    async fn reputations_are_listed_and_forgotten(world: TestStore) {
        for (name, ip) in [("ada", "192.0.2.1"), ("ada", "192.0.2.2"), ("bob", "192.0.2.1")] {
            observe(&world, name, ip, -1).await;
        }
        let filter = ReputationFilter { identifier: Some("Ada".to_owned()), ip: None };
        let request = countersign_store::ListRequest::first(10).counted();
        let found = world.read(move |tx| reputations::browse(tx, &filter, &request)).await.unwrap();
        assert_eq!(found.items.len(), 2);
        let id = found.items[0].id;
        assert_eq!(world.write(move |tx| reputations::delete(tx, id)).await, Ok(true));
        assert!(world.read(move |tx| reputations::by_id(tx, id)).await.unwrap().is_none());
        assert_eq!(judge(&world, None, Some("ada")).await, -1);
    }

    async fn replaced_passwords_are_kept_only_while_a_policy_asks_for_them(world: TestStore) {
        let user = someone(&world).await;
        set(&world, &user, "second").await;
        assert_eq!(hashes(&world, &user).await, Vec::<String>::new());
        unique_passwords(&world, 2).await;
        for hash in ["third", "third", "fourth", "fifth"] {
            set(&world, &user, hash).await;
        }
        assert_eq!(hashes(&world, &user).await, ["fourth", "third"], "of the oldest nothing is left");
        let (id, old) = (user.id, "fifth");
        world.write(move |tx| users::upgrade_password(tx, id, old, "fifth, stronger")).await.unwrap();
        assert_eq!(hashes(&world, &user).await.len(), 2, "a better hash is the same password");
        world.clock.advance(Span::from_secs(1));
        let changed = User { password: Some(Secret::from("sixth")), ..user.clone() };
        world.write(move |tx| users::update(tx, &changed)).await.unwrap();
        assert_eq!(hashes(&world, &user).await[0], "fifth, stronger");
        world.write(move |tx| users::delete(tx, id)).await.unwrap();
        assert_eq!(hashes(&world, &user).await, Vec::<String>::new());
    }
}
