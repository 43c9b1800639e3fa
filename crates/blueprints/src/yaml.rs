//! From YAML text to nodes, bounded in size and depth before anything is worked out.
//!
//! Plain scalars are read by the core schema of YAML 1.2 (chapter 10.3.2): `yes` and `off` are words. `<<` merges
//! maps, as most readers of YAML 1.1 have it.

use std::collections::{HashMap, HashSet};

use saphyr_parser::{Event, Parser, ScalarStyle, Span};
use serde_json::{Number, Value};

use crate::{
    Problem,
    node::{Is, Node, Tag},
};

/// Longest file that is read.
pub(crate) const MAX_BYTES: usize = 1024 * 1024;
/// Deepest nesting of lists, maps and tags.
const MAX_DEPTH: usize = 64;
/// Most values in a file, aliases expanded.
const MAX_NODES: usize = 250_000;
/// Beginning of the tags that YAML itself knows.
const CORE: &str = "tag:yaml.org,2002:";

/// Reads YAML text.
pub(crate) fn parse(text: &str) -> Result<Node, Problem> {
    if text.len() > MAX_BYTES {
        return Err(Problem::new(format!("the file is longer than {MAX_BYTES} bytes")));
    }
    let mut reader =
        Reader { events: Parser::new_from_str(text), anchors: HashMap::new(), budget: MAX_NODES };
    let mut root = None;
    loop {
        match reader.next()? {
            (Event::DocumentStart(_), at) if root.is_some() => {
                return Err(Problem::new("more than one document in a file").on_line(line(at)));
            }
            (Event::DocumentStart(_), _) => {
                let first = reader.next()?;
                root = Some(reader.node(first, 0)?);
            }
            (Event::StreamEnd, at) => {
                let empty = Node { line: line(at), is: Is::Scalar(Value::Null) };
                return Ok(root.unwrap_or(empty));
            }
            _ => {}
        }
    }
}

/// An anchored value with how many values and levels it has.
struct Anchored {
    node: Node,
    size: usize,
    depth: usize,
}

/// A file on its way from events to nodes.
struct Reader<'t> {
    events: Parser<'t, saphyr_parser::StrInput<'t>>,
    anchors: HashMap<usize, Anchored>,
    /// Values that may still come.
    budget: usize,
}

impl<'t> Reader<'t> {
    fn next(&mut self) -> Result<(Event<'t>, Span), Problem> {
        let ended = || Problem::new("not readable as YAML: it ends in the middle");
        self.events.next_event().ok_or_else(ended)?.map_err(|error| {
            Problem::new(format!("not readable as YAML: {}", error.info())).on_line(error.marker().line())
        })
    }

    /// The value that begins with this event.
    fn node(&mut self, (event, at): (Event<'t>, Span), depth: usize) -> Result<Node, Problem> {
        let line = line(at);
        let before = self.budget;
        self.charge(1, depth).map_err(|problem| problem.on_line(line))?;
        let (anchor, tag, is) = match event {
            Event::Alias(anchor) => return self.alias(anchor, line, depth),
            Event::Scalar(text, style, anchor, tag) => {
                let tag = tag.map(|tag| spelling(&tag.handle, &tag.suffix));
                let is_plain = style == ScalarStyle::Plain && tag.as_deref() != Some("!!str");
                let value = scalar(&text, is_plain).map_err(|problem| problem.on_line(line))?;
                (anchor, tag, Is::Scalar(value))
            }
            Event::SequenceStart(anchor, tag) => {
                let tag = tag.map(|tag| spelling(&tag.handle, &tag.suffix));
                (anchor, tag, Is::List(self.elements(depth + 1)?))
            }
            Event::MappingStart(anchor, tag) => {
                let tag = tag.map(|tag| spelling(&tag.handle, &tag.suffix));
                (anchor, tag, Is::Map(self.members(depth + 1)?))
            }
            _ => return Err(Problem::new("not readable as YAML: a value is missing").on_line(line)),
        };
        let mut node = Node { line, is };
        if let Some(tag) = tag.filter(|tag| !tag.starts_with("!!")) {
            let tag = Tag::parse(&tag).map_err(|problem| problem.on_line(line))?;
            node = Node { line, is: Is::Tag(tag, Box::new(node)) };
        }
        if anchor > 0 {
            let (size, depth) = (before.saturating_sub(self.budget), levels(&node));
            self.anchors.insert(anchor, Anchored { node: node.clone(), size, depth });
        }
        Ok(node)
    }

    fn alias(&mut self, anchor: usize, line: usize, depth: usize) -> Result<Node, Problem> {
        let problem = |words: &str| Problem::new(format!("not readable as YAML: {words}")).on_line(line);
        let Some(anchored) = self.anchors.get(&anchor) else {
            return Err(problem("an alias stands inside of what it names"));
        };
        let (size, levels) = (anchored.size, anchored.depth);
        self.charge(size, depth + levels).map_err(|problem| problem.on_line(line))?;
        let anchored = self.anchors.get(&anchor).ok_or_else(|| problem("an alias names nothing"))?;
        Ok(Node { line, is: anchored.node.is.clone() })
    }

    fn elements(&mut self, depth: usize) -> Result<Vec<Node>, Problem> {
        let mut elements = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok(elements),
                first => {
                    let index = elements.len();
                    elements.push(self.node(first, depth).map_err(|problem| problem.at(index))?);
                }
            }
        }
    }

    fn members(&mut self, depth: usize) -> Result<Vec<(String, Node)>, Problem> {
        let mut members: Vec<(String, Node)> = Vec::new();
        let mut merged = Vec::new();
        let mut names = HashSet::new();
        loop {
            let first = self.next()?;
            if matches!(first.0, Event::MappingEnd) {
                break;
            }
            let line = line(first.1);
            let is_merge = matches!(&first.0, Event::Scalar(text, ScalarStyle::Plain, ..) if text == "<<");
            let key = key(&self.node(first, depth)?).map_err(|problem| problem.on_line(line))?;
            let value = self.next()?;
            let mut node = self.node(value, depth).map_err(|problem| problem.at(&key))?;
            if is_merge {
                merged.push(node);
                continue;
            }
            node.line = line;
            if !names.insert(key.clone()) {
                return Err(Problem::new("it is said twice").on_line(line).at(key));
            }
            members.push((key, node));
        }
        for node in merged {
            merge(&mut members, &mut names, node)?;
        }
        Ok(members)
    }

    /// Counts values, and looks how deep they stand.
    fn charge(&mut self, values: usize, depth: usize) -> Result<(), Problem> {
        if depth > MAX_DEPTH {
            return Err(Problem::new(format!("nested more than {MAX_DEPTH} levels deep")));
        }
        let rest = self.budget.checked_sub(values);
        self.budget =
            rest.ok_or_else(|| Problem::new(format!("more than {MAX_NODES} values in one file")))?;
        Ok(())
    }
}

