//! Accounts that flows make and change.

use countersign_flows::{FlowRequest, PendingUser, Start, keys};
use countersign_model::{EventAction, FlowAuthentication, FlowDesignation, GroupId, UserType};
use countersign_stages::{IdentificationStage, PasswordStage, PromptStage, UserLoginStage, UserWriteStage};
use countersign_store::{groups, on_both_databases, testing::samples, users};
use serde_json::{Value, json};

use crate::world::{PASSWORD, World};

/// Enrolment: name, address, password; the user is written and signed in.
async fn enrolment(world: &World, write: Value) {
    let mut fields = Vec::new();
    for (key, kind) in [
        ("username", "username"),
        ("email", "email"),
        ("password", "password"),
        ("password_repeat", "password"),
    ] {
        fields.push(world.prompt(key, kind, json!({})).await.raw().to_string());
    }
    let prompts = world.object::<PromptStage>("questions", json!({ "fields": fields })).await;
    let write = world.object::<UserWriteStage>("write", write).await;
    let login = world.object::<UserLoginStage>("login", json!({})).await;
    let mut flow = samples::flow(9, "enrol");
    flow.designation = FlowDesignation::Enrollment;
    flow.authentication = FlowAuthentication::None;
    world.put_flow(flow, &[prompts, write, login]).await;
}

const ALICE: [(&str, &str); 4] = [
    ("username", "alice"),
    ("email", "alice@example.org"),
    ("password", "a long password"),
    ("password_repeat", "a long password"),
];

/// A flow of one question and a user write stage.
async fn rename_flow(
    world: &World,
    designation: FlowDesignation,
    first: &[countersign_model::ConfigObjectId],
) {
    let name = world.prompt("name", "text", json!({})).await;
    let prompts =
        world.object::<PromptStage>("rename-questions", json!({ "fields": [name.raw().to_string()] })).await;
    let write = world.object::<UserWriteStage>("rename-write", json!({})).await;
    let mut stages = first.to_vec();
    stages.extend([prompts, write]);
    world.flow("rename", designation, &stages).await;
}

