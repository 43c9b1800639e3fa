//! What a prompt's expressions came to, as fields show it: the page of a flow and every preview of it.

use serde_json::Value;

use crate::Choice;

impl Choice {
    /// The choices of a list, or of a text that holds one as JSON. Any other text is the only choice.
    pub fn all_of(value: &Value) -> Vec<Self> {
        let of = |items: &[Value]| items.iter().filter_map(Self::of).collect();
        match value {
            Value::Array(items) => of(items),
            Value::String(text) => match serde_json::from_str(text) {
                Ok(Value::Array(items)) => of(&items),
                _ if text.is_empty() => Vec::new(),
                _ => vec![Self { value: text.clone(), label: text.clone() }],
            },
            _ => Vec::new(),
        }
    }

    /// A value alone, or with its words.
    fn of(item: &Value) -> Option<Self> {
        if let Value::Object(members) = item {
            let value = shown_text(members.get("value")?);
            let label = members.get("label").map_or_else(|| value.clone(), shown_text);
            return Some(Self { value, label });
        }
        let value = shown_text(item);
        (!value.is_empty()).then(|| Self { label: value.clone(), value })
    }
}

/// A value as a field shows it; lists and maps are not shown.
pub fn shown_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::Null | Value::Array(_) | Value::Object(_) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn choices_are_lists_of_texts_or_of_labels_and_values() {
        let values =
            |value: Value| Choice::all_of(&value).into_iter().map(|c| (c.value, c.label)).collect::<Vec<_>>();
        let pair = |value: &str, label: &str| (value.to_owned(), label.to_owned());
        assert_eq!(values(json!(["a", "b", ""])), [pair("a", "a"), pair("b", "b")]);
        assert_eq!(
            values(json!("[\"a\", {\"value\": 1, \"label\": \"One\"}]")),
            [pair("a", "a"), pair("1", "One")]
        );
        assert_eq!(values(json!("only")), [pair("only", "only")]);
        assert_eq!(values(json!({"a": 1})), []);
        assert_eq!(values(json!("")), []);
    }
}
