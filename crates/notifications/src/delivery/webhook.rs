//! Notifications as requests to other machines.
//!
//! A request goes to the address of the transport and nowhere else, redirects are not followed, and machines inside of
//! the house are reached only in the networks that the operator named: an administrator of notifications is not thereby
//! inside.

use std::{sync::Arc, time::Duration};

use countersign_events::{EventDraft, record};
use countersign_expr::Value;
use countersign_model::{CertificateKeyPair, ConfigObjectId, EventAction, KeyPairId, User};
use countersign_outbound::{Limits, Method, Outbound, OutboundError, Request, Rules};
use countersign_policies::{MappingKind, PolicyError, Source};
use countersign_resource::target;
use countersign_store::Snapshot;
use countersign_tasks::JobError;
use countersign_types::Ref;
use serde_json::{Value as Json, json};

use super::{Note, Way, chat};
use crate::{
    NotificationWebhookMapping, Notifier, TransportMode, expressed::NotificationObject, rules::APP, words,
};

/// What one request may take.
const LIMITS: Limits = Limits { time: Duration::from_secs(10), bytes: 64 * 1024 };
/// Most bytes that a request holds.
const MAX_BODY: usize = 256 * 1024;

/// The door to the address of a transport.
struct Door(Outbound);

impl Notifier {
    /// Sends a notification for a user; the status of the answer.
    pub(super) async fn request_webhook(
        &self,
        snapshot: &Arc<Snapshot>,
        way: &Way,
        note: &Arc<Note>,
        user: User,
    ) -> Result<u16, JobError> {
        let door = self.door(snapshot, way)?;
        let words = self.words(None, &note.look);
        let spec = &way.spec;
        let body = match self.mapped(snapshot, spec.webhook_mapping_body, note, &user).await? {
            Some(body) => body,
            None if spec.mode == TransportMode::WebhookSlack => chat::message(&words, note, &user),
            None => plain(&words::body(&words, &note.event), note, &user),
        };
        let headers = self.mapped(snapshot, spec.webhook_mapping_headers, note, &user).await?;
        let body = serde_json::to_vec(&body).map_err(|error| JobError::Hopeless(error.to_string()))?;
        if body.len() > MAX_BODY {
            return Err(JobError::Hopeless("what the mapping returns is too large".to_owned()));
        }
        let request = Request {
            method: Method::Post,
            url: spec.webhook_url.clone(),
            headers: with_type(headers)?,
            body,
            follow: false,
        };
        let answer = door.0.send(request, LIMITS).await.map_err(|error| match error {
            OutboundError::Refused(_) | OutboundError::Invalid(_) => JobError::Hopeless(error.to_string()),
            OutboundError::Time | OutboundError::Failed | OutboundError::Busy => {
                JobError::Again(error.to_string())
            }
            OutboundError::TooLarge => JobError::Hopeless(error.to_string()),
        })?;
        match answer.status {
            200..=299 => Ok(answer.status),
            status @ (408 | 425 | 429 | 500..) => Err(JobError::Again(format!("the answer was {status}"))),
            status => Err(JobError::Hopeless(format!("the answer was {status}"))),
        }
    }

    /// Made once for each configuration.
    fn door(&self, snapshot: &Snapshot, way: &Way) -> Result<Arc<Door>, JobError> {
        snapshot.memo(way.id.raw(), || {
            let wrong =
                || JobError::Hopeless(format!("the transport “{}” has no address of the web", way.name));
            let origin = way.spec.address().ok_or_else(wrong)?.origin().ascii_serialization();
            let rules = Rules {
                hosts: vec![origin.parse().map_err(|_| wrong())?],
                networks: self.parts.networks.clone(),
            };
            let door = match way.spec.webhook_ca.as_ref().map(|pair| KeyPairId(pair.id())) {
                Some(pair) => {
                    let newest = snapshot.key_pair(pair).and_then(CertificateKeyPair::newest);
                    let newest = newest.ok_or_else(|| {
                        JobError::Hopeless(format!("the authority of the transport “{}” is gone", way.name))
                    })?;
                    Outbound::trusting(rules, &newest.certificate)
                }
                None => Outbound::new(rules),
            };
            door.map(Door).map_err(|error| JobError::Hopeless(error.to_string()))
        })
    }

    /// What a mapping returns for a notification; none without a mapping, or where it asks to be left out.
    async fn mapped(
        &self,
        snapshot: &Arc<Snapshot>,
        mapping: Option<Ref<target::WebhookMapping>>,
        note: &Note,
        user: &User,
    ) -> Result<Option<Json>, JobError> {
        let Some(id) = mapping.map(|mapping| ConfigObjectId(mapping.id())) else { return Ok(None) };
        let spec = self.object::<NotificationWebhookMapping>(snapshot, id);
        let name = snapshot.object(id).map(|object| object.name.clone()).unwrap_or_default();
        let spec = spec.ok_or_else(|| JobError::Hopeless(format!("the mapping “{name}” cannot be read")))?;
        let source = Source::new(name.as_str(), spec.expression.0);
        let subject = self.store().subject(user.id).await?;
        let request = self.request(&note.event, subject);
        let notification = Value::object(NotificationObject {
            body: words::body(&self.words(None, &note.look), &note.event),
            severity: note.severity,
            event: note.event.clone(),
            user: user.clone(),
        });
        let variables = vec![("notification".to_owned(), notification)];
        let (expressions, mapping) = (self.parts.policies.expressions(), NotificationWebhookMapping::MAPPING);
        let problem = match expressions.map(mapping, &source, variables, &request).await {
            Ok(evaluated) => return Ok(Some(evaluated.value)),
            Err(PolicyError::Skipped) => return Ok(None),
            Err(error @ (PolicyError::Busy | PolicyError::Unavailable(_) | PolicyError::Store(_))) => {
                return Err(JobError::Again(error.to_string()));
            }
            Err(error) => error.to_string(),
        };
        let draft = EventDraft::new(EventAction::PropertyMappingException, APP)
            .quietly()
            .with("name", name)
            .with("message", problem.as_str());
        self.store().write(move |tx| record(tx, draft.clone())).await?;
        Err(JobError::Again(problem))
    }
}

/// What a webhook is sent where no mapping says otherwise.
fn plain(body: &str, note: &Note, user: &User) -> Json {
    let mut content = json!({
        "body": body,
        "severity": note.severity,
        "user_email": user.email,
        "user_username": user.username,
    });
    if let Some(by) = &note.event.user {
        chat::put(&mut content, "event_user_email", by.email.as_str());
        chat::put(&mut content, "event_user_username", by.username.as_str());
    }
    content
}

/// The headers of a mapping, and that the content is JSON unless it says otherwise.
fn with_type(mapped: Option<Json>) -> Result<Vec<(String, String)>, JobError> {
    let given = match mapped {
        None | Some(Json::Null) => Default::default(),
        Some(Json::Object(given)) => given,
        Some(_) => return Err(JobError::Again("the mapping of headers returns no dictionary".to_owned())),
    };
    let mut headers: Vec<(String, String)> = given
        .into_iter()
        .map(|(name, value)| match value {
            Json::String(text) => (name, text),
            other => (name, other.to_string()),
        })
        .collect();
    if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
        headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
    }
    Ok(headers)
}
