//! Floor 4: who is told of which events, and how.
//!
//! Owns the rules, the transports and their mappings as administrators set them, the ear that says which events are
//! worth a job, and the two jobs: asking the rules about an event, and delivering what follows. Does not own the trail
//! (events), the rows of notifications (store), letters (mail), nor how notifications are shown (portal, api).
//!
//! ```text
//! event written ── the ear: may a rule match? ── job "event", in the same transaction
//!   job "event"        every rule with bindings is asked ──▶ for each of its transports a job "notification"
//!   job "notification" local: rows · email: letters · webhook: one job for each recipient ──▶ request
//! ```
//!
//! Each job is done at least once, by one node, over restarts. Jobs that follow have identifiers that are worked out of
//! what they are about, so that an event that is asked about twice is delivered once. What notifying itself records is
//! quiet: rules do not hear of it, or it would go on for ever.

mod audience;
mod delivery;
mod ear;
mod expressed;
mod kinds;
mod notifier;
mod once;
mod rules;
mod words;

pub use delivery::Delivery;
pub use kinds::{NotificationRule, NotificationTransport, NotificationWebhookMapping, TransportMode};
pub use notifier::{Notifier, NotifierParts};
pub use rules::Matching;
