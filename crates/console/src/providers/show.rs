//! The page of a provider: its application, its settings, its addresses.

use actix_web::{HttpResponse, web::Path};
use countersign_model::Provider;
use countersign_registry::ResourceError;
use countersign_web::WebError;

use super::{find, header};
use crate::{
    applications,
    cx::{ConsoleCx, fault},
    generic::{detail, show::Names},
    kit::{Cell, Code, Pair},
    parts::{Body, Part, PartsPage},
};

/// `…/<pk>/`.
pub(crate) async fn show(cx: ConsoleCx, key: Path<String>) -> Result<HttpResponse, WebError> {
    let provider = find(&cx, &key)?;
    let (id, model) = (provider.id.raw(), provider.kind.clone());
    let snapshot = std::sync::Arc::clone(&cx.snapshot);
    let (viewed, names) = cx
        .look(move |tx, read| {
            let resource = read.registry.get(&model)?;
            let viewed = resource.brief(tx, read, id)?.ok_or(ResourceError::NotFound)?;
            let fields: Vec<_> = resource.descriptor().fields.iter().collect();
            let names = Names::load(tx, read, &snapshot, &fields, &[&viewed.document])?;
            Ok((viewed, names))
        })
        .await
        .map_err(fault)?;
    let kind = cx.registry().get(&provider.kind).map_err(fault)?.descriptor();
    let application = match cx.snapshot.application_of_provider(provider.id) {
        Some(found) => Cell::link(&found.name, format!("{}{}/", applications::HERE, found.slug)),
        None => Cell::Badge(cx.t("console-provider-unused"), "warning"),
    };
    let pair = Pair::new(cx.t("console-provider-application"), application);
    let mut parts = vec![Part::new(Body::Pairs(vec![pair]))];
    parts.extend(setup(&cx, &provider).await?);
    for (heading, pairs) in detail::groups(&cx, kind, &viewed, &names) {
        parts.push(Part::new(Body::Pairs(pairs)).titled(heading));
    }
    let frame = cx.frame(header(&cx, &provider, "")?);
    cx.show(&PartsPage { cx: &cx, frame, parts })
}

/// What is to be copied to the application's side; nothing for kinds without any.
pub(crate) async fn setup(cx: &ConsoleCx, provider: &Provider) -> Result<Option<Part>, WebError> {
    let Some(seams) = cx.seams() else { return Ok(None) };
    let urls = seams.providers.setup_urls(provider.id.raw(), cx.base_url()).await;
    let urls = urls.map_err(|error| WebError::new(error.kind()).caused_by(error))?;
    let mut codes = Vec::new();
    if let Some(client_id) = &provider.client_id {
        codes.push(Code { label: cx.t("console-setup-client-id"), text: client_id.clone() });
    }
    for (name, url) in urls.unwrap_or_default() {
        let key = format!("console-setup-{}", name.replace('_', "-"));
        let label = cx.localizer().find(&key).unwrap_or_else(|| name.to_owned());
        codes.extend(url.map(|text| Code { label, text }));
    }
    if codes.is_empty() {
        return Ok(None);
    }
    let part = Part::new(Body::Codes(codes)).titled(cx.t("console-setup-title"));
    Ok(Some(part.saying(cx.t("console-setup-text"))))
}
