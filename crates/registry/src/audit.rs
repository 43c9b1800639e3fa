//! What a write leaves behind: an event for the trail, a revision of the object.

use countersign_model::{EventAction, Revision, RevisionAction, RevisionId};
use countersign_resource::Descriptor;
use countersign_store::{Tx, revisions};
use countersign_types::{JsonObject, RawId};
use serde_json::Value;

use crate::{ResourceError, WriteCx};

/// How events name this room.
pub(crate) const ROOM: &str = "countersign.registry";

/// Records what happened to an object, in the transaction in which it happened. `document` is what is kept
/// (secrets sealed), or was before the deletion; `change` is redacted.
pub(crate) fn record(
    tx: &mut Tx<'_>,
    cx: WriteCx<'_>,
    action: RevisionAction,
    descriptor: &Descriptor,
    id: RawId,
    document: JsonObject,
    change: JsonObject,
) -> Result<(), ResourceError> {
    let name = display_name(&document).unwrap_or_else(|| id.to_string());
    let happened = match action {
        RevisionAction::Created => EventAction::ModelCreated,
        RevisionAction::Updated | RevisionAction::Reverted => EventAction::ModelUpdated,
        RevisionAction::Deleted => EventAction::ModelDeleted,
    };
    let mut draft = cx.event(happened, ROOM).about(descriptor.model, &name, id.to_string());
    if action != RevisionAction::Deleted {
        draft = draft.with("diff", Value::Object(change.clone()));
    }
    let user = draft.user.clone();
    countersign_events::record(tx, draft)?;
    let revision = Revision {
        id: RevisionId::timed(tx.moment(), tx.rng()),
        model: descriptor.model.to_owned(),
        object: id,
        created: tx.now(),
        user,
        action,
        document,
        diff: change,
    };
    revisions::create(tx, &revision)?;
    Ok(())
}

/// What people call an object.
pub(crate) fn display_name(document: &JsonObject) -> Option<String> {
    ["name", "username", "slug", "identifier", "domain"].into_iter().find_map(|attribute| {
        document.get(attribute)?.as_str().filter(|name| !name.is_empty()).map(str::to_owned)
    })
}
