//! Signing in, and what a stranger can find out by trying.

use countersign_flows::Comfort;
use countersign_model::{EventAction, FlowDesignation, UserType};
use countersign_stages::{IdentificationStage, UserLoginStage, UserWriteStage};
use countersign_store::{on_both_databases, testing::samples, tokens};
use countersign_types::Span;
use serde_json::json;

use crate::world::{PASSWORD, Seen, World};

on_both_databases! {
    async fn somebody_signs_in_with_name_and_password(db: TestStore) {
        let world = World::new(db);
        let alice = world.user(1, "alice").await;
        world.sign_in_flow().await;
        let mut browser = world.browser("alice");
        let page = browser.open("sign-in?next=%2Fif%2Fuser%2F").await;
        assert_eq!(page.component(), "ak-stage-identification");
        let page = browser.send(&[("uid_field", " Alice@Example.org ")]).await;
        assert_eq!(page.component(), "ak-stage-password");
        assert_eq!(page.asked().challenge.pending_user.as_ref().unwrap().name, "Alice@Example.org");
        let end = browser.send(&[("password", PASSWORD)]).await;
        assert_eq!(end.gone(), "/if/user/");
        assert_eq!(browser.who().await.as_deref(), Some("alice"));
        let session = &world.sessions_of(&alice).await[0];
        assert_eq!(session.auth_method, "password");
        assert_eq!(session.expires, world.db.now().plus(Span::from_hours(24)));
        assert!(world.user_row(&alice).await.unwrap().last_login.is_some());
        let login = &world.events(EventAction::Login).await[0];
        assert_eq!(login.user.as_ref().unwrap().username, "alice");
        assert_eq!(login.context["auth_method"], "password");
        assert_eq!(login.client_ip.as_deref(), Some("192.0.2.7"));
    }

    async fn an_anonymous_visit_writes_nothing(db: TestStore) {
        let world = World::new(db);
        world.sign_in_flow().await;
        let mut browser = world.browser("nobody");
        browser.open("sign-in").await;
        let before = world.trips();
        browser.open("sign-in").await;
        let cost = world.trips() - before;
        assert_eq!(cost.writes, 0);
    }

    async fn a_password_costs_one_read_and_one_write(db: TestStore) {
        let world = World::new(db);
        world.user(1, "alice").await;
        world.sign_in_flow().await;
        let mut browser = world.browser("alice");
        browser.open("sign-in").await;
        let before = world.trips();
        browser.send(&[("uid_field", "alice")]).await;
        let cost = world.trips() - before;
        assert_eq!((cost.reads, cost.writes), (1, 1), "name");
        let before = world.trips();
        let page = browser.send(&[("password", "wrong")]).await;
        assert_eq!(page.complaints(), [("password", "invalid")]);
        let cost = world.trips() - before;
        assert_eq!((cost.reads, cost.writes), (1, 1), "wrong password");
        let before = world.trips();
        browser.send(&[("password", PASSWORD)]).await.gone();
        let cost = world.trips() - before;
        assert_eq!((cost.reads, cost.writes), (1, 1), "right password");
    }

    async fn accounts_cannot_be_enumerated(db: TestStore) {
        let world = World::new(db);
        world.user(1, "alice").await;
        let idle = world.user(2, "idle").await;
        world.change_user(&idle, |user| user.is_active = false).await;
        let keyless = world.user(3, "keyless").await;
        world.change_user(&keyless, |user| user.password = None).await;
        let machine = world.user(4, "machine").await;
        world.change_user(&machine, |user| user.user_type = UserType::InternalServiceAccount).await;
        world.sign_in_flow().await;
        let mut seen = Vec::new();
        for name in ["alice", "idle", "keyless", "machine", "nobody"] {
            let mut browser = world.browser(name);
            browser.open("sign-in").await;
            let before = world.trips();
            let asked = browser.send(&[("uid_field", name)]).await.as_json();
            let mut answers = vec![asked];
            for _ in 0..4 {
                answers.push(browser.send(&[("password", "wrong")]).await.as_json());
            }
            let Seen::Denied(words) = browser.send(&[("password", "wrong")]).await else { panic!("five times") };
            seen.push((answers, words, world.trips() - before));
        }
        for other in &seen[1..] {
            assert_eq!(other, &seen[0]);
        }
    }

    async fn an_inactive_user_with_the_right_password_is_told_nothing(db: TestStore) {
        let world = World::new(db);
        let idle = world.user(1, "idle").await;
        world.change_user(&idle, |user| user.is_active = false).await;
        world.sign_in_flow().await;
        let mut browser = world.browser("idle");
        browser.open("sign-in").await;
        browser.send(&[("uid_field", "idle")]).await;
        let page = browser.send(&[("password", PASSWORD)]).await;
        assert_eq!(page.complaints(), [("password", "invalid")]);
        assert!(world.sessions_of(&idle).await.is_empty());
    }

    async fn a_user_deactivated_half_way_does_not_get_in(db: TestStore) {
        let world = World::new(db);
        let alice = world.user(1, "alice").await;
        let name = world.object::<IdentificationStage>("who", json!({ "user_fields": ["username"] })).await;
        let password = world.password_stage(json!({})).await;
        let login = world.object::<UserLoginStage>("login", json!({ "remember_me_offset": "days=30" })).await;
        world.flow("sign-in", FlowDesignation::Authentication, &[name, password, login]).await;
        let mut browser = world.browser("alice");
        browser.open("sign-in").await;
        browser.send(&[("uid_field", "alice")]).await;
        let page = browser.send(&[("password", PASSWORD)]).await;
        assert_eq!(page.component(), "ak-stage-user-login");
        world.change_user(&alice, |user| user.is_active = false).await;
        assert!(browser.send(&[("remember_me", "true")]).await.is_denied());
        assert!(world.sessions_of(&alice).await.is_empty());
    }

    async fn name_and_password_on_one_page(db: TestStore) {
        let world = World::new(db);
        let alice = world.user(1, "alice").await;
        let password = world.password_stage(json!({})).await;
        let name = world.object::<IdentificationStage>(
            "who",
            json!({ "user_fields": ["username"], "password_stage": password.raw().to_string() }),
        ).await;
        let login = world.object::<UserLoginStage>("login", json!({ "session_duration": "days=7" })).await;
        world.flow("sign-in", FlowDesignation::Authentication, &[name, login]).await;
        let mut browser = world.browser("alice");
        let page = browser.open("sign-in").await;
        assert_eq!(page.asked().challenge.data["password_fields"], true);
        let page = browser.send(&[("uid_field", "alice")]).await;
        assert_eq!(page.complaints(), [("password", "required")]);
        let known = browser.send(&[("uid_field", "alice"), ("password", "wrong")]).await;
        assert!(world.browser("x").session.is_none());
        let mut stranger = world.browser("stranger");
        stranger.open("sign-in").await;
        stranger.send(&[("uid_field", "nobody")]).await;
        let unknown = stranger.send(&[("uid_field", "nobody"), ("password", "wrong")]).await;
        let strip = |seen: &Seen| seen.as_json().to_string().replace("alice", "").replace("nobody", "");
        assert_eq!(strip(&known), strip(&unknown));
        let before = world.trips();
        browser.send(&[("uid_field", "alice"), ("password", PASSWORD)]).await.gone();
        let cost = world.trips() - before;
        assert_eq!((cost.reads, cost.writes), (1, 1));
        assert_eq!(world.sessions_of(&alice).await[0].expires, world.db.now().plus(Span::from_days(7)));
    }

    async fn an_app_password_signs_in_where_tokens_may(db: TestStore) {
        let world = World::new(db);
        let alice = world.user(1, "alice").await;
        let bob = world.user(2, "bob").await;
        let mut token = samples::token(1, alice.id, world.db.now());
        token.key = countersign_crypto::digest("app-password-of-alice");
        token.intent = countersign_model::TokenIntent::AppPassword;
        let mut recovery = samples::token(2, bob.id, world.db.now());
        recovery.key = countersign_crypto::digest("recovery-of-bob");
        world.write(move |tx| { tokens::create(tx, &token)?; tokens::create(tx, &recovery) }).await;
        let name = world.object::<IdentificationStage>("who", json!({ "user_fields": ["username"] })).await;
        let backends = json!({ "backends": ["authentik.core.auth.TokenBackend"] });
        let password = world.password_stage(backends).await;
        let login = world.object::<UserLoginStage>("login", json!({})).await;
        world.flow("sign-in", FlowDesignation::Authentication, &[name, password, login]).await;
        for (who, typed) in [("bob", "app-password-of-alice"), ("bob", "recovery-of-bob"), ("alice", PASSWORD)] {
            let mut browser = world.browser(&format!("{who} {typed}"));
            browser.open("sign-in").await;
            browser.send(&[("uid_field", who)]).await;
            assert_eq!(browser.send(&[("password", typed)]).await.complaints(), [("password", "invalid")], "{who}");
        }
        let mut browser = world.browser("alice");
        browser.open("sign-in").await;
        browser.send(&[("uid_field", "alice")]).await;
        browser.send(&[("password", "app-password-of-alice")]).await.gone();
        assert_eq!(world.sessions_of(&alice).await[0].auth_method, "app_password");
    }

    async fn no_order_of_stages_signs_in_without_proof(db: TestStore) {
        let world = World::new(db);
        world.user(1, "alice").await;
        let name = world.object::<IdentificationStage>("who", json!({ "user_fields": ["username"] })).await;
        let password = world.password_stage(json!({})).await;
        let write = world.object::<UserWriteStage>("write", json!({})).await;
        let login = world.object::<UserLoginStage>("login", json!({})).await;
        let orders = [
            vec![login],
            vec![name, login],
            vec![name, login, password],
            vec![write, login],
            vec![name, write, login],
            vec![name, password, name, login],
        ];
        for (number, stages) in orders.iter().enumerate() {
            let slug = format!("order-{number}");
            world.flow(&slug, FlowDesignation::Authentication, stages).await;
            let mut browser = world.browser(&slug);
            let mut page = browser.open(&slug).await;
            while let Seen::Asked(shown) = &page {
                page = match shown.challenge.component {
                    "ak-stage-identification" => browser.send(&[("uid_field", "alice")]).await,
                    _ => browser.send(&[("password", PASSWORD)]).await,
                };
            }
            assert!(page.is_denied(), "{number}: {page:?}");
            assert_eq!(browser.who().await, None, "{number}");
        }
    }

    async fn a_second_sign_in_rotates_the_session_and_keeps_its_name(db: TestStore) {
        let world = World::new(db);
        let alice = world.user(1, "alice").await;
        world.sign_in_flow().await;
        let mut browser = world.signed_in(&alice).await;
        let old_key = browser.session.unwrap();
        let old = world.sessions_of(&alice).await.remove(0);
        world.db.clock.advance(Span::from_mins(5));
        browser.open("sign-in").await;
        browser.send(&[("uid_field", "alice")]).await;
        browser.send(&[("password", PASSWORD)]).await.gone();
        assert_ne!(browser.session.unwrap(), old_key);
        let sessions = world.sessions_of(&alice).await;
        assert_eq!(sessions.len(), 1);
        assert_eq!(sessions[0].id, old.id);
        assert_eq!(sessions[0].authenticated_at, world.db.now());
        assert!(world.db.live_session(&old_key).await.unwrap().is_none());
    }

    async fn other_sessions_end_if_so_configured(db: TestStore) {
        let world = World::new(db);
        let alice = world.user(1, "alice").await;
        let other = world.signed_in(&alice).await;
        let name = world.object::<IdentificationStage>("who", json!({ "user_fields": ["username"] })).await;
        let password = world.password_stage(json!({})).await;
        let login = world.object::<UserLoginStage>("login", json!({ "terminate_other_sessions": true })).await;
        world.flow("sign-in", FlowDesignation::Authentication, &[name, password, login]).await;
        let mut browser = world.browser("second");
        browser.open("sign-in").await;
        browser.send(&[("uid_field", "alice")]).await;
        browser.send(&[("password", PASSWORD)]).await.gone();
        assert_eq!(other.who().await, None);
        assert_eq!(browser.who().await.as_deref(), Some("alice"));
    }

    async fn a_login_hint_is_filled_in(db: TestStore) {
        let world = World::new(db);
        world.sign_in_flow().await;
        let mut browser = world.browser("hinted");
        let page = browser.open("sign-in?login_hint=alice%40example.org").await;
        assert_eq!(page.asked().challenge.fields().next().unwrap().value, "alice@example.org");
        let page = browser.open("sign-in?login_hint=a%00b").await;
        assert_eq!(page.asked().challenge.fields().next().unwrap().value, "");
    }

    async fn an_account_is_shown_by_its_name_where_that_tells_nothing(db: TestStore) {
        let world = World::new(db);
        let alice = world.user(1, "alice").await;
        world.change_user(&alice, |user| {
            user.email = "a@example.org".to_owned();
            user.attributes.insert("avatar".to_owned(), json!("https://example.org/a.png"));
        }).await;
        let password = world.password_stage(json!({})).await;
        let settings = [
            // Nobody is pretended; somebody may be; nothing is to be shown; the password came with the name.
            (json!({ "pretend_user_exists": false }), "alice"),
            (json!({}), "a@example.org"),
            (json!({ "pretend_user_exists": false, "show_matched_user": false }), "a@example.org"),
            (json!({ "password_stage": password.raw().to_string() }), "alice"),
        ];
        for (number, (more, shown)) in settings.into_iter().enumerate() {
            let mut document = json!({ "user_fields": ["email"] });
            document.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            let name = world.object::<IdentificationStage>(&format!("who-{number}"), document).await;
            let slug = format!("sign-in-{number}");
            let again = world.password_stage_named(&format!("again-{number}")).await;
            world.flow(&slug, FlowDesignation::Authentication, &[name, again]).await;
            let mut browser = world.browser(&slug);
            browser.open(&slug).await;
            let page = browser.send(&[("uid_field", "a@example.org"), ("password", PASSWORD)]).await;
            let person = page.asked().challenge.pending_user.clone().unwrap();
            assert_eq!(person.name, shown, "{more}");
            let picture = if shown == "alice" { "https://example.org/a.png" } else { "" };
            assert_eq!(person.avatar, picture, "{more}");
        }
    }

    async fn names_are_remembered_and_passwords_shown_where_that_is_offered(db: TestStore) {
        let world = World::new(db);
        let password = world.password_stage(json!({ "allow_show_password": true })).await;
        let document = json!({
            "user_fields": ["upn"],
            "enable_remember_me": true,
            "password_stage": password.raw().to_string(),
        });
        let name = world.object::<IdentificationStage>("who", document).await;
        world.flow("sign-in", FlowDesignation::Authentication, &[name]).await;
        let page = world.browser("x").open("sign-in").await;
        let challenge = &page.asked().challenge;
        let comforts: Vec<_> = challenge.fields().map(|field| field.comfort).collect();
        assert_eq!(comforts, [Some(Comfort::Remember), Some(Comfort::Reveal)]);
        assert_eq!((&challenge.data["enable_remember_me"], &challenge.data["allow_show_password"]), (&json!(true), &json!(true)));
        let plain = world.object::<IdentificationStage>("plain", json!({ "user_fields": ["upn"] })).await;
        world.flow("plain", FlowDesignation::Authentication, &[plain]).await;
        let page = world.browser("y").open("plain").await;
        assert!(page.asked().challenge.fields().all(|field| field.comfort.is_none()));
    }

    async fn without_pretending_an_unknown_name_is_refused_at_once(db: TestStore) {
        let world = World::new(db);
        let document = json!({ "user_fields": ["username"], "pretend_user_exists": false, "case_insensitive_matching": false });
        world.user(1, "alice").await;
        let name = world.object::<IdentificationStage>("who", document).await;
        let password = world.password_stage(json!({})).await;
        world.flow("sign-in", FlowDesignation::Authentication, &[name, password]).await;
        let mut browser = world.browser("x");
        browser.open("sign-in").await;
        for unknown in ["nobody", "Alice", "alice@example.org"] {
            assert_eq!(browser.send(&[("uid_field", unknown)]).await.complaints(), [("uid_field", "invalid")], "{unknown}");
        }
        assert_eq!(world.events(EventAction::LoginFailed).await.len(), 3);
        assert_eq!(browser.send(&[("uid_field", "alice")]).await.component(), "ak-stage-password");
    }
}

#[test]
fn what_cannot_work_yet_is_refused_by_name() {
    use countersign_resource::ConfigKind as _;
    let id = "00000000-0000-0000-0000-000000000001";
    for (field, value) in [("webauthn_stage", json!(id)), ("user_fields", json!([]))] {
        let mut document = json!({ "user_fields": ["username"] });
        document[field] = value;
        let stage: IdentificationStage = serde_json::from_value(document).unwrap();
        assert_eq!(stage.validate().unwrap_err().0[0].path, field);
    }
}
