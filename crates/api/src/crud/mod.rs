//! The rows of every kind, made from its description: list, create, retrieve, update, partial_update, destroy,
//! used_by, revisions. Families have lists over all their kinds besides (`families`).

mod create;
mod destroy;
pub(crate) mod document;
pub(crate) mod families;
pub(crate) mod filters;
mod list;
mod retrieve;
mod revisions;
pub(crate) mod schema;
mod update;

use std::future::Future;

use countersign_authz::Permission;
use countersign_registry::{AnyResource, Lookup, Registry, Usage, Verbs};
use serde_json::{Value, json};

pub(crate) use schema::paging_params;

use crate::{Access, Answer, ApiError, Call, Endpoint, Method, Shape};

/// The rows of every kind.
pub(crate) fn rows(registry: &Registry) -> Vec<Endpoint> {
    let kinds = registry.resources().flat_map(of_kind);
    kinds.chain(families::rows(registry)).collect()
}

/// A kind as its rows are made.
struct Kind<'k> {
    model: &'static str,
    resource: &'k dyn AnyResource,
    /// `stages/password/`
    path: String,
    /// `stages/password/{stage_uuid}/`
    one: String,
    /// `stages_password`
    operation: String,
}

fn of_kind(resource: &dyn AnyResource) -> Vec<Endpoint> {
    let descriptor = resource.descriptor();
    let path = format!("{}/", descriptor.api_path);
    let one = format!("{path}{{{}}}/", key_name(resource));
    let operation = descriptor.api_path.replace(['/', '-'], "_");
    let kind = Kind { model: descriptor.model, resource, path, one, operation };
    let mut rows = vec![list::row(&kind), retrieve::row(&kind), retrieve::used_by_row(&kind)];
    if resource.verbs() != Verbs::Read {
        rows.push(destroy::row(&kind));
    }
    if resource.verbs() == Verbs::All {
        rows.extend([create::row(&kind), update::put_row(&kind), update::patch_row(&kind)]);
        rows.extend([revisions::list_row(&kind), revisions::revert_row(&kind)]);
    }
    rows
}

impl Kind<'_> {
    fn row<F, Fut>(
        &self,
        method: Method,
        path: &str,
        verb: &str,
        permission: Permission,
        handler: F,
    ) -> Endpoint
    where
        F: Fn(Call) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Answer, ApiError>> + 'static,
    {
        let access = if verb == "create" { Access::Global(permission) } else { Access::Object(permission) };
        Endpoint::new(method, path.to_owned(), format!("{}_{verb}", self.operation), access, handler)
    }

    /// What people call one of them, in a sentence.
    fn noun(&self) -> &'static str {
        self.resource.descriptor().verbose_name
    }

    fn nouns(&self) -> &str {
        &self.resource.descriptor().verbose_name_plural
    }

    fn shape(&self) -> Shape {
        Shape::of_kind(self.model, schema::shown)
    }

    fn asked(&self) -> Shape {
        Shape::of_kind(self.model, schema::asked)
    }
}

/// What braces in paths are called, as far as authentik's names follow from the description.
fn key_name(resource: &dyn AnyResource) -> String {
    match resource.lookup() {
        Lookup::Attribute(name) => name.to_owned(),
        Lookup::Integer(_) | Lookup::Uuid => uuid_name(resource).unwrap_or_else(|| "id".to_owned()),
    }
}

/// What authentik's API calls the identifier of an object in its lists; none for kinds that have it otherwise.
fn uuid_name(resource: &dyn AnyResource) -> Option<String> {
    let descriptor = resource.descriptor();
    match (resource.lookup(), descriptor.family) {
        (Lookup::Integer(_), _) => None,
        (_, Some("propertymapping")) => Some("pm_uuid".to_owned()),
        (_, family) => Some(format!("{}_uuid", family.unwrap_or(descriptor.label().1))),
    }
}

/// The one value in the braces of a path.
fn key(call: &Call) -> Result<String, ApiError> {
    call.path.first().map(|(_, value)| value.clone()).ok_or_else(ApiError::not_found)
}

/// What lists of them look like.
pub(crate) fn usages() -> Shape {
    schema::usage().many()
}

/// Who refers to an object, as authentik's API says it; `field` is ours.
pub(crate) fn usage(usage: &Usage) -> Value {
    let (app, model) = usage.model.split_once('.').unwrap_or(("", &usage.model));
    json!({
        "app": app,
        "model_name": model,
        "pk": usage.id,
        "name": usage.name,
        "action": usage.action.as_str(),
        "field": usage.field,
    })
}
