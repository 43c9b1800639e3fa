//! Events in words, the dashboard, the system, and applications from nothing.

use countersign_store::{applications, events};
use countersign_testkit::{Person, on_both_databases};
use countersign_types::Span;

use crate::world::{Filled, MAX_BYTES};

/// Most queries of a page.
const MAX_QUERIES: u64 = 8;
const LOG: &str = "/if/admin/events/log/";
const WIZARD: &str = "/if/admin/core/applications/~wizard/";
const OAUTH2: &str = "authentik_providers_oauth2.oauth2provider";

/// The wizard's form of an OpenID Connect application, filled in.
async fn wizard(admin: &Person, name: &str, slug: &str) -> Filled {
    let kinds = admin.get(WIZARD).await;
    assert_eq!(kinds.status, 200, "{}", kinds.body);
    let form = kinds.links(OAUTH2).into_iter().next().unwrap();
    let page = admin.get(form.as_str()).await;
    assert_eq!(page.status, 200, "{}", page.body);
    let form = Filled::of(&page).with("name", name).with("slug", slug);
    let place = form.fields.iter().find(|(name, _)| name.ends_with(".0.url")).map(|(name, _)| name.clone());
    match place {
        Some(place) => form.with(&place, "https://shop.example/callback"),
        None => form,
    }
}

