//! The pages around a form.

use actix_web::{HttpResponse, http::StatusCode};
use askama::Template;
use countersign_registry::{Viewed, Written};
use countersign_resource::Descriptor;
use countersign_types::{JsonObject, RawId, TextArg};
use countersign_web::{Pairs, WebError};
use serde_json::Value;

use super::{Control, Filling, Mode, Shape, Shown, Widget, files, options, permission, shapes, words};
use crate::{
    cx::{ConsoleCx, fault},
    expressions::Beside,
    generic::{places::Place, show},
    kit::{Cell, Code, Column, Link, Row, Table},
    shell::{Frame, Header, with_parameter},
};

/// A form to be shown.
pub(crate) struct FormView<'f> {
    kind: &'f Descriptor,
    header: Header,
    /// Where it is sent.
    action: String,
    /// Where "cancel" leads.
    back: String,
    next: Option<String>,
    mode: Mode,
    submit: String,
    /// The object, when there is one already.
    object: Option<RawId>,
}

#[derive(Template)]
#[template(path = "console/form.html")]
struct FormPage<'f> {
    cx: &'f ConsoleCx,
    frame: Frame,
    action: String,
    back: String,
    next: Option<String>,
    version: String,
    submit: String,
    summary: Option<Summary>,
    stale: Option<Table>,
    sections: Vec<Section>,
    /// What stands beside an expression.
    beside: Option<Beside>,
}

/// Complaints on top of a form: identifier of the element, label, words.
struct Summary {
    heading: String,
    general: Vec<String>,
    fields: Vec<(String, String, String)>,
}

/// Fields under a heading.
struct Section {
    heading: String,
    is_folded: bool,
    /// Whether a folded section is open at first, since something in it is wrong.
    is_open: bool,
    controls: Vec<Control>,
}

impl<'f> FormView<'f> {
    /// For a new object.
    pub(crate) fn blank(cx: &ConsoleCx, place: &Place, kind: &'f Descriptor, next: Option<String>) -> Self {
        let name = words::name(cx, kind);
        let title = cx.t_with("console-new-title", "kind", &name);
        let mut header = show::header(cx, place, title);
        if place.models.len() > 1 {
            header = header.crumb(cx.t("console-new"), format!("{}~new/", place.path));
        }
        let back = next.clone().unwrap_or_else(|| place.path.clone());
        Self {
            kind,
            header: header.script("form"),
            action: with_parameter(&format!("{}~new/", place.path), "kind", kind.model),
            back,
            next,
            mode: Mode::New,
            submit: cx.t("console-create"),
            object: None,
        }
    }

    /// For changes to an object.
    pub(crate) fn of(
        cx: &ConsoleCx,
        place: &Place,
        kind: &'f Descriptor,
        viewed: &Viewed,
        next: Option<String>,
    ) -> Self {
        let here = format!("{}{}/", place.path, viewed.key);
        let name = show::described(&cx.snapshot, viewed);
        let header = show::header(cx, place, cx.t_with("console-edit-title", "name", &name));
        Self {
            kind,
            header: header.crumb(&name, &here).script("form"),
            action: format!("{here}edit/"),
            back: next.clone().unwrap_or(here),
            next,
            mode: Mode::Change,
            submit: cx.t("action-save"),
            object: Some(viewed.id),
        }
    }

    /// Renders it.
    pub(crate) async fn show(
        self,
        cx: &ConsoleCx,
        status: StatusCode,
        shown: Shown,
    ) -> Result<HttpResponse, WebError> {
        let shapes = shapes(self.kind);
        let options = options(cx, self.kind, &shown.document).await?;
        let files = files(cx, &shapes);
        let filling = Filling {
            cx,
            files: &files,
            registry: cx.registry(),
            kind: self.kind,
            document: &shown.document,
            options: &options,
            errors: &shown.errors,
            mode: self.mode,
        };
        let sections = sections(cx, &filling, &shapes);
        let mut header = self.header;
        let controls = || sections.iter().flat_map(|section| &section.controls);
        if controls().any(|control| matches!(control.widget, Widget::Area { editor: "expression", .. }))
            && cx.app.assets().has("js/console/editor.js")
        {
            header = header.script("editor");
        }
        let beside = Beside::of(cx, self.kind, self.object);
        if beside.as_ref().is_some_and(|beside| beside.preview().is_some()) {
            header = header.script("preview");
        }
        let page = FormPage {
            cx,
            frame: cx.frame(header),
            action: self.action,
            back: self.back,
            next: self.next,
            version: shown.version.clone(),
            submit: self.submit,
            summary: Summary::of(cx, &shown, &sections),
            stale: shown.kept.as_ref().map(|kept| difference(cx, &filling, &shapes, kept)),
            sections,
            beside,
        };
        cx.show_with(status, &page)
    }
}

/// Fields by their groups, what few need folded away below them.
fn sections(cx: &ConsoleCx, filling: &Filling<'_>, shapes: &[Shape<'_>]) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    let mut advanced =
        Section { heading: cx.t("console-advanced"), is_folded: true, is_open: false, controls: Vec::new() };
    for shape in shapes {
        let control = filling.control(shape);
        if shape.field.advanced {
            advanced.is_open |= !control.complaints().is_empty();
            advanced.controls.push(control);
            continue;
        }
        let heading = shape.field.group.as_ref().map_or_else(String::new, |group| words::group(cx, group));
        match sections.iter_mut().find(|section| section.heading == heading) {
            Some(section) => section.controls.push(control),
            None => {
                sections.push(Section { heading, is_folded: false, is_open: true, controls: vec![control] });
            }
        }
    }
    if !advanced.controls.is_empty() {
        sections.push(advanced);
    }
    sections
}

