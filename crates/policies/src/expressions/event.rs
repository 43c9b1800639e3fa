//! Events as expressions see them.

use countersign_expr::{HostError, HostObject, Value};
use countersign_model::Event;
use countersign_types::Timestamp;
use serde_json::{Map, Value as Json};

use crate::event_document;

/// An event as a variable of expressions.
pub fn event_value(event: &Event) -> Value {
    match event_document(event) {
        Json::Object(document) => EventObject::value(&document),
        _ => Value::None,
    }
}

/// Name of the class.
const EVENT_TYPE: &str = "Event";

/// An event that happened.
pub(super) struct EventObject(Map<String, Json>);

impl EventObject {
    pub(super) fn value(document: &Map<String, Json>) -> Value {
        Value::object(Self(document.clone()))
    }

    fn shown(&self, name: &str) -> Result<Value, HostError> {
        let found = self.0.get(name).unwrap_or(&Json::Null);
        Value::from_json(found).map_err(|error| HostError::Value(error.to_string()))
    }
}

impl HostObject for EventObject {
    fn type_name(&self) -> &str {
        EVENT_TYPE
    }

    fn attr(&self, name: &str) -> Result<Option<Value>, HostError> {
        Ok(Some(match name {
            "pk" | "event_uuid" => self.shown("pk")?,
            "user" | "action" | "app" | "context" | "client_ip" | "brand" => self.shown(name)?,
            "created" | "expires" => {
                let moment = self.0.get(name).and_then(Json::as_str).and_then(Timestamp::parse);
                moment.map_or(Value::None, Value::DateTime)
            }
            _ => return Ok(None),
        }))
    }
}
