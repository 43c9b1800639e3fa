//! `authentik_events.notificationtransport`: a way in which notifications are sent.

use countersign_events::TRANSPORT;
use countersign_mail::Topic;
use countersign_model::Family;
use countersign_resource::{ConfigKind, target};
use countersign_types::{FieldErrors, Ref};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

/// Longest address.
const MAX_URL: usize = 2_048;
/// Longest name of a template.
const MAX_TEMPLATE: usize = 200;

/// How a transport sends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TransportMode {
    /// Shown in the house.
    #[default]
    Local,
    /// A request with JSON.
    Webhook,
    /// A request as Slack takes it, and Discord at addresses that end in `/slack`.
    WebhookSlack,
    /// Mail.
    Email,
}

/// A way in which notifications are sent.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct NotificationTransport {
    /// How notifications are sent.
    #[serde(default)]
    pub mode: TransportMode,
    /// Where requests go. Addresses inside of the house only where `expressions.requests_networks` names their network.
    #[serde(default)]
    #[schemars(length(max = 2048), extend("x-group" = "webhook"))]
    pub webhook_url: String,
    /// Who issues the certificate of that address, and nobody else. Left out, whom the system trusts.
    #[serde(default)]
    #[schemars(extend("x-group" = "webhook", "x-advanced" = true, "x-label" = "Webhook CA"))]
    pub webhook_ca: Option<Ref<target::KeyPair>>,
    /// What requests hold, instead of the usual. The mapping returns what can be written as JSON.
    #[serde(default)]
    #[schemars(extend("x-group" = "webhook"))]
    pub webhook_mapping_body: Option<Ref<target::WebhookMapping>>,
    /// Further headers of requests. The mapping returns a dictionary.
    #[serde(default)]
    #[schemars(extend("x-group" = "webhook"))]
    pub webhook_mapping_headers: Option<Ref<target::WebhookMapping>>,
    /// What stands before the subject of letters.
    #[serde(default)]
    #[schemars(length(max = 100), extend("x-group" = "mail"))]
    pub email_subject_prefix: String,
    /// Template of letters: ours, or a file below `templates` in the data directory.
    #[serde(default = "template")]
    #[schemars(length(min = 1, max = 200), extend("x-group" = "mail"))]
    pub email_template: String,
    /// Send once, not to everybody: for a chat that all of them read.
    #[serde(default)]
    pub send_once: bool,
}

fn template() -> String {
    Topic::EventNotification.template().to_owned()
}

impl NotificationTransport {
    /// Where requests go.
    pub(crate) fn address(&self) -> Option<Url> {
        let url = Url::parse(&self.webhook_url).ok()?;
        (matches!(url.scheme(), "http" | "https") && url.has_host()).then_some(url)
    }
}

impl ConfigKind for NotificationTransport {
    const MODEL: &'static str = TRANSPORT;
    const FAMILY: Family = Family::NotificationTransport;
    const COMPONENT: &'static str = "ak-event-transport-form";
    const VERBOSE_NAME: &'static str = "Notification Transport";
    const API_PATH: &'static str = "events/transports";
    const ICON: &'static str = "bell";

    fn validate(&self) -> Result<(), FieldErrors> {
        let mut errors = FieldErrors::default();
        let is_webhook = matches!(self.mode, TransportMode::Webhook | TransportMode::WebhookSlack);
        let is_address = self.webhook_url.len() <= MAX_URL && self.address().is_some();
        if !is_address && (is_webhook || !self.webhook_url.is_empty()) {
            errors.push("webhook_url", "invalid", "notification-transport-address");
        }
        if self.email_template.is_empty() || self.email_template.len() > MAX_TEMPLATE {
            errors.push("email_template", "invalid", "field-invalid");
        }
        errors.into_result()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_webhook_has_an_address_of_the_web() {
        let is_good =
            |spec| serde_json::from_value::<NotificationTransport>(spec).unwrap().validate().is_ok();
        assert!(is_good(json!({})));
        assert!(is_good(json!({"mode": "webhook", "webhook_url": "https://example.com/x?y"})));
        assert!(is_good(json!({"mode": "webhook_slack", "webhook_url": "http://10.0.0.1:8080/"})));
        for wrong in ["", "example.com", "file:///etc/passwd", "gopher://example.com/", "javascript:alert(1)"]
        {
            assert!(!is_good(json!({"mode": "webhook", "webhook_url": wrong})), "{wrong}");
        }
        assert!(!is_good(json!({"mode": "email", "email_template": ""})));
    }
}
