//! Several users at once: activated, deactivated, or led on to the question before deletion.

use actix_web::{HttpResponse, http::header::LOCATION};
use countersign_registry::ResourceError;
use countersign_web::{WebError, see_other};

use super::{HERE, USER, actions::switch, find};
use crate::cx::ConsoleForm;

/// Users that one form may name.
const MAX_KEYS: usize = 500;

/// `POST …/~bulk/`.
pub(crate) async fn run(form: ConsoleForm) -> Result<HttpResponse, WebError> {
    let ConsoleForm { cx, body } = form;
    let permit = cx.require_somewhere(&["authentik_core.change_user", "authentik_core.delete_user"])?;
    let fields = body.read(permit).await?;
    let is_active = match fields.only("action")? {
        Some("activate") => true,
        Some("deactivate") => false,
        Some("delete") => {
            // The generic question, which the browser asks with the same form (RFC 9110 §15.4.8).
            let to = (LOCATION, format!("{HERE}~delete/"));
            return Ok(HttpResponse::TemporaryRedirect().insert_header(to).finish());
        }
        _ => return Err(WebError::invalid()),
    };
    let keys: Vec<String> = fields.values("key").take(MAX_KEYS).map(str::to_owned).collect();
    let own = cx.session.subject.user.id;
    let written = cx.write(move |tx, write| {
        for key in &keys {
            match find(tx, write.actor, key) {
                // Nobody locks himself out by accident.
                Ok(user) if user.id == own => {}
                Ok(user) => {
                    write.registry.get(USER)?.update(tx, write, user.id.raw(), &switch(is_active))?;
                }
                Err(ResourceError::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    });
    written.await.map_err(WebError::from)?;
    let done = if is_active { "activated" } else { "deactivated" };
    Ok(see_other(&format!("{HERE}?done={done}")))
}
