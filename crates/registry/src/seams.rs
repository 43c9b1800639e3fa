//! What other rooms do for API and console, which do not know them: the server puts in who does it.
//!
//! Whoever calls has asked for the permission; what is written goes through the registry with the actor, so
//! that it asks again for every object.

use std::sync::Arc;

use async_trait::async_trait;
use countersign_authz::Actor;
use countersign_model::Subject;
use countersign_types::{ErrorKind, JsonObject, RawId, Secret, Timestamp};

use crate::ResourceError;

/// The rooms behind the seams.
#[derive(Clone)]
pub struct Seams {
    /// Configuration as files.
    pub blueprints: Arc<dyn BlueprintWork>,
    /// Protocols that applications speak.
    pub providers: Arc<dyn ProviderWork>,
    /// Ways in which notifications are sent.
    pub notifications: Arc<dyn NotificationWork>,
}

/// Ways in which notifications are sent.
#[async_trait]
pub trait NotificationWork: Send + Sync {
    /// Tells somebody something by a transport now. What came of it, in words.
    async fn test(&self, transport: RawId, recipient: &Arc<Subject>) -> Result<Vec<String>, SeamError>;
}

/// Configuration as YAML files.
#[async_trait]
pub trait BlueprintWork: Send + Sync {
    /// An object with what stands in it and what it needs, as a blueprint that applies back unchanged. Holds no
    /// secret. The object is named as blueprints name it: a flow by its slug.
    async fn export(&self, model: &str, name: &str) -> Result<String, SeamError>;

    /// Applies a text that was handed in, in one transaction, with these values for its `!Context` tags.
    async fn import(&self, actor: &Actor, text: &str, context: &JsonObject) -> Result<Applied, SeamError>;

    /// Applies a file of the library that is not kept applied yet, or again.
    async fn import_file(
        &self,
        actor: &Actor,
        path: &str,
        context: &JsonObject,
    ) -> Result<Applied, SeamError>;

    /// Everything that blueprints can hold. Holds no secret.
    async fn export_everything(&self) -> Result<String, SeamError>;

    /// What applying a blueprint again would make different now. Nothing is written.
    async fn drift(&self, actor: &Actor, instance: RawId) -> Result<Drift, SeamError>;

    /// Sets one object to what a blueprint says about it, also where the blueprint leaves alone what is there.
    async fn reset(&self, actor: &Actor, instance: RawId, object: RawId) -> Result<Applied, SeamError>;

    /// What that would make different. Nothing is written.
    async fn drift_of(&self, actor: &Actor, instance: RawId, object: RawId) -> Result<Drift, SeamError>;

    /// Applies a blueprint again that is kept applied, changed or not.
    async fn apply(&self, actor: &Actor, instance: RawId) -> Result<Applied, SeamError>;

    /// The files of the library, by path.
    async fn available(&self) -> Result<Vec<BlueprintFile>, SeamError>;
}

/// How applying a blueprint went. Nothing was written unless it succeeded.
#[derive(Debug, Default)]
pub struct Applied {
    /// Whether it is applied.
    pub success: bool,
    /// Name of the blueprint.
    pub name: String,
    /// What is wrong, with line and entry; empty when it succeeded.
    pub problems: Vec<String>,
    /// Things to look at.
    pub warnings: Vec<String>,
    /// How many objects were made, changed, deleted and left as they were.
    pub counts: [usize; 4],
    /// Secrets that were made, by entry and field: shown now and never again.
    pub generated: Vec<(String, Secret<String>)>,
}

/// What applying a blueprint would make different.
#[derive(Debug, Default)]
pub struct Drift {
    /// Why it could not be applied, with line and entry; empty when it could.
    pub problems: Vec<String>,
    /// Things to look at.
    pub warnings: Vec<String>,
    /// The objects that would be made, changed or deleted.
    pub objects: Vec<Drifted>,
    /// The objects that it is about, whether they differ or not: model label, identifier, name.
    pub about: Vec<(String, RawId, String)>,
}

/// An object that applying a blueprint would make, change or delete.
#[derive(Debug)]
pub struct Drifted {
    /// Model label.
    pub model: String,
    /// The object; none where it would be made.
    pub id: Option<RawId>,
    /// What tells it from others of its kind.
    pub name: String,
    /// `created`, `updated` or `deleted`.
    pub done: &'static str,
    /// Line of the file at which its entry begins.
    pub line: Option<usize>,
    /// What would be different: attribute, what it is, what it would be. Both null for a secret.
    pub changes: Vec<(String, serde_json::Value, serde_json::Value)>,
}

/// A file of the library.
#[derive(Clone, Debug)]
pub struct BlueprintFile {
    /// Its path.
    pub path: String,
    /// SHA-256 of its text, hexadecimal.
    pub hash: String,
    /// When it was last changed; the beginning of time for those inside the binary.
    pub modified: Timestamp,
    /// Name of the blueprint.
    pub name: String,
    /// Its labels.
    pub labels: JsonObject,
}

/// What a provider's kind knows about it.
#[async_trait]
pub trait ProviderWork: Send + Sync {
    /// The addresses that an administrator carries to the application; none for kinds without any. They are
    /// complete only once an application belongs to the provider.
    async fn setup_urls(&self, provider: RawId, base_url: &str) -> Result<Option<SetupUrls>, SeamError>;

    /// What the application would learn about a user, by claim or attribute; none for kinds without any.
    async fn preview(
        &self,
        provider: RawId,
        subject: &Arc<Subject>,
        base_url: &str,
    ) -> Result<Option<Preview>, SeamError>;
}

/// Addresses of a provider, in the order in which people need them: name as authentik's API has it, address.
pub type SetupUrls = Vec<(&'static str, Option<String>)>;

/// What an application would learn about a user.
#[derive(Clone, Debug, Default)]
pub struct Preview {
    /// What it would learn.
    pub claims: JsonObject,
    /// Mappings that failed and brought nothing: name and why.
    pub failures: Vec<(String, String)>,
}

/// Why a room behind a seam did not do it.
#[derive(Debug, thiserror::Error)]
pub enum SeamError {
    /// There is no such object, file or kind.
    #[error("there is no such object")]
    NotFound,
    /// The registry refused, or failed.
    #[error(transparent)]
    Resource(#[from] ResourceError),
    /// Something else went wrong.
    #[error("{1}")]
    Failed(ErrorKind, String),
}

impl SeamError {
    /// What a surface makes of it.
    pub const fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound => ErrorKind::NotFound,
            Self::Resource(error) => error.kind(),
            Self::Failed(kind, _) => *kind,
        }
    }
}
