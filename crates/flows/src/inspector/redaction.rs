//! A plan's context without its secrets.
//!
//! Three sieves. By name: what is called a password, a secret, a token, a code and the like. By origin: what
//! somebody typed into a field that does not show what is typed, wherever it turns up later and inside whatever
//! text. And what stages keep for themselves (their names have a `/`) is not shown at all. Addresses lose their
//! parameters, which carry codes and tokens. Everything is bounded.

use countersign_resource::REDACTED;
use countersign_types::JsonObject;
use serde_json::Value;

/// Parts of names that say that the value is secret.
const SECRET_PARTS: &[&str] = &[
    "passwd",
    "password",
    "passphrase",
    "passcode",
    "secret",
    "token",
    "credential",
    "otp",
    "private",
    "cookie",
    "authorization",
    "api_key",
    "apikey",
    "signature",
    "assertion",
];
/// Characters of a text, members of an object or a list, and levels.
const MAX_TEXT: usize = 300;
const MAX_MEMBERS: usize = 50;
const MAX_DEPTH: usize = 8;
/// Values in all.
const MAX_VALUES: usize = 500;
/// A secret that is shorter is only told when it is the whole text: it stands in other texts by chance.
const MIN_INSIDE: usize = 4;

/// What is secret in one record.
pub(super) struct Redaction<'a> {
    fields: &'a [String],
    secrets: &'a [String],
}

impl<'a> Redaction<'a> {
    /// With fields whose values are secret, and values that are.
    pub(super) const fn new(fields: &'a [String], secrets: &'a [String]) -> Self {
        Self { fields, secrets }
    }

    /// Whether values of this name are secret.
    pub(super) fn is_secret_name(&self, name: &str) -> bool {
        let lower = name.to_lowercase().replace('-', "_");
        SECRET_PARTS.iter().any(|part| lower.contains(part))
            || lower == "pin"
            || lower == "code"
            || lower.ends_with("_code")
            || self.fields.iter().any(|field| field == name)
    }

    /// The texts of an object that are secret by their names.
    pub(super) fn secrets_in(&self, object: &JsonObject) -> Vec<String> {
        let mut found = Vec::new();
        for (name, value) in object {
            if self.is_secret_name(name) {
                texts(value, &mut found);
            } else if let Value::Object(members) = value {
                found.extend(self.secrets_in(members));
            }
        }
        found
    }

    /// The context as it may be shown.
    pub(super) fn context(&self, context: &JsonObject) -> JsonObject {
        let mut left = MAX_VALUES;
        self.object(context, 0, &mut left)
    }

    /// Words as they may be shown.
    pub(super) fn words(&self, words: &str) -> String {
        let mut shown = words.to_owned();
        for secret in self.secrets {
            if shown == *secret {
                return REDACTED.to_owned();
            }
            if secret.chars().count() >= MIN_INSIDE && shown.contains(secret.as_str()) {
                shown = shown.replace(secret.as_str(), REDACTED);
            }
        }
        shortened(without_parameters(shown))
    }

    fn object(&self, object: &JsonObject, depth: usize, left: &mut usize) -> JsonObject {
        let mut shown = JsonObject::new();
        for (name, value) in object.iter().take(MAX_MEMBERS) {
            let value = if name.contains('/') || self.is_secret_name(name) {
                hidden(value)
            } else {
                self.value(value, depth + 1, left)
            };
            shown.insert(self.words(name), value);
        }
        shown
    }

    fn value(&self, value: &Value, depth: usize, left: &mut usize) -> Value {
        if *left == 0 || depth > MAX_DEPTH {
            return Value::from("…");
        }
        *left -= 1;
        match value {
            Value::String(text) => Value::from(self.words(text)),
            Value::Array(items) => {
                items.iter().take(MAX_MEMBERS).map(|item| self.value(item, depth + 1, left)).collect()
            }
            Value::Object(members) => Value::Object(self.object(members, depth, left)),
            Value::Number(number) if self.secrets.contains(&number.to_string()) => Value::from(REDACTED),
            Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
        }
    }
}

/// That there is something, and no more.
fn hidden(value: &Value) -> Value {
    match value {
        Value::Null => Value::Null,
        Value::String(text) if text.is_empty() => Value::from(""),
        _ => Value::from(REDACTED),
    }
}

fn texts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) if !text.is_empty() => found.push(text.clone()),
        Value::Number(number) => found.push(number.to_string()),
        Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        Value::Object(members) => members.values().for_each(|member| texts(member, found)),
        _ => {}
    }
}

/// Of an address only what stands before `?` and `#`.
pub(super) fn without_parameters(text: String) -> String {
    let is_address = text.starts_with('/') || text.contains("://");
    match text.find(['?', '#']) {
        Some(at) if is_address => format!("{}…", text.get(..at).unwrap_or_default()),
        _ => text,
    }
}

fn shortened(text: String) -> String {
    match text.char_indices().nth(MAX_TEXT) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(value: Value) -> JsonObject {
        let Value::Object(object) = value else { panic!("not an object") };
        object
    }

    #[test]
    fn a_password_shows_up_nowhere() {
        let canary = "Lantern-canary-9";
        let context = object(json!({
            "prompt_data": { "username": "ada", "password": canary, "question": canary },
            "copied": { "deep": [format!("it is {canary}!")], canary: 1 },
            "redirect": format!("https://app.example/cb?code={canary}"),
            "goauthentik.io/stages/x/challenge": { "seed": canary },
            "session-token": canary,
        }));
        let fields = ["question".to_owned()];
        let secrets = Redaction::new(&fields, &[]).secrets_in(&context);
        let shown = Redaction::new(&fields, &secrets).context(&context);
        let text = serde_json::to_string(&shown).unwrap();
        assert!(!text.contains("canary"), "{text}");
        assert_eq!(shown["prompt_data"]["username"], "ada");
        assert_eq!(shown["redirect"], "https://app.example/cb…");
        assert_eq!(shown["copied"]["deep"][0], "it is ***!");
    }

    #[test]
    fn a_short_code_hides_no_other_words() {
        let secrets = ["42".to_owned()];
        let redaction = Redaction::new(&[], &secrets);
        assert_eq!(redaction.words("42"), REDACTED);
        assert_eq!(redaction.words("1942"), "1942");
    }

    #[test]
    fn what_is_shown_is_bounded() {
        let deep = (0..100).fold(json!("x"), |inner, _| json!({ "in": inner }));
        let wide: Vec<Value> = (0..10_000).map(Value::from).collect();
        let context = object(json!({ "deep": deep, "wide": wide, "long": "y".repeat(100_000) }));
        let shown = serde_json::to_string(&Redaction::new(&[], &[]).context(&context)).unwrap();
        assert!(shown.len() < 2_000, "{}", shown.len());
    }
}
