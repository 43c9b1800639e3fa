//! Objects of which somebody says what they are like: for trying out mappings of providers and sources, whose own
//! objects (`source`, `connection`, …) only they have.

use countersign_expr::{HostError, HostObject, Value};
use countersign_types::JsonObject;
use serde_json::Value as Json;

use super::arguments::Arguments;

/// Variables that mappings see as objects, not as dictionaries.
const OBJECTS: &[&str] =
    &["source", "connection", "endpoint", "group", "name_id", "notification", "principal_obj"];
/// Where the users of a source are unless it says otherwise.
const USER_PATH: &str = "goauthentik.io/sources/%(slug)s";

/// Takes what stands for an object out of a context that somebody wrote.
pub(super) fn out_of(context: &mut JsonObject) -> Vec<(String, Value)> {
    let is_one = |name: &str| context.get(name).is_some_and(Json::is_object);
    let named: Vec<&str> = OBJECTS.iter().copied().filter(|name| is_one(name)).collect();
    let taken = named.into_iter().filter_map(|name| match context.remove(name) {
        Some(Json::Object(members)) => Some((name.to_owned(), Value::object(Described(members)))),
        _ => None,
    });
    taken.collect()
}

struct Described(JsonObject);

impl Described {
    fn field(&self, name: &str) -> Result<Option<Value>, HostError> {
        let value = self.0.get(name).map(Value::from_json).transpose();
        value.map_err(|error| HostError::Value(error.to_string()))
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Json::as_str)
    }
}

impl HostObject for Described {
    fn type_name(&self) -> &str {
        "object"
    }

    fn attr(&self, name: &str) -> Result<Option<Value>, HostError> {
        self.field(name)
    }

    fn call(&self, method: &str, args: Vec<Value>, kwargs: Vec<(String, Value)>) -> Result<Value, HostError> {
        Arguments::new(method, args, kwargs).finish()?;
        match method {
            "get_user_path" => {
                let template = self.text("user_path_template").unwrap_or(USER_PATH);
                Ok(template.replace("%(slug)s", self.text("slug").unwrap_or_default()).into())
            }
            _ => Err(HostError::NoSuchMethod(method.to_owned())),
        }
    }

    fn get_item(&self, key: &Value) -> Result<Value, HostError> {
        let found = key.as_str().map(|key| self.field(key)).transpose()?.flatten();
        found.ok_or_else(|| HostError::Key(format!("{key:?}")))
    }

    fn contains(&self, key: &Value) -> Result<bool, HostError> {
        Ok(key.as_str().is_some_and(|key| self.0.contains_key(key)))
    }
}
