//! A flow as a picture: boxes below each other on one line, so that it fits a phone as it is.
//!
//! ```text
//!  ( start )
//!      │
//!  [ policies of the flow ]───╮
//!      │            [ denied ]╯
//!  [ policies of the stage ]──╮
//!      │                      │ skipped
//!  [ stage ]┄┄[ other flow ]  │
//!      │◂─────────────────────╯
//!  ( end )
//! ```
//!
//! Pure: what is drawn is worked out here, in units that are pixels, and rendered by
//! `templates/console/flow_diagram.html`. Colours are classes. The same stands in a table beside it.

mod measure;

use countersign_flows::diagram::{Check, Diagram, DiagramStep, Guard};
use countersign_model::{BoundTo, DeniedAction, InvalidResponseAction, PolicyEngineMode};

/// Stages that are drawn; a longer flow is better read as a table.
const MAX_STEPS: usize = 40;
/// Checks that are drawn in one box.
const MAX_CHECKS: usize = 8;

const WIDTH: u32 = 344;
const LEFT: u32 = 6;
const BOX: u32 = 282;
const SPINE: u32 = 34;
const LANE: u32 = 316;
const BRANCH: u32 = 92;
const GAP: u32 = 30;
const LINE: u32 = 19;
const PAD: u32 = 11;

/// Words in the reader's language, by key.
pub(super) type Words<'a> = &'a dyn Fn(&str) -> String;

/// A picture, ready to be rendered.
#[derive(Debug, Default)]
pub(crate) struct Picture {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) boxes: Vec<Drawn>,
    pub(crate) paths: Vec<Path>,
    /// The same in words.
    pub(crate) rows: Vec<RowView>,
    /// Stages that are not drawn.
    pub(crate) left_out: usize,
}

/// A box with words in it.
#[derive(Debug)]
pub(crate) struct Drawn {
    pub(crate) class: &'static str,
    pub(crate) x: u32,
    pub(crate) y: u32,
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) radius: u32,
    /// The words uncut, on hover.
    pub(crate) title: String,
    pub(crate) href: Option<String>,
    pub(crate) lines: Vec<Written>,
}

/// A line of words.
#[derive(Debug)]
pub(crate) struct Written {
    pub(crate) class: &'static str,
    pub(crate) x: u32,
    pub(crate) y: u32,
    pub(crate) text: String,
}

/// A line from box to box.
#[derive(Debug)]
pub(crate) struct Path {
    pub(crate) class: &'static str,
    pub(crate) d: String,
    pub(crate) has_arrow: bool,
}

/// One row of the table.
#[derive(Debug, Default)]
pub(crate) struct RowView {
    pub(crate) order: String,
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) asked: Vec<String>,
    pub(crate) otherwise: String,
    pub(crate) leads_to: Vec<String>,
}

/// Draws a flow.
pub(super) fn draw(diagram: &Diagram, kind_of: &dyn Fn(&str) -> String, words: Words<'_>) -> Picture {
    let mut pen = Pen {
        words,
        kind_of,
        picture: Picture { width: WIDTH, ..Picture::default() },
        y: 4,
        skips: Vec::new(),
    };
    let who = words(&format!("flow-authentication-{}", diagram.authentication.as_str().replace('_', "-")));
    pen.pill(&words("flow-diagram-start"), &who);
    pen.flow_guard(diagram);
    for step in diagram.steps.iter().take(MAX_STEPS) {
        pen.step(step);
    }
    pen.picture.left_out = diagram.steps.len().saturating_sub(MAX_STEPS);
    let end = match pen.picture.left_out {
        0 => String::new(),
        more => format!("+ {more}"),
    };
    pen.pill(&words("flow-diagram-end"), &end);
    pen.picture.height = pen.y + 4;
    pen.picture
}

struct Pen<'a> {
    words: Words<'a>,
    kind_of: &'a dyn Fn(&str) -> String,
    picture: Picture,
    /// Where the next box may begin, without the gap before it.
    y: u32,
    /// Heights at which somebody left the line to come back before the next box.
    skips: Vec<u32>,
}

