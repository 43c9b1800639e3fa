//! Surfaces: the shape in which a part of the house shows its errors.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        Method,
        header::{ACCEPT, CACHE_CONTROL, LOCATION, RETRY_AFTER, WWW_AUTHENTICATE},
    },
};
use countersign_i18n::Localizer;
use countersign_model::LiveSession;
use countersign_types::{ErrorKind, TextArg};
use serde_json::{Map, Value, json};

use crate::{
    App, Facts, PageCx, WayOn, WebError,
    error::Problem,
    page::{ErrorPage, encode_next},
    request::Arrival,
};

/// In which shape errors are shown. Register one with `app_data` on a scope or resource; the default is a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Surface {
    /// A page, with the request's identifier and a way on.
    Page,
    /// The JSON object of RFC 6749 §5.2.
    OAuth,
    /// `{"detail", "code"}`, or a map of fields.
    Rest,
}

/// What the edge knows of a request whose handler may be gone.
pub(crate) struct Asked {
    pub(crate) surface: Surface,
    pub(crate) method: Method,
    pub(crate) target: String,
    /// The session, when somebody asked for it on the way: the page says in whose place its bearer acts.
    pub(crate) session: Option<LiveSession>,
}

impl Surface {
    /// The surface of a path that no handler answered, or whose handler did not name one.
    pub(crate) fn of(request: &HttpRequest) -> Self {
        if let Some(surface) = request.app_data::<Self>() {
            return *surface;
        }
        let wants_json = || {
            let accept =
                request.headers().get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
            accept.contains("json") && !accept.contains("text/html")
        };
        if request.path().starts_with("/api/") || wants_json() { Self::Rest } else { Self::Page }
    }
}

impl Asked {
    pub(crate) fn of(request: &HttpRequest) -> Self {
        Self {
            surface: Surface::of(request),
            method: request.method().clone(),
            target: request.uri().path_and_query().map(ToString::to_string).unwrap_or_default(),
            session: None,
        }
    }
}

/// The response to an error, in the shape of its surface.
pub(crate) async fn respond(app: &App, arrival: &Arrival, asked: &Asked, error: &WebError) -> HttpResponse {
    let problem = error.problem();
    let mut response = match asked.surface {
        Surface::Page => page(app, arrival, asked, problem).await,
        Surface::OAuth => {
            HttpResponse::build(problem.status).json(oauth_body(&english(app), problem, &arrival.request_id))
        }
        Surface::Rest => {
            HttpResponse::build(problem.status).json(rest_body(&english(app), problem, &arrival.request_id))
        }
    };
    let mut header = |name, value: &str| {
        if let Ok(value) = value.parse() {
            response.headers_mut().insert(name, value);
        }
    };
    header(CACHE_CONTROL, "no-store");
    if let Some(wait) = problem.retry_after {
        header(RETRY_AFTER, &retry_secs(problem, wait.as_secs()));
    }
    if let Some(challenge) =
        problem.authenticate.as_deref().or_else(|| default_challenge(asked.surface, problem))
    {
        header(WWW_AUTHENTICATE, challenge);
    }
    response
}

/// A 401 names a scheme (RFC 9110 §15.5.2); pages are signed in to by flows, which have none.
fn default_challenge(surface: Surface, problem: &Problem) -> Option<&'static str> {
    match (problem.kind, surface) {
        (ErrorKind::Unauthenticated, Surface::OAuth) => Some("Basic realm=\"countersign\""),
        (ErrorKind::Unauthenticated, Surface::Rest) => Some("Bearer realm=\"countersign\""),
        _ => None,
    }
}

/// Whole seconds, rounded up, at least one (RFC 9110 §10.2.3).
fn retry_secs(problem: &Problem, secs: i64) -> String {
    let is_exact = problem.retry_after.is_some_and(|span| span.as_micros() % 1_000_000 == 0);
    let rounded = if is_exact { secs } else { secs.saturating_add(1) };
    rounded.max(1).to_string()
}