on_both_databases! {
    async fn somebody_enrols_and_is_signed_in(db: TestStore) {
        let world = World::new(db);
        let group = samples::group(1, "newcomers", &[]);
        let row = group.clone();
        world.write(move |tx| groups::create(tx, &row)).await;
        enrolment(&world, json!({ "create_users_group": group.id.raw().to_string(), "user_path_template": "people/%(username)s" })).await;
        let mut browser = world.browser("alice");
        browser.open("enrol?next=%2Fif%2Fuser%2F").await;
        let before = world.trips();
        assert_eq!(browser.send(&ALICE).await.gone(), "/if/user/");
        let cost = world.trips() - before;
        assert_eq!((cost.reads, cost.writes), (1, 1));
        assert_eq!(browser.who().await.as_deref(), Some("alice"));
        let alice = world.user_named("alice").await.unwrap();
        assert_eq!((alice.user_type, alice.path.as_str(), alice.email.as_str()), (UserType::External, "people/alice", "alice@example.org"));
        assert!(alice.pk > 0 && alice.password_change_date.is_some());
        let id = alice.id;
        let subject = world.read(move |tx| users::subject(tx, id)).await.unwrap();
        assert_eq!(subject.direct_groups, [group.id]);
        let write = &world.events(EventAction::UserWrite).await[0];
        assert_eq!((write.context["created"].clone(), write.user.as_ref().unwrap().pk), (json!(true), alice.pk));
        assert_eq!(world.events(EventAction::Login).await[0].user.as_ref().unwrap().pk, alice.pk);
        assert_eq!(world.sessions_of(&alice).await[0].auth_method, "password");
    }

    async fn two_who_choose_the_same_name_at_once(db: TestStore) {
        let world = World::new(db);
        enrolment(&world, json!({})).await;
        let mut browsers = [world.browser("one"), world.browser("two"), world.browser("three")];
        for browser in &mut browsers {
            browser.open("enrol").await;
        }
        let attempts = browsers.iter_mut().map(|browser| browser.send(&ALICE));
        let seen = futures_util::future::join_all(attempts).await;
        let (ended, asked): (Vec<_>, Vec<_>) = seen.iter().partition(|page| matches!(page, crate::world::Seen::Gone(_)));
        assert_eq!(ended.len(), 1);
        for page in asked {
            assert_eq!(page.component(), "ak-stage-prompt");
            assert_eq!(page.complaints(), [("username", "unique")]);
        }
    }

    async fn a_user_who_was_made_inactive_is_not_signed_in(db: TestStore) {
        let world = World::new(db);
        enrolment(&world, json!({ "create_users_as_inactive": true })).await;
        let mut browser = world.browser("alice");
        browser.open("enrol").await;
        assert!(browser.send(&ALICE).await.is_denied());
        assert_eq!(browser.who().await, None);
    }

    async fn a_signed_in_user_cannot_make_others_outside_enrolment(db: TestStore) {
        let world = World::new(db);
        let alice = world.user(200, "alice").await;
        let mut number = 0;
        for designation in FlowDesignation::ALL {
            for mode in ["create_when_required", "always_create"] {
                number += 1;
                let username = world.prompt("username", "text", json!({})).await;
                let fields = json!({ "fields": [username.raw().to_string()] });
                let prompts = world.object::<PromptStage>(&format!("questions-{number}"), fields).await;
                let document = json!({ "user_creation_mode": mode });
                let write = world.object::<UserWriteStage>(&format!("write-{number}"), document).await;
                let slug = format!("flow-{number}");
                world.flow(&slug, *designation, &[prompts, write]).await;
                let mut browser = world.signed_in(&alice).await;
                browser.open(&slug).await;
                browser.send(&[("username", &format!("made-{number}"))]).await;
                let made = world.user_named(&format!("made-{number}")).await;
                let is_new = made.as_ref().is_some_and(|user| user.id != alice.id);
                let may = *designation == FlowDesignation::Enrollment && mode == "always_create";
                assert_eq!(is_new, may, "{designation:?} {mode}");
                let session = browser.session.unwrap();
                world.write(move |tx| countersign_store::sessions::delete(tx, &session)).await;
            }
        }
    }

    async fn nobody_makes_users_by_a_settings_flow(db: TestStore) {
        let world = World::new(db);
        let username = world.prompt("username", "text", json!({})).await;
        let prompts = world.object::<PromptStage>("questions", json!({ "fields": [username.raw().to_string()] })).await;
        let write = world.object::<UserWriteStage>("write", json!({ "user_creation_mode": "always_create" })).await;
        for designation in [FlowDesignation::StageConfiguration, FlowDesignation::Recovery, FlowDesignation::Invalidation] {
            let slug = designation.as_str();
            world.flow(slug, designation, &[prompts, write]).await;
            let mut browser = world.browser(slug);
            browser.open(slug).await;
            assert!(browser.send(&[("username", "mallory")]).await.is_denied());
        }
        assert!(world.user_named("mallory").await.is_none());
    }

    async fn naming_somebody_gives_no_right_over_his_account(db: TestStore) {
        let world = World::new(db);
        let alice = world.user(1, "alice").await;
        let mallory = world.user(2, "mallory").await;
        let who = world.object::<IdentificationStage>("who", json!({ "user_fields": ["username"] })).await;
        rename_flow(&world, FlowDesignation::Recovery, &[who]).await;
        for mut browser in [world.browser("stranger"), world.signed_in(&mallory).await] {
            for name in ["alice", "nobody"] {
                browser.open("rename").await;
                browser.send(&[("uid_field", name)]).await;
                assert!(browser.send(&[("name", "Owned")]).await.is_denied());
            }
        }
        assert_eq!(world.user_row(&alice).await.unwrap().name, alice.name);
        assert_eq!(world.user_row(&mallory).await.unwrap().name, mallory.name);
        // Who proves it may.
        let password = world.object::<PasswordStage>("password", json!({ "backends": ["authentik.core.auth.InbuiltBackend"] })).await;
        let name = world.prompt("name", "text", json!({})).await;
        let prompts = world.object::<PromptStage>("more", json!({ "fields": [name.raw().to_string()] })).await;
        let write = world.object::<UserWriteStage>("write-2", json!({})).await;
        world.flow("proved", FlowDesignation::Recovery, &[who, password, prompts, write]).await;
        let mut browser = world.browser("alice");
        browser.open("proved").await;
        browser.send(&[("uid_field", "alice")]).await;
        browser.send(&[("password", PASSWORD)]).await;
        browser.send(&[("name", "Alice")]).await.gone();
        assert_eq!(world.user_row(&alice).await.unwrap().name, "Alice");
    }

    async fn a_restored_plan_changes_its_own_user_only(db: TestStore) {
        let world = World::new(db);
        let alice = world.user(1, "alice").await;
        let bob = world.user(2, "bob").await;
        let who = world.object::<IdentificationStage>("who", json!({ "user_fields": ["username"] })).await;
        rename_flow(&world, FlowDesignation::Recovery, &[who]).await;
        let flow = world.db.snapshot().await.unwrap().flow_by_slug("rename").unwrap().clone();
        let start = Start::default()
            .with(&keys::PENDING_USER, &PendingUser::Known { id: alice.id })
            .with(&keys::IS_RESTORED, &true);
        let mut browser = world.browser("mail");
        let request = FlowRequest { slug: "rename".to_owned(), ..browser.request() };
        let address = world.executor.address(&flow, &start, None, &request).unwrap();
        browser.open(&format!("rename?{}", address.split_once('?').unwrap().1)).await;
        browser.send(&[("uid_field", "bob")]).await;
        assert!(browser.send(&[("name", "Owned")]).await.is_denied());
        assert_eq!(world.user_row(&bob).await.unwrap().name, bob.name);
    }

    async fn a_new_password_ends_the_other_sessions(db: TestStore) {
        let world = World::new(db);
        let alice = world.user(1, "alice").await;
        let mut fields = Vec::new();
        for key in ["password", "password_repeat"] {
            fields.push(world.prompt(key, "password", json!({})).await.raw().to_string());
        }
        let prompts = world.object::<PromptStage>("questions", json!({ "fields": fields })).await;
        let write = world.object::<UserWriteStage>("write", json!({ "user_creation_mode": "never_create" })).await;
        world.flow("password", FlowDesignation::StageConfiguration, &[prompts, write]).await;
        let mut own = world.signed_in(&alice).await;
        let mut other = world.browser("stolen");
        let mut stolen = samples::session(7, alice.id, world.db.now());
        stolen.id.0 = countersign_types::random_uuid(&*world.db.rng);
        other.session = Some(stolen.key);
        world.write(move |tx| countersign_store::sessions::create(tx, &stolen)).await;
        assert_eq!(other.who().await.as_deref(), Some("alice"));
        own.open("password").await;
        own.send(&[("password", "another one"), ("password_repeat", "another one")]).await.gone();
        assert_eq!(own.who().await.as_deref(), Some("alice"));
        assert_eq!(other.who().await, None);
        let stored = world.user_row(&alice).await.unwrap().password;
        assert!(world.hashes.verify("another one".into(), stored).await.unwrap().matches);
        assert_eq!(world.events(EventAction::PasswordSet).await.len(), 1);
    }

    async fn a_prompt_for_groups_is_refused_and_the_plans_groups_are_joined(db: TestStore) {
        let world = World::new(db);
        let alice = world.user(1, "alice").await;
        let admins = samples::group(1, "admins", &[]);
        let row = admins.clone();
        world.write(move |tx| groups::create(tx, &row)).await;
        let name = world.prompt("groups", "text", json!({})).await;
        let prompts = world.object::<PromptStage>("questions", json!({ "fields": [name.raw().to_string()] })).await;
        let write = world.object::<UserWriteStage>("write", json!({})).await;
        let flow = world.flow("groups", FlowDesignation::StageConfiguration, &[prompts, write]).await;
        let mut browser = world.signed_in(&alice).await;
        browser.open("groups").await;
        assert!(browser.send(&[("groups", "admins")]).await.is_denied());
        let id = alice.id;
        assert!(world.read(move |tx| groups::direct_of(tx, id)).await.is_empty());
        assert_eq!(flow.slug.as_str(), "groups");
        rename_flow(&world, FlowDesignation::StageConfiguration, &[]).await;
        let flow = world.db.snapshot().await.unwrap().flow_by_slug("rename").unwrap().clone();
        let start = Start::default().with(&keys::GROUPS, &vec![admins.id.raw(), GroupId::random(&*world.db.rng).raw()]);
        let request = FlowRequest { slug: "rename".to_owned(), ..browser.request() };
        let address = world.executor.address(&flow, &start, None, &request).unwrap();
        browser.open(&format!("rename?{}", address.split_once('?').unwrap().1)).await;
        browser.send(&[("name", "Alice")]).await.gone();
        assert_eq!(world.read(move |tx| groups::direct_of(tx, id)).await, [admins.id]);
    }
}
