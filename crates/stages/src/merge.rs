//! Answers laid over answers.

use countersign_types::JsonObject;
use serde_json::Value;

/// No deeper than this.
pub(crate) const MAX_DEPTH: usize = 16;

/// Objects are merged, everything else is replaced.
pub(crate) fn merge(into: &mut JsonObject, from: &JsonObject, depth: usize) {
    for (key, value) in from {
        match (into.get_mut(key), value) {
            (Some(Value::Object(below)), Value::Object(value)) if depth > 0 => merge(below, value, depth - 1),
            _ => {
                into.insert(key.clone(), value.clone());
            }
        }
    }
}
