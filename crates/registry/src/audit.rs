//! What a write leaves behind: an event for the trail, a revision of the object.

use countersign_events::EventDraft;
use countersign_model::{EventAction, Revision, RevisionAction, RevisionId};
use countersign_resource::Descriptor;
use countersign_store::{Tx, revisions};
use countersign_types::{JsonObject, RawId};
use serde_json::{Value, json};

use crate::{ResourceError, WriteCx};

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
    let (app, model) = descriptor.label();
    let name = display_name(&document).unwrap_or_else(|| id.to_string());
    let mut context = JsonObject::new();
    context.insert(
        "model".to_owned(),
        json!({ "app": app, "model_name": model, "name": name, "pk": id.to_string() }),
    );
    if action != RevisionAction::Deleted {
        context.insert("diff".to_owned(), Value::Object(change.clone()));
    }
    let user = cx.actor.event_user();
    let draft = EventDraft {
        action: match action {
            RevisionAction::Created => EventAction::ModelCreated,
            RevisionAction::Updated | RevisionAction::Reverted => EventAction::ModelUpdated,
            RevisionAction::Deleted => EventAction::ModelDeleted,
        },
        app: "countersign.registry".to_owned(),
        user: user.clone(),
        context,
        client_ip: cx.client_ip.map(str::to_owned),
    };
    countersign_events::record(tx, draft)?;
    let revision = Revision {
        id: RevisionId::timed(tx.now(), tx.rng()),
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
