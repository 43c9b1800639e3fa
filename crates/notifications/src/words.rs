//! An event in a few words, for a notification.
//!
//! Whatever an event holds was written by others: it is text here, cut to a length, and escaped where it is shown.

use countersign_i18n::Localizer;
use countersign_model::{Event, EventAction, Severity};
use serde_json::Value;

/// Characters of what an event says.
const MAX_DETAIL: usize = 400;
/// Names under which contexts hold an object.
const OBJECTS: [&str; 4] = ["model", "policy", "authorized_application", "provider"];

/// What happened, in a word or two.
pub(crate) fn what(words: &Localizer, event: &Event) -> String {
    let named = event.context.get("name").and_then(Value::as_str).filter(|name| !name.is_empty());
    match (event.action, named) {
        (EventAction::Custom, Some(name)) => cut(name),
        (action, _) => {
            words.t(&format!("event-action-{}", action.as_str().trim_end_matches('_').replace('_', "-")))
        }
    }
}

/// How much it matters, in a word.
pub(crate) fn severity(words: &Localizer, severity: Severity) -> String {
    words.t(match severity {
        Severity::Notice => "notification-severity-notice",
        Severity::Warning => "notification-severity-warning",
        Severity::Alert => "notification-severity-alert",
    })
}

/// What happened, and what the event says about it.
pub(crate) fn body(words: &Localizer, event: &Event) -> String {
    let what = what(words, event);
    match detail(event) {
        Some(detail) => format!("{what}: {detail}"),
        None => what,
    }
}

/// The message, or else the name of what it happened to.
fn detail(event: &Event) -> Option<String> {
    let text = |name: &str| event.context.get(name).and_then(Value::as_str);
    let object = || OBJECTS.iter().find_map(|name| event.context.get(*name)?.get("name")?.as_str());
    let name = || text("name").filter(|_| event.action != EventAction::Custom);
    let found = text("message").or_else(object).or_else(name).or_else(|| text("username"));
    found.filter(|text| !text.is_empty()).map(cut)
}

/// At most so many characters, on lines of their own as they were.
fn cut(text: &str) -> String {
    let mut short: String = text.chars().take(MAX_DETAIL).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}
