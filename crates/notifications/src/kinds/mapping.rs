//! `authentik_events.notificationwebhookmapping`: what a webhook is sent.

use countersign_model::Family;
use countersign_policies::{Expressions, Given, Mapping, MappingKind, Returns, Shape};
use countersign_resource::ConfigKind;
use countersign_types::{Expression, FieldErrors};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

const NOTIFICATION: Given = Given::new(
    "notification",
    "notification.body",
    Shape::Object(
        "{\"body\": \"login: {}\", \"severity\": \"notice\", \"user\": {\"username\": \"ada\", \"email\": \"ada@example.com\"}, \
         \"event\": {\"action\": \"login\"}}",
    ),
);
const EVENT: Given = Given::new(
    "event",
    "event.action",
    Shape::Object(
        "{\"action\": \"login\", \"app\": \"web\", \"context\": {}, \"user\": {\"username\": \"ada\"}}",
    ),
);

/// Content or headers of the requests of a webhook.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct NotificationWebhookMapping {
    /// Python that returns what is sent. Sees `notification`, `event`, `request` and `user`, who is notified.
    pub expression: Expression,
}

impl ConfigKind for NotificationWebhookMapping {
    const MODEL: &'static str = "authentik_events.notificationwebhookmapping";
    const FAMILY: Family = Family::PropertyMapping;
    const COMPONENT: &'static str = "ak-property-mapping-notification-form";
    const VERBOSE_NAME: &'static str = "Webhook Mapping";
    const API_PATH: &'static str = "propertymappings/notification";

    fn validate(&self) -> Result<(), FieldErrors> {
        Expressions::validate("expression", &self.expression)
    }
}

impl MappingKind for NotificationWebhookMapping {
    const MAPPING: Mapping = Mapping { given: &[NOTIFICATION, EVENT], returns: Returns::Anything };
}
