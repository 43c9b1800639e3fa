//! JSON objects, strictly: bounded depth and size, no name twice, no NUL.
//!
//! Parsers disagree about which of two equal names counts; refusing them leaves nothing to disagree about.

use std::{cell::Cell, fmt};

use countersign_types::JsonObject;
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::BodyError;
use crate::Limits;

/// Reads one object.
pub(super) fn parse(bytes: &[u8], limits: &Limits) -> Result<JsonObject, BodyError> {
    let left = Cell::new(limits.json_values);
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let strict = Strict { depth: limits.json_depth, left: &left };
    let value = strict.deserialize(&mut deserializer).map_err(|_| BodyError::Malformed)?;
    deserializer.end().map_err(|_| BodyError::Malformed)?;
    match value {
        Value::Object(object) => Ok(object),
        _ => Err(BodyError::Malformed),
    }
}

/// Reads a value that nests at most `depth` deep, out of a budget of values.
#[derive(Clone, Copy)]
struct Strict<'b> {
    depth: usize,
    left: &'b Cell<usize>,
}

impl Strict<'_> {
    fn spend<E: serde::de::Error>(self) -> Result<(), E> {
        let left = self.left.get().checked_sub(1).ok_or_else(|| E::custom("too many values"))?;
        self.left.set(left);
        Ok(())
    }

    fn deeper<E: serde::de::Error>(self) -> Result<Self, E> {
        let depth = self.depth.checked_sub(1).ok_or_else(|| E::custom("nested too deeply"))?;
        Ok(Self { depth, ..self })
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        self.spend()?;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("not a finite number"))
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Value, E> {
        plain(text).map(|text| Value::String(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut items = Vec::new();
        while let Some(item) = access.next_element_seed(inner)? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut object = Map::new();
        while let Some(Name(name)) = access.next_key()? {
            plain(&name)?;
            let value = access.next_value_seed(inner)?;
            if object.insert(name, value).is_some() {
                return Err(A::Error::custom("a name stands twice"));
            }
        }
        Ok(Value::Object(object))
    }
}

struct Name(String);

impl<'de> serde::Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self)
    }
}

fn plain<E: serde::de::Error>(text: &str) -> Result<&str, E> {
    if text.contains('\0') { Err(E::custom("NUL in a text")) } else { Ok(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits() -> Limits {
        Limits { json_depth: 4, json_values: 8, ..Limits::default() }
    }

    #[test]
    fn an_object_is_read_as_it_is() {
        let text = r#"{"a": 1, "b": [true, null, "x"], "c": {"d": -1.5}}"#;
        assert_eq!(
            Value::Object(parse(text.as_bytes(), &limits()).unwrap()),
            serde_json::from_str::<Value>(text).unwrap()
        );
    }

    #[test]
    fn parameter_pollution_and_nonsense_are_refused() {
        let nested = "[".repeat(100_000);
        let deep = r#"{"a":[[[[1]]]]}"#;
        for text in [
            "",
            "null",
            "[]",
            "\"x\"",
            "{",
            "{}{}",
            r#"{"a":1,"a":2}"#,
            r#"{"a":{"b":1,"b":1}}"#,
            r#"{"a":"\u0000"}"#,
            r#"{"\u0000":1}"#,
            r#"{"a":1e999}"#,
            r#"{"a":NaN}"#,
            r#"{"a":[1,2,3,4,5,6,7,8]}"#,
            "{'a':1}",
            deep,
            &nested,
        ] {
            assert!(matches!(parse(text.as_bytes(), &limits()), Err(BodyError::Malformed)), "{text:.40}");
        }
    }
}
