//! `/if/flow/<slug>/`: the page of a flow. GET shows the question in hand; POST answers it and redirects.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{Method, StatusCode},
    web::Path,
};
use askama::Template;
use countersign_flows::{Denied, FlowError, Node, Reply, ReplyKind, Response, ShownChallenge};
use countersign_web::{App, Csp, PageCx, WebError, found, nothing_done, safe_next, see_other};

use super::{
    Visit,
    form::FlowForm,
    nodes::{ActionView, ChallengeView, ComfortView, NodeView, Widget},
};
use crate::frame::{Frame, without_locale};

/// Hidden field of the step token.
const TOKEN: &str = "plan";

#[derive(Template)]
#[template(path = "portal/flow.html")]
struct FlowPage<'a> {
    cx: &'a PageCx,
    page: FlowView,
    /// Shows the widget of a captcha, where there is one.
    captcha_script: String,
    /// Adds to fields what they offer beside them.
    fields_script: String,
}

/// The words and addresses of a flow page.
struct FlowView {
    title: String,
    /// Title of the tab: says first when something is wrong.
    tab_title: String,
    action: String,
    token: String,
    frame: Frame,
    challenge: ChallengeView,
}

#[derive(Template)]
#[template(path = "portal/denied.html")]
pub(crate) struct DeniedPage<'a> {
    pub(crate) cx: &'a PageCx,
    pub(crate) page: DeniedView,
}

/// The words of a refusal.
pub(crate) struct DeniedView {
    pub(crate) title: String,
    pub(crate) messages: Vec<String>,
    pub(crate) ways: Vec<(String, String)>,
    pub(crate) frame: Frame,
}

/// Whether there is such a flow. Nobody goes a step along it.
pub(crate) async fn glance(request: HttpRequest, slug: Path<String>) -> Result<HttpResponse, WebError> {
    let snapshot = App::shared(&request)?.snapshot().await?;
    snapshot.flow_by_slug(&slug).ok_or_else(WebError::not_found)?;
    Ok(nothing_done().await)
}

/// Shows the question in hand.
pub(crate) async fn show(
    request: HttpRequest,
    slug: Path<String>,
    cx: PageCx,
) -> Result<HttpResponse, WebError> {
    let visit = Visit::of(&request, &slug, without_locale(request.query_string())).await?;
    let reply = visit.question().await;
    let reply = reply.map_err(|error| mishap(error, &visit))?;
    respond(&visit, cx, reply, &Method::GET)
}

/// Answers it.
pub(crate) async fn answer(
    request: HttpRequest,
    slug: Path<String>,
    cx: PageCx,
    form: FlowForm,
) -> Result<HttpResponse, WebError> {
    let visit = Visit::of(&request, &slug, without_locale(request.query_string())).await?;
    if visit.browser.is_new() {
        return Err(no_cookies(visit.url()));
    }
    visit.throttle()?;
    let FlowForm(mut pairs) = form;
    let token = take_only(&mut pairs, TOKEN).ok_or_else(|| mishap(FlowError::Stale, &visit))?;
    let response = Response::from_form(pairs).ok_or_else(|| mishap(FlowError::Malformed, &visit))?;
    let reply = Box::pin(visit.app.executor().answer(&visit.flow, Some(&token), None, response)).await;
    let reply = reply.map_err(|error| mishap(error, &visit))?;
    respond(&visit, cx, reply, &Method::POST)
}

/// A value that was sent exactly once.
fn take_only(pairs: &mut Vec<(String, String)>, name: &str) -> Option<String> {
    let at = pairs.iter().position(|(other, _)| other == name)?;
    let (_, value) = pairs.remove(at);
    pairs.iter().all(|(other, _)| other != name).then_some(value)
}