/// Words of a box before they have a place.
struct Draft {
    lines: Vec<(&'static str, String)>,
    title: String,
}

impl Draft {
    const fn new(title: String) -> Self {
        Self { lines: Vec::new(), title }
    }

    /// Adds words, broken to fit; `size` is that of the font.
    fn write(&mut self, class: &'static str, text: &str, width: u32, size: u32, most: usize) {
        let room = (width - 2 * PAD) * 100 / size;
        // Bold letters are wider.
        let room = if class == "name" { room * 86 / 100 } else { room };
        self.lines.extend(measure::lines(text, room, most).into_iter().map(|line| (class, line)));
    }

    fn height(&self) -> u32 {
        let lines = u32::try_from(self.lines.len()).unwrap_or(0);
        2 * PAD + lines * LINE - 3
    }
}

impl Pen<'_> {
    /// Goes on to the next box, drawing the line to it, and back into it whoever left.
    fn next(&mut self) -> u32 {
        if self.picture.boxes.is_empty() {
            return self.y;
        }
        let top = self.y + GAP;
        let meets = top - 15;
        for from in std::mem::take(&mut self.skips) {
            let d = format!(
                "M{} {from}H{}Q{LANE} {from} {LANE} {}V{}Q{LANE} {meets} {} {meets}H{}",
                LEFT + BOX,
                LANE - 8,
                from + 8,
                meets - 8,
                LANE - 8,
                SPINE + 5
            );
            self.picture.paths.push(Path { class: "skip", d, has_arrow: true });
        }
        let d = format!("M{SPINE} {}V{}", self.y, top - 4);
        self.picture.paths.push(Path { class: "way", d, has_arrow: true });
        top
    }

    fn place(
        &mut self,
        class: &'static str,
        (x, y): (u32, u32),
        width: u32,
        radius: u32,
        draft: Draft,
        href: Option<String>,
    ) -> u32 {
        let height = draft.height();
        let mut line = y + PAD + 11;
        let mut lines = Vec::new();
        for (class, text) in draft.lines {
            lines.push(Written { class, x: x + PAD, y: line, text });
            line += LINE;
        }
        self.picture.boxes.push(Drawn {
            class,
            x,
            y,
            width,
            height,
            radius,
            title: draft.title,
            href,
            lines,
        });
        y + height
    }

    fn pill(&mut self, name: &str, more: &str) {
        let y = self.next();
        let mut draft = Draft::new(name.to_owned());
        draft.write("name", name, BOX, 14, 1);
        draft.write("note", more, BOX, 12, 2);
        self.y = self.place("pill", (LEFT, y), BOX, 18, draft, None);
    }

    fn flow_guard(&mut self, diagram: &Diagram) {
        let asked: Vec<String> = diagram.guard.counted().map(|check| self.check(check)).collect();
        let otherwise = (self.words)(match diagram.denied {
            DeniedAction::MessageContinue => "flow-diagram-denied-message-continue",
            DeniedAction::Message => "flow-diagram-denied-message",
            DeniedAction::Continue => "flow-diagram-denied-continue",
        });
        if diagram.guard.is_open() {
            return;
        }
        let bottom = self.guard(&diagram.guard, &(self.words)("flow-diagram-guard-flow"), None);
        let from = self.picture.boxes.last().map_or(bottom, |guard| guard.y + guard.height / 2);
        let mut draft = Draft::new(otherwise.clone());
        draft.write("name", &(self.words)("flow-diagram-denied"), LANE + 20 - BRANCH, 14, 1);
        draft.write("note", &otherwise, LANE + 20 - BRANCH, 12, 3);
        let top = bottom + 18;
        let d = format!("M{} {from}H{}Q{LANE} {from} {LANE} {}V{}", LEFT + BOX, LANE - 8, from + 8, top - 4);
        self.picture.paths.push(Path { class: "denial", d, has_arrow: true });
        let end = self.place("denied", (BRANCH, top), LANE + 20 - BRANCH, 6, draft, None);
        // The way on passes to the left of the refusal.
        let d = format!("M{SPINE} {bottom}V{end}");
        self.picture.paths.push(Path { class: "way", d, has_arrow: false });
        self.y = end;
        self.picture.rows.push(RowView {
            name: (self.words)("flow-diagram-guard-flow"),
            asked,
            otherwise,
            ..RowView::default()
        });
    }

