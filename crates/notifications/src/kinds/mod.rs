//! Rules, transports and mappings, as administrators set them.

mod mapping;
mod rule;
mod transport;

pub use mapping::NotificationWebhookMapping;
pub use rule::NotificationRule;
pub use transport::{NotificationTransport, TransportMode};
