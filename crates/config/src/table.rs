//! The form of the table of settings: what one row says, and the macro that makes a struct of a section.

use crate::load::Reader;

/// One row of the table.
#[derive(Debug)]
pub(crate) struct Key {
    /// Section, empty at the top level.
    pub(crate) section: &'static str,
    /// Name within the section.
    pub(crate) name: &'static str,
    /// Help text, one line of source each.
    pub(crate) doc: &'static [&'static str],
    /// Default as it would be written; empty when there is none.
    pub(crate) default: &'static str,
    /// Bounds of a number, both included.
    pub(crate) range: Option<(i64, i64)>,
    /// Further variables that set it, beside those made from its name.
    pub(crate) aliases: &'static [&'static str],
    /// What kind of value it takes.
    pub(crate) shape: &'static str,
}

impl Key {
    /// Dotted path in the file: `listen.http`.
    pub(crate) fn path(&self) -> String {
        if self.section.is_empty() { self.name.to_owned() } else { format!("{}.{}", self.section, self.name) }
    }

    /// Name of the variable after its prefix: `LISTEN__HTTP`.
    pub(crate) fn variable_tail(&self) -> String {
        self.path().replace('.', "__").to_ascii_uppercase()
    }

    /// The variable that sets it: `COUNTERSIGN_LISTEN__HTTP`.
    pub(crate) fn variable(&self) -> String {
        format!("COUNTERSIGN_{}", self.variable_tail())
    }
}

/// Rows of one section with its heading.
pub(crate) struct SectionTable {
    pub(crate) name: &'static str,
    pub(crate) about: &'static [&'static str],
    pub(crate) keys: &'static [Key],
}

/// A struct made from rows of the table.
pub(crate) trait Section: Sized {
    /// Adds its rows, then those of the sections inside it.
    fn tables(into: &mut Vec<SectionTable>);

    /// Takes its values; `None` when one of them was unusable, which the reader has noted.
    fn read(reader: &mut Reader) -> Option<Self>;
}

/// Rows of the table, and from them a struct:
/// `name: Type = "default" in MIN..=MAX or "FURTHER_VARIABLE";`
macro_rules! settings {
    (
        $(#[doc = $about:literal])+
        $section:literal => $Section:ident {
            $(
                $(#[doc = $doc:literal])+
                $key:ident: $type:ty = $default:literal $(in $min:literal ..= $max:literal)? $(or $alias:literal)*;
            )+
        }
        $(with { $($(#[doc = $inner_doc:literal])+ $inner:ident: $Inner:ty;)+ })?
    ) => {
        $(#[doc = $about])+
        #[derive(Clone, Debug)]
        pub struct $Section {
            $($(#[doc = $doc])+ pub $key: $type,)+
            $($($(#[doc = $inner_doc])+ pub $inner: $Inner,)+)?
        }

        impl $Section {
            const KEYS: &'static [$crate::table::Key] = &[$($crate::table::Key {
                section: $section,
                name: stringify!($key),
                doc: &[$($doc),+],
                default: $default,
                range: $crate::table::range!($($min $max)?),
                aliases: &[$($alias),*],
                shape: <$type as $crate::value::Value>::SHAPE,
            }),+];
        }

        impl $crate::table::Section for $Section {
            fn tables(into: &mut Vec<$crate::table::SectionTable>) {
                into.push($crate::table::SectionTable {
                    name: $section,
                    about: &[$($about),+],
                    keys: Self::KEYS,
                });
                $($(<$Inner as $crate::table::Section>::tables(into);)+)?
            }

            fn read(reader: &mut $crate::load::Reader) -> Option<Self> {
                // Everything is read before anything is given up, so that all problems are found at once.
                let mut rows = Self::KEYS.iter();
                $(let $key = rows.next().and_then(|row| reader.value::<$type>(row));)+
                $($(let $inner = <$Inner as $crate::table::Section>::read(reader);)+)?
                Some(Self { $($key: $key?,)+ $($($inner: $inner?,)+)? })
            }
        }
    };
}

/// The bounds of a row, if it states any.
macro_rules! range {
    () => {
        None
    };
    ($min:literal $max:literal) => {
        Some(($min, $max))
    };
}

pub(crate) use {range, settings};
