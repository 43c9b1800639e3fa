//! Objects of which somebody says what they are like, for trying out mappings of providers and sources, whose own
//! objects (`source`, `connection`, …) only they have; and dictionaries that mappings fill in.

use std::sync::{Mutex, MutexGuard, PoisonError};

use countersign_expr::{HostError, HostObject, Value};
use countersign_types::JsonObject;
use serde_json::Value as Json;

use super::{arguments::Arguments, present::absorb};

/// Where the users of a source are unless it says otherwise.
const USER_PATH: &str = "goauthentik.io/sources/%(slug)s";
/// Entries of a dictionary that is filled in, at most.
const MAX_ENTRIES: usize = 200;

/// What is like this.
pub(super) struct Likeness {
    class: Class,
    members: Mutex<JsonObject>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    /// An object: `source.slug`.
    Object,
    /// What an object has inside, which may be an object or a dictionary: `provider.application.slug`,
    /// `connection.attributes["id"]`.
    Inside,
    /// A dictionary that is filled in: `packet["Reply-Message"] = "Welcome"`.
    Filled,
}

impl Likeness {
    pub(super) fn object(members: JsonObject) -> Value {
        Self::value(Class::Object, members)
    }

    pub(super) fn filled(members: JsonObject) -> Value {
        Self::value(Class::Filled, members)
    }

    fn value(class: Class, members: JsonObject) -> Value {
        Value::object(Self { class, members: Mutex::new(members) })
    }

    fn members(&self) -> MutexGuard<'_, JsonObject> {
        self.members.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn member(&self, name: &str) -> Result<Option<Value>, HostError> {
        let found = self.members().get(name).cloned();
        found.map(shown).transpose()
    }

    fn user_path(&self) -> String {
        let members = self.members();
        let text = |name: &str| members.get(name).and_then(Json::as_str);
        let template = text("user_path_template").unwrap_or(USER_PATH);
        template.replace("%(slug)s", text("slug").unwrap_or_default())
    }
}

fn shown(json: Json) -> Result<Value, HostError> {
    match json {
        // An empty dictionary must be false, which an object of the host never is.
        Json::Object(members) if !members.is_empty() => Ok(Likeness::value(Class::Inside, members)),
        other => copied(&other),
    }
}

fn copied(json: &Json) -> Result<Value, HostError> {
    Value::from_json(json).map_err(|error| HostError::Value(error.to_string()))
}

impl HostObject for Likeness {
    fn type_name(&self) -> &str {
        if self.class == Class::Object { "object" } else { "dict" }
    }

    fn attr(&self, name: &str) -> Result<Option<Value>, HostError> {
        if self.class == Class::Filled { Ok(None) } else { self.member(name) }
    }

    fn call(&self, method: &str, args: Vec<Value>, kwargs: Vec<(String, Value)>) -> Result<Value, HostError> {
        let mut arguments = Arguments::new(method, args, kwargs);
        if method == "get" {
            let (key, default) = (arguments.required("key")?, arguments.take("default"));
            arguments.finish()?;
            let found = key.as_str().map(|key| self.member(key)).transpose()?.flatten();
            return Ok(found.or(default).unwrap_or_default());
        }
        arguments.finish()?;
        let members = self.members().clone().into_iter();
        Ok(match method {
            "keys" => Value::list(members.map(|(name, _)| Value::Str(name))),
            "values" => Value::List(members.map(|(_, member)| shown(member)).collect::<Result<_, _>>()?),
            "items" => {
                let pair = |(name, member)| Ok(Value::Tuple(vec![Value::Str(name), shown(member)?]));
                Value::List(members.map(pair).collect::<Result<_, HostError>>()?)
            }
            "copy" => copied(&Json::Object(members.collect()))?,
            "get_user_path" if self.class == Class::Object => self.user_path().into(),
            _ => return Err(HostError::NoSuchMethod(method.to_owned())),
        })
    }

    fn get_item(&self, key: &Value) -> Result<Value, HostError> {
        let found = key.as_str().map(|key| self.member(key)).transpose()?.flatten();
        found.ok_or_else(|| HostError::Key(format!("{key:?}")))
    }

    fn contains(&self, key: &Value) -> Result<bool, HostError> {
        Ok(key.as_str().is_some_and(|key| self.members().contains_key(key)))
    }

    fn set_item(&self, key: Value, value: Value) -> Result<(), HostError> {
        if self.class != Class::Filled {
            return Err(HostError::Type("nothing can be assigned to it".to_owned()));
        }
        let Value::Str(key) = key else { return Err(HostError::Type("keys are str".to_owned())) };
        let value = absorb(&value, false)?;
        let mut members = self.members();
        if members.len() >= MAX_ENTRIES && !members.contains_key(&key) {
            return Err(HostError::Value(format!("at most {MAX_ENTRIES} entries are kept")));
        }
        members.insert(key, value);
        Ok(())
    }
}
