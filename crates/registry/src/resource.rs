//! One object-safe view of every kind, for surfaces that name none.

use countersign_resource::Descriptor;
use countersign_store::Tx;
use countersign_types::{JsonObject, RawId, Secret};

use crate::{ResourceError, WriteCx};

/// What a write did.
#[derive(Debug)]
pub struct Written {
    /// The object.
    pub id: RawId,
    /// Whether anything is different from before.
    pub changed: bool,
    /// Secrets that were made because the document had none: shown once, kept sealed or hashed.
    pub generated: Vec<(String, Secret<String>)>,
    /// Attributes that the kind does not know and that were ignored.
    pub unknown: Vec<String>,
}

/// A kind of object, with everything that surfaces do to it. Everything happens in the caller's transaction.
pub trait AnyResource: Send + Sync {
    /// The description.
    fn descriptor(&self) -> &Descriptor;

    /// The object to which all of these apply; `pk` names it directly. Maps match when they are contained.
    fn find(&self, tx: &mut Tx<'_>, identifiers: &JsonObject) -> Result<Option<RawId>, ResourceError>;

    /// The document of an object, secrets left out.
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

    /// References through which an object belongs to another and goes with it; the first is what it stands in.
    fn owned_by(&self) -> &'static [&'static str];

    /// Attributes that tell an object from others of its kind; those without a value do not count.
    fn identified_by(&self) -> &'static [&'static str];

    /// Whether an export may hold the kind.
    fn is_exported(&self) -> bool;
}
