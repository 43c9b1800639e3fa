//! What kinds, fields, groups and choices are called. English stands in the Rust description of a kind; other
//! languages have messages by model and path in their `kinds.ftl`:
//!
//! ```text
//! kind-<app>-<model>                 name          kind-<app>-<model>-many      plural
//! kind-<app>-<model>-<path>          label         kind-<app>-<model>-<path>-help
//! kind-field-<path>                  label of every field of that name, unless its kind has one of its own
//! kind-group-<group>                 heading       kind-choice-<value>          a value to choose
//! ```

use countersign_registry::Registry;
use countersign_resource::{Descriptor, FieldInfo};
use countersign_web::PageCx;

/// What the kind is called.
pub(crate) fn name(cx: &PageCx, kind: &Descriptor) -> String {
    cx.localizer().find(&kind_key(kind.model)).unwrap_or_else(|| kind.verbose_name.to_owned())
}

/// What several of the kind are called.
pub(crate) fn plural(cx: &PageCx, kind: &Descriptor) -> String {
    let key = format!("{}-many", kind_key(kind.model));
    cx.localizer().find(&key).unwrap_or_else(|| kind.verbose_name_plural.clone())
}

/// What the kind is for, in a line; empty when nobody wrote anything.
pub(crate) fn about(cx: &PageCx, kind: &Descriptor) -> String {
    let doc = kind.schema.get("description").and_then(serde_json::Value::as_str).unwrap_or_default();
    cx.localizer()
        .find(&format!("{}-help", kind_key(kind.model)))
        .unwrap_or_else(|| doc.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// What a field is called.
pub(crate) fn label(cx: &PageCx, kind: &Descriptor, field: &FieldInfo) -> String {
    let path = path_key(&field.path.to_string());
    let own = cx.localizer().find(&format!("{}-{path}", kind_key(kind.model)));
    own.or_else(|| cx.localizer().find(&format!("kind-field-{path}"))).unwrap_or_else(|| field.label.clone())
}

/// What a field is for; empty when nobody wrote anything.
pub(crate) fn help(cx: &PageCx, kind: &Descriptor, field: &FieldInfo) -> String {
    let path = path_key(&field.path.to_string());
    let own = cx.localizer().find(&format!("{}-{path}-help", kind_key(kind.model)));
    own.or_else(|| cx.localizer().find(&format!("kind-field-{path}-help")))
        .unwrap_or_else(|| field.doc.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Heading of a group of fields.
pub(crate) fn group(cx: &PageCx, group: &str) -> String {
    cx.localizer().find(&group_key(group)).unwrap_or_else(|| readable(group))
}

/// A value to choose.
pub(crate) fn choice(cx: &PageCx, value: &str) -> String {
    cx.localizer().find(&choice_key(value)).unwrap_or_else(|| readable(value))
}

/// Something that every language but English has to say by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Keys under which it may be said, the most particular first.
    pub names: Vec<String>,
    /// What it is in English.
    pub english: String,
}

impl Key {
    fn new(names: impl IntoIterator<Item = String>, english: impl Into<String>) -> Self {
        Self { names: names.into_iter().collect(), english: english.into() }
    }
}

/// Everything that the kinds of a registry need words for, each once.
pub fn keys(registry: &Registry) -> Vec<Key> {
    let mut keys: Vec<Key> = Vec::new();
    for kind in registry.resources().map(|resource| resource.descriptor()) {
        let own = kind_key(kind.model);
        keys.push(Key::new([own.clone()], kind.verbose_name));
        keys.push(Key::new([format!("{own}-many")], kind.verbose_name_plural.clone()));
        let about = kind.schema.get("description").and_then(serde_json::Value::as_str).unwrap_or_default();
        if !about.is_empty() {
            keys.push(Key::new([format!("{own}-help")], about));
        }
        for field in kind.fields.iter().filter(|field| field.widget != "hidden") {
            let path = path_key(&field.path.to_string());
            let names = |end: &str| [format!("{own}-{path}{end}"), format!("kind-field-{path}{end}")];
            keys.push(Key::new(names(""), field.label.clone()));
            if !field.doc.is_empty() {
                keys.push(Key::new(names("-help"), field.doc.clone()));
            }
            let choices = field.choices.iter();
            keys.extend(choices.map(|value| Key::new([choice_key(value)], readable(value))));
            keys.extend(field.group.iter().map(|group| Key::new([group_key(group)], readable(group))));
        }
    }
    let mut seen = std::collections::HashSet::new();
    keys.retain(|key| seen.insert(key.names.clone()));
    keys
}

fn group_key(group: &str) -> String {
    format!("kind-group-{}", path_key(group))
}

fn choice_key(value: &str) -> String {
    format!("kind-choice-{}", path_key(value))
}

/// Key of a kind's name.
pub(crate) fn kind_key(model: &str) -> String {
    format!("kind-{}", path_key(model))
}

/// A path or value as the part of a key.
pub(crate) fn path_key(path: &str) -> String {
    let mut key = String::with_capacity(path.len());
    for character in path.chars() {
        match character {
            'a'..='z' | '0'..='9' => key.push(character),
            'A'..='Z' => key.push(character.to_ascii_lowercase()),
            _ if key.is_empty() || key.ends_with('-') => {}
            _ => key.push('-'),
        }
    }
    key.trim_end_matches('-').to_owned()
}

/// Words of values that are written in capitals.
const CAPITALS: [&str; 11] = ["api", "asn", "css", "ec", "id", "ip", "ldap", "rsa", "upn", "uri", "uuid"];

/// `only_send_once` as “Only send once”, `user_id` as “User ID”.
fn readable(value: &str) -> String {
    let words = value.split(['_', '-']).filter(|word| !word.is_empty());
    let words: Vec<String> = words
        .enumerate()
        .map(|(place, word)| {
            let mut letters = word.chars();
            match (letters.next(), place) {
                _ if CAPITALS.contains(&word) => word.to_uppercase(),
                (Some(first), 0) => first.to_uppercase().chain(letters).collect(),
                _ => word.to_owned(),
            }
        })
        .collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_made_of_lower_case_words() {
        assert_eq!(
            kind_key("authentik_stages_user_login.userloginstage"),
            "kind-authentik-stages-user-login-userloginstage"
        );
        assert_eq!(path_key("redirect_uris.*.url"), "redirect-uris-url");
        assert_eq!(path_key("Only_Send"), "only-send");
    }

    #[test]
    fn values_read_as_words() {
        assert_eq!(readable("only_send_once"), "Only send once");
        assert_eq!(readable("user_id"), "User ID");
        assert_eq!(readable(""), "");
    }
}
