//! Every catalogue says the same things, and says them well. Files of every part of the house are read.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use countersign_i18n::{Catalogues, Locale};
use countersign_types::TextArg;
use fluent_syntax::ast;

/// Arguments by key, by file.
type Shape = BTreeMap<String, BTreeMap<String, BTreeSet<String>>>;

/// What kinds and their fields are called: English stands in their Rust descriptions, and the server's tests say
/// what other languages lack.
const KINDS: &str = "kinds.ftl";

#[test]
fn every_language_has_the_files_keys_and_arguments_of_english() {
    let languages = shapes();
    let english = languages.get("en").expect("English is the source");
    let mut complaints = Vec::new();
    for (tag, shape) in languages.iter().filter(|(tag, _)| *tag != "en") {
        compare(tag, english, shape, "is absent", &mut complaints);
        compare(tag, shape, english, "is not in English", &mut complaints);
        for (file, messages) in english {
            for (key, arguments) in messages {
                let theirs = shape.get(file).and_then(|messages| messages.get(key));
                if theirs.is_some_and(|theirs| theirs != arguments) {
                    complaints.push(format!("{tag}/{file}: {key} takes {theirs:?}, English {arguments:?}"));
                }
            }
        }
    }
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}

#[test]
fn every_file_parses_and_no_message_stands_in_two() {
    Catalogues::load().unwrap().check().unwrap();
}

fn compare(tag: &str, left: &Shape, right: &Shape, verdict: &str, complaints: &mut Vec<String>) {
    for (file, messages) in left.iter().filter(|(file, _)| file.as_str() != KINDS) {
        for key in messages.keys() {
            if !right.get(file).is_some_and(|messages| messages.contains_key(key)) {
                complaints.push(format!("{tag}/{file}: {key} {verdict}"));
            }
        }
    }
}

#[test]
fn every_message_formats_with_every_kind_of_argument() {
    let catalogues = Catalogues::load_reporting(|missing| panic!("{missing:?}")).unwrap();
    let languages = shapes();
    let locales: Vec<Locale> = catalogues.locales().map(|language| language.locale).collect();
    for locale in locales {
        let localizer = catalogues.localizer(locale);
        let messages = languages.get(localizer.lang()).unwrap().values().flatten();
        for (key, arguments) in messages {
            for value in [0.into(), 1.into(), 2.into(), 21.into(), i64::MAX.into(), "words".into()] {
                let args: Vec<(&str, TextArg)> =
                    arguments.iter().map(|name| (name.as_str(), TextArg::clone(&value))).collect();
                let text = localizer.t_args(key, &args);
                assert!(!text.trim().is_empty(), "{}: {key} is empty", localizer.lang());
                assert!(!text.contains("{$"), "{}: {key}: {text}", localizer.lang());
                assert_ne!(&text, key, "{}", localizer.lang());
            }
        }
    }
    assert_eq!(catalogues.missing_count(), 0);
}

#[test]
fn the_words_are_calm() {
    for (path, source) in sources() {
        for (number, line) in source.lines().enumerate().filter(|(_, line)| !line.starts_with('#')) {
            assert!(!line.contains(['!', '！']), "{path}:{}: no exclamation marks: {line}", number + 1);
        }
    }
}

#[test]
fn each_default_says_something_of_its_own_and_takes_no_arguments() {
    let catalogues = Catalogues::load().unwrap();
    let english = catalogues.localizer(Locale::default());
    let mut said = BTreeMap::new();
    for (key, arguments) in shapes().get("en").and_then(|files| files.get("defaults.ftl")).unwrap() {
        assert!(arguments.is_empty(), "{key} would need arguments that blueprints cannot give");
        let words = english.t(key);
        if let Some(other) = said.insert(words.clone(), key.clone()) {
            panic!("{key} and {other} both say “{words}”: which is meant cannot be told");
        }
    }
}

#[test]
fn defaults_keep_their_places_in_every_language() {
    let catalogues = Catalogues::load().unwrap();
    for key in shapes().get("en").and_then(|files| files.get("defaults.ftl")).unwrap().keys() {
        let places = |text: &str| text.matches("%(app)s").count();
        let expected = places(&catalogues.localizer(Locale::default()).t(key));
        for language in catalogues.locales() {
            let text = catalogues.localizer(language.locale).t(key);
            assert_eq!(places(&text), expected, "{}: {key}: {text}", language.tag);
        }
    }
}

#[test]
fn keys_read_as_area_thing_detail() {
    for (tag, shape) in shapes() {
        for key in shape.values().flat_map(BTreeMap::keys) {
            let good = key.split('-').count() >= 2
                && key.split('-').all(|part| {
                    !part.is_empty()
                        && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
                });
            assert!(good, "{tag}: {key} is not of the form area-thing-detail");
        }
    }
}

fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("locales");
    let mut found = Vec::new();
    for language in fs::read_dir(root).unwrap() {
        for file in fs::read_dir(language.unwrap().path()).unwrap() {
            let path = file.unwrap().path();
            let name = path.components().rev().take(2).map(|part| part.as_os_str().to_str().unwrap());
            let name = name.collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>().join("/");
            found.push((name, fs::read_to_string(path).unwrap()));
        }
    }
    found
}

fn shapes() -> BTreeMap<String, Shape> {
    let mut languages = BTreeMap::<String, Shape>::new();
    for (path, source) in sources() {
        let (tag, file) = path.split_once('/').unwrap();
        let resource = fluent_syntax::parser::parse(source.as_str())
            .unwrap_or_else(|(_, faults)| panic!("{path}: {faults:?}"));
        let messages = resource.body.iter().filter_map(|entry| match entry {
            ast::Entry::Message(message) => {
                assert!(
                    message.attributes.is_empty(),
                    "{path}: {}: attributes are not used",
                    message.id.name
                );
                let mut arguments = BTreeSet::new();
                of_pattern(message.value.as_ref().expect("a message has words"), &mut arguments);
                Some((message.id.name.to_owned(), arguments))
            }
            _ => None,
        });
        languages.entry(tag.to_owned()).or_default().insert(file.to_owned(), messages.collect());
    }
    languages
}

fn of_pattern(pattern: &ast::Pattern<&str>, arguments: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        if let ast::PatternElement::Placeable { expression } = element {
            of_expression(expression, arguments);
        }
    }
}

fn of_expression(expression: &ast::Expression<&str>, arguments: &mut BTreeSet<String>) {
    match expression {
        ast::Expression::Inline(inline) => of_inline(inline, arguments),
        ast::Expression::Select { selector, variants } => {
            of_inline(selector, arguments);
            for variant in variants {
                of_pattern(&variant.value, arguments);
            }
        }
    }
}

fn of_inline(inline: &ast::InlineExpression<&str>, arguments: &mut BTreeSet<String>) {
    match inline {
        ast::InlineExpression::VariableReference { id } => {
            arguments.insert(id.name.to_owned());
        }
        ast::InlineExpression::Placeable { expression } => of_expression(expression, arguments),
        ast::InlineExpression::FunctionReference { arguments: call, .. } => {
            for argument in &call.positional {
                of_inline(argument, arguments);
            }
        }
        _ => {}
    }
}
