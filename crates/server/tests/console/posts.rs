//! Every form of the console, sent by people who have no right to send it.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    fs,
    path::Path,
};

use countersign_model::Family;
use countersign_registry::Verbs;
use countersign_store::{StoreError, users};
use countersign_testkit::{Page, Person, TestApp, on_both_databases};
use regex::Regex;
use reqwest::Method;

use crate::world::{Filled, all_forms};

/// Addresses that forms go to. Where objects stand is one segment; `{place}` is the list of a kind.
const ROUTES: [&str; 42] = [
    "/if/admin/~rail/",
    "{place}~new/",
    "{place}~delete/",
    "{place}~columns/",
    "{place}{key}/edit/",
    "{place}{key}/delete/",
    "{place}{key}/blueprint/",
    "{place}{key}/revisions/{key}/",
    "/if/admin/expressions/test/",
    "/if/admin/identity/users/~bulk/",
    "/if/admin/identity/users/~service-account/",
    "/if/admin/identity/users/{key}/sessions/",
    "/if/admin/identity/users/{key}/groups/",
    "/if/admin/identity/users/{key}/roles/",
    "/if/admin/identity/users/{key}/consents/",
    "/if/admin/identity/users/{key}/tokens/",
    "/if/admin/identity/users/{key}/grants/",
    "/if/admin/identity/users/{key}/password/",
    "/if/admin/identity/users/{key}/recovery/",
    "/if/admin/identity/users/{key}/recovery-email/",
    "/if/admin/identity/users/{key}/deactivate/",
    "/if/admin/identity/users/{key}/activate/",
    "/if/admin/identity/users/{key}/impersonate/",
    "/if/admin/flow/stages/invitations/{key}/send/",
    "/if/admin/flow/flows/~import/",
    "/if/admin/flow/flows/{key}/~order/",
    "/if/admin/flow/flows/{key}/~stage/",
    "/if/admin/flow/flows/{key}/~binding/{key}/",
    "/if/admin/flow/flows/{key}/~policy/{key}/",
    "/if/admin/identity/roles/{key}/objects/",
    "/if/admin/identity/roles/{key}/",
    "/if/admin/system/jobs/",
    "/if/admin/system/settings/",
    "/if/admin/blueprints/instances/~apply/",
    "/if/admin/blueprints/instances/{key}/apply/",
    "/if/admin/blueprints/instances/{key}/reset/",
    "/if/admin/system/mail/",
    "/if/admin/identity/groups/{key}/members/",
    "/if/admin/core/applications/~wizard/",
    "/if/admin/core/applications/{key}/bindings/",
    "/if/admin/events/rules/{key}/bindings/",
    "/if/admin/events/transports/{key}/test/",
];

/// What is everybody's own who may enter: how the console looks to him.
const OWN: [&str; 2] = ["/if/admin/~rail/", "{place}~columns/"];

/// Things that only show pages' forms when they are there.
const THINGS: &str = "
version: 1
metadata: {name: Things}
entries:
  - {model: authentik_core.group, id: crew, identifiers: {name: crew}}
  - {model: authentik_core.user, id: off, identifiers: {username: off}, attrs: {is_active: false, name: Off}}
  - {model: authentik_core.user, id: on, identifiers: {username: on}, attrs: {name: On, groups: [!KeyOf crew]}}
  - {model: authentik_stages_invitation.invitation, identifiers: {name: walked}}
  - {model: authentik_core.token, identifiers: {identifier: walked}, attrs: {user: !KeyOf on, intent: api}}
  - {model: authentik_policies_expression.expressionpolicy, id: guard, identifiers: {name: guard}, attrs: {expression: return True}}
  - {model: authentik_core.application, id: app, identifiers: {slug: walked}, attrs: {name: Walked}}
  - {model: authentik_policies.policybinding, identifiers: {target: !KeyOf app, policy: !KeyOf guard, order: 0}}
";

/// A form that an administrator could send: where it goes, and with what.
struct Sent {
    route: &'static str,
    form: Filled,
}

fn routes(places: &BTreeSet<String>) -> Vec<(&'static str, Regex)> {
    let place = places.iter().map(|place| regex::escape(place)).collect::<Vec<_>>().join("|");
    let pattern = |route: &&'static str| {
        let pattern =
            regex::escape(route).replace(r"\{place\}", &format!("(?:{place})")).replace(r"\{key\}", "[^~/]+");
        (*route, Regex::new(&format!("^{pattern}$")).unwrap())
    };
    ROUTES.iter().map(pattern).collect()
}

