//! Notifications: what is bound to a rule, and trying a transport out.
//!
//! List, form and deletion are the generic pages'.

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Path, ServiceConfig, get, post},
};
use countersign_authz::Permission;
use countersign_events::{RULE, TRANSPORT};
use countersign_registry::{SeamError, Viewed};
use countersign_web::WebError;

use crate::{
    applications::bindings::{Guarded, change_of, show_of},
    cx::{ConsoleCx, ConsoleForm, fault},
    generic::detail::{Tab, header},
    nav::Module,
    parts::{Body, Part, PartsPage, SmallForm, Tone},
    routes::at,
};

/// Address of the list of rules.
const RULES: &str = "/if/admin/events/rules/";
/// Address of the list of transports.
const TRANSPORTS: &str = "/if/admin/events/transports/";

/// The pages of notifications.
pub(crate) const MODULE: Module = Module { nav: &[], routes };

fn routes(config: &mut ServiceConfig) {
    at(config, &format!("{RULES}{{key}}/bindings/"), [get().to(bindings), post().to(bind)]);
    at(config, &format!("{TRANSPORTS}{{key}}/test/"), [get().to(ask), post().to(send)]);
}

/// The page with what is bound to a rule.
pub(crate) fn bindings_of(viewed: &Viewed) -> Option<String> {
    (viewed.model == RULE).then(|| format!("{RULES}{}/bindings/", viewed.key))
}

/// The page that tries a transport out.
pub(crate) fn test_of(cx: &ConsoleCx, viewed: &Viewed) -> Option<String> {
    let may = || cx.may(Permission::change(TRANSPORT).as_str(), Some(viewed.id));
    (viewed.model == TRANSPORT && may()).then(|| format!("{TRANSPORTS}{}/test/", viewed.key))
}

async fn found(cx: &ConsoleCx, model: &'static str, key: &str) -> Result<Viewed, WebError> {
    let key = key.to_owned();
    let found = cx.look(move |tx, read| {
        let resource = read.registry.get(model)?;
        let id = resource.resolve(tx, &key)?.ok_or(countersign_registry::ResourceError::NotFound)?;
        resource.view(tx, read, id)?.ok_or(countersign_registry::ResourceError::NotFound)
    });
    found.await.map_err(fault)
}

async fn guarded(cx: &ConsoleCx, key: &str) -> Result<Guarded, WebError> {
    let rule = found(cx, RULE, key).await?;
    let place = cx.places().of_model(RULE).ok_or_else(WebError::not_found)?;
    let kind = cx.registry().get(RULE).map_err(fault)?.descriptor();
    Ok(Guarded {
        id: rule.id,
        here: format!("{RULES}{}/bindings/", rule.key),
        caption: "console-rule-bindings",
        combine: "console-rule-bindings-any",
        none: ("console-rule-bindings-none", "console-rule-bindings-none-text"),
        header: header(cx, place, kind, &rule, Tab::Bindings),
    })
}

async fn bindings(cx: ConsoleCx, key: Path<String>) -> Result<HttpResponse, WebError> {
    let guarded = guarded(&cx, &key).await?;
    show_of(&cx, guarded).await
}

async fn bind(form: ConsoleForm, key: Path<String>) -> Result<HttpResponse, WebError> {
    let guarded = guarded(&form.cx, &key).await?;
    change_of(form, guarded).await
}

/// A transport that the reader may try out.
async fn transport(cx: &ConsoleCx, key: &str) -> Result<Viewed, WebError> {
    let transport = found(cx, TRANSPORT, key).await?;
    cx.require(Permission::change(TRANSPORT).as_str(), Some(transport.id))?;
    Ok(transport)
}

async fn ask(cx: ConsoleCx, key: Path<String>) -> Result<HttpResponse, WebError> {
    let transport = transport(&cx, &key).await?;
    page(&cx, &transport, StatusCode::OK, None)
}

fn page(
    cx: &ConsoleCx,
    transport: &Viewed,
    status: StatusCode,
    said: Option<(&'static str, String)>,
) -> Result<HttpResponse, WebError> {
    let place = cx.places().of_model(TRANSPORT).ok_or_else(WebError::not_found)?;
    let kind = cx.registry().get(TRANSPORT).map_err(fault)?.descriptor();
    let here = format!("{TRANSPORTS}{}/test/", transport.key);
    let mut header = header(cx, place, kind, transport, Tab::Elsewhere);
    if let Some((level, text)) = said {
        header = header.notice(level, text);
    }
    let form = SmallForm::post(here, cx.t("console-transport-send")).toned(Tone::Primary);
    let part = Part::new(Body::Form(form)).titled(cx.t("console-transport-test"));
    let parts = vec![part.saying(cx.t("console-transport-test-text"))];
    cx.show_with(status, &PartsPage { cx, frame: cx.frame(header), parts })
}

/// `POST …/<key>/test/`: sends the administrator a notification now.
async fn send(form: ConsoleForm, key: Path<String>) -> Result<HttpResponse, WebError> {
    let ConsoleForm { cx, body } = form;
    let transport = found(&cx, TRANSPORT, &key).await?;
    let permit = cx.require(Permission::change(TRANSPORT).as_str(), Some(transport.id))?;
    body.read(permit).await?;
    let seams = cx.seams().ok_or_else(WebError::not_found)?;
    let subject = &cx.session.subject;
    match seams.notifications.test(transport.id, subject).await {
        Ok(said) => {
            let words = [cx.t("console-transport-sent")].into_iter().chain(said).collect::<Vec<_>>();
            page(&cx, &transport, StatusCode::OK, Some(("success", words.join(" "))))
        }
        Err(SeamError::Failed(_, problem)) => {
            let words = cx.t_with("api-error-transport", "problem", &problem);
            page(&cx, &transport, StatusCode::BAD_GATEWAY, Some(("danger", words)))
        }
        Err(SeamError::NotFound) => Err(WebError::not_found()),
        Err(SeamError::Resource(error)) => Err(fault(error)),
    }
}
