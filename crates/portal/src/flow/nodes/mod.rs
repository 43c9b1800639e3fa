//! A challenge as a page: one view for each kind of node, so that no stage has a template of its own.

use countersign_flows::{
    Button, Challenge, Field, FieldKind, Link, LinkRole, Node, NoticeLevel, PendingUserView, SourceLink,
};
use countersign_i18n::Localizer;
use countersign_types::{FieldErrors, TextArg};
use countersign_web::Avatar;

mod field;
#[cfg(test)]
mod tests;
mod view;

pub(crate) use field::{ComfortView, FieldView, Widget};
pub(crate) use view::{ActionView, CaptchaView, ChallengeView, NodeView, Person, Said, SourceView, Summary};

use field::{autocomplete, widget};

impl ChallengeView {
    /// The challenge in the words of a language.
    pub(crate) fn of(challenge: &Challenge, words: &Localizer) -> Self {
        let mut builder = Builder::new(challenge, words);
        for node in &challenge.nodes {
            builder.add(node);
        }
        builder.finish()
    }
}

struct Builder<'a> {
    words: &'a Localizer,
    challenge: &'a Challenge,
    nodes: Vec<NodeView>,
    ways: Vec<(String, String)>,
    /// Buttons in a row, not yet among the nodes.
    actions: Vec<ActionView>,
    /// Fields so far, for their identifiers.
    count: usize,
    /// Where a button belongs when the challenge has none: after the last field.
    after_fields: usize,
    has_button: bool,
    /// No button is marked as the primary one, so the first is.
    first_is_primary: bool,
    has_primary: bool,
    /// The field at which the page begins was found.
    is_focused: bool,
}

impl<'a> Builder<'a> {
    fn new(challenge: &'a Challenge, words: &'a Localizer) -> Self {
        let flagged = |node: &Node| matches!(node, Node::Button(button) if button.primary);
        Self {
            words,
            challenge,
            nodes: Vec::new(),
            ways: Vec::new(),
            actions: Vec::new(),
            count: 0,
            after_fields: 0,
            has_button: false,
            first_is_primary: !challenge.nodes.iter().any(flagged),
            has_primary: false,
            is_focused: false,
        }
    }

    fn add(&mut self, node: &Node) {
        match node {
            Node::Button(button) => self.button(button),
            Node::Link(Link { label, href, role: LinkRole::Prominent }) => {
                self.actions.push(ActionView::Go(self.words.text(label), href.clone()));
            }
            Node::Link(Link { label, href, role: LinkRole::Secondary }) => {
                self.ways.push((self.words.text(label), href.clone()));
            }
            Node::Source(link) => self.source(link),
            Node::Field(field) => {
                let view = self.field(field);
                self.place(NodeView::Field(Box::new(view)));
                self.after_fields = self.nodes.len();
            }
            Node::Paragraph(text) => self.place(NodeView::Paragraph(self.words.text(text))),
            Node::Code(code) => self.place(NodeView::Code(code.clone())),
            Node::Notice(level, text) => {
                self.place(NodeView::Notice(Said {
                    level: level_class(*level),
                    text: self.words.text(text),
                }));
            }
            Node::Separator(text) => {
                let text = text.as_ref().map(|text| self.words.text(text));
                self.place(NodeView::Separator(text));
            }
            Node::Captcha(widget) => {
                let about = self.challenge.errors.about(widget.field);
                let errors: Vec<String> = about.map(|error| self.words.text(&error.message)).collect();
                let view = CaptchaView { widget: widget.clone(), errors: errors.join(" ") };
                self.place(NodeView::Captcha(Box::new(view)));
                self.after_fields = self.nodes.len();
            }
            Node::Permissions(heading, list) => {
                let heading = heading.as_ref().map(|heading| self.words.text(heading));
                let name = |permission: &countersign_flows::Permission| match permission.name.as_str() {
                    "" => permission.id.clone(),
                    name => self.words.words(name),
                };
                self.place(NodeView::Permissions(heading, list.iter().map(name).collect()));
            }
        }
    }

    /// Sources in a row stand together.
    fn source(&mut self, link: &SourceLink) {
        let view = SourceView {
            label: self.words.text(&link.label),
            icon: link.icon.clone(),
            href: link.href.clone(),
            promoted: link.promoted,
            is_bare: link.icon.is_some() && !link.is_labelled,
        };
        self.flush();
        match self.nodes.last_mut() {
            Some(NodeView::Sources(row)) => row.push(view),
            _ => self.nodes.push(NodeView::Sources(vec![view])),
        }
    }

    /// Puts a node that is no button after the buttons before it.
    fn place(&mut self, node: NodeView) {
        self.flush();
        self.nodes.push(node);
    }

    fn flush(&mut self) {
        if !self.actions.is_empty() {
            self.nodes.push(NodeView::Actions(std::mem::take(&mut self.actions)));
        }
    }

    /// The primary button comes first, since the Enter key presses the first of the form.
    fn button(&mut self, button: &Button) {
        let is_marked = button.primary || (self.first_is_primary && !self.has_button);
        let primary = is_marked && !self.has_primary;
        self.has_primary |= primary;
        self.has_button = true;
        let label = self.words.text(&button.label);
        let view = match &button.value {
            Some((name, value)) => ActionView::Choose { label, name, value: value.clone(), primary },
            None if button.danger => ActionView::Destroy(label),
            None => ActionView::Send(label, primary),
        };
        if primary {
            self.actions.insert(0, view);
        } else {
            self.actions.push(view);
        }
    }

