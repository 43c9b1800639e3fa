//! The page of a flow.

use actix_web::{HttpResponse, http::StatusCode, web::Path};
use askama::Template;
use countersign_authz::Permission;
use countersign_flows::diagram::{Check, Diagram, DiagramStep, Guard};
use countersign_model::{BoundTo, FlowId, InvalidResponseAction, PolicyEngineMode};
use countersign_registry::Viewed;
use countersign_types::{FieldErrors, JsonObject, RawId, TextArg};
use countersign_web::{BoundedQuery, WebError};

use super::{
    FLOW, POLICY_BINDING, STAGE_BINDING, address, bindings, diagram, diagram::Picture, policies, viewed,
};
use crate::{
    cx::{ConsoleCx, fault},
    generic::{
        detail::{self, Tab},
        form::{Control, Mode, PartOf, name_of},
        words,
    },
    kit::{Button, Cell, Pair},
    shell::{Frame, Header, with_parameter},
};

/// Where the generic pages of bindings are: they say what their deletion does.
const STAGES: &str = "/if/admin/flow/bindings/";
const POLICIES: &str = "/if/admin/policy/bindings/";

#[derive(Template)]
#[template(path = "console/flow.html")]
struct FlowPage<'a> {
    cx: &'a ConsoleCx,
    frame: Frame,
    stylesheet: String,
    slug: String,
    facts: Vec<Pair>,
    picture: Picture,
    guard: GuardView,
    stages: Vec<StageView>,
    may_bind: bool,
    may_order: bool,
}

/// What guards the flow or a stage.
struct GuardView {
    /// How the checks combine, said only when there are several.
    mode: String,
    /// Said when there are none.
    nothing: String,
    checks: Vec<CheckView>,
    /// Opens the form below; none for whoever may not.
    add: Option<String>,
    adding: Option<InPlace>,
}

/// One policy binding.
struct CheckView {
    id: RawId,
    what: String,
    name: String,
    href: String,
    is_off: bool,
    notes: Vec<String>,
    edit: Option<String>,
    remove: Option<String>,
    editing: Option<InPlace>,
}

/// A stage in its place.
struct StageView {
    id: RawId,
    order: i32,
    name: String,
    href: String,
    kind: String,
    notes: Vec<String>,
    guard: GuardView,
    edit: Option<String>,
    remove: Option<String>,
    editing: Option<InPlace>,
}

/// A form in its place on the page.
struct InPlace {
    id: RawId,
    /// Whether something is bound to what has the identifier, or that itself is changed.
    is_new: bool,
    action: String,
    label: String,
    back: String,
    version: String,
    controls: Vec<Control>,
    /// Complaints that belong to none of them.
    general: Vec<String>,
}

/// The form that is open on the page.
#[derive(Debug, Default)]
pub(super) enum Opened {
    #[default]
    None,
    /// A binding is changed.
    Edit(RawId, Filled),
    /// Something is bound to the flow or a stage.
    Add(RawId, Filled),
}

/// What stands in the open form: what was filled in before, or what is kept.
#[derive(Debug, Default)]
pub(super) struct Filled {
    pub(super) document: Option<JsonObject>,
    pub(super) errors: FieldErrors,
    pub(super) is_stale: bool,
}

/// `GET /if/admin/flow/flows/<slug>/`.
pub(super) async fn show(
    cx: ConsoleCx,
    slug: Path<String>,
    BoundedQuery(query): BoundedQuery,
) -> Result<HttpResponse, WebError> {
    let id = |name: &str| query.first(name).and_then(|text| text.parse::<RawId>().ok());
    let opened = match (id("open"), id("add")) {
        (Some(binding), _) => Opened::Edit(binding, Filled::default()),
        (None, Some(target)) => Opened::Add(target, Filled::default()),
        (None, None) => Opened::None,
    };
    render(&cx, &slug, StatusCode::OK, opened).await
}

