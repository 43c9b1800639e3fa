//! Sends letters: those of the queue, and one at once to see whether it goes at all.

use std::{net::IpAddr, sync::Arc};

use async_trait::async_trait;
use countersign_events::{EventDraft, record};
use countersign_i18n::Catalogues;
use countersign_model::{Brand, ConfigObjectId, EventAction, Job, JobId};
use countersign_store::{Snapshot, Store, StoreError, Tx};
use countersign_tasks::{JobError, JobHandler};
use countersign_types::{ErrorKind, Timestamp};

use crate::{
    Letter, Library, Notices, Outbox, Server,
    compose::{self, ComposeError},
    render::render,
    smtp::{Connections, Refusal},
};

/// The kind of the jobs.
pub const KIND: &str = "mail";
/// Who says so in the audit trail.
const APP: &str = "countersign.mail";
/// Tries of a letter: with pauses that double up to an hour, about nine hours.
const TRIES: i32 = 18;

/// What the server knows of objects with mail servers of their own.
pub trait Routes: Send + Sync {
    /// The mail server of an object; none when it uses that of the configuration, or is no longer there.
    fn server(&self, snapshot: &Snapshot, object: ConfigObjectId) -> Option<Server>;
}

/// No object has a mail server of its own.
impl Routes for () {
    fn server(&self, _: &Snapshot, _: ConfigObjectId) -> Option<Server> {
        None
    }
}

/// Mail, as the rest of the house works with it. Cheap to clone.
#[derive(Clone)]
pub struct Mail {
    store: Store,
    outbox: Outbox,
    shared: Arc<Shared>,
}

/// What mail is made of.
pub struct MailParts {
    /// The templates.
    pub library: Library,
    /// The languages.
    pub catalogues: Catalogues,
    /// The mail server of the configuration.
    pub server: Option<Server>,
    /// Our own address (`web.base_url`) without a slash at its end, where it is configured.
    pub home: Option<String>,
    /// Objects with mail servers of their own.
    pub routes: Box<dyn Routes>,
}

/// What every clone shares.
struct Shared {
    parts: MailParts,
    connections: Connections,
}

/// Why a letter was not sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// No mail server is configured.
    #[error("no mail server is configured (email.host)")]
    NotConfigured,
    /// It is no longer true what the letter says.
    #[error("what the letter says is out of date")]
    OutOfDate,
    /// The letter was not sealed by us, or cannot be made.
    #[error("{0}")]
    Unsendable(String),
    /// The mail server did not take it for now.
    #[error("{0}")]
    NotNow(String),
    /// The mail server will never take it.
    #[error("{0}")]
    Refused(String),
}

impl MailError {
    /// What a surface makes of it.
    pub const fn kind(&self) -> ErrorKind {
        match self {
            Self::NotConfigured | Self::NotNow(_) => ErrorKind::Unavailable,
            Self::OutOfDate | Self::Unsendable(_) | Self::Refused(_) => ErrorKind::Invalid,
        }
    }
}

impl From<ComposeError> for MailError {
    fn from(error: ComposeError) -> Self {
        match error {
            // An administrator mends that.
            ComposeError::Sender(_) => Self::NotNow(error.to_string()),
            ComposeError::Recipient | ComposeError::Message(_) => Self::Unsendable(error.to_string()),
        }
    }
}

impl From<Refusal> for MailError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::ForNow(words) => Self::NotNow(words),
            Refusal::ForGood(words) => Self::Refused(words),
        }
    }
}

impl Mail {
    /// Mail by the server of the configuration, if there is one, and by those of objects.
    pub fn new(store: &Store, outbox: Outbox, parts: MailParts) -> Self {
        let shared = Arc::new(Shared { parts, connections: Connections::default() });
        Self { store: store.background(), outbox, shared }
    }

    /// Mail without a server and without templates of administrators, for parts of the house on their own.
    pub fn without_server(store: &Store, outbox: Outbox, catalogues: Catalogues) -> Self {
        let library = Library::embedded();
        let parts = MailParts { library, catalogues, server: None, home: None, routes: Box::new(()) };
        Self::new(store, outbox, parts)
    }

    /// Takes letters.
    pub const fn outbox(&self) -> &Outbox {
        &self.outbox
    }

    /// Tells people of what happens to their accounts.
    pub fn notices(&self) -> Notices {
        let parts = &self.shared.parts;
        Notices::new(self.outbox.clone(), parts.home.clone(), parts.server.is_some())
    }

    /// The templates.
    pub fn library(&self) -> &Library {
        &self.shared.parts.library
    }

    /// The mail server of the configuration.
    pub fn server(&self) -> Option<&Server> {
        self.shared.parts.server.as_ref()
    }

