//! The text of an expression, and which of the names it could see it mentions.

use std::{collections::BTreeSet, sync::Arc};

/// An expression's text with the name under which complaints about it appear.
#[derive(Clone, Debug)]
pub struct Source {
    name: Arc<str>,
    text: Arc<str>,
    words: Arc<BTreeSet<Box<str>>>,
}

impl Source {
    /// An expression as an administrator wrote it. Nothing is compiled before it is first evaluated.
    pub fn new(name: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> Self {
        let text = text.into();
        let words = Arc::new(words(&text).map(Into::into).collect());
        Self { name: name.into(), text, words }
    }

    /// The name, for messages.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    pub(super) const fn shared_text(&self) -> &Arc<str> {
        &self.text
    }

    /// Whether the name occurs in the text, be it as a name, in a string or in a comment.
    pub(super) fn mentions(&self, name: &str) -> bool {
        self.words.contains(name)
    }
}

/// Everything in the text that could be an identifier.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let inside = |character: char| character.is_alphanumeric() || character == '_';
    text.split(move |character| !inside(character)).filter(|word| !word.is_empty())
}

/// The variable under which an expression sees a context value: lower case, with `_` for `:`, `.`, `-` and
/// spaces. None when that is no name.
pub(super) fn variable_name(key: &str) -> Option<String> {
    let name: String = key
        .chars()
        .map(|character| if matches!(character, ':' | '.' | '-' | ' ') { '_' } else { character })
        .collect::<String>()
        .to_lowercase();
    let begins = name.starts_with(|first: char| first.is_ascii_alphabetic());
    let legal = name.chars().all(|character| character.is_ascii_alphanumeric() || character == '_');
    (begins && legal && !RESERVED.contains(&name.as_str())).then_some(name)
}

/// Names that no context value takes: Python's keywords (the rest have capitals) and what the house offers,
/// lest a value that somebody typed stand where a function should be.
const RESERVED: &[&str] = &[
    "and",
    "as",
    "assert",
    "async",
    "await",
    "break",
    "class",
    "continue",
    "def",
    "del",
    "elif",
    "else",
    "except",
    "finally",
    "for",
    "from",
    "global",
    "if",
    "import",
    "in",
    "is",
    "lambda",
    "nonlocal",
    "not",
    "or",
    "pass",
    "raise",
    "return",
    "try",
    "while",
    "with",
    "yield",
    "match",
    "case",
    "type",
    "request",
    "context",
    "user",
    "http_request",
    "flow_plan",
    "ak_client_ip",
    "ak_is_sso_flow",
    "ak_message",
    "ak_is_group_member",
    "ak_user_by",
    "ak_user_has_authenticator",
    "ak_call_policy",
    "ak_create_event",
    "ak_create_jwt",
    "ak_create_jwt_raw",
    "ak_send_email",
    "ak_obj_attr",
    "resolve_dns",
    "reverse_dns",
    "ak_logger",
    "regex_match",
    "regex_replace",
    "list_flatten",
    "slugify",
    "delete_none_values",
    "ip_address",
    "ip_network",
    "abs",
    "all",
    "any",
    "bool",
    "dict",
    "enumerate",
    "filter",
    "float",
    "frozenset",
    "getattr",
    "hasattr",
    "id",
    "int",
    "isinstance",
    "len",
    "list",
    "map",
    "max",
    "min",
    "next",
    "print",
    "range",
    "repr",
    "reversed",
    "round",
    "set",
    "sorted",
    "str",
    "sum",
    "tuple",
    "zip",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_knows_the_names_it_mentions() {
        let source = Source::new("x", "return prompt_data['a-b'] if ak_is_sso_flow else oauth.scopes");
        for name in ["prompt_data", "ak_is_sso_flow", "oauth", "scopes"] {
            assert!(source.mentions(name), "{name}");
        }
        assert!(!source.mentions("prompt"));
    }

    #[test]
    fn context_names_become_variables() {
        assert_eq!(variable_name("Prompt-Data").as_deref(), Some("prompt_data"));
        assert_eq!(variable_name("goauthentik.io:x").as_deref(), Some("goauthentik_io_x"));
        for not_a_name in ["", "1st", "a/b", "class", "ünicode", "__builtins__"] {
            assert_eq!(variable_name(not_a_name), None, "{not_a_name}");
        }
    }

    #[test]
    fn a_context_value_cannot_stand_in_for_a_function() {
        assert_eq!(variable_name("ak_is_group_member"), None);
        assert_eq!(variable_name("bool"), None);
    }
}
