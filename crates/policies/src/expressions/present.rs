//! Values of the context as objects, and back.
//!
//! Marks such as `{"$user": id}` mean something only as values of the context's topmost level, where the
//! house puts them. Below it they are data like any other: what somebody typed never becomes a user.

use std::sync::Arc;

use countersign_expr::{HostError, Value, ValueError};
use countersign_model::{ApplicationId, UserId};
use serde_json::{Map, Value as Json, json};

use super::{
    application::{APPLICATION_TYPE, ApplicationObject},
    context::ContextDict,
    event::EventObject,
    user::{USER_TYPE, UserObject},
    world::World,
};
use crate::happening::MARK;

/// Deepest nesting of what an expression may leave in the context.
const MAX_DEPTH: usize = 16;

/// A value of the context, which stands at `path`, as an expression sees it.
pub(super) fn present(world: &Arc<World>, json: &Json, path: Vec<String>) -> Result<Value, HostError> {
    let Json::Object(members) = json else { return Value::from_json(json).map_err(|error| refused(&error)) };
    if path.len() == 1
        && let Some(object) = marked(world, members)
    {
        return Ok(object);
    }
    // An empty dictionary must be false, which an object of the host never is.
    if members.is_empty() {
        return Ok(Value::Dict(Default::default()));
    }
    Ok(ContextDict::below(world, path))
}

/// The object that a mark stands for.
fn marked(world: &Arc<World>, members: &Map<String, Json>) -> Option<Value> {
    let mut members = members.iter();
    let (Some((mark, marked)), None) = (members.next(), members.next()) else { return None };
    if let (MARK, Json::Object(event)) = (mark.as_str(), marked) {
        return Some(EventObject::value(event));
    }
    let text = marked.as_str()?;
    match mark.as_str() {
        "$user" => text.parse().ok().map(|id: UserId| Value::object(UserObject::named(world, id))),
        "$pretended" => Some(Value::object(UserObject::pretended(world, text))),
        "$application" => {
            let id: ApplicationId = text.parse().ok()?;
            let application = world.snapshot.application(id)?.clone();
            Some(Value::object(ApplicationObject::new(Arc::new(application))))
        }
        _ => None,
    }
}

/// What an expression assigns, as the context keeps it.
pub(super) fn absorb(value: &Value, topmost: bool) -> Result<Json, HostError> {
    if topmost && let Some(marked) = mark(value) {
        return Ok(marked);
    }
    let json = to_json(value, MAX_DEPTH)?;
    let forged = json.as_object().is_some_and(|members| members.keys().any(|key| key.starts_with('$')));
    if topmost && forged {
        return Err(HostError::Denied("keys that begin with $ are reserved".to_owned()));
    }
    Ok(json)
}

fn mark(value: &Value) -> Option<Json> {
    let object = value.as_object()?;
    let identity = object.identity()?;
    match object.type_name() {
        USER_TYPE => Some(json!({ "$user": identity })),
        APPLICATION_TYPE => Some(json!({ "$application": identity })),
        _ => None,
    }
}

fn to_json(value: &Value, depth: usize) -> Result<Json, HostError> {
    let below = || depth.checked_sub(1).ok_or_else(|| refused(&ValueError::TooDeep));
    Ok(match value {
        Value::List(items) | Value::Tuple(items) => {
            let depth = below()?;
            Json::Array(items.iter().map(|item| to_json(item, depth)).collect::<Result<_, _>>()?)
        }
        Value::Dict(entries) => {
            let depth = below()?;
            let entries = entries.iter().map(|(key, item)| Ok((key.clone(), to_json(item, depth)?)));
            Json::Object(entries.collect::<Result<_, HostError>>()?)
        }
        Value::Object(_) => match plain(value.clone()) {
            Value::Object(object) => {
                return Err(HostError::Type(format!("a {} cannot be kept here", object.type_name())));
            }
            dict => to_json(&dict, below()?)?,
        },
        other => other.to_json().map_err(|error| refused(&error))?,
    })
}

/// The value with dictionaries of the context turned into plain ones, which outlive the evaluation.
pub(super) fn plain(value: Value) -> Value {
    match value {
        Value::List(items) => Value::List(items.into_iter().map(plain).collect()),
        Value::Tuple(items) => Value::Tuple(items.into_iter().map(plain).collect()),
        Value::Dict(entries) => {
            Value::Dict(entries.into_iter().map(|(key, value)| (key, plain(value))).collect())
        }
        Value::Object(object) if object.type_name() == "dict" => {
            object.call("copy", Vec::new(), Vec::new()).unwrap_or(Value::Object(object))
        }
        other => other,
    }
}

fn refused(error: &ValueError) -> HostError {
    HostError::Value(error.to_string())
}