on_both_databases! {
    async fn an_application_comes_with_provider_bindings_and_settings_to_copy(app: TestApp) {
        let admin = app.admin().await;
        let form = wizard(&admin, "Flower shop", "flowers").await.with("bind_groups", "authentik Admins");
        let made = form.send(&admin).await;
        assert_eq!(made.status, 200, "{}", made.body);
        for expected in ["/application/o/flowers/", "openid-configuration", "/application/o/token/"] {
            assert!(made.body.contains(expected), "{expected}: {}", made.body);
        }
        let issuer = admin.get("/application/o/flowers/.well-known/openid-configuration").await.json();
        assert_eq!(issuer["id_token_signing_alg_values_supported"][0], "RS256", "what is suggested works at once");
        let page = admin.get("/if/admin/core/applications/flowers/").await;
        assert_eq!(page.status, 200, "{}", page.body);
        assert!(page.body.contains("/application/o/flowers/"), "the addresses stay to be seen");
        let bindings = admin.get("/if/admin/core/applications/flowers/bindings/").await;
        assert!(bindings.body.contains("authentik Admins"), "{}", bindings.body);
        let (ada, _) = app.user("ada").await;
        assert!(!ada.get("/if/user/").await.body.contains("Flower shop"), "it is for administrators");
        assert!(admin.get("/if/user/").await.body.contains("Flower shop"));
        let provider = page.links("/if/admin/core/providers/").into_iter().rfind(|url| url.path().len() > 25).unwrap();
        let preview = admin.get(&format!("{}preview/?user=ada", provider.path())).await;
        assert_eq!(preview.status, 200, "{}", preview.body);
        assert!(preview.body.contains("sub"), "{}", preview.body);
    }

    async fn a_wizard_that_fails_leaves_nothing_behind(app: TestApp) {
        let admin = app.admin().await;
        let form = wizard(&admin, "Half a shop", "half").await.with("bind_groups", "Nobody of this name");
        let refused = form.send(&admin).await;
        assert_eq!(refused.status, 400, "{}", refused.body);
        assert!(refused.body.contains("Half a shop"), "what was filled in is kept");
        let found = app.store().read(|tx| applications::by_slug(tx, "half")).await.unwrap();
        assert!(found.is_none());
        let providers = admin.get("/if/admin/core/providers/").await;
        assert!(!providers.body.contains("Half a shop"), "the provider is undone too");
        let reserved = wizard(&admin, "Token", "token").await.send(&admin).await;
        assert_eq!(reserved.status, 400);
    }

    async fn every_event_is_a_sentence_with_its_difference(app: TestApp) {
        let admin = app.admin().await;
        app.user("<b>eve").await;
        app.apply("version: 1\nmetadata: { name: g }\nentries:\n  - model: authentik_core.group\n    identifiers: { name: Painters }\n    attrs: { attributes: { color: red } }\n").await;
        app.apply("version: 1\nmetadata: { name: g }\nentries:\n  - model: authentik_core.group\n    identifiers: { name: Painters }\n    attrs: { attributes: { color: blue } }\n").await;
        for (query, expected) in [
            ("action=login", "akadmin signed in with a password"),
            ("action=login", "&#60;b&#62;eve signed in"),
            ("action=model_updated", "Countersign changed attributes of Group “Painters”"),
            ("", "No events"),
        ] {
            let log = admin.get(&format!("{LOG}?{query}")).await;
            assert_eq!(log.status, 200, "{}", log.body);
            assert!(log.body.contains(expected) != query.is_empty(), "{expected}: {}", log.body);
            assert!(!log.body.contains("<b>eve"), "names are words");
        }
        let changed = admin.get(&format!("{LOG}?action=model_updated")).await;
        let event = changed.links(LOG).into_iter().find(|url| url.path().len() > LOG.len()).unwrap();
        let page = admin.get(event.path()).await;
        assert_eq!(page.status, 200, "{}", page.body);
        let failed = app.anonymous().sign_in_at("/", "nobody-here", "wrong").await;
        assert_ne!(failed.path(), "/if/user/");
        let failures = admin.get(&format!("{LOG}?action=login_failed")).await;
        assert!(failures.body.contains("nobody-here"), "{}", failures.body);
    }

    async fn the_log_is_narrowed_by_who_where_when_and_what(app: TestApp) {
        let admin = app.admin().await;
        app.user("ada").await;
        let of = |query: &str| format!("{LOG}?{query}");
        let ada = admin.get(&of("user=ada&action=login")).await;
        assert!(ada.body.contains("ada signed in") && !ada.body.contains("akadmin signed in"), "{}", ada.body);
        for query in ["user=nobody", "address=nonsense", "address=203.0.113.99", "object=nothing", "until=2001-01-01"] {
            let page = admin.get(&of(query)).await;
            assert_eq!(page.status, 200, "{query}");
            assert!(page.body.contains("No events"), "{query}: {}", page.body);
        }
        let since = admin.get(&of("since=2001-01-01&action=login")).await;
        assert!(since.body.contains("ada signed in"), "{}: {}", since.status, since.body);
        assert_eq!(admin.get(&format!("{LOG}nonsense/")).await.status, 404);
    }

    async fn settings_are_kept_and_checked(app: TestApp) {
        let admin = app.admin().await;
        let here = "/if/admin/system/settings/";
        let form = Filled::marked(&admin.get(here).await, "small-form");
        let wrong = form.clone().with("event_retention", "for ever").send(&admin).await;
        assert_eq!(wrong.status, 400, "{}", wrong.body);
        assert!(wrong.body.contains("for ever"));
        let saved = form.with("event_retention", "days=30").send(&admin).await;
        assert_eq!(saved.status, 303, "{}", saved.body);
        assert!(admin.get(here).await.body.contains("days=30"));
    }

    async fn the_system_says_how_it_does(app: TestApp) {
        app.settled().await;
        let admin = app.admin().await;
        let page = admin.get("/if/admin/system/").await;
        let install_id = app.store().snapshot().await.unwrap().install_id().to_string();
        for words in ["Version", "Database", ">Ready<", "Recurring work", "authentik Self-signed Certificate", ">Valid<", &install_id] {
            assert!(page.body.contains(words), "{words}: {}", page.body);
        }
        let clerk = app.holder("clerk", &["authentik_rbac.access_admin_interface"]).await;
        assert_eq!(clerk.get("/if/admin/system/").await.status, 403);
    }

    async fn diagnostics_say_what_came_and_what_to_do(app: TestApp) {
        let admin = app.admin().await;
        let direct = admin.get("/if/admin/diagnostics/").await;
        assert_eq!(direct.status, 200, "{}", direct.body);
        let spoofed = admin.clone().with_header("x-forwarded-for", "127.0.0.1<script>");
        let page = spoofed.get("/if/admin/diagnostics/").await;
        assert!(page.status != 500 && !page.body.contains("127.0.0.1<script>"), "{}", page.body);
    }

    async fn no_page_is_long_or_asks_much(app: TestApp) {
        let admin = app.admin().await;
        // Charts have most to ask when a part of the trail is counted and a part is not.
        app.advance(Span::from_mins(5));
        let tally = app.store().read(events::tally).await.unwrap();
        assert!(app.store().write(move |tx| events::keep(tx, &tally)).await.unwrap());
        admin.get("/if/admin/").await;
        for number in 0..3 {
            app.user(&format!("person-{number}")).await;
        }
        assert_eq!(wizard(&admin, "Flower shop", "flowers").await.send(&admin).await.status, 200);
        let users = admin.get("/if/admin/identity/users/").await;
        let user = users.links("/if/admin/identity/users/").into_iter().find(|url| {
            url.path().trim_matches('/').rsplit('/').next().is_some_and(|key| key.parse::<i64>().is_ok())
        });
        let user = user.unwrap().path().to_owned();
        let groups = admin.get("/if/admin/identity/groups/").await;
        let group = groups.links("/if/admin/identity/groups/").into_iter().find(|url| url.path().len() > 50);
        let roles = admin.get("/if/admin/identity/roles/").await;
        let role = roles.links("/if/admin/identity/roles/").into_iter().find(|url| url.path().len() > 50);
        let mut pages: Vec<String> = [
            "/if/admin/",
            "/if/admin/?range=month",
            LOG,
            "/if/admin/events/log/?user=akadmin&action=login",
            "/if/admin/identity/users/",
            "/if/admin/identity/users/?q=person&type=internal&active=yes",
            "/if/admin/identity/users/?sort=-last_login",
            "/if/admin/search/?q=person",
            "/if/admin/search/?q=person+a+default+flow",
            "/if/admin/crypto/certificates/",
            "/if/admin/flow/stages/",
            "/if/admin/policy/policies/",
            "/if/admin/core/property-mappings/",
            "/if/admin/flow/flows/default-authentication-flow/inspector/",
            "/if/admin/core/applications/flowers/used-by/",
            "/if/admin/core/applications/flowers/revisions/",
            "/if/admin/identity/users/~service-account/",
            "/if/admin/core/applications/~wizard/",
            "/if/admin/core/applications/flowers/",
            "/if/admin/core/applications/flowers/bindings/",
            "/if/admin/core/applications/flowers/events/",
            "/if/admin/system/",
            "/if/admin/system/jobs/",
            "/if/admin/system/settings/",
            "/if/admin/diagnostics/",
            "/if/admin/blueprints/instances/",
        ]
        .map(str::to_owned)
        .to_vec();
        pages.push(format!("{WIZARD}?kind={OAUTH2}"));
        let blueprints = "/if/admin/blueprints/instances/";
        let list = admin.get(blueprints).await;
        let one = list.links(blueprints).into_iter().find(|url| url.path().len() > blueprints.len() + 30);
        pages.push(one.unwrap().path().to_owned());
        for tab in ["", "sessions/", "groups/", "groups/?q=a", "roles/", "credentials/", "consents/", "tokens/", "grants/", "events/", "password/", "recovery/", "used-by/", "revisions/"] {
            pages.push(format!("{user}{tab}"));
        }
        let group = group.unwrap().path().to_owned();
        pages.extend([group.clone(), format!("{group}members/"), format!("{group}members/?q=person")]);
        if let Some(role) = role {
            let role = role.path().to_owned();
            pages.extend([role.clone(), format!("{role}objects/"), format!("{role}holders/")]);
        }
        for locale in ["en", "ko", "zh-Hans"] {
            let admin = admin.clone().with_header("accept-language", locale);
            for path in &pages {
                let page = admin.get(path).await;
                assert_eq!(page.status, 200, "{path}: {}", page.body);
                assert!(page.body.len() <= MAX_BYTES, "{path} has {} bytes", page.body.len());
                assert!(page.queries() <= MAX_QUERIES, "{path} took {} queries", page.queries());
                for key in ["console-", "event-"] {
                    let bare = page.body.split('>').any(|text| text.trim_start().starts_with(key));
                    assert!(!bare, "{path} in {locale} shows a key beginning with {key}: {}", page.body);
                }
            }
        }
    }
}
