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

mod letter;
mod spec;

use std::sync::Arc;

use async_trait::async_trait;
use countersign_crypto::digest;
use countersign_flows::{
    Button, Challenge, EffectError, Key, Node, NoticeLevel, Outcome, PendingUser, Response, Stage, StageCx,
    StageError, StageKind, Step, keys,
};
use countersign_model::{ConfigObject, ConfigObjectId, EventAction, Subject, UserId};
use countersign_store::{
    Tx,
    throttles::{self, ThrottleRule},
    users,
};
use countersign_types::{FieldErrors, Span, Text, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{confirm::Confirmation, proof, throttle, trail};

pub use spec::EmailStage;

/// Who says so in the audit trail.
const APP: &str = "countersign.stages.email";
/// When a letter of this stage went out last, in this run.
const SENT: Key<Sent> = Key::new("goauthentik.io/stages/email/sent");
/// What the link is for; only ever in a plan that came back by one.
const PURPOSE: Key<Purpose> = Key::new("goauthentik.io/stages/email/purpose");
/// As authentik's expressions know them.
const EMAIL: Key<String> = Key::new("email");
const EMAIL_SENT: Key<bool> = Key::new("email_sent");
/// Letters to one account within the window, from whichever page, are no more than so many times those of a name.
const NAMES_OF_ACCOUNT: u32 = 3;

/// A letter went out.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Sent {
    /// By which stage: the next one of the flow sends its own.
    stage: ConfigObjectId,
    /// How often in this run.
    times: u32,
}

/// What a link is for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Purpose {
    stage: ConfigObjectId,
    /// Whose; none for somebody who has no account.
    user: Option<UserId>,
    /// Where the letter went.
    address: String,
    /// When the password was set last, at the time.
    password_of: Option<Timestamp>,
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

/// Who is to get a letter.
struct Reader {
    /// His account.
    subject: Option<Arc<Subject>>,
    /// Where it goes; empty where it goes nowhere and nobody is to notice.
    address: String,
    /// What he said his name is: limits that show go by it, whosever it is.
    typed: String,
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

    /// Who is to get the letter; none where nobody goes through the flow and no address was given.
    fn reader(&self, cx: &StageCx<'_>) -> Option<Reader> {
        let given = cx.context.get(&EMAIL).filter(|address| !address.is_empty());
        let typed = cx.context.get(&keys::PENDING_USER_IDENTIFIER);
        match (cx.context.get(&keys::PENDING_USER), cx.pending.as_ref()) {
            (Some(PendingUser::Known { id }), Some(subject)) if subject.user.id == id => {
                let user = &subject.user;
                let is_new = self.spec.activate_user_on_success && user.last_login.is_none();
                let may = user.is_active || is_new;
                let address = given.unwrap_or_else(|| user.email.clone());
                Some(Reader {
                    address: if may { address } else { String::new() },
                    typed: typed.unwrap_or_else(|| user.username.clone()),
                    subject: Some(Arc::clone(subject)),
                })
            }
            (Some(PendingUser::Known { id }), _) => Some(Reader {
                subject: None,
                address: String::new(),
                typed: typed.unwrap_or_else(|| id.to_string()),
            }),
            (Some(PendingUser::Pretended { typed }), _) => {
                Some(Reader { subject: None, address: String::new(), typed })
            }
            (None, _) => given.map(|address| Reader { subject: None, typed: address.clone(), address }),
        }
    }

    /// Queues a letter with a fresh link, within the limits.
    fn send(&self, cx: &mut StageCx<'_>, reader: &Reader, times: u32) -> Result<(), StageError> {
        let purpose = Purpose {
            stage: self.id,
            user: reader.subject.as_ref().map(|subject| subject.user.id),
            address: reader.address.clone(),
            password_of: reader.subject.as_ref().and_then(|subject| subject.user.password_change_date),
        };
        let mut kept = cx.context.clone();
        kept.remove(&SENT);
        kept.set(&PURPOSE, &purpose);
        let token = cx.flow_token(kept, self.spec.token_expiry)?;
        let letter = letter::letter(self, cx, reader, &token);
        let letter = letter.map_err(|problem| StageError::Configuration {
            stage: cx.stage_name.to_owned(),
            problem: problem.to_owned(),
        })?;
        let (outbox, limits) = (cx.services.mail.outbox().clone(), self.limits(reader));
        cx.effect(move |tx| {
            limits.count_name(tx)?;
            let letter = if limits.may_reach(tx)? { letter.clone() } else { letter.clone().to_nobody() };
            outbox.post(tx, &letter)?;
            Ok(())
        });
        cx.context.set(&SENT, &Sent { stage: self.id, times });
        cx.context.set(&EMAIL_SENT, &true);
        Ok(())
    }

