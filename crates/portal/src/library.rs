//! `/if/user/`: the applications that a user may use, as tiles in groups.

use std::{collections::BTreeMap, sync::Arc};

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Data};
use askama::Template;
use countersign_i18n::Localizer;
use countersign_model::{Application, LiveSession, UserType};
use countersign_store::Snapshot;
use countersign_types::TextArg;
use countersign_web::{App, Avatar, BoundedQuery, Facts, PageCx, Session, WebError, encode_next};

use crate::{
    Portal,
    flow::page::{DeniedPage, DeniedView},
    frame::Frame,
    house::House,
    launch,
};

/// Tiles on one page.
const PAGE: usize = 120;
/// Characters of a search that are looked at.
const MAX_SEARCH: usize = 100;

#[derive(Template)]
#[template(path = "portal/library.html")]
struct LibraryPage<'a> {
    cx: &'a PageCx,
    house: House,
    /// What was searched for.
    search: String,
    /// Whether there is anything to search among.
    has_any: bool,
    nothing_found: String,
    groups: Vec<Group>,
    pages: Option<Pages>,
}

/// Tiles under one heading.
struct Group {
    heading: String,
    tiles: Vec<Tile>,
}

/// An application.
struct Tile {
    name: String,
    line: String,
    href: String,
    avatar: Avatar,
    opens_tab: bool,
}

/// Which page of several.
struct Pages {
    label: String,
    previous: Option<String>,
    next: Option<String>,
}

/// Shows the tiles.
pub(crate) async fn library(
    request: HttpRequest,
    Session(live): Session,
    facts: Facts,
    query: BoundedQuery,
    portal: Data<Portal>,
    cx: PageCx,
) -> Result<HttpResponse, WebError> {
    let app = App::shared(&request)?;
    if is_machine(&live) {
        return not_for_machines(&cx);
    }
    let snapshot = app.snapshot().await?;
    let search: String = query.0.first("q").unwrap_or_default().trim().chars().take(MAX_SEARCH).collect();
    let page: usize = query.0.first("page").and_then(|page| page.parse().ok()).unwrap_or(1);
    let mine = permitted(&app, &snapshot, &live, &facts, &portal).await;
    let has_any = !mine.is_empty();
    let mut found: Vec<&Application> =
        mine.into_iter().filter(|application| matches(application, &search)).collect();
    found.sort_by_cached_key(|application| {
        (application.group.to_lowercase(), application.name.to_lowercase())
    });
    let pages = Pages::of(&cx, found.len(), page, &search);
    let shown = found.into_iter().skip((page.max(1) - 1).saturating_mul(PAGE)).take(PAGE);
    let nothing_found = cx.t_with("portal-library-nothing-text", "search", &search);
    let house = House::of(&app, &cx, "library").await?;
    let groups = groups(shown, cx.localizer());
    cx.render(&LibraryPage { cx: &cx, house, search, has_any, nothing_found, groups, pages })
}

/// Accounts of machines have no library: nobody should work with their session in a browser.
fn is_machine(live: &LiveSession) -> bool {
    matches!(live.subject.user.user_type, UserType::ServiceAccount | UserType::InternalServiceAccount)
}

fn not_for_machines(cx: &PageCx) -> Result<HttpResponse, WebError> {
    let page = DeniedView {
        title: cx.t("error-denied-title"),
        messages: vec![cx.t("portal-library-not-for-machines")],
        ways: vec![(cx.t("action-sign-out"), "/flows/-/default/invalidation/".to_owned())],
        frame: Frame::at("/if/user/", cx),
    };
    cx.render_with(StatusCode::FORBIDDEN, &DeniedPage { cx, page })
}

/// The applications that are shown, lead somewhere, and whose policies let the user pass.
async fn permitted<'s>(
    app: &App,
    snapshot: &'s Arc<Snapshot>,
    live: &LiveSession,
    facts: &Facts,
    portal: &Portal,
) -> Vec<&'s Application> {
    let mut mine = Vec::new();
    for application in snapshot.applications() {
        let leads_somewhere =
            || portal.launch_url(snapshot, application).is_some_and(|url| launch::is_safe(&url));
        if !application.meta_hide
            && leads_somewhere()
            && launch::verdict(app, snapshot, application, live, facts).await.passing
        {
            mine.push(application);
        }
    }
    mine
}

/// Whether every word searched for stands somewhere on the tile.
fn matches(application: &Application, search: &str) -> bool {
    let text =
        [&application.name, &application.group, &application.meta_description, &application.meta_publisher]
            .map(|part| part.to_lowercase())
            .join(" ");
    search.to_lowercase().split_whitespace().all(|word| text.contains(word))
}

fn groups<'a>(applications: impl Iterator<Item = &'a Application>, words: &Localizer) -> Vec<Group> {
    let mut groups = BTreeMap::<(String, String), Vec<Tile>>::new();
    for application in applications {
        let key = (application.group.to_lowercase(), application.group.clone());
        groups.entry(key).or_default().push(Tile::of(application, words));
    }
    groups.into_iter().map(|((_, heading), tiles)| Group { heading, tiles }).collect()
}

impl Tile {
    fn of(application: &Application, words: &Localizer) -> Self {
        let line = [&application.meta_description, &application.meta_publisher]
            .into_iter()
            .find(|line| !line.is_empty());
        Self {
            name: application.name.clone(),
            line: line.map(|line| words.words(line)).unwrap_or_default(),
            href: launch::address(application),
            avatar: Avatar::of(&application.name).with_picture(&application.meta_icon),
            opens_tab: application.open_in_new_tab,
        }
    }
}

impl Pages {
    /// None when everything stands on one page.
    fn of(cx: &PageCx, total: usize, page: usize, search: &str) -> Option<Self> {
        let last = total.div_ceil(PAGE);
        if last < 2 {
            return None;
        }
        let number = |value: usize| TextArg::Number(i64::try_from(value).unwrap_or(i64::MAX));
        let link = |page: usize| format!("/if/user/?q={}&page={page}", encode_next(search));
        Some(Self {
            label: cx.t_args("portal-page-of", &[("page", number(page)), ("last", number(last))]),
            previous: (page > 1).then(|| link(page - 1)),
            next: (page < last).then(|| link(page + 1)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn application() -> Application {
        let mut application = countersign_store::testing::samples::application(1, "wiki", None);
        application.name = "Team Wiki".to_owned();
        application.group = "Knowledge".to_owned();
        application.meta_description = "Everything we know".to_owned();
        application
    }

    #[test]
    fn a_search_finds_words_anywhere_on_the_tile() {
        for search in ["", "  ", "wiki", "WIKI knowledge", "every know"] {
            assert!(matches(&application(), search), "{search:?}");
        }
        assert!(!matches(&application(), "wiki sales"));
    }
}