/// Adds what `<<` brings and the map does not say itself.
fn merge(members: &mut Vec<(String, Node)>, names: &mut HashSet<String>, from: Node) -> Result<(), Problem> {
    match from.is {
        Is::Map(more) => {
            for (key, node) in more {
                if names.insert(key.clone()) {
                    members.push((key, node));
                }
            }
            Ok(())
        }
        Is::List(maps) if maps.iter().all(|map| matches!(map.is, Is::Map(_))) => {
            maps.into_iter().try_for_each(|map| merge(members, names, map))
        }
        _ => Err(Problem::new("<< takes a map or a list of maps").on_line(from.line)),
    }
}

fn line(at: Span) -> usize {
    at.start.line()
}

/// How a tag is written: `!Find`, and `!!str` for those of YAML itself.
fn spelling(handle: &str, suffix: &str) -> String {
    match format!("{handle}{suffix}") {
        whole if whole.starts_with(CORE) => whole.replacen(CORE, "!!", 1),
        whole => whole,
    }
}

/// How many levels a value has; never more than a file may.
fn levels(node: &Node) -> usize {
    let deepest = |nodes: &mut dyn Iterator<Item = &Node>| nodes.map(levels).max().map_or(0, |most| most + 1);
    match &node.is {
        Is::Scalar(_) => 0,
        Is::List(elements) => deepest(&mut elements.iter()),
        Is::Map(members) => deepest(&mut members.iter().map(|(_, node)| node)),
        Is::Tag(_, argument) => levels(argument),
    }
}

/// Keys of maps are text; numbers and truth values count as their spelling.
fn key(node: &Node) -> Result<String, Problem> {
    match &node.is {
        Is::Scalar(Value::String(text)) => Ok(text.clone()),
        Is::Scalar(Value::Number(number)) => Ok(number.to_string()),
        Is::Scalar(Value::Bool(value)) => Ok(value.to_string()),
        _ => Err(Problem::new("a key of a map must be text")),
    }
}

/// A scalar's value.
fn scalar(text: &str, is_plain: bool) -> Result<Value, Problem> {
    if !is_plain {
        return Ok(Value::from(text));
    }
    Ok(match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ if is_number(text) => {
            let number = number(text).map(Value::Number);
            number.ok_or_else(|| Problem::new(format!("{text} is not a number that can be kept")))?
        }
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" | "-.inf" | "-.Inf" | "-.INF" | ".nan"
        | ".NaN" | ".NAN" => {
            return Err(Problem::new(format!("{text} is not a number that can be kept")));
        }
        _ => Value::from(text),
    })
}

