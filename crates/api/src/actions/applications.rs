//! `core/applications/…`: who may use one, and making one with its provider in one go.

use std::sync::Arc;

use countersign_authz::Permission;
use countersign_model::{Application, Subject};
use countersign_policies::{PolicyRequest, PolicyResult};
use countersign_registry::{AnyResource, Filter, FilterOp, ReadCx, ResourceError};
use countersign_store::{Snapshot, Tx};
use countersign_types::{FieldErrors, JsonObject};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::shapes::{PolicyTestResult, subject};
use crate::{
    Access, Answer, ApiError, Call, Endpoint, Intake, Shape,
    crud::{document::Translation, filters, schema},
    paging::Part,
};

const APPLICATION: &str = "authentik_core.application";
const BINDING: &str = "authentik_policies.policybinding";
const FOR_OTHERS: Permission = Permission::named("authentik_core.view_user_applications");
/// Bindings that one call makes.
const MAX_BINDINGS: usize = 100;

pub(super) fn rows() -> Vec<Endpoint> {
    let mut rows = vec![
        Endpoint::get(
            "core/applications/{slug}/check_access/",
            "core_applications_check_access_retrieve",
            Access::SignedIn,
            check_access,
        )
        .about(
            "Whether the application's policies let a user pass; others than oneself take the permission to \
                see their applications.",
        )
        .param::<i64>("for_user", "Integer key of the user; the caller unless it is said.")
        .gives::<PolicyTestResult>(),
        Endpoint::put(
            "core/transactional/applications/",
            "core_transactional_applications_update",
            Access::Global(Permission::add(APPLICATION)),
            transactional,
        )
        .about(
            "Makes a provider, its application and who may use it, all of it or nothing. Each takes its own \
                permission.",
        )
        .intake(Intake::Json(Shape::of::<TransactionApplicationRequest>()))
        .gives::<TransactionApplicationResponse>(),
    ];
    rows.push(list_row());
    rows
}

/// The generated list, narrowed to what somebody may use when that is asked for.
fn list_row() -> Endpoint {
    let access = Access::Object(Permission::view(APPLICATION));
    let row = Endpoint::get("core/applications/", "core_applications_list", access, list);
    row.with_params(schema::list_params(APPLICATION))
        .param::<i64>("for_user", "Only those that this user may use, by his integer key.")
        .param::<bool>("only_with_launch_url", "Whether to leave out those that lead nowhere.")
        .param::<bool>("superuser_full_list", "`false` leaves only those that the caller may use himself.")
        .about("Applications that the caller may see.")
        .gives_shape(Shape::of_kind(APPLICATION, schema::shown).paginated())
}

async fn list(call: Call) -> Result<Answer, ApiError> {
    let paging = call.paging().await?;
    let usable = usable(&call).await?;
    let (registry, actor, snapshot) = (Arc::clone(call.registry()), call.actor()?, call.snapshot().await?);
    let (mut query, pairs) = (paging.list_query(), call.query.clone());
    let only_launched = call.flag("only_with_launch_url", false)?;
    let read = call.read(move |tx| {
        let resource = registry.get(APPLICATION)?;
        let cx = ReadCx { registry: &registry, actor: &actor };
        query.filters = filters::of(tx, cx, resource, &pairs)?;
        if only_launched {
            let (field, op) = ("launch_url".to_owned(), FilterOp::IsNull);
            query.filters.push(Filter { field, op, values: vec!["false".to_owned()] });
        }
        if let Some(ids) = &usable {
            query.filters.push(Filter { field: "pk".to_owned(), op: FilterOp::In, values: ids.clone() });
        }
        query.order.retain(|order| filters::is_known(resource, &order.field));
        let page = resource.list(tx, cx, &query)?;
        let mut translation = Translation::new(&registry, &snapshot);
        Ok((Part::from(&page), translation.show_all(tx, resource, page.items)?))
    });
    let (part, results) = read.await?;
    paging.listed(&call, &part, results)
}

/// The applications that somebody may use, if that is asked for.
async fn usable(call: &Call) -> Result<Option<Vec<String>>, ApiError> {
    let user = match for_user(call).await? {
        Some(user) => user,
        None if !call.flag("superuser_full_list", true)? => Arc::clone(&call.identity()?.subject),
        None => return Ok(None),
    };
    let snapshot = call.snapshot().await?;
    let mut usable = Vec::new();
    for application in snapshot.applications() {
        if verdict(call, &snapshot, application, Arc::clone(&user)).await.passing {
            usable.push(application.id.to_string());
        }
    }
    Ok(Some(usable))
}

/// The user that the query names. For others than himself the caller needs permission.
async fn for_user(call: &Call) -> Result<Option<Arc<Subject>>, ApiError> {
    let Some(pk) = call.query("for_user")?.filter(|pk| !pk.is_empty()) else { return Ok(None) };
    let pk: i64 = pk.parse().map_err(|_| ApiError::field("for_user", "invalid", "api-error-integer"))?;
    let user = subject(call, "for_user", pk).await?;
    if user.user.id != call.identity()?.subject.user.id {
        call.require(&FOR_OTHERS, Some(user.user.id.raw()))?;
    }
    Ok(Some(user))
}

