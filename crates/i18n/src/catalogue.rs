//! The catalogues: which languages there are, and their messages.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use fluent_bundle::FluentArgs;

use crate::{
    Direction, Localizer,
    embedded::{self, Bundle},
    negotiate,
};

/// Every catalogue, shared by all requests. Cheap to clone, and cheap to load: messages are parsed when somebody
/// first asks for one.
#[derive(Clone)]
pub struct Catalogues(Arc<Inner>);

struct Inner {
    /// Never empty; the source language comes first.
    bundles: &'static [Bundle],
    missing: AtomicU64,
    hook: Option<Hook>,
}

type Hook = Box<dyn Fn(&Missing<'_>) + Send + Sync>;

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
#[derive(Clone, Debug, thiserror::Error)]
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
    /// What is embedded.
    pub fn load() -> Result<Self, LoadError> {
        Self::load_with_hook(None)
    }

    /// What is embedded; `hook` hears of each message that is missing (beside the counter).
    pub fn load_reporting(hook: impl Fn(&Missing<'_>) + Send + Sync + 'static) -> Result<Self, LoadError> {
        Self::load_with_hook(Some(Box::new(hook)))
    }

    fn load_with_hook(hook: Option<Hook>) -> Result<Self, LoadError> {
        let bundles = embedded::bundles()?;
        Ok(Self(Arc::new(Inner { bundles, missing: AtomicU64::new(0), hook })))
    }

    /// Parses every file of every language, for tests: while the program runs, a message that does not parse is
    /// merely missing.
    pub fn check(&self) -> Result<(), LoadError> {
        self.0.bundles.iter().try_for_each(Bundle::check)
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
        self.0.bundles.first()?.key_of(words)
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
        let mut is_whole = true;
        let text = bundle.format(key, args, &mut is_whole)?;
        if !is_whole {
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
