//! `/if/admin/search/?q=`: finds any page or object. With `format=json` the same for the command palette, and
//! with `target=` the objects that a reference may point at.

use std::sync::Arc;

use actix_web::{HttpResponse, http::header::CACHE_CONTROL};
use askama::Template;
use countersign_registry::{Hit as Found, ListQuery, ReadCx, ResourceError};
use countersign_store::{Snapshot, Tx};
use countersign_web::{BoundedQuery, WebError};
use serde_json::json;

use super::{
    form::{called, has_name, kinds_of},
    show, words,
};
use crate::{
    applications,
    cx::{ConsoleCx, fault},
    kit::Link,
    modules,
    nav::Section,
    shell::{Frame, Header},
};

/// Objects of each kind.
const OF_KIND: u32 = 5;
/// Results in all.
const MAX_RESULTS: usize = 40;
/// Suggestions for a reference.
const SUGGESTIONS: u32 = 20;
/// Longest text to look for, in characters.
const MAX_SEARCH: usize = 100;

#[derive(Template)]
#[template(path = "console/search.html")]
struct SearchPage<'s> {
    cx: &'s ConsoleCx,
    frame: Frame,
    search: String,
    /// What was found, by what it is.
    groups: Vec<(String, Vec<Hit>)>,
}

/// Something found.
struct Hit {
    name: String,
    kind: String,
    href: String,
}

/// Shows what there is.
pub(crate) async fn show(cx: ConsoleCx, BoundedQuery(query): BoundedQuery) -> Result<HttpResponse, WebError> {
    let search: String = query.first("q").unwrap_or_default().trim().chars().take(MAX_SEARCH).collect();
    if let Some(target) = query.first("target") {
        return suggestions(&cx, target.to_owned(), search).await;
    }
    let mut results = pages(&cx, &search);
    if !search.is_empty() {
        results.extend(objects(&cx, &search).await?);
    }
    results.truncate(MAX_RESULTS);
    if query.first("format") == Some("json") {
        let found: Vec<_> = results
            .iter()
            .map(|one| json!({ "name": one.name, "kind": one.kind, "href": one.href }))
            .collect();
        return Ok(HttpResponse::Ok()
            .insert_header((CACHE_CONTROL, "no-store"))
            .json(json!({ "results": found })));
    }
    let header = Header::new("/if/admin/search/", cx.t("action-search"));
    cx.show(&SearchPage { cx: &cx, frame: cx.frame(header), search, groups: grouped(results) })
}

/// The same under a heading for each kind, in the order in which the kinds come first.
fn grouped(results: Vec<Hit>) -> Vec<(String, Vec<Hit>)> {
    let mut groups: Vec<(String, Vec<Hit>)> = Vec::new();
    for hit in results {
        match groups.iter_mut().find(|(kind, _)| *kind == hit.kind) {
            Some((_, hits)) => hits.push(hit),
            None => groups.push((hit.kind.clone(), vec![hit])),
        }
    }
    groups
}

/// Pages of the rail, and the wizard, whose names have all the words.
fn pages(cx: &ConsoleCx, search: &str) -> Vec<Hit> {
    let words: Vec<String> = search.split_whitespace().map(str::to_lowercase).collect();
    let rail = modules::visible(cx).into_iter();
    let rail = rail.map(|entry| (entry.section, Link::new(cx.t(entry.label), entry.path)));
    let wizard = applications::wizard(cx).map(|link| (Section::Applications, link));
    let mut found: Vec<(Section, Hit)> = rail
        .chain(wizard)
        .map(|(section, Link { label, href })| {
            (section, Hit { name: label, kind: cx.t(section.label()), href })
        })
        .filter(|(_, page)| {
            let text = format!("{} {}", page.name, page.kind).to_lowercase();
            words.iter().all(|word| text.contains(word))
        })
        .collect();
    found.sort_by_key(|(section, _)| *section);
    found.into_iter().map(|(_, page)| page).collect()
}

/// Objects of every kind, those first whose names begin with what is looked for. One trip.
async fn objects(cx: &ConsoleCx, search: &str) -> Result<Vec<Hit>, WebError> {
    let wanted = search.to_owned();
    let snapshot = Arc::clone(&cx.snapshot);
    let found = cx.look(move |tx, read| found(tx, read, &snapshot, &wanted)).await.map_err(fault)?;
    let lower = search.to_lowercase();
    let mut results: Vec<(u8, Hit)> = found
        .into_iter()
        .filter_map(|hit| {
            let kind = cx.registry().get(hit.model).ok()?.descriptor();
            let href = show::address(cx, hit.model, &hit.key)?;
            let rank = Found::rank(&hit.name, &lower);
            Some((rank, Hit { name: hit.name, kind: words::name(cx, kind), href }))
        })
        .collect();
    results.sort_by(|one, other| {
        one.0.cmp(&other.0).then_with(|| one.1.name.to_lowercase().cmp(&other.1.name.to_lowercase()))
    });
    Ok(results.into_iter().map(|(_, result)| result).collect())
}

fn found(
    tx: &mut Tx<'_>,
    read: ReadCx<'_>,
    snapshot: &Snapshot,
    search: &str,
) -> Result<Vec<Found>, ResourceError> {
    let mut all = Vec::new();
    // Bindings have no names of their own: whoever looks for one looks for what it binds.
    for kind in read.registry.resources().filter(|kind| has_name(*kind)) {
        all.extend(kind.search(tx, read, snapshot, search, OF_KIND)?);
    }
    Ok(all)
}

/// Objects that a reference may point at, by name.
async fn suggestions(cx: &ConsoleCx, target: String, search: String) -> Result<HttpResponse, WebError> {
    let snapshot = Arc::clone(&cx.snapshot);
    let found = cx
        .look(move |tx, read| {
            let query = ListQuery {
                search: Some(search.clone()).filter(|search| !search.is_empty()),
                ..ListQuery::first(SUGGESTIONS)
            };
            let mut all = Vec::new();
            for kind in kinds_of(read, &target) {
                all.extend(kind.list_kept(tx, read, &snapshot, &query)?.items);
            }
            Ok(all)
        })
        .await
        .map_err(fault)?;
    let mut names: Vec<_> = found.into_iter().map(|viewed| called(&viewed)).collect();
    names.sort();
    names.truncate(SUGGESTIONS as usize);
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .json(json!({ "results": names.iter().map(|name| json!({ "name": name })).collect::<Vec<_>>() })))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_found_stands_under_its_kind_and_the_best_kind_first() {
        let hit = |name: &str, kind: &str| Hit {
            name: name.to_owned(),
            kind: kind.to_owned(),
            href: String::new(),
        };
        let groups = grouped(vec![hit("ada", "User"), hit("admins", "Group"), hit("adam", "User")]);
        let names: Vec<(&str, Vec<&str>)> = groups
            .iter()
            .map(|(kind, hits)| (kind.as_str(), hits.iter().map(|hit| hit.name.as_str()).collect()))
            .collect();
        assert_eq!(names, [("User", vec!["ada", "adam"]), ("Group", vec!["admins"])]);
    }
}
