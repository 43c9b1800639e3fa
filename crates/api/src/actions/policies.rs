//! `policies/all/…` and `propertymappings/all/…`: trying out what administrators write. It runs code, so that
//! it takes the permission to change the object.

use std::sync::Arc;

use countersign_authz::Permission;
use countersign_model::{ConfigObjectId, Group, GroupId, Subject};
use countersign_policies::{LoggedLine, PolicyRequest, Source, Stand, kinds::geoip::Country};
use countersign_registry::{ReadCx, Registry, Viewed};
use countersign_store::groups;
use countersign_types::{JsonObject, RawId, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::shapes::{Cache, LogEvent, PolicyTestResult, subject};
use crate::{Access, Answer, ApiError, Call, Endpoint, Shape, crud::families};

const CLEAR: Permission = Permission::named("authentik_policies.clear_policy_cache");

pub(super) fn rows(registry: &Registry) -> Vec<Endpoint> {
    let any_of = |family: &str, permission: fn(&str) -> Permission| {
        let models = registry.of_family(family).map(|resource| resource.descriptor().model);
        Access::AnyOf(models.map(permission).collect())
    };
    vec![
        Endpoint::post(
            "policies/all/{policy_uuid}/test/",
            "policies_all_test_create",
            any_of("policy", Permission::change),
            test_policy,
        )
        .about("What a policy says about a user, in a context. Takes the permission to change the policy.")
        .takes::<PolicyTestRequest>()
        .gives::<PolicyTestResult>(),
        Endpoint::get("policies/geoip_iso3166/", "policies_geoip_iso3166_list", Access::Anyone, countries)
            .about("The countries of ISO 3166-1.")
            .gives_shape(Shape::of::<Country>().many()),
        Endpoint::get(
            "policies/all/cache_info/",
            "policies_all_cache_info_retrieve",
            any_of("policy", Permission::view),
            cache_info,
        )
        .about("How many results are kept: none, policies are asked every time.")
        .gives::<Cache>(),
        Endpoint::post(
            "policies/all/cache_clear/",
            "policies_all_cache_clear_create",
            Access::Global(CLEAR),
            cache_clear,
        )
        .about("Forgets results that are kept; there are none.")
        .status(204),
        Endpoint::post(
            "propertymappings/all/{pm_uuid}/test/",
            "propertymappings_all_test_create",
            any_of("propertymapping", Permission::change),
            test_mapping,
        )
        .about("What a property mapping returns for a user. Takes the permission to change the mapping.")
        .takes::<PropertyMappingTestRequest>()
        .param::<bool>("format_result", "Whether the result is indented.")
        .gives::<PropertyMappingTestResult>(),
    ]
}

async fn countries(_: Call) -> Result<Answer, ApiError> {
    Answer::json(&Country::all())
}

async fn cache_info(_: Call) -> Result<Answer, ApiError> {
    Answer::json(&Cache { count: 0 })
}

async fn cache_clear(_: Call) -> Result<Answer, ApiError> {
    Ok(Answer::empty())
}

/// The object of a family that a key in the path means, if the caller may change it.
async fn changeable(call: &Call, family: &'static str, name: &str) -> Result<Viewed, ApiError> {
    let (registry, actor, key) = (Arc::clone(call.registry()), call.actor()?, call.arg(name)?.to_owned());
    let found = call
        .read(move |tx| {
            let cx = ReadCx { registry: &registry, actor: &actor };
            Ok(families::find(tx, cx, family, &key)?.1)
        })
        .await?;
    call.require(&Permission::change(found.model), Some(found.id))?;
    Ok(found)
}

/// What is asked of a policy.
#[derive(Deserialize, JsonSchema)]
struct PolicyTestRequest {
    /// Integer key of the user.
    user: i64,
    /// The context.
    #[serde(default)]
    context: JsonObject,
}

async fn test_policy(call: Call) -> Result<Answer, ApiError> {
    let found = changeable(&call, "policy", "policy_uuid").await?;
    let asked: PolicyTestRequest = call.json()?;
    let subject = subject(&call, "user", asked.user).await?;
    let request = request(&call, Some(subject), asked.context);
    let snapshot = call.snapshot().await?;
    let trial = call.app.policies().try_out(&snapshot, ConfigObjectId(found.id), request).await;
    let now = call.app.now();
    let mut log_messages: Vec<LogEvent> = trial.lines.iter().map(|line| logged(now, line)).collect();
    let (passing, messages) = match trial.outcome {
        Ok(result) => (result.passing, result.messages),
        Err(error) => {
            log_messages.push(LogEvent::new(now, "error", &found.name, &error.to_string()));
            (false, trial.messages)
        }
    };
    Answer::json(&PolicyTestResult { passing, messages, log_messages })
}

fn request(call: &Call, user: Option<Arc<Subject>>, context: JsonObject) -> PolicyRequest {
    let facts = call.facts.to_request_facts();
    PolicyRequest { user, context, facts, is_sso: false, changes: Default::default() }
}

fn logged(at: Timestamp, line: &LoggedLine) -> LogEvent {
    LogEvent { attributes: line.fields.clone(), ..LogEvent::new(at, line.level, &line.logger, &line.message) }
}

/// What is asked of a property mapping.
#[derive(Deserialize, JsonSchema)]
struct PropertyMappingTestRequest {
    /// Integer key of the user; none for nobody.
    #[serde(default)]
    user: Option<i64>,
    /// Values that the expression finds as variables: what a provider or source would give it, and others.
    #[serde(default)]
    context: Option<JsonObject>,
    /// A group that the expression finds as `group`.
    #[serde(default)]
    group: Option<RawId>,
}

/// What a property mapping returned.
#[derive(Serialize, JsonSchema)]
struct PropertyMappingTestResult {
    /// As JSON; what went wrong otherwise.
    result: String,
    /// Whether it returned what mappings of its kind return.
    successful: bool,
    /// What was logged.
    log_messages: Vec<LogEvent>,
}

async fn test_mapping(call: Call) -> Result<Answer, ApiError> {
    let found = changeable(&call, "propertymapping", "pm_uuid").await?;
    let asked: PropertyMappingTestRequest = call.json()?;
    let is_indented = call.flag("format_result", false)?;
    let expression = found.document.get("expression").and_then(serde_json::Value::as_str);
    let expression = expression.ok_or_else(ApiError::not_found)?;
    let user = match asked.user {
        Some(pk) => Some(subject(&call, "user", pk).await?),
        None => None,
    };
    let group = match asked.group {
        Some(group) => Some(visible_group(&call, group).await?),
        None => None,
    };
    let (expressions, stand) = (call.app.policies().expressions(), Stand { group, ..Stand::default() });
    let mapping = expressions.mapping(found.model).ok_or_else(ApiError::not_found)?;
    let source = Source::new(found.name.as_str(), expression);
    let request = request(&call, user, asked.context.unwrap_or_default());
    let trial = expressions.try_mapping(mapping, &source, stand, request).await;
    let now = call.app.now();
    let written = |value: &serde_json::Value| {
        if is_indented { serde_json::to_string_pretty(value) } else { serde_json::to_string(value) }
    };
    let (result, successful) = match &trial.outcome {
        Ok(value) => (written(value).map_err(ApiError::internal)?, true),
        Err(error) => (error.to_string(), false),
    };
    let log_messages = trial.lines.iter().map(|line| logged(now, line)).collect();
    Answer::json(&PropertyMappingTestResult { result, successful, log_messages })
}

/// A group that the caller sees.
async fn visible_group(call: &Call, id: RawId) -> Result<Group, ApiError> {
    let unknown = || {
        let message = countersign_types::Text::key("resource-error-dangling")
            .with("model", "authentik_core.group")
            .with("id", id.to_string());
        ApiError::field("group", "does_not_exist", message)
    };
    if !call.actor()?.may(&Permission::view("authentik_core.group"), Some(id)) {
        return Err(unknown());
    }
    call.read(move |tx| Ok(groups::by_id(tx, GroupId(id))?)).await?.ok_or_else(unknown)
}