    /// A box of questions; returns where it ends.
    fn guard(&mut self, guard: &Guard, when: &str, otherwise: Option<&str>) -> u32 {
        let y = self.next();
        let checks: Vec<String> = guard.counted().map(|check| self.check(check)).collect();
        let mut draft = Draft::new(checks.join("\n"));
        draft.write("note", when, BOX, 12, 2);
        if checks.len() > 1 {
            let joint = match guard.mode {
                PolicyEngineMode::Any => "flow-diagram-any",
                PolicyEngineMode::All => "flow-diagram-all",
            };
            draft.write("note", &(self.words)(joint), BOX, 12, 2);
        }
        for check in checks.iter().take(MAX_CHECKS) {
            draft.write("check", check, BOX, 14, 3);
        }
        if checks.len() > MAX_CHECKS {
            draft.write("note", &format!("+ {}", checks.len() - MAX_CHECKS), BOX, 12, 1);
        }
        if let Some(otherwise) = otherwise {
            draft.write("note", otherwise, BOX, 12, 2);
        }
        self.y = self.place("guard", (LEFT, y), BOX, 6, draft, None);
        self.y
    }

    fn step(&mut self, step: &DiagramStep) {
        let otherwise = (self.words)("flow-diagram-skipped");
        let when = match (step.evaluate_on_plan, step.re_evaluate) {
            (true, true) => Some("flow-diagram-guard-both"),
            (true, false) => Some("flow-diagram-guard-plan"),
            (false, true) => Some("flow-diagram-guard-stage"),
            (false, false) => None,
        };
        let mut row = RowView {
            order: step.order.to_string(),
            name: step.name.clone(),
            kind: (self.kind_of)(&step.model),
            ..RowView::default()
        };
        if let Some(when) = when.filter(|_| !step.guard.is_open()) {
            row.asked = step.guard.counted().map(|check| self.check(check)).collect();
            row.otherwise.clone_from(&otherwise);
            self.guard(&step.guard, &(self.words)(when), Some(&otherwise));
            let from = self.picture.boxes.last().map_or(self.y, |guard| guard.y + guard.height / 2);
            let y = self.next();
            self.stage(step, y);
            self.skips.push(from);
        } else {
            let y = self.next();
            self.stage(step, y);
        }
        let bottom = self.y;
        for link in &step.links {
            let role = (self.words)(link_role(&link.field));
            row.leads_to.push(format!("{role}: {}", link.name));
            self.link(bottom, &role, &link.name, &link.slug);
        }
        self.picture.rows.push(row);
    }

    fn stage(&mut self, step: &DiagramStep, y: u32) {
        let mut draft = Draft::new(step.name.clone());
        draft.write("name", &step.name, BOX, 14, 2);
        draft.write("note", &format!("{} · {}", step.order, (self.kind_of)(&step.model)), BOX, 12, 2);
        let invalid = match step.invalid_response {
            InvalidResponseAction::Retry => None,
            InvalidResponseAction::Restart => Some("flow-diagram-restart"),
            InvalidResponseAction::RestartWithContext => Some("flow-diagram-restart-with-context"),
        };
        if let Some(invalid) = invalid {
            draft.write("note", &(self.words)(invalid), BOX, 12, 2);
        }
        self.y = self.place("stage", (LEFT, y), BOX, 6, draft, Some(format!("#binding-{}", step.binding)));
    }

