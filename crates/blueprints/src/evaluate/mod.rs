//! Working out tags. What a file may make of itself is bounded, so that nested loops and doubled texts
//! end in a message rather than in memory.

use std::collections::HashMap;

use countersign_types::{JsonObject, RawId};
use serde_json::Value;

use crate::{
    Outside, Problem,
    format::percent,
    node::{Is, Node, Tag},
};

/// Most values that one application of a file works out.
const MAX_STEPS: usize = 1_000_000;
/// Most bytes of text that tags of one file bring forth.
const MAX_TEXT: usize = 32 * 1024 * 1024;

/// What `!Find` and `!FindObject` ask.
pub(crate) trait Lookup {
    /// The object of the model to which all of this applies.
    fn find(&mut self, model: &str, identifiers: &JsonObject) -> Result<Option<RawId>, Problem>;
    /// Its document, secrets left out.
    fn read(&mut self, model: &str, id: RawId) -> Result<Option<JsonObject>, Problem>;
}

/// One turn of a loop.
struct Turn {
    index: Value,
    value: Value,
}

/// The state of working out one file.
pub(crate) struct Evaluator<'a> {
    lookup: &'a mut dyn Lookup,
    outside: &'a Outside,
    context: JsonObject,
    keys: HashMap<String, RawId>,
    turns: Vec<Turn>,
    steps: usize,
    text: usize,
}

impl<'a> Evaluator<'a> {
    pub(crate) fn new(lookup: &'a mut dyn Lookup, outside: &'a Outside, state: Carried) -> Self {
        Self {
            lookup,
            outside,
            context: state.context,
            keys: state.keys,
            turns: Vec::new(),
            steps: state.steps,
            text: state.text,
        }
    }

    /// What the next entry goes on with.
    pub(crate) fn carry(self) -> Carried {
        Carried { context: self.context, keys: self.keys, steps: self.steps, text: self.text }
    }

    /// The value of every member.
    fn map(&mut self, members: &[(String, Node)]) -> Result<JsonObject, Problem> {
        members
            .iter()
            .map(|(key, node)| Ok((key.clone(), self.value(node).map_err(|problem| problem.at(key))?)))
            .collect()
    }

    /// The value of a map.
    pub(crate) fn object(&mut self, node: &Node) -> Result<JsonObject, Problem> {
        match self.value(node)? {
            Value::Object(members) => Ok(members),
            _ => Err(Problem::new("a map is needed").on_line(node.line)),
        }
    }

    /// The value of a node.
    pub(crate) fn value(&mut self, node: &Node) -> Result<Value, Problem> {
        self.work_out(node).map_err(|problem| problem.on_line(node.line))
    }

    fn work_out(&mut self, node: &Node) -> Result<Value, Problem> {
        self.steps += 1;
        if self.steps > MAX_STEPS {
            return Err(Problem::new(format!("more than {MAX_STEPS} values to work out")));
        }
        match &node.is {
            Is::Scalar(value) => Ok(value.clone()),
            Is::List(nodes) => nodes
                .iter()
                .enumerate()
                .map(|(index, node)| self.value(node).map_err(|problem| problem.at(index)))
                .collect(),
            Is::Map(members) => self.map(members).map(Value::Object),
            Is::Tag(tag, argument) => {
                let value = self.tag(*tag, argument)?;
                self.charge(&value)?;
                Ok(value)
            }
        }
    }

    /// Whether the value of a node counts as true.
    pub(crate) fn holds(&mut self, node: &Node) -> Result<bool, Problem> {
        self.value(node).map(|value| truth(&value))
    }

    /// Counts what a tag brought forth.
    fn charge(&mut self, value: &Value) -> Result<(), Problem> {
        self.text = self.text.saturating_add(weight(value));
        if self.text > MAX_TEXT {
            return Err(Problem::new(format!("tags bring forth more than {MAX_TEXT} bytes")));
        }
        Ok(())
    }

    fn tag(&mut self, tag: Tag, argument: &Node) -> Result<Value, Problem> {
        let arguments = argument.arguments();
        match tag {
            Tag::KeyOf => self.key_of(argument),
            Tag::Find => Ok(self.find(arguments)?.map_or(Value::Null, |(_, id)| Value::from(id.to_string()))),
            Tag::FindObject => self.find_object(arguments),
            Tag::Context => self.named(tag, arguments, |this, name| Ok(this.context.get(name).cloned())),
            Tag::Env => {
                self.named(tag, arguments, |this, name| Ok(this.outside.variable(name)?.map(Value::from)))
            }
            Tag::File => {
                self.named(tag, arguments, |this, name| Ok(this.outside.file(name)?.map(Value::from)))
            }
            Tag::Format => self.format(arguments),
            Tag::If => self.choose(arguments),
            Tag::Condition => self.condition(arguments),
            Tag::Enumerate => self.enumerate(arguments),
            Tag::Index => self.turn(tag, argument).map(|turn| turn.index.clone()),
            Tag::Value => self.turn(tag, argument).map(|turn| turn.value.clone()),
            Tag::AtIndex => self.at_index(arguments),
            Tag::ParseJson => {
                let text = self.text(tag, argument)?;
                serde_json::from_str(&text).map_err(|error| Problem::new(format!("!ParseJSON: {error}")))
            }
        }
    }

