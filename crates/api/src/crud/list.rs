//! Lists of a kind.

use std::sync::Arc;

use countersign_authz::Permission;
use countersign_registry::ReadCx;

use super::{Kind, document::Translation, filters, schema};
use crate::{Answer, ApiError, Call, Endpoint, Method, paging::Part};

pub(super) fn row(kind: &Kind<'_>) -> Endpoint {
    let model = kind.model;
    kind.row(Method::Get, &kind.path, "list", Permission::view(model), move |call| list(call, model))
        .with_params(schema::list_params(model))
        .about(format!("{} that the caller may see.", kind.nouns()))
        .gives_shape(kind.shape().paginated())
}

async fn list(call: Call, model: &'static str) -> Result<Answer, ApiError> {
    let paging = call.paging().await?;
    let (registry, actor, snapshot) = (Arc::clone(call.registry()), call.actor()?, call.snapshot().await?);
    let (mut query, pairs) = (paging.list_query(), call.query.clone());
    let more = match call.registry().get(model)?.more() {
        Some((name, _)) => call.flag(name, false)?,
        None => false,
    };
    let (part, results) = call
        .read(move |tx| {
            let resource = registry.get(model)?;
            let cx = ReadCx { registry: &registry, actor: &actor };
            query.filters = filters::of(tx, cx, resource, &pairs)?;
            query.more = more;
            query.order.retain(|order| filters::is_known(resource, &order.field));
            let page = resource.list(tx, cx, &query)?;
            let mut translation = Translation::new(&registry, &snapshot);
            Ok((Part::from(&page), translation.show_all(tx, resource, page.items)?))
        })
        .await?;
    paging.listed(&call, &part, results)
}
