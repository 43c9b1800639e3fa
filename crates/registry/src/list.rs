//! What lists ask for and what they give, for surfaces that name no kind.

use countersign_store::Start;
use countersign_types::{JsonObject, RawId};

/// How API and console address an object of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// By its identifier.
    Uuid,
    /// By an integer that stands among the computed attributes under this name.
    Integer(&'static str),
    /// By an attribute of its document.
    Attribute(&'static str),
}

/// An object as it is shown.
#[derive(Clone, Debug)]
pub struct Viewed {
    /// Model label.
    pub model: &'static str,
    /// Identifier.
    pub id: RawId,
    /// How addresses name it, see [`Lookup`].
    pub key: String,
    /// What people call it; its identifier when it has no name.
    pub name: String,
    /// The document: no secrets; references are identifiers, as in blueprints.
    pub document: JsonObject,
    /// Read-only attributes; where they were not asked for, those alone that cost nothing.
    pub computed: JsonObject,
    /// Names what is kept: another version, another document.
    pub version: String,
}

/// A part of the objects of a kind.
#[derive(Clone, Debug, Default)]
pub struct ListQuery {
    /// Text to look for, whatever its case.
    pub search: Option<String>,
    /// What must hold, all of it.
    pub filters: Vec<Filter>,
    /// How to order, the most important first; the kind's own order when empty.
    pub order: Vec<Order>,
    /// Where to begin: after a page, where its [`ListPage::next`] says.
    pub start: Start,
    /// At most so many; 0 is none, for the count alone.
    pub limit: u32,
    /// Whether to count all that fit.
    pub count: bool,
    /// Whether to load the read-only attributes.
    pub computed: bool,
    /// Whether to load those too that cost more, see [`AnyResource::more`](crate::AnyResource::more).
    pub more: bool,
}

impl ListQuery {
    /// The first so many objects.
    pub fn first(limit: u32) -> Self {
        Self { limit, ..Self::default() }
    }

    /// The same, of those only in which the attribute has this value.
    #[must_use]
    pub fn with(mut self, field: impl Into<String>, value: impl Into<String>) -> Self {
        self.filters.push(Filter::is(field, value));
        self
    }
}

/// Something that must hold of an attribute. `attributes.room.number` looks into maps; of a list, one element
/// that fits is enough.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    /// Attribute of the document, read-only attribute, or `pk` for the identifier.
    pub field: String,
    /// How it is compared.
    pub op: FilterOp,
    /// With what, as text. Numbers and switches are compared by their text (`true`, `false`).
    pub values: Vec<String>,
}

impl Filter {
    /// That an attribute has this value.
    pub fn is(field: impl Into<String>, value: impl Into<String>) -> Self {
        Self { field: field.into(), op: FilterOp::Is, values: vec![value.into()] }
    }
}

/// A parameter of a kind's lists, as the API has it: an attribute, another name for one, or a question that only
/// lists answer.
#[derive(Clone, Copy, Debug)]
pub struct ListFilter {
    /// Name of the parameter.
    pub name: &'static str,
    /// Attribute that is asked about, see [`Filter::field`].
    pub field: &'static str,
    /// How it is compared. [`FilterOp::In`] may be said several times.
    pub op: FilterOp,
    /// What it does.
    pub about: &'static str,
}

impl ListFilter {
    /// A parameter.
    pub const fn new(name: &'static str, field: &'static str, op: FilterOp, about: &'static str) -> Self {
        Self { name, field, op, about }
    }

    /// That an attribute has a value.
    pub const fn is(name: &'static str, about: &'static str) -> Self {
        Self::new(name, name, FilterOp::Is, about)
    }
}

/// How an attribute is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FilterOp {
    /// Equal to the value.
    Is,
    /// Not equal to the value.
    IsNot,
    /// Equal to one of the values.
    In,
    /// Contains the value, whatever its case.
    Contains,
    /// Begins with the value, whatever its case.
    StartsWith,
    /// Is null (`true`) or is not (`false`); an empty list is null.
    IsNull,
    /// Not before or below the value: numbers as such, all else as text (times are RFC 3339).
    AtLeast,
    /// Not after or above the value.
    AtMost,
}

/// An attribute to order by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Attribute of the document, read-only attribute, or `pk`.
    pub field: String,
    /// Largest first.
    pub descending: bool,
}

/// A part of a list.
#[derive(Clone, Debug, Default)]
pub struct ListPage {
    /// The objects.
    pub items: Vec<Viewed>,
    /// How many fit in all, if that was asked.
    pub count: Option<u64>,
    /// Whether there may be more than that: counting them all would take longer than anybody waits.
    pub is_at_least: bool,
    /// Where to go on, when there is more.
    pub next: Option<String>,
    /// Whether the page was asked for by its number and lies, in part or as a whole, beyond what is looked at for
    /// that: only [`ListPage::next`] leads on.
    pub is_cut: bool,
}

/// Who refers to an object, and what deleting the object would do to him.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Usage {
    /// Model label of the object that refers.
    pub model: String,
    /// The object that refers.
    pub id: RawId,
    /// Its name; its identifier when it has none or must not be seen.
    pub name: String,
    /// The field, by its exact path.
    pub field: String,
    /// What deletion would do.
    pub action: UsageAction,
}

/// What deleting an object does to who refers to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UsageAction {
    /// He belongs to it and goes with it.
    Cascade,
    /// It is taken out of his list.
    CascadeMany,
    /// His reference is emptied.
    SetNull,
    /// His reference stays and leads nowhere.
    LeftDangling,
    /// He needs it: the object is not deleted.
    Blocks,
    /// It is the last that guards him: the object is deleted only when that is said expressly.
    Opens,
}

impl UsageAction {
    /// As authentik's API calls it; what it has no name for is left dangling there.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cascade => "cascade",
            Self::CascadeMany => "cascade_many",
            Self::SetNull => "set_null",
            Self::LeftDangling | Self::Blocks | Self::Opens => "left_dangling",
        }
    }
}
