//! The catalogues: what is embedded, parsed once at start.

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use fluent_bundle::{FluentArgs, FluentResource, concurrent::FluentBundle};
use fluent_syntax::ast::Entry;
use unic_langid::LanguageIdentifier;

use crate::{Direction, Localizer, negotiate};

/// The language every other falls back to; its catalogue is the measure of completeness.
const SOURCE_LANGUAGE: &str = "en";
/// Where the words of the blueprints that come with the product stand in the source language.
const DEFAULTS: &str = "en/defaults.ftl";

/// In development the folder is read when the program starts; in release it is part of the binary.
#[derive(rust_embed::RustEmbed)]
#[folder = "locales"]
struct Embedded;

/// Every catalogue, shared by all requests. Cheap to clone.
#[derive(Clone)]
pub struct Catalogues(Arc<Inner>);

struct Inner {
    /// Never empty; the source language comes first.
    bundles: Vec<Bundle>,
    /// Keys of the default words, by what they say in the source language.
    defaults: HashMap<String, String>,
    missing: AtomicU64,
    hook: Option<Hook>,
}

type Hook = Box<dyn Fn(&Missing<'_>) + Send + Sync>;

struct Bundle {
    language: Language,
    id: LanguageIdentifier,
    messages: FluentBundle<FluentResource>,
}

/// One language there is a catalogue for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Language {
    /// What to localise with.
    pub locale: Locale,
    /// BCP 47 tag, as in the `lang` attribute.
    pub tag: String,
    /// The language's name in itself, for a chooser.
    pub name: String,
    /// Direction of its script.
    pub direction: Direction,
}

/// A language of these catalogues. Only negotiation hands one out, so it always exists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Locale(pub(crate) usize);

/// A message that could not be found or written as asked: a fault of ours, worth counting.
#[derive(Debug)]
pub struct Missing<'a> {
    /// Tag of the language that was asked for.
    pub tag: &'a str,
    /// Key of the message.
    pub key: &'a str,
    /// What is wrong with it.
    pub reason: MissingReason,
}

/// What is wrong with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MissingReason {
    /// The language lacks it; the source language was used.
    Translation,
    /// No language has it; the key itself was shown.
    Message,
    /// It refers to an argument that was not given, or to another message that does not exist.
    Reference,
}

/// Why the catalogues cannot be used. Each names the file, because a translator reads it.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A folder is not named by a BCP 47 tag.
    #[error("locales/{tag}: the folder's name is not a language tag")]
    Tag {
        /// The folder's name.
        tag: String,
    },
    /// A file is not UTF-8.
    #[error("locales/{path}: the file is not UTF-8")]
    Encoding {
        /// The file below `locales/`.
        path: String,
    },
    /// A file does not parse.
    #[error("locales/{path}: {complaints}")]
    Syntax {
        /// The file below `locales/`.
        path: String,
        /// What the parser says.
        complaints: String,
    },
    /// A message is defined twice in one language.
    #[error("locales/{path}: {complaints}")]
    Duplicate {
        /// The file below `locales/` in which the second definition stands.
        path: String,
        /// Which messages.
        complaints: String,
    },
    /// The source language is absent.
    #[error("locales/en is absent: every language falls back to it")]
    NoSource,
}

impl Catalogues {
    /// Parses what is embedded.
    pub fn load() -> Result<Self, LoadError> {
        Self::load_with_hook(None)
    }

