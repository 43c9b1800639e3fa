//! `countersign_stages_setup.initialsetupstage`: the two ends of the first set-up.
//!
//! The guard stands first. It lets nobody pass once the set-up is done, whatever became of the account that
//! it made (CVE-2023-46249), and from other machines only who has the code that was printed at the start.
//! Who passes is the administrator. The other end stands after the writing: it closes the set-up for good,
//! in the unit of work that writes the password, and refuses that unit when somebody else was quicker.

mod spec;

use std::{net::Ipv4Addr, sync::Arc};

use async_trait::async_trait;
use countersign_crypto::{digest, digest_hex};
use countersign_flows::{
    Autocomplete, Button, Challenge, EffectError, Field, FieldKind, Key, LoadCx, Loaded, Node, Outcome,
    Response, Stage, StageCx, StageError, StageKind, Step,
};
use countersign_model::{ConfigObject, Subject};
use countersign_policies::RequestFacts;
use countersign_store::{Snapshot, Tx, settings, users};
use countersign_types::{ClientAddr, FieldErrors, Text};
use serde_json::Value;

use crate::{
    proof,
    throttle::{self, Gate},
};

pub use spec::{InitialSetupStage, SetupMode};

/// Name of the setting that holds what is kept of the code.
pub const SETUP_CODE: &str = "initial_setup_code";

/// The account that the set-up is about.
const ADMINISTRATOR: &str = "akadmin";
/// Name of the field.
const FIELD: &str = "code";
/// Longest code that is looked at.
const MAX_CODE: usize = 128;
/// The gate before the code.
const GATE: &str = "initial-setup:code";
/// Set once the guard let somebody pass.
const PASSED: Key<bool> = Key::new("goauthentik.io/stages/setup/passed");

/// What is kept of a code, as the setting [`SETUP_CODE`]: its digest. Case and hyphens do not matter.
pub fn kept_setup_code(code: &str) -> Value {
    let plain: String = code.chars().filter(|letter| !matches!(letter, '-' | ' ')).collect();
    Value::from(digest_hex(&plain.trim().to_uppercase()))
}

fn is_code(snapshot: &Snapshot, typed: &str) -> bool {
    let Some(Value::String(kept)) = snapshot.settings(SETUP_CODE) else { return false };
    let Value::String(typed) = kept_setup_code(typed) else { return false };
    digest(kept).ct_eq(&digest(&typed))
}

fn is_open(snapshot: &Snapshot) -> bool {
    snapshot.settings(settings::INITIAL_SETUP).is_none()
}

/// Whether whoever asks sits at this machine. The address alone does not say so: the browser of the owner is at
/// this machine too when a page of somebody else's makes it ask, under a name that was pointed at this machine
/// (DNS rebinding), and so is a proxy that does not tell for whom it asks.
fn is_at_this_machine(facts: &RequestFacts) -> bool {
    let is_local_name =
        matches!(facts.host.as_str(), "localhost" | "[::1]") || is_loopback_address(&facts.host);
    is_local_name && facts.client.is_some_and(ClientAddr::is_loopback)
}

fn is_loopback_address(host: &str) -> bool {
    host.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
}

/// What the guard reads.
struct Seen {
    administrator: Option<Arc<Subject>>,
    gate: Gate,
}

impl StageKind for InitialSetupStage {
    fn build(self, _: &ConfigObject) -> Result<Arc<dyn Stage>, StageError> {
        Ok(match self.mode {
            SetupMode::Guard => Arc::new(Guard),
            SetupMode::Finish => Arc::new(Finish),
        })
    }
}

/// The first end.
struct Guard;

#[async_trait]
impl Stage for Guard {
    fn loads(&self) -> bool {
        true
    }

    fn loads_to_ask(&self) -> bool {
        true
    }

    fn load(&self, cx: &LoadCx<'_>, tx: &mut Tx<'_>) -> Result<Loaded, StageError> {
        if !is_open(cx.snapshot) {
            return Ok(None);
        }
        let gate = Gate::load(tx, GATE)?;
        let administrator = match users::by_username(tx, ADMINISTRATOR)? {
            Some(user) => users::subject(tx, user.id)?.map(Arc::new),
            None => None,
        };
        Ok(Some(Box::new(Seen { administrator, gate })))
    }

