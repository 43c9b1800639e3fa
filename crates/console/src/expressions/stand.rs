//! Whom and what an expression is tried out on: objects of the house, as far as the reader may see them.

use std::sync::Arc;

use countersign_authz::Permission;
use countersign_expr::Value;
use countersign_model::{Group, GroupId, ProviderId, Subject, UserId};
use countersign_policies::Expressions;
use countersign_store::groups;
use countersign_types::{JsonObject, RawId};
use countersign_web::WebError;
use serde_json::Value as Json;

use crate::cx::{ConsoleCx, fault};

/// Providers to choose from, at most.
const MAX_PROVIDERS: usize = 200;

/// Somebody by his user name.
pub(super) async fn subject(cx: &ConsoleCx, username: &str) -> Result<Option<Arc<Subject>>, WebError> {
    match visible(cx, "authentik_core.user", "username", username).await? {
        Some(id) => Ok(cx.app.store().subject(UserId(id)).await?),
        None => Ok(None),
    }
}

/// A group by its name.
pub(super) async fn group(cx: &ConsoleCx, name: &str) -> Result<Option<Group>, WebError> {
    let Some(id) = visible(cx, "authentik_core.group", "name", name).await? else { return Ok(None) };
    cx.look(move |tx, _| Ok(groups::by_id(tx, GroupId(id))?)).await.map_err(fault)
}

async fn visible(
    cx: &ConsoleCx,
    model: &'static str,
    key: &'static str,
    name: &str,
) -> Result<Option<RawId>, WebError> {
    let name = name.to_owned();
    let id = cx.look(move |tx, read| {
        let kind = read.registry.get(model)?;
        let identifiers = JsonObject::from_iter([(key.to_owned(), Json::from(name.as_str()))]);
        let Some(id) = kind.find(tx, &identifiers)? else { return Ok(None) };
        Ok(kind.brief(tx, read, id)?.map(|viewed| viewed.id))
    });
    id.await.map_err(fault)
}

/// A provider by its identifier, with its application.
pub(super) fn provider(cx: &ConsoleCx, id: &str) -> Option<Value> {
    let provider = cx.snapshot.provider(ProviderId(id.parse().ok()?))?;
    if !sees(cx, &provider.kind, provider.id.raw()) {
        return None;
    }
    let application = cx.snapshot.application_of_provider(provider.id);
    let application = application.filter(|one| sees(cx, "authentik_core.application", one.id.raw()));
    Some(Expressions::provider(provider, application))
}

/// Providers to choose from: identifier, name, whether it is chosen.
pub(super) fn providers(cx: &ConsoleCx, chosen: &str) -> Vec<(String, String, bool)> {
    let all = cx.snapshot.providers().iter();
    let seen = all.filter(|provider| sees(cx, &provider.kind, provider.id.raw())).take(MAX_PROVIDERS);
    let choice = |id: String, name: &str| {
        let is_chosen = id == chosen;
        (id, name.to_owned(), is_chosen)
    };
    seen.map(|provider| choice(provider.id.to_string(), &provider.name)).collect()
}

fn sees(cx: &ConsoleCx, model: &str, id: RawId) -> bool {
    cx.may(Permission::view(model).as_str(), Some(id))
}
