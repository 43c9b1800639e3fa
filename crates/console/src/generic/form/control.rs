//! What a form shows: what the macros of `templates/components/control.html` take.

use askama::Template;

use crate::cx::ConsoleCx;

/// Something to fill in.
#[derive(Clone, Debug)]
pub(crate) struct Control {
    /// Place in the document, and name of the form's field: `redirect_uris.0.url`.
    pub(crate) name: String,
    pub(crate) label: String,
    /// Words of ours, in pieces: plain text, or code.
    pub(crate) help: Vec<Piece>,
    pub(crate) errors: Vec<String>,
    pub(crate) is_required: bool,
    pub(crate) widget: Widget,
}

/// A piece of help.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    Text(String),
    Code(String),
}

/// How it is filled in.
#[derive(Clone, Debug)]
pub(crate) enum Widget {
    /// One line. `is_code` is set in the monospace font and without corrections.
    Line {
        value: String,
        is_code: bool,
        max_length: Option<u64>,
    },
    /// An address of a file, with those that are used already, and the picture that it is.
    File {
        value: String,
        known: Vec<String>,
        picture: Option<String>,
    },
    /// A moment, in UTC.
    Moment {
        value: String,
    },
    Number {
        value: String,
        min: Option<i64>,
        max: Option<i64>,
    },
    Color {
        value: String,
    },
    /// Written and never read. `keeps`: left empty, what there is stays.
    Secret {
        keeps: bool,
    },
    /// Several lines. `editor` names what may take its place: `expression`, `json`, `markdown`, `lines`.
    Area {
        value: String,
        editor: &'static str,
    },
    Checkbox {
        is_on: bool,
    },
    Select {
        groups: Vec<Group>,
        none: Option<String>,
    },
    /// Several of few.
    Picks {
        groups: Vec<Group>,
    },
    /// One of many, by name; with a script the names are suggested while typing.
    Combo {
        value: String,
        target: String,
    },
    /// Several of many, one name a line; with a script the names are suggested while typing.
    Names {
        value: String,
        target: String,
    },
    /// A list of objects.
    Entries {
        rows: Vec<Vec<Control>>,
    },
    /// An object of its own.
    Nested {
        controls: Vec<Control>,
    },
}

/// Choices under a heading; empty when there is none.
#[derive(Clone, Debug, Default)]
pub(crate) struct Group {
    pub(crate) heading: String,
    pub(crate) choices: Vec<Choice>,
}

/// A choice.
#[derive(Clone, Debug)]
pub(crate) struct Choice {
    pub(crate) value: String,
    pub(crate) label: String,
    pub(crate) is_chosen: bool,
}

/// A control, rendered.
#[derive(Template)]
#[template(path = "components/control_view.html")]
pub(crate) struct ControlView<'v> {
    cx: &'v ConsoleCx,
    c: &'v Control,
}

impl Control {
    /// Renders it.
    pub(crate) const fn view<'v>(&'v self, cx: &'v ConsoleCx) -> ControlView<'v> {
        ControlView { cx, c: self }
    }

    /// Identifier of the element.
    pub(crate) fn id(&self) -> String {
        format!("f-{}", self.name.replace('.', "-"))
    }

    /// Whether something is wrong with it.
    pub(crate) fn is_invalid(&self) -> bool {
        !self.errors.is_empty()
    }

    /// Value of `aria-describedby`; empty when nothing describes it.
    pub(crate) fn described_by(&self) -> String {
        let id = self.id();
        let mut ids = Vec::new();
        if !self.help.is_empty() {
            ids.push(format!("{id}-help"));
        }
        if self.is_invalid() {
            ids.push(format!("{id}-error"));
        }
        ids.join(" ")
    }

    /// Whether the browser itself asks for it: only of widgets that it can ask about.
    pub(crate) fn browser_asks(&self) -> bool {
        let asks = match &self.widget {
            Widget::Line { .. }
            | Widget::File { .. }
            | Widget::Number { .. }
            | Widget::Select { .. }
            | Widget::Combo { .. } => true,
            Widget::Secret { keeps } => !keeps,
            _ => false,
        };
        asks && self.is_required
    }

    /// Complaints of this control and of those within it: identifier, label, words.
    pub(crate) fn complaints(&self) -> Vec<(String, String, String)> {
        let mut found: Vec<_> =
            self.errors.iter().map(|words| (self.id(), self.label.clone(), words.clone())).collect();
        let within: Vec<&Self> = match &self.widget {
            Widget::Entries { rows } => rows.iter().flatten().collect(),
            Widget::Nested { controls } => controls.iter().collect(),
            _ => Vec::new(),
        };
        for control in within {
            for (id, label, words) in control.complaints() {
                found.push((id, format!("{}, {label}", self.label), words));
            }
        }
        found
    }
}

/// Text with `code` between backquotes, in pieces.
pub(crate) fn pieces(text: &str) -> Vec<Piece> {
    let parts = text.split('`').enumerate().filter(|(_, part)| !part.is_empty());
    parts
        .map(|(index, part)| match index % 2 {
            0 => Piece::Text(part.to_owned()),
            _ => Piece::Code(part.to_owned()),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_in_help_is_told_from_words() {
        let found = pieces("Leave `sub` empty.");
        let expected =
            [Piece::Text("Leave ".into()), Piece::Code("sub".into()), Piece::Text(" empty.".into())];
        assert_eq!(found, expected);
        assert!(pieces("").is_empty());
    }
}
