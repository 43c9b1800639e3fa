//! `authentik_stages_email.emailstage`: a link in a letter, and on when whoever opens it confirms.
//!
//! ```text
//! enter ── letter with a link, once ── "look into your inbox" ── answer: the letter again, within limits
//!                    |
//!                    '── the link ── the plan as it stood, at this stage ── "go on?" ── answer: Next
//! ```
//!
//! Opening the link uses nothing up: whatever looks at links in letters only sees a question. The answer to it
//! uses the link up, in the unit of work that goes on.
//!
//! A name that is nobody's gets the same page, the same limits and the same rows: its letter is written too, and
//! the postman throws it away. What the link is for is sealed with it: the account, its address and its password
//! as they were. If one of them is another by then, the link is worth nothing.

mod spec;

use std::sync::Arc;

use async_trait::async_trait;
use countersign_flows::{
    Button, Challenge, EffectError, Key, Node, NoticeLevel, Outcome, Response, Stage, StageCx, StageError,
    StageKind, Step,
};
use countersign_mail::Person;
use countersign_model::{ConfigObject, ConfigObjectId, EventAction, Subject, User};
use countersign_store::users;
use countersign_types::{FieldErrors, Text};
use serde::{Deserialize, Serialize};

use crate::{
    confirm::Confirmation,
    mailbox::{self, EMAIL, Limits, Purpose, Reader, used_up},
    proof, trail,
};

pub use spec::EmailStage;

/// Who says so in the audit trail.
const APP: &str = "countersign.stages.email";
/// When a letter of this stage went out last, in this run.
const SENT: Key<Sent> = Key::new("goauthentik.io/stages/email/sent");
/// What the link is for; only ever in a plan that came back by one.
const PURPOSE: Key<Purpose> = Key::new("goauthentik.io/stages/email/purpose");
/// That one did, as authentik's expressions know it.
const EMAIL_SENT: Key<bool> = Key::new("email_sent");

/// A letter went out.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Sent {
    /// By which stage: the next one of the flow sends its own.
    stage: ConfigObjectId,
    /// How often in this run.
    times: u32,
}

impl StageKind for EmailStage {
    fn build(self, object: &ConfigObject) -> Result<Arc<dyn Stage>, StageError> {
        Ok(Arc::new(Mailing { id: object.id, spec: self }))
    }
}

/// The stage at work.
struct Mailing {
    id: ConfigObjectId,
    spec: EmailStage,
}

#[async_trait]
impl Stage for Mailing {
    async fn enter(&self, cx: &mut StageCx<'_>) -> Result<Step, StageError> {
        if cx.has_flow_token() {
            return Ok(match self.good_purpose(cx) {
                Some(purpose) => confirmation(&purpose).question(cx).into(),
                None => Step::Done(Outcome::Deny(used_up())),
            });
        }
        let Some(reader) = self.reader(cx) else {
            return Ok(Step::Done(Outcome::Deny(Text::key("stages-nobody-pending"))));
        };
        let sent = self.sent(cx);
        if sent == 0 {
            self.send(cx, &reader, 1)?;
        }
        Ok(self.waiting(cx, sent > 1).into())
    }

    async fn answer(&self, cx: &mut StageCx<'_>, response: &Response) -> Result<Outcome, StageError> {
        if cx.has_flow_token() {
            return Ok(self.come_back(cx, response));
        }
        let Some(reader) = self.reader(cx) else {
            return Ok(Outcome::Deny(Text::key("stages-nobody-pending")));
        };
        self.send(cx, &reader, self.sent(cx).saturating_add(1))?;
        Ok(Outcome::Retry(FieldErrors::one("", "email-sent", "stages-email-sent")))
    }
}

impl Mailing {
    /// How often this stage sent a letter in this run.
    fn sent(&self, cx: &StageCx<'_>) -> u32 {
        cx.context.get(&SENT).filter(|sent| sent.stage == self.id).map_or(0, |sent| sent.times)
    }

    /// Whether an account may get a letter, and go on by it.
    fn may(&self, user: &User) -> bool {
        user.is_active || (self.spec.activate_user_on_success && user.last_login.is_none())
    }

    /// Who is to get the letter; none where nobody goes through the flow and no address was given.
    fn reader(&self, cx: &StageCx<'_>) -> Option<Reader> {
        Reader::of(cx, cx.context.get(&EMAIL), |user| self.may(user))
    }

