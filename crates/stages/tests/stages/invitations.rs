//! Enrolment by invitation only.

use countersign_model::{EventAction, Flow, FlowDesignation, Invitation, InvitationId};
use countersign_stages::{InvitationStage, PromptStage, UserLoginStage, UserWriteStage};
use countersign_store::{invitations, on_both_databases};
use countersign_types::{Span, random_uuid};
use serde_json::{Value, json};

use crate::world::World;

/// A flow that asks for an invitation, a name, and a hidden room that only invitations give.
async fn enrolment(world: &World, slug: &str, invited: Value) -> Flow {
    let invited = world.object::<InvitationStage>(&format!("{slug}-invited"), invited).await;
    let mut fields = Vec::new();
    for (key, kind) in [("username", "username"), ("attributes.room", "hidden")] {
        fields.push(world.prompt(key, kind, json!({})).await.raw().to_string());
    }
    let prompts = world.object::<PromptStage>(&format!("{slug}-q"), json!({ "fields": fields })).await;
    let write = world.object::<UserWriteStage>(&format!("{slug}-write"), json!({})).await;
    let login = world.object::<UserLoginStage>(&format!("{slug}-login"), json!({})).await;
    world.flow(slug, FlowDesignation::Enrollment, &[invited, prompts, write, login]).await
}

async fn invitation(world: &World, flow: Option<&Flow>, change: impl Fn(&mut Invitation)) -> InvitationId {
    let Value::Object(fixed_data) = json!({ "attributes.room": "7", "username": "guest" }) else { panic!() };
    let mut row = Invitation {
        id: InvitationId(random_uuid(&*world.db.rng)),
        name: "welcome".to_owned(),
        flow: flow.map(|flow| flow.id),
        created_by: None,
        created: world.db.now(),
        expires: None,
        single_use: true,
        fixed_data,
        mailed: None,
    };
    change(&mut row);
    let id = row.id;
    world.write(move |tx| invitations::create(tx, &row)).await;
    id
}

