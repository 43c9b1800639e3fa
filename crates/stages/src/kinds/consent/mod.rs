//! `authentik_stages_consent.consentstage`: may this application have that?
//!
//! What is agreed to is what was shown: the answer carries a token that is bound to the session and to the
//! list of permissions, so that neither another site nor a change of the list in between can borrow it.

mod spec;

use std::{collections::BTreeSet, sync::Arc};

use async_trait::async_trait;
use countersign_crypto::{digest_hex, new_token};
use countersign_flows::{
    Button, Challenge, Field, FieldKind, Key, Node, Outcome, Permission, Response, Stage, StageCx,
    StageError, StageKind, Step, keys,
};
use countersign_i18n::Localizer;
use countersign_model::{ApplicationId, ConfigObject, Consent, ConsentId, UserId};
use countersign_store::consents;
use countersign_types::{FieldErrors, Secret, Span, Text};
use serde_json::{Value, json};

use crate::words;

pub use spec::{ConsentMode, ConsentStage};

/// Token of a question that is put to somebody without a session.
const TOKEN: Key<String> = Key::new("goauthentik.io/stages/consent/token");
/// Whether the user agreed in this run of the flow.
const GIVEN: Key<bool> = Key::new("goauthentik.io/stages/consent/given");
/// Name of the hidden field.
const TOKEN_FIELD: &str = "token";
/// Name of the button that says no.
const DECISION: &str = "decision";
/// Its value.
const REFUSED: &str = "deny";

impl StageKind for ConsentStage {
    fn build(self, _: &ConfigObject) -> Result<Arc<dyn Stage>, StageError> {
        Ok(Arc::new(self))
    }
}

/// What is asked of whom.
struct Question {
    user: Option<UserId>,
    application: Option<ApplicationId>,
    asked: Vec<(String, String)>,
    /// What is on file.
    given: Option<Consent>,
}

impl Question {
    fn asked_ids(&self) -> BTreeSet<&str> {
        self.asked.iter().map(|(id, _)| id.as_str()).collect()
    }

    fn given_ids(&self) -> BTreeSet<&str> {
        self.given.iter().flat_map(|given| given.permissions.split_whitespace()).collect()
    }

    /// Whether everything that is asked was agreed to before.
    fn is_settled(&self) -> bool {
        self.given.is_some() && self.asked_ids().is_subset(&self.given_ids())
    }
}

#[async_trait]
impl Stage for ConsentStage {
    async fn enter(&self, cx: &mut StageCx<'_>) -> Result<Step, StageError> {
        let question = self.question(cx).await?;
        let is_forced = cx.context.get(&keys::CONSENT_FORCED) == Some(true);
        if question.is_settled() && !is_forced {
            return Ok(Step::Done(Outcome::Next));
        }
        let token = token(cx, &question);
        Ok(challenge(cx, &question, &token)?.into())
    }

    async fn answer(&self, cx: &mut StageCx<'_>, response: &Response) -> Result<Outcome, StageError> {
        let question = self.question(cx).await?;
        let sent = response.text(TOKEN_FIELD).unwrap_or("");
        if !Secret::from(token(cx, &question)).ct_eq(sent) {
            return Ok(Outcome::Retry(FieldErrors::one("", "invalid", "stages-consent-changed")));
        }
        match response.value(DECISION) {
            None => {}
            Some(Value::String(decision)) if decision == REFUSED => {
                let refused = cx.context.get(&keys::CONSENT_REFUSED);
                return Ok(refused
                    .map_or_else(|| Outcome::Deny(Text::key("stages-consent-refused")), Outcome::Redirect));
            }
            Some(_) => return Ok(Outcome::Retry(FieldErrors::one("", "invalid", "field-invalid"))),
        }
        self.put_on_file(cx, &question);
        cx.context.remove(&TOKEN);
        cx.context.set(&GIVEN, &true);
        Ok(Outcome::Next)
    }
}

/// Asks where an application insists on it and no stage of the flow has asked. For providers to append.
#[derive(Clone, Copy, Debug, Default)]
pub struct RequiredConsent;

#[async_trait]
impl Stage for RequiredConsent {
    async fn enter(&self, cx: &mut StageCx<'_>) -> Result<Step, StageError> {
        if cx.context.get(&GIVEN) == Some(true) {
            return Ok(Step::Done(Outcome::Next));
        }
        ConsentStage::EVERY_TIME.enter(cx).await
    }

    async fn answer(&self, cx: &mut StageCx<'_>, response: &Response) -> Result<Outcome, StageError> {
        ConsentStage::EVERY_TIME.answer(cx, response).await
    }
}

