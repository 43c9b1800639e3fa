//! What applications may have.

use countersign_flows::{FlowRequest, PendingUser, ReplyKind, Start, keys};
use countersign_model::{Application, Flow, FlowDesignation, User};
use countersign_stages::ConsentStage;
use countersign_store::{
    applications, consents, on_both_databases,
    testing::{TestStore, samples},
};
use countersign_types::Span;
use serde_json::{Value, json};

use crate::world::{Browser, Seen, World};

struct Scene {
    world: World,
    alice: User,
    flow: Flow,
    application: Application,
}

impl Scene {
    async fn new(db: TestStore, stage: Value) -> Self {
        let world = World::new(db);
        let alice = world.user(1, "alice").await;
        let application = samples::application(1, "wiki", None);
        let row = application.clone();
        world.write(move |tx| applications::create(tx, &row)).await;
        let stage = world.object::<ConsentStage>("consent", stage).await;
        let flow = world.flow("may-it", FlowDesignation::Authorization, &[stage]).await;
        Self { world, alice, flow, application }
    }

    /// What an application that asks for these permissions comes to.
    async fn ask(
        &self,
        browser: &mut Browser<'_>,
        permissions: &[&str],
        more: impl Fn(Start) -> Start,
    ) -> Seen {
        let listed: Vec<_> = permissions.iter().map(|id| ((*id).to_owned(), format!("About {id}"))).collect();
        let application = serde_json::from_value(json!({ "$application": self.application.id })).unwrap();
        let start = Start::default()
            .with(&keys::APPLICATION, &application)
            .with(&keys::PENDING_USER, &PendingUser::Known { id: self.alice.id })
            .with(&keys::REDIRECT, &"https://wiki.example.org/callback".to_owned())
            .with(&keys::CONSENT_PERMISSIONS, &listed);
        let request = FlowRequest { slug: "may-it".to_owned(), ..browser.request() };
        let reply = self.world.executor.begin(&self.flow, more(start), &request).await.unwrap();
        let ReplyKind::Redirect { to } = reply.kind else { panic!("a redirect") };
        match to.strip_prefix("/if/flow/may-it/") {
            Some(query) => browser.open(&format!("may-it{query}")).await,
            None => Seen::Gone(to),
        }
    }
}

fn token(page: &Seen) -> String {
    page.asked().challenge.data["token"].as_str().unwrap().to_owned()
}

on_both_databases! {
    async fn consent_is_asked_once_and_again_only_for_what_is_new(db: TestStore) {
        let scene = Scene::new(db, json!({})).await;
        let mut browser = scene.world.signed_in(&scene.alice).await;
        let page = scene.ask(&mut browser, &["openid", "email"], |start| start).await;
        assert_eq!(page.component(), "ak-stage-consent");
        assert_eq!(page.asked().challenge.data["permissions"][1], json!({ "id": "email", "name": "About email" }));
        let token = token(&page);
        assert_eq!(browser.send(&[("token", &token)]).await.gone(), "https://wiki.example.org/callback");
        assert!(matches!(scene.ask(&mut browser, &["email"], |start| start).await, Seen::Gone(_)));
        let before = scene.world.trips();
        assert!(matches!(scene.ask(&mut browser, &["openid", "email"], |start| start).await, Seen::Gone(_)));
        let cost = scene.world.trips() - before;
        assert_eq!((cost.reads, cost.writes), (0, 0), "a consent on file costs nothing when warm");
        let page = scene.ask(&mut browser, &["openid", "email", "profile"], |start| start).await;
        let data = &page.asked().challenge.data;
        assert_eq!(data["additional_permissions"], json!([{ "id": "profile", "name": "About profile" }]));
        assert_eq!(data["permissions"].as_array().unwrap().len(), 2);
    }

    async fn consent_expires_and_can_be_forced_and_withdrawn(db: TestStore) {
        let scene = Scene::new(db, json!({ "consent_expire_in": "hours=1" })).await;
        let mut browser = scene.world.signed_in(&scene.alice).await;
        for round in ["first", "expired", "forced", "withdrawn"] {
            let page = scene.ask(&mut browser, &["openid"], |start| match round {
                "forced" => start.with(&keys::CONSENT_FORCED, &true),
                _ => start,
            }).await;
            let token = token(&page);
            browser.send(&[("token", &token)]).await.gone();
            assert!(matches!(scene.ask(&mut browser, &["openid"], |start| start).await, Seen::Gone(_)), "{round}");
            if round == "first" {
                scene.world.db.clock.advance(Span::from_mins(59));
                assert!(matches!(scene.ask(&mut browser, &["openid"], |start| start).await, Seen::Gone(_)));
                scene.world.db.clock.advance(Span::from_mins(1));
                browser = scene.world.signed_in_again(&scene.alice).await;
            }
            if round == "forced" {
                let user = scene.alice.id;
                let on_file = scene.world.read(move |tx| consents::of_user(tx, user)).await;
                let id = on_file[0].id;
                scene.world.write(move |tx| consents::delete(tx, id)).await;
            }
        }
    }

    async fn always_require_keeps_nothing(db: TestStore) {
        let scene = Scene::new(db, json!({ "mode": "always_require" })).await;
        let mut browser = scene.world.signed_in(&scene.alice).await;
        for _ in 0..2 {
            let page = scene.ask(&mut browser, &["openid"], |start| start).await;
            let token = token(&page);
            browser.send(&[("token", &token)]).await.gone();
        }
        let user = scene.alice.id;
        assert!(scene.world.read(move |tx| consents::of_user(tx, user)).await.is_empty());
    }

    async fn consent_cannot_be_given_without_its_token(db: TestStore) {
        let scene = Scene::new(db, json!({})).await;
        let mut browser = scene.world.signed_in(&scene.alice).await;
        let narrow = token(&scene.ask(&mut browser, &["openid"], |start| start).await);
        let page = scene.ask(&mut browser, &["openid", "email"], |start| start).await;
        for forged in ["", "x", narrow.as_str(), &token(&page)[1..]] {
            let page = browser.send(&[("token", forged)]).await;
            assert_eq!(page.complaints(), [("", "invalid")], "{forged}");
        }
        browser.send(&[]).await.asked();
        let user = scene.alice.id;
        assert!(scene.world.read(move |tx| consents::of_user(tx, user)).await.is_empty());
    }

    async fn who_refuses_goes_back_where_the_application_says(db: TestStore) {
        let scene = Scene::new(db, json!({})).await;
        let mut browser = scene.world.signed_in(&scene.alice).await;
        let page = scene.ask(&mut browser, &["openid"], |start| start).await;
        let sent = token(&page);
        assert!(browser.send(&[("token", &sent), ("decision", "deny")]).await.is_denied());
        let back = "https://wiki.example.org/callback?error=access_denied".to_owned();
        let page = scene.ask(&mut browser, &["openid"], |start| start.with(&keys::CONSENT_REFUSED, &back)).await;
        let sent = token(&page);
        assert_eq!(browser.send(&[("token", &sent), ("decision", "deny")]).await.gone(), back);
        let user = scene.alice.id;
        assert!(scene.world.read(move |tx| consents::of_user(tx, user)).await.is_empty());
    }
}
