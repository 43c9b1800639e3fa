//! Floor 3: the audit trail. What happened is written in the transaction in which it happened.
//!
//! Owns what an event says ([`EventDraft`]), that no secret gets into it, how long it is kept, and the
//! [`Recorder`], which shares one commit among the events of requests that write nothing else. Does not own
//! the table (store) nor its clean-up (tasks).

/// Model label of notification rules.
pub const RULE: &str = "authentik_events.notificationrule";
/// Model label of the ways in which notifications are sent.
pub const TRANSPORT: &str = "authentik_events.notificationtransport";

mod record;
mod recorder;
mod redaction;

pub use record::{EVENT_RETENTION, EventDraft, HEARD, object, record};
pub use recorder::{Recorder, Recording};
pub use redaction::redact;
