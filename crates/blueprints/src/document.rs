//! The head and the entries of a blueprint file (version 1).

use crate::{
    EntryName, Problem,
    node::{Is, Node},
    yaml,
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
    pub(crate) identifiers: Node,
    pub(crate) attrs: Node,
    /// Who may do what with the object.
    pub(crate) permissions: Vec<Node>,
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
        let root = yaml::parse(text).map_err(head)?;
        let Is::Map(members) = root.is else {
            return Err(head(Problem::new("a blueprint is a map with version, metadata and entries")));
        };
        let mut document =
            Self { name: String::new(), labels: Vec::new(), context: Vec::new(), entries: Vec::new() };
        let mut versioned = false;
        let mut has_entries = false;
        for (key, value) in members {
            let line = value.line;
            let placed = |problem: Problem| (None, problem.at(&key).on_line(line));
            match key.as_str() {
                "version" => {
                    versioned = true;
                    check_version(&value).map_err(placed)?;
                }
                "metadata" => document.read_metadata(value).map_err(placed)?,
                "context" => document.context = map(value).map_err(placed)?,
                "entries" => {
                    has_entries = true;
                    document.read_entries(value)?;
                }
                // Written for editors; without meaning here.
                "$schema" => {}
                _ => {
                    let known = "unknown key; known are version, metadata, context, entries";
                    return Err(placed(Problem::new(known)));
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

    /// The models of the entries that say theirs without a tag, each once.
    pub fn models(&self) -> Vec<&str> {
        let mut models: Vec<&str> = self.entries.iter().map(|entry| entry.name.model.as_str()).collect();
        models.sort_unstable();
        models.dedup();
        models.retain(|model| !model.is_empty());
        models
    }

    fn read_metadata(&mut self, value: Node) -> Result<(), Problem> {
        for (key, value) in map(value)? {
            let line = value.line;
            match key.as_str() {
                "name" => {
                    self.name = text(&value).map_err(|problem| problem.at("name").on_line(line))?;
                }
                "labels" => {
                    for (label, value) in map(value).map_err(|problem| problem.at("labels").on_line(line))? {
                        let value = match &value.is {
                            Is::Scalar(serde_json::Value::String(text)) => text.clone(),
                            Is::Scalar(value) => value.to_string(),
                            _ => {
                                let problem = Problem::new("a label is text").on_line(value.line);
                                return Err(problem.at(label).at("labels"));
                            }
                        };
                        self.labels.push((label, value));
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn read_entries(&mut self, value: Node) -> Result<(), (Option<Box<EntryName>>, Problem)> {
        let line = value.line;
        match value.is {
            Is::List(entries) => self.read_section(None, entries),
            Is::Map(sections) => sections.into_iter().try_for_each(|(section, entries)| match entries.is {
                Is::List(entries) => self.read_section(Some(&section), entries),
                // A heading with nothing under it.
                Is::Scalar(serde_json::Value::Null) => Ok(()),
                _ => {
                    let problem = Problem::new("a section is a list of entries").on_line(entries.line);
                    Err((None, problem.at(section).at("entries")))
                }
            }),
            _ => {
                let problem = Problem::new("a list, or a map of sections, is needed").on_line(line);
                Err((None, problem.at("entries")))
            }
        }
    }

    fn read_section(
        &mut self,
        section: Option<&str>,
        entries: Vec<Node>,
    ) -> Result<(), (Option<Box<EntryName>>, Problem)> {
        for entry in entries {
            if self.entries.len() >= MAX_ENTRIES {
                return Err((None, Problem::new(format!("more than {MAX_ENTRIES} entries")).at("entries")));
            }
            let mut name = EntryName {
                number: self.entries.len() + 1,
                line: Some(entry.line),
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
    let empty = || Node { line: entry.line, is: Is::Map(Vec::new()) };
    let mut model = None;
    let mut read = Entry {
        name: EntryName::default(),
        model: empty(),
        id: None,
        state: None,
        conditions: Vec::new(),
        identifiers: empty(),
        attrs: empty(),
        permissions: Vec::new(),
    };
    let Is::Map(members) = entry.is else { return Err(Problem::new("an entry is a map")) };
    for (key, value) in members {
        let line = value.line;
        let placed = |problem: Problem| problem.at(&key).on_line(line);
        match key.as_str() {
            "model" => {
                name.model = value.as_str().unwrap_or_default().to_owned();
                model = Some(value);
            }
            "id" => {
                name.id = value.as_str().map(str::to_owned);
                read.id = Some(value).filter(|id| !id.is_null());
            }
            "state" => read.state = Some(value),
            "conditions" => read.conditions = list(value).map_err(placed)?,
            "identifiers" => read.identifiers = mapping(value).map_err(placed)?,
            "attrs" => read.attrs = mapping(value).map_err(placed)?,
            "permissions" => read.permissions = list(value).map_err(placed)?,
            _ => {
                let known =
                    "unknown key; known are model, id, state, conditions, identifiers, attrs, permissions";
                return Err(placed(Problem::new(known)));
            }
        }
    }
    read.model = model.ok_or_else(|| Problem::new("missing").at("model"))?;
    read.name = name.clone();
    Ok(read)
}

fn check_version(value: &Node) -> Result<(), Problem> {
    match &value.is {
        Is::Scalar(serde_json::Value::Number(number)) if number.as_i64() == Some(1) => Ok(()),
        _ => Err(Problem::new("only version 1 is known")),
    }
}

/// A map; nothing counts as an empty one.
fn mapping(value: Node) -> Result<Node, Problem> {
    let line = value.line;
    Ok(Node { line, is: Is::Map(map(value)?) })
}

fn map(value: Node) -> Result<Vec<(String, Node)>, Problem> {
    match value.is {
        Is::Map(members) => Ok(members),
        Is::Scalar(serde_json::Value::Null) => Ok(Vec::new()),
        _ => Err(Problem::new("a map is needed")),
    }
}

fn list(value: Node) -> Result<Vec<Node>, Problem> {
    match value.is {
        Is::List(elements) => Ok(elements),
        Is::Scalar(serde_json::Value::Null) => Ok(Vec::new()),
        _ => Err(Problem::new("a list is needed")),
    }
}

fn text(value: &Node) -> Result<String, Problem> {
    value.as_str().map(str::to_owned).ok_or_else(|| Problem::new("text is needed"))
}