    fn limits(&self, reader: &Reader) -> Limits {
        let name = reader.typed.trim().to_lowercase();
        Limits {
            name: format!("email:{}:name:{name}", self.id),
            account: reader
                .subject
                .as_ref()
                .map(|subject| format!("email:{}:user:{}", self.id, subject.user.id)),
            most: self.spec.recovery_max_attempts,
            window: self.spec.recovery_cache_timeout,
        }
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
        cx.context.get(&PURPOSE).filter(|purpose| self.is_good(cx, purpose))
    }

    fn is_good(&self, cx: &StageCx<'_>, purpose: &Purpose) -> bool {
        if purpose.stage != self.id || purpose.address.is_empty() {
            return false;
        }
        let pending = match cx.context.get(&keys::PENDING_USER) {
            Some(PendingUser::Known { id }) => Some(id),
            Some(PendingUser::Pretended { .. }) => return false,
            None => None,
        };
        if pending != purpose.user {
            return false;
        }
        let Some(id) = pending else { return true };
        cx.pending.as_ref().is_some_and(|subject| {
            let user = &subject.user;
            let may = user.is_active || (self.spec.activate_user_on_success && user.last_login.is_none());
            user.id == id && may && user.password_change_date == purpose.password_of
        })
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
            if subject.user.email.eq_ignore_ascii_case(&purpose.address) {
                proof::record(cx.context, subject.user.id);
            }
            self.check_when_written(cx, &subject, &purpose);
        }
        Outcome::Next
    }

    /// In the unit of work that goes on: the account is still as it was, and is turned on where it waits for that.
    fn check_when_written(&self, cx: &mut StageCx<'_>, subject: &Arc<Subject>, purpose: &Purpose) {
        let (id, password_of) = (subject.user.id, purpose.password_of);
        let activates = self.spec.activate_user_on_success
            && !subject.user.is_active
            && subject.user.email.eq_ignore_ascii_case(&purpose.address);
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
            let user = users::by_id(tx, id)?.filter(|user| user.password_change_date == password_of);
            let Some(mut user) = user else { return Err(EffectError::Deny(used_up())) };
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

fn used_up() -> Text {
    Text::key("flow-link-used")
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

/// How many letters there may be.
#[derive(Clone)]
struct Limits {
    name: String,
    account: Option<String>,
    most: u32,
    window: Span,
}

impl Limits {
    /// Counts by what was typed. One too many is refused, and says so: it is the same for every name.
    fn count_name(&self, tx: &mut Tx<'_>) -> Result<(), EffectError> {
        let row = throttles::bump(tx, &digest(&self.name), &self.rule(self.most))?;
        let most = i32::try_from(self.most).unwrap_or(i32::MAX);
        if row.failures <= most {
            return Ok(());
        }
        let until = row.window_start.plus(self.window);
        let wait = until.since(tx.now());
        Err(EffectError::Retry(throttle::too_many("", wait).into_errors()))
    }

    /// Counts by account. One too many is not sent, and nobody learns so who only knows names.
    fn may_reach(&self, tx: &mut Tx<'_>) -> Result<bool, EffectError> {
        let most = self.most.saturating_mul(NAMES_OF_ACCOUNT);
        // A name that is nobody's is counted as often, so that time does not tell which it is.
        let key = self.account.clone().unwrap_or_else(|| format!("{}:account", self.name));
        let row = throttles::bump(tx, &digest(&key), &self.rule(most))?;
        Ok(row.failures <= i32::try_from(most).unwrap_or(i32::MAX))
    }

    fn rule(&self, most: u32) -> ThrottleRule {
        let limit = i32::try_from(most).unwrap_or(i32::MAX).saturating_add(1);
        ThrottleRule { window: self.window, limit, lock: self.window }
    }
}
