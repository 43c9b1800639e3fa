//! Any sequence of answers over any flow: nobody gets a session whom not every stage before it let on.
//!
//! Flows are made of the stages of a sign-in with witnesses among them: stages that each ask for a word of their own
//! and note in the plan who let somebody on. A silent stage before the session compares. Two tabs of a browser open,
//! answer, go back, answer for other stages, send nothing, send what was sent before.

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, Mutex},
};

use async_trait::async_trait;
use countersign_flows::{
    Challenge, Field, FieldKind, Key, Outcome, Response, Stage, StageCx, StageError, StageKind, Step,
};
use countersign_model::{ConfigObject, Family, FlowDesignation};
use countersign_resource::ConfigKind;
use countersign_stages::{DummyStage, IdentificationStage, UserLoginStage};
use countersign_store::on_both_databases;
use countersign_types::FieldErrors;
use proptest::{
    prelude::*,
    strategy::ValueTree as _,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::world::{Browser, PASSWORD, Seen, World};

/// Journeys that are tried.
const JOURNEYS: usize = 60;
/// Who let somebody on in this plan.
const WITNESSED: Key<Vec<u8>> = Key::new("tests/witnessed");
/// Arrivals at the end of each flow: how many, and how many of them without a witness.
static ARRIVALS: LazyLock<Mutex<HashMap<String, (usize, usize)>>> = LazyLock::new(Mutex::default);

/// Asks for its number.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Witness {
    number: u8,
}

impl ConfigKind for Witness {
    const MODEL: &'static str = "countersign_tests.witness";
    const FAMILY: Family = Family::Stage;
    const COMPONENT: &'static str = "witness-form";
    const VERBOSE_NAME: &'static str = "Witness";
}

impl StageKind for Witness {
    fn build(self, _: &ConfigObject) -> Result<Arc<dyn Stage>, StageError> {
        Ok(Arc::new(self))
    }
}

#[async_trait]
impl Stage for Witness {
    async fn enter(&self, _: &mut StageCx<'_>) -> Result<Step, StageError> {
        let field = Field::new("word", FieldKind::Text, "field-required");
        Ok(Challenge::new("witness").with("number", self.number).node(field).into())
    }

    async fn answer(&self, cx: &mut StageCx<'_>, response: &Response) -> Result<Outcome, StageError> {
        if response.text("word") != Some(word(self.number).as_str()) {
            return Ok(Outcome::Retry(FieldErrors::one("word", "invalid", "field-invalid")));
        }
        let mut witnessed = cx.context.get(&WITNESSED).unwrap_or_default();
        witnessed.push(self.number);
        cx.context.set(&WITNESSED, &witnessed);
        Ok(Outcome::Next)
    }
}

fn word(number: u8) -> String {
    format!("word-{number}")
}

/// Compares who let somebody on with who should have.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Arrival {
    witnesses: u8,
}

impl ConfigKind for Arrival {
    const MODEL: &'static str = "countersign_tests.arrival";
    const FAMILY: Family = Family::Stage;
    const COMPONENT: &'static str = "arrival-form";
    const VERBOSE_NAME: &'static str = "Arrival";
}

impl StageKind for Arrival {
    fn build(self, _: &ConfigObject) -> Result<Arc<dyn Stage>, StageError> {
        Ok(Arc::new(self))
    }
}

#[async_trait]
impl Stage for Arrival {
    async fn enter(&self, cx: &mut StageCx<'_>) -> Result<Step, StageError> {
        let witnessed = cx.context.get(&WITNESSED).unwrap_or_default();
        let is_whole = witnessed == (0..self.witnesses).collect::<Vec<u8>>();
        let mut arrivals = ARRIVALS.lock().unwrap();
        let entry = arrivals.entry(cx.flow.id.to_string()).or_default();
        entry.0 += 1;
        entry.1 += usize::from(!is_whole);
        Ok(Step::Done(Outcome::Next))
    }

    async fn answer(&self, _: &mut StageCx<'_>, _: &Response) -> Result<Outcome, StageError> {
        Ok(Outcome::Retry(FieldErrors::one("", "invalid", "field-invalid")))
    }
}

/// What somebody does in one of two tabs.
#[derive(Clone, Debug)]
enum Act {
    Open,
    Right,
    Wrong,
    Empty,
    /// The right answer of another question.
    Misplaced(u8),
    /// A form that was sent or left before.
    Back(u8),
    /// As a program, for a component that need not be the one in hand.
    Program(u8),
    /// An administrator turns the account off.
    TurnedOff,
}

fn acts() -> impl Strategy<Value = Vec<(bool, Act)>> {
    let act = prop_oneof![
        2 => Just(Act::Open),
        12 => Just(Act::Right),
        2 => Just(Act::Wrong),
        2 => Just(Act::Empty),
        2 => (0_u8..6).prop_map(Act::Misplaced),
        2 => any::<u8>().prop_map(Act::Back),
        2 => (0_u8..6).prop_map(Act::Program),
        1 => Just(Act::TurnedOff),
    ];
    prop::collection::vec((prop::bool::weighted(0.2), act), 4..24)
}

/// Where witnesses (true) and stages without meaning stand: before, between and after name and password.
fn places() -> impl Strategy<Value = [Vec<bool>; 3]> {
    let some = || prop::collection::vec(any::<bool>(), 0..3);
    [some(), some(), some()]
}

