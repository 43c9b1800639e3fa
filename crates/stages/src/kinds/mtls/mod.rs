//! `authentik_stages_mtls.mutualtlsstage`: a client certificate says who somebody is.
//!
//! | certificate | account | `required` | `optional` |
//! |---|---|---|---|
//! | none | | denied | goes on |
//! | not believed (another authority, expired, not for clients) | | denied | denied |
//! | believed | found | goes on, proved | goes on, proved |
//! | believed | none, in an enrolment flow | goes on, answers filled in | the same |
//! | believed | none, or another than who goes through the flow | denied | denied |
//!
//! Whoever shows a certificate that is worth nothing is told so in either mode: he wanted to be known by it.

mod spec;

use std::sync::Arc;

use async_trait::async_trait;
use countersign_crypto::{AuthorityError, CertificateRefusal, CertifiedClient, ClientAuthority};
use countersign_flows::{
    Key, LoadCx, Loaded, Outcome, PendingUser, Response, Stage, StageCx, StageError, StageKind, Step, keys,
};
use countersign_model::{ConfigObject, EventAction, FlowDesignation, KeyPairId, Subject};
use countersign_store::{
    Tx,
    users::{self, IdentifierField, LetterCase},
};
use countersign_types::{JsonObject, Text};
use serde_json::{Value, json};

pub use self::spec::{CertAttribute, MtlsMode, MutualTlsStage, UserAttribute};
use crate::{proof, trail};

/// Who says so in the audit trail.
const APP: &str = "countersign.stages.mtls";
/// The certificate that was believed.
const CERTIFICATE: Key<JsonObject> = Key::new("certificate");

impl StageKind for MutualTlsStage {
    fn build(self, _: &ConfigObject) -> Result<Arc<dyn Stage>, StageError> {
        Ok(Arc::new(self))
    }
}

/// What a certificate comes to.
enum Seen {
    Nothing,
    Refused(CertificateRefusal),
    Believed(Box<CertifiedClient>, Option<Arc<Subject>>),
}

#[async_trait]
impl Stage for MutualTlsStage {
    fn loads(&self) -> bool {
        true
    }

    fn loads_to_ask(&self) -> bool {
        true
    }

    fn load(&self, cx: &LoadCx<'_>, tx: &mut Tx<'_>) -> Result<Loaded, StageError> {
        let Some(presented) = &cx.facts.certificate else { return Ok(Some(Box::new(Seen::Nothing))) };
        let authorities = self.authorities(cx);
        let certified = match CertifiedClient::of(presented, &authorities, tx.now()) {
            Ok(certified) => certified,
            Err(refusal) => return Ok(Some(Box::new(Seen::Refused(refusal)))),
        };
        let subject = match self.named(&certified) {
            Some(name) => {
                let found = users::by_identifier(tx, &[self.field()], name, LetterCase::Ignored)?;
                found.map(|user| users::subject_of(tx, user)).transpose()?
            }
            None => None,
        };
        Ok(Some(Box::new(Seen::Believed(Box::new(certified), subject.map(Arc::new)))))
    }

    async fn enter(&self, cx: &mut StageCx<'_>) -> Result<Step, StageError> {
        Ok(Step::Done(self.decide(cx)))
    }

    async fn answer(&self, cx: &mut StageCx<'_>, _: &Response) -> Result<Outcome, StageError> {
        Ok(self.decide(cx))
    }
}

impl MutualTlsStage {
    fn decide(&self, cx: &mut StageCx<'_>) -> Outcome {
        match cx.take_loaded::<Seen>().unwrap_or(Seen::Nothing) {
            Seen::Nothing if self.mode == MtlsMode::Optional => Outcome::Next,
            Seen::Nothing => Outcome::Deny(Text::key("stages-mtls-none")),
            Seen::Refused(why) => refused(cx, &why.to_string()),
            Seen::Believed(certified, subject) => self.believed(cx, &certified, subject),
        }
    }

