//! A flow as a file, out of one installation and into another.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{CONTENT_DISPOSITION, CONTENT_TYPE},
    },
    web::{Path, Payload},
};
use askama::Template;
use countersign_registry::{Applied, SeamError};
use countersign_types::{JsonObject, TextArg};
use countersign_web::{WebError, bounded_body, csrf, multipart};

use super::{FLOW, LIST, viewed};
use crate::{
    cx::{ConsoleCx, fault},
    kit::Code,
    shell::{Frame, Header},
};

/// Who imports a file writes objects of many kinds; each is asked for again.
const IMPORT: &str = "authentik_flows.add_flow";

#[derive(Template)]
#[template(path = "console/flow_import.html")]
struct ImportPage<'a> {
    cx: &'a ConsoleCx,
    frame: Frame,
    text: String,
    problems: Vec<String>,
    warnings: Vec<String>,
    /// What was made, when something was.
    counts: Option<String>,
    secrets: Vec<Code>,
}

/// `GET …/<slug>/export/`.
pub(super) async fn export(cx: ConsoleCx, slug: Path<String>) -> Result<HttpResponse, WebError> {
    let flow = viewed(&cx, &slug).await?;
    cx.require("authentik_flows.export_flow", Some(flow.id))?;
    let seams = cx.seams().ok_or_else(WebError::not_found)?;
    let text = seams.blueprints.export(FLOW, &flow.key).await.map_err(failed)?;
    Ok(file(&format!("flow-{}", flow.key), text))
}

/// A blueprint to be kept as a file of this name.
pub(crate) fn file(name: &str, text: String) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/yaml; charset=utf-8"))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}.yaml\"")))
        .body(text)
}

/// `GET …/flows/~import/`.
pub(super) async fn ask(cx: ConsoleCx) -> Result<HttpResponse, WebError> {
    cx.require(IMPORT, None)?;
    cx.seams().ok_or_else(WebError::not_found)?;
    show(&cx, StatusCode::OK, String::new(), Applied::default())
}

/// `POST …/flows/~import/`: the fields `file` and `text`, of which the file counts when there is one.
pub(super) async fn import(
    request: HttpRequest,
    cx: ConsoleCx,
    payload: Payload,
) -> Result<HttpResponse, WebError> {
    cx.require(IMPORT, None)?;
    let body = bounded_body(&request, &mut payload.into_inner(), "multipart/form-data").await?;
    let content_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let boundary = content_type.and_then(multipart::boundary).ok_or_else(WebError::invalid)?;
    let parts = multipart::parts(&body, &boundary, 8)?;
    let text_of = |name: &str| {
        let part = parts.iter().find(|part| part.name == name);
        part.map(|part| part.text().map(str::to_owned)).transpose()
    };
    let token = text_of(csrf::FIELD)?.unwrap_or_default();
    if !csrf::is_token_of(cx.app.sealer(), &cx.session, &token) {
        return Err(WebError::expired_form());
    }
    let seams = cx.seams().ok_or_else(WebError::not_found)?;
    let (file, typed) = (text_of("file")?.unwrap_or_default(), text_of("text")?.unwrap_or_default());
    let text = if file.trim().is_empty() { typed } else { file };
    let applied = seams.blueprints.import(&cx.actor, &text, &JsonObject::new()).await.map_err(failed)?;
    let status = if applied.success { StatusCode::OK } else { StatusCode::BAD_REQUEST };
    show(&cx, status, if applied.success { String::new() } else { text }, applied)
}

fn show(
    cx: &ConsoleCx,
    status: StatusCode,
    text: String,
    applied: Applied,
) -> Result<HttpResponse, WebError> {
    let header = Header::new(LIST, cx.t("flow-import")).crumb(cx.t("console-nav-flows"), LIST);
    let header = header.text(cx.t("flow-import-text"));
    let [made, changed, deleted, same] = applied.counts.map(|count| i64::try_from(count).unwrap_or(i64::MAX));
    let counts = applied.success.then(|| {
        let number = |name, count| (name, TextArg::Number(count));
        let counts = [
            number("made", made),
            number("changed", changed),
            number("deleted", deleted),
            number("same", same),
        ];
        cx.t_args("flow-import-counts", &counts)
    });
    let secrets = applied
        .generated
        .iter()
        .map(|(label, secret)| Code { label: label.clone(), text: secret.expose().clone() });
    let page = ImportPage {
        frame: cx.frame(header),
        text,
        problems: applied.problems,
        warnings: applied.warnings,
        counts,
        secrets: secrets.collect(),
        cx,
    };
    cx.show_with(status, &page)
}

/// What a room behind a seam did not do, as a page.
pub(crate) fn failed(error: SeamError) -> WebError {
    match error {
        SeamError::NotFound => WebError::not_found(),
        SeamError::Resource(error) => fault(error),
        SeamError::Failed(kind, problem) => WebError::new(kind).caused_by(problem),
    }
}