async fn page(app: &App, arrival: &Arrival, asked: &Asked, problem: &Problem) -> HttpResponse {
    if problem.kind == ErrorKind::Unauthenticated && asked.method == Method::GET {
        let to = format!("/flows/-/default/authentication/?next={}", encode_next(&asked.target));
        return HttpResponse::Found().insert_header((LOCATION, to)).finish();
    }
    // Without a snapshot the page has our own looks.
    let snapshot = app.store().snapshot().await.ok();
    let brand = snapshot.as_ref().and_then(|snapshot| snapshot.brand_for(&arrival.host));
    let facts = Facts::new(app, arrival, None, brand);
    let acting = asked.session.as_ref().filter(|live| live.session.impersonator.is_some());
    let cx = PageCx::new(app, facts, snapshot.as_deref(), acting);
    let (title, text) = words(problem);
    let args =
        [("id", TextArg::from(arrival.request_id.as_str())), ("minutes", TextArg::Number(minutes(problem)))];
    let ways = if problem.ways.is_empty() { vec![default_way(problem.kind)] } else { problem.ways.clone() };
    let page = ErrorPage {
        title: problem.title.as_ref().map_or_else(|| cx.t(title), |title| cx.text(title)),
        text: problem.text.as_ref().map_or_else(|| cx.t_args(text, &args), |text| cx.text(text)),
        ways: ways.into_iter().map(|way| (cx.t(way.label), way.href)).collect(),
        cx: &cx,
    };
    match cx.render_with(problem.status, &page) {
        Ok(response) => response,
        Err(error) => {
            tracing::error!(request_id = arrival.request_id, %error, "the error page cannot be rendered");
            HttpResponse::build(problem.status).content_type("text/plain; charset=utf-8").body(page.text)
        }
    }
}

fn words(problem: &Problem) -> (&'static str, &'static str) {
    match problem.kind {
        ErrorKind::NotFound => ("error-not-found-title", "error-not-found-text"),
        ErrorKind::Unauthenticated => ("error-unauthenticated-title", "error-unauthenticated-text"),
        ErrorKind::Denied => ("error-denied-title", "error-denied-text"),
        ErrorKind::Invalid => ("error-bad-request-title", "error-bad-request-text"),
        ErrorKind::Conflict => ("error-conflict-title", "error-conflict-text"),
        ErrorKind::TooLarge => ("error-too-large-title", "error-too-large-text"),
        ErrorKind::Throttled => ("error-throttled-title", "error-throttled-text"),
        ErrorKind::Unavailable => ("error-unavailable-title", "error-unavailable-text"),
        ErrorKind::Internal => ("error-internal-title", "error-internal-text"),
    }
}

fn minutes(problem: &Problem) -> i64 {
    problem.retry_after.map_or(1, |span| span.as_secs().saturating_add(59) / 60).max(1)
}

fn default_way(kind: ErrorKind) -> WayOn {
    match kind {
        ErrorKind::Unauthenticated => {
            WayOn { label: "action-sign-in", href: "/flows/-/default/authentication/".to_owned() }
        }
        _ => WayOn { label: "action-home", href: "/".to_owned() },
    }
}

/// Protocols speak English: `error_description` is ASCII (RFC 6749 §5.2).
fn english(app: &App) -> Localizer {
    app.catalogues().localizer(countersign_i18n::Locale::default())
}

fn description(localizer: &Localizer, problem: &Problem, request_id: &str) -> String {
    let text = match &problem.text {
        Some(text) => localizer.text(text),
        None => {
            let args = [("id", TextArg::from(request_id)), ("minutes", TextArg::Number(minutes(problem)))];
            localizer.t_args(words(problem).1, &args)
        }
    };
    let legal = |character: char| matches!(character, ' '..='~') && !matches!(character, '"' | '\\');
    text.chars().map(|character| if legal(character) { character } else { '\'' }).collect()
}

fn oauth_body(localizer: &Localizer, problem: &Problem, request_id: &str) -> Value {
    let code = problem.code.unwrap_or(match problem.kind {
        ErrorKind::Unauthenticated => "invalid_client",
        ErrorKind::Denied => "access_denied",
        ErrorKind::Throttled | ErrorKind::Unavailable => "temporarily_unavailable",
        ErrorKind::Internal => "server_error",
        ErrorKind::NotFound | ErrorKind::Invalid | ErrorKind::Conflict | ErrorKind::TooLarge => {
            "invalid_request"
        }
    });
    json!({ "error": code, "error_description": description(localizer, problem, request_id), "request_id": request_id })
}

fn rest_body(localizer: &Localizer, problem: &Problem, request_id: &str) -> Value {
    if !problem.fields.is_empty() {
        let mut map = Map::new();
        for error in &problem.fields.0 {
            let path = if error.path.is_empty() { "non_field_errors" } else { error.path.as_str() };
            let list = map.entry(path).or_insert_with(|| Value::Array(Vec::new()));
            if let Value::Array(messages) = list {
                messages.push(Value::String(localizer.text(&error.message)));
            }
        }
        return Value::Object(map);
    }
    let code = problem.code.unwrap_or(match problem.kind {
        ErrorKind::NotFound => "not_found",
        ErrorKind::Unauthenticated => "not_authenticated",
        ErrorKind::Denied => "permission_denied",
        ErrorKind::Invalid => "invalid",
        ErrorKind::Conflict => "conflict",
        ErrorKind::TooLarge => "too_large",
        ErrorKind::Throttled => "throttled",
        ErrorKind::Unavailable => "unavailable",
        ErrorKind::Internal => "error",
    });
    json!({ "detail": description(localizer, problem, request_id), "code": code })
}
