//! What came back: a form or a JSON object, bounded, with no field twice.

use countersign_types::{JsonObject, Secret};
use serde_json::Value;

/// An answer to a challenge.
#[derive(Clone, Default)]
pub struct Response {
    values: JsonObject,
}

/// At most so many fields; a prompt stage with more than this is no question to a person.
const MAX_FIELDS: usize = 128;

impl Response {
    /// From a JSON body. The `component` is checked by the executor and left out here.
    pub fn from_json(mut values: JsonObject) -> Option<Self> {
        values.remove("component");
        (values.len() <= MAX_FIELDS).then_some(Self { values })
    }

    /// From form fields; a repeated name or too many of them is no answer.
    pub fn from_form(pairs: Vec<(String, String)>) -> Option<Self> {
        if pairs.len() > MAX_FIELDS {
            return None;
        }
        let mut values = JsonObject::new();
        for (name, value) in pairs {
            if values.insert(name, Value::String(value)).is_some() {
                return None;
            }
        }
        Some(Self { values })
    }

    /// The value of a field, if it was sent.
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.values.get(name)
    }

    /// A text field; empty and absent are the same.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.values.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    /// A secret field.
    pub fn secret(&self, name: &str) -> Option<Secret<String>> {
        self.text(name).map(Secret::from)
    }

    /// A box that was ticked (`on`, `true`, `1`, or JSON true).
    pub fn is_ticked(&self, name: &str) -> bool {
        match self.values.get(name) {
            Some(Value::Bool(ticked)) => *ticked,
            Some(Value::String(text)) => matches!(text.as_str(), "on" | "true" | "1"),
            _ => false,
        }
    }

    /// All fields sent.
    pub const fn values(&self) -> &JsonObject {
        &self.values
    }

    /// Whether nothing was sent.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}

/// An answer may hold a password.
impl std::fmt::Debug for Response {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.values.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameter_pollution_is_no_answer() {
        let pairs =
            vec![("uid_field".to_owned(), "alice".to_owned()), ("uid_field".to_owned(), "bob".to_owned())];
        assert!(Response::from_form(pairs).is_none());
    }

    #[test]
    fn an_answer_does_not_print_its_values() {
        let response = Response::from_form(vec![("password".to_owned(), "hunter2".to_owned())]).unwrap();
        assert!(!format!("{response:?}").contains("hunter2"));
    }
}
