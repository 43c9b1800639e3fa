//! Endpoints that are written by hand, a file for each area of paths.

mod admin;
mod applications;
mod brands;
mod crypto;
mod events;
mod flows;
mod groups;
mod invitations;
mod mail;
mod managed;
mod notifications;
mod policies;
mod prompts;
mod providers;
mod rbac;
mod root;
mod schedules;
mod sessions;
mod shapes;
mod tasks;
mod times;
mod tokens;
mod users;

use std::sync::Arc;

use countersign_registry::{ReadCx, Registry, ResourceError};
use countersign_types::RawId;
use serde_json::Value;

use crate::{ApiError, Call, Endpoint, crud::document::Translation};

/// The rows of every area. One that has method and path of a generated row takes its place.
pub(crate) fn rows(registry: &Registry) -> Vec<Endpoint> {
    let areas = [
        admin::rows(),
        applications::rows(),
        brands::rows(),
        crypto::rows(),
        events::rows(),
        flows::rows(),
        groups::rows(),
        invitations::rows(),
        mail::rows(),
        managed::rows(),
        notifications::rows(),
        policies::rows(registry),
        prompts::rows(registry),
        providers::rows(registry),
        rbac::rows(),
        root::rows(),
        schedules::rows(),
        sessions::rows(),
        tasks::rows(),
        tokens::rows(),
        users::rows(),
    ];
    areas.into_iter().flatten().collect()
}

/// An object as the API shows it; none of it but its identifier to whoever may not see it.
async fn shown(call: &Call, model: &'static str, id: RawId) -> Result<Value, ApiError> {
    let (registry, actor, snapshot) = (Arc::clone(call.registry()), call.actor()?, call.snapshot().await?);
    call.read(move |tx| {
        let resource = registry.get(model)?;
        match resource.view(tx, ReadCx { registry: &registry, actor: &actor }, id)? {
            Some(found) => Translation::new(&registry, &snapshot).show(tx, resource, found),
            None => Ok(serde_json::json!({ "pk": id })),
        }
    })
    .await
}

/// Complaints about an attribute, under the name that it has for the caller.
fn renamed(error: ResourceError, from: &str, to: &str) -> ResourceError {
    let ResourceError::Fields(mut errors) = error else { return error };
    for error in errors.0.iter_mut().filter(|error| error.path == from) {
        to.clone_into(&mut error.path);
    }
    ResourceError::Fields(errors)
}
