//! Between documents, as the registry has them, and their form in the API.
//!
//! Objects that the API addresses by an integer are referred to by that integer too, while documents hold
//! identifiers. Read-only attributes stand beside the document's own; what a client sends for them is ignored,
//! so that an object that was read can be sent back.

use std::collections::{BTreeSet, HashMap};

use countersign_model::{ProviderId, UserId};
use countersign_registry::{AnyResource, Lookup, Registry, Viewed, permission_number};
use countersign_resource::{FieldInfo, Path};
use countersign_store::{Snapshot, Tx, providers, users};
use countersign_types::{FieldErrors, JsonObject, RawId, Text};
use serde_json::Value;

use crate::ApiError;

/// The target of references to providers of any kind.
const PROVIDER: &str = "provider";
/// The target of references to users.
const USER: &str = "authentik_core.user";

/// Whether objects of a target (model label or family) are referred to by integers.
pub(super) fn is_integer(registry: &Registry, target: &str) -> bool {
    let by_integer = |resource: &dyn AnyResource| matches!(resource.lookup(), Lookup::Integer(_));
    matches!(target, PROVIDER | USER)
        && match registry.get(target) {
            Ok(resource) => by_integer(resource),
            Err(_) => registry.of_family(target).any(by_integer),
        }
}

/// One request's translation. Remembers the integers that it met.
pub(crate) struct Translation<'t> {
    registry: &'t Registry,
    snapshot: &'t Snapshot,
    integers: HashMap<RawId, Option<i64>>,
}

impl<'t> Translation<'t> {
    pub(crate) fn new(registry: &'t Registry, snapshot: &'t Snapshot) -> Self {
        Self { registry, snapshot, integers: HashMap::new() }
    }

    /// Objects as the API shows them.
    pub(crate) fn show_all(
        &mut self,
        tx: &mut Tx<'_>,
        resource: &dyn AnyResource,
        found: Vec<Viewed>,
    ) -> Result<Vec<Value>, ApiError> {
        let fields = self.integer_fields(resource);
        self.meet_users(tx, &fields, &found)?;
        found.into_iter().map(|found| self.shown(tx, resource, &fields, found)).collect()
    }

    /// The integers of all users that objects refer to, in one query.
    fn meet_users(
        &mut self,
        tx: &mut Tx<'_>,
        fields: &[(Path, String)],
        found: &[Viewed],
    ) -> Result<(), ApiError> {
        let mut met = BTreeSet::new();
        for (path, _) in fields.iter().filter(|(_, target)| target == USER) {
            for viewed in found {
                path.visit(&Value::Object(viewed.document.clone()), &mut |_, value| {
                    met.extend(value.as_str().and_then(|text| text.parse().ok()).map(UserId));
                });
            }
        }
        let met: Vec<UserId> = met.into_iter().collect();
        let users = users::by_ids(tx, &met)?;
        self.integers.extend(users.into_iter().map(|user| (user.id.raw(), Some(user.pk))));
        Ok(())
    }

    /// An object as the API shows it.
    pub(crate) fn show(
        &mut self,
        tx: &mut Tx<'_>,
        resource: &dyn AnyResource,
        found: Viewed,
    ) -> Result<Value, ApiError> {
        let fields = self.integer_fields(resource);
        self.shown(tx, resource, &fields, found)
    }

    /// What a client sent, as a document: read-only attributes left out, integers led to objects.
    pub(crate) fn take(
        &self,
        tx: &mut Tx<'_>,
        resource: &dyn AnyResource,
        body: &JsonObject,
    ) -> Result<JsonObject, ApiError> {
        let descriptor = resource.descriptor();
        let read_only = |name: &str| name == "pk" || !descriptor.knows(name);
        let kept = body.iter().filter(|(name, _)| !read_only(name));
        let mut document = Value::Object(kept.map(|(name, value)| (name.clone(), value.clone())).collect());
        let mut errors = FieldErrors::default();
        for (path, target) in self.integer_fields(resource) {
            let mut failure = None;
            path.visit_mut(&mut document, &mut |place, value| match identifier(tx, &target, value) {
                Ok(Some(id)) => *value = Value::from(id.to_string()),
                Ok(None) if value.is_number() => {
                    let message = Text::key("resource-error-dangling")
                        .with("model", target.as_str())
                        .with("id", value.to_string());
                    errors.push(place, "does_not_exist", message);
                }
                Ok(None) => {}
                Err(error) => failure = Some(error),
            });
            if let Some(error) = failure {
                return Err(error);
            }
        }
        for name in permission_names(resource) {
            let Some(Value::Array(given)) = document.get_mut(name) else { continue };
            let known = self.registry.permissions();
            for (place, value) in given.iter_mut().enumerate() {
                let Some(number) = value.as_u64() else { continue };
                match known.iter().find(|one| u64::from(one.id) == number) {
                    Some(one) => *value = Value::from(one.full_name()),
                    None => {
                        errors.push(format!("{name}.{place}"), "does_not_exist", "resource-error-permission");
                    }
                }
            }
        }
        errors.into_result()?;
        match document {
            Value::Object(document) => Ok(document),
            _ => Ok(JsonObject::new()),
        }
    }

