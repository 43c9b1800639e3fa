//! A notification as mappings see it.

use countersign_expr::{HostError, HostObject, Value};
use countersign_model::{Event, Severity, User};
use countersign_policies::event_value;
use serde_json::Value as Json;

/// What a mapping sees as `notification`.
pub(crate) struct NotificationObject {
    pub(crate) body: String,
    pub(crate) severity: Severity,
    pub(crate) event: Event,
    pub(crate) user: User,
}

impl HostObject for NotificationObject {
    fn type_name(&self) -> &str {
        "Notification"
    }

    fn attr(&self, name: &str) -> Result<Option<Value>, HostError> {
        Ok(Some(match name {
            "pk" | "uuid" => self.event.id.to_string().into(),
            "body" => self.body.as_str().into(),
            "severity" => self.severity.as_str().into(),
            "hyperlink" | "hyperlink_label" => {
                self.event.context.get(name).and_then(Json::as_str).map_or(Value::None, Into::into)
            }
            "seen" => false.into(),
            "created" => Value::DateTime(self.event.created),
            "event" => event_value(&self.event),
            "user" => Value::object(Recipient(self.user.clone())),
            _ => return Ok(None),
        }))
    }
}

/// Whom it is for.
struct Recipient(User);

impl HostObject for Recipient {
    fn type_name(&self) -> &str {
        "User"
    }

    fn identity(&self) -> Option<String> {
        Some(self.0.id.to_string())
    }

    fn attr(&self, name: &str) -> Result<Option<Value>, HostError> {
        let user = &self.0;
        Ok(Some(match name {
            "pk" | "id" => Value::Int(user.pk),
            "uuid" => user.id.to_string().into(),
            "username" => user.username.as_str().into(),
            "name" => user.name.as_str().into(),
            "email" => user.email.as_str().into(),
            "attributes" => Value::from_json(&Json::Object(user.attributes.clone()))
                .map_err(|error| HostError::Value(error.to_string()))?,
            _ => return Ok(None),
        }))
    }
}
