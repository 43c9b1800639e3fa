//! What follows from the facts of a kind: plurals, places in the API, labels of fields.

use crate::{Facts, Path};

/// What several objects of the kind are called.
pub(crate) fn plural(facts: &Facts) -> String {
    if !facts.verbose_name_plural.is_empty() {
        return facts.verbose_name_plural.to_owned();
    }
    let name = facts.verbose_name;
    let before_y = name.strip_suffix('y').filter(|stem| !stem.ends_with(['a', 'e', 'i', 'o', 'u']));
    match before_y {
        Some(stem) => format!("{stem}ies"),
        None if name.ends_with(['s', 'x']) || name.ends_with("ch") => format!("{name}es"),
        None => format!("{name}s"),
    }
}

/// Where the API has the kind.
///
/// The family names the folder and the application the rest: `authentik_stages_user_login.userloginstage`
/// stands at `stages/user_login`.
pub(crate) fn api_path(facts: &Facts) -> String {
    if !facts.api_path.is_empty() {
        return facts.api_path.to_owned();
    }
    let (application, model) = facts.model.split_once('.').unwrap_or(("", facts.model));
    let application = application.split_once('_').map_or(application, |(_, rest)| rest);
    let folder = match facts.family {
        Some("stage") => "stages",
        Some("policy") => "policies",
        Some("provider") => "providers",
        Some("source") => "sources",
        Some("propertymapping") => "propertymappings",
        _ => application,
    };
    let own = application.strip_prefix(folder).map(|rest| rest.trim_start_matches('_'));
    match own.filter(|own| !own.is_empty()) {
        Some(own) => format!("{folder}/{own}"),
        None => format!("{folder}/{model}"),
    }
}

/// The picture beside the name of the kind.
pub(crate) fn icon(facts: &Facts) -> &'static str {
    match (facts.icon, facts.family) {
        ("", Some(family)) => family,
        ("", None) => "object",
        (icon, _) => icon,
    }
}

/// Words that are not written as names are.
const WORDS: [(&str, &str); 16] = [
    ("api", "API"),
    ("asn", "ASN"),
    ("css", "CSS"),
    ("email", "e-mail"),
    ("geoip", "GeoIP"),
    ("hibp", "HIBP"),
    ("id", "ID"),
    ("ip", "IP"),
    ("jwt", "JWT"),
    ("oauth2", "OAuth2"),
    ("uri", "URI"),
    ("uris", "URIs"),
    ("url", "URL"),
    ("urls", "URLs"),
    ("webauthn", "WebAuthn"),
    ("zxcvbn", "zxcvbn"),
];

/// The last name of a path, made readable: `redirect_uris` is “Redirect URIs”.
pub(crate) fn label_of(path: &Path) -> String {
    let path = path.to_string();
    let name = path.rsplit('.').find(|step| *step != "*").unwrap_or_default();
    let words = name
        .split('_')
        .filter(|word| !word.is_empty())
        .map(|word| WORDS.iter().find(|(plain, _)| *plain == word).map_or(word, |(_, written)| *written));
    let label = words.collect::<Vec<_>>().join(" ");
    let mut letters = label.chars();
    match letters.next() {
        Some(first) if !label.starts_with("zxcvbn") => first.to_uppercase().chain(letters).collect(),
        _ => label,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn facts(model: &'static str, name: &'static str) -> Facts {
        Facts::new(model, "ak-form", name)
    }

    #[test]
    fn plurals_follow_english() {
        for (one, many) in [
            ("Password Stage", "Password Stages"),
            ("Expression Policy", "Expression Policies"),
            ("Key", "Keys"),
            ("Address", "Addresses"),
        ] {
            assert_eq!(plural(&facts("a.b", one)), many);
        }
        assert_eq!(plural(&facts("a.b", "Person").plural("People")), "People");
    }

    #[test]
    fn places_in_the_api_follow_family_and_model() {
        let place = |model, family| api_path(&facts(model, "x").of(family));
        assert_eq!(place("authentik_stages_user_login.userloginstage", "stage"), "stages/user_login");
        assert_eq!(place("authentik_policies_expression.expressionpolicy", "policy"), "policies/expression");
        assert_eq!(place("authentik_providers_oauth2.oauth2provider", "provider"), "providers/oauth2");
        assert_eq!(place("test.bell", "stage"), "stages/bell");
        assert_eq!(api_path(&facts("authentik_core.user", "x").at("core/users", "")), "core/users");
    }

    #[test]
    fn labels_are_readable() {
        let label = |name: &str| label_of(&Path::default().key(name));
        assert_eq!(label("redirect_uris"), "Redirect URIs");
        assert_eq!(label("is_active"), "Is active");
        assert_eq!(label("email"), "E-mail");
        assert_eq!(label_of(&Path::default().key("redirect_uris").each().key("url")), "URL");
    }
}
