//! `countersign_stages_email_proof.emailproofstage`: who reads the mail of an address has a link, a code or both.
//!
//! ```text
//! enter ── message, once ── "look into your inbox" ─┬─ the code ── Next
//!             |                                     '─ "send again" ── another message, and the one before is void
//!             |
//!             '── the link ─┬─ in the browser that asked ── "go on?" ── answer: Next
//!                           '─ anywhere else ── the code, to be entered in the browser that asked
//! ```
//!
//! Opening the link uses nothing up, wherever that is: whatever looks at links in messages sees a question or a code,
//! and the code is worth something in the browser alone that asked for it. So nobody goes on by a link that he came
//! by otherwise, and nobody is signed in by a link that somebody else asked for. An administrator may switch that off.
//!
//! Link and code are one secret, which stands in the message and nowhere else: the plan that waits is found by the
//! digest of the token, the code follows from the token, and the plan that asks keeps a code of authentication of it.
//! Whichever is used first takes the waiting plan away, in one statement and in the unit of work that goes on. Wrong
//! codes are counted in the plan, which moves with each of them, and by account.
//!
//! A name that is nobody's gets the same pages, limits and rows. Its message is written and thrown away.

mod code;
mod pages;
mod spec;

use std::sync::Arc;

use async_trait::async_trait;
use countersign_flows::{
    Context, EffectError, Key, LoadCx, Loaded, Outcome, PendingUser, Response, Stage, StageCx, StageError,
    StageKind, Step, WaitingPlan, keys, query_value,
};
use countersign_mail::{Letter, Person};
use countersign_model::{ConfigObject, ConfigObjectId, EventAction, User};
use countersign_store::{Tx, users};
use countersign_types::{Digest, FieldErrors, JsonObject, Secret, Text, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use self::pages::confirmation;
use crate::{
    mailbox::{self, Limits, Purpose, Reader, used_up},
    proof,
    throttle::{self, Gate},
    trail,
};

pub use spec::{EmailProofStage, LetterContents, ProvedAddress};

/// Who says so in the audit trail.
const APP: &str = "countersign.stages.email_proof";
/// Name of the field for the code.
const CODE: &str = "code";
/// Name of the button for another message.
const RESEND: &str = "resend";
/// The message that went out last in this run.
const SENT: Key<Sent> = Key::new("countersign/stages/email_proof/sent");
/// What the link is for; only ever in a plan that came back by one.
const ASKED: Key<Asked> = Key::new("countersign/stages/email_proof/asked");

/// A message that went out.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Sent {
    /// How many did, in this run.
    times: u32,
    /// Where its link leads.
    waiting: WaitingPlan,
    /// What is kept of its code.
    code: Digest,
    /// What it is for.
    purpose: Purpose,
    /// How long it is good.
    until: Timestamp,
    /// Wrong codes so far.
    tries: u32,
}

/// A link that was asked for.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Asked {
    /// What it is for.
    purpose: Purpose,
    /// In which browser.
    browser: Digest,
}

impl StageKind for EmailProofStage {
    fn build(self, object: &ConfigObject) -> Result<Arc<dyn Stage>, StageError> {
        Ok(Arc::new(Proving { id: object.id, spec: self }))
    }
}

/// The stage at work.
struct Proving {
    id: ConfigObjectId,
    spec: EmailProofStage,
}

#[async_trait]
impl Stage for Proving {
    fn loads(&self) -> bool {
        self.spec.takes_code()
    }

    fn load(&self, cx: &LoadCx<'_>, tx: &mut Tx<'_>) -> Result<Loaded, StageError> {
        Ok(Some(Box::new(Gate::load(tx, &gate_name(cx.context))?)))
    }

    async fn enter(&self, cx: &mut StageCx<'_>) -> Result<Step, StageError> {
        if cx.has_flow_token() {
            return Ok(self.opened(cx));
        }
        let reader = match self.reader(cx) {
            Ok(reader) => reader,
            Err(message) => return Ok(Step::Done(Outcome::Deny(message))),
        };
        let times = self.sent(cx).map_or(0, |sent| sent.times);
        if times == 0 {
            self.send(cx, &reader)?;
        }
        Ok(self.waiting(cx, &reader, times > 1).into())
    }

    async fn answer(&self, cx: &mut StageCx<'_>, response: &Response) -> Result<Outcome, StageError> {
        if cx.has_flow_token() {
            return Ok(self.come_back(cx, response));
        }
        let reader = match self.reader(cx) {
            Ok(reader) => reader,
            Err(message) => return Ok(Outcome::Deny(message)),
        };
        if !self.spec.takes_code() || response.is_ticked(RESEND) {
            self.send(cx, &reader)?;
            return Ok(Outcome::Retry(FieldErrors::one("", "email-sent", "stages-email-sent")));
        }
        Ok(self.try_code(cx, &reader, response))
    }
}

