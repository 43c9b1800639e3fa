//! One object-safe view of every kind, for surfaces that name none.

use countersign_model::{EventUser, RevisionAction, RevisionId, RolePermission};
use countersign_resource::Descriptor;
use countersign_store::{Snapshot, Tx};
use countersign_types::{JsonObject, Page, PageRequest, RawId, Secret, Timestamp};
use serde_json::Value;

use crate::{Hit, ListFilter, ListPage, ListQuery, Lookup, ReadCx, ResourceError, Usage, Viewed, WriteCx};

/// What a write did.
#[derive(Debug)]
pub struct Written {
    /// The object.
    pub id: RawId,
    /// Whether anything is different from before.
    pub changed: bool,
    /// Secrets that were made because the document had none: shown once, kept sealed or hashed.
    pub generated: Vec<(String, Secret<String>)>,
    /// What roles of the actor were given on a new object.
    pub given: Vec<RolePermission>,
    /// Attributes that the kind does not know and that were ignored.
    pub unknown: Vec<String>,
}

/// A revision as it is shown.
#[derive(Clone, Debug)]
pub struct RevisionView {
    /// Identifier.
    pub id: RevisionId,
    /// When it was made.
    pub created: Timestamp,
    /// By whom; none for Countersign itself.
    pub user: Option<EventUser>,
    /// What was done.
    pub action: RevisionAction,
    /// The difference that it made, secrets redacted: `{"name": {"previous_value": …, "new_value": …}}`.
    pub diff: JsonObject,
    /// The document after it (before it, when the object was deleted), secrets left out.
    pub document: JsonObject,
    /// Names what was kept, see [`Viewed::version`].
    pub version: String,
}

/// What may be done to the objects of a kind, whoever asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verbs {
    /// All of it.
    All,
    /// They come about otherwise, and may be looked at and deleted.
    ReadDelete,
    /// They come about otherwise, and may be looked at.
    Read,
}

/// A kind of object, with everything that surfaces do to it. Everything happens in the caller's transaction.
pub trait AnyResource: Send + Sync {
    /// The description.
    fn descriptor(&self) -> &Descriptor;

    /// JSON schema of the read-only attributes ([`Viewed::computed`]).
    fn computed(&self) -> &Value;

    /// What may be done to objects of the kind.
    fn verbs(&self) -> Verbs;

    /// How addresses name an object.
    fn lookup(&self) -> Lookup;

    /// Parameters of lists beside those that follow from the attributes.
    fn filters(&self) -> &'static [ListFilter];

    /// Whether lists answer these alone: the database makes them, and has no index for anything else.
    fn answers_filters_alone(&self) -> bool;

    /// The parameter with which lists show read-only attributes that cost more, and what it does.
    fn more(&self) -> Option<(&'static str, &'static str)>;

    /// The object that an address names. An identifier will do for every kind.
    fn resolve(&self, tx: &mut Tx<'_>, key: &str) -> Result<Option<RawId>, ResourceError>;

    /// A part of the objects that the actor may see.
    fn list(&self, tx: &mut Tx<'_>, cx: ReadCx<'_>, query: &ListQuery) -> Result<ListPage, ResourceError>;

    /// The same, of configuration by what is in memory, so that a list of many kinds costs no query for each.
    fn list_kept(
        &self,
        tx: &mut Tx<'_>,
        cx: ReadCx<'_>,
        snapshot: &Snapshot,
        query: &ListQuery,
    ) -> Result<ListPage, ResourceError>;

    /// A few of the objects that the actor may see and that a text may mean, the best first, at a cost that does
    /// not depend on how many there are: names of configuration come from the snapshot.
    fn search(
        &self,
        tx: &mut Tx<'_>,
        cx: ReadCx<'_>,
        snapshot: &Snapshot,
        text: &str,
        limit: u32,
    ) -> Result<Vec<Hit>, ResourceError>;

    /// An object, with its read-only attributes; none when it is not there or the actor may not see it.
    fn view(&self, tx: &mut Tx<'_>, cx: ReadCx<'_>, id: RawId) -> Result<Option<Viewed>, ResourceError>;

    /// An object without its read-only attributes, some of which cost queries of their own; none when it is not there
    /// or the actor may not see it.
    fn brief(&self, tx: &mut Tx<'_>, cx: ReadCx<'_>, id: RawId) -> Result<Option<Viewed>, ResourceError>;

    /// The object to which all of these apply; `pk` names it directly. Maps match when they are contained.
    fn find(&self, tx: &mut Tx<'_>, identifiers: &JsonObject) -> Result<Option<RawId>, ResourceError>;

    /// The document of an object, secrets left out, whoever asks.
    fn read(&self, tx: &mut Tx<'_>, id: RawId) -> Result<Option<JsonObject>, ResourceError>;

    /// All objects, in a steady order.
    fn ids(&self, tx: &mut Tx<'_>) -> Result<Vec<RawId>, ResourceError>;

    /// Makes an object.
    fn create(
        &self,
        tx: &mut Tx<'_>,
        cx: WriteCx<'_>,
        document: &JsonObject,
    ) -> Result<Written, ResourceError>;

    /// Changes attributes of an object; what the patch leaves out stays, secrets too.
    fn update(
        &self,
        tx: &mut Tx<'_>,
        cx: WriteCx<'_>,
        id: RawId,
        patch: &JsonObject,
    ) -> Result<Written, ResourceError>;

    /// Deletes an object with what belongs to it; refused while others need it.
    fn delete(&self, tx: &mut Tx<'_>, cx: WriteCx<'_>, id: RawId) -> Result<(), ResourceError>;

    /// What deleting an object would do to others: [`Registry::usage`](crate::Registry::usage). Not found when
    /// the actor may not see the object.
    fn usage(&self, tx: &mut Tx<'_>, cx: ReadCx<'_>, id: RawId) -> Result<Vec<Usage>, ResourceError>;

    /// What an object was before, the latest first. Not found when the actor may not see the object.
    fn revisions(
        &self,
        tx: &mut Tx<'_>,
        cx: ReadCx<'_>,
        id: RawId,
        page: &PageRequest,
    ) -> Result<Page<RevisionView>, ResourceError>;

    /// Puts an object back to what it was after a revision. References must still lead somewhere. Secrets stay
    /// what they are now: whatever was replaced may have been replaced because somebody knew it.
    fn revert(
        &self,
        tx: &mut Tx<'_>,
        cx: WriteCx<'_>,
        id: RawId,
        revision: RevisionId,
    ) -> Result<Written, ResourceError>;

    /// References through which an object belongs to another and goes with it; the first is what it stands in.
    fn owned_by(&self) -> &'static [&'static str];

    /// Attributes that tell an object from others of its kind; those without a value do not count.
    fn identified_by(&self) -> &'static [&'static str];

    /// Whether an export may hold the kind.
    fn is_exported(&self) -> bool;
}
