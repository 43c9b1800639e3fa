//! Accounts that their owners delete, or lock because somebody else may be in them.

use countersign_model::{EventAction, EventUser, FlowDesignation, TokenIntent};
use countersign_stages::{
    AccountLockdownStage, DenyStage, IdentificationStage, PromptStage, UserDeleteStage,
};
use countersign_store::{on_both_databases, testing::samples, tokens};
use serde_json::{Value, json};

use crate::world::{PASSWORD, World};

async fn deleting(world: &World) {
    let delete = world.object::<UserDeleteStage>("delete", json!({})).await;
    world.flow("leave-for-good", FlowDesignation::Unenrollment, &[delete]).await;
}

async fn locking(world: &World, document: Value) {
    let lock = world.object::<AccountLockdownStage>("lock", document).await;
    world.flow("lock", FlowDesignation::StageConfiguration, &[lock]).await;
}

on_both_databases! {
    async fn somebody_deletes_his_account(db: TestStore) {
        let world = World::new(db);
        let alice = world.user(1, "alice").await;
        deleting(&world).await;
        let mut browser = world.signed_in(&alice).await;
        let page = browser.open("leave-for-good").await;
        assert_eq!(page.component(), "ak-stage-consent");
        let token = page.asked().challenge.data["token"].as_str().unwrap().to_owned();
        assert!(world.user_row(&alice).await.is_some());
        let page = browser.send(&[("token", "a guess")]).await;
        assert_eq!(page.complaints(), [("", "invalid")]);
        assert_eq!(browser.send(&[("token", &token)]).await.gone(), "/");
        assert!(world.user_row(&alice).await.is_none());
        assert_eq!(browser.who().await, None);
        let event = &world.events(EventAction::ModelDeleted).await[0];
        assert_eq!(event.user.as_ref().unwrap().username, "alice");
        // The page that was left open does nothing more.
        assert!(browser.open("leave-for-good").await.is_denied());
    }

    async fn a_program_deletes_the_account_it_answers_for(db: TestStore) {
        let world = World::new(db);
        let alice = world.user(1, "alice").await;
        deleting(&world).await;
        let mut program = world.signed_in(&alice).await;
        let page = program.open("leave-for-good").await;
        let token = page.asked().challenge.data["token"].clone();
        let empty = program.send_json(json!({ "component": "ak-stage-consent" })).await.unwrap();
        assert_eq!(empty.complaints(), [("", "invalid")]);
        program.send_json(json!({ "component": "ak-stage-consent", "token": token })).await.unwrap().gone();
        assert!(world.user_row(&alice).await.is_none());
    }

    async fn a_page_opened_by_another_site_deletes_nobody(db: TestStore) {
        let world = World::new(db);
        let alice = world.user(1, "alice").await;
        deleting(&world).await;
        locking(&world, json!({})).await;
        let mut browser = world.signed_in(&alice).await;
        browser.facts.is_cross_site = true;
        let before = world.trips();
        for page in ["leave-for-good", "lock"] {
            assert_eq!(browser.open(page).await.component(), "ak-stage-consent");
            assert_eq!(browser.reload().await.component(), "ak-stage-consent");
        }
        assert_eq!((world.trips() - before).writes, 0);
        assert!(world.user_row(&alice).await.unwrap().is_active);
    }

    async fn an_answered_question_is_enough(db: TestStore) {
        let world = World::new(db);
        let alice = world.user(1, "alice").await;
        let sure = world.prompt("sure", "checkbox", json!({})).await;
        let prompts = world.object::<PromptStage>("sure", json!({ "fields": [sure.raw().to_string()] })).await;
        let delete = world.object::<UserDeleteStage>("delete", json!({})).await;
        world.flow("leave", FlowDesignation::Unenrollment, &[prompts, delete]).await;
        let mut browser = world.signed_in(&alice).await;
        assert_eq!(browser.open("leave").await.component(), "ak-stage-prompt");
        browser.send(&[("sure", "on")]).await.gone();
        assert!(world.user_row(&alice).await.is_none());
    }

    async fn naming_somebody_neither_deletes_nor_locks_his_account(db: TestStore) {
        let world = World::new(db);
        let alice = world.user(1, "alice").await;
        let mallory = world.user(2, "mallory").await;
        let who = world.object::<IdentificationStage>("who", json!({ "user_fields": ["username"] })).await;
        let delete = world.object::<UserDeleteStage>("delete", json!({})).await;
        let lock = world.object::<AccountLockdownStage>("lock", json!({})).await;
        world.flow("delete", FlowDesignation::Authentication, &[who, delete]).await;
        world.flow("lock", FlowDesignation::Authentication, &[who, lock]).await;
        for slug in ["delete", "lock"] {
            let mut stranger = world.browser("stranger");
            stranger.open(slug).await;
            assert!(stranger.send(&[("uid_field", "alice")]).await.is_denied());
            let mut other = world.signed_in_again(&mallory).await;
            other.open(slug).await;
            assert!(other.send(&[("uid_field", "alice")]).await.is_denied());
        }
        let row = world.user_row(&alice).await.unwrap();
        assert!(row.is_active && row.password.is_some());
        assert!(world.user_row(&mallory).await.unwrap().is_active);
    }

    async fn an_impersonator_deletes_nobody(db: TestStore) {
        let world = World::new(db);
        let alice = world.user(1, "alice").await;
        let helper = world.user(2, "helper").await;
        deleting(&world).await;
        locking(&world, json!({})).await;
        let mut browser = world.signed_in(&alice).await;
        browser.facts.impersonator = Some(EventUser::of(&helper));
        for page in ["leave-for-good", "lock"] {
            assert!(browser.open(page).await.is_denied());
        }
        assert!(world.user_row(&alice).await.unwrap().is_active);
    }

    async fn who_was_deactivated_half_way_deletes_nothing(db: TestStore) {
        let world = World::new(db);
        let alice = world.user(1, "alice").await;
        deleting(&world).await;
        let mut browser = world.signed_in(&alice).await;
        let page = browser.open("leave-for-good").await;
        let token = page.asked().challenge.data["token"].as_str().unwrap().to_owned();
        world.change_user(&alice, |user| user.is_active = false).await;
        let after = browser.try_send(&[("token", &token)]).await;
        assert!(after.map_or(true, |seen| !matches!(seen, crate::world::Seen::Asked(_))));
        assert!(world.user_row(&alice).await.is_some());
    }

    async fn a_locked_account_is_of_no_use_to_anybody(db: TestStore) {
        let world = World::new(db);
        let alice = world.user(1, "alice").await;
        let told = world.object::<DenyStage>("told", json!({ "deny_message": "Ask the help desk." })).await;
        let after = world.flow("locked", FlowDesignation::Recovery, &[told]).await;
        locking(&world, json!({ "self_service_completion_flow": after.id.raw().to_string() })).await;
        world.sign_in_flow().await;
        let mut token = samples::token(1, alice.id, world.db.now());
        token.intent = TokenIntent::Api;
        world.write(move |tx| tokens::create(tx, &token)).await;
        let mut thief = world.signed_in(&alice).await;
        thief.secret = "browser of a thief".to_owned().into();
        let mut browser = world.browser("alice");
        browser.open("sign-in").await;
        browser.send(&[("uid_field", "alice")]).await;
        browser.send(&[("password", PASSWORD)]).await.gone();
        let page = browser.open("lock").await;
        let yes = page.asked().challenge.data["token"].as_str().unwrap().to_owned();
        let to = browser.send(&[("token", &yes)]).await.gone().to_owned();
        assert!(to.starts_with("/if/flow/locked/"), "{to}");
        assert!(browser.open(&to.trim_start_matches("/if/flow/").replacen("/?", "?", 1)).await.is_denied());
        let row = world.user_row(&alice).await.unwrap();
        assert!(!row.is_active && row.password.is_none());
        assert_eq!(thief.who().await, None);
        let id = alice.id;
        assert!(world.read(move |tx| tokens::of_user(tx, id)).await.is_empty());
        let event = &world.events(EventAction::UserWrite).await[0];
        assert_eq!(event.context["lockdown"], true);
    }

    async fn a_lock_does_what_it_was_told_and_no_more(db: TestStore) {
        let world = World::new(db);
        let alice = world.user(1, "alice").await;
        locking(&world, json!({ "deactivate_user": false, "set_unusable_password": false, "delete_sessions": false })).await;
        let mut browser = world.signed_in(&alice).await;
        let page = browser.open("lock").await;
        let yes = page.asked().challenge.data["token"].as_str().unwrap().to_owned();
        browser.send(&[("token", &yes)]).await.gone();
        let row = world.user_row(&alice).await.unwrap();
        assert!(row.is_active && row.password.is_some());
        assert_eq!(browser.who().await.as_deref(), Some("alice"));
    }
}
