//! The context as expressions see it: dictionaries that remember what is written into them.
//!
//! As in authentik, what is assigned to `flow_plan.context[…]`, or into a value of the context
//! (`request.context["prompt_data"]["username"] = …`), stays in the plan; what is assigned to `context[…]`
//! itself is seen by this expression alone.

use std::sync::Arc;

use countersign_expr::{HostError, HostObject, Value};
use serde_json::Value as Json;

use super::{
    arguments::Arguments,
    present::{absorb, plain, present},
    world::World,
};

/// Whether an assignment to the topmost level stays in the plan.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Lasting {
    Expression,
    Plan,
}

/// The context, or a dictionary somewhere below it.
pub(super) struct ContextDict {
    world: Arc<World>,
    path: Vec<String>,
    reach: Lasting,
}

impl ContextDict {
    pub(super) fn root(world: &Arc<World>, reach: Lasting) -> Value {
        Value::object(Self { world: Arc::clone(world), path: Vec::new(), reach })
    }

    pub(super) fn below(world: &Arc<World>, path: Vec<String>) -> Value {
        Value::object(Self { world: Arc::clone(world), path, reach: Lasting::Plan })
    }

    /// Looks at the dictionary as it is now; none when an assignment has made something else of it.
    fn look<T>(&self, at: impl FnOnce(&serde_json::Map<String, Json>) -> T) -> Option<T> {
        let context = self.world.context();
        let mut dict = &*context;
        for step in &self.path {
            dict = dict.get(step)?.as_object()?;
        }
        Some(at(dict))
    }

    fn get(&self, key: &str) -> Result<Option<Value>, HostError> {
        if self.path.is_empty() && key == "flow_plan" {
            return Ok(Some(FlowPlan::of(&self.world)));
        }
        let found = self.look(|dict| dict.get(key).cloned()).flatten();
        found.map(|json| self.shown(key, &json)).transpose()
    }

    fn shown(&self, key: &str, json: &Json) -> Result<Value, HostError> {
        let mut path = self.path.clone();
        path.push(key.to_owned());
        present(&self.world, json, path)
    }

    fn keys(&self) -> Vec<String> {
        self.look(|dict| dict.keys().cloned().collect()).unwrap_or_default()
    }

    fn pairs(&self) -> Result<Vec<(String, Value)>, HostError> {
        self.keys()
            .into_iter()
            .filter_map(|key| Some(self.get(&key).transpose()?.map(|value| (key, value))))
            .collect()
    }

    /// Changes the dictionary and, where it belongs to the plan, leaves the change there.
    fn change(&self, key: &str, value: Option<Json>) -> Result<(), HostError> {
        {
            let mut context = self.world.context();
            let mut dict = &mut *context;
            for step in &self.path {
                dict = dict
                    .get_mut(step)
                    .and_then(Json::as_object_mut)
                    .ok_or_else(|| HostError::Key(step.clone()))?;
            }
            match value {
                Some(value) => dict.insert(key.to_owned(), value),
                None => dict.remove(key),
            };
        }
        match self.path.first() {
            Some(top) => self.world.leave(top),
            None if self.reach == Lasting::Plan => self.world.leave(key),
            None => Ok(()),
        }
    }

    fn assign(&self, key: &str, value: &Value) -> Result<(), HostError> {
        let topmost = self.path.is_empty();
        if topmost && key == "flow_plan" {
            return Err(HostError::Denied("flow_plan cannot be replaced".to_owned()));
        }
        self.change(key, Some(absorb(value, topmost)?))
    }
}

impl HostObject for ContextDict {
    fn type_name(&self) -> &str {
        "dict"
    }

    fn attr(&self, _: &str) -> Result<Option<Value>, HostError> {
        Ok(None)
    }

    fn call(&self, method: &str, args: Vec<Value>, kwargs: Vec<(String, Value)>) -> Result<Value, HostError> {
        let mut arguments = Arguments::new(method, args, kwargs);
        match method {
            "get" => {
                let (key, default) = (arguments.required("key")?, arguments.take("default"));
                arguments.finish()?;
                let found = key.as_str().map(|key| self.get(key)).transpose()?.flatten();
                Ok(found.or(default).unwrap_or_default())
            }
            "setdefault" => {
                let (key, default) = (arguments.text("key")?, arguments.take("default"));
                arguments.finish()?;
                if self.get(&key)?.is_none() {
                    self.assign(&key, &default.unwrap_or_default())?;
                }
                Ok(self.get(&key)?.unwrap_or_default())
            }
            "pop" => {
                let (key, default) = (arguments.text("key")?, arguments.take("default"));
                arguments.finish()?;
                match self.get(&key)? {
                    Some(value) => {
                        let value = plain(value);
                        self.change(&key, None)?;
                        Ok(value)
                    }
                    None => default.ok_or(HostError::Key(key)),
                }
            }
            "update" => {
                let entries = arguments.take("entries").map(plain);
                if let Some(Value::Dict(entries)) = entries {
                    entries.iter().try_for_each(|(key, value)| self.assign(key, value))?;
                } else if entries.is_some() {
                    return Err(HostError::Type("update() takes a dict".to_owned()));
                } else {
                    let entries = arguments.conditions()?;
                    entries.iter().try_for_each(|(key, value)| self.assign(key, value))?;
                }
                Ok(Value::None)
            }
            "keys" | "values" | "items" | "copy" => {
                arguments.finish()?;
                self.whole(method)
            }
            _ => Err(HostError::NoSuchMethod(method.to_owned())),
        }
    }

    fn get_item(&self, key: &Value) -> Result<Value, HostError> {
        let found = key.as_str().map(|key| self.get(key)).transpose()?.flatten();
        found.ok_or_else(|| HostError::Key(format!("{key:?}")))
    }

    fn contains(&self, key: &Value) -> Result<bool, HostError> {
        let Some(key) = key.as_str() else { return Ok(false) };
        Ok((self.path.is_empty() && key == "flow_plan")
            || self.look(|dict| dict.contains_key(key)).unwrap_or(false))
    }

    fn set_item(&self, key: Value, value: Value) -> Result<(), HostError> {
        let Value::Str(key) = key else {
            return Err(HostError::Type("keys of the context are str".to_owned()));
        };
        self.assign(&key, &value)
    }
}

impl ContextDict {
    /// The methods that answer with everything at once.
    fn whole(&self, method: &str) -> Result<Value, HostError> {
        Ok(match method {
            "keys" => Value::list(self.keys().into_iter().map(Value::Str)),
            "values" => Value::list(self.pairs()?.into_iter().map(|(_, value)| value)),
            "items" => {
                let pairs = self.pairs()?.into_iter();
                Value::list(pairs.map(|(key, value)| Value::Tuple(vec![Value::Str(key), value])))
            }
            _ => Value::dict(self.pairs()?.into_iter().map(|(key, value)| (key, plain(value)))),
        })
    }
}

/// `flow_plan`: the plan, of which expressions see the context.
pub(super) struct FlowPlan(Arc<World>);

impl FlowPlan {
    pub(super) fn of(world: &Arc<World>) -> Value {
        Value::object(Self(Arc::clone(world)))
    }
}

impl HostObject for FlowPlan {
    fn type_name(&self) -> &str {
        "FlowPlan"
    }

    fn identity(&self) -> Option<String> {
        Some("flow_plan".to_owned())
    }

    fn attr(&self, name: &str) -> Result<Option<Value>, HostError> {
        Ok((name == "context").then(|| ContextDict::root(&self.0, Lasting::Plan)))
    }
}
