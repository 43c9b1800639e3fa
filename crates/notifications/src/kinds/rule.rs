//! `authentik_events.notificationrule`: who is told of which events.

use countersign_events::RULE;
use countersign_model::{Family, Severity};
use countersign_resource::{ConfigKind, target};
use countersign_types::{FieldErrors, Ref};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Ways in which one rule sends.
const MAX_TRANSPORTS: usize = 20;

/// Notifies of events for which one of its policy bindings passes. A rule without bindings matches nothing.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct NotificationRule {
    /// How notifications are sent. Without any they are shown in the house alone.
    #[serde(default)]
    pub transports: Vec<Ref<target::NotificationTransport>>,
    /// How much the notifications matter.
    #[serde(default = "notice")]
    pub severity: Severity,
    /// The group whose members are notified, and those of the groups below it.
    #[serde(default)]
    pub destination_group: Option<Ref<target::Group>>,
    /// Notify the user of the event too.
    #[serde(default)]
    pub destination_event_user: bool,
}

const fn notice() -> Severity {
    Severity::Notice
}

impl ConfigKind for NotificationRule {
    const MODEL: &'static str = RULE;
    const FAMILY: Family = Family::NotificationRule;
    const COMPONENT: &'static str = "ak-event-rule-form";
    const VERBOSE_NAME: &'static str = "Notification Rule";
    const API_PATH: &'static str = "events/rules";
    const ICON: &'static str = "bell";

    fn validate(&self) -> Result<(), FieldErrors> {
        if self.transports.len() <= MAX_TRANSPORTS {
            return Ok(());
        }
        Err(FieldErrors::one("transports", "max_length", "resource-error-too-many"))
    }
}