on_both_databases! {
    async fn somebody_enrols_with_an_invitation(db: TestStore) {
        let world = World::new(db);
        let flow = enrolment(&world, "enrol", json!({})).await;
        let id = invitation(&world, Some(&flow), |_| {}).await;
        let mut browser = world.browser("guest");
        let page = browser.open(&format!("enrol?itoken={id}")).await;
        let fields = page.asked().challenge.data["fields"].clone();
        assert_eq!(fields[0]["initial_value"], "guest");
        // Looking at it uses nothing up.
        assert_eq!(browser.reload().await.component(), "ak-stage-prompt");
        let page = browser.send(&[("username", "ada"), ("attributes.room", "1")]).await;
        assert_eq!(page.gone(), "/");
        let ada = world.user_named("ada").await.unwrap();
        assert_eq!(ada.attributes["room"], "7");
        assert!(world.read(move |tx| invitations::by_id(tx, id)).await.is_none());
        let event = &world.events(EventAction::InvitationUsed).await[0];
        assert_eq!(event.context["model"]["name"], "welcome");
        assert!(world.browser("second").open(&format!("enrol?itoken={id}")).await.is_denied());
    }

    async fn a_program_enrols_with_an_invitation(db: TestStore) {
        let world = World::new(db);
        let flow = enrolment(&world, "enrol", json!({})).await;
        let id = invitation(&world, Some(&flow), |_| {}).await;
        let mut program = world.browser("program");
        assert_eq!(program.open(&format!("enrol?itoken={id}")).await.component(), "ak-stage-prompt");
        let body = json!({ "component": "ak-stage-prompt", "username": "bot" });
        program.send_json(body).await.unwrap().gone();
        assert_eq!(program.who().await.as_deref(), Some("bot"));
    }

    async fn nobody_gets_on_without_an_invitation_that_holds(db: TestStore) {
        let world = World::new(db);
        let flow = enrolment(&world, "enrol", json!({})).await;
        let other = enrolment(&world, "other", json!({})).await;
        let past = world.db.now().minus(Span::from_secs(1));
        let expired = invitation(&world, Some(&flow), |row| row.expires = Some(past)).await;
        let elsewhere = invitation(&world, Some(&other), |_| {}).await;
        let before = world.trips();
        for query in [
            String::new(),
            "?itoken=".to_owned(),
            "?itoken=%00%FF".to_owned(),
            format!("?itoken={}", "a".repeat(4096)),
            format!("?itoken={}", random_uuid(&*world.db.rng)),
            format!("?itoken={expired}"),
            format!("?itoken={elsewhere}"),
        ] {
            let seen = world.browser("x").open(&format!("enrol{query}")).await;
            assert!(seen.is_denied(), "{query}");
        }
        assert_eq!((world.trips() - before).writes, 0);
    }

    async fn an_invitation_to_any_flow_is_good_for_each(db: TestStore) {
        let world = World::new(db);
        enrolment(&world, "one", json!({})).await;
        enrolment(&world, "two", json!({})).await;
        let id = invitation(&world, None, |row| row.single_use = false).await;
        for (slug, name) in [("one", "ada"), ("two", "bob")] {
            let mut browser = world.browser(name);
            browser.open(&format!("{slug}?itoken={id}")).await;
            browser.send(&[("username", name)]).await.gone();
        }
        assert_eq!(world.events(EventAction::InvitationUsed).await.len(), 2);
    }

    async fn of_two_who_race_for_an_invitation_one_gets_in(db: TestStore) {
        let world = World::new(db);
        let flow = enrolment(&world, "enrol", json!({})).await;
        let id = invitation(&world, Some(&flow), |_| {}).await;
        let page = format!("enrol?itoken={id}");
        let (mut one, mut two) = (world.browser("one"), world.browser("two"));
        one.open(&page).await;
        two.open(&page).await;
        let (first, second) = ([("username", "ada")], [("username", "bob")]);
        let (first, second) = futures_util::join!(one.try_send(&first), two.try_send(&second));
        let got_in = [first.unwrap(), second.unwrap()];
        assert_eq!(got_in.iter().filter(|seen| seen.is_denied()).count(), 1, "{got_in:?}");
        let (ada, bob) = (world.user_named("ada").await, world.user_named("bob").await);
        assert!(ada.is_some() != bob.is_some());
    }

    async fn an_invitation_withdrawn_or_expired_half_way_makes_no_account(db: TestStore) {
        let world = World::new(db);
        let flow = enrolment(&world, "enrol", json!({})).await;
        for is_withdrawn in [true, false] {
            let soon = world.db.now().plus(Span::from_mins(5));
            let id = invitation(&world, Some(&flow), |row| {
                row.single_use = is_withdrawn;
                row.expires = Some(soon);
            })
            .await;
            let mut browser = world.browser(if is_withdrawn { "one" } else { "two" });
            browser.open(&format!("enrol?itoken={id}")).await;
            if is_withdrawn {
                world.write(move |tx| invitations::delete(tx, id)).await;
            } else {
                world.db.clock.advance(Span::from_mins(6));
            }
            assert!(browser.send(&[("username", "ada")]).await.is_denied());
            assert!(world.user_named("ada").await.is_none());
            assert_eq!(browser.who().await, None);
        }
    }

    async fn a_taken_name_does_not_cost_the_invitation(db: TestStore) {
        let world = World::new(db);
        let flow = enrolment(&world, "enrol", json!({})).await;
        world.user(100, "ada").await;
        let id = invitation(&world, Some(&flow), |_| {}).await;
        let mut browser = world.browser("x");
        browser.open(&format!("enrol?itoken={id}")).await;
        assert_eq!(browser.send(&[("username", "ada")]).await.complaints(), [("username", "unique")]);
        browser.send(&[("username", "eve")]).await.gone();
        assert_eq!(browser.who().await.as_deref(), Some("eve"));
    }

    async fn a_flow_may_do_without(db: TestStore) {
        let world = World::new(db);
        enrolment(&world, "enrol", json!({ "continue_flow_without_invitation": true })).await;
        let mut browser = world.browser("x");
        browser.open("enrol?itoken=nonsense").await;
        browser.send(&[("username", "ada")]).await.gone();
        assert!(world.user_named("ada").await.unwrap().attributes.get("room").is_none_or(|room| room == ""));
    }

    async fn an_invitation_gives_no_privilege(db: TestStore) {
        let world = World::new(db);
        let flow = enrolment(&world, "enrol", json!({})).await;
        let Value::Object(data) = json!({ "is_superuser": true, "type": "internal_service_account", "is_active": false, "roles": ["x"] }) else { panic!() };
        let id = invitation(&world, Some(&flow), move |row| row.fixed_data = data.clone()).await;
        let mut browser = world.browser("x");
        browser.open(&format!("enrol?itoken={id}")).await;
        browser.send(&[("username", "ada")]).await.gone();
        let ada = world.user_named("ada").await.unwrap();
        assert_eq!(ada.user_type, countersign_model::UserType::External);
        assert!(ada.is_active && !ada.attributes.contains_key("is_superuser"));
    }
}
