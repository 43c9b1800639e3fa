//! Deleting an object.

use countersign_authz::Permission;
use countersign_resource::schema_of;

use super::{Kind, key};
use crate::{Answer, ApiError, Call, Endpoint, Method, Param, Shape, find, precondition::IfMatch};

pub(super) fn row(kind: &Kind<'_>) -> Endpoint {
    let model = kind.model;
    kind.row(Method::Delete, &kind.one, "destroy", Permission::delete(model), move |call| {
        destroy(call, model)
    })
    .about("Deletes it with what belongs to it; refused while others need it.")
    .with_param(Param {
        name: "may_open".into(),
        about: "Whether it may be deleted although it is the last that guards something.".into(),
        shape: Shape::bare(schema_of::<bool>),
        required: false,
    })
    .status(204)
}

async fn destroy(call: Call, model: &'static str) -> Result<Answer, ApiError> {
    let (key, wanted, may_open) = (key(&call)?, IfMatch::of(&call.request)?, call.flag("may_open", false)?);
    call.write(move |tx, cx| {
        let found = find(tx, cx.reading(), model, &key)?;
        wanted.check(&found.version)?;
        Ok(cx.registry.get(model)?.delete(tx, cx.opening(may_open), found.id)?)
    })
    .await?;
    Ok(Answer::empty())
}
