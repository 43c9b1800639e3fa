//! What references may point at: few objects are a list to choose from, many are found by name.

use std::collections::HashMap;

use countersign_registry::{AnyResource, ListQuery, ReadCx, ResourceError, Viewed, is_guarded};
use countersign_store::{Snapshot, Tx};
use countersign_types::{FieldErrors, JsonObject, RawId, Text};
use serde_json::Value;

use super::shape::{Edit, Shape};

/// More objects than this are not listed in one field.
const MAX_LISTED: usize = 100;
/// Nor more than this in all fields together that point at the same, so that a form stays light.
const MAX_IN_FORM: usize = 160;

/// An object to choose.
#[derive(Clone, Debug)]
pub(crate) struct Choosable {
    pub(crate) id: RawId,
    pub(crate) model: &'static str,
    pub(crate) name: String,
    /// What tells it from others of its kind, such as a flow's designation; a choice's value.
    pub(crate) group: Option<String>,
}

/// What a form needs to know of other objects.
#[derive(Clone, Debug, Default)]
pub(crate) struct Options {
    /// By target: the objects when they are few, none when they are many.
    listed: HashMap<String, Option<Vec<Choosable>>>,
    /// Names of what the document points at.
    names: HashMap<RawId, String>,
}

impl Options {
    /// For the references of a form whose document points at these.
    pub(crate) fn load(
        tx: &mut Tx<'_>,
        cx: ReadCx<'_>,
        snapshot: &Snapshot,
        shapes: &[Shape<'_>],
        document: &JsonObject,
    ) -> Result<Self, ResourceError> {
        let mut options = Self::default();
        for shape in shapes {
            let (Edit::Reference(target) | Edit::References(target)) = &shape.edit else { continue };
            if !options.listed.contains_key(*target) {
                let uses = shapes.iter().filter(|other| other.edit.target() == Some(target)).count();
                let listed = few(tx, cx, snapshot, target, MAX_LISTED.min(MAX_IN_FORM / uses.max(1)))?;
                options.listed.insert((*target).to_owned(), listed);
            }
            let name = shape.field.path.to_string();
            for id in ids(document.get(&name)) {
                if !options.knows(target, id) {
                    let name = name_of(tx, cx, target, id)?;
                    options.names.insert(id, name);
                }
            }
        }
        Ok(options)
    }

    /// The objects of a target, when they are few.
    pub(crate) fn of(&self, target: &str) -> Option<&[Choosable]> {
        self.listed.get(target)?.as_deref()
    }

    /// The name of an object that the document points at.
    pub(crate) fn name(&self, id: RawId) -> Option<&str> {
        self.names.get(&id).map(String::as_str)
    }

    fn knows(&self, target: &str, id: RawId) -> bool {
        self.names.contains_key(&id)
            || self.of(target).is_some_and(|listed| listed.iter().any(|one| one.id == id))
    }
}

/// The identifiers in a value.
fn ids(value: Option<&Value>) -> Vec<RawId> {
    let texts: Vec<&str> = match value {
        Some(Value::String(text)) => vec![text],
        Some(Value::Array(elements)) => elements.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    texts.into_iter().filter_map(|text| text.parse().ok()).collect()
}

/// The kinds that a target stands for.
pub(crate) fn kinds_of<'r>(cx: ReadCx<'r>, target: &str) -> Vec<&'r dyn AnyResource> {
    let fits = |resource: &&dyn AnyResource| {
        let kind = resource.descriptor();
        kind.model == target
            || kind.family == Some(target)
            || (target == "policytarget" && is_guarded(kind.model, kind.family))
    };
    cx.registry.resources().filter(fits).collect()
}

