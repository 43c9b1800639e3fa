//! Templates that administrators wrote in the dialect of Django, made readable for our engine.
//!
//! The two dialects agree on variables, conditions, loops, blocks and inheritance. What differs and occurs in mail:
//! `{% load %}`, translations, `{% comment %}`, arguments of filters after a colon, `forloop`, `dict.items`,
//! `{% empty %}`. What is not understood stays as it is, and the engine says what is wrong with it.

use std::{borrow::Cow, sync::LazyLock};

use regex::{Captures, Regex};

/// A compiled pattern of ours.
macro_rules! pattern {
    ($name:ident = $text:literal) => {
        static $name: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new($text).ok());
    };
}

pattern!(COMMENTS = r"(?s)\{%-?\s*comment\b.*?%\}.*?\{%-?\s*endcomment\s*-?%\}");
pattern!(TAGS = r"(?s)\{%-?\s*(.*?)\s*-?%\}|\{\{(.*?)\}\}");
pattern!(ARGUMENTS = r#"\|\s*([a-z_]+):("[^"]*"|'[^']*'|[\w.]+)"#);
pattern!(PAIRS = r#"([A-Za-z_]\w*)=((?:"[^"]*"|'[^']*'|[^\s"'])+)"#);

fn replaced<'t>(
    pattern: &LazyLock<Option<Regex>>,
    text: &'t str,
    by: impl Fn(&Captures<'_>) -> String,
) -> Cow<'t, str> {
    pattern.as_ref().map_or(Cow::Borrowed(text), |pattern| pattern.replace_all(text, by))
}

/// The same template in our dialect.
pub(crate) fn adapted(text: &str) -> String {
    let text = replaced(&COMMENTS, text, |_| String::new());
    replaced(&TAGS, &text, |found| match (found.get(1), found.get(2)) {
        (Some(tag), _) => self::tag(tag.as_str()),
        (None, Some(value)) => format!("{{{{{}}}}}", expression(value.as_str())),
        (None, None) => String::new(),
    })
    .into_owned()
}

fn tag(tag: &str) -> String {
    let (word, rest) = tag.split_once(char::is_whitespace).unwrap_or((tag, ""));
    let rest = rest.trim();
    match word {
        "load" => String::new(),
        "trans" | "translate" => match rest.split_once(" as ") {
            Some((words, name)) => format!("{{% set {} = translate({}) %}}", name.trim(), words.trim()),
            None => format!("{{{{ translate({rest}) }}}}"),
        },
        "blocktrans" | "blocktranslate" | "with" => {
            let pairs = pairs(rest);
            let pairs = if pairs.is_empty() { "no_name = 0".to_owned() } else { pairs };
            format!("{{% with {pairs} %}}")
        }
        "endblocktrans" | "endblocktranslate" => "{% endwith %}".to_owned(),
        "empty" => "{% else %}".to_owned(),
        "autoescape" => format!("{{% autoescape {} %}}", if rest == "off" { "false" } else { "true" }),
        _ => format!("{{% {} %}}", expression(tag)),
    }
}

/// `a=b c=d|filter` as `a = b, c = d|filter`.
fn pairs(text: &str) -> String {
    let Some(pattern) = PAIRS.as_ref() else { return String::new() };
    let pairs = pattern.captures_iter(text).filter_map(|found| {
        let (name, value) = (found.get(1)?.as_str(), found.get(2)?.as_str());
        Some(format!("{name} = {}", expression(value.trim_end_matches(','))))
    });
    pairs.collect::<Vec<_>>().join(", ")
}

fn expression(text: &str) -> String {
    let text = replaced(&ARGUMENTS, text, |found| format!("|{}({})", &found[1], &found[2]));
    let text = text.replace("forloop.counter0", "loop.index0").replace("forloop.counter", "loop.index");
    let text = text.replace("forloop.first", "loop.first").replace("forloop.last", "loop.last");
    match text.trim_end().strip_suffix(".items") {
        Some(dict) => format!("{dict}|items "),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_put_into_our_words() {
        for (theirs, ours) in [
            ("{% load i18n humanize %}x", "x"),
            ("{% comment \"why\" %}a {{ b }}{% endcomment %}x", "x"),
            ("{% translate 'Reset' %}", "{{ translate('Reset') }}"),
            ("{% trans \"Reset\" as reset %}", "{% set reset = translate(\"Reset\") %}"),
            (
                "{% blocktranslate with name=user.name expires=expires|naturaltime %}{{ name }}{% endblocktranslate %}",
                "{% with name = user.name, expires = expires|naturaltime %}{{ name }}{% endwith %}",
            ),
            ("{% blocktrans trimmed %}x{% endblocktrans %}", "{% with no_name = 0 %}x{% endwith %}"),
            ("{{ name|default:\"you\" }}", "{{ name|default(\"you\") }}"),
            (
                "{% for key, value in facts.items %}{% empty %}{% endfor %}",
                "{% for key, value in facts|items  %}{% else %}{% endfor %}",
            ),
            ("{% extends \"email/base.html\" %}", "{% extends \"email/base.html\" %}"),
            (
                "{% if a and not b %}{{ forloop.counter }}{% endif %}",
                "{% if a and not b %}{{ loop.index }}{% endif %}",
            ),
            ("{# a comment #}{{ url }}", "{# a comment #}{{ url }}"),
        ] {
            assert_eq!(adapted(theirs), ours, "{theirs}");
        }
    }
}
