//! Notifications: what somebody is told of an event.

use countersign_types::Timestamp;

use crate::{EventAction, EventId, UserId, text_enum};

countersign_types::ids! {
    /// A notification; sorts by time.
    NotificationId,
}

text_enum! {
    /// How much a notification matters.
    Severity {
        /// Good to know.
        Notice = "notice",
        /// Something may be wrong.
        Warning = "warning",
        /// Something is wrong.
        Alert = "alert",
    }
}

/// What a user is told of an event.
#[derive(Clone, Debug, PartialEq)]
pub struct Notification {
    /// Identifier. The same of an event for a user by a rule, however often the rule is asked.
    pub id: NotificationId,
    /// Whom it is for.
    pub user: UserId,
    /// How much it matters.
    pub severity: Severity,
    /// What it says.
    pub body: String,
    /// Where it leads.
    pub hyperlink: Option<String>,
    /// What that place is called.
    pub hyperlink_label: Option<String>,
    /// When it was written.
    pub created: Timestamp,
    /// The event; it may be gone before.
    pub event: Option<EventId>,
    /// What happened.
    pub action: Option<EventAction>,
    /// Whether he has seen it.
    pub seen: bool,
    /// Until when it is kept.
    pub expires: Timestamp,
}