/// All objects of a target, unless they are more than so many.
fn few(
    tx: &mut Tx<'_>,
    cx: ReadCx<'_>,
    snapshot: &Snapshot,
    target: &str,
    most: usize,
) -> Result<Option<Vec<Choosable>>, ResourceError> {
    let mut found: Vec<Choosable> = Vec::new();
    let limit = u32::try_from(most + 1).unwrap_or(u32::MAX);
    for kind in kinds_of(cx, target).into_iter().filter(|kind| has_name(*kind)) {
        let page = kind.list_kept(tx, cx, snapshot, &ListQuery::first(limit))?;
        found.extend(page.items.iter().map(choosable));
        if found.len() > most {
            return Ok(None);
        }
    }
    found.sort_by_key(|one| one.name.to_lowercase());
    Ok(Some(found))
}

/// What an object is called where it is chosen: what finds it again. Users have a name too, but not of their own.
pub(crate) fn called(viewed: &Viewed) -> String {
    let username = viewed.document.get("username").and_then(Value::as_str);
    username.map_or_else(|| viewed.name.clone(), str::to_owned)
}

/// Whether objects of a kind have a name to choose them by.
pub(crate) fn has_name(kind: &dyn AnyResource) -> bool {
    NAMES.iter().any(|name| kind.descriptor().field(name).is_some())
}

/// Attributes that name an object.
const NAMES: [&str; 5] = ["username", "name", "slug", "identifier", "domain"];

fn choosable(viewed: &Viewed) -> Choosable {
    let group = viewed.document.get("designation").and_then(Value::as_str).map(str::to_owned);
    Choosable { id: viewed.id, model: viewed.model, name: called(viewed), group }
}

/// The name by which a reference is shown; the identifier when it must not be seen.
pub(crate) fn name_of(
    tx: &mut Tx<'_>,
    cx: ReadCx<'_>,
    target: &str,
    id: RawId,
) -> Result<String, ResourceError> {
    for kind in kinds_of(cx, target) {
        if let Some(viewed) = kind.brief(tx, cx, id)? {
            return Ok(called(&viewed));
        }
    }
    Ok(id.to_string())
}

/// Puts identifiers in the place of names. A name that nothing has is a complaint.
pub(crate) fn resolve(
    tx: &mut Tx<'_>,
    cx: ReadCx<'_>,
    shapes: &[Shape<'_>],
    document: &mut JsonObject,
) -> Result<(), ResourceError> {
    let mut errors = FieldErrors::default();
    for shape in shapes {
        let (Edit::Reference(target) | Edit::References(target)) = &shape.edit else { continue };
        let name = shape.field.path.to_string();
        match document.get_mut(&name) {
            Some(Value::String(text)) => {
                if let Some(id) = found(tx, cx, target, text, &name, &mut errors)? {
                    *text = id.to_string();
                }
            }
            Some(Value::Array(elements)) => {
                for (index, element) in elements.iter_mut().enumerate() {
                    let Value::String(text) = element else { continue };
                    let place = format!("{name}.{index}");
                    if let Some(id) = found(tx, cx, target, text, &place, &mut errors)? {
                        *text = id.to_string();
                    }
                }
            }
            _ => {}
        }
    }
    Ok(errors.into_result()?)
}

/// The object that a text names, by identifier, key or name.
fn found(
    tx: &mut Tx<'_>,
    cx: ReadCx<'_>,
    target: &str,
    text: &str,
    place: &str,
    errors: &mut FieldErrors,
) -> Result<Option<RawId>, ResourceError> {
    if let Ok(id) = text.parse() {
        return Ok(Some(id));
    }
    for kind in kinds_of(cx, target) {
        // Of users only the user name is unique.
        let has_username = kind.descriptor().field("username").is_some();
        let names = NAMES.iter().filter(|name| kind.descriptor().field(name).is_some());
        for attribute in names.take(if has_username { 1 } else { NAMES.len() }) {
            let identifiers = JsonObject::from_iter([((*attribute).to_owned(), Value::from(text))]);
            let Some(id) = kind.find(tx, &identifiers)? else { continue };
            if kind.brief(tx, cx, id)?.is_some() {
                return Ok(Some(id));
            }
        }
    }
    errors.push(place, "does_not_exist", Text::key("console-error-nobody").with("name", text));
    Ok(None)
}
