//! Places in a document. A pattern has `*` where every element of a list or map is meant.

use std::fmt;

use serde_json::Value;

/// A step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    /// The member of this name.
    Key(String),
    /// Every element.
    Each,
}

/// A pattern of places in a document: `redirect_uris.*.url`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Path(Vec<Step>);

impl Path {
    /// This path, one member deeper.
    #[must_use]
    pub fn key(&self, name: &str) -> Self {
        let mut steps = self.0.clone();
        steps.push(Step::Key(name.to_owned()));
        Self(steps)
    }

    /// This path, one level deeper at every element.
    #[must_use]
    pub fn each(&self) -> Self {
        let mut steps = self.0.clone();
        steps.push(Step::Each);
        Self(steps)
    }

    /// Whether the path has one step only.
    pub fn is_top_level(&self) -> bool {
        self.0.len() == 1
    }

    /// Calls `found` with the exact place and value wherever the pattern leads in `document`.
    pub fn visit<'v>(&self, document: &'v Value, found: &mut dyn FnMut(&str, &'v Value)) {
        visit(&self.0, document, "", found);
    }

    /// Like [`Path::visit`], with values that may be changed.
    pub fn visit_mut(&self, document: &mut Value, found: &mut dyn FnMut(&str, &mut Value)) {
        visit_mut(&self.0, document, "", found);
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, step) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(".")?;
            }
            f.write_str(match step {
                Step::Key(name) => name,
                Step::Each => "*",
            })?;
        }
        Ok(())
    }
}

fn join(place: &str, step: &str) -> String {
    if place.is_empty() { step.to_owned() } else { format!("{place}.{step}") }
}

fn visit<'v>(steps: &[Step], value: &'v Value, place: &str, found: &mut dyn FnMut(&str, &'v Value)) {
    let Some((step, rest)) = steps.split_first() else { return found(place, value) };
    match (step, value) {
        (Step::Key(name), Value::Object(members)) => {
            if let Some(member) = members.get(name) {
                visit(rest, member, &join(place, name), found);
            }
        }
        (Step::Each, Value::Array(elements)) => {
            for (index, element) in elements.iter().enumerate() {
                visit(rest, element, &join(place, &index.to_string()), found);
            }
        }
        (Step::Each, Value::Object(members)) => {
            for (name, member) in members {
                visit(rest, member, &join(place, name), found);
            }
        }
        _ => {}
    }
}

fn visit_mut(steps: &[Step], value: &mut Value, place: &str, found: &mut dyn FnMut(&str, &mut Value)) {
    let Some((step, rest)) = steps.split_first() else { return found(place, value) };
    match (step, value) {
        (Step::Key(name), Value::Object(members)) => {
            if let Some(member) = members.get_mut(name) {
                visit_mut(rest, member, &join(place, name), found);
            }
        }
        (Step::Each, Value::Array(elements)) => {
            for (index, element) in elements.iter_mut().enumerate() {
                visit_mut(rest, element, &join(place, &index.to_string()), found);
            }
        }
        (Step::Each, Value::Object(members)) => {
            for (name, member) in members {
                visit_mut(rest, member, &join(place, name), found);
            }
        }
        _ => {}
    }
}
