//! What an inspected run did, step by step. The record belongs to this browser and to the address of the run.

use actix_web::{FromRequest as _, HttpRequest, HttpResponse, web::Path};
use askama::Template;
use countersign_flows::{
    FlowRequest,
    inspector::{
        Asked, INSPECT_FLOW, InspectedStage, InspectedStep, InspectedVerdict, Inspection, Passed,
        StepOutcome, is_inspected,
    },
};
use countersign_model::{FlowId, GroupId, UserId};
use countersign_registry::{ReadCx, ResourceError};
use countersign_store::Tx;
use countersign_web::{BoundedQuery, Browser, MaybeSession, WebError};

use super::{LIST, address, page::kind_name, run::begun_last, viewed};
use crate::{
    cx::{ConsoleCx, fault},
    expressions::highlight::{Piece, pieces},
    generic::form::name_of,
    kit::{Empty, Link, When},
    shell::{Frame, Header, with_parameter},
};

#[derive(Template)]
#[template(path = "console/flow_inspector.html")]
struct InspectorPage<'a> {
    cx: &'a ConsoleCx,
    frame: Frame,
    stylesheet: String,
    /// Where a run begins: as anybody, and as oneself.
    runs: [Link; 2],
    nothing: Empty,
    record: Option<RecordView>,
}

struct RecordView {
    state: String,
    state_tone: &'static str,
    is_completed: bool,
    /// Every stage: left behind, in hand, still to come.
    plan: Vec<StageView>,
    steps: Vec<Link>,
    shown: usize,
    step: StepView,
}

struct StageView {
    class: &'static str,
    name: String,
    kind: String,
    state: String,
}

struct StepView {
    when: When,
    took: String,
    outcome: String,
    messages: Vec<String>,
    verdicts: Vec<VerdictView>,
    context: Vec<Piece>,
}

struct VerdictView {
    guarded: String,
    asked: String,
    is_passing: bool,
    took: String,
    lines: Vec<String>,
}

/// `GET …/<slug>/inspector/`: `?query=` is that of the flow's page, or else that of the run begun last; `?step=` is
/// one of its steps.
pub(super) async fn show(
    request: HttpRequest,
    cx: ConsoleCx,
    slug: Path<String>,
    BoundedQuery(query): BoundedQuery,
) -> Result<HttpResponse, WebError> {
    let flow = viewed(&cx, &slug).await?;
    cx.require(INSPECT_FLOW, Some(flow.id))?;
    let here = format!("{}inspector/", address(&flow.key));
    let asked = query.first("query").filter(|query| is_inspected(query));
    let run = asked.map(str::to_owned).or_else(|| begun_last(&request)).filter(|query| is_inspected(query));
    let browser = Browser::extract(&request).await?;
    let record = match run {
        Some(query) => {
            let flow_request = FlowRequest {
                slug: flow.key.clone(),
                query,
                browser: browser.secret().clone(),
                session_key: MaybeSession::key(&request),
                facts: cx.facts.to_request_facts(),
            };
            cx.app.executor().inspection(&flow_request).await?
        }
        None => None,
    };
    let header = Header::new(LIST, cx.t_with("flow-inspector-title", "flow", &flow.name))
        .crumb(cx.t("console-nav-flows"), LIST)
        .crumb(&flow.name, address(&flow.key))
        .text(cx.t("flow-inspector-text"))
        .script("inspector");
    let base = match asked {
        Some(asked) => with_parameter(&here, "query", asked),
        None => here,
    };
    let record = match record.as_ref().and_then(|record| Some((record, record.steps.len().checked_sub(1)?))) {
        Some((record, last)) => {
            let step = query.first("step").and_then(|step| step.parse::<usize>().ok());
            let shown = step.and_then(|step| step.checked_sub(1)).unwrap_or(last).min(last);
            view(&cx, FlowId(flow.id), record, shown, &base).await?
        }
        None => None,
    };
    let page = InspectorPage {
        frame: cx.frame(header),
        stylesheet: cx.app.assets().url("css/console-flow.css"),
        runs: [("flow-inspector-run", ""), ("flow-inspector-run-as-me", "&as=me")]
            .map(|(key, who)| Link::new(cx.t(key), format!("{}run/?inspect=yes{who}", address(&flow.key)))),
        nothing: Empty {
            icon: "search",
            title: cx.t("flow-inspector-nothing"),
            text: cx.t("flow-inspector-nothing-text"),
            action: None,
        },
        record,
        cx: &cx,
    };
    let mut response = cx.show(&page)?;
    browser.keep(&mut response);
    Ok(response)
}