    /// A text argument.
    fn text(&mut self, tag: Tag, node: &Node) -> Result<String, Problem> {
        match self.value(node)? {
            Value::String(text) => Ok(text),
            other => Err(wrong(tag, &format!("text is needed, not {other}"))),
        }
    }

    fn key_of(&mut self, argument: &Node) -> Result<Value, Problem> {
        let id = self.text(Tag::KeyOf, argument)?;
        let found = self.keys.get(&id).map(|key| Value::from(key.to_string()));
        found.ok_or_else(|| wrong(Tag::KeyOf, &format!("no entry before this one has the id “{id}”")))
    }

    /// `name` or `[name, default]`.
    fn named(
        &mut self,
        tag: Tag,
        arguments: &[Node],
        get: impl Fn(&Self, &str) -> Result<Option<Value>, Problem>,
    ) -> Result<Value, Problem> {
        let (name, default) = match arguments {
            [name] => (name, None),
            [name, default] => (name, Some(default)),
            _ => return Err(wrong(tag, "a name, or [name, default], is needed")),
        };
        let name = self.text(tag, name)?;
        match (get(self, &name)?, default) {
            (Some(value), _) => Ok(value),
            (None, Some(default)) => self.value(default),
            (None, None) => Ok(Value::Null),
        }
    }

    /// `[model, [field, value], …]`.
    fn find(&mut self, arguments: &[Node]) -> Result<Option<(String, RawId)>, Problem> {
        let usage = "[model, [field, value], …] is needed";
        let Some((model, conditions)) = arguments.split_first().filter(|(_, rest)| !rest.is_empty()) else {
            return Err(wrong(Tag::Find, usage));
        };
        let model = self.text(Tag::Find, model)?;
        let mut identifiers = JsonObject::new();
        for condition in conditions {
            let Is::List(pair) = &condition.is else { return Err(wrong(Tag::Find, usage)) };
            let [field, value] = pair.as_slice() else { return Err(wrong(Tag::Find, usage)) };
            let field = self.text(Tag::Find, field)?;
            let value = self.value(value)?;
            identifiers.insert(field, value);
        }
        let found = self.lookup.find(&model, &identifiers)?;
        Ok(found.map(|id| (model, id)))
    }

    fn find_object(&mut self, arguments: &[Node]) -> Result<Value, Problem> {
        let Some((model, id)) = self.find(arguments)? else { return Ok(Value::Null) };
        let document = self.lookup.read(&model, id)?;
        Ok(document.map_or(Value::Null, |mut document| {
            document.entry("pk").or_insert_with(|| Value::from(id.to_string()));
            Value::Object(document)
        }))
    }

    /// `[format, a, b, …]`, as Python's `%`.
    fn format(&mut self, arguments: &[Node]) -> Result<Value, Problem> {
        let Some((pattern, values)) = arguments.split_first() else {
            return Err(wrong(Tag::Format, "[format, values…] is needed"));
        };
        let pattern = self.text(Tag::Format, pattern)?;
        let values = values.iter().map(|node| self.value(node)).collect::<Result<Vec<_>, _>>()?;
        percent(&pattern, &values).map(Value::from).map_err(|message| wrong(Tag::Format, &message))
    }

    /// `[condition]` or `[condition, then, else]`; only the branch taken is worked out.
    fn choose(&mut self, arguments: &[Node]) -> Result<Value, Problem> {
        match arguments {
            [condition] => self.holds(condition).map(Value::from),
            [condition, then, otherwise] => {
                let branch = if self.holds(condition)? { then } else { otherwise };
                self.value(branch)
            }
            _ => Err(wrong(Tag::If, "[condition] or [condition, then, else] is needed")),
        }
    }

    fn condition(&mut self, arguments: &[Node]) -> Result<Value, Problem> {
        let usage = "[AND|NAND|OR|NOR|XOR|XNOR|EQ|NEQ, values…] is needed";
        let Some((mode, nodes)) = arguments.split_first().filter(|(_, nodes)| !nodes.is_empty()) else {
            return Err(wrong(Tag::Condition, usage));
        };
        let mode = self.text(Tag::Condition, mode)?.to_ascii_uppercase();
        let values = nodes.iter().map(|node| self.value(node)).collect::<Result<Vec<_>, _>>()?;
        let odd = values.iter().filter(|value| truth(value)).count() % 2 == 1;
        let alike = values.windows(2).all(|pair| matches!(pair, [a, b] if a == b));
        let outcome = match mode.as_str() {
            "AND" => values.iter().all(truth),
            "NAND" => !values.iter().all(truth),
            "OR" => values.iter().any(truth),
            "NOR" => !values.iter().any(truth),
            "XOR" => odd,
            "XNOR" => !odd,
            "EQ" => alike,
            "NEQ" => !alike,
            _ => return Err(wrong(Tag::Condition, usage)),
        };
        Ok(Value::from(outcome))
    }

