//! After the wizard: what is to be copied to the application's side. Secrets are in this answer and nowhere else.

use actix_web::HttpResponse;
use countersign_registry::Written;
use countersign_web::WebError;

use super::HERE;
use crate::{
    cx::ConsoleCx,
    generic::words,
    kit::{Button, Code},
    parts::{Body, Part, PartsPage},
    providers,
    shell::Header,
};

/// The answer to the wizard's form.
pub(super) async fn show(
    cx: &ConsoleCx,
    slug: String,
    provider: Option<Written>,
) -> Result<HttpResponse, WebError> {
    // The configuration in hand is from before the transaction.
    let snapshot = cx.app.snapshot().await?;
    let application = snapshot.application_by_slug(&slug).ok_or_else(WebError::not_found)?;
    let mut parts = Vec::new();
    if let Some(written) = provider
        && let Some(found) = snapshot.provider(countersign_model::ProviderId(written.id))
    {
        let kind = cx.registry().get(&found.kind).ok().map(|resource| resource.descriptor());
        let label = |name: &str| {
            let field = kind.and_then(|kind| Some((kind, kind.field(name)?)));
            field.map_or_else(|| name.to_owned(), |(kind, field)| words::label(cx, kind, field))
        };
        let secrets: Vec<Code> = written
            .generated
            .iter()
            .map(|(name, secret)| Code { label: label(name), text: secret.expose().clone() })
            .collect();
        if !secrets.is_empty() {
            let part = Part::new(Body::Codes(secrets)).titled(cx.t("console-wizard-secrets"));
            parts.push(part.saying(cx.t("console-wizard-secrets-text")));
        }
        parts.extend(providers::setup(cx, found).await?);
    }
    let here = format!("{HERE}{slug}/");
    let next = Part::new(Body::Text(vec![cx.t("console-wizard-next")]))
        .with(Button::link(cx.t("console-wizard-open"), &here))
        .with(Button::link(cx.t("console-application-launch"), format!("/application/launch/{slug}/")));
    parts.push(next.titled(cx.t("console-wizard-next-title")));
    let header = Header::new(HERE, cx.t_with("console-wizard-made", "name", &application.name))
        .crumb(cx.t("console-nav-applications"), HERE)
        .notice("success", cx.t("console-wizard-made-text"));
    cx.show(&PartsPage { cx, frame: cx.frame(header), parts })
}
