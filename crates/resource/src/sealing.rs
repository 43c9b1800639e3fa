//! Secrets at rest: in a stored document every secret is `{"$sealed": "<text>"}`.
//!
//! What is sealed is bound to its object and place, so that a sealed text copied to another object or
//! field does not open. The cipher is behind [`Vault`]; this module knows only where secrets stand.

use countersign_model::ConfigObject;
use countersign_types::{ErrorKind, FieldErrors, JsonObject, RawId, Secret};
use serde_json::{Value, json};

use crate::{Describe, Descriptor, parse};

const MARK: &str = "$sealed";

/// A value could not be sealed or opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a sealed value does not open: the master key differs or the value was moved")]
pub struct SealError;

/// Seals and opens values that are bound to a place.
pub trait Vault: Send + Sync {
    /// Seals a value.
    fn seal(&self, place: &str, plain: &str) -> Result<String, SealError>;
    /// Opens what was sealed for the same place.
    fn open(&self, place: &str, sealed: &str) -> Result<Secret<String>, SealError>;
}

/// The vault of kinds that have no secrets: it opens and seals nothing.
#[derive(Clone, Copy, Debug)]
pub struct Unavailable;

impl Vault for Unavailable {
    fn seal(&self, _: &str, _: &str) -> Result<String, SealError> {
        Err(SealError)
    }

    fn open(&self, _: &str, _: &str) -> Result<Secret<String>, SealError> {
        Err(SealError)
    }
}

/// Why a stored object is not usable.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The object is of another kind.
    #[error("“{name}” is a {found}, not a {expected}")]
    WrongKind {
        /// Name of the object.
        name: String,
        /// Its kind.
        found: String,
        /// The kind asked for.
        expected: &'static str,
    },
    /// A secret does not open.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The document is not what the kind expects.
    #[error("the stored configuration is not valid: {}", .0.0.first().map_or("", |first| first.path.as_str()))]
    Invalid(FieldErrors),
}

impl LoadError {
    /// What a surface makes of it: stored configuration that does not load is a fault of ours.
    pub const fn kind(&self) -> ErrorKind {
        ErrorKind::Internal
    }
}

/// The stored form of a plain document: canonical, with every secret sealed.
///
/// `kept` is the stored and the plain form before a change; a secret that did not change keeps its sealed
/// text, so that an unchanged document stays the same to the byte.
pub fn sealed(
    descriptor: &Descriptor,
    id: RawId,
    canonical: JsonObject,
    plain: &JsonObject,
    kept: Option<(&JsonObject, &JsonObject)>,
    vault: &dyn Vault,
) -> Result<JsonObject, SealError> {
    let mut document = Value::Object(canonical);
    let kept = kept.map(|(stored, before)| (Value::Object(stored.clone()), Value::Object(before.clone())));
    let plain = Value::Object(plain.clone());
    let mut outcome = Ok(());
    for field in descriptor.secrets() {
        field.value_path().visit(&plain, &mut |place, value| {
            let Some(text) = value.as_str().filter(|text| !text.is_empty()) else { return };
            let unchanged = kept.as_ref().and_then(|(stored, before)| {
                let same = at(before, place)?.as_str()? == text;
                if same { at(stored, place).cloned() } else { None }
            });
            let sealed = match unchanged.filter(is_sealed) {
                Some(sealed) => sealed,
                None => match vault.seal(&binding(descriptor.model, id, place), text) {
                    Ok(text) => json!({ MARK: text }),
                    Err(error) => return outcome = Err(error),
                },
            };
            put(&mut document, place, sealed);
        });
    }
    outcome?;
    match document {
        Value::Object(document) => Ok(document),
        _ => Err(SealError),
    }
}

/// The plain form of a stored document. Keep it short-lived: it holds secrets in the clear.
pub fn unsealed(
    descriptor: &Descriptor,
    id: RawId,
    stored: &JsonObject,
    vault: &dyn Vault,
) -> Result<JsonObject, SealError> {
    let mut document = Value::Object(stored.clone());
    open_all(&mut document, &mut String::new(), &|place, text| {
        vault.open(&binding(descriptor.model, id, place), text)
    })?;
    match document {
        Value::Object(document) => Ok(document),
        _ => Err(SealError),
    }
}