impl Proving {
    /// The message that this stage sent last in this run.
    fn sent(&self, cx: &StageCx<'_>) -> Option<Sent> {
        cx.context.get(&SENT).filter(|sent| sent.purpose.stage == self.id)
    }

    /// Who is to get the message, or why nobody.
    fn reader(&self, cx: &StageCx<'_>) -> Result<Reader, Text> {
        let given = match self.spec.address {
            ProvedAddress::Account => None,
            ProvedAddress::Prompt => match prompted(cx.context) {
                Some(address) => Some(address),
                None => return Err(Text::key("stages-email-proof-no-address")),
            },
        };
        Reader::of(cx, given, may).ok_or_else(|| Text::key("stages-nobody-pending"))
    }

    /// Queues a message with a fresh link and code, within the limits. The one before is void.
    fn send(&self, cx: &mut StageCx<'_>, reader: &Reader) -> Result<(), StageError> {
        let before = self.sent(cx);
        let times = before.as_ref().map_or(0, |sent| sent.times).saturating_add(1);
        if let Some(before) = before {
            cx.drop_waiting(before.waiting);
        }
        let purpose = Purpose::of(self.id, reader);
        let mut kept = cx.context.clone();
        kept.remove(&SENT);
        kept.set(&ASKED, &Asked { purpose: purpose.clone(), browser: cx.browser });
        let (token, waiting) = cx.flow_token(kept, self.spec.token_expiry)?;
        let sealer = Arc::clone(&cx.services.sealer);
        let code = code::of(&sealer, self.id, token.expose(), self.spec.code_length);
        let until = cx.now.plus(self.spec.token_expiry);
        let letter = self.letter(cx, reader, &token, &code)?.until(until);
        let limits = Limits::of(self.id, reader, self.spec.max_letters, self.spec.letters_window);
        let limits = limits.asked_from(self.id, cx.facts.client, self.spec.max_letters_per_client);
        let outbox = cx.services.mail.outbox().clone();
        cx.effect(move |tx| {
            limits.count(tx)?;
            let letter = if limits.may_reach(tx)? { letter.clone() } else { letter.clone().to_nobody() };
            outbox.post(tx, &letter)?;
            Ok(())
        });
        let code = code::kept(&sealer, self.id, &code);
        cx.context.set(&SENT, &Sent { times, waiting, code, purpose, until, tries: 0 });
        Ok(())
    }

    fn letter(
        &self,
        cx: &StageCx<'_>,
        reader: &Reader,
        token: &Secret<String>,
        code: &str,
    ) -> Result<Letter, StageError> {
        let at = reader.address.as_str();
        let user = reader.subject.as_ref().map(|subject| &subject.user);
        let to = match (user, self.spec.address) {
            (Some(user), ProvedAddress::Account) => Person { address: at.to_owned(), ..Person::of(user) },
            // Whose mailbox that is nobody knows yet: it is not told who somebody is.
            (Some(user), ProvedAddress::Prompt) => Person::at(at).or_reading(user.locale()),
            (None, _) => Person::at(at),
        };
        let letter = mailbox::letter(cx, to, self.spec.template(), &self.spec.subject)?.via(self.spec.via());
        let letter = match self.spec.letter.has_link() {
            true => letter.with("url", mailbox::link(cx, token)?).with("is_bound", self.spec.bind_to_browser),
            false => letter,
        };
        Ok(if self.spec.letter.has_code() { letter.with("code", code) } else { letter })
    }

    /// Somebody entered a code.
    fn try_code(&self, cx: &mut StageCx<'_>, reader: &Reader, response: &Response) -> Outcome {
        let wrong = |code, text: Text| Outcome::Retry(FieldErrors::one(CODE, code, text));
        let digits = self.spec.code_length;
        let Some(text) = response.text(CODE) else { return wrong("required", Text::key("field-required")) };
        let Some(typed) = code::typed(text, digits) else {
            let text = Text::key("stages-email-proof-digits").with("digits", i64::from(digits));
            return wrong("invalid", text);
        };
        let (Some(gate), Some(mut sent)) = (cx.take_loaded::<Gate>(), self.sent(cx)) else {
            return Outcome::Deny(used_up());
        };
        if let Some(wait) = gate.closed_for(cx.now) {
            return Outcome::Retry(throttle::too_many(CODE, wait).into_errors());
        }
        if sent.until <= cx.now || sent.tries >= self.spec.max_attempts {
            return wrong("expired", Text::key("stages-email-proof-over"));
        }
        let is_right = code::is_kept(&cx.services.sealer, self.id, &typed, &sent.code);
        if !(is_right && self.is_good(cx, &sent.purpose)) {
            sent.tries = sent.tries.saturating_add(1);
            cx.context.set(&SENT, &sent);
            self.count_failure(cx, reader, gate);
            return wrong("invalid", Text::key("stages-email-proof-wrong"));
        }
        cx.use_waiting(sent.waiting, used_up());
        cx.effect(move |tx| gate.forgive(tx, CODE));
        self.pass(cx, sent.purpose, "code");
        Outcome::Next
    }

