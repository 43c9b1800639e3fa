//! `authentik_stages_account_lockdown.accountlockdownstage`: everything that somebody else may have got hold of
//! loses its worth.
//!
//! For whoever suspects that his account is in other hands. Whoever is signed in to it may do so, or proved in this
//! plan that it is his; nobody locks out somebody by saying his name, or while acting in his place.

use std::sync::Arc;

use async_trait::async_trait;
use countersign_flows::{EffectError, Outcome, Response, Stage, StageCx, StageError, StageKind, Step, keys};
use countersign_model::{ConfigObject, EventAction, Family, FlowId, Subject, TokenIntent, UserId};
use countersign_resource::{ConfigKind, target};
use countersign_store::{StoreError, Tx, grants, sessions, tokens, users};
use countersign_types::{FieldErrors, Ref, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{confirm::Confirmation, password_check, proof, trail};

/// Who says so in the audit trail.
const APP: &str = "countersign.stages.account_lockdown";
/// The answers that tell why.
const REASONS: [&str; 2] = ["lockdown_reason", "reason"];
/// So much of a reason is kept.
const MAX_REASON: usize = 1_000;

/// Locks the account of whoever goes through the flow: sessions end, tokens and the password lose their worth.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct AccountLockdownStage {
    /// Deactivate the account. An administrator activates it again.
    #[serde(default = "yes")]
    pub deactivate_user: bool,
    /// Take the password away.
    #[serde(default = "yes")]
    pub set_unusable_password: bool,
    /// End all sessions.
    #[serde(default = "yes")]
    pub delete_sessions: bool,
    /// Revoke all tokens, also those of applications.
    #[serde(default = "yes")]
    pub revoke_tokens: bool,
    /// Flow that tells what happened and how to go on. It must be open to people who are not signed in.
    #[serde(default)]
    pub self_service_completion_flow: Option<Ref<target::Flow>>,
}

const fn yes() -> bool {
    true
}

impl ConfigKind for AccountLockdownStage {
    const MODEL: &'static str = "authentik_stages_account_lockdown.accountlockdownstage";
    const FAMILY: Family = Family::Stage;
    const COMPONENT: &'static str = "ak-stage-account-lockdown-form";
    const VERBOSE_NAME: &'static str = "Account Lockdown Stage";

    fn validate(&self) -> Result<(), FieldErrors> {
        let does_something =
            self.deactivate_user || self.set_unusable_password || self.delete_sessions || self.revoke_tokens;
        if does_something {
            return Ok(());
        }
        Err(FieldErrors::one("deactivate_user", "invalid", "stages-account-lockdown-nothing"))
    }
}

impl StageKind for AccountLockdownStage {
    fn build(self, _: &ConfigObject) -> Result<Arc<dyn Stage>, StageError> {
        Ok(Arc::new(self))
    }
}

#[async_trait]
impl Stage for AccountLockdownStage {
    async fn enter(&self, cx: &mut StageCx<'_>) -> Result<Step, StageError> {
        Ok(match proof::rightful(cx) {
            None => Step::Done(nobody()),
            Some(subject) if cx.has_answered => Step::Done(self.lock(cx, &subject)),
            Some(subject) => question(&subject).grave_question(cx).into(),
        })
    }

    async fn answer(&self, cx: &mut StageCx<'_>, response: &Response) -> Result<Outcome, StageError> {
        let Some(subject) = proof::rightful(cx) else { return Ok(nobody()) };
        if !question(&subject).is_yes(cx, response) {
            return Ok(Outcome::Retry(FieldErrors::one("", "invalid", "stages-consent-changed")));
        }
        Ok(self.lock(cx, &subject))
    }
}

fn nobody() -> Outcome {
    Outcome::Deny(Text::key("stages-account-lockdown-nobody"))
}

fn question(subject: &Subject) -> Confirmation {
    Confirmation {
        title: "stages-account-lockdown-title",
        text: "stages-account-lockdown-text",
        action: "stages-account-lockdown-action",
        about: subject.user.id.to_string(),
    }
}

impl AccountLockdownStage {
    fn lock(&self, cx: &mut StageCx<'_>, subject: &Subject) -> Outcome {
        let id = subject.user.id;
        let event = trail::draft(cx, EventAction::UserWrite, APP)
            .with("created", false)
            .with("lockdown", true)
            .with("reason", reason(cx))
            .about("authentik_core.user", &subject.user.username, subject.user.pk)
            .by(&subject.user);
        let what = self.clone();
        cx.effect(move |tx| {
            let user = users::by_id(tx, id)?.filter(|user| user.is_active);
            let Some(mut user) = user else {
                return Err(EffectError::Deny(Text::key("stages-account-lockdown-nobody")));
            };
            user.last_updated = tx.now();
            if what.deactivate_user {
                user.is_active = false;
            }
            if what.set_unusable_password {
                user.password = None;
                user.password_change_date = Some(tx.now());
                password_check::reopen(tx, id)?;
            }
            users::update(tx, &user)?;
            if what.revoke_tokens {
                revoke(tx, id)?;
            }
            if what.delete_sessions {
                sessions::delete_of_user(tx, id, None)?;
            }
            Ok(countersign_events::record(tx, event.clone())?)
        });
        let own = cx.session.is_some_and(|live| live.subject.user.id == id);
        if own && (self.delete_sessions || self.deactivate_user) {
            cx.end_session();
        }
        // What was proved was worth something before.
        proof::forget(cx.context);
        cx.context.remove(&keys::PENDING_USER);
        *cx.pending = None;
        let flow = self.self_service_completion_flow.and_then(|flow| cx.snapshot.flow(FlowId(flow.id())));
        match flow {
            Some(flow) => Outcome::OtherFlow { slug: flow.slug.to_string(), keep_context: false },
            None => Outcome::Next,
        }
    }
}

/// Tokens of every kind, and what applications hold.
fn revoke(tx: &mut Tx<'_>, user: UserId) -> Result<(), StoreError> {
    for intent in TokenIntent::ALL {
        tokens::delete_of_user(tx, user, *intent)?;
    }
    grants::revoke_of_user(tx, user)?;
    Ok(())
}

/// Why, if somebody was asked.
fn reason(cx: &StageCx<'_>) -> String {
    let data = cx.context.get(&keys::PROMPT_DATA).unwrap_or_default();
    let said = REASONS.iter().find_map(|name| data.get(*name)?.as_str().map(str::to_owned));
    said.unwrap_or_default().chars().take(MAX_REASON).collect()
}
