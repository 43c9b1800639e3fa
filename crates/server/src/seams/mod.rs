//! What API and console ask of rooms that they do not know, put into the hands of those rooms.

mod blueprints;
mod notifications;
mod providers;

use std::sync::Arc;

use countersign_registry::Seams;
use countersign_web::App;

use crate::{House, registry::Protocols};

/// The rooms behind the seams.
pub(crate) fn seams(house: &House, app: &Arc<App>, protocols: &Arc<Protocols>) -> Seams {
    Seams {
        blueprints: Arc::new(blueprints::Files::new(house)),
        providers: Arc::new(providers::OfProtocols::new(app, protocols)),
        notifications: Arc::new(notifications::ByTransport(house.notifier(app))),
    }
}