async fn view(
    cx: &ConsoleCx,
    flow: FlowId,
    record: &Inspection,
    shown: usize,
    base: &str,
) -> Result<Option<RecordView>, WebError> {
    let Some(step) = record.steps.get(shown) else { return Ok(None) };
    let asked: Vec<(Asked, countersign_types::RawId)> =
        step.verdicts.iter().map(|verdict| (verdict.asked, verdict.asked_id)).collect();
    let names = cx.look(move |tx, read| names(tx, read, &asked)).await.map_err(fault)?;
    let upto = || record.steps.iter().take(shown + 1);
    let mut plan: Vec<StageView> =
        upto().flat_map(|step| &step.passed).map(|stage| stage_view(cx, stage)).collect();
    plan.extend(step.current.as_ref().map(|stage| StageView {
        class: "current",
        state: cx.t("flow-inspector-current"),
        ..stage_view(cx, stage)
    }));
    plan.extend(step.planned.iter().map(|stage| stage_view(cx, stage)));
    let is_completed = record.is_completed;
    let link = |(index, step): (usize, &InspectedStep)| {
        let number = (index + 1).to_string();
        Link::new(format!("{number}. {}", outcome(cx, step)), with_parameter(base, "step", &number))
    };
    Ok(Some(RecordView {
        state: cx.t(if is_completed { "flow-inspector-over" } else { "flow-inspector-running" }),
        state_tone: if is_completed { "" } else { "success" },
        is_completed,
        plan,
        steps: record.steps.iter().enumerate().map(link).collect(),
        shown,
        step: StepView {
            when: cx.when(step.at),
            took: milliseconds(step.micros),
            outcome: outcome(cx, step),
            messages: step.messages.iter().map(|message| cx.text(message)).collect(),
            verdicts: step
                .verdicts
                .iter()
                .zip(names)
                .map(|(verdict, name)| verdict_view(cx, flow, verdict, name))
                .collect(),
            context: pieces(&serde_json::to_string_pretty(&step.context).unwrap_or_default()),
        },
    }))
}

/// Names of what was asked, policies aside, which have theirs in the record.
fn names(
    tx: &mut Tx<'_>,
    read: ReadCx<'_>,
    asked: &[(Asked, countersign_types::RawId)],
) -> Result<Vec<String>, ResourceError> {
    let name = |(asked, id): &(Asked, countersign_types::RawId)| match asked {
        Asked::Policy => Ok(String::new()),
        Asked::Group => name_of(tx, read, "authentik_core.group", GroupId(*id).raw()),
        Asked::User => name_of(tx, read, "authentik_core.user", UserId(*id).raw()),
    };
    asked.iter().map(name).collect()
}

fn stage_view(cx: &ConsoleCx, stage: &InspectedStage) -> StageView {
    let (class, state) = match stage.passed {
        Some(Passed::Answered) => ("done", "flow-inspector-answered"),
        Some(Passed::Silent) => ("done", "flow-inspector-silent"),
        Some(Passed::Skipped) => ("skipped", "flow-inspector-skipped"),
        None => ("ahead", "flow-inspector-planned"),
    };
    StageView { class, name: stage.name.clone(), kind: kind_name(cx, &stage.model), state: cx.t(state) }
}

fn verdict_view(cx: &ConsoleCx, flow: FlowId, verdict: &InspectedVerdict, name: String) -> VerdictView {
    let guarded = match verdict.target {
        Some(target) if target == flow.raw() => cx.t("flow-inspector-guards-flow"),
        Some(target) => {
            let binding = cx.snapshot.stage_bindings(flow).iter().find(|binding| binding.id.raw() == target);
            let stage = binding.and_then(|binding| cx.snapshot.object(binding.stage));
            stage.map(|stage| stage.name.clone()).unwrap_or_default()
        }
        None => cx.t("flow-inspector-validates"),
    };
    let (what, name) = match verdict.asked {
        Asked::Policy => ("flow-asked-policy", verdict.name.clone()),
        Asked::Group => ("flow-asked-group", name),
        Asked::User => ("flow-asked-user", name),
    };
    let mut lines: Vec<String> = verdict.failure.iter().cloned().collect();
    lines.extend(verdict.messages.iter().cloned());
    lines.extend(verdict.log.iter().map(|(level, words)| format!("{level}: {words}")));
    VerdictView {
        guarded,
        asked: format!("{} {name}", cx.t(what)),
        is_passing: verdict.passing,
        took: milliseconds(verdict.micros),
        lines,
    }
}

fn outcome(cx: &ConsoleCx, step: &InspectedStep) -> String {
    let current = || step.current.as_ref().map(|stage| stage.name.clone()).unwrap_or_default();
    match &step.outcome {
        StepOutcome::Asked => cx.t_with("flow-inspector-asked", "stage", &current()),
        StepOutcome::AskedAgain => cx.t_with("flow-inspector-asked-again", "stage", &current()),
        StepOutcome::Finished(to) => cx.t_with("flow-inspector-finished", "to", to),
        StepOutcome::Denied => cx.t("flow-inspector-denied"),
        StepOutcome::Restarted => cx.t("flow-inspector-restarted"),
        StepOutcome::OtherFlow(slug) => cx.t_with("flow-inspector-other-flow", "flow", slug),
    }
}

/// Microseconds as milliseconds with two digits.
pub(crate) fn milliseconds(micros: u64) -> String {
    format!("{}.{:02} ms", micros / 1_000, (micros % 1_000) / 10)
}