    fn believed(
        &self,
        cx: &mut StageCx<'_>,
        certified: &CertifiedClient,
        subject: Option<Arc<Subject>>,
    ) -> Outcome {
        let certificate = described(certified);
        let subject = subject.filter(|subject| subject.user.is_active);
        let Some(subject) = subject else {
            if cx.flow.designation != FlowDesignation::Enrollment {
                return refused(cx, "no account has what it says");
            }
            self.fill_in(cx, certified);
            cx.context.set(&CERTIFICATE, &certificate);
            return Outcome::Next;
        };
        let user = subject.user.id;
        match cx.context.get(&keys::PENDING_USER) {
            Some(PendingUser::Known { id }) if id == user => {}
            // It names somebody else than who said who he is.
            Some(_) => return refused(cx, "it is somebody else's"),
            None => proof::forget(cx.context),
        }
        let mut details = cx.context.get(&keys::AUTH_METHOD_ARGS).unwrap_or_default();
        details.insert("certificate".to_owned(), Value::Object(certificate.clone()));
        cx.context.set(&CERTIFICATE, &certificate);
        cx.context.set(&keys::AUTH_METHOD_ARGS, &details);
        if !cx.context.has(&keys::AUTH_METHOD) {
            cx.context.set(&keys::AUTH_METHOD, &"mtls".to_owned());
        }
        if !cx.context.has(&keys::PENDING_USER_IDENTIFIER) {
            cx.context.set(&keys::PENDING_USER_IDENTIFIER, &subject.user.username);
        }
        cx.set_pending(subject);
        proof::record(cx.context, user);
        Outcome::Next
    }

    /// Begins the answers of an enrolment with what the certificate says.
    fn fill_in(&self, cx: &mut StageCx<'_>, certified: &CertifiedClient) {
        let mut answers = cx.context.get(&keys::PROMPT_DATA).unwrap_or_default();
        for (name, value) in [("email", &certified.email), ("name", &certified.common_name)] {
            if let Some(value) = value {
                answers.insert(name.to_owned(), Value::from(value.as_str()));
            }
        }
        if let Some(name) = self.named(certified)
            && self.user_attribute == UserAttribute::Username
        {
            answers.insert("username".to_owned(), Value::from(name));
        }
        cx.context.set(&keys::PROMPT_DATA, &answers);
    }

    /// The authorities of the stage, or else of the brand, each in its newest generation. One that cannot be read
    /// issues nothing.
    fn authorities(&self, cx: &LoadCx<'_>) -> Vec<Arc<ClientAuthority>> {
        let mut named: Vec<_> =
            self.certificate_authorities.iter().map(|pair| KeyPairId(pair.id())).collect();
        if named.is_empty()
            && let Some(brand) = cx.snapshot.brand_for(&cx.facts.host)
        {
            named.clone_from(&brand.client_certificates);
        }
        let read = |pair: KeyPairId| {
            let newest = cx.snapshot.key_pair(pair)?.newest()?;
            let authority = cx.snapshot.memo(pair.raw(), || ClientAuthority::of_pem(&newest.certificate));
            authority.map_err(|error: AuthorityError| tracing::error!(%pair, %error, "no authority")).ok()
        };
        named.into_iter().filter_map(read).collect()
    }

    fn named<'c>(&self, certified: &'c CertifiedClient) -> Option<&'c str> {
        let name = match self.cert_attribute {
            CertAttribute::Subject => Some(certified.facts.subject.as_str()),
            CertAttribute::CommonName => certified.common_name.as_deref(),
            CertAttribute::Email => certified.email.as_deref(),
        };
        name.filter(|name| !name.trim().is_empty())
    }

    const fn field(&self) -> IdentifierField {
        match self.user_attribute {
            UserAttribute::Username => IdentifierField::Username,
            UserAttribute::Email => IdentifierField::Email,
        }
    }
}

/// The person learns that it is not believed, administrators why.
fn refused(cx: &mut StageCx<'_>, why: &str) -> Outcome {
    let event = trail::draft(cx, EventAction::LoginFailed, APP)
        .with("auth_method", "mtls")
        .with("message", format!("a client certificate was refused: {why}"));
    cx.effect(move |tx| Ok(countersign_events::record(tx, event.clone())?));
    Outcome::Deny(Text::key("stages-mtls-refused"))
}

/// A certificate as policies and events see it.
fn described(certified: &CertifiedClient) -> JsonObject {
    let facts = &certified.facts;
    let hex = |fingerprint: &str| fingerprint.replace(':', "").to_lowercase();
    let described = json!({
        "serial_number": certified.serial,
        "subject": facts.subject,
        "issuer": facts.issuer,
        "fingerprint_sha256": hex(&facts.sha256),
        "fingerprint_sha1": hex(&facts.sha1),
    });
    match described {
        Value::Object(members) => members,
        _ => JsonObject::new(),
    }
}