    /// Where integers stand for identifiers, and of what.
    fn integer_fields(&self, resource: &dyn AnyResource) -> Vec<(Path, String)> {
        let of = |field: &FieldInfo| {
            let target = field.reference.clone().filter(|target| is_integer(self.registry, target))?;
            Some((field.value_path(), target))
        };
        resource.descriptor().fields.iter().filter_map(of).collect()
    }

    fn shown(
        &mut self,
        tx: &mut Tx<'_>,
        resource: &dyn AnyResource,
        fields: &[(Path, String)],
        found: Viewed,
    ) -> Result<Value, ApiError> {
        let Viewed { id, document, computed, .. } = found;
        let mut document = Value::Object(document);
        for (path, target) in fields {
            let mut failure = None;
            path.visit_mut(&mut document, &mut |_, value| {
                let Some(id) = value.as_str().and_then(|text| text.parse().ok()) else { return };
                match self.integer(tx, target, id) {
                    Ok(integer) => *value = integer.map_or(Value::Null, Value::from),
                    Err(error) => failure = Some(error),
                }
            });
            if let Some(error) = failure {
                return Err(error);
            }
        }
        for name in permission_names(resource) {
            let names = document.get_mut(name).and_then(Value::as_array_mut).into_iter().flatten();
            for value in names {
                *value = value.as_str().map_or(Value::Null, |name| Value::from(permission_number(name)));
            }
        }
        let pk = match resource.lookup() {
            Lookup::Integer(name) => computed.get(name).cloned(),
            Lookup::Uuid | Lookup::Attribute(_) => None,
        };
        let mut shown = JsonObject::new();
        shown.insert("pk".to_owned(), pk.unwrap_or_else(|| Value::from(id.to_string())));
        if let Value::Object(document) = document {
            shown.extend(document);
        }
        shown.extend(facts(resource));
        shown.extend(computed);
        Ok(Value::Object(shown))
    }

    /// The integer of an object; none when there is no such object.
    fn integer(&mut self, tx: &mut Tx<'_>, target: &str, id: RawId) -> Result<Option<i64>, ApiError> {
        if let Some(known) = self.integers.get(&id) {
            return Ok(*known);
        }
        let found = match target {
            PROVIDER => match self.snapshot.provider(ProviderId(id)) {
                Some(provider) => Some(provider.pk),
                // Made in this very transaction.
                None => providers::by_id(tx, ProviderId(id))?.map(|provider| provider.pk),
            },
            _ => users::by_id(tx, UserId(id))?.map(|user| user.pk),
        };
        self.integers.insert(id, found);
        Ok(found)
    }
}

/// Attributes that are names of permissions, which the API has as integers.
fn permission_names(resource: &dyn AnyResource) -> impl Iterator<Item = &str> {
    let properties = resource.descriptor().schema.get("properties").and_then(Value::as_object);
    let of_permissions = |schema: &Value| schema.get("x-names").is_some_and(|names| names == "permission");
    properties
        .into_iter()
        .flatten()
        .filter(move |(_, schema)| of_permissions(schema))
        .map(|(name, _)| name.as_str())
}

/// What API and console call a kind, which authentik's API repeats with every object of a family.
pub(crate) fn facts(resource: &dyn AnyResource) -> JsonObject {
    let descriptor = resource.descriptor();
    if !matches!(descriptor.family, Some("stage" | "policy" | "provider" | "propertymapping" | "source")) {
        return JsonObject::new();
    }
    JsonObject::from_iter([
        ("component".to_owned(), descriptor.component.into()),
        ("verbose_name".to_owned(), descriptor.verbose_name.into()),
        ("verbose_name_plural".to_owned(), descriptor.verbose_name_plural.clone().into()),
        ("meta_model_name".to_owned(), descriptor.model.into()),
    ])
}

/// The object that an integer means.
pub(super) fn identifier(tx: &mut Tx<'_>, target: &str, value: &Value) -> Result<Option<RawId>, ApiError> {
    let Some(pk) = value.as_i64() else { return Ok(None) };
    Ok(match target {
        PROVIDER => providers::by_pk(tx, pk)?.map(|provider| provider.id.raw()),
        _ => users::by_pk(tx, pk)?.map(|user| user.id.raw()),
    })
}