    /// A wrong code, whosever it was to be.
    fn count_failure(&self, cx: &mut StageCx<'_>, reader: &Reader, gate: Gate) {
        let is_sign_in = self.spec.address == ProvedAddress::Account;
        let username = match &reader.subject {
            Some(subject) => subject.user.username.clone(),
            None => reader.typed.clone(),
        };
        if is_sign_in {
            cx.services.policies.reputations().failed(&username, cx.facts.client);
        }
        let event = trail::draft(cx, EventAction::LoginFailed, APP).with("username", username);
        cx.effect(move |tx| {
            gate.count_failure(tx, CODE)?;
            if is_sign_in {
                countersign_events::record(tx, event.clone())?;
            }
            Ok(())
        });
    }

    /// What the link that led here is for, if it is worth anything.
    fn asked(&self, cx: &StageCx<'_>) -> Option<Asked> {
        cx.context.get(&ASKED).filter(|asked| self.is_good(cx, &asked.purpose))
    }

    /// Whether a message of this stage is for whom goes through the flow, and all is as it was.
    fn is_good(&self, cx: &StageCx<'_>, purpose: &Purpose) -> bool {
        let is_still_there = self.reader(cx).is_ok_and(|reader| reader.address == purpose.address);
        is_still_there && purpose.holds(cx, self.id, may)
    }

    fn is_elsewhere(&self, cx: &StageCx<'_>, asked: &Asked) -> bool {
        self.spec.bind_to_browser && asked.browser != cx.browser
    }

    /// Somebody opened the link: a question in the browser that asked, and the code in any other.
    fn opened(&self, cx: &StageCx<'_>) -> Step {
        let token = query_value(&cx.here.query, "flow_token");
        let (Some(asked), Some(token)) = (self.asked(cx), token) else {
            return Step::Done(Outcome::Deny(used_up()));
        };
        if self.is_elsewhere(cx, &asked) {
            let code = code::of(&cx.services.sealer, self.id, &token, self.spec.code_length);
            return self.elsewhere(code).into();
        }
        confirmation(&asked.purpose).question(cx).into()
    }

    /// Whoever opened the link confirms.
    fn come_back(&self, cx: &mut StageCx<'_>, response: &Response) -> Outcome {
        let Some(asked) = self.asked(cx) else { return Outcome::Deny(used_up()) };
        if self.is_elsewhere(cx, &asked) {
            return Outcome::Retry(FieldErrors::one("", "invalid", "stages-email-proof-elsewhere-text"));
        }
        if !confirmation(&asked.purpose).is_yes(cx, response) {
            return Outcome::Retry(FieldErrors::one("", "invalid", "stages-consent-changed"));
        }
        cx.use_flow_token(used_up());
        if asked.browser != cx.browser {
            // What somebody proved in the browser that asked is not proved by whoever reads the mail.
            proof::withdraw(cx.context);
        }
        self.pass(cx, asked.purpose, "link");
        Outcome::Next
    }

    /// The address is proved.
    fn pass(&self, cx: &mut StageCx<'_>, purpose: Purpose, by: &str) {
        cx.context.remove(&SENT);
        cx.context.remove(&ASKED);
        let Some(subject) = cx.pending.clone() else { return };
        let id = subject.user.id;
        let is_own = self.spec.address == ProvedAddress::Account;
        if is_own {
            if !cx.context.has(&keys::AUTH_METHOD) {
                let how = JsonObject::from_iter([("by".to_owned(), Value::from(by))]);
                cx.context.set(&keys::AUTH_METHOD, &"email".to_owned());
                cx.context.set(&keys::AUTH_METHOD_ARGS, &how);
            }
            proof::record(cx.context, id);
        }
        cx.effect(move |tx| {
            let user = purpose.account(tx, id)?;
            let is_same = !is_own || user.email == purpose.address;
            if may(&user) && is_same { Ok(()) } else { Err(EffectError::Deny(used_up())) }
        });
    }
}

/// Whether an account may get a message, and go on by it.
const fn may(user: &User) -> bool {
    user.is_active
}

/// The address that a prompt asked for.
fn prompted(context: &Context) -> Option<String> {
    let data = context.get(&keys::PROMPT_DATA)?;
    let address = data.get("email")?.as_str()?.trim();
    (!address.is_empty()).then(|| address.to_owned())
}

/// The gate before the codes of an account, or of a name that is nobody's.
fn gate_name(context: &Context) -> String {
    match context.get(&keys::PENDING_USER) {
        Some(PendingUser::Known { id }) => format!("email-proof:account:{id}"),
        Some(PendingUser::Pretended { typed }) => format!("email-proof:name:{}", users::fold(typed.trim())),
        None => format!("email-proof:address:{}", users::fold(&prompted(context).unwrap_or_default())),
    }
}
