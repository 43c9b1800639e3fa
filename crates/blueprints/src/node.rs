//! A YAML value with its tags and the lines it stands on.

use serde_json::Value;

use crate::Problem;

/// The tags of the format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tag {
    KeyOf,
    Find,
    FindObject,
    Context,
    Format,
    If,
    Condition,
    Enumerate,
    Index,
    Value,
    AtIndex,
    Env,
    File,
    ParseJson,
}

impl Tag {
    /// Every tag with its spelling.
    pub(crate) const ALL: [(&'static str, Self); 14] = [
        ("!KeyOf", Self::KeyOf),
        ("!Find", Self::Find),
        ("!FindObject", Self::FindObject),
        ("!Context", Self::Context),
        ("!Format", Self::Format),
        ("!If", Self::If),
        ("!Condition", Self::Condition),
        ("!Enumerate", Self::Enumerate),
        ("!Index", Self::Index),
        ("!Value", Self::Value),
        ("!AtIndex", Self::AtIndex),
        ("!Env", Self::Env),
        ("!File", Self::File),
        ("!ParseJSON", Self::ParseJson),
    ];

    pub(crate) fn parse(spelling: &str) -> Result<Self, Problem> {
        Self::ALL
            .iter()
            .find(|(name, _)| *name == spelling)
            .map(|(_, tag)| *tag)
            .ok_or_else(|| Problem::new(format!("{spelling} is not a tag of blueprints")))
    }

    /// The spelling, for messages.
    pub(crate) fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(_, tag)| *tag == self).map_or("", |(name, _)| name)
    }
}

/// A value that may still have to be worked out, and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    /// The line, counted from 1: that of its key in a map, otherwise that at which it begins.
    pub(crate) line: usize,
    /// What it is.
    pub(crate) is: Is,
}

/// What a node is.
#[derive(Clone, Debug)]
pub(crate) enum Is {
    /// A scalar.
    Scalar(Value),
    /// A list.
    List(Vec<Node>),
    /// A map with text keys, in the order written.
    Map(Vec<(String, Node)>),
    /// A tag with its argument.
    Tag(Tag, Box<Node>),
}

impl Node {
    /// The arguments of a tag: the list's elements, or the one value.
    pub(crate) fn arguments(&self) -> &[Self] {
        match &self.is {
            Is::List(nodes) => nodes,
            _ => std::slice::from_ref(self),
        }
    }

    /// The text of a plain text scalar.
    pub(crate) fn as_str(&self) -> Option<&str> {
        match &self.is {
            Is::Scalar(Value::String(text)) => Some(text),
            _ => None,
        }
    }

    /// Whether nothing is written here.
    pub(crate) fn is_null(&self) -> bool {
        matches!(self.is, Is::Scalar(Value::Null))
    }

    /// The line of what a dotted path leads to, or of what is nearest to it: what a tag makes stands where the tag
    /// does, and what is missing where it would be.
    pub(crate) fn line_at<'p>(&self, mut path: impl Iterator<Item = &'p str>) -> usize {
        let Some(step) = path.next() else { return self.line };
        let next = match &self.is {
            Is::Map(members) => member(members, step),
            Is::List(elements) => step.parse().ok().and_then(|index: usize| elements.get(index)),
            _ => None,
        };
        next.map_or(self.line, |next| next.line_at(path))
    }
}

/// The member of this name.
pub(crate) fn member<'m>(members: &'m [(String, Node)], name: &str) -> Option<&'m Node> {
    members.iter().find(|(key, _)| key == name).map(|(_, node)| node)
}
