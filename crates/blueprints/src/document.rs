//! The head and the entries of a blueprint file (version 1).

use crate::{
    EntryName, Problem, lines,
    node::{self, Node},
};

/// Most entries in one file.
const MAX_ENTRIES: usize = 5_000;

/// A blueprint as read; nothing in it is evaluated yet.
#[derive(Clone, Debug)]
pub struct Document {
    /// Name by which others may ask for it.
    pub name: String,
    /// Labels, in the order written.
    pub labels: Vec<(String, String)>,
    /// Default context.
    pub(crate) context: Vec<(String, Node)>,
    /// All entries, sections joined.
    pub(crate) entries: Vec<Entry>,
}

/// An entry as read.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// Number and section; `id` and model are filled in when they are plain text.
    pub(crate) name: EntryName,
    pub(crate) model: Node,
    pub(crate) id: Option<Node>,
    pub(crate) state: Option<Node>,
    pub(crate) conditions: Vec<Node>,
    pub(crate) identifiers: Vec<(String, Node)>,
    pub(crate) attrs: Vec<(String, Node)>,
    pub(crate) has_permissions: bool,
}

/// What an entry wants of its object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// To exist with these attributes.
    Present,
    /// To exist; left alone when it does.
    Created,
    /// To be made; it is an error when it exists.
    MustCreated,
    /// Not to exist.
    Absent,
}

impl State {
    pub(crate) fn parse(text: &str) -> Result<Self, Problem> {
        match text {
            "present" => Ok(Self::Present),
            "created" => Ok(Self::Created),
            "must_created" => Ok(Self::MustCreated),
            "absent" => Ok(Self::Absent),
            other => Err(Problem::new(format!(
                "“{other}” is not a state (present, created, must_created, absent)"
            ))),
        }
    }
}

impl Document {
    /// Reads a file's text; a problem names the entry it is in.
    pub fn parse(text: &str) -> Result<Self, (Option<Box<EntryName>>, Problem)> {
        let head = |problem: Problem| (None, problem);
        let root = node::parse(text).map_err(head)?;
        let Node::Map(members) = root else {
            return Err(head(Problem::new("a blueprint is a map with version, metadata and entries")));
        };
        let mut document =
            Self { name: String::new(), labels: Vec::new(), context: Vec::new(), entries: Vec::new() };
        let mut versioned = false;
        let mut has_entries = false;
        for (key, value) in members {
            match key.as_str() {
                "version" => {
                    versioned = true;
                    check_version(&value).map_err(|problem| head(problem.at("version")))?;
                }
                "metadata" => {
                    document.read_metadata(value).map_err(|problem| head(problem.at("metadata")))?;
                }
                "context" => document.context = map(value).map_err(|problem| head(problem.at("context")))?,
                "entries" => {
                    has_entries = true;
                    document.read_entries(value, &lines::of_entries(text))?;
                }
                // Written for editors; without meaning here.
                "$schema" => {}
                other => {
                    return Err(head(
                        Problem::new("unknown key; known are version, metadata, context, entries").at(other),
                    ));
                }
            }
        }
        match (versioned, has_entries) {
            (false, _) => Err(head(Problem::new("missing; version: 1 is needed").at("version"))),
            (_, false) => Err(head(Problem::new("missing").at("entries"))),
            _ => Ok(document),
        }
    }

    /// The label of this name.
    pub fn label(&self, name: &str) -> Option<&str> {
        self.labels.iter().find(|(label, _)| label == name).map(|(_, value)| value.as_str())
    }

