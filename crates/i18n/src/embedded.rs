//! What is embedded: the files of each language, parsed when somebody first asks for a message that stands in them.
//!
//! Most servers speak one language to most people, and administrators come seldom. So the files of a language make
//! two parts, one for what everybody sees and one for the console, and each part is parsed on its own. A message
//! may refer only to others of its part.

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    sync::{LazyLock, OnceLock},
};

use fluent_bundle::{FluentArgs, FluentResource, concurrent::FluentBundle};
use fluent_syntax::ast::Entry;
use unic_langid::LanguageIdentifier;

use crate::{Direction, Language, LoadError, Locale};

/// The language every other falls back to; its catalogue is the measure of completeness.
const SOURCE_LANGUAGE: &str = "en";
/// Where the words of the blueprints that come with the product stand in the source language.
const DEFAULTS: &str = "en/defaults.ftl";
/// Where a language says its own name and the direction of its script, each in a line.
const INTRODUCTION: &str = "base.ftl";
/// How the files begin that only administrators read.
const CONSOLE: [&str; 2] = ["console", "kinds"];

/// In development a file is read when it is parsed; in release it is part of the binary.
#[derive(rust_embed::RustEmbed)]
#[folder = "locales"]
struct Embedded;

type Messages = FluentBundle<FluentResource>;

/// One language.
pub(crate) struct Bundle {
    pub(crate) language: Language,
    pub(crate) id: LanguageIdentifier,
    everyday: Part,
    console: Part,
    /// Keys of the default words, by what they say in this language.
    defaults: OnceLock<HashMap<String, String>>,
}

/// Some files of a language.
struct Part {
    paths: Vec<String>,
    messages: OnceLock<Messages>,
}

/// The languages, the source language first, the others by tag. What is embedded never changes, so all catalogues
/// of the process share what has been parsed.
pub(crate) fn bundles() -> Result<&'static [Bundle], LoadError> {
    static BUNDLES: LazyLock<Result<Vec<Bundle>, LoadError>> = LazyLock::new(find);
    BUNDLES.as_deref().map_err(LoadError::clone)
}

fn find() -> Result<Vec<Bundle>, LoadError> {
    let mut files = BTreeMap::<String, Vec<String>>::new();
    for path in Embedded::iter().filter(|path| path.ends_with(".ftl")) {
        if let Some((tag, _)) = path.split_once('/') {
            files.entry(tag.to_owned()).or_default().push(path.clone().into_owned());
        }
    }
    // The source language first: index 0 is what everything falls back to.
    let source = files.remove_entry(SOURCE_LANGUAGE).ok_or(LoadError::NoSource)?;
    let bundles = std::iter::once(source).chain(files).enumerate();
    bundles.map(|(index, (tag, paths))| Bundle::new(Locale(index), tag, paths)).collect()
}

impl Bundle {
    fn new(locale: Locale, tag: String, paths: Vec<String>) -> Result<Self, LoadError> {
        let id: LanguageIdentifier = tag.parse().map_err(|_| LoadError::Tag { tag: tag.clone() })?;
        let introduction = text(&format!("{tag}/{INTRODUCTION}"))?;
        let name = said(&introduction, "language-name").unwrap_or(&tag).to_owned();
        let direction = match said(&introduction, "language-direction") {
            Some("rtl") => Direction::RightToLeft,
            _ => Direction::LeftToRight,
        };
        let is_of_console = |path: &String| {
            let file = path.rsplit('/').next().unwrap_or_default();
            CONSOLE.iter().any(|beginning| file.starts_with(beginning))
        };
        let (console, everyday) = paths.into_iter().partition(is_of_console);
        Ok(Self {
            language: Language { locale, tag, name, direction },
            id,
            everyday: Part::new(everyday),
            console: Part::new(console),
            defaults: OnceLock::new(),
        })
    }

    /// The message, if this language has it. `is_whole` becomes false when it refers to what is not there.
    pub(crate) fn format(
        &self,
        key: &str,
        args: Option<&FluentArgs<'_>>,
        is_whole: &mut bool,
    ) -> Option<String> {
        let parts = [&self.everyday, &self.console].into_iter();
        parts.map(|part| part.messages(&self.id)).find_map(|messages| {
            let pattern = messages.get_message(key)?.value()?;
            let mut faults = Vec::new();
            let text = messages.format_pattern(pattern, args, &mut faults).into_owned();
            *is_whole = faults.is_empty();
            Some(text)
        })
    }

    /// Key of the default that says this in this language.
    pub(crate) fn key_of(&self, words: &str) -> Option<&str> {
        let defaults = self.defaults.get_or_init(|| self.keys_by_words(DEFAULTS));
        defaults.get(words).map(String::as_str)
    }

    fn keys_by_words(&self, path: &str) -> HashMap<String, String> {
        let keys = keys(&resource(path).0);
        let said = |key: String| Some((self.format(&key, None, &mut true)?, key));
        keys.into_iter().filter_map(said).collect()
    }

    /// Whether every file parses, and no message stands in two.
    pub(crate) fn check(&self) -> Result<(), LoadError> {
        let mut messages = Messages::new_concurrent(vec![self.id.clone()]);
        for path in self.everyday.paths.iter().chain(&self.console.paths) {
            let (resource, complaints) = resource(path);
            text(path)?;
            if let Some(complaints) = complaints {
                return Err(LoadError::Syntax { path: path.clone(), complaints });
            }
            messages
                .add_resource(resource)
                .map_err(|faults| LoadError::Duplicate { path: path.clone(), complaints: joined(&faults) })?;
        }
        Ok(())
    }
}

impl Part {
    fn new(paths: Vec<String>) -> Self {
        Self { paths, messages: OnceLock::new() }
    }

    fn messages(&self, id: &LanguageIdentifier) -> &Messages {
        self.messages.get_or_init(|| {
            let mut messages = Messages::new_concurrent(vec![id.clone()]);
            // Isolation marks (U+2068, U+2069) would end up in attributes, titles and e-mail subjects.
            messages.set_use_isolating(false);
            for path in &self.paths {
                // Of a message that is there twice the first is kept; the tests let no such file pass.
                drop(messages.add_resource(resource(path).0));
            }
            messages
        })
    }
}

/// What a line of a file says, in a message without anything to fill in.
fn said<'f>(file: &'f str, key: &str) -> Option<&'f str> {
    file.lines().find_map(|line| Some(line.strip_prefix(key)?.trim_start().strip_prefix('=')?.trim()))
}

fn keys(file: &FluentResource) -> Vec<String> {
    let key = |entry: &Entry<&str>| match entry {
        Entry::Message(message) => Some(message.id.name.to_owned()),
        _ => None,
    };
    file.entries().filter_map(key).collect()
}

fn text(path: &str) -> Result<String, LoadError> {
    let bytes = Embedded::get(path).map(|file| file.data).unwrap_or_default();
    String::from_utf8(bytes.into_owned()).map_err(|_| LoadError::Encoding { path: path.to_owned() })
}

/// A file as far as it parses, and what the parser says about the rest.
fn resource(path: &str) -> (FluentResource, Option<String>) {
    match FluentResource::try_new(text(path).unwrap_or_default()) {
        Ok(resource) => (resource, None),
        Err((resource, faults)) => (resource, Some(joined(&faults))),
    }
}

fn joined<E: fmt::Display>(faults: &[E]) -> String {
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