/// The page with a form open on it.
pub(super) async fn render(
    cx: &ConsoleCx,
    slug: &str,
    status: StatusCode,
    opened: Opened,
) -> Result<HttpResponse, WebError> {
    let flow = viewed(cx, slug).await?;
    let diagram = graph(cx, &flow).await?;
    let in_place = open(cx, &flow, &opened).await?;
    let mut maker = Maker { cx, here: address(&flow.key), in_place };
    let kind_of = |model: &str| kind_name(cx, model);
    let picture = diagram::draw(&diagram, &kind_of, &|key| cx.t(key));
    let page = FlowPage {
        frame: cx.frame(header(cx, &flow, Tab::Overview)?.script("flow").script("form")),
        stylesheet: cx.app.assets().url("css/console-flow.css"),
        facts: facts(cx, &flow),
        picture,
        guard: maker.guard(&diagram.guard, "flow-guard-none"),
        stages: diagram.steps.iter().map(|step| maker.stage(step)).collect(),
        may_bind: cx.may("authentik_flows.add_flowstagebinding", None),
        may_order: diagram.steps.len() > 1 && cx.may("authentik_flows.change_flowstagebinding", None),
        slug: flow.key,
        cx,
    };
    cx.show_with(status, &page)
}

/// The flow as a graph, groups and users by name where their names may be seen.
async fn graph(cx: &ConsoleCx, viewed: &Viewed) -> Result<Diagram, WebError> {
    let flow = cx.snapshot.flow(FlowId(viewed.id)).ok_or_else(WebError::not_found)?;
    let asked = Diagram::asked(&cx.snapshot, flow);
    let names = cx.look(move |tx, read| {
        let mut names = Vec::new();
        for bound in &asked {
            let (target, id) = match *bound {
                BoundTo::Group(id) => ("authentik_core.group", id.raw()),
                BoundTo::User(id) => ("authentik_core.user", id.raw()),
                BoundTo::Policy(_) => continue,
            };
            names.push((*bound, name_of(tx, read, target, id)?));
        }
        Ok(names)
    });
    let names = names.await.map_err(fault)?;
    let name_of =
        |bound: &BoundTo| names.iter().find(|(known, _)| known == bound).map(|(_, name)| name.clone());
    let mut diagram = Diagram::of(&cx.snapshot, flow, name_of);
    veil(cx, &mut diagram);
    Ok(diagram)
}

/// What the reader must not see has no name.
fn veil(cx: &ConsoleCx, diagram: &mut Diagram) {
    let sees = |model: &str, id: RawId| cx.may(Permission::view(model).as_str(), Some(id));
    let guards =
        std::iter::once(&mut diagram.guard).chain(diagram.steps.iter_mut().map(|step| &mut step.guard));
    for check in guards.flat_map(|guard| &mut guard.checks) {
        if let BoundTo::Policy(id) = check.asked
            && !cx.snapshot.object(id).is_some_and(|policy| sees(&policy.kind, id.raw()))
        {
            check.name = id.to_string();
        }
    }
    for step in &mut diagram.steps {
        if !sees(&step.model, step.stage.raw()) {
            step.name = step.stage.to_string();
        }
        let flow = |slug: &str| cx.snapshot.flow_by_slug(slug).map(|flow| flow.id.raw());
        step.links.retain(|link| flow(&link.slug).is_some_and(|id| sees(FLOW, id)));
    }
}

/// The header of every page of a flow.
pub(crate) fn header(cx: &ConsoleCx, flow: &Viewed, tab: Tab) -> Result<Header, WebError> {
    let here = address(&flow.key);
    let kind = cx.registry().get(FLOW).map_err(fault)?.descriptor();
    let place = cx.places().of_model(FLOW).ok_or_else(WebError::not_found)?;
    let mut header = detail::header(cx, place, kind, flow, tab)
        .also(Button::link(cx.t("flow-run"), format!("{here}run/")))
        .also(Button::link(cx.t("flow-run-as-me"), format!("{here}run/?as=me")));
    if cx.may(countersign_flows::inspector::INSPECT_FLOW, Some(flow.id)) {
        header = header.also(Button::link(cx.t("flow-inspect"), format!("{here}inspector/")));
    }
    if cx.seams().is_some() && cx.may("authentik_flows.export_flow", Some(flow.id)) {
        header = header.also(Button::link(cx.t("flow-export"), format!("{here}export/")));
    }
    Ok(header)
}

