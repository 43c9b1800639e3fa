//! The first set-up.

use countersign_model::FlowDesignation;
use countersign_stages::{
    InitialSetupStage, PromptStage, SETUP_CODE, UserLoginStage, UserWriteStage, kept_setup_code,
};
use countersign_store::{on_both_databases, settings, testing::TestStore, users};
use countersign_types::ClientAddr;
use serde_json::json;

use crate::world::{Browser, World};

const ANSWERS: [(&str, &str); 2] = [("email", "root@example.org"), ("password", "a long password")];

async fn fresh(db: TestStore) -> World {
    let world = World::new(db);
    let akadmin = world.user(1, "akadmin").await;
    world.change_user(&akadmin, |user| user.password = None).await;
    world.write(|tx| settings::put(tx, SETUP_CODE, &kept_setup_code("GX7K-2M9Q"))).await;
    let mut fields = Vec::new();
    for (key, kind) in [("email", "email"), ("password", "password")] {
        fields.push(world.prompt(key, kind, json!({})).await.raw().to_string());
    }
    let guard = world.object::<InitialSetupStage>("guard", json!({ "mode": "guard" })).await;
    let prompts = world.object::<PromptStage>("questions", json!({ "fields": fields })).await;
    let write =
        world.object::<UserWriteStage>("write", json!({ "user_creation_mode": "never_create" })).await;
    let finish = world.object::<InitialSetupStage>("finish", json!({ "mode": "finish" })).await;
    let login = world.object::<UserLoginStage>("login", json!({})).await;
    let stages = [guard, prompts, write, finish, login];
    world.flow("initial-setup", FlowDesignation::StageConfiguration, &stages).await;
    world.flow("shortcut", FlowDesignation::StageConfiguration, &[prompts, write, finish, login]).await;
    world
}

fn local<'w>(world: &'w World, name: &str) -> Browser<'w> {
    let mut browser = world.browser(name);
    browser.facts.client = Some(ClientAddr("127.0.0.1".parse().unwrap()));
    browser.facts.host = "localhost".to_owned();
    browser
}

on_both_databases! {
    async fn the_owner_at_the_machine_needs_no_code(db: TestStore) {
        let world = fresh(db).await;
        let mut browser = local(&world, "owner");
        assert_eq!(browser.open("initial-setup").await.component(), "ak-stage-prompt");
        browser.send(&ANSWERS).await.gone();
        assert_eq!(browser.who().await.as_deref(), Some("akadmin"));
        let akadmin = world.user_named("akadmin").await.unwrap();
        assert_eq!(akadmin.email, "root@example.org");
        assert!(world.hashes.verify("a long password".into(), akadmin.password).await.unwrap().matches);
        assert!(world.read(|tx| settings::get(tx, SETUP_CODE)).await.is_none());
    }

    async fn dns_rebinding_does_not_make_a_stranger_the_owner(db: TestStore) {
        let world = fresh(db).await;
        for host in ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "127.evil", "2130706433", ""] {
            let mut browser = local(&world, host);
            browser.facts.host = host.to_owned();
            assert_eq!(browser.open("initial-setup").await.component(), "ak-stage-setup-code", "{host}");
        }
        for host in ["localhost", "127.0.0.1", "[::1]"] {
            let mut browser = local(&world, host);
            browser.facts.host = host.to_owned();
            assert_eq!(browser.open("initial-setup").await.component(), "ak-stage-prompt", "{host}");
        }
    }

    async fn a_stranger_needs_the_code_that_was_printed(db: TestStore) {
        let world = fresh(db).await;
        for client in [Some("192.0.2.1"), None] {
            let mut browser = world.browser(client.unwrap_or("unknown"));
            browser.facts.client = client.map(|text| ClientAddr(text.parse().unwrap()));
            assert_eq!(browser.open("initial-setup").await.component(), "ak-stage-setup-code");
            assert_eq!(browser.send(&[]).await.complaints(), [("code", "required")]);
            assert_eq!(browser.send(&[("code", "AAAA-AAAA")]).await.complaints(), [("code", "invalid")]);
            assert_eq!(browser.send(&[("email", "x@y.z"), ("password", "x")]).await.component(), "ak-stage-setup-code");
        }
        let mut browser = world.browser("owner");
        browser.open("initial-setup").await;
        assert_eq!(browser.send(&[("code", "gx7k 2m9q")]).await.component(), "ak-stage-prompt");
        browser.send(&ANSWERS).await.gone();
        assert_eq!(browser.who().await.as_deref(), Some("akadmin"));
    }

    async fn the_code_cannot_be_guessed_at_will(db: TestStore) {
        let world = fresh(db).await;
        for number in 0..6 {
            let mut browser = world.browser(&number.to_string());
            browser.open("initial-setup").await;
            assert_eq!(browser.send(&[("code", "AAAA-AAAA")]).await.complaints(), [("code", "invalid")]);
        }
        let mut browser = world.browser("right");
        browser.open("initial-setup").await;
        assert_eq!(browser.send(&[("code", "GX7K-2M9Q")]).await.complaints(), [("code", "throttled")]);
    }

    async fn it_is_closed_afterwards_and_deleting_akadmin_does_not_reopen_it(db: TestStore) {
        let world = fresh(db).await;
        let mut late = local(&world, "late");
        late.open("initial-setup").await;
        let mut browser = local(&world, "owner");
        browser.open("initial-setup").await;
        browser.send(&ANSWERS).await.gone();
        assert!(late.send(&[("email", "evil@example.org"), ("password", "evil")]).await.is_denied());
        assert_eq!(world.user_named("akadmin").await.unwrap().email, "root@example.org");
        let akadmin = world.user_named("akadmin").await.unwrap().id;
        world.write(move |tx| users::delete(tx, akadmin)).await;
        assert!(local(&world, "again").open("initial-setup").await.is_denied());
        world.user(3, "akadmin").await;
        assert!(local(&world, "once-more").open("initial-setup").await.is_denied());
    }

    async fn of_two_owners_at_once_one_wins(db: TestStore) {
        let world = fresh(db).await;
        let mut browsers = [local(&world, "one"), local(&world, "two")];
        for browser in &mut browsers {
            browser.open("initial-setup").await;
        }
        let seen = futures_util::future::join_all(browsers.iter_mut().map(|browser| browser.send(&ANSWERS))).await;
        assert_eq!(seen.iter().filter(|page| page.is_denied()).count(), 1);
    }

    async fn without_the_guard_nothing_is_set_up(db: TestStore) {
        let world = fresh(db).await;
        let mut browser = local(&world, "owner");
        browser.open("shortcut").await;
        assert!(browser.send(&ANSWERS).await.is_denied());
        assert!(world.read(settings::initial_setup_is_open).await);
    }
}
