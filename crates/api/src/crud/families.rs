//! Lists over all kinds of a family: `stages/all/`, `policies/all/`, `propertymappings/all/`, `providers/all/`.

use std::sync::Arc;

use countersign_authz::Permission;
use countersign_registry::{AnyResource, ListQuery, ReadCx, Registry, Start, Verbs, Viewed};
use countersign_store::Tx;
use serde_json::{Value, json};

use super::{document::Translation, filters, key, schema, usage};
use crate::{Access, Answer, ApiError, Call, Endpoint, Method, Paging, Shape};

/// The families that have such lists, where these stand, and what their objects are called.
const FAMILIES: [(&str, &str, &str, &str); 4] = [
    ("stage", "stages", "stage_uuid", "Stage"),
    ("policy", "policies", "policy_uuid", "Policy"),
    ("propertymapping", "propertymappings", "pm_uuid", "PropertyMapping"),
    ("provider", "providers", "id", "Provider"),
];

/// Objects of one kind that are asked for at a time.
const AT_ONCE: u32 = 1_000;

pub(super) fn rows(registry: &Registry) -> Vec<Endpoint> {
    FAMILIES.iter().flat_map(|family| of_family(registry, *family)).collect()
}

fn of_family(
    registry: &Registry,
    (family, place, key_name, name): (&'static str, &'static str, &'static str, &'static str),
) -> Vec<Endpoint> {
    let models: Vec<&'static str> =
        registry.of_family(family).map(|resource| resource.descriptor().model).collect();
    let access = |permission: fn(&str) -> Permission| {
        Access::AnyOf(models.iter().map(|model| permission(model)).collect())
    };
    let (all, one) = (format!("{place}/all/"), format!("{place}/all/{{{key_name}}}/"));
    let operation = |verb: &str| format!("{place}_all_{verb}");
    let shape = Shape::made(move |registry| schema::of_family(registry, family, name));
    let view = || access(Permission::view);
    let list_row =
        Endpoint::new(Method::Get, all.clone(), operation("list"), view(), move |call| list(call, family));
    vec![
        list_row
            .with_params(|_| schema::paging_params())
            .about("Those of every kind that the caller may see.")
            .gives_shape(shape.clone().paginated()),
        Endpoint::new(Method::Get, format!("{all}types/"), operation("types_list"), view(), move |call| {
            types(call, family)
        })
        .about("The kinds that can be made.")
        .gives_shape(schema::kind().many()),
        Endpoint::new(Method::Get, one.clone(), operation("retrieve"), view(), move |call| {
            retrieve(call, family)
        })
        .about("One, whatever its kind.")
        .gives_shape(shape),
        Endpoint::new(
            Method::Delete,
            one.clone(),
            operation("destroy"),
            access(Permission::delete),
            move |call| destroy(call, family),
        )
        .about("Deletes it with what belongs to it; refused while others need it.")
        .status(204),
        Endpoint::new(
            Method::Get,
            format!("{one}used_by/"),
            operation("used_by_list"),
            view(),
            move |call| used_by(call, family),
        )
        .about("Who refers to it, and what deleting it would do to him.")
        .gives_shape(schema::usage().many()),
    ]
}

async fn list(call: Call, family: &'static str) -> Result<Answer, ApiError> {
    let paging = call.paging().await?;
    let (registry, actor, snapshot) = (Arc::clone(call.registry()), call.actor()?, call.snapshot().await?);
    let (asked, pairs) = (paging.clone(), call.query.clone());
    let (count, results) = call
        .read(move |tx| {
            let cx = ReadCx { registry: &registry, actor: &actor };
            let mut found: Vec<Viewed> = Vec::new();
            for resource in registry.of_family(family) {
                let filters = filters::of(tx, cx, resource, &pairs)?;
                let order = asked.order.iter().filter(|order| filters::is_known(resource, &order.field));
                let mut query = ListQuery {
                    search: asked.search.clone(),
                    filters,
                    order: order.cloned().collect(),
                    limit: AT_ONCE,
                    ..ListQuery::default()
                };
                loop {
                    let page = resource.list(tx, cx, &query)?;
                    found.extend(page.items);
                    match page.next {
                        Some(next) => query.start = Start::After(next),
                        None => break,
                    }
                }
            }
            sort(&mut found, &asked);
            let count = u64::try_from(found.len()).unwrap_or(u64::MAX);
            let size = usize::try_from(asked.size).unwrap_or(usize::MAX);
            let before = usize::try_from(asked.skipped()).unwrap_or(usize::MAX);
            let page: Vec<Viewed> = found.into_iter().skip(before).take(size).collect();
            let mut translation = Translation::new(&registry, &snapshot);
            let mut results = Vec::with_capacity(page.len());
            for viewed in page {
                let resource = registry.get(viewed.model)?;
                // The read-only attributes of what is on this page alone.
                if let Some(whole) = resource.view(tx, cx, viewed.id)? {
                    results.push(translation.show(tx, resource, whole)?);
                }
            }
            Ok((count, results))
        })
        .await?;
    Answer::json(&paging.answer(count, results)?)
}