/// Whether a plain scalar is a number: `-7`, `0x1f`, `0o17`, `1.5e3`.
fn is_number(text: &str) -> bool {
    let of = |digits: &str, radix| !digits.is_empty() && digits.chars().all(|digit| digit.is_digit(radix));
    if let Some(digits) = text.strip_prefix("0x") {
        return of(digits, 16);
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return of(digits, 8);
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['-', '+']).unwrap_or(exponent))),
        None => (unsigned, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |text: &str| text.chars().all(|digit| digit.is_ascii_digit());
    // A number with leading zeros is text: a telephone number, a code.
    let is_padded = whole.len() > 1 && whole.starts_with('0');
    !is_padded
        && (!whole.is_empty() || !fraction.is_empty())
        && digits(whole)
        && digits(fraction)
        && exponent.is_none_or(|exponent| of(exponent, 10))
}

fn number(text: &str) -> Option<Number> {
    if let Some(digits) = text.strip_prefix("0x") {
        return u64::from_str_radix(digits, 16).ok().map(Number::from);
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return u64::from_str_radix(digits, 8).ok().map(Number::from);
    }
    let signed = text.strip_prefix('+').unwrap_or(text);
    let whole = signed.parse::<i64>().map(Number::from).ok();
    let whole = whole.or_else(|| signed.parse::<u64>().map(Number::from).ok());
    whole.or_else(|| signed.parse().ok().and_then(Number::from_f64))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(node: &Node) -> Value {
        match &node.is {
            Is::Scalar(value) => value.clone(),
            Is::List(elements) => elements.iter().map(value).collect(),
            Is::Map(members) => members
                .iter()
                .map(|(key, node)| (key.clone(), value(node)))
                .collect::<serde_json::Map<_, _>>()
                .into(),
            Is::Tag(tag, argument) => serde_json::json!({ tag.as_str(): value(argument) }),
        }
    }

    #[test]
    fn scalars_are_those_of_yaml_1_2() {
        for (text, wanted) in [
            (
                "[1, -2, +3, 0x1f, 0o17, 18446744073709551615]",
                serde_json::json!([1, -2, 3, 31, 15, u64::MAX]),
            ),
            (
                "[1.5, -.5, 2., 1e3, 007, 1_000, 1:30]",
                serde_json::json!([1.5, -0.5, 2.0, 1000.0, "007", "1_000", "1:30"]),
            ),
            (
                "[true, False, ~, null, '', yes, on]",
                serde_json::json!([true, false, null, null, "", "yes", "on"]),
            ),
            ("['1', \"true\", !!str 1, !!int 1]", serde_json::json!(["1", "true", "1", 1])),
            ("|\n  a\n  b\n", serde_json::json!("a\nb\n")),
            (">-\n  a\n  b\n", serde_json::json!("a b")),
            ("", Value::Null),
            ("{1: a, true: b}", serde_json::json!({"1": "a", "true": "b"})),
        ] {
            assert_eq!(value(&parse(text).unwrap()), wanted, "{text}");
        }
    }

    #[test]
    fn aliases_and_merged_maps_stand_for_what_they_name() {
        let text = "base: &base {a: 1, b: 2}\nmore: &more {b: 3, c: 4}\none: {<<: *base, a: 5}\nall: {<<: [*base, *more]}\ntwice: *base\n";
        let found = value(&parse(text).unwrap());
        assert_eq!(found["one"], serde_json::json!({"a": 5, "b": 2}));
        assert_eq!(found["all"], serde_json::json!({"a": 1, "b": 2, "c": 4}));
        assert_eq!(found["twice"], found["base"]);
    }

    #[test]
    fn what_is_no_blueprint_is_told_with_its_line() {
        for (text, words) in [
            ("a: 1\nb: 2\na: 3\n", "a, line 3: it is said twice"),
            ("a: 1\nb: [\n", "b, line 3: not readable as YAML"),
            ("a: 1\n---\nb: 2\n", "line 2: more than one document"),
            ("a:\n  - 1\n  - !Exec x\n", "a.1, line 3: !Exec is not a tag"),
            ("a:\n  ? [b]\n  : 1\n", "a, line 2: a key of a map must be text"),
            ("<<: 1\n", "line 1: << takes a map"),
            ("a: &a [*a]\n", "a.0, line 1: not readable as YAML: an alias stands inside"),
        ] {
            let found = parse(text).unwrap_err().to_string();
            assert!(found.starts_with(words), "{text}: {found}");
        }
    }

    #[test]
    fn every_value_knows_its_line() {
        let root = parse(
            "a: 1\nb:\n  c: |\n    words\n  d:\n    - x\n    - e: 2\n      f: 3\nl: [1,\n  2]\nt: !Find\n  - x\n",
        );
        let root = root.unwrap();
        for (path, line) in [
            ("a", 1),
            ("b", 2),
            ("b.c", 3),
            ("b.d.0", 6),
            ("b.d.1", 7),
            ("b.d.1.f", 8),
            ("l.1", 10),
            ("b.d.1.missing", 7),
            ("t.made.by.it", 11),
            ("missing", 1),
        ] {
            assert_eq!(root.line_at(path.split('.')), line, "{path}");
        }
    }
}
