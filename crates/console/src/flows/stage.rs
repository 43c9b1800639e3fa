//! A stage and its place in a flow, in one step: chosen from those there are, or made of a kind.

use actix_web::{HttpResponse, http::StatusCode, web::Path};
use askama::Template;
use countersign_authz::Permission;
use countersign_model::{Family, FlowId};
use countersign_registry::{ResourceError, Viewed};
use countersign_resource::Descriptor;
use countersign_types::{FieldErrors, JsonObject, RawId};
use countersign_web::{BoundedQuery, Pairs, WebError, see_other};
use serde_json::Value;

use super::{LIST, STAGE_BINDING, address, bindings::FIELDS as PLACE, viewed};
use crate::{
    cx::{ConsoleCx, ConsoleForm, WriteError, fault},
    generic::{
        form::{Control, Mode, PartOf},
        words,
    },
    shell::{Frame, Header, with_parameter},
};

/// Fields of a new place beside the stage itself.
const CHOSEN: &[&str] = &["stage", "order"];

#[derive(Template)]
#[template(path = "console/flow_stage.html")]
struct StagePage<'a> {
    cx: &'a ConsoleCx,
    frame: Frame,
    action: String,
    back: String,
    submit: String,
    general: Vec<String>,
    /// Of the stage, when one is made.
    stage: Vec<Control>,
    stage_heading: String,
    /// Of its place; or the choice among the stages there are.
    place: Vec<Control>,
    place_heading: String,
    /// Kinds of which one may be made, when none has been chosen.
    kinds: Vec<KindView>,
}

struct KindView {
    name: String,
    text: String,
    href: String,
}

/// What was filled in and what is wrong with it.
#[derive(Default)]
struct Given {
    stage: JsonObject,
    place: JsonObject,
    errors: FieldErrors,
    place_errors: FieldErrors,
}

/// `GET …/<slug>/~stage/`: which; with `?kind=`, its form.
pub(super) async fn ask(
    cx: ConsoleCx,
    slug: Path<String>,
    BoundedQuery(query): BoundedQuery,
) -> Result<HttpResponse, WebError> {
    let flow = viewed(&cx, &slug).await?;
    cx.require("authentik_flows.add_flowstagebinding", None)?;
    let given = Given { place: next_place(&cx, flow.id), ..Given::default() };
    render(&cx, &flow, chosen(&cx, &query)?, StatusCode::OK, given).await
}

/// `POST …/<slug>/~stage/`: binds a stage; with `?kind=`, makes it first, in the same transaction.
pub(super) async fn bind(
    form: ConsoleForm,
    slug: Path<String>,
    BoundedQuery(query): BoundedQuery,
) -> Result<HttpResponse, WebError> {
    let ConsoleForm { cx, body } = form;
    let flow = viewed(&cx, &slug).await?;
    let permit = cx.require("authentik_flows.add_flowstagebinding", None)?;
    let kind = chosen(&cx, &query)?;
    if let Some(kind) = kind {
        cx.require(Permission::add(kind.model).as_str(), None)?;
    }
    let fields = body.read(permit).await?;
    let place_kind = cx.registry().get(STAGE_BINDING).map_err(fault)?.descriptor();
    let place_fields = if kind.is_some() { PLACE } else { CHOSEN };
    let place = PartOf::of(place_kind, place_fields).answers(&prefixed(&fields), Mode::New);
    let stage = kind.map(|kind| PartOf::all(kind).answers(&fields, Mode::New)).unwrap_or_default();
    let given = Given {
        stage: stage.document,
        place: place.document,
        errors: stage.errors,
        place_errors: place.errors,
    };
    if !given.errors.is_empty() || !given.place_errors.is_empty() {
        return render(&cx, &flow, kind, StatusCode::BAD_REQUEST, given).await;
    }
    let (model, target) = (kind.map(|kind| kind.model), flow.id);
    let (stage, place) = (given.stage.clone(), given.place.clone());
    let outcome = cx.write(move |tx, write| {
        let mut place = place.clone();
        let bindings = write.registry.get(STAGE_BINDING)?;
        if let Some(model) = model {
            let kind = write.registry.get(model)?;
            let mut stage = stage.clone();
            PartOf::all(kind.descriptor()).resolve(tx, write.reading(), &mut stage)?;
            let made = kind.create(tx, write, &stage)?;
            place.insert("stage".to_owned(), Value::from(made.id.to_string()));
        } else {
            PartOf::of(bindings.descriptor(), CHOSEN)
                .resolve(tx, write.reading(), &mut place)
                .map_err(in_place)?;
        }
        place.insert("target".to_owned(), Value::from(target.to_string()));
        bindings.create(tx, write, &place).map(|written| written.id).map_err(in_place)
    });
    match outcome.await {
        Ok(binding) => Ok(see_other(&format!("{}?done=bound#binding-{binding}", address(&flow.key)))),
        Err(WriteError::Resource(ResourceError::Fields(errors))) => {
            let (place_errors, errors): (Vec<_>, Vec<_>) =
                errors.0.into_iter().partition(|error| error.path.starts_with(PREFIX));
            let unprefixed = |error: countersign_types::FieldError| countersign_types::FieldError {
                path: error.path.trim_start_matches(PREFIX).to_owned(),
                ..error
            };
            let given = Given {
                errors: FieldErrors(errors),
                place_errors: FieldErrors(place_errors.into_iter().map(unprefixed).collect()),
                ..given
            };
            render(&cx, &flow, kind, StatusCode::BAD_REQUEST, given).await
        }
        Err(error) => Err(error.into()),
    }
}

