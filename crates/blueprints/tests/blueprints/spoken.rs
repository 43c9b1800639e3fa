//! What people see of the blueprints that come with the product is said in every language.

use std::{collections::BTreeSet, fs, path::Path};

use countersign_i18n::Catalogues;
use serde_yaml_ng::Value as Yaml;

/// Attributes that people see, whatever the kind.
const SEEN: [&str; 8] = [
    "title",
    "label",
    "placeholder",
    "sub_text",
    "description",
    "error_message",
    "deny_message",
    "meta_description",
];

#[test]
fn whatever_people_see_of_the_default_set_has_an_entry_in_the_catalogues() {
    let catalogues = Catalogues::load().unwrap();
    let mut forgotten = Vec::new();
    let words = words_of_the_set();
    assert!(words.len() > 20, "{words:?}");
    for language in catalogues.locales().filter(|language| language.tag != "en") {
        let localizer = catalogues.localizer(language.locale);
        forgotten.extend(
            words
                .iter()
                .filter(|words| localizer.words(words) == **words)
                .map(|words| format!("{}: {words}", language.tag)),
        );
    }
    assert!(forgotten.is_empty(), "locales/*/defaults.ftl lacks\n{}", forgotten.join("\n"));
}

#[test]
fn no_blueprint_names_a_key_of_the_catalogues() {
    let is_key = |words: &&String| words.split('-').count() > 1 && !words.contains([' ', '%', '.']);
    let words = words_of_the_set();
    let keys: Vec<&String> = words.iter().filter(is_key).collect();
    assert!(keys.is_empty(), "{keys:?}");
}

fn words_of_the_set() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for folder in ["default", "system", "example"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../blueprints").join(folder);
        for file in fs::read_dir(folder).unwrap() {
            let text = fs::read_to_string(file.unwrap().path()).unwrap();
            let document: Yaml = serde_yaml_ng::from_str(&text).unwrap();
            for entry in document["entries"].as_sequence().unwrap() {
                collect(&entry["attrs"], &mut found);
            }
        }
    }
    found
}

fn collect(attributes: &Yaml, found: &mut BTreeSet<String>) {
    let text = |name: &str| attributes[name].as_str().filter(|words| !words.is_empty());
    // What is only shown has its words in its initial value; the label is for administrators.
    let is_static = text("type") == Some("static");
    if is_static {
        found.extend(text("initial_value").map(str::to_owned));
    }
    for name in SEEN.iter().filter(|name| !(is_static && **name == "label")) {
        found.extend(text(name).map(str::to_owned));
    }
    // Messages of expressions.
    let expression = text("expression").unwrap_or_default();
    let messages = expression.split("ak_message(\"").skip(1).filter_map(|rest| rest.split_once("\")"));
    found.extend(messages.map(|(words, _)| words.to_owned()));
}
