//! A YAML value with its tags, bounded in size and depth before anything is evaluated.

use serde_json::{Number, Value};
use serde_yaml_ng::Value as Yaml;

use crate::Problem;

/// Longest file that is read.
pub(crate) const MAX_BYTES: usize = 1024 * 1024;
/// Deepest nesting of lists, maps and tags.
const MAX_DEPTH: usize = 64;
/// Most values in a file, aliases expanded.
const MAX_NODES: usize = 250_000;

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
    const ALL: [(&'static str, Self); 14] = [
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

    fn parse(spelling: &str) -> Result<Self, Problem> {
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

/// A value that may still have to be worked out.
#[derive(Clone, Debug)]
pub(crate) enum Node {
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
        match self {
            Self::List(nodes) => nodes,
            other => std::slice::from_ref(other),
        }
    }

    /// The text of a plain text scalar.
    pub(crate) fn as_str(&self) -> Option<&str> {
        match self {
            Self::Scalar(Value::String(text)) => Some(text),
            _ => None,
        }
    }
}

/// Reads YAML text.
pub(crate) fn parse(text: &str) -> Result<Node, Problem> {
    if text.len() > MAX_BYTES {
        return Err(Problem::new(format!("the file is longer than {MAX_BYTES} bytes")));
    }
    let mut yaml: Yaml = serde_yaml_ng::from_str(text)
        .map_err(|error| Problem::new(format!("not readable as YAML: {error}")))?;
    let mut budget = MAX_NODES;
    measure(&yaml, 0, &mut budget)?;
    yaml.apply_merge().map_err(|error| Problem::new(format!("not readable as YAML: {error}")))?;
    let mut budget = MAX_NODES;
    measure(&yaml, 0, &mut budget)?;
    convert(yaml)
}

/// Refuses what is too deep or too large, before anything recurses over it freely.
fn measure(yaml: &Yaml, depth: usize, budget: &mut usize) -> Result<(), Problem> {
    if depth > MAX_DEPTH {
        return Err(Problem::new(format!("nested more than {MAX_DEPTH} levels deep")));
    }
    *budget = budget
        .checked_sub(1)
        .ok_or_else(|| Problem::new(format!("more than {MAX_NODES} values in one file")))?;
    match yaml {
        Yaml::Sequence(elements) => {
            elements.iter().try_for_each(|element| measure(element, depth + 1, budget))
        }
        Yaml::Mapping(members) => members.iter().try_for_each(|(key, value)| {
            measure(key, depth + 1, budget)?;
            measure(value, depth + 1, budget)
        }),
        Yaml::Tagged(tagged) => measure(&tagged.value, depth + 1, budget),
        _ => Ok(()),
    }
}

fn convert(yaml: Yaml) -> Result<Node, Problem> {
    Ok(match yaml {
        Yaml::Null => Node::Scalar(Value::Null),
        Yaml::Bool(value) => Node::Scalar(Value::Bool(value)),
        Yaml::Number(number) => Node::Scalar(Value::Number(convert_number(&number)?)),
        Yaml::String(text) => Node::Scalar(Value::String(text)),
        Yaml::Sequence(elements) => {
            let convert_at = |(index, element)| convert(element).map_err(|problem| problem.at(index));
            Node::List(elements.into_iter().enumerate().map(convert_at).collect::<Result<_, _>>()?)
        }
        Yaml::Mapping(members) => {
            let mut nodes = Vec::with_capacity(members.len());
            for (key, value) in members {
                let key = key_text(&key)?;
                let node = convert(value).map_err(|problem| problem.at(&key))?;
                nodes.push((key, node));
            }
            Node::Map(nodes)
        }
        Yaml::Tagged(tagged) => {
            let tag = Tag::parse(&tagged.tag.to_string())?;
            Node::Tag(tag, Box::new(convert(tagged.value)?))
        }
    })
}

fn convert_number(number: &serde_yaml_ng::Number) -> Result<Number, Problem> {
    let whole = number.as_i64().map(Number::from).or_else(|| number.as_u64().map(Number::from));
    whole
        .or_else(|| number.as_f64().and_then(Number::from_f64))
        .ok_or_else(|| Problem::new(format!("{number} is not a number that can be kept")))
}

/// Keys of maps are text; numbers and truth values count as their spelling.
fn key_text(key: &Yaml) -> Result<String, Problem> {
    match key {
        Yaml::String(text) => Ok(text.clone()),
        Yaml::Number(number) => Ok(number.to_string()),
        Yaml::Bool(value) => Ok(value.to_string()),
        _ => Err(Problem::new("a key of a map must be text")),
    }
}