    fn read_metadata(&mut self, value: Node) -> Result<(), Problem> {
        for (key, value) in map(value)? {
            match key.as_str() {
                "name" => self.name = text(&value).map_err(|problem| problem.at("name"))?,
                "labels" => {
                    for (label, value) in map(value).map_err(|problem| problem.at("labels"))? {
                        let value = match &value {
                            Node::Scalar(serde_json::Value::String(text)) => text.clone(),
                            Node::Scalar(value) => value.to_string(),
                            _ => return Err(Problem::new("a label is text").at(label).at("labels")),
                        };
                        self.labels.push((label, value));
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Reads the entries, which begin at these lines.
    fn read_entries(
        &mut self,
        value: Node,
        lines: &[usize],
    ) -> Result<(), (Option<Box<EntryName>>, Problem)> {
        let count = |section: &Node| if let Node::List(entries) = section { entries.len() } else { 0 };
        let entries = match &value {
            Node::Map(sections) => sections.iter().map(|(_, section)| count(section)).sum(),
            list => count(list),
        };
        // A line is right or it is not told.
        let lines = if lines.len() == entries { lines } else { &[] };
        match value {
            Node::List(entries) => self.read_section(None, entries, lines),
            Node::Map(sections) => sections.into_iter().try_for_each(|(section, entries)| match entries {
                Node::List(entries) => self.read_section(Some(&section), entries, lines),
                _ => Err((None, Problem::new("a section is a list of entries").at(section).at("entries"))),
            }),
            _ => Err((None, Problem::new("a list, or a map of sections, is needed").at("entries"))),
        }
    }

    fn read_section(
        &mut self,
        section: Option<&str>,
        entries: Vec<Node>,
        lines: &[usize],
    ) -> Result<(), (Option<Box<EntryName>>, Problem)> {
        for entry in entries {
            if self.entries.len() >= MAX_ENTRIES {
                return Err((None, Problem::new(format!("more than {MAX_ENTRIES} entries")).at("entries")));
            }
            let mut name = EntryName {
                number: self.entries.len() + 1,
                line: lines.get(self.entries.len()).copied(),
                section: section.map(str::to_owned),
                ..EntryName::default()
            };
            match read_entry(entry, &mut name) {
                Ok(entry) => self.entries.push(entry),
                Err(problem) => return Err((Some(Box::new(name)), problem)),
            }
        }
        Ok(())
    }
}

fn read_entry(entry: Node, name: &mut EntryName) -> Result<Entry, Problem> {
    let Node::Map(members) = entry else { return Err(Problem::new("an entry is a map")) };
    let mut model = None;
    let mut read = Entry {
        name: EntryName::default(),
        model: Node::Scalar(serde_json::Value::Null),
        id: None,
        state: None,
        conditions: Vec::new(),
        identifiers: Vec::new(),
        attrs: Vec::new(),
        has_permissions: false,
    };
    for (key, value) in members {
        match key.as_str() {
            "model" => {
                name.model = value.as_str().unwrap_or_default().to_owned();
                model = Some(value);
            }
            "id" => {
                name.id = value.as_str().map(str::to_owned);
                read.id = Some(value).filter(|id| !matches!(id, Node::Scalar(serde_json::Value::Null)));
            }
            "state" => read.state = Some(value),
            "conditions" => match value {
                Node::List(conditions) => read.conditions = conditions,
                _ => return Err(Problem::new("a list is needed").at("conditions")),
            },
            "identifiers" => read.identifiers = map(value).map_err(|problem| problem.at("identifiers"))?,
            "attrs" => read.attrs = map(value).map_err(|problem| problem.at("attrs"))?,
            "permissions" => {
                read.has_permissions = !matches!(&value, Node::List(rows) if rows.is_empty());
            }
            other => {
                let known =
                    "unknown key; known are model, id, state, conditions, identifiers, attrs, permissions";
                return Err(Problem::new(known).at(other));
            }
        }
    }
    read.model = model.ok_or_else(|| Problem::new("missing").at("model"))?;
    read.name = name.clone();
    Ok(read)
}

fn check_version(value: &Node) -> Result<(), Problem> {
    match value {
        Node::Scalar(serde_json::Value::Number(number)) if number.as_i64() == Some(1) => Ok(()),
        _ => Err(Problem::new("only version 1 is known")),
    }
}

fn map(value: Node) -> Result<Vec<(String, Node)>, Problem> {
    match value {
        Node::Map(members) => Ok(members),
        Node::Scalar(serde_json::Value::Null) => Ok(Vec::new()),
        _ => Err(Problem::new("a map is needed")),
    }
}

fn text(value: &Node) -> Result<String, Problem> {
    value.as_str().map(str::to_owned).ok_or_else(|| Problem::new("text is needed"))
}