    fn link(&mut self, from: u32, role: &str, name: &str, slug: &str) {
        let width = LEFT + BOX - BRANCH;
        let mut draft = Draft::new(format!("{role}: {name}"));
        draft.write("note", role, width, 12, 1);
        draft.write("flow", name, width, 14, 2);
        let top = self.y + 8;
        let middle = top + draft.height() / 2;
        let d = format!("M62 {from}V{}Q62 {middle} 70 {middle}H{}", middle - 8, BRANCH - 4);
        self.picture.paths.push(Path { class: "link", d, has_arrow: true });
        let href = format!("/if/admin/flow/flows/{slug}/");
        let end = self.place("other", (BRANCH, top), width, 6, draft, Some(href));
        // The way on passes to the left of it.
        let d = format!("M{SPINE} {}V{end}", self.y);
        self.picture.paths.push(Path { class: "way", d, has_arrow: false });
        self.y = end;
    }

    fn check(&self, check: &Check) -> String {
        let what = (self.words)(match check.asked {
            BoundTo::Policy(_) => "flow-asked-policy",
            BoundTo::Group(_) => "flow-asked-group",
            BoundTo::User(_) => "flow-asked-user",
        });
        let name = &check.name;
        if check.negate {
            format!("{} {what} {name}", (self.words)("flow-asked-not"))
        } else {
            format!("{what} {name}")
        }
    }
}

/// Words for the attribute by which a stage names a flow.
fn link_role(field: &str) -> &'static str {
    match field {
        "enrollment_flow" => "flow-link-enrollment",
        "recovery_flow" => "flow-link-recovery",
        "passwordless_flow" => "flow-link-passwordless",
        "configure_flow" => "flow-link-configure",
        _ => "flow-link-other",
    }
}

#[cfg(test)]
mod tests {
    use countersign_flows::diagram::{
        FlowLink,
        samples::{self, diagram, guard, step},
    };
    use countersign_model::GroupId;
    use uuid::Uuid;

    use super::*;

    fn check(name: &str) -> Check {
        samples::check(name, BoundTo::Group(GroupId(Uuid::nil())), false)
    }

    /// A step that leads on to another flow.
    fn leading(name: &str, checks: Vec<Check>) -> DiagramStep {
        let link = FlowLink {
            field: "enrollment_flow".to_owned(),
            slug: "join".to_owned(),
            name: "Join".to_owned(),
        };
        DiagramStep { links: vec![link], ..step(name, checks) }
    }

    fn drawn(checks: Vec<Check>, steps: Vec<DiagramStep>) -> Picture {
        let diagram = Diagram { denied: DeniedAction::Message, ..diagram(guard(checks), steps) };
        draw(&diagram, &|model| model.to_owned(), &|key| key.to_owned())
    }

    #[test]
    fn boxes_stand_below_each_other_and_inside_the_picture() {
        let picture = drawn(
            vec![check("staff")],
            vec![leading("one", vec![check("office")]), leading("two", Vec::new())],
        );
        let tops: Vec<u32> = picture.boxes.iter().map(|drawn| drawn.y).collect();
        assert!(tops.is_sorted(), "{tops:?}");
        for drawn in &picture.boxes {
            assert!(drawn.x + drawn.width <= picture.width && drawn.y + drawn.height <= picture.height);
            let below = |line: &Written| line.y > drawn.y && line.y < drawn.y + drawn.height;
            assert!(drawn.lines.iter().all(below), "{drawn:?}");
        }
        assert_eq!(
            picture.boxes.iter().map(|drawn| drawn.class).collect::<Vec<_>>(),
            ["pill", "guard", "denied", "guard", "stage", "other", "stage", "other", "pill"]
        );
        assert_eq!(picture.rows.len(), 3);
    }

    #[test]
    fn a_very_long_flow_and_a_very_long_name_stay_small() {
        let steps = (0..500).map(|_| leading(&"long ".repeat(500), Vec::new())).collect();
        let picture = drawn(Vec::new(), steps);
        assert_eq!(picture.left_out, 500 - MAX_STEPS);
        let letters: usize =
            picture.boxes.iter().flat_map(|drawn| &drawn.lines).map(|line| line.text.len()).sum();
        assert!(letters < 10_000, "{letters}");
    }
}
