//! Policies, groups and users bound to a flow or to a stage's place in it.

use actix_web::{HttpResponse, web::Path};
use countersign_authz::Permission;
use countersign_registry::ResourceError;
use countersign_types::{JsonObject, RawId};
use countersign_web::{BoundedQuery, WebError, see_other};
use serde_json::Value;

use super::{
    Bound, POLICY_BINDING, address, binding_of,
    bindings::refused,
    page::{self, Opened},
    viewed,
};
use crate::{
    cx::{ConsoleCx, ConsoleForm, WriteError, fault},
    generic::form::{Mode, PartOf},
};

/// What is set in place.
pub(super) const FIELDS: &[&str] =
    &["policy", "group", "user", "negate", "enabled", "order", "timeout", "failure_result"];

/// A binding that is to be made: last among those of its target.
pub(super) fn blank(cx: &ConsoleCx, target: RawId) -> JsonObject {
    let orders = cx.snapshot.policy_bindings(target).iter().map(|binding| binding.order);
    let order = orders.max().map_or(0, |last| last.saturating_add(10));
    JsonObject::from_iter([("order".to_owned(), Value::from(order))])
}

/// `POST …/<slug>/~policy/<id>/`: changes the binding of this identifier; with `?new`, binds something to the
/// flow or the stage's place of this identifier.
pub(super) async fn save(
    form: ConsoleForm,
    path: Path<(String, RawId)>,
    BoundedQuery(query): BoundedQuery,
) -> Result<HttpResponse, WebError> {
    let ConsoleForm { cx, body } = form;
    let (slug, id) = path.into_inner();
    let flow = viewed(&cx, &slug).await?;
    let (add, change) = (Permission::add(POLICY_BINDING), Permission::change(POLICY_BINDING));
    cx.require_somewhere(&[add.as_str(), change.as_str()])?;
    let is_new = query.first("new").is_some();
    let belongs = match is_new {
        true => id == flow.id || binding_of(&cx.snapshot, flow.id, id) == Some(Bound::Stage),
        false => binding_of(&cx.snapshot, flow.id, id) == Some(Bound::Policy),
    };
    if !belongs {
        return Err(WebError::not_found());
    }
    let permit = match is_new {
        true => cx.require(add.as_str(), None)?,
        false => cx.require(change.as_str(), Some(id))?,
    };
    let fields = body.read(permit).await?;
    let kind = cx.registry().get(POLICY_BINDING).map_err(fault)?.descriptor();
    let mode = if is_new { Mode::New } else { Mode::Change };
    let answers = PartOf::of(kind, FIELDS).answers(&fields, mode);
    let version = fields.first("version").unwrap_or_default().to_owned();
    let document = answers.document.clone();
    let outcome = match answers.errors.is_empty() {
        true => {
            cx.write(move |tx, write| {
                let bindings = write.registry.get(POLICY_BINDING)?;
                let mut document = document.clone();
                let part = PartOf::of(bindings.descriptor(), FIELDS);
                part.resolve(tx, write.reading(), &mut document)?;
                if is_new {
                    document.insert("target".to_owned(), Value::from(id.to_string()));
                    bindings.create(tx, write, &document).map(|written| written.id)
                } else {
                    bindings
                        .update(tx, write.expecting(Some(&version)), id, &document)
                        .map(|written| written.id)
                }
            })
            .await
        }
        false => Err(WriteError::Resource(ResourceError::Fields(answers.errors))),
    };
    match outcome {
        Ok(binding) => Ok(see_other(&format!("{}?done=saved#binding-{binding}", address(&flow.key)))),
        Err(error) => {
            let (status, filled) = refused(error, answers.document)?;
            let opened = if is_new { Opened::Add(id, filled) } else { Opened::Edit(id, filled) };
            page::render(&cx, &slug, status, opened).await
        }
    }
}