    /// Our own address for links in letters: the configured one; else that of the request, where its host is one of
    /// ours (that of a brand, or this machine). A host that only a browser named goes into no letter: the link in it
    /// would lead to whoever forged it.
    pub fn home<'a>(&'a self, snapshot: &Snapshot, host: &str, base_url: &'a str) -> Option<&'a str> {
        let configured = self.shared.parts.home.as_deref();
        configured.or_else(|| is_ours(snapshot, host).then_some(base_url))
    }

    /// Whether the letters of an object (or of no object) can go anywhere.
    pub fn is_configured(&self, snapshot: &Snapshot, via: Option<ConfigObjectId>) -> bool {
        self.route(snapshot, via).is_some()
    }

    /// Sends a letter now and says how it went.
    pub async fn send_now(&self, letter: &Letter) -> Result<(), MailError> {
        let snapshot = self.store.snapshot().await.map_err(|error| MailError::NotNow(error.to_string()))?;
        let id = JobId::timed(self.store.now(), &**self.store.rng());
        self.deliver(letter, &snapshot, id, self.store.now()).await.map(drop)
    }

    fn route(&self, snapshot: &Snapshot, via: Option<ConfigObjectId>) -> Option<Server> {
        let parts = &self.shared.parts;
        via.and_then(|object| parts.routes.server(snapshot, object)).or_else(|| parts.server.clone())
    }

    /// Sends a letter; its subject and sender.
    async fn deliver(
        &self,
        letter: &Letter,
        snapshot: &Snapshot,
        id: JobId,
        now: Timestamp,
    ) -> Result<(String, String), MailError> {
        if letter.expires.is_some_and(|expires| expires <= now) {
            return Err(MailError::OutOfDate);
        }
        let server = self.route(snapshot, letter.via).ok_or(MailError::NotConfigured)?;
        let parts = &self.shared.parts;
        let rendered = render(letter, &parts.library, &parts.catalogues, now).map_err(MailError::NotNow)?;
        let subject = rendered.subject.clone();
        let message = compose::message(letter, rendered, &server.from, id, now)?;
        self.shared.connections.send(&server, message).await?;
        Ok((subject, server.from))
    }
}

/// Whether a host is one of ours.
fn is_ours(snapshot: &Snapshot, host: &str) -> bool {
    let is_here = host == "localhost"
        || host.ends_with(".localhost")
        || host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    let is_of_brand = |brand: &Brand| {
        let below = host.strip_suffix(brand.domain.as_str());
        !brand.domain.is_empty() && below.is_some_and(|below| below.is_empty() || below.ends_with('.'))
    };
    is_here || snapshot.brands().iter().any(is_of_brand)
}

/// Does the jobs.
pub struct Postman(pub Mail);

#[async_trait]
impl JobHandler for Postman {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn tries(&self) -> Option<i32> {
        Some(TRIES)
    }

    async fn run(&self, job: &Job) -> Result<(), JobError> {
        let Self(mail) = self;
        let letter = mail
            .outbox
            .open(&job.payload)
            .ok_or_else(|| JobError::Hopeless("the letter was not sealed with this key".to_owned()))?;
        if letter.is_to_nobody {
            return Ok(());
        }
        let snapshot = mail.store.snapshot().await?;
        let (subject, from) = mail.deliver(&letter, &snapshot, job.id, mail.store.now()).await.map_err(
            |error| match error {
                MailError::NotConfigured | MailError::NotNow(_) => JobError::Again(error.to_string()),
                MailError::OutOfDate | MailError::Unsendable(_) | MailError::Refused(_) => {
                    JobError::Hopeless(error.to_string())
                }
            },
        )?;
        let sent = draft(EventAction::EmailSent, &letter)
            .with("name", letter.to.address.as_str())
            .with("subject", subject)
            .with("from_email", from);
        // The letter is on its way: it is not sent again because the trail could not be written.
        if let Err(error) = mail.store.write(move |tx| record(tx, sent.clone())).await {
            tracing::warn!(%error, "that a letter was sent could not be recorded");
        }
        Ok(())
    }

    fn given_up(&self, tx: &mut Tx<'_>, job: &Job, error: &str) -> Result<(), StoreError> {
        let draft = match self.0.outbox.open(&job.payload) {
            Some(letter) => draft(EventAction::SystemTaskException, &letter),
            None => EventDraft::new(EventAction::SystemTaskException, APP),
        };
        record(tx, draft.with("name", KIND).with("message", error).with("job", job.id.to_string()))
    }
}

/// What the trail says of a letter: whom it went to and what it is, and nothing of what stands in it.
fn draft(action: EventAction, letter: &Letter) -> EventDraft {
    let draft = EventDraft::new(action, APP);
    let draft = if letter.is_quiet { draft.quietly() } else { draft };
    draft.with("to_email", letter.to.address.as_str()).with("template", letter.template.as_str())
}