/// Across kinds: by name, or by the first attribute asked for.
fn sort(found: &mut [Viewed], paging: &Paging) {
    let by = paging.order.first();
    let text = |viewed: &Viewed| match by.map(|order| order.field.as_str()) {
        None | Some("name") => viewed.name.to_lowercase(),
        Some("pk") => viewed.id.to_string(),
        Some(field) => viewed.document.get(field).map(ToString::to_string).unwrap_or_default(),
    };
    found.sort_by_cached_key(|viewed| (text(viewed), viewed.id));
    if by.is_some_and(|order| order.descending) {
        found.reverse();
    }
}

async fn types(call: Call, family: &'static str) -> Result<Answer, ApiError> {
    let actor = call.actor()?;
    let kinds = call.registry().of_family(family).filter(|resource| {
        resource.verbs() == Verbs::All && actor.may(&Permission::add(resource.descriptor().model), None)
    });
    let shown: Vec<Value> = kinds
        .map(|resource| {
            let descriptor = resource.descriptor();
            json!({
                "name": descriptor.verbose_name,
                "description": schema::about(resource),
                "component": descriptor.component,
                "model_name": descriptor.label().1,
                "icon_url": null,
                "requires_enterprise": false,
                "deprecated": false,
            })
        })
        .collect();
    Answer::json(&shown)
}

/// The object of a family that a key in a path means, if the caller may see it.
pub(crate) fn find<'r>(
    tx: &mut Tx<'_>,
    cx: ReadCx<'r>,
    family: &str,
    key: &str,
) -> Result<(&'r dyn AnyResource, Viewed), ApiError> {
    for resource in cx.registry.of_family(family) {
        let Some(id) = resource.resolve(tx, key)? else { continue };
        if let Some(found) = resource.view(tx, cx, id)? {
            return Ok((resource, found));
        }
    }
    Err(ApiError::not_found())
}

async fn retrieve(call: Call, family: &'static str) -> Result<Answer, ApiError> {
    let key = key(&call)?;
    let (registry, actor, snapshot) = (Arc::clone(call.registry()), call.actor()?, call.snapshot().await?);
    let shown = call
        .read(move |tx| {
            let (resource, found) = find(tx, ReadCx { registry: &registry, actor: &actor }, family, &key)?;
            Translation::new(&registry, &snapshot).show(tx, resource, found)
        })
        .await?;
    Answer::json(&shown)
}

async fn destroy(call: Call, family: &'static str) -> Result<Answer, ApiError> {
    let key = key(&call)?;
    call.write(move |tx, cx| {
        let (resource, found) = find(tx, cx.reading(), family, &key)?;
        Ok(resource.delete(tx, cx, found.id)?)
    })
    .await?;
    Ok(Answer::empty())
}

async fn used_by(call: Call, family: &'static str) -> Result<Answer, ApiError> {
    let key = key(&call)?;
    let (registry, actor) = (Arc::clone(call.registry()), call.actor()?);
    let found = call
        .read(move |tx| {
            let cx = ReadCx { registry: &registry, actor: &actor };
            let (resource, found) = find(tx, cx, family, &key)?;
            Ok(resource.usage(tx, cx, found.id)?)
        })
        .await?;
    Answer::json(&found.iter().map(usage).collect::<Vec<_>>())
}
