//! The last line of defence against secrets in the trail: whatever stands under a telling name is replaced,
//! wherever it stands.

use countersign_types::JsonObject;
use serde_json::Value;

const STARS: &str = "***";

/// Ends of names under which no value belongs into the trail.
const TELLING: [&str; 14] = [
    "password",
    "password_repeat",
    "password_hash",
    "secret",
    "token",
    "private_key",
    "key_data",
    "passphrase",
    "authorization",
    "cookie",
    "code_verifier",
    "assertion",
    "seed",
    "$sealed",
];

/// Replaces texts and numbers under telling names by stars.
pub fn redact(context: &mut JsonObject) {
    for (name, value) in context.iter_mut() {
        if is_telling(name) { hide(value) } else { below(value) }
    }
}

fn below(value: &mut Value) {
    match value {
        Value::Object(members) => redact(members),
        Value::Array(elements) => elements.iter_mut().for_each(below),
        _ => {}
    }
}

/// Values inside a difference (`previous_value`, `new_value`) go too; whether something is set stays visible.
fn hide(value: &mut Value) {
    match value {
        Value::Null | Value::Bool(_) => {}
        Value::Object(members) => members.values_mut().for_each(hide),
        Value::Array(elements) => elements.iter_mut().for_each(hide),
        other => *other = Value::from(STARS),
    }
}

fn is_telling(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    TELLING.iter().any(|end| {
        name.strip_suffix(end).is_some_and(|start| start.is_empty() || start.ends_with(['_', '-', '.', ' ']))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn secrets_never_reach_the_trail() {
        let mut context = json!({
            "password": "canary",
            "diff": {"client_secret": {"previous_value": "canary", "new_value": "canary"}, "name": "kept"},
            "list": [{"Refresh_Token": "canary"}],
            "access_token_validity": "hours=1",
            "secret": null,
        });
        redact(context.as_object_mut().unwrap());
        let text = context.to_string();
        assert!(!text.contains("canary"), "{text}");
        assert!(text.contains("kept") && text.contains("hours=1"));
        assert_eq!(context["secret"], Value::Null);
    }
}
