//! The event of a write.

use countersign_events::EventDraft;
use countersign_model::EventAction;
use countersign_resource::Descriptor;
use countersign_store::Tx;
use countersign_types::{JsonObject, RawId};
use serde_json::{Value, json};

use crate::{ResourceError, WriteCx};

/// Records what happened to an object, in the transaction in which it happened.
pub(crate) fn record(
    tx: &mut Tx<'_>,
    cx: WriteCx<'_>,
    action: EventAction,
    descriptor: &Descriptor,
    id: RawId,
    document: &JsonObject,
    change: Option<JsonObject>,
) -> Result<(), ResourceError> {
    let (app, model) = descriptor.model.split_once('.').unwrap_or(("", descriptor.model));
    let mut context = JsonObject::new();
    let name = display_name(document).unwrap_or_else(|| id.to_string());
    context.insert(
        "model".to_owned(),
        json!({ "app": app, "model_name": model, "name": name, "pk": id.to_string() }),
    );
    if let Some(change) = change {
        context.insert("diff".to_owned(), Value::Object(change));
    }
    let draft = EventDraft {
        action,
        app: "countersign.registry".to_owned(),
        user: cx.actor.event_user(),
        context,
        client_ip: cx.client_ip.map(str::to_owned),
    };
    countersign_events::record(tx, draft)?;
    Ok(())
}

/// What people call an object.
pub(crate) fn display_name(document: &JsonObject) -> Option<String> {
    ["name", "username", "slug", "identifier", "domain"].into_iter().find_map(|attribute| {
        document.get(attribute)?.as_str().filter(|name| !name.is_empty()).map(str::to_owned)
    })
}