/// A stored document as it may be read: sealed secrets left out.
pub fn without_secrets(stored: &JsonObject) -> JsonObject {
    let mut document = stored.clone();
    document.retain(|_, value| !is_sealed(value));
    document.values_mut().for_each(strip);
    document
}

fn strip(value: &mut Value) {
    match value {
        Value::Array(elements) => {
            elements.retain(|element| !is_sealed(element));
            elements.iter_mut().for_each(strip);
        }
        Value::Object(members) => {
            members.retain(|_, member| !is_sealed(member));
            members.values_mut().for_each(strip);
        }
        _ => {}
    }
}

/// A stored object as its kind's struct, secrets opened: what stages, policies and providers compile from.
pub fn load<T: Describe>(object: &ConfigObject, vault: &dyn Vault) -> Result<T, LoadError> {
    if object.kind != T::FACTS.model {
        return Err(LoadError::WrongKind {
            name: object.name.clone(),
            found: object.kind.clone(),
            expected: T::FACTS.model,
        });
    }
    load_document(object.id.raw(), &object.config, vault)
}

/// Like [`load`], for kinds without secrets.
pub fn load_plain<T: Describe>(object: &ConfigObject) -> Result<T, LoadError> {
    load(object, &Unavailable)
}

/// Like [`load`], for a stored document that stands in a row of another table.
pub fn load_document<T: Describe>(id: RawId, config: &Value, vault: &dyn Vault) -> Result<T, LoadError> {
    let mut document = config.clone();
    open_all(&mut document, &mut String::new(), &|place, text| {
        vault.open(&binding(T::FACTS.model, id, place), text)
    })?;
    let Value::Object(document) = document else {
        return Err(LoadError::Invalid(FieldErrors::one("", "invalid", "resource-error-not-an-object")));
    };
    parse(&document).map_err(LoadError::Invalid)
}

/// Whether the value is a sealed secret.
pub(crate) fn is_sealed(value: &Value) -> bool {
    value.as_object().is_some_and(|members| members.len() == 1 && members.contains_key(MARK))
}

/// What a sealed value is bound to.
fn binding(model: &str, id: RawId, place: &str) -> String {
    format!("{model}/{id}/{place}")
}

/// Opens the sealed text (second) of a place (first).
type Opener<'o> = &'o dyn Fn(&str, &str) -> Result<Secret<String>, SealError>;

/// Opens every sealed value below, telling `open` the place of each.
fn open_all(value: &mut Value, place: &mut String, open: Opener<'_>) -> Result<(), SealError> {
    if is_sealed(value) {
        let text = value.get(MARK).and_then(Value::as_str).ok_or(SealError)?;
        *value = Value::from(open(place, text)?.expose().clone());
        return Ok(());
    }
    let below = place.len();
    let mut enter = |step: &str, member: &mut Value| {
        if below > 0 {
            place.push('.');
        }
        place.push_str(step);
        let outcome = open_all(member, place, open);
        place.truncate(below);
        outcome
    };
    match value {
        Value::Array(elements) => elements
            .iter_mut()
            .enumerate()
            .try_for_each(|(index, element)| enter(&index.to_string(), element)),
        Value::Object(members) => members.iter_mut().try_for_each(|(name, member)| enter(name, member)),
        _ => Ok(()),
    }
}

fn at<'v>(document: &'v Value, place: &str) -> Option<&'v Value> {
    place.split('.').try_fold(document, |value, step| match value {
        Value::Object(members) => members.get(step),
        Value::Array(elements) => elements.get(step.parse::<usize>().ok()?),
        _ => None,
    })
}

/// Puts a value at an exact place, making the members on the way that serialization left out.
fn put(document: &mut Value, place: &str, new: Value) {
    let mut value = document;
    for step in place.split('.') {
        let next = match value {
            Value::Array(elements) => step.parse::<usize>().ok().and_then(|index| elements.get_mut(index)),
            Value::Object(members) => Some(members.entry(step).or_insert(Value::Null)),
            _ => None,
        };
        match next {
            Some(next) => value = next,
            None => return,
        }
    }
    *value = new;
}
