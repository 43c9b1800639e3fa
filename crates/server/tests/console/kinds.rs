//! Every kind has its pages, in every language, within their budgets.

use countersign_testkit::{Person, TestApp, on_both_databases};
use regex::Regex;

use crate::world::{MAX_BYTES, MAX_TRIPS};

/// The languages there are.
const LANGUAGES: [&str; 3] = ["en", "ko", "zh-Hans"];

/// Looks at a page, which must be there, light and cheap.
async fn seen(app: &TestApp, person: &Person, path: &str) -> String {
    app.settled().await;
    let before = app.store().trips();
    let page = person.get(path).await;
    let after = app.store().trips();
    assert_eq!(page.status, 200, "{path}: {}", page.body);
    assert!(page.body.len() <= MAX_BYTES, "{path} has {} bytes", page.body.len());
    let trips = after.reads + after.writes - before.reads - before.writes;
    assert!(trips <= MAX_TRIPS, "{path} took {trips} trips");
    assert_eq!(key_in(&page.body), "", "{path} shows a key");
    check_references(path, &page.body);
    page.body
}

/// Every identifier stands once, and whatever refers to one finds it.
fn check_references(path: &str, body: &str) {
    let values = |attribute: &str| {
        let pattern = Regex::new(&format!(r#"\s{attribute}="([^"]+)""#)).unwrap();
        pattern.captures_iter(body).map(|found| found[1].to_owned()).collect::<Vec<_>>()
    };
    let mut ids = values("id");
    let count = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), count, "{path} has an identifier twice");
    let wanted = ["for", "aria-describedby", "aria-labelledby", "aria-controls", "popovertarget"];
    for wanted in wanted.iter().flat_map(|attribute| values(attribute)) {
        for id in wanted.split(' ') {
            assert!(ids.iter().any(|known| known == id), "{path} refers to {id}, which is not there");
        }
    }
}

/// A key of the catalogues where words should be.
fn key_in(body: &str) -> String {
    let pattern = Regex::new(r">(console|expression|flow)-[a-z-]+<").unwrap();
    pattern.find(body).map_or_else(String::new, |found| found.as_str().to_owned())
}

/// Paths of a page's links below a path.
fn below(body: &str, path: &str) -> Vec<String> {
    let pattern = Regex::new(&format!(r#"href="({}[^"?~]+/)""#, regex::escape(path))).unwrap();
    let mut found: Vec<String> = pattern.captures_iter(body).map(|link| link[1].to_owned()).collect();
    found.retain(|link| link.trim_start_matches(path).matches('/').count() == 1);
    found.sort();
    found.dedup();
    found
}

on_both_databases! {
    async fn every_kind_is_a_form_in_every_language(app: TestApp) {
        let admin = app.admin().await;
        for language in LANGUAGES {
            let admin = admin.clone().with_header("accept-language", language);
            for kind in app.registry().resources().filter(|kind| kind.verbs() == countersign_registry::Verbs::All) {
                let kind = kind.descriptor();
                let path = countersign_console::place_of(app.registry(), kind.model).unwrap();
                let body = seen(app, &admin, &format!("{path}~new/?kind={}", kind.model)).await;
                assert!(body.contains(&format!("<html lang=\"{language}\"")), "{language}");
                for field in kind.fields.iter().filter(|field| field.path.is_top_level() && field.widget != "hidden") {
                    let name = field.path.to_string();
                    let id = format!("id=\"f-{}\"", name.replace('.', "-"));
                    assert!(body.contains(&id), "{} has no {name}", kind.model);
                }
            }
        }
    }

    async fn every_object_of_a_fresh_house_has_its_pages(app: TestApp) {
        let admin = app.admin().await;
        let mut places: Vec<String> = app
            .registry()
            .resources()
            .filter_map(|kind| countersign_console::place_of(app.registry(), kind.descriptor().model))
            .collect();
        places.dedup();
        let mut looked_at = 0;
        for place in places {
            let list = seen(app, &admin, &place).await;
            for object in below(&list, &place).into_iter().take(2) {
                looked_at += 1;
                for page in ["", "used-by/", "revisions/"] {
                    seen(app, &admin, &format!("{object}{page}")).await;
                }
                let edit = admin.get(&format!("{object}edit/")).await.status;
                assert!(matches!(edit, 200 | 404), "{object}: {edit}");
            }
        }
        assert!(looked_at > 20, "only {looked_at} objects were looked at");
    }
}