    /// Parses what is embedded; `hook` hears of each message that is missing (beside the counter).
    pub fn load_reporting(hook: impl Fn(&Missing<'_>) + Send + Sync + 'static) -> Result<Self, LoadError> {
        Self::load_with_hook(Some(Box::new(hook)))
    }

    fn load_with_hook(hook: Option<Hook>) -> Result<Self, LoadError> {
        let mut files = BTreeMap::<String, Vec<String>>::new();
        for path in Embedded::iter().filter(|path| path.ends_with(".ftl")) {
            if let Some((tag, _)) = path.split_once('/') {
                files.entry(tag.to_owned()).or_default().push(path.clone().into_owned());
            }
        }
        // The source language first: index 0 is what everything falls back to.
        let source = files.remove_entry(SOURCE_LANGUAGE).ok_or(LoadError::NoSource)?;
        let bundles = std::iter::once(source)
            .chain(files)
            .enumerate()
            .map(|(index, (tag, paths))| Bundle::parse(Locale(index), tag, &paths))
            .collect::<Result<Vec<_>, _>>()?;
        let defaults = match bundles.first() {
            Some(source) => source.keys_by_words(&resource(DEFAULTS)?),
            None => HashMap::new(),
        };
        Ok(Self(Arc::new(Inner { bundles, defaults, missing: AtomicU64::new(0), hook })))
    }

    /// The languages there are, the source language first, the others by tag.
    pub fn locales(&self) -> impl ExactSizeIterator<Item = &Language> {
        self.0.bundles.iter().map(|bundle| &bundle.language)
    }

    /// The best language for a list of BCP 47 tags or ranges, best first; English when nothing fits.
    pub fn negotiate(&self, candidates: &[&str]) -> Locale {
        let ids = self.0.bundles.iter().map(|bundle| &bundle.id);
        Locale(negotiate::choose(ids, candidates).unwrap_or_default())
    }

    /// A handle that speaks one language.
    pub fn localizer(&self, locale: Locale) -> Localizer {
        Localizer::new(self.clone(), locale)
    }

    /// How many messages were missing since the start.
    pub fn missing_count(&self) -> u64 {
        self.0.missing.load(Ordering::Relaxed)
    }

    /// Key of the default that says this in the source language.
    pub(crate) fn default_key(&self, words: &str) -> Option<&str> {
        self.0.defaults.get(words).map(String::as_str)
    }

    /// What there is to know about a language. `None` only for a locale of other catalogues.
    pub(crate) fn language(&self, locale: Locale) -> Option<&Language> {
        self.0.bundles.get(locale.0).map(|bundle| &bundle.language)
    }

    /// The message in the language, in English, or the key itself.
    pub(crate) fn message(&self, locale: Locale, key: &str, args: Option<&FluentArgs<'_>>) -> String {
        let own = self.0.bundles.get(locale.0);
        if let Some(bundle) = own
            && let Some(text) = self.format(bundle, key, args)
        {
            return text;
        }
        let tag = own.map_or("", |bundle| bundle.language.tag.as_str());
        let source = self.0.bundles.first().filter(|_| locale != Locale::default());
        match source.and_then(|bundle| self.format(bundle, key, args)) {
            Some(text) => {
                self.report(tag, key, MissingReason::Translation);
                text
            }
            None => {
                self.report(tag, key, MissingReason::Message);
                key.to_owned()
            }
        }
    }

    /// The message, if the language itself has it.
    pub(crate) fn own_message(&self, locale: Locale, key: &str) -> Option<String> {
        self.format(self.0.bundles.get(locale.0)?, key, None)
    }

    fn format(&self, bundle: &Bundle, key: &str, args: Option<&FluentArgs<'_>>) -> Option<String> {
        let pattern = bundle.messages.get_message(key)?.value()?;
        let mut faults = Vec::new();
        let text = bundle.messages.format_pattern(pattern, args, &mut faults).into_owned();
        if !faults.is_empty() {
            self.report(&bundle.language.tag, key, MissingReason::Reference);
        }
        Some(text)
    }

    fn report(&self, tag: &str, key: &str, reason: MissingReason) {
        self.0.missing.fetch_add(1, Ordering::Relaxed);
        if let Some(hook) = &self.0.hook {
            hook(&Missing { tag, key, reason });
        }
    }
}

impl fmt::Debug for Catalogues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.locales().map(|language| &language.tag)).finish()
    }
}

impl Bundle {
    fn parse(locale: Locale, tag: String, paths: &[String]) -> Result<Self, LoadError> {
        let id: LanguageIdentifier = tag.parse().map_err(|_| LoadError::Tag { tag: tag.clone() })?;
        let mut messages = FluentBundle::new_concurrent(vec![id.clone()]);
        // Isolation marks (U+2068, U+2069) would end up in attributes, titles and e-mail subjects.
        messages.set_use_isolating(false);
        for path in paths {
            messages
                .add_resource(resource(path)?)
                .map_err(|faults| LoadError::Duplicate { path: path.clone(), complaints: joined(&faults) })?;
        }
        let own_word = |key: &str| {
            let pattern = messages.get_message(key)?.value()?;
            Some(messages.format_pattern(pattern, None, &mut Vec::new()).into_owned())
        };
        let name = own_word("language-name").unwrap_or_else(|| tag.clone());
        let direction = match own_word("language-direction").as_deref() {
            Some("rtl") => Direction::RightToLeft,
            _ => Direction::LeftToRight,
        };
        Ok(Self { language: Language { locale, tag, name, direction }, id, messages })
    }

    /// The keys of a file's messages, by what they say in this language.
    fn keys_by_words(&self, file: &FluentResource) -> HashMap<String, String> {
        let keys = file.entries().filter_map(|entry| match entry {
            Entry::Message(message) => Some(message.id.name),
            _ => None,
        });
        keys.filter_map(|key| {
            let pattern = self.messages.get_message(key)?.value()?;
            let words = self.messages.format_pattern(pattern, None, &mut Vec::new());
            Some((words.into_owned(), key.to_owned()))
        })
        .collect()
    }
}

fn resource(path: &str) -> Result<FluentResource, LoadError> {
    let bytes = Embedded::get(path).map(|file| file.data).unwrap_or_default();
    let source =
        String::from_utf8(bytes.into_owned()).map_err(|_| LoadError::Encoding { path: path.to_owned() })?;
    FluentResource::try_new(source)
        .map_err(|(_, faults)| LoadError::Syntax { path: path.to_owned(), complaints: joined(&faults) })
}

fn joined<E: fmt::Display>(faults: &[E]) -> String {
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