/// Names of the place's fields on the page: a stage may have fields of the same names.
const PREFIX: &str = "binding.";

/// The place's fields as its kind names them.
fn prefixed(fields: &Pairs) -> Pairs {
    let place = fields
        .as_slice()
        .iter()
        .filter_map(|(name, value)| name.strip_prefix(PREFIX).map(|name| (name.to_owned(), value.clone())));
    place.collect()
}

/// Complaints about the place are told from those about the stage.
fn in_place(error: ResourceError) -> ResourceError {
    match error {
        ResourceError::Fields(errors) => {
            let moved = errors.0.into_iter().map(|error| countersign_types::FieldError {
                path: format!("{PREFIX}{}", error.path),
                ..error
            });
            ResourceError::Fields(FieldErrors(moved.collect()))
        }
        other => other,
    }
}

/// The kind of `?kind=`, which must be one of stages.
fn chosen<'c>(cx: &'c ConsoleCx, query: &Pairs) -> Result<Option<&'c Descriptor>, WebError> {
    let Some(model) = query.first("kind") else { return Ok(None) };
    let mut kinds = cx.registry().of_family(Family::Stage.as_str()).map(|resource| resource.descriptor());
    kinds.find(|kind| kind.model == model).map(Some).ok_or_else(WebError::not_found)
}

/// Behind the last stage.
fn next_place(cx: &ConsoleCx, flow: RawId) -> JsonObject {
    let orders = cx.snapshot.stage_bindings(FlowId(flow)).iter().map(|binding| binding.order);
    let order = orders.max().map_or(0, |last| last.saturating_add(10));
    JsonObject::from_iter([("order".to_owned(), Value::from(order))])
}

async fn render(
    cx: &ConsoleCx,
    flow: &Viewed,
    kind: Option<&Descriptor>,
    status: StatusCode,
    given: Given,
) -> Result<HttpResponse, WebError> {
    let here = address(&flow.key);
    let place_kind = cx.registry().get(STAGE_BINDING).map_err(fault)?.descriptor();
    let place_fields = if kind.is_some() { PLACE } else { CHOSEN };
    let part = PartOf::of(place_kind, place_fields);
    let mut place = part.controls(cx, &given.place, &given.place_errors, Mode::New).await?;
    for control in &mut place {
        control.name.insert_str(0, PREFIX);
    }
    let stage = match kind {
        Some(kind) => PartOf::all(kind).controls(cx, &given.stage, &given.errors, Mode::New).await?,
        None => Vec::new(),
    };
    let shown: Vec<String> =
        stage.iter().chain(&place).flat_map(Control::complaints).map(|(_, _, words)| words).collect();
    let all = given.errors.0.iter().chain(&given.place_errors.0);
    let mut general: Vec<String> = all.map(|error| cx.text(&error.message)).collect();
    general.retain(|words| !shown.contains(words));
    let action = format!("{here}~stage/");
    let (title, submit, action) = match kind {
        Some(kind) => {
            let name = words::name(cx, kind);
            let title = cx.t_with("flow-stage-new-title", "kind", &name);
            (title, cx.t("flow-stage-create"), with_parameter(&action, "kind", kind.model))
        }
        None => (cx.t("flow-stage-title"), cx.t("flow-stage-bind"), action),
    };
    let mut header = Header::new(LIST, title)
        .crumb(cx.t("console-nav-flows"), LIST)
        .crumb(&flow.name, &here)
        .script("form");
    if kind.is_some() {
        header = header.crumb(cx.t("flow-stage-title"), format!("{here}~stage/"));
    }
    let page = StagePage {
        frame: cx.frame(header),
        action,
        back: here,
        submit,
        general,
        stage_heading: kind.map(|kind| words::name(cx, kind)).unwrap_or_default(),
        stage,
        place,
        place_heading: cx.t(if kind.is_some() { "flow-stage-place" } else { "flow-stage-existing" }),
        kinds: if kind.is_none() { kinds(cx, &flow.key) } else { Vec::new() },
        cx,
    };
    cx.show_with(status, &page)
}

fn kinds(cx: &ConsoleCx, slug: &str) -> Vec<KindView> {
    let all = cx.registry().of_family(Family::Stage.as_str()).map(|resource| resource.descriptor());
    let may = |kind: &&Descriptor| cx.may(Permission::add(kind.model).as_str(), None);
    let action = format!("{}~stage/", address(slug));
    let view = |kind: &Descriptor| KindView {
        name: words::name(cx, kind),
        text: words::about(cx, kind),
        href: with_parameter(&action, "kind", kind.model),
    };
    all.filter(may).map(view).collect()
}