/// The right answer to what is asked.
fn right<'a>(page: &Seen, username: &'a str, words: &'a [String]) -> Vec<(&'static str, &'a str)> {
    let Seen::Asked(shown) = page else { return Vec::new() };
    match shown.challenge.component {
        "ak-stage-identification" => vec![("uid_field", username)],
        "ak-stage-password" => vec![("password", PASSWORD)],
        "witness" => {
            let number = shown.challenge.data["number"].as_u64().unwrap();
            vec![("word", words[usize::try_from(number).unwrap()].as_str())]
        }
        _ => Vec::new(),
    }
}

fn misplaced(number: u8, username: &str) -> Vec<(&'static str, String)> {
    match number {
        0 => vec![("password", PASSWORD.to_owned())],
        1 => vec![("uid_field", username.to_owned())],
        2 => vec![("uid_field", username.to_owned()), ("password", PASSWORD.to_owned()), ("word", word(0))],
        number => vec![("word", word(number - 3))],
    }
}

struct Tab<'w> {
    browser: Browser<'w>,
    page: Option<Seen>,
    tokens: Vec<String>,
}

impl Tab<'_> {
    async fn send(&mut self, fields: &[(&str, &str)]) {
        if let Ok(seen) = self.browser.try_send(fields).await {
            self.page = Some(seen);
        }
    }

    async fn act(&mut self, act: &Act, slug: &str, username: &str, words: &[String]) {
        self.tokens.extend(self.browser.token.clone());
        match (act, &self.page) {
            (Act::Open, _) | (_, None | Some(Seen::Gone(_) | Seen::Denied(_))) => {
                self.page = Some(self.browser.open(slug).await);
            }
            (Act::Right, Some(page)) => self.send(&right(page, username, words)).await,
            (Act::Wrong, _) => self.send(&[("uid_field", "nobody"), ("password", "x"), ("word", "x")]).await,
            (Act::Empty | Act::TurnedOff, _) => self.send(&[]).await,
            (Act::Misplaced(number), _) => {
                let fields = misplaced(*number, username);
                let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
                self.send(&fields).await;
            }
            (Act::Back(number), Some(page)) => {
                let fields = right(page, username, words);
                let token = self.tokens.get(usize::from(*number) % self.tokens.len().max(1)).cloned();
                self.browser.token = token;
                self.send(&fields).await;
                self.page = Some(self.browser.reload().await);
            }
            (Act::Program(number), _) => {
                let component =
                    ["ak-stage-identification", "ak-stage-password", "witness", "arrival", "", "x"];
                let component = component[usize::from(*number) % component.len()];
                let body = json!({ "component": component, "uid_field": username, "password": PASSWORD, "word": word(*number) });
                if let Ok(seen) = self.browser.send_json(body).await {
                    self.page = Some(seen);
                }
            }
        }
    }
}

on_both_databases! {
    async fn no_sequence_of_answers_reaches_a_session_past_a_stage(db: TestStore) {
        let world = World::new(db);
        let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
        let mut runner = TestRunner::new_with_rng(Config::default(), rng);
        let mut got_in = 0;
        for journey in 0..JOURNEYS {
            let (places, acts) = (places(), acts()).new_tree(&mut runner).unwrap().current();
            let username = format!("user-{journey}");
            let user = world.user(u8::try_from(journey).unwrap(), &username).await;
            let slug = format!("journey-{journey}");
            let who = world.object::<IdentificationStage>(&format!("{slug}-who"), json!({ "user_fields": ["username"] })).await;
            let password = world.password_stage_named(&format!("{slug}-password")).await;
            let mut stages = Vec::new();
            let mut witnesses = 0;
            for (part, own) in places.iter().zip([Some(who), Some(password), None]) {
                for (place, is_witness) in part.iter().enumerate() {
                    let name = format!("{slug}-{}-{place}", stages.len());
                    if *is_witness {
                        stages.push(world.object::<Witness>(&name, json!({ "number": witnesses })).await);
                        witnesses += 1;
                    } else {
                        stages.push(world.object::<DummyStage>(&name, json!({})).await);
                    }
                }
                stages.extend(own);
            }
            stages.push(world.object::<Arrival>(&format!("{slug}-arrival"), json!({ "witnesses": witnesses })).await);
            stages.push(world.object::<UserLoginStage>(&format!("{slug}-login"), json!({})).await);
            let flow = world.flow(&slug, FlowDesignation::Authentication, &stages).await;
            let words: Vec<String> = (0..witnesses).map(word).collect();
            let mut tabs = [(); 2].map(|()| Tab { browser: world.browser(&username), page: None, tokens: Vec::new() });
            let mut is_off = false;
            let mut sessions = 0;
            for (is_second, act) in &acts {
                let tab = &mut tabs[usize::from(*is_second)];
                let before = tab.browser.session;
                if matches!(act, Act::TurnedOff) {
                    world.change_user(&user, |user| user.is_active = false).await;
                    is_off = true;
                }
                tab.act(act, &slug, &username, &words).await;
                if tab.browser.session.is_some() && tab.browser.session != before {
                    assert!(!is_off, "{slug}: a session for nobody: {acts:?}");
                    sessions += 1;
                }
            }
            let (arrived, unwitnessed) = ARRIVALS.lock().unwrap().get(&flow.id.to_string()).copied().unwrap_or_default();
            assert_eq!(unwitnessed, 0, "{slug}: {places:?} {acts:?}");
            assert!(sessions <= arrived, "{slug}: {places:?} {acts:?}");
            got_in += sessions;
        }
        // A test in which nobody ever gets in would say nothing.
        assert!(got_in > JOURNEYS / 10, "{got_in}");
    }
}
