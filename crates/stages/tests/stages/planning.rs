//! Who may run a flow, which of its stages are left for him, and what a wrong answer does.

use countersign_flows::Start;
use countersign_model::{
    BoundTo, ConfigObjectId, DeniedAction, Flow, FlowAuthentication, FlowDesignation, FlowStageBinding,
    InvalidResponseAction, PolicyBinding, PolicyBindingId, PolicyEngineMode,
};
use countersign_policies::kinds::expression::ExpressionPolicy;
use countersign_stages::{DummyStage, PromptStage};
use countersign_store::{flow_stage_bindings, groups, on_both_databases, policy_bindings, testing::samples};
use countersign_types::{RawId, random_uuid};
use serde_json::json;

use crate::world::{Browser, Seen, World};

async fn policy(world: &World, expression: &str) -> BoundTo {
    let name = random_uuid(&*world.db.rng).to_string();
    BoundTo::Policy(world.object::<ExpressionPolicy>(&name, json!({ "expression": expression })).await)
}

/// Guards something.
async fn guard(world: &World, target: RawId, order: i32, bound_to: BoundTo) {
    let id = PolicyBindingId(random_uuid(&*world.db.rng));
    let binding = PolicyBinding { id, order, ..samples::policy_binding(0, target, bound_to) };
    world.write(move |tx| policy_bindings::create(tx, &binding)).await;
}

async fn dummy(world: &World) -> ConfigObjectId {
    let name = random_uuid(&*world.db.rng).to_string();
    world.object::<DummyStage>(&name, json!({})).await
}

/// A flow of one stage that asks nothing in particular, different in something.
async fn flow(world: &World, slug: &str, different: impl Fn(&mut Flow)) -> Flow {
    let mut flow = samples::flow(0, slug);
    flow.id.0 = random_uuid(&*world.db.rng);
    different(&mut flow);
    let stage = dummy(world).await;
    world.put_flow(flow, &[stage]).await
}

/// What becomes of somebody who opens a flow: asked, sent away, or led elsewhere.
async fn outcome(browser: &mut Browser<'_>, page: &str) -> String {
    match browser.open(page).await {
        Seen::Asked(_) => "asked".to_owned(),
        Seen::Denied(messages) => format!("denied {messages:?}"),
        Seen::Gone(to) => to,
    }
}

/// A prompt, and a dummy that a policy guards.
async fn prompt_and_guarded(world: &World, slug: &str, different: impl Fn(&mut FlowStageBinding)) {
    let field = world.prompt("word", "text", json!({ "required": true })).await;
    let name = random_uuid(&*world.db.rng).to_string();
    let prompt = world.object::<PromptStage>(&name, json!({ "fields": [field.raw().to_string()] })).await;
    let flow = world.flow(slug, FlowDesignation::Authentication, &[prompt]).await;
    let mut binding = samples::stage_binding(0, flow.id, dummy(world).await, 10);
    binding.id.0 = random_uuid(&*world.db.rng);
    different(&mut binding);
    let row = binding.clone();
    world.write(move |tx| flow_stage_bindings::create(tx, &row)).await;
    let said_go = "return request.context.get('prompt_data', {}).get('word') == 'go'";
    guard(world, binding.id.raw(), 0, policy(world, said_go).await).await;
}