fn respond(visit: &Visit, cx: PageCx, reply: Reply, method: &Method) -> Result<HttpResponse, WebError> {
    let mut response = match reply.kind {
        ReplyKind::Challenge(mut shown) => {
            let is_news = shown.challenge.drop_news();
            let is_refused = shown.is_retry && !is_news;
            let status = if is_refused { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
            question(visit, cx, &shown, status)?
        }
        // Answered: the browser fetches the next question, so that "back" and "reload" stay harmless.
        ReplyKind::NextChallenge(_) => see_other(&visit.url()),
        ReplyKind::Redirect { to } if method == Method::POST => see_other(&to),
        ReplyKind::Redirect { to } => found(&to),
        ReplyKind::Denied(denied) => refusal(&cx, &denied)?,
    };
    visit.settle(&reply.session, &mut response);
    Ok(response)
}

fn question(
    visit: &Visit,
    cx: PageCx,
    shown: &ShownChallenge,
    status: StatusCode,
) -> Result<HttpResponse, WebError> {
    let origins = shown.info.form_origins.iter().map(String::as_str);
    let widgets = shown.challenge.nodes.iter().filter_map(|node| match node {
        Node::Captcha(widget) => Some(widget),
        _ => None,
    });
    let csp = widgets
        .fold(Csp::new().form_actions(origins), |csp, widget| csp.widget(&widget.script, &widget.endpoint));
    let cx = cx.with_csp(csp);
    let page = FlowView::of(shown, &cx);
    let captcha_script = visit.app.assets().url("js/captcha.js");
    let fields_script = visit.app.assets().url("js/fields.js");
    cx.render_with(status, &FlowPage { cx: &cx, page, captcha_script, fields_script })
}

impl FlowView {
    fn of(shown: &ShownChallenge, cx: &PageCx) -> Self {
        let title = cx.text(shown.challenge.title.as_ref().unwrap_or(&shown.info.title));
        let tab_title = if shown.challenge.errors.is_empty() {
            title.clone()
        } else {
            cx.t_with("portal-title-error", "title", &title)
        };
        Self {
            tab_title,
            title,
            action: shown.info.url.clone(),
            token: shown.token.clone(),
            frame: Frame::of_flow(&shown.info, cx),
            challenge: ChallengeView::of(&shown.challenge, cx.localizer()),
        }
    }
}

fn refusal(cx: &PageCx, denied: &Denied) -> Result<HttpResponse, WebError> {
    let mut messages: Vec<String> = denied.messages.iter().map(|message| cx.text(message)).collect();
    messages.dedup();
    if messages.is_empty() {
        messages.push(cx.t("error-denied-text"));
    }
    let page = DeniedView {
        title: cx.t("error-denied-title"),
        messages,
        ways: vec![(cx.t("action-home"), "/".to_owned())],
        frame: Frame::of_flow(&denied.info, cx),
    };
    cx.render_with(StatusCode::FORBIDDEN, &DeniedPage { cx, page })
}

/// What went wrong, with a way on that fits.
fn mishap(error: FlowError, visit: &Visit) -> WebError {
    let way = match &error {
        FlowError::Stale => Some(("portal-continue-here", visit.url())),
        FlowError::BadStart => Some(("action-restart", without_start(visit))),
        FlowError::Malformed | FlowError::Stage(_) | FlowError::Store(_) => {
            Some(("action-retry", visit.url()))
        }
        FlowError::NotFound => None,
    };
    let shown = WebError::from(error);
    match way {
        Some((label, href)) => shown.way_on(label, href),
        None => shown,
    }
}

/// What was handed over cannot be read, so it is begun where it was handed over, or without.
fn without_start(visit: &Visit) -> String {
    let next = visit.flow.query.split('&').find_map(|pair| pair.strip_prefix("next="));
    let next = next.map(|next| percent_encoding::percent_decode_str(next).decode_utf8_lossy().into_owned());
    match next.as_deref().and_then(safe_next) {
        Some(next) => next.to_owned(),
        None => format!("/if/flow/{}/", visit.flow.slug),
    }
}

/// A form came back without the cookie that its page had set.
pub(crate) fn no_cookies(again: String) -> WebError {
    WebError::invalid()
        .titled("error-cookies-title")
        .saying("error-cookies-text")
        .way_on("action-restart", again)
}
