//! The settings of a stage's place in a flow.

use actix_web::{HttpResponse, http::StatusCode, web::Path};
use countersign_authz::Permission;
use countersign_registry::ResourceError;
use countersign_types::RawId;
use countersign_web::{WebError, see_other};

use super::{
    STAGE_BINDING, address, binding_of,
    page::{self, Filled, Opened},
    viewed,
};
use crate::{
    cx::{ConsoleForm, WriteError, fault},
    generic::form::{Mode, PartOf},
};

/// What is set in place.
pub(super) const FIELDS: &[&str] =
    &["order", "evaluate_on_plan", "re_evaluate_policies", "invalid_response_action", "policy_engine_mode"];

/// `POST …/<slug>/~binding/<id>/`.
pub(super) async fn save(form: ConsoleForm, path: Path<(String, RawId)>) -> Result<HttpResponse, WebError> {
    let ConsoleForm { cx, body } = form;
    let (slug, id) = path.into_inner();
    let flow = viewed(&cx, &slug).await?;
    binding_of(&cx.snapshot, flow.id, id).ok_or_else(WebError::not_found)?;
    let permit = cx.require(Permission::change(STAGE_BINDING).as_str(), Some(id))?;
    let fields = body.read(permit).await?;
    let kind = cx.registry().get(STAGE_BINDING).map_err(fault)?.descriptor();
    let answers = PartOf::of(kind, FIELDS).answers(&fields, Mode::Change);
    let version = fields.first("version").unwrap_or_default().to_owned();
    let document = answers.document.clone();
    let outcome = match answers.errors.is_empty() {
        true => {
            cx.write(move |tx, write| {
                let bindings = write.registry.get(STAGE_BINDING)?;
                bindings.update(tx, write.expecting(Some(&version)), id, &document).map(drop)
            })
            .await
        }
        false => Err(WriteError::Resource(ResourceError::Fields(answers.errors))),
    };
    match outcome {
        Ok(()) => Ok(see_other(&format!("{}?done=saved#binding-{id}", address(&flow.key)))),
        Err(error) => {
            let (status, filled) = refused(error, answers.document)?;
            page::render(&cx, &slug, status, Opened::Edit(id, filled)).await
        }
    }
}

/// The form again with what was filled in, or the page of an error that no form can mend.
pub(super) fn refused(
    error: WriteError,
    document: countersign_types::JsonObject,
) -> Result<(StatusCode, Filled), WebError> {
    match error {
        WriteError::Resource(ResourceError::Fields(errors)) => {
            Ok((StatusCode::BAD_REQUEST, Filled { document: Some(document), errors, is_stale: false }))
        }
        WriteError::Resource(ResourceError::Stale) => {
            let filled = Filled { document: Some(document), is_stale: true, ..Filled::default() };
            Ok((StatusCode::CONFLICT, filled))
        }
        other => Err(other.into()),
    }
}
