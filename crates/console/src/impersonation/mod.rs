//! Acting as somebody else: the question with its reason, the beginning and the end.
//!
//! What may be done and what is kept is decided in the registry's `accounts`; the banner on every page is the
//! shell's (`templates/components/acting.html`). The end is no page of the console: who acts as somebody may
//! not be allowed here, so it asks for the session only.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Path};
use countersign_flows::SessionChange;
use countersign_model::User;
use countersign_registry::{ResourceError, SystemSettings, accounts};
use countersign_types::Secret;
use countersign_web::{App, Facts, SessionForm, WebError, see_other};

use crate::{
    cx::{ConsoleCx, ConsoleForm, WriteError, fault},
    parts::{Body, Part, PartsPage, SmallField, SmallForm, Tone, Widget},
    users::{self, address, header, load, name_of},
};

/// `GET …/<pk>/impersonate/`.
pub(crate) async fn ask(cx: ConsoleCx, key: Path<String>) -> Result<HttpResponse, WebError> {
    let user = load(&cx, &key).await?.user;
    cx.require("authentik_core.impersonate", Some(user.id.raw()))?;
    page(&cx, &user, StatusCode::OK, String::new(), String::new())
}

fn page(
    cx: &ConsoleCx,
    user: &User,
    status: StatusCode,
    reason: String,
    error: String,
) -> Result<HttpResponse, WebError> {
    let settings = SystemSettings::of_snapshot(&cx.snapshot);
    let mut field = SmallField::new("reason", cx.t("console-impersonate-reason"), Widget::Area)
        .with_help(cx.t("console-impersonate-reason-help"))
        .with_value(reason)
        .with_error(error);
    field.is_required = settings.impersonation_require_reason;
    let form = SmallForm::post(address(user, "impersonate/"), cx.t("console-impersonate-do"))
        .field(field)
        .toned(Tone::Primary)
        .back(cx.t("action-cancel"), address(user, ""));
    let text = cx.t_with("console-impersonate-text", "name", name_of(user));
    let part = Part::new(Body::Form(form)).titled(cx.t("console-user-impersonate")).saying(text);
    let frame = cx.frame(header(cx, user, "impersonate/"));
    cx.show_with(status, &PartsPage { cx, frame, parts: vec![part] })
}

/// `POST …/<pk>/impersonate/`: from here on the browser is the other user's.
pub(crate) async fn begin(form: ConsoleForm, key: Path<String>) -> Result<HttpResponse, WebError> {
    let ConsoleForm { cx, body } = form;
    let target = load(&cx, &key).await?.user;
    let permit = cx.require("authentik_core.impersonate", Some(target.id.raw()))?;
    let reason = body.read(permit).await?.only("reason")?.unwrap_or_default().to_owned();
    let (own, said) = (cx.session.clone(), reason.clone());
    let id = target.id;
    let written = cx.write(move |tx, write| accounts::begin_impersonation(tx, write, &own, id, &said));
    match written.await {
        Ok(begun) => Ok(with_session(&cx.facts, see_other("/if/user/"), begun.token)),
        Err(WriteError::Resource(ResourceError::Fields(errors))) => {
            let error = errors.0.first().map(|error| cx.text(&error.message)).unwrap_or_default();
            page(&cx, &target, StatusCode::BAD_REQUEST, reason, error)
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /if/user/impersonation/end/`: the browser is one's own again.
pub(crate) async fn end(
    request: HttpRequest,
    facts: Facts,
    form: SessionForm,
) -> Result<HttpResponse, WebError> {
    let app = App::shared(&request)?;
    let acting = form.session;
    let client = facts.client.map(|client| client.to_string());
    let user = acting.subject.user.pk;
    let own = app
        .store()
        .write(move |tx| accounts::end_impersonation(tx, &acting, client.as_deref()))
        .await
        .map_err(fault)?;
    Ok(match own {
        Some(begun) => {
            let back = see_other(&format!("{}{user}/?done=impersonation-ended", users::HERE));
            with_session(&facts, back, begun.token)
        }
        None => {
            let mut response = see_other("/");
            facts.cookies().apply(&SessionChange::Clear, &mut response);
            response
        }
    })
}

/// An answer after which the browser holds this session.
fn with_session(facts: &Facts, mut response: HttpResponse, token: Secret<String>) -> HttpResponse {
    facts.cookies().apply(&SessionChange::Set { token, max_age: None, device: None }, &mut response);
    response
}
