//! What of the answers is written into a user. Pure.

use countersign_model::User;
use countersign_types::{FieldErrors, JsonObject, Secret};
use serde_json::Value;

use crate::merge::{MAX_DEPTH, merge};

/// Longest user name in characters.
const MAX_USERNAME: usize = 150;
/// Longest name and address in bytes.
const MAX_LINE: usize = 1024;

/// What is written.
#[derive(Clone, Debug, Default)]
pub(super) struct Changes {
    pub(super) username: Option<String>,
    pub(super) name: Option<String>,
    pub(super) email: Option<String>,
    pub(super) password: Option<Secret<String>>,
    attributes: JsonObject,
}

impl Changes {
    /// Picks out what a user has. Whatever else was asked is for policies and other stages, and is left.
    ///
    /// `groups` is refused: who belongs to what is never an answer to a question.
    pub(super) fn of(data: &JsonObject) -> Result<Self, FieldErrors> {
        let mut changes = Self::default();
        for (key, value) in data {
            match key.as_str() {
                "groups" => return Err(FieldErrors::one("groups", "invalid", "stages-user-write-groups")),
                "username" => changes.username = Some(line(key, value)?),
                "name" => changes.name = Some(line(key, value)?),
                "email" => changes.email = Some(line(key, value)?),
                "password" => changes.password = password(value)?,
                "attributes" => match value {
                    Value::Object(attributes) => merge(&mut changes.attributes, attributes, MAX_DEPTH),
                    _ => return Err(FieldErrors::one(key, "invalid", "field-invalid")),
                },
                _ => {
                    let dotted = key.strip_prefix("attributes.").map(|path| path.split('.').collect());
                    let underscored =
                        || key.strip_prefix("attributes_").map(|path| path.split('_').collect());
                    if let Some(path) = dotted.or_else(underscored) {
                        let path: Vec<&str> = path;
                        set(&mut changes.attributes, &path, value);
                    }
                }
            }
        }
        if let Some(username) = &changes.username
            && (username.is_empty() || username.chars().count() > MAX_USERNAME)
        {
            return Err(FieldErrors::one("username", "invalid", "field-username"));
        }
        Ok(changes)
    }

    /// Names of what is written, for the audit trail.
    pub(super) fn names(&self) -> Vec<&'static str> {
        [
            ("username", self.username.is_some()),
            ("name", self.name.is_some()),
            ("email", self.email.is_some()),
            ("password", self.password.is_some()),
            ("attributes", !self.attributes.is_empty()),
        ]
        .into_iter()
        .filter_map(|(name, is_written)| is_written.then_some(name))
        .collect()
    }

    /// Writes everything but the password, which is hashed first.
    pub(super) fn apply(&self, user: &mut User) {
        for (from, to) in [
            (&self.username, &mut user.username),
            (&self.name, &mut user.name),
            (&self.email, &mut user.email),
        ] {
            if let Some(value) = from {
                to.clone_from(value);
            }
        }
        merge(&mut user.attributes, &self.attributes, MAX_DEPTH);
    }
}

/// A value of one line.
fn line(key: &str, value: &Value) -> Result<String, FieldErrors> {
    let text = value.as_str().map(str::trim);
    match text.filter(|text| text.len() <= MAX_LINE && !text.chars().any(char::is_control)) {
        Some(text) => Ok(text.to_owned()),
        None => Err(FieldErrors::one(key, "invalid", "field-invalid")),
    }
}

/// An empty password is one that was not to be changed.
fn password(value: &Value) -> Result<Option<Secret<String>>, FieldErrors> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok((!text.is_empty()).then(|| Secret::from(text.as_str()))),
        _ => Err(FieldErrors::one("password", "invalid", "field-invalid")),
    }
}

/// Sets `attributes.a.b`; what is in the way and no object gives way.
fn set(attributes: &mut JsonObject, path: &[&str], value: &Value) {
    let Some((first, rest)) = path.split_first() else { return };
    if path.len() > MAX_DEPTH || path.iter().any(|step| step.is_empty()) {
        return;
    }
    if rest.is_empty() {
        attributes.insert((*first).to_owned(), value.clone());
        return;
    }
    let below = attributes.entry((*first).to_owned()).or_insert_with(|| Value::Object(JsonObject::new()));
    if !below.is_object() {
        *below = Value::Object(JsonObject::new());
    }
    if let Value::Object(below) = below {
        set(below, rest, value);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn changes(data: Value) -> Result<Changes, FieldErrors> {
        let Value::Object(data) = data else { panic!("an object") };
        Changes::of(&data)
    }

    #[test]
    fn attributes_are_reached_by_dots_and_underscores() {
        let changes = changes(json!({
            "attributes": {"a": 1},
            "attributes.settings.locale": "ko",
            "attributes_settings_theme": "dark",
        }));
        let expected = json!({"a": 1, "settings": {"locale": "ko", "theme": "dark"}});
        assert_eq!(Value::Object(changes.unwrap().attributes), expected);
    }

    #[test]
    fn nobody_answers_himself_into_a_group_or_a_privilege() {
        assert!(changes(json!({"groups": ["admins"]})).is_err());
        let harmless = changes(json!({
            "is_superuser": true, "is_active": true, "type": "internal_service_account", "pk": 1, "id": "x",
            "component": "ak-stage-prompt", "user_permissions": [],
        }));
        let harmless = harmless.unwrap();
        assert!(harmless.names().is_empty() && harmless.password.is_none());
    }

    #[test]
    fn values_of_other_types_are_refused() {
        for data in [
            json!({"username": 1}),
            json!({"email": null}),
            json!({"password": ["x"]}),
            json!({"attributes": "x"}),
            json!({"username": "  "}),
            json!({"name": "a\nb"}),
        ] {
            assert!(changes(data.clone()).is_err(), "{data}");
        }
    }

    #[test]
    fn an_empty_password_changes_nothing() {
        assert!(changes(json!({"password": ""})).unwrap().password.is_none());
    }

    #[test]
    fn what_is_in_the_way_of_a_path_gives_way() {
        let mut attributes = JsonObject::new();
        set(&mut attributes, &["a"], &json!(1));
        set(&mut attributes, &["a", "b"], &json!(2));
        set(&mut attributes, &["", "b"], &json!(3));
        assert_eq!(Value::Object(attributes), json!({"a": {"b": 2}}));
    }
}
