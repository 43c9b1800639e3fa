//! `flows/…`: export, import, diagram, trying a flow out, and looking on.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use actix_web::{FromRequest as _, http::header::CONTENT_DISPOSITION};
use countersign_authz::Permission;
use countersign_flows::{
    FlowRequest,
    diagram::Diagram,
    inspector::{InspectedStage, InspectedStep, InspectedVerdict, Inspection},
};
use countersign_model::{BoundTo, Flow, FlowId};
use countersign_registry::ReadCx;
use countersign_store::{Tx, groups, users};
use countersign_types::{JsonObject, RawId};
use countersign_web::{Browser, WebError};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use super::{
    managed::{BlueprintImportRequest, BlueprintImportResult, import_file},
    shapes::{Cache, Link},
};
use crate::{Access, Answer, ApiError, Call, Endpoint, Intake, Method, Shape, crud::document::Translation};

const BINDING: &str = "authentik_flows.flowstagebinding";
/// Groups and users whose names a diagram shows.
const MAX_NAMES: usize = 200;
const FLOW: &str = "authentik_flows.flow";
const EXPORT: Permission = Permission::named("authentik_flows.export_flow");
const INSPECT: Permission = Permission::named("authentik_flows.inspect_flow");
const CLEAR: Permission = Permission::named("authentik_flows.clear_flow_cache");

pub(super) fn rows() -> Vec<Endpoint> {
    let view = || Access::Object(Permission::view(FLOW));
    vec![
        Endpoint::get(
            "flows/instances/{slug}/export/",
            "flows_instances_export_retrieve",
            Access::Object(EXPORT),
            export,
        )
        .about("The flow with everything in it, as a blueprint. Holds no secret.")
        .gives_media("application/x-yaml"),
        Endpoint::post(
            "flows/instances/import/",
            "flows_instances_import_create",
            Access::Global(Permission::add(FLOW)),
            import,
        )
        .about("Applies a blueprint in the name of the caller, who needs permission for every entry.")
        .intake(Intake::Multipart(Shape::of::<BlueprintImportRequest>()))
        .gives::<BlueprintImportResult>(),
        Endpoint::get("flows/instances/{slug}/diagram/", "flows_instances_diagram_retrieve", view(), diagram)
            .about("The flow as a graph, in the words of Mermaid.")
            .gives::<FlowDiagram>(),
        Endpoint::get("flows/instances/{slug}/execute/", "flows_instances_execute_retrieve", view(), execute)
            .about("Where the caller goes through the flow himself, with the inspector if he may.")
            .gives::<Link>(),
        Endpoint::get(
            "flows/instances/cache_info/",
            "flows_instances_cache_info_retrieve",
            view(),
            cache_info,
        )
        .about("How many plans are kept: none, every run is planned anew.")
        .gives::<Cache>(),
        Endpoint::post(
            "flows/instances/cache_clear/",
            "flows_instances_cache_clear_create",
            Access::Global(CLEAR),
            cache_clear,
        )
        .about("Forgets plans that are kept; there are none.")
        .status(204),
        executor(
            Method::Get,
            "flows_executor_get",
            "What a flow asks next of who goes through it in this browser.",
        ),
        executor(Method::Post, "flows_executor_solve", "Answers what a flow asked; what it asks then.")
            .intake(Intake::OptionalJson(Shape::named("FlowChallengeResponseRequest", answer_shape))),
        Endpoint::get(
            "flows/inspector/{flow_slug}/",
            "flows_inspector_get",
            Access::Object(INSPECT),
            inspector,
        )
        .about("What happened in the caller's own run of a flow in this browser, step by step.")
        .param::<String>("query", "Query of the flow's page, as the executor takes it.")
        .gives::<FlowInspection>(),
    ]
}

/// The flow executor, which the portal answers.
fn executor(method: Method, operation: &'static str, about: &'static str) -> Endpoint {
    Endpoint::elsewhere(method, "flows/executor/{flow_slug}/", operation, Access::Anyone)
        .about(about)
        .required_param::<String>("query", "Query of the flow's page.")
        .gives_shape(Shape::named("ChallengeTypes", challenge_shape))
}

fn challenge_shape() -> Value {
    json!({
        "type": "object",
        "description": "What is asked; its other attributes follow from `component`.",
        "properties": { "component": { "type": "string" } },
        "required": ["component"],
    })
}

fn answer_shape() -> Value {
    json!({
        "type": "object",
        "description": "What is answered; its other attributes follow from `component`.",
        "properties": { "component": { "type": "string" } },
    })
}

/// The flow of a slug that the caller sees, and for which he holds the permission.
async fn permitted(call: &Call, name: &str, permission: &Permission) -> Result<Flow, ApiError> {
    let found = call.found(FLOW, call.arg(name)?).await?;
    call.require(permission, Some(found.id))?;
    let snapshot = call.snapshot().await?;
    snapshot.flow(FlowId(found.id)).cloned().ok_or_else(ApiError::not_found)
}

async fn export(call: Call) -> Result<Answer, ApiError> {
    let flow = permitted(&call, "slug", &EXPORT).await?;
    let text = call.api.seams().blueprints.export(FLOW, flow.slug.as_str()).await?;
    let disposition = format!("attachment; filename=\"{}.yaml\"", flow.slug.as_str());
    let answer = Answer::other("application/x-yaml", text);
    Ok(answer.header(CONTENT_DISPOSITION, &disposition))
}

async fn import(call: Call) -> Result<Answer, ApiError> {
    Answer::json(&import_file(&call).await?)
}

/// A flow as a graph.
#[derive(Serialize, JsonSchema)]
struct FlowDiagram {
    /// In the words of Mermaid.
    diagram: String,
}