    async fn enter(&self, cx: &mut StageCx<'_>) -> Result<Step, StageError> {
        let Some(seen) = cx.take_loaded::<Seen>().filter(|_| is_open(cx.snapshot)) else {
            return Ok(Step::Done(closed()));
        };
        if is_at_this_machine(cx.facts) {
            return Ok(Step::Done(pass(cx, seen.administrator)));
        }
        let field = Field {
            // Letters and digits, printed and not sent: neither a keyboard of digits nor a message will do.
            autocomplete: Autocomplete::Off,
            autofocus: true,
            max_length: u32::try_from(MAX_CODE).ok(),
            ..Field::new(FIELD, FieldKind::Code, "stages-setup-code-label")
        };
        Ok(Challenge::new("ak-stage-setup-code")
            .titled("stages-setup-code-title")
            .node(Node::Paragraph(Text::key("stages-setup-code-text")))
            .node(field)
            .node(Button::primary("action-continue"))
            .into())
    }

    async fn answer(&self, cx: &mut StageCx<'_>, response: &Response) -> Result<Outcome, StageError> {
        let Some(Seen { administrator, gate }) = cx.take_loaded::<Seen>().filter(|_| is_open(cx.snapshot))
        else {
            return Ok(closed());
        };
        let Some(typed) = response.text(FIELD).filter(|typed| typed.len() <= MAX_CODE) else {
            return Ok(Outcome::Retry(FieldErrors::one(FIELD, "required", "field-required")));
        };
        if let Some(wait) = gate.closed_for(cx.now) {
            return Ok(Outcome::Retry(throttle::too_many(FIELD, wait).into_errors()));
        }
        if !is_code(cx.snapshot, typed) {
            cx.effect(move |tx| gate.count_failure(tx, FIELD));
            return Ok(Outcome::Retry(FieldErrors::one(FIELD, "invalid", "stages-setup-code-wrong")));
        }
        cx.effect(move |tx| gate.forgive(tx, FIELD));
        Ok(pass(cx, administrator))
    }
}

fn closed() -> Outcome {
    Outcome::Deny(Text::key("stages-setup-closed"))
}

fn pass(cx: &mut StageCx<'_>, administrator: Option<Arc<Subject>>) -> Outcome {
    let Some(administrator) = administrator.filter(|subject| subject.user.is_active) else {
        return Outcome::Deny(Text::key("stages-setup-no-administrator"));
    };
    proof::forget(cx.context);
    proof::record(cx.context, administrator.user.id);
    cx.context.set(&PASSED, &true);
    cx.set_pending(administrator);
    Outcome::Next
}

/// The other end.
struct Finish;

#[async_trait]
impl Stage for Finish {
    async fn enter(&self, cx: &mut StageCx<'_>) -> Result<Step, StageError> {
        Ok(Step::Done(finish(cx)))
    }

    async fn answer(&self, cx: &mut StageCx<'_>, _: &Response) -> Result<Outcome, StageError> {
        Ok(finish(cx))
    }
}

/// Refusals are effects, not outcomes: what stages before this one wrote must not happen either.
fn finish(cx: &mut StageCx<'_>) -> Outcome {
    let has_passed = cx.context.get(&PASSED) == Some(true);
    cx.effect(move |tx| {
        if !has_passed || !settings::close_initial_setup(tx)? {
            return Err(EffectError::Deny(Text::key("stages-setup-closed")));
        }
        settings::delete(tx, SETUP_CODE)?;
        Ok(())
    });
    Outcome::Next
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_people_type_it() {
        assert_eq!(kept_setup_code("GX7K-2M9Q"), kept_setup_code(" gx7k 2m9q "));
        assert_ne!(kept_setup_code("GX7K-2M9Q"), kept_setup_code("GX7K-2M9R"));
    }
}