on_both_databases! {
    async fn who_may_not_run_a_flow_is_told_or_led_on_as_its_denied_action_says(db: TestStore) {
        let world = World::new(db);
        let mut browser = world.browser("x");
        for (action, alone, with_next) in [
            (DeniedAction::Message, "denied", "denied"),
            (DeniedAction::MessageContinue, "denied", "/if/user/"),
            (DeniedAction::Continue, "/", "/if/user/"),
        ] {
            let slug = action.as_str().replace('_', "-");
            let flow = flow(&world, &slug, |flow| flow.denied_action = action).await;
            guard(&world, flow.id.raw(), 0, policy(&world, "ak_message('Not today.')\nreturn False").await).await;
            let seen = outcome(&mut browser, &slug).await;
            assert!(seen.starts_with(alone), "{action:?}: {seen}");
            assert_eq!(seen.contains("Not today."), alone == "denied", "{seen}");
            let seen = outcome(&mut browser, &format!("{slug}?next=%2Fif%2Fuser%2F")).await;
            assert!(seen.starts_with(with_next), "{action:?}: {seen}");
        }
    }

    async fn a_flow_asks_who_its_authentication_requirement_admits(db: TestStore) {
        use FlowAuthentication as Needs;
        let world = World::new(db);
        let alice = world.user(1, "alice").await;
        let root = world.user(2, "root").await;
        let (mut parent, me) = (samples::group(1, "parents", &[]), root.id);
        parent.is_superuser = true;
        let child = samples::group(2, "children", &[parent.id]);
        world
            .write(move |tx| {
                groups::create(tx, &parent)?;
                groups::create(tx, &child)?;
                groups::set_members(tx, child.id, &[me])
            })
            .await;
        let mut browsers =
            [world.browser("nobody"), world.signed_in(&alice).await, world.signed_in(&root).await];
        for (needs, expected) in [
            (Needs::None, ["asked", "asked", "asked"]),
            (Needs::RequireAuthenticated, ["/flows/-/default/authentication/?next=", "asked", "asked"]),
            (Needs::RequireUnauthenticated, ["asked", "denied", "denied"]),
            (Needs::RequireSuperuser, ["/flows/-/default/authentication/?next=", "denied", "asked"]),
            (Needs::RequireRedirect, ["denied", "denied", "denied"]),
            (Needs::RequireToken, ["denied", "denied", "denied"]),
            (Needs::RequireOutpost, ["denied", "denied", "denied"]),
        ] {
            let slug = needs.as_str().replace('_', "-");
            let designation = FlowDesignation::StageConfiguration;
            flow(&world, &slug, |flow| {
                flow.authentication = needs;
                flow.designation = designation;
            })
            .await;
            for (browser, expected) in browsers.iter_mut().zip(expected) {
                let seen = outcome(browser, &slug).await;
                assert!(seen.starts_with(expected), "{needs:?}: {seen}");
            }
        }
    }

    async fn policies_of_a_flow_combine_as_its_engine_mode_says(db: TestStore) {
        let world = World::new(db);
        let mut browser = world.browser("x");
        for (mode, expected) in [(PolicyEngineMode::Any, "asked"), (PolicyEngineMode::All, "denied")] {
            let flow = flow(&world, mode.as_str(), |flow| flow.policy_engine_mode = mode).await;
            guard(&world, flow.id.raw(), 0, policy(&world, "return False").await).await;
            guard(&world, flow.id.raw(), 1, policy(&world, "return True").await).await;
            let seen = outcome(&mut browser, mode.as_str()).await;
            assert!(seen.starts_with(expected), "{mode:?}: {seen}");
        }
    }

    async fn a_binding_is_evaluated_when_it_says_so(db: TestStore) {
        let world = World::new(db);
        for (on_plan, again, said, expected) in [
            // When the plan is made nothing has been said yet.
            (true, false, "go", "gone"),
            (true, true, "go", "gone"),
            (false, true, "go", "ak-stage-dummy"),
            (false, true, "stop", "gone"),
            // A binding that is never evaluated guards nothing.
            (false, false, "stop", "ak-stage-dummy"),
        ] {
            let slug = format!("{on_plan}-{again}-{said}");
            prompt_and_guarded(&world, &slug, |binding| {
                binding.evaluate_on_plan = on_plan;
                binding.re_evaluate_policies = again;
            })
            .await;
            let mut browser = world.browser(&slug);
            browser.open(&slug).await.asked();
            let seen = browser.send(&[("word", said)]).await;
            let seen = if matches!(seen, Seen::Gone(_)) { "gone" } else { seen.component() };
            assert_eq!(seen, expected, "{slug}");
        }
    }

    async fn a_wrong_answer_asks_again_or_begins_anew_as_its_binding_says(db: TestStore) {
        let world = World::new(db);
        for (action, kept) in [
            (InvalidResponseAction::Retry, true),
            (InvalidResponseAction::Restart, false),
            (InvalidResponseAction::RestartWithContext, true),
        ] {
            let slug = action.as_str().replace('_', "-");
            let note = world.prompt("note", "text", json!({})).await;
            let first = world.object::<PromptStage>(&format!("{slug}-1"), json!({ "fields": [note.raw().to_string()] })).await;
            let word = world.prompt("word", "number", json!({ "required": true })).await;
            let second = world.object::<PromptStage>(&format!("{slug}-2"), json!({ "fields": [word.raw().to_string()] })).await;
            let flow = world.flow(&slug, FlowDesignation::Authentication, &[dummy(&world).await, first, second]).await;
            let (id, wanted) = (flow.id, second);
            world
                .write(move |tx| {
                    let mut bindings = flow_stage_bindings::of_flow(tx, id)?;
                    let binding = bindings.iter_mut().find(|binding| binding.stage == wanted).unwrap();
                    binding.invalid_response_action = action;
                    flow_stage_bindings::update(tx, binding).map(drop)
                })
                .await;
            let mut browser = world.browser(&slug);
            browser.open(&slug).await.asked();
            browser.send(&[]).await.asked();
            // Far more than an address could carry.
            let long = format!("kept{}", "x".repeat(1500));
            browser.send(&[("note", &long)]).await.asked();
            let seen = browser.send(&[("word", "no number")]).await;
            if action == InvalidResponseAction::Retry {
                assert_eq!(seen.complaints().len(), 1);
                continue;
            }
            assert!(seen.gone().len() < 200, "{}", seen.gone());
            let page = seen.gone().trim_start_matches("/if/flow/").replacen("/?", "?", 1);
            let again = browser.open(page.trim_end_matches('/')).await;
            assert_eq!(again.component(), "ak-stage-dummy");
            assert_eq!(again.complaints(), [("", "restarted")], "it says why it begins anew");
            let next = browser.send(&[]).await;
            assert!(next.complaints().is_empty(), "once is enough");
            let seen = format!("{:?}", next.asked().challenge.nodes);
            assert_eq!(seen.contains("kept"), kept, "{action:?}: {seen}");
        }
    }

    async fn a_flow_that_needs_a_start_runs_when_it_was_begun(db: TestStore) {
        let world = World::new(db);
        let flow = flow(&world, "begun", |flow| flow.authentication = FlowAuthentication::RequireRedirect).await;
        let mut browser = world.browser("x");
        browser.page.0 = "begun".to_owned();
        assert!(browser.open("begun").await.is_denied());
        let redirected = Start::default().with(&countersign_flows::keys::IS_REDIRECTED, &"elsewhere".to_owned());
        let reply = world.executor.begin(&flow, redirected, &browser.request()).await.unwrap();
        let countersign_flows::ReplyKind::Redirect { to } = reply.kind else { panic!("a page") };
        browser.open(&to.trim_start_matches("/if/flow/").replacen("/?", "?", 1)).await.asked();
    }
}
