//! A walk over the pages that the console leads an administrator to, by people who have no right to be there.

use std::collections::{BTreeSet, VecDeque};

use countersign_testkit::{Person, on_both_databases};

/// Most pages of the walk.
const MOST: usize = 60;

/// What whoever may enter the console sees, though he may do nothing in it.
const OPEN: [&str; 2] = ["/if/admin/", "/if/admin/search/"];

/// Their paths, the nearest first.
async fn pages(admin: &Person) -> BTreeSet<String> {
    let mut pages = BTreeSet::new();
    let mut ahead = VecDeque::from(["/if/admin/".to_owned()]);
    while let Some(path) = ahead.pop_front().filter(|_| pages.len() < MOST) {
        if !pages.insert(path.clone()) {
            continue;
        }
        let page = admin.get(&path).await;
        ahead.extend(page.links("/if/admin/").into_iter().map(|link| link.path().to_owned()));
    }
    pages
}

on_both_databases! {
    async fn no_page_of_the_console_opens_to_who_has_no_right(app: TestApp) {
        let (mia, _) = app.user("mia").await;
        let gus = app.holder("gus", &["authentik_rbac.access_admin_interface"]).await;
        let pages = pages(&app.admin().await).await;
        assert!(pages.len() > 50, "only {} pages", pages.len());
        let nobody = app.anonymous();
        let mut entered = BTreeSet::new();
        for path in &pages {
            let sent = nobody.get(path).await;
            assert!(sent.leads_to().is_some_and(|to| to.path().contains("authentication")), "{path}: {}", sent.status);
            assert_eq!(mia.get(path).await.status, 403, "{path}");
            let seen = gus.get(path).await;
            match seen.status {
                200 => drop(entered.insert(path.as_str())),
                status => assert!(matches!(status, 308 | 403 | 404), "{path}: {status}"),
            }
        }
        assert_eq!(entered, BTreeSet::from(OPEN));
    }
}