    /// `[list or map, SEQ|MAP, body]`.
    fn enumerate(&mut self, arguments: &[Node]) -> Result<Value, Problem> {
        let [over, shape, body] = arguments else {
            return Err(wrong(Tag::Enumerate, "[list or map, SEQ or MAP, body] is needed"));
        };
        let turns: Vec<Turn> = match self.value(over)? {
            Value::Array(elements) => elements
                .into_iter()
                .enumerate()
                .map(|(index, value)| Turn { index: index.into(), value })
                .collect(),
            Value::Object(members) => {
                members.into_iter().map(|(key, value)| Turn { index: key.into(), value }).collect()
            }
            _ => return Err(wrong(Tag::Enumerate, "its first argument must be a list or a map")),
        };
        match self.text(Tag::Enumerate, shape)?.to_ascii_uppercase().as_str() {
            "SEQ" => {
                let made: Result<Vec<_>, _> =
                    turns.into_iter().map(|turn| self.in_turn(turn, body)).collect();
                made.map(Value::Array)
            }
            "MAP" => {
                let mut made = JsonObject::new();
                for turn in turns {
                    let (key, value) = self.member(turn, body)?;
                    made.insert(key, value);
                }
                Ok(Value::Object(made))
            }
            _ => Err(wrong(Tag::Enumerate, "its second argument must be SEQ or MAP")),
        }
    }

    fn member(&mut self, turn: Turn, body: &Node) -> Result<(String, Value), Problem> {
        match self.in_turn(turn, body)? {
            Value::Array(pair) => match <[Value; 2]>::try_from(pair) {
                Ok([Value::String(key), value]) => Ok((key, value)),
                Ok([Value::Number(key), value]) => Ok((key.to_string(), value)),
                _ => Err(wrong(Tag::Enumerate, "for MAP the body must be [key, value]")),
            },
            _ => Err(wrong(Tag::Enumerate, "for MAP the body must be [key, value]")),
        }
    }

    fn in_turn(&mut self, turn: Turn, body: &Node) -> Result<Value, Problem> {
        self.turns.push(turn);
        let value = self.value(body);
        self.turns.pop();
        value
    }

    /// The turn so many loops further out.
    fn turn(&mut self, tag: Tag, argument: &Node) -> Result<&Turn, Problem> {
        let depth = match self.value(argument)? {
            Value::Null => Some(0),
            value => value.as_u64().and_then(|depth| usize::try_from(depth).ok()),
        };
        let turn = depth.and_then(|depth| self.turns.iter().rev().nth(depth));
        turn.ok_or_else(|| wrong(tag, "there is no !Enumerate so far out"))
    }

    /// `[list or map, key, default?]`.
    fn at_index(&mut self, arguments: &[Node]) -> Result<Value, Problem> {
        let (from, key, default) = match arguments {
            [from, key] => (from, key, None),
            [from, key, default] => (from, key, Some(default)),
            _ => return Err(wrong(Tag::AtIndex, "[list or map, key, default?] is needed")),
        };
        let (from, key) = (self.value(from)?, self.value(key)?);
        let found = match (&from, &key) {
            (Value::Array(elements), Value::Number(index)) => {
                let at = index.as_i64().and_then(|index| {
                    let length = i64::try_from(elements.len()).ok()?;
                    usize::try_from(if index < 0 { length + index } else { index }).ok()
                });
                at.and_then(|at| elements.get(at))
            }
            (Value::Object(members), Value::String(key)) => members.get(key),
            (Value::Object(members), Value::Number(key)) => members.get(&key.to_string()),
            _ => None,
        };
        match (found, default) {
            (Some(value), _) => Ok(value.clone()),
            (None, Some(default)) => self.value(default),
            (None, None) => Err(wrong(Tag::AtIndex, &format!("there is nothing at {key}"))),
        }
    }
}

/// What goes from entry to entry.
#[derive(Debug, Default)]
pub(crate) struct Carried {
    /// The context: defaults, then what was passed.
    pub(crate) context: JsonObject,
    /// Keys of the entries done so far, by `id`.
    pub(crate) keys: HashMap<String, RawId>,
    steps: usize,
    text: usize,
}

impl Carried {
    /// The beginning of a file.
    pub(crate) fn with_context(context: JsonObject) -> Self {
        Self { context, ..Self::default() }
    }
}

/// Truth as Python has it.
fn truth(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(value) => *value,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(elements) => !elements.is_empty(),
        Value::Object(members) => !members.is_empty(),
    }
}

/// Roughly how many bytes a value takes.
fn weight(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        Value::Array(elements) => elements.iter().map(|element| 8 + weight(element)).sum(),
        Value::Object(members) => members.iter().map(|(key, member)| 8 + key.len() + weight(member)).sum(),
        _ => 8,
    }
}

fn wrong(tag: Tag, message: &str) -> Problem {
    Problem::new(format!("{}: {message}", tag.as_str()))
}

#[cfg(test)]
mod tests;
