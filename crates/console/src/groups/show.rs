//! The page of a group: what it is, what it belongs to, what it brings.

use actix_web::{HttpResponse, web::Path};
use countersign_store::{groups, roles as role_rows};
use countersign_web::WebError;
use serde_json::Value;

use super::{HERE, find, header};
use crate::{
    cx::{ConsoleCx, fault},
    kit::{Cell, Link, Pair},
    parts::{Body, Part, PartsPage},
    roles,
};

/// `…/<id>/`.
pub(crate) async fn show(cx: ConsoleCx, key: Path<String>) -> Result<HttpResponse, WebError> {
    let (group, parents, given) = cx
        .look(move |tx, read| {
            let group = find(tx, read.actor, &key)?;
            let mut parents = Vec::new();
            for parent in &group.parents {
                parents.extend(groups::by_id(tx, *parent)?);
            }
            let given = role_rows::of_group(tx, group.id)?;
            Ok((group, parents, given))
        })
        .await
        .map_err(fault)?;
    let links = |links: Vec<Link>| if links.is_empty() { Cell::Nothing } else { Cell::Links(links) };
    let parents = parents.iter().map(|parent| Link::new(&parent.name, format!("{HERE}{}/", parent.id)));
    let given = given.iter().filter_map(|id| {
        let role = cx.snapshot.role(*id)?;
        Some(Link::new(&role.name, format!("{}{id}/", roles::HERE)))
    });
    let word = if group.is_superuser { "word-yes" } else { "word-no" };
    let mut pairs = vec![
        Pair::new(cx.t("console-group-name"), Cell::Text(group.name.clone())),
        Pair::new(cx.t("console-group-superuser"), Cell::Flag(group.is_superuser, cx.t(word))),
        Pair::new(cx.t("console-group-parents"), links(parents.collect())),
        Pair::new(cx.t("console-nav-roles"), links(given.collect())),
        Pair::new(cx.t("console-user-id"), Cell::Code(group.id.to_string())),
    ];
    if !group.attributes.is_empty() {
        let text = serde_json::to_string_pretty(&Value::Object(group.attributes.clone())).unwrap_or_default();
        pairs.push(Pair::new(cx.t("console-user-attributes"), Cell::Block(text)));
    }
    let frame = cx.frame(header(&cx, &group, ""));
    cx.show(&PartsPage { cx: &cx, frame, parts: vec![Part::new(Body::Pairs(pairs))] })
}