impl ConsentStage {
    const EVERY_TIME: Self = Self { mode: ConsentMode::AlwaysRequire, consent_expire_in: Span::ZERO };

    async fn question(&self, cx: &StageCx<'_>) -> Result<Question, StageError> {
        let user = cx
            .pending
            .as_ref()
            .map(|subject| subject.user.id)
            .or_else(|| cx.session.map(|live| live.subject.user.id));
        let application = cx.context.get(&keys::APPLICATION).map(|application| application.id);
        let asked = cx.context.get(&keys::CONSENT_PERMISSIONS).unwrap_or_default();
        let mut given = None;
        if let (Some(user), Some(application)) = (user, application)
            && self.mode != ConsentMode::AlwaysRequire
        {
            let on_file = cx.services.store.consents(user).await?;
            let holds = |consent: &&Consent| {
                consent.application == application && consent.expires.is_none_or(|expires| expires > cx.now)
            };
            given = on_file.iter().find(holds).cloned();
        }
        Ok(Question { user, application, asked, given })
    }

    fn put_on_file(&self, cx: &mut StageCx<'_>, question: &Question) {
        let (Some(user), Some(application)) = (question.user, question.application) else { return };
        let expires = match self.mode {
            ConsentMode::AlwaysRequire => return,
            ConsentMode::Permanent => None,
            ConsentMode::Expiring => Some(cx.now.plus(self.consent_expire_in)),
        };
        let all: BTreeSet<&str> = question.asked_ids().union(&question.given_ids()).copied().collect();
        let consent = Consent {
            id: ConsentId::random(&*cx.services.rng),
            user,
            application,
            permissions: all.into_iter().collect::<Vec<_>>().join(" "),
            expires,
        };
        cx.effect(move |tx| Ok(consents::put(tx, &consent)?));
    }
}

/// The token of a question. With a session it follows from the session's secret and the question, so that
/// nothing need be kept; without one it is random and kept with the plan.
fn token(cx: &mut StageCx<'_>, question: &Question) -> String {
    if let Some(live) = cx.session {
        let key = format!("{:02x?}", live.session.key.as_bytes());
        let bound = json!([key, question.user, question.application, question.asked]);
        return digest_hex(&format!("consent:{bound}"));
    }
    if let Some(kept) = cx.context.get(&TOKEN) {
        return kept;
    }
    let (token, _) = new_token(&*cx.services.rng);
    cx.context.set(&TOKEN, token.expose());
    token.expose().clone()
}

fn challenge(cx: &StageCx<'_>, question: &Question, token: &str) -> Result<Challenge, StageError> {
    let given = question.given_ids();
    let (old, new): (Vec<_>, Vec<_>) =
        question.asked.iter().cloned().partition(|(id, _)| given.contains(id.as_str()));
    let application = question.application.and_then(|id| cx.snapshot.application(id));
    let header = match (cx.context.get(&keys::CONSENT_HEADER), application) {
        (Some(words), _) => Text::literal(words),
        (None, Some(application)) => Text::key("stages-consent-header").with("app", application.name.clone()),
        (None, None) => Text::key("stages-consent-header-plain"),
    };
    let header_text = cx.context.get(&keys::CONSENT_HEADER);
    // Where something is on file already, the page says what is new.
    let (before, asked) = if question.given.is_some() { (old, new) } else { (new, Vec::new()) };
    let localizer = words::localizer(cx)?;
    let mut challenge = Challenge::new("ak-stage-consent")
        .with("header_text", header_text)
        .with("permissions", data(&before, &localizer))
        .with("additional_permissions", data(&asked, &localizer))
        .with("token", token)
        .to(cx.pending_view())
        .node(Node::Paragraph(header));
    let label = (!asked.is_empty() && !before.is_empty()).then(|| Text::key("stages-consent-before"));
    if !before.is_empty() {
        challenge = challenge.node(Node::Permissions(label, permissions(before)));
    }
    if !asked.is_empty() {
        challenge =
            challenge.node(Node::Permissions(Some(Text::key("stages-consent-new")), permissions(asked)));
    }
    let hidden = Field {
        value: token.to_owned(),
        ..Field::new(TOKEN_FIELD, FieldKind::Hidden, "stages-consent-token")
    };
    let refuse = Button::secondary("action-cancel", DECISION, REFUSED);
    Ok(challenge.node(hidden).node(Button::primary("action-allow")).node(refuse))
}

fn permissions(listed: Vec<(String, String)>) -> Vec<Permission> {
    listed.into_iter().map(|(id, name)| Permission { id, name }).collect()
}

fn data(listed: &[(String, String)], localizer: &Localizer) -> Vec<Value> {
    listed.iter().map(|(id, name)| json!({ "id": id, "name": localizer.words(name) })).collect()
}