/// Complaints, rendered.
#[derive(Template)]
#[template(path = "components/summary_view.html")]
struct SummaryView<'v> {
    summary: &'v Summary,
}

impl Summary {
    const fn view(&self) -> SummaryView<'_> {
        SummaryView { summary: self }
    }

    fn of(cx: &ConsoleCx, shown: &Shown, sections: &[Section]) -> Option<Self> {
        if shown.errors.is_empty() {
            return None;
        }
        let fields: Vec<_> =
            sections.iter().flat_map(|section| &section.controls).flat_map(Control::complaints).collect();
        let is_shown = |words: &String| fields.iter().any(|(_, _, shown)| shown == words);
        let all = shown.errors.0.iter().map(|error| (error.path.clone(), cx.text(&error.message)));
        let general = all.filter(|(_, words)| !is_shown(words)).map(|(path, words)| match path.as_str() {
            "" => words,
            path => format!("{path}: {words}"),
        });
        let general: Vec<String> = general.collect();
        let count = i64::try_from(fields.len()).unwrap_or(i64::MAX);
        let heading = match fields.is_empty() {
            true => String::new(),
            false => cx.t_args("console-error-summary", &[("count", TextArg::Number(count))]),
        };
        Some(Self { heading, general, fields })
    }
}

/// What is kept by now beside what was filled in, where they differ.
fn difference(cx: &ConsoleCx, filling: &Filling<'_>, shapes: &[Shape<'_>], kept: &JsonObject) -> Table {
    let mut table = Table {
        caption: cx.t("console-stale-caption"),
        columns: vec![
            Column::new(cx.t("console-stale-field")),
            Column::new(cx.t("console-stale-kept")),
            Column::new(cx.t("console-stale-yours")),
        ],
        ..Table::default()
    };
    for shape in shapes {
        let name = shape.field.path.to_string();
        let (theirs, ours) = (kept.get(&name), filling.document.get(&name));
        let (Some(theirs), Some(ours)) = (theirs, ours) else { continue };
        if theirs == ours {
            continue;
        }
        let label = words::label(cx, filling.kind, shape.field);
        let cells = vec![Cell::Text(label.clone()), in_short(theirs), in_short(ours)];
        table.rows.push(Row { key: name, label, cells, actions: Vec::new() });
    }
    table
}

fn in_short(value: &Value) -> Cell {
    match value {
        Value::Null => Cell::Nothing,
        Value::String(text) if text.is_empty() => Cell::Nothing,
        Value::String(text) => Cell::Block(text.clone()),
        value => Cell::Block(serde_json::to_string_pretty(value).unwrap_or_default()),
    }
}

/// Which kind?
#[derive(Template)]
#[template(path = "console/kinds.html")]
pub(crate) struct KindsPage<'f> {
    cx: &'f ConsoleCx,
    frame: Frame,
    kinds: Vec<KindView>,
}

/// Something to choose.
pub(crate) struct KindView {
    name: String,
    text: String,
    href: String,
}

impl KindView {
    /// A kind, at an address that takes it as a parameter.
    pub(crate) fn of(cx: &ConsoleCx, kind: &Descriptor, address: &str) -> Self {
        let href = with_parameter(address, "kind", kind.model);
        Self { name: words::name(cx, kind), text: words::about(cx, kind), href }
    }

    /// Something else than a kind.
    pub(crate) const fn new(name: String, text: String, href: String) -> Self {
        Self { name, text, href }
    }
}

impl<'f> KindsPage<'f> {
    /// These to choose from.
    pub(crate) fn new(cx: &'f ConsoleCx, header: Header, kinds: Vec<KindView>) -> Self {
        Self { cx, frame: cx.frame(header), kinds }
    }

    /// The kinds of a place that the reader may make.
    pub(crate) fn of(cx: &'f ConsoleCx, place: &Place, query: &Pairs) -> Result<Self, WebError> {
        let mut kinds = Vec::new();
        for model in &place.models {
            let kind = cx.registry().get(model).map_err(fault)?.descriptor();
            if !cx.may(&permission("add", kind), None) || !show::can_be_made(cx, model) {
                continue;
            }
            let mut view = KindView::of(cx, kind, &format!("{}~new/", place.path));
            for (name, value) in query.as_slice() {
                view.href = with_parameter(&view.href, name, value);
            }
            kinds.push(view);
        }
        if kinds.is_empty() {
            return Err(WebError::denied());
        }
        let header =
            Header::new(place.at, cx.t("console-new-choose")).crumb(show::place_name(cx, place), &place.path);
        Ok(Self::new(cx, header, kinds))
    }
}

/// Secrets that were made, shown once.
#[derive(Template)]
#[template(path = "console/secrets.html")]
pub(crate) struct SecretsPage<'f> {
    cx: &'f ConsoleCx,
    frame: Frame,
    secrets: Vec<Code>,
    next: Link,
}

impl<'f> SecretsPage<'f> {
    /// Of an object that was just made.
    pub(crate) fn new(
        cx: &'f ConsoleCx,
        place: &Place,
        kind: &Descriptor,
        written: &Written,
        next: String,
    ) -> Self {
        let label = |name: &str| match kind.field(name) {
            Some(field) => words::label(cx, kind, field),
            None => name.to_owned(),
        };
        let secrets = written
            .generated
            .iter()
            .map(|(name, secret)| Code { label: label(name), text: secret.expose().clone() });
        let header = show::header(cx, place, cx.t("console-secrets-title"))
            .notice("warning", cx.t("console-secrets-text"));
        Self {
            cx,
            frame: cx.frame(header),
            secrets: secrets.collect(),
            next: Link::new(cx.t("action-continue"), next),
        }
    }
}
