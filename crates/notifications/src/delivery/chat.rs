//! A notification as Slack takes it, and Discord at addresses that end in `/slack`: a message with one attachment.

use countersign_i18n::Localizer;
use countersign_model::{Severity, User};
use serde_json::{Value, json};

use super::Note;
use crate::words;

/// Details of an event in a message.
const MAX_FIELDS: usize = 20;
/// Characters of one.
const MAX_VALUE: usize = 200;

/// The content of the request.
pub(super) fn message(words: &Localizer, note: &Note, user: &User) -> Value {
    let Note { event, severity, look } = note;
    let mut fields = vec![
        field(&words.t("notification-fact-severity"), &words::severity(words, *severity)),
        field(&words.t("notification-fact-recipient"), &user.username),
    ];
    if let Some(by) = &event.user {
        fields.push(field(&words.t("notification-fact-user"), &by.username));
    }
    if let Some(address) = &event.client_ip {
        fields.push(field(&words.t("notification-fact-address"), address));
    }
    let details = event.context.iter().filter(|(name, _)| *name != "message");
    fields.extend(details.filter_map(|(name, value)| Some(field(name, &plain(value)?))));
    fields.truncate(MAX_FIELDS);
    let mut attachment = json!({
        "author_name": look.title,
        "title": words::body(words, event),
        "fallback": words::body(words, event),
        "color": color(*severity),
        "fields": fields,
        "footer": look.title,
        "ts": event.created.as_secs(),
    });
    if !look.home.is_empty() {
        put(&mut attachment, "title_link", format!("{}/if/admin/events/log/{}/", look.home, event.id));
        put(&mut attachment, "author_link", look.home.as_str());
    }
    let mut message = json!({ "username": look.title, "attachments": [attachment] });
    if let Some(logo) = &look.logo {
        put(&mut message, "icon_url", logo.as_str());
    }
    message
}

/// Adds a member to an object.
pub(super) fn put(object: &mut Value, name: &str, value: impl Into<Value>) {
    if let Value::Object(members) = object {
        members.insert(name.to_owned(), value.into());
    }
}

fn field(title: &str, value: &str) -> Value {
    let value: String = value.chars().take(MAX_VALUE).collect();
    json!({ "title": title, "value": value, "short": true })
}

/// A detail in words; none for what has parts.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(yes) => Some(yes.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

const fn color(severity: Severity) -> &'static str {
    match severity {
        Severity::Notice => "#0b5d75",
        Severity::Warning => "#b35900",
        Severity::Alert => "#b3261e",
    }
}