fn facts(cx: &ConsoleCx, flow: &Viewed) -> Vec<Pair> {
    let Ok(kind) = cx.registry().get(FLOW) else { return Vec::new() };
    let kind = kind.descriptor();
    let mut facts = Vec::new();
    for name in ["designation", "slug", "title", "authentication", "denied_action", "layout"] {
        let (Some(field), Some(value)) =
            (kind.field(name), flow.document.get(name).and_then(|value| value.as_str()))
        else {
            continue;
        };
        let cell = match field.widget.as_str() {
            "select" => Cell::text(words::choice(cx, value)),
            "slug" => Cell::Code(value.to_owned()),
            _ => Cell::text(value),
        };
        facts.push(Pair::new(words::label(cx, kind, field), cell));
    }
    facts
}

/// What the kind of a stage is called.
pub(super) fn kind_name(cx: &ConsoleCx, model: &str) -> String {
    match cx.registry().get(model) {
        Ok(resource) => words::name(cx, resource.descriptor()),
        Err(_) => model.to_owned(),
    }
}

/// The form that is open, ready to be shown.
async fn open(cx: &ConsoleCx, flow: &Viewed, opened: &Opened) -> Result<Option<InPlace>, WebError> {
    let (is_new, id, filled) = match opened {
        Opened::None => return Ok(None),
        Opened::Edit(id, filled) => (false, *id, filled),
        Opened::Add(id, filled) => (true, *id, filled),
    };
    let here = address(&flow.key);
    let (model, fields) = if is_new {
        (POLICY_BINDING, policies::FIELDS)
    } else {
        match super::binding_of(&cx.snapshot, flow.id, id) {
            Some(super::Bound::Stage) => (STAGE_BINDING, bindings::FIELDS),
            Some(super::Bound::Policy) => (POLICY_BINDING, policies::FIELDS),
            None => return Ok(None),
        }
    };
    let kind = cx.registry().get(model).map_err(fault)?.descriptor();
    let (kept, version) = if is_new {
        (policies::blank(cx, id), String::new())
    } else {
        let binding =
            cx.look(move |tx, read| read.registry.get(model)?.brief(tx, read, id)).await.map_err(fault)?;
        let Some(binding) = binding else { return Ok(None) };
        (binding.document, binding.version)
    };
    let document = filled.document.as_ref().unwrap_or(&kept);
    let mode = if is_new { Mode::New } else { Mode::Change };
    let controls = PartOf::of(kind, fields).controls(cx, document, &filled.errors, mode).await?;
    let shown: Vec<String> = controls.iter().flat_map(|control| control.errors.clone()).collect();
    let mut general: Vec<String> = filled.errors.0.iter().map(|error| cx.text(&error.message)).collect();
    general.retain(|words| !shown.contains(words));
    if filled.is_stale {
        general.push(cx.t("flow-stale"));
    }
    let (action, label) = match (model, is_new) {
        (STAGE_BINDING, _) => (format!("{here}~binding/{id}/"), cx.t("action-save")),
        (_, true) => (format!("{here}~policy/{id}/?new"), cx.t("flow-policy-bind")),
        (_, false) => (format!("{here}~policy/{id}/"), cx.t("action-save")),
    };
    Ok(Some(InPlace { id, is_new, action, label, back: here, version, controls, general }))
}

/// Makes the views, handing the open form to where it belongs.
struct Maker<'a> {
    cx: &'a ConsoleCx,
    here: String,
    in_place: Option<InPlace>,
}