/// The forms of the pages that the console leads an administrator to, one for each address and kind.
async fn forms(app: &TestApp, admin: &Person, places: &BTreeSet<String>) -> Vec<Sent> {
    let routes = routes(places);
    let mut ahead: VecDeque<String> = places.iter().cloned().collect();
    ahead.extend(["/if/admin/".to_owned(), "/if/admin/expressions/test/".to_owned()]);
    for kind in app.registry().resources().filter(|kind| kind.verbs() == Verbs::All) {
        let kind = kind.descriptor();
        let place = countersign_console::place_of(app.registry(), kind.model).unwrap();
        ahead.push_back(format!("{place}~new/?kind={}", kind.model));
    }
    let (mut seen, mut shapes) = (BTreeSet::new(), BTreeMap::<String, usize>::new());
    let mut found = BTreeMap::<(&'static str, String), Filled>::new();
    while let Some(path) = ahead.pop_front() {
        // Two pages of each shape: of a list of flows, two flows.
        let shape = path.clone();
        let shape = places
            .iter()
            .find_map(|place| {
                let (key, rest) = path.strip_prefix(place)?.split_once('/')?;
                (!key.starts_with('~')).then(|| format!("{place}*/{rest}"))
            })
            .unwrap_or(shape);
        let count = shapes.entry(shape).or_default();
        if *count > 1 || !seen.insert(path.clone()) {
            continue;
        }
        *count += 1;
        let page = admin.get(&path).await;
        ahead.extend(page.links("/if/admin/").into_iter().map(|link| match link.query() {
            Some(query) if query.starts_with("kind=") => format!("{}?{query}", link.path()),
            _ => link.path().to_owned(),
        }));
        for form in all_forms(&page) {
            let to = form.action.path().to_owned();
            let route = routes.iter().find(|(_, pattern)| pattern.is_match(&to)).map(|(route, _)| *route);
            let route = route.filter(|_| to.starts_with("/if/admin/"));
            let Some(route) = route else {
                assert!(!to.starts_with("/if/admin/"), "{to} is in no row of the table");
                continue;
            };
            let place =
                places.iter().find(|place| to.starts_with(place.as_str())).cloned().unwrap_or_default();
            let about = form.value("kind").unwrap_or_default().to_owned();
            let button = form.value("do").unwrap_or_default().to_owned();
            found.entry((route, format!("{place} {about} {button}"))).or_insert(form);
        }
    }
    found.into_iter().map(|((route, _), form)| Sent { route, form }).collect()
}

/// Forms that stand on no page that the walk comes to: on lists with nothing in them, and opened in place.
async fn elsewhere(app: &TestApp) -> Vec<Sent> {
    let users = app
        .store()
        .read(|tx| Ok::<_, StoreError>((users::by_username(tx, "off")?, users::by_username(tx, "on")?)));
    let (Some(off), Some(on)) = users.await.unwrap() else { panic!("nobody is there") };
    let snapshot = app.store().snapshot().await.unwrap();
    let flow = snapshot.flow_by_slug("default-authentication-flow").unwrap();
    let binding = &snapshot.stage_bindings(flow.id)[0];
    let guard = snapshot.object_by_name(Family::Policy, "guard").unwrap();
    let (flow_id, guard, place) = (flow.id.to_string(), guard.id.to_string(), "/if/admin/flow/flows/{key}/");
    let user = "/if/admin/identity/users/{key}/";
    let kinds = app.kinds();
    let invitation = app.store().read(move |tx| {
        let name = [("name".to_owned(), "walked".into())].into_iter().collect();
        kinds.get("authentik_stages_invitation.invitation")?.find(tx, &name)
    });
    let invitation = invitation.await.unwrap().unwrap().to_string();
    let row = |route: String, keys: &[String], fields: &[(&str, &str)]| {
        let route = ROUTES.iter().find(|known| **known == route).unwrap();
        let path = keys.iter().fold((*route).to_owned(), |path, key| path.replacen("{key}", key, 1));
        let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Sent { route, form: Filled { action: app.base().join(&path).unwrap(), fields } }
    };
    let slug = flow.slug.to_string();
    vec![
        row(format!("{user}activate/"), &[off.id.to_string()], &[]),
        row(format!("{user}consents/"), &[on.id.to_string()], &[("key", &guard)]),
        row(format!("{user}grants/"), &[on.id.to_string()], &[("key", &guard)]),
        row(
            "/if/admin/flow/stages/invitations/{key}/send/".to_owned(),
            &[invitation],
            &[("to", "a@example.org")],
        ),
        row("/if/admin/system/jobs/".to_owned(), &[], &[("key", &guard)]),
        row(format!("{place}~binding/{{key}}/"), &[slug.clone(), binding.id.to_string()], &[("order", "99")]),
        row(
            format!("{place}~policy/{{key}}/"),
            &[slug, flow_id],
            &[("policy", &guard), ("order", "1"), ("enabled", "on"), ("timeout", "30")],
        ),
    ]
}

/// Everything that is set, and how many there are of what is only looked at.
async fn state(app: &TestApp) -> BTreeMap<String, String> {
    let kinds = app.kinds();
    let all = app.store().read(move |tx| {
        let mut all = BTreeMap::new();
        for kind in kinds.resources().filter(|kind| kind.descriptor().model != "authentik_events.event") {
            let ids = kind.ids(tx)?;
            for id in &ids {
                let document = match kind.verbs() {
                    Verbs::All => kind.read(tx, *id)?,
                    _ => None,
                };
                all.insert(format!("{} {id}", kind.descriptor().model), format!("{document:?}"));
            }
        }
        Ok::<_, countersign_registry::ResourceError>(all)
    });
    all.await.unwrap()
}

/// His own token, from a page that he may see.
fn token(page: &Page) -> Option<String> {
    all_forms(page).iter().find_map(|form| form.value("csrf").map(str::to_owned))
}

/// What no browser would send of a form.
async fn nonsense(person: &Person, form: &Filled) -> Page {
    let request = person.request(Method::POST, &form.action);
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    person.send(request.body("csrf=%zz&csrf=&=\0&key=%ff")).await
}

fn with_changes(form: &Filled, token: &str) -> Filled {
    let mut changed = form.clone().with("csrf", token);
    for name in ["name", "username", "slug", "title", "reason"] {
        if changed.value(name).is_some() {
            changed = changed.with(name, "walked-by");
        }
    }
    changed
}

on_both_databases! {
    async fn no_form_of_the_console_works_for_who_has_no_right(app: TestApp) {
        app.apply(THINGS).await;
        let admin = app.admin().await;
        let (mia, _) = app.user("mia").await;
        let mut views: Vec<String> = app
            .registry()
            .permissions()
            .iter()
            .map(countersign_registry::PermissionView::full_name)
            .filter(|name| name.contains(".view_") && !name.ends_with("view_token_key") && !name.ends_with("_key"))
            .collect();
        views.push("authentik_rbac.access_admin_interface".to_owned());
        let views: Vec<&str> = views.iter().map(String::as_str).collect();
        let vera = app.holder("vera", &views).await;
        let places: BTreeSet<String> = app
            .registry()
            .resources()
            .filter_map(|kind| countersign_console::place_of(app.registry(), kind.descriptor().model))
            .collect();
        let mut forms = forms(app, &admin, &places).await;
        forms.extend(elsewhere(app).await);
        let walked: BTreeSet<&str> = forms.iter().map(|sent| sent.route).collect();
        let forgotten: Vec<_> = ROUTES.iter().filter(|route| !walked.contains(*route)).collect();
        assert!(forgotten.is_empty(), "no page has a form that goes to {forgotten:?}");

        let nobody = app.anonymous();
        let token_of_mia = token(&mia.get("/if/user/").await).unwrap_or_default();
        let token_of_vera = token(&vera.get("/if/admin/").await).expect("a form on the first page");
        let before = state(app).await;
        let mut opened = Vec::new();
        for Sent { route, form } in &forms {
            let to = form.action.path();
            let sent = with_changes(form, "").send(&nobody).await;
            let is_led = sent.leads_to().is_some_and(|to| to.path().contains("authentication"));
            if !is_led && !matches!(sent.status, 401 | 403) {
                opened.push(format!("anonymous {to}: {}", sent.status));
            }
            let sent = with_changes(form, &token_of_mia).send(&mia).await;
            if sent.status != 403 {
                opened.push(format!("member {to}: {}", sent.status));
            }
            if OWN.contains(route) {
                continue;
            }
            // Whether he may is asked before anything of what he sends is looked at.
            let whole = with_changes(form, &token_of_vera);
            let bare = Filled { fields: vec![("csrf".to_owned(), token_of_vera.clone())], ..form.clone() };
            let empty = Filled { fields: Vec::new(), ..form.clone() };
            for (what, sent) in [
                ("all", whole.send(&vera).await),
                ("a token", bare.send(&vera).await),
                ("nothing", empty.send(&vera).await),
                ("nonsense", nonsense(&vera, form).await),
            ] {
                if sent.status != 403 {
                    opened.push(format!("viewer {to} with {what} {:?}: {}", form.fields, sent.status));
                }
            }
        }
        assert!(opened.is_empty(), "{}", opened.join("\n"));
        assert_eq!(state(app).await, before, "something was changed");
    }
}

/// Whoever adds a form adds its address to the walk.
#[test]
fn every_address_of_a_form_is_walked() {
    fn posts(directory: &Path) -> usize {
        let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
        entries
            .map(|path| match path.is_dir() {
                true => posts(&path),
                false => fs::read_to_string(&path).unwrap().matches("post().to(").count(),
            })
            .sum()
    }
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../console/src");
    assert_eq!(posts(&sources), ROUTES.len(), "the table of this file has other addresses than the routes");
}
