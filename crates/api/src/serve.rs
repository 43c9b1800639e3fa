//! Requests in, responses out: the one handler of `/api/v3/`.

use std::{collections::BTreeMap, sync::Arc};

use actix_web::{
    FromRequest as _, HttpMessage as _, HttpRequest, HttpResponse,
    dev::Payload,
    http::{
        StatusCode,
        header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, LOCATION},
    },
    web::{self, Bytes, Data, ServiceConfig},
};
use countersign_authz::{Actor, EXTRAS, Permission, Visible};
use countersign_types::JsonObject;
use countersign_web::{App, BoundedJson, BoundedQuery, Facts, RouteName, Surface, WebError, bounded_body};
use serde_json::json;

use crate::{
    Access, Api, ApiError, Call, Endpoint, Intake, Method,
    authenticate::{self, Caller},
};

/// Where the API stands.
pub(crate) const BASE: &str = "/api/v3/";

/// The routes: `App::new().configure(routes(api))`. What the portal answers below `/api/v3/` must be registered
/// before.
pub fn routes(api: Arc<Api>) -> impl Fn(&mut ServiceConfig) + Clone {
    let api = Data::from(api);
    move |config| {
        let service = web::resource("/api/v3/{path:.*}").app_data(api.clone()).app_data(Surface::Rest);
        config.service(service.to(serve));
    }
}

async fn serve(
    request: HttpRequest,
    payload: web::Payload,
    api: Data<Api>,
) -> Result<HttpResponse, WebError> {
    let api = api.into_inner();
    let path = request.path().strip_prefix(BASE).ok_or_else(WebError::not_found)?;
    let found = api.router().find(path).ok_or_else(WebError::not_found)?;
    if found.lacks_slash {
        return Ok(with_slash(&request));
    }
    let row = Method::of(request.method().as_str()).and_then(|method| found.rows.get(&method));
    let Some(endpoint) = row.and_then(|at| api.table().get(*at)) else {
        return Ok(not_allowed(found.rows));
    };
    request.extensions_mut().insert(RouteName(format!("{BASE}{}", endpoint.path)));
    match answer(&request, payload.into_inner(), &api, endpoint, found.values).await {
        Ok(response) => Ok(response),
        Err(error) => error.into_response(),
    }
}

async fn answer(
    request: &HttpRequest,
    mut payload: Payload,
    api: &Arc<Api>,
    endpoint: &Endpoint,
    values: Vec<String>,
) -> Result<HttpResponse, ApiError> {
    let handler = endpoint.handler.clone().ok_or_else(ApiError::not_found)?;
    let app = App::shared(request)?;
    let caller = authenticate::caller(request, &app, api).await?;
    permit(endpoint, &caller)?;
    let facts = Facts::extract(request).await?;
    let BoundedQuery(query) = BoundedQuery::extract(request).await?;
    let (body, raw) = take_in(request, &mut payload, &endpoint.intake).await?;
    let path = endpoint.path_params().map(str::to_owned).zip(values).collect();
    let Caller { identity, session } = caller;
    let call = Call {
        app,
        api: Arc::clone(api),
        facts,
        identity,
        session,
        path,
        query,
        body,
        raw,
        request: request.clone(),
    };
    let answer = handler(call).await?;
    Ok(if endpoint.method.is_safe() { answer.unless_known(request) } else { answer }.into_response())
}

/// What can be said before the handler looks at any object.
fn permit(endpoint: &Endpoint, caller: &Caller) -> Result<(), ApiError> {
    if matches!(endpoint.access, Access::Anyone) {
        return Ok(());
    }
    let identity = caller.identity.clone().ok_or_else(WebError::unauthenticated)?;
    let actor = Actor::User(identity);
    let nowhere = |permission: &Permission| matches!(actor.visible(permission), Visible::None);
    let is_refused = match &endpoint.access {
        Access::Anyone | Access::SignedIn => false,
        Access::Global(permission) => !actor.may(permission, None),
        Access::Object(permission) => nowhere(permission),
        Access::AnyOf(permissions) => permissions.iter().all(nowhere),
    };
    if !is_refused {
        return Ok(());
    }
    // Whoever sees no object of the kind is told that the one he asks for is not there; who may do nothing to any
    // learns nothing of what there is. Looking with a permission of its own takes seeing the object besides: the
    // handler tells who does not see it from who does.
    let is_own = |permission: &Permission| EXTRAS.iter().any(|extra| extra.permission == *permission);
    let is_single = endpoint.path_params().next().is_some();
    if is_single && endpoint.method.is_safe() {
        // Whoever lacks what is asked for everything has no object to see first.
        let is_global = matches!(endpoint.access, Access::Global(_));
        let is_left_open = !is_global && endpoint.access.permissions().iter().any(is_own);
        return if is_left_open { Ok(()) } else { Err(ApiError::not_found()) };
    }
    Err(ApiError::denied())
}

/// The body, as JSON or as it is. Without a body there is nothing to parse.
async fn take_in(
    request: &HttpRequest,
    payload: &mut Payload,
    intake: &Intake,
) -> Result<(JsonObject, Bytes), ApiError> {
    let is_typed = request.headers().contains_key(CONTENT_TYPE);
    Ok(match intake {
        Intake::Nothing => (JsonObject::new(), Bytes::new()),
        Intake::OptionalJson(_) if !is_typed => (JsonObject::new(), Bytes::new()),
        Intake::OptionalJson(_) | Intake::Json(_) => {
            (BoundedJson::from_request(request, payload).await?.0, Bytes::new())
        }
        Intake::Multipart(_) => {
            (JsonObject::new(), bounded_body(request, payload, "multipart/form-data").await?)
        }
    })
}

/// 308 keeps the method (RFC 9110 §15.4.9).
fn with_slash(request: &HttpRequest) -> HttpResponse {
    let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
    let to = format!("{}/{query}", request.uri().path());
    HttpResponse::PermanentRedirect().insert_header((LOCATION, to)).finish()
}

/// 405 says what is allowed (RFC 9110 §15.5.6). HEAD goes wherever GET does.
fn not_allowed(rows: &BTreeMap<Method, usize>) -> HttpResponse {
    let mut allowed: Vec<&str> = rows.keys().map(|method| method.as_str()).collect();
    if rows.contains_key(&Method::Get) {
        allowed.insert(1, "HEAD");
    }
    HttpResponse::build(StatusCode::METHOD_NOT_ALLOWED)
        .insert_header((ALLOW, allowed.join(", ")))
        .insert_header((CACHE_CONTROL, "no-store"))
        .json(json!({ "detail": "This method is not allowed here.", "code": "method_not_allowed" }))
}
