//! A handle that speaks one language: what templates are given.

use countersign_types::{Text, TextArg};
use fluent_bundle::FluentArgs;

use crate::{Catalogues, Language, Locale, template};

/// Direction in which a script runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Left to right.
    LeftToRight,
    /// Right to left.
    RightToLeft,
}

impl Direction {
    /// Value of the `dir` attribute.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LeftToRight => "ltr",
            Self::RightToLeft => "rtl",
        }
    }
}

/// The catalogues, seen in one language. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Localizer {
    catalogues: Catalogues,
    locale: Locale,
}

impl Localizer {
    pub(crate) fn new(catalogues: Catalogues, locale: Locale) -> Self {
        Self { catalogues, locale }
    }

    /// A text in this language; words that an administrator chose as they are.
    pub fn text(&self, text: &Text) -> String {
        match text {
            Text::Literal(words) => self.words(words),
            Text::Template(words, args) => template::fill(&self.words(words), args),
            Text::Key(key, args) if args.is_empty() => self.t(key),
            Text::Key(key, args) => self.format(key, args.iter().map(|(name, value)| (name.as_ref(), value))),
        }
    }

    /// Words of the configuration: in this language when they are those that came with the product, and
    /// otherwise as they are.
    pub fn words(&self, words: &str) -> String {
        match self.catalogues.default_key(words) {
            Some(key) => self.t(key),
            None => words.to_owned(),
        }
    }

    /// A message without arguments.
    pub fn t(&self, key: &str) -> String {
        self.catalogues.message(self.locale, key, None)
    }

    /// A message that this very language has, without arguments; none where it lacks it.
    pub fn find(&self, key: &str) -> Option<String> {
        self.catalogues.own_message(self.locale, key)
    }

    /// A message with arguments.
    pub fn t_args(&self, key: &str, args: &[(&str, TextArg)]) -> String {
        self.format(key, args.iter().map(|(name, value)| (*name, value)))
    }

    /// The language these words are in, as a handle.
    pub fn locale(&self) -> Locale {
        self.locale
    }

    /// Value of the `lang` attribute: a BCP 47 tag.
    pub fn lang(&self) -> &str {
        self.language().map_or("en", |language| language.tag.as_str())
    }

    /// Value of the `dir` attribute: `ltr` or `rtl`.
    pub fn dir(&self) -> &'static str {
        self.language().map_or(Direction::LeftToRight, |language| language.direction).as_str()
    }

    /// The language's name in itself: `한국어`.
    pub fn name(&self) -> &str {
        self.language().map_or("English", |language| language.name.as_str())
    }

    /// Every language there is, for a chooser.
    pub fn languages(&self) -> impl ExactSizeIterator<Item = &Language> {
        self.catalogues.locales()
    }

    fn language(&self) -> Option<&Language> {
        self.catalogues.language(self.locale)
    }

    fn format<'a>(&self, key: &str, args: impl Iterator<Item = (&'a str, &'a TextArg)>) -> String {
        let mut fluent = FluentArgs::new();
        for (name, value) in args {
            match value {
                TextArg::Number(number) => fluent.set(name, *number),
                TextArg::Words(words) => fluent.set(name, words.as_str()),
            }
        }
        self.catalogues.message(self.locale, key, Some(&fluent))
    }
}