async fn check_access(call: Call) -> Result<Answer, ApiError> {
    let snapshot = call.snapshot().await?;
    let application = snapshot.application_by_slug(call.arg("slug")?).ok_or_else(ApiError::not_found)?;
    let user = match for_user(&call).await? {
        Some(user) => user,
        None => Arc::clone(&call.identity()?.subject),
    };
    let verdict = verdict(&call, &snapshot, application, user).await;
    let may_see = call.actor()?.may(&Permission::view(APPLICATION), Some(application.id.raw()));
    if !may_see && !verdict.passing {
        return Err(ApiError::not_found());
    }
    let PolicyResult { passing, messages } = verdict;
    Answer::json(&PolicyTestResult { passing, messages, log_messages: Vec::new() })
}

/// What the application's policies say about somebody.
async fn verdict(
    call: &Call,
    snapshot: &Arc<Snapshot>,
    application: &Application,
    user: Arc<Subject>,
) -> PolicyResult {
    if !user.user.is_active {
        return PolicyResult::deny();
    }
    let context =
        JsonObject::from_iter([("application".to_owned(), json!({ "$application": application.id }))]);
    let facts = call.facts.to_request_facts();
    let asked =
        PolicyRequest { user: Some(user), context, facts, is_sso: false, changes: Default::default() };
    let mode = application.policy_engine_mode;
    call.app.policies().evaluate(snapshot, application.id.raw(), mode, &asked).await
}

/// A provider, its application, and who may use it.
#[derive(Clone, Deserialize, JsonSchema)]
struct TransactionApplicationRequest {
    /// The application, as it is made by itself; its provider is the one made here.
    app: JsonObject,
    /// Model label of the provider.
    provider_model: String,
    /// The provider, as it is made by itself.
    provider: JsonObject,
    /// Policy bindings of the application, as they are made by themselves; their target is the application.
    #[serde(default)]
    policy_bindings: Vec<JsonObject>,
}

/// What was made.
#[derive(Serialize, JsonSchema)]
struct TransactionApplicationResponse {
    /// Whether it was made; otherwise the answer is a complaint.
    applied: bool,
    /// Things to look at; there are none.
    logs: Vec<String>,
    /// The application.
    app: Value,
    /// The provider, with the secrets that were made for it: shown now and never again.
    provider: Value,
}

async fn transactional(call: Call) -> Result<Answer, ApiError> {
    let asked: TransactionApplicationRequest = call.json()?;
    if asked.policy_bindings.len() > MAX_BINDINGS {
        return Err(ApiError::field("policy_bindings", "max_length", "api-error-too-many"));
    }
    let snapshot = call.snapshot().await?;
    let is_provider = call
        .registry()
        .get(&asked.provider_model)
        .is_ok_and(|kind| kind.descriptor().family == Some("provider"));
    if !is_provider {
        return Err(ApiError::field("provider_model", "invalid_choice", "api-error-provider-model"));
    }
    let made = call.write(move |tx, cx| {
        let mut translation = Translation::new(cx.registry, &snapshot);
        let kind = cx.registry.get(&asked.provider_model)?;
        let document = below("provider", translation.take(tx, kind, &asked.provider))?;
        let provider = below("provider", kind.create(tx, cx, &document).map_err(ApiError::from))?;
        let applications = cx.registry.get(APPLICATION)?;
        let mut document = below("app", translation.take(tx, applications, &asked.app))?;
        document.insert("provider".to_owned(), Value::from(provider.id.to_string()));
        let application = below("app", applications.create(tx, cx, &document).map_err(ApiError::from))?;
        for (index, binding) in asked.policy_bindings.iter().enumerate() {
            let bindings = cx.registry.get(BINDING)?;
            let path = format!("policy_bindings.{index}");
            let mut document = below(&path, translation.take(tx, bindings, binding))?;
            document.insert("target".to_owned(), Value::from(application.id.to_string()));
            below(&path, bindings.create(tx, cx, &document).map_err(ApiError::from))?;
        }
        let show = |tx: &mut Tx<'_>, translation: &mut Translation<'_>, kind: &dyn AnyResource, id| match kind
            .view(tx, cx.reading(), id)?
        {
            Some(found) => translation.show(tx, kind, found),
            None => Ok(json!({ "pk": id })),
        };
        let mut shown = show(tx, &mut translation, kind, provider.id)?;
        if let Value::Object(shown) = &mut shown {
            let generated = provider.generated.into_iter();
            shown.extend(generated.map(|(name, secret)| (name, Value::from(secret.expose().clone()))));
        }
        Ok((show(tx, &mut translation, applications, application.id)?, shown))
    });
    let (app, provider) = made.await?;
    Answer::json(&TransactionApplicationResponse { applied: true, logs: Vec::new(), app, provider })
}

/// Complaints about a part, with the path of the part before them.
fn below<T>(part: &str, outcome: Result<T, ApiError>) -> Result<T, ApiError> {
    outcome.map_err(|error| match error {
        ApiError::Resource(ResourceError::Fields(FieldErrors(errors))) => {
            let moved = errors.into_iter().map(|mut error| {
                error.path =
                    if error.path.is_empty() { part.to_owned() } else { format!("{part}.{}", error.path) };
                error
            });
            ApiError::Resource(ResourceError::Fields(FieldErrors(moved.collect())))
        }
        error => error,
    })
}
