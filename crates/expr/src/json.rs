//! Values from and to JSON, within bounds.

use serde_json::{Map, Number, Value as Json};
use thiserror::Error;

use crate::Value;

/// Deeper documents than this neither enter nor leave an expression.
pub(crate) const MAX_DEPTH: usize = 64;
/// Values in one document.
pub(crate) const MAX_VALUES: usize = 50_000;

/// A document or value that cannot cross.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ValueError {
    /// It nests deeper than 64 levels.
    #[error("nested too deeply")]
    TooDeep,
    /// It has more than 50 000 values or more bytes than allowed.
    #[error("too large")]
    TooLarge,
    /// There is no such thing on the other side.
    #[error("{what} cannot leave an expression")]
    Unsupported {
        /// What it is.
        what: String,
    },
}

impl Value {
    /// From JSON. Whole numbers beyond 64 bits become floating-point numbers.
    ///
    /// # Errors
    /// [`ValueError::TooDeep`], [`ValueError::TooLarge`].
    pub fn from_json(json: &Json) -> Result<Self, ValueError> {
        read(json, MAX_DEPTH, &mut MAX_VALUES.clone())
    }

    /// To JSON. Moments become RFC 3339 text, addresses text, numbers that are not finite `null`.
    ///
    /// # Errors
    /// [`ValueError::Unsupported`] for an object of the host, [`ValueError::TooDeep`],
    /// [`ValueError::TooLarge`].
    pub fn to_json(&self) -> Result<Json, ValueError> {
        write(self, MAX_DEPTH, &mut MAX_VALUES.clone())
    }
}

fn spend(budget: &mut usize) -> Result<(), ValueError> {
    *budget = budget.checked_sub(1).ok_or(ValueError::TooLarge)?;
    Ok(())
}

fn read(json: &Json, depth: usize, budget: &mut usize) -> Result<Value, ValueError> {
    spend(budget)?;
    let deeper = || depth.checked_sub(1).ok_or(ValueError::TooDeep);
    Ok(match json {
        Json::Null => Value::None,
        Json::Bool(value) => Value::Bool(*value),
        Json::Number(number) => {
            number.as_i64().map(Value::Int).or_else(|| number.as_f64().map(Value::Float)).unwrap_or_default()
        }
        Json::String(text) => Value::Str(text.clone()),
        Json::Array(items) => {
            let depth = deeper()?;
            Value::List(items.iter().map(|item| read(item, depth, budget)).collect::<Result<_, _>>()?)
        }
        Json::Object(entries) => {
            let depth = deeper()?;
            let entries = entries.iter().map(|(key, item)| Ok((key.clone(), read(item, depth, budget)?)));
            Value::Dict(entries.collect::<Result<_, ValueError>>()?)
        }
    })
}

fn write(value: &Value, depth: usize, budget: &mut usize) -> Result<Json, ValueError> {
    spend(budget)?;
    let deeper = || depth.checked_sub(1).ok_or(ValueError::TooDeep);
    Ok(match value {
        Value::None => Json::Null,
        Value::Bool(value) => Json::Bool(*value),
        Value::Int(value) => Json::Number((*value).into()),
        Value::Float(value) => Number::from_f64(*value).map_or(Json::Null, Json::Number),
        Value::Str(text) => Json::String(text.clone()),
        Value::DateTime(moment) => Json::String(moment.to_rfc3339()),
        Value::Ip(address) => Json::String(address.to_string()),
        Value::List(items) | Value::Tuple(items) => {
            let depth = deeper()?;
            Json::Array(items.iter().map(|item| write(item, depth, budget)).collect::<Result<_, _>>()?)
        }
        Value::Dict(entries) => {
            let depth = deeper()?;
            let entries = entries.iter().map(|(key, item)| Ok((key.clone(), write(item, depth, budget)?)));
            Json::Object(entries.collect::<Result<Map<_, _>, ValueError>>()?)
        }
        Value::Object(object) => {
            return Err(ValueError::Unsupported { what: format!("a {}", object.type_name()) });
        }
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn json_survives_the_way_there_and_back() {
        let json = json!({"b": [1, 2.5, "x", null, true], "a": {"nested": []}});
        assert_eq!(Value::from_json(&json).unwrap().to_json().unwrap(), json);
    }

    #[test]
    fn a_deeply_nested_document_is_refused() {
        let mut json = json!(1);
        for _ in 0..65 {
            json = json!([json]);
        }
        assert_eq!(Value::from_json(&json), Err(ValueError::TooDeep));
    }
}