async fn diagram(call: Call) -> Result<Answer, ApiError> {
    let flow = permitted(&call, "slug", &Permission::view(FLOW)).await?;
    let snapshot = call.snapshot().await?;
    let asked = Diagram::asked(&snapshot, &flow);
    let names = call.read(move |tx| names_of(tx, &asked)).await?;
    let name_of =
        |asked: &BoundTo| names.iter().find(|(known, _)| known == asked).map(|(_, name)| name.clone());
    Answer::json(&FlowDiagram { diagram: Diagram::of(&snapshot, &flow, name_of).to_mermaid() })
}

/// The names of groups and users that bindings ask for.
fn names_of(tx: &mut Tx<'_>, asked: &[BoundTo]) -> Result<Vec<(BoundTo, String)>, ApiError> {
    let mut names = Vec::new();
    for asked in asked.iter().take(MAX_NAMES) {
        let name = match asked {
            BoundTo::Policy(_) => None,
            BoundTo::Group(id) => groups::by_id(tx, *id)?.map(|group| group.name),
            BoundTo::User(id) => users::by_id(tx, *id)?.map(|user| user.username),
        };
        names.extend(name.map(|name| (*asked, name)));
    }
    Ok(names)
}

async fn execute(call: Call) -> Result<Answer, ApiError> {
    let flow = permitted(&call, "slug", &Permission::view(FLOW)).await?;
    let query = if call.actor()?.may(&INSPECT, Some(flow.id.raw())) { "?inspector" } else { "" };
    Answer::json(&Link { link: format!("{}/if/flow/{}/{query}", call.facts.base_url, flow.slug.as_str()) })
}

async fn cache_info(_: Call) -> Result<Answer, ApiError> {
    Answer::json(&Cache { count: 0 })
}

async fn cache_clear(_: Call) -> Result<Answer, ApiError> {
    Ok(Answer::empty())
}

/// A run of a flow.
#[derive(Serialize, JsonSchema)]
struct FlowInspection {
    /// Its steps, oldest first.
    plans: Vec<FlowInspectorPlan>,
    /// Where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    current_plan: Option<FlowInspectorPlan>,
    /// Whether it has come to an end.
    is_completed: bool,
}

/// A step of a run.
#[derive(Clone, Serialize, JsonSchema)]
struct FlowInspectorPlan {
    /// The binding of the stage that asks; null for a stage that is bound to no flow.
    current_stage: Value,
    /// The binding of the stage after it; left out at the last stage.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_planned_stage: Option<Value>,
    /// The plan's context, without secrets.
    plan_context: JsonObject,
    /// Identifier of the run.
    session_id: String,
    /// When.
    time: String,
    /// How long it took, in microseconds.
    micros: u64,
    /// What policies said: name, verdict, words and time of each.
    verdicts: Vec<Value>,
}

async fn inspector(call: Call) -> Result<Answer, ApiError> {
    let flow = permitted(&call, "flow_slug", &INSPECT).await?;
    let browser = Browser::extract(&call.request).await?;
    let request = FlowRequest {
        slug: flow.slug.to_string(),
        query: call.query("query")?.unwrap_or("inspector").to_owned(),
        browser: browser.secret().clone(),
        session_key: call.session.as_ref().map(|live| live.session.key),
        facts: call.facts.to_request_facts(),
    };
    let found = call.app.executor().inspection(&request).await.map_err(WebError::from)?;
    let inspection = found.filter(|found| found.flow == flow.id).ok_or_else(ApiError::not_found)?;
    let bindings = bindings_of(&call, &inspection).await?;
    let plan = |step: &InspectedStep| {
        let shown = |stage: Option<&InspectedStage>| {
            stage.and_then(|stage| bindings.get(&stage.binding?.raw())).cloned()
        };
        FlowInspectorPlan {
            current_stage: shown(step.current.as_ref()).unwrap_or_default(),
            next_planned_stage: shown(step.planned.first()),
            plan_context: step.context.clone(),
            session_id: inspection.plan.to_string(),
            time: step.at.to_rfc3339(),
            micros: step.micros,
            verdicts: step.verdicts.iter().map(verdict).collect(),
        }
    };
    Answer::json(&FlowInspection {
        plans: inspection.steps.iter().map(plan).collect(),
        current_plan: inspection.latest().map(plan),
        is_completed: inspection.is_completed,
    })
}

fn verdict(verdict: &InspectedVerdict) -> Value {
    json!({
        "target": verdict.target,
        "asked": verdict.asked,
        "asked_pk": verdict.asked_id,
        "name": verdict.name,
        "passing": verdict.passing,
        "failure": verdict.failure,
        "messages": verdict.messages,
        "log": verdict.log,
        "micros": verdict.micros,
    })
}

/// The bindings that a run went through, as the API shows them.
async fn bindings_of(call: &Call, inspection: &Inspection) -> Result<HashMap<RawId, Value>, ApiError> {
    let stages = inspection.steps.iter().flat_map(|step| step.current.iter().chain(step.planned.first()));
    let ids: BTreeSet<RawId> = stages.filter_map(|stage| Some(stage.binding?.raw())).collect();
    let (registry, actor, snapshot) = (Arc::clone(call.registry()), call.actor()?, call.snapshot().await?);
    call.read(move |tx| {
        let (cx, resource) = (ReadCx { registry: &registry, actor: &actor }, registry.get(BINDING)?);
        let mut translation = Translation::new(&registry, &snapshot);
        let mut shown = HashMap::new();
        for id in &ids {
            if let Some(found) = resource.view(tx, cx, *id)? {
                shown.insert(*id, translation.show(tx, resource, found)?);
            }
        }
        Ok(shown)
    })
    .await
}