    /// Queues a letter with a fresh link, within the limits.
    fn send(&self, cx: &mut StageCx<'_>, reader: &Reader, times: u32) -> Result<(), StageError> {
        let purpose = Purpose::of(self.id, reader);
        let mut kept = cx.context.clone();
        kept.remove(&SENT);
        kept.set(&PURPOSE, &purpose);
        let (token, _) = cx.flow_token(kept, self.spec.token_expiry)?;
        let to = match &reader.subject {
            Some(subject) => Person { address: reader.address.clone(), ..Person::of(&subject.user) },
            None => Person::at(reader.address.as_str()),
        };
        let letter = mailbox::letter(cx, to, &self.spec.template, &self.spec.subject)?
            .with("url", mailbox::link(cx, &token)?)
            .with("token", token.expose().as_str())
            .until(cx.now.plus(self.spec.token_expiry))
            .via(Some(self.id));
        let (outbox, limits) = (cx.services.mail.outbox().clone(), self.limits(reader));
        cx.effect(move |tx| {
            limits.count(tx)?;
            let letter = if limits.may_reach(tx)? { letter.clone() } else { letter.clone().to_nobody() };
            outbox.post(tx, &letter)?;
            Ok(())
        });
        cx.context.set(&SENT, &Sent { stage: self.id, times });
        cx.context.set(&EMAIL_SENT, &true);
        Ok(())
    }

    fn limits(&self, reader: &Reader) -> Limits {
        Limits::of(self.id, reader, self.spec.recovery_max_attempts, self.spec.recovery_cache_timeout)
    }

    /// "Look into your inbox."
    fn waiting(&self, cx: &StageCx<'_>, again: bool) -> Challenge {
        let challenge = Challenge::new("ak-stage-email")
            .titled("stages-email-title")
            .to(cx.pending_view())
            .node(Node::Paragraph(Text::key("stages-email-text")));
        let challenge = match again {
            true => challenge.node(Node::Notice(NoticeLevel::Success, Text::key("stages-email-again"))),
            false => challenge,
        };
        challenge.node(Button::primary("stages-email-resend"))
    }

    /// What the link that led here is for, if this stage made it for whom goes through the flow, and all is as it was.
    fn good_purpose(&self, cx: &StageCx<'_>) -> Option<Purpose> {
        cx.context.get(&PURPOSE).filter(|purpose| purpose.holds(cx, self.id, |user| self.may(user)))
    }

    /// Whoever opened the link confirms.
    fn come_back(&self, cx: &mut StageCx<'_>, response: &Response) -> Outcome {
        let Some(purpose) = self.good_purpose(cx) else { return Outcome::Deny(used_up()) };
        if !confirmation(&purpose).is_yes(cx, response) {
            return Outcome::Retry(FieldErrors::one("", "invalid", "stages-consent-changed"));
        }
        cx.use_flow_token(used_up());
        cx.context.remove(&PURPOSE);
        cx.context.set(&EMAIL_SENT, &true);
        if let Some(subject) = cx.pending.clone() {
            // A letter to another address than the account's own proves nothing about the account.
            if purpose.is_to_own_address(&subject) {
                proof::record(cx.context, subject.user.id);
            }
            self.check_when_written(cx, &subject, purpose);
        }
        Outcome::Next
    }

    /// In the unit of work that goes on: the account is still as it was, and is turned on where it waits for that.
    fn check_when_written(&self, cx: &mut StageCx<'_>, subject: &Arc<Subject>, purpose: Purpose) {
        let id = subject.user.id;
        let activates = self.spec.activate_user_on_success
            && !subject.user.is_active
            && purpose.is_to_own_address(subject);
        if activates {
            let mut active = Subject::clone(subject);
            active.user.is_active = true;
            cx.set_pending(Arc::new(active));
        }
        let event = trail::draft(cx, EventAction::UserWrite, APP)
            .with("created", false)
            .with("changed", vec!["is_active"])
            .by(&subject.user);
        cx.effect(move |tx| {
            let mut user = purpose.account(tx, id)?;
            if !activates || user.is_active {
                return Ok(());
            }
            if user.last_login.is_some() {
                return Err(EffectError::Deny(used_up()));
            }
            user.is_active = true;
            user.last_updated = tx.now();
            users::update(tx, &user)?;
            Ok(countersign_events::record(tx, event.clone())?)
        });
    }
}

/// "Go on?"
fn confirmation(purpose: &Purpose) -> Confirmation {
    Confirmation {
        title: "stages-email-confirm-title",
        text: "stages-email-confirm-text",
        action: "action-continue",
        about: serde_json::to_string(purpose).unwrap_or_default(),
    }
}