    fn field(&mut self, field: &Field) -> FieldView {
        let id = format!("field-{}", self.count);
        self.count += 1;
        let errors: Vec<String> =
            self.challenge.errors.about(&field.name).map(|error| self.words.text(&error.message)).collect();
        let errors = errors.join(" ");
        let widget = widget(field);
        let is_shown = !matches!(widget, Widget::Hidden);
        let read_only = matches!(field.kind, FieldKind::ReadOnly | FieldKind::TextAreaReadOnly);
        let is_wanted = if self.challenge.errors.is_empty() { field.autofocus } else { !errors.is_empty() };
        let autofocus = is_shown && is_wanted && !self.is_focused;
        self.is_focused |= autofocus;
        let has_optional_word =
            !field.required && is_shown && !read_only && !matches!(widget, Widget::Checkbox);
        let described: Vec<String> = [(field.help.is_some(), "help"), (!errors.is_empty(), "error")]
            .into_iter()
            .filter(|(is_there, _)| *is_there)
            .map(|(_, what)| format!("{id}-{what}"))
            .collect();
        FieldView {
            name: field.name.clone(),
            label: self.words.text(&field.label),
            help: field.help.as_ref().map(|help| self.words.text(help)),
            errors,
            value: field.value.clone(),
            placeholder: field
                .placeholder
                .as_ref()
                .map(|text| self.words.text(text))
                .filter(|text| !text.is_empty()),
            required: field.required && !read_only,
            optional: has_optional_word.then(|| self.words.t("word-optional")),
            nothing: self.words.t("portal-choose"),
            read_only,
            autocomplete: autocomplete(field),
            autofocus,
            max_length: field.max_length,
            described_by: (!described.is_empty()).then(|| described.join(" ")),
            comfort: field.comfort.map(|comfort| ComfortView::of(comfort, self.words)),
            widget,
            id,
        }
    }

    fn finish(mut self) -> ChallengeView {
        let is_source = |node: &NodeView| matches!(node, NodeView::Sources(_));
        let has_way = self.actions.iter().any(|action| matches!(action, ActionView::Go(..)))
            || self.nodes.iter().any(is_source);
        self.flush();
        if !self.has_button && (self.count > 0 || !has_way) {
            let send = ActionView::Send(self.words.t("action-continue"), true);
            let at = if self.count > 0 { self.after_fields } else { self.nodes.len() };
            self.nodes.insert(at, NodeView::Actions(vec![send]));
        }
        let is_file = |field: &Field| field.kind == FieldKind::File;
        let person = self.challenge.pending_user.as_ref().map(Person::of);
        let asks_password = self.challenge.fields().any(|field| field.kind == FieldKind::Password);
        ChallengeView {
            summary: summary(&self.nodes, &self.challenge.errors, self.words),
            username_hint: person.as_ref().filter(|_| asks_password).map(|person| person.name.clone()),
            is_multipart: self.challenge.fields().any(is_file),
            has_comforts: self.challenge.fields().any(|field| field.comfort.is_some()),
            nodes: self.nodes,
            ways: self.ways,
            person,
        }
    }
}

impl Person {
    fn of(user: &PendingUserView) -> Self {
        Self {
            avatar: Avatar::of(&user.name).with_picture(&user.avatar),
            name: user.name.clone(),
            switch_url: user.switch_url.clone(),
        }
    }
}

/// A page with one field says what is wrong beside it and nowhere else.
fn summary(nodes: &[NodeView], errors: &FieldErrors, words: &Localizer) -> Option<Summary> {
    let shown: Vec<&FieldView> = nodes
        .iter()
        .filter_map(|node| if let NodeView::Field(field) = node { Some(&**field) } else { None })
        .filter(|field| !matches!(field.widget, Widget::Hidden))
        .collect();
    let wrong: Vec<&&FieldView> = shown.iter().filter(|field| field.is_invalid()).collect();
    let is_of_shown = |path: &str| shown.iter().any(|field| field.name == path);
    let mut general: Vec<String> = errors
        .0
        .iter()
        .filter(|error| !is_of_shown(&error.path))
        .map(|error| words.text(&error.message))
        .collect();
    general.dedup();
    if general.is_empty() && (wrong.is_empty() || shown.len() < 2) {
        return None;
    }
    let count = TextArg::Number(i64::try_from(wrong.len()).unwrap_or(i64::MAX));
    let heading =
        if wrong.is_empty() { String::new() } else { words.t_args("error-summary", &[("count", count)]) };
    let fields =
        wrong.iter().map(|field| (field.id.clone(), field.label.clone(), field.errors.clone())).collect();
    Some(Summary { heading, general, fields })
}

const fn level_class(level: NoticeLevel) -> &'static str {
    match level {
        NoticeLevel::Info => "info",
        NoticeLevel::Warning => "warning",
        NoticeLevel::Danger => "danger",
        NoticeLevel::Success => "success",
    }
}
