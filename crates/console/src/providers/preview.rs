//! What the application would learn about a chosen user.

use std::sync::Arc;

use actix_web::{HttpResponse, web::Path};
use countersign_registry::{Permission, ResourceError};
use countersign_store::users;
use countersign_web::{BoundedQuery, WebError};
use serde_json::Value;

use super::{address, find, header};
use crate::{
    cx::{ConsoleCx, fault},
    kit::{Cell, Pair},
    parts::{Body, Part, PartsPage, SmallField, SmallForm},
};

/// `…/<pk>/preview/`.
pub(crate) async fn show(
    cx: ConsoleCx,
    key: Path<String>,
    BoundedQuery(query): BoundedQuery,
) -> Result<HttpResponse, WebError> {
    let provider = find(&cx, &key)?;
    let own = cx.session.subject.user.username.clone();
    let name = query.only("user")?.map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned);
    let wanted = name.clone().unwrap_or_else(|| own.clone());
    let view = Permission::view("authentik_core.user");
    let (asked, own_id) = (wanted.clone(), cx.session.subject.user.id);
    let subject = cx
        .look(move |tx, read| {
            let Some(user) = users::by_username(tx, &asked)? else { return Ok(None) };
            if user.id != own_id && !read.actor.may(&view, Some(user.id.raw())) {
                return Ok(None);
            }
            users::subject(tx, user.id)?.ok_or(ResourceError::NotFound).map(Some)
        })
        .await
        .map_err(fault)?;
    let error = if subject.is_none() { cx.t("console-preview-nobody") } else { String::new() };
    let field = SmallField::text("user", cx.t("console-user-username")).with_value(wanted).with_error(error);
    let form = SmallForm::get(address(&provider, "preview/"), cx.t("console-preview-do")).field(field);
    let mut parts = vec![Part::new(Body::Form(form))];
    if let (Some(subject), Some(seams)) = (subject, cx.seams()) {
        let found = seams.providers.preview(provider.id.raw(), &Arc::new(subject), cx.base_url()).await;
        let found = found.map_err(|error| WebError::new(error.kind()).caused_by(error))?;
        match found {
            None => parts.push(Part::new(Body::Text(vec![cx.t("console-preview-none")]))),
            Some(preview) => {
                let claims = preview.claims.iter().map(|(name, value)| Pair::new(name, claim(value)));
                let claims = Part::new(Body::Pairs(claims.collect()));
                parts.push(claims.titled(cx.t("console-preview-claims")));
                if !preview.failures.is_empty() {
                    let failures =
                        preview.failures.iter().map(|(name, why)| Pair::new(name, Cell::Block(why.clone())));
                    let failures = Part::new(Body::Pairs(failures.collect()));
                    parts.push(failures.titled(cx.t("console-preview-failures")));
                }
            }
        }
    }
    let frame = cx.frame(header(&cx, &provider, "preview/")?.text(cx.t("console-preview-text")));
    cx.show(&PartsPage { cx: &cx, frame, parts })
}

fn claim(value: &Value) -> Cell {
    match value {
        Value::String(text) => Cell::text(text),
        Value::Null => Cell::Nothing,
        Value::Bool(_) | Value::Number(_) => Cell::Code(value.to_string()),
        value => Cell::Block(serde_json::to_string_pretty(value).unwrap_or_default()),
    }
}