impl Maker<'_> {
    fn take(&mut self, id: RawId, is_new: bool) -> Option<InPlace> {
        self.in_place.take_if(|open| open.id == id && open.is_new == is_new)
    }

    fn guard(&mut self, guard: &Guard, nothing: &str) -> GuardView {
        let cx = self.cx;
        let mode = match guard.mode {
            PolicyEngineMode::Any => "flow-diagram-any",
            PolicyEngineMode::All => "flow-diagram-all",
        };
        let may_add = cx.may("authentik_policies.add_policybinding", None);
        GuardView {
            mode: if guard.counted().count() > 1 { cx.t(mode) } else { String::new() },
            nothing: if guard.checks.is_empty() { cx.t(nothing) } else { String::new() },
            checks: guard.checks.iter().map(|check| self.check(check)).collect(),
            add: may_add.then(|| format!("{}?add={}#add-{}", self.here, guard.target, guard.target)),
            adding: if may_add { self.take(guard.target, true) } else { None },
        }
    }

    fn check(&mut self, check: &Check) -> CheckView {
        let cx = self.cx;
        let id = check.binding.raw();
        let (what, href) = match check.asked {
            BoundTo::Policy(policy) => ("flow-asked-policy", format!("/if/admin/policy/policies/{policy}/")),
            BoundTo::Group(group) => ("flow-asked-group", format!("/if/admin/identity/groups/{group}/")),
            BoundTo::User(user) => ("flow-asked-user", format!("/if/admin/identity/users/{user}/")),
        };
        let mut notes = Vec::new();
        if check.negate {
            notes.push(cx.t("flow-check-negated"));
        }
        if !check.enabled {
            notes.push(cx.t("flow-check-disabled"));
        }
        if matches!(check.asked, BoundTo::Policy(_)) {
            let seconds = TextArg::Number(i64::from(check.timeout));
            notes.push(cx.t_args("flow-check-timeout", &[("seconds", seconds)]));
            if check.failure_result {
                notes.push(cx.t("flow-check-fails-open"));
            }
        }
        let may = |action: &str| cx.may(&format!("authentik_policies.{action}_policybinding"), Some(id));
        CheckView {
            id,
            what: cx.t(what),
            name: check.name.clone(),
            href,
            is_off: !check.enabled,
            notes,
            edit: may("change").then(|| format!("{}?open={id}#binding-{id}", self.here)),
            remove: may("delete")
                .then(|| with_parameter(&format!("{POLICIES}{id}/delete/"), "next", &self.here)),
            editing: self.take(id, false),
        }
    }

    fn stage(&mut self, step: &DiagramStep) -> StageView {
        let cx = self.cx;
        let id = step.binding.raw();
        let mut notes = Vec::new();
        if !step.guard.is_open() {
            notes.push(cx.t(match (step.evaluate_on_plan, step.re_evaluate) {
                (true, true) => "flow-diagram-guard-both",
                (true, false) => "flow-diagram-guard-plan",
                (false, true) => "flow-diagram-guard-stage",
                (false, false) => "flow-guard-never",
            }));
        }
        match step.invalid_response {
            InvalidResponseAction::Retry => {}
            InvalidResponseAction::Restart => notes.push(cx.t("flow-diagram-restart")),
            InvalidResponseAction::RestartWithContext => {
                notes.push(cx.t("flow-diagram-restart-with-context"));
            }
        }
        let may = |action: &str| cx.may(&format!("authentik_flows.{action}_flowstagebinding"), Some(id));
        let editing = self.take(id, false);
        StageView {
            id,
            order: step.order,
            name: if step.name.is_empty() { step.stage.to_string() } else { step.name.clone() },
            href: format!("/if/admin/flow/stages/{}/edit/?next={}", step.stage, self.here),
            kind: kind_name(cx, &step.model),
            notes,
            guard: self.guard(&step.guard, "flow-stage-guard-none"),
            edit: may("change").then(|| format!("{}?open={id}#binding-{id}", self.here)),
            remove: may("delete")
                .then(|| with_parameter(&format!("{STAGES}{id}/delete/"), "next", &self.here)),
            editing,
        }
    }
}
