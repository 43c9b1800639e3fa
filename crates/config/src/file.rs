//! The file: YAML or TOML, flattened to dotted paths.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use serde_json::Value as Json;

use crate::{
    ignored::is_ignored,
    indirection::{ReadError, read_bounded},
    load::{Candidate, MAX_VALUE_BYTES, Rank},
    nearest::nearest,
    problem::{Origin, Problem, Warning},
    table::Key,
};

/// The largest file that is read.
const MAX_FILE_BYTES: usize = 1 << 20;

/// Deepest nesting of brackets. The YAML scanner takes quadratic time over brackets that stay open, before the
/// parser's own limit is met.
const MAX_BRACKETS: usize = 100;

/// How many problems are looked for: a wrong file given by mistake has thousands.
const MAX_PROBLEMS: usize = 100;

/// Every setting that the file makes.
pub(crate) fn collect(
    path: &Path,
    keys: &[&'static Key],
    problems: &mut Vec<Problem>,
    warnings: &mut Vec<Warning>,
) -> Vec<Candidate> {
    let text = match read_bounded(path, MAX_FILE_BYTES) {
        Ok(text) => text,
        Err(ReadError::Absent(why) | ReadError::Unusable(why)) => {
            problems.push(Problem::File { path: path.to_owned(), complaint: format!("the file {why}") });
            return Vec::new();
        }
    };
    match parse(path, &text) {
        Ok(Json::Null) => Vec::new(),
        Ok(Json::Object(root)) => {
            let paths = keys.iter().map(|key| key.path()).collect();
            let mut walk = Walk { path, text: &text, keys: paths, found: Vec::new(), problems, warnings };
            for (name, value) in &root {
                walk.visit(name.clone(), value);
            }
            walk.found
        }
        Ok(_) => {
            let complaint = "the file must hold settings by name".to_owned();
            problems.push(Problem::File { path: path.to_owned(), complaint });
            Vec::new()
        }
        Err(complaint) => {
            problems.push(Problem::File { path: path.to_owned(), complaint });
            Vec::new()
        }
    }
}

/// By extension; whatever is not TOML is YAML. First into the format's own value, which refuses a name given twice.
fn parse(path: &Path, text: &str) -> Result<Json, String> {
    if open_brackets(text) > MAX_BRACKETS {
        return Err("the file is nested too deeply".to_owned());
    }
    let is_toml = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("toml"));
    if is_toml {
        let table: toml::Table = toml::from_str(text).map_err(|error| toml_complaint(text, &error))?;
        serde_json::to_value(table).map_err(|error| error.to_string())
    } else {
        let value: serde_yaml_ng::Value = serde_yaml_ng::from_str(text).map_err(|error| error.to_string())?;
        serde_json::to_value(value).map_err(|error| error.to_string())
    }
}

/// The most brackets open at once. Those in texts and comments count too, which nobody's file will notice.
fn open_brackets(text: &str) -> usize {
    let (mut open, mut most) = (0_usize, 0);
    for byte in text.bytes() {
        match byte {
            b'[' | b'{' => open += 1,
            b']' | b'}' => open = open.saturating_sub(1),
            _ => {}
        }
        most = most.max(open);
    }
    most
}

/// The reason and the line; not the source line, which may hold a secret.
fn toml_complaint(text: &str, error: &toml::de::Error) -> String {
    let line =
        error.span().and_then(|span| text.get(..span.start)).map(|before| before.matches('\n').count() + 1);
    match line {
        Some(line) => format!("{} at line {line}", error.message()),
        None => error.message().to_owned(),
    }
}

struct Walk<'a> {
    path: &'a Path,
    text: &'a str,
    keys: BTreeSet<String>,
    found: Vec<Candidate>,
    problems: &'a mut Vec<Problem>,
    warnings: &'a mut Vec<Warning>,
}

impl Walk<'_> {
    fn visit(&mut self, name: String, value: &Json) {
        if self.problems.len() >= MAX_PROBLEMS {
            return;
        }
        if value.is_null() && (self.keys.contains(&name) || self.is_section(&name)) {
            return;
        }
        if self.keys.contains(&name) {
            self.setting(name, value);
        } else if is_ignored(&name) {
            let origin = self.origin(&name);
            self.warnings
                .push(Warning(format!("{origin}: {name}: this setting of authentik has no effect here")));
        } else if let (true, Json::Object(section)) = (self.leads_on(&name), value) {
            for (key, value) in section {
                self.visit(format!("{name}.{key}"), value);
            }
        } else if self.is_section(&name) {
            self.complain(name, "is a section: its settings go below it".to_owned());
        } else {
            let origin = self.origin(&name);
            let nearest = nearest(&name, self.keys.iter().cloned());
            self.problems.push(Problem::Unknown { name: bounded(name), origin, nearest });
        }
    }

    fn setting(&mut self, name: String, value: &Json) {
        match scalar(value) {
            Some(text) if text.len() <= MAX_VALUE_BYTES => {
                let origin = self.origin(&name);
                self.found.push(Candidate { path: name, text, origin, rank: Rank::File });
            }
            Some(_) => self.complain(name, format!("must be at most {MAX_VALUE_BYTES} bytes long")),
            None => self.complain(name, "must be a single value".to_owned()),
        }
    }

    fn is_section(&self, name: &str) -> bool {
        let below = format!("{name}.");
        self.keys.iter().any(|key| key.starts_with(&below))
    }

    /// Whether something known stands below: a section of ours, or one of which authentik has more.
    fn leads_on(&self, name: &str) -> bool {
        self.is_section(name) || crate::ignored::is_ignored_below(name)
    }

    fn complain(&mut self, key: String, complaint: String) {
        let origin = self.origin(&key);
        self.problems.push(Problem::Value { key, origin, value: None, complaint });
    }

    fn origin(&self, name: &str) -> Origin {
        Origin::File(PathBuf::from(self.path), line_of(self.text, name))
    }
}

/// A single value as it would be written in a variable. A list is joined by commas; an empty one, unlike an
/// empty text, was meant.
fn scalar(value: &Json) -> Option<String> {
    match value {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        Json::Bool(flag) => Some(flag.to_string()),
        Json::Array(items) if items.is_empty() => Some("none".to_owned()),
        Json::Array(items) => {
            let texts: Option<Vec<&str>> = items.iter().map(Json::as_str).collect();
            texts.map(|texts| texts.join(","))
        }
        Json::Null | Json::Object(_) => None,
    }
}

/// The line on which a setting is written: each part of its path in turn, looked for from where the part before
/// it stood. Good for files as people write them; `None` for the rest.
fn line_of(text: &str, path: &str) -> Option<usize> {
    let mut lines = text.lines().enumerate();
    let mut rest = path;
    loop {
        let (line, source) = lines.find(|(_, line)| names(line, rest) || names(line, first_part(rest)))?;
        if names(source, rest) {
            return Some(line + 1);
        }
        rest = rest.split_once('.')?.1;
    }
}

fn first_part(path: &str) -> &str {
    path.split('.').next().unwrap_or(path)
}

/// Whether a line of YAML or TOML begins with the name: `name:`, `name =`, `[name]`.
fn names(line: &str, name: &str) -> bool {
    let line = line.trim_start().trim_start_matches(['[', '"', '\'']);
    line.strip_prefix(name)
        .is_some_and(|rest| rest.trim_start_matches(['"', '\'']).trim_start().starts_with([':', '=', ']']))
}

fn bounded(name: String) -> String {
    if name.len() <= 100 { name } else { name.chars().take(100).chain(['…']).collect() }
}
