//! The password that somebody is choosing.

use serde_json::Value;

use crate::PolicyRequest;

/// What was typed into a field. Prompt stages leave it in `prompt_data`; other callers name the field directly.
///
/// A request without the field is a mistake of configuration: what cannot be checked does not pass, and the person
/// can do nothing about it.
pub(super) fn password<'r>(request: &'r PolicyRequest, field: &str) -> Option<&'r str> {
    let typed = request.context.get("prompt_data").and_then(|data| data.get(field));
    let found = typed.or_else(|| request.context.get(field)).and_then(Value::as_str);
    if found.is_none() {
        tracing::warn!(field, "a policy about passwords found none to check");
    }
    found
}

/// The default of fields that name where the password is.
pub(super) fn default_field() -> String {
    "password".to_owned()
}
