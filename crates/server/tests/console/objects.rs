//! Objects come, change and go by forms.

use countersign_testkit::{Person, on_both_databases};
use countersign_types::Span;

use crate::world::{Filled, plain};

const POLICIES: &str = "/if/admin/policy/policies/";
const EXPRESSION: &str = "authentik_policies_expression.expressionpolicy";
const PROVIDERS: &str = "/if/admin/core/providers/";
const OAUTH2: &str = "authentik_providers_oauth2.oauth2provider";

/// Makes an expression policy; returns the address of its page.
async fn policy(person: &Person, name: &str) -> String {
    let form = person.get(&format!("{POLICIES}~new/?kind={EXPRESSION}")).await;
    let made = Filled::of(&form).with("name", name).with("expression", "return True").send(person).await;
    assert_eq!(made.status, 303, "{}", made.body);
    made.leads_to().unwrap().path().to_owned()
}

on_both_databases! {
    async fn an_object_is_made_changed_put_back_and_deleted(app: TestApp) {
        let admin = app.admin().await;
        let page = policy(&admin, "Is at work").await;
        assert!(admin.get(POLICIES).await.body.contains("Is at work"));

        app.advance(Span::from_mins(1));
        let form = Filled::of(&admin.get(&format!("{page}edit/")).await);
        assert_eq!(form.value("expression"), Some("return True"));
        let saved = form.with("expression", "return False").send(&admin).await;
        assert_eq!(saved.status, 303, "{}", saved.body);
        assert!(admin.follow(saved).await.body.contains("return False"));

        let revisions = admin.get(&format!("{page}revisions/")).await;
        let first = revisions.links("/revisions/").into_iter().rfind(|url| url.path() != format!("{page}revisions/"));
        let revision = admin.get(first.unwrap().path()).await;
        let back = Filled::marked(&revision, "confirm").send(&admin).await;
        assert_eq!(back.status, 303, "{}", back.body);
        assert!(admin.get(&page).await.body.contains("return True"));

        let asked = admin.get(&format!("{page}delete/")).await;
        let gone = Filled::marked(&asked, "confirm").send(&admin).await;
        assert_eq!(gone.leads_to().unwrap().path(), POLICIES);
        assert_eq!(admin.get(&page).await.status, 404);
    }

    async fn a_complaint_stands_at_its_field_and_on_top(app: TestApp) {
        let admin = app.admin().await;
        policy(&admin, "Taken").await;
        let form = admin.get(&format!("{POLICIES}~new/?kind={EXPRESSION}")).await;
        let refused = Filled::of(&form).with("name", "Taken").with("expression", "return 1").send(&admin).await;
        assert_eq!(refused.status, 400);
        assert!(refused.body.contains("href=\"#f-name\""), "{}", refused.body);
        assert!(refused.body.contains("id=\"f-name-error\""));
        assert_eq!(Filled::of(&refused).value("expression"), Some("return 1"), "what was written is lost");
    }

    async fn a_stale_form_overwrites_nothing(app: TestApp) {
        let admin = app.admin().await;
        let page = policy(&admin, "Contested").await;
        let form = Filled::of(&admin.get(&format!("{page}edit/")).await);
        let theirs = form.clone().with("expression", "return 1").send(&admin).await;
        assert_eq!(theirs.status, 303);

        let refused = form.with("expression", "return 2").send(&admin).await;
        assert_eq!(refused.status, 409);
        assert!(refused.body.contains("return 1") && refused.body.contains("return 2"), "{}", refused.body);
        assert!(admin.get(&page).await.body.contains("return 1"));

        let again = Filled::of(&refused).send(&admin).await;
        assert_eq!(again.status, 303, "{}", again.body);
        assert!(admin.get(&page).await.body.contains("return 2"));
    }

    async fn a_secret_is_shown_once_and_kept_when_left_empty(app: TestApp) {
        let admin = app.admin().await;
        let form = admin.get(&format!("{PROVIDERS}~new/?kind={OAUTH2}")).await;
        let form = Filled::of(&form)
            .with("name", "Shop")
            .with("redirect_uris.0.url", "https://shop.example/callback");
        let made = form.send(&admin).await;
        assert_eq!(made.status, 200, "{}", made.body);
        let secrets = regex::Regex::new(r#"<pre class="block"[^>]*>([^<]+)</pre>"#).unwrap();
        let shown: Vec<String> = secrets.captures_iter(&made.body).map(|found| found[1].to_owned()).collect();
        let secret = shown.iter().find(|text| text.len() == 128).expect("the secret");
        app.plant(secret);

        let list = admin.get(PROVIDERS).await;
        let page = list.links(PROVIDERS).into_iter().find(|url| !url.path().contains('~') && url.path().matches('/').count() == 6).unwrap();
        let edit = admin.get(&format!("{}edit/", page.path())).await;
        assert!(!edit.body.contains(secret.as_str()) && !admin.get(page.path()).await.body.contains(secret.as_str()));
        let saved = Filled::of(&edit).with("name", "Shop 2").send(&admin).await;
        assert_eq!(saved.status, 303, "{}", saved.body);
        let revisions = admin.get(&format!("{}revisions/", page.path())).await;
        assert!(!revisions.body.contains(secret.as_str()));
        assert!(!revisions.body.contains("Client secret"), "the secret was changed: {}", revisions.body);
    }

    async fn one_of_many_is_chosen_by_its_name(app: TestApp) {
        let groups: String = (0..120)
            .map(|number| {
                format!(
                    "  - model: authentik_core.group\n    identifiers: {{ name: Team {number} }}\n    attrs: {{}}\n"
                )
            })
            .collect();
        app.apply(&format!("version: 1\nmetadata: {{ name: teams }}\nentries:\n{groups}")).await;
        let admin = app.admin().await;
        let form = admin.get("/if/admin/identity/groups/~new/").await;
        assert!(!form.body.contains("Team 7<"), "120 groups stand in the form");
        let form = Filled::of(&form).with("name", "Readers");
        let refused = form.clone().with("parents", "Team 7\r\nTeam 700").send(&admin).await;
        assert_eq!(refused.status, 400);
        assert!(plain(&refused.body).contains("There is no “Team 700”"), "{}", refused.body);
        assert_eq!(Filled::of(&refused).value("parents"), Some("Team 7\nTeam 700"));

        let made = form.with("parents", "Team 7").send(&admin).await;
        assert_eq!(made.status, 303, "{}", made.body);
        let page = made.leads_to().unwrap().path().to_owned();
        let edit = Filled::of(&admin.get(&format!("{page}edit/")).await);
        assert_eq!(edit.value("parents"), Some("Team 7"));
    }

    async fn several_are_deleted_at_once_after_a_question(app: TestApp) {
        let admin = app.admin().await;
        for name in ["One", "Two"] {
            policy(&admin, name).await;
        }
        let list = admin.get(&format!("{POLICIES}?f.kind={EXPRESSION}&q=o")).await;
        let form = Filled::marked(&list, "class=\"bulk\"");
        let boxes = regex::Regex::new(r#"name="key" value="([^"]+)" aria-label="(One|Two)""#).unwrap();
        let mut chosen = form.clone();
        for found in boxes.captures_iter(&list.body) {
            chosen.fields.push(("key".to_owned(), found[1].to_owned()));
        }
        let asked = chosen.send(&admin).await;
        assert_eq!(asked.status, 200, "{}", asked.body);
        assert!(admin.get(POLICIES).await.body.contains(">One<"), "nothing is deleted yet");
        let gone = Filled::marked(&asked, "confirm").send(&admin).await;
        assert_eq!(gone.status, 303, "{}", gone.body);
        let list = admin.get(POLICIES).await;
        assert!(!list.body.contains(">One<") && !list.body.contains(">Two<"));
    }

    async fn hostile_names_are_only_words(app: TestApp) {
        let admin = app.admin().await;
        let hostile = "<script>alert(1)</script>\"'&%({{ x }})";
        let page = policy(&admin, hostile).await;
        let pages = [
            POLICIES.to_owned(),
            page.clone(),
            format!("{page}edit/"),
            format!("{page}delete/"),
            format!("{page}used-by/"),
            format!("{page}revisions/"),
            "/if/admin/search/?q=%3Cscript%3E".to_owned(),
        ];
        for path in pages {
            let seen = admin.get(&path).await;
            assert_eq!(seen.status, 200, "{path}");
            assert!(!seen.body.contains("<script>alert"), "{path}");
        }
    }

    async fn the_palette_finds_pages_and_objects(app: TestApp) {
        let admin = app.admin().await;
        let page = policy(&admin, "Quite unusual").await;
        let found = admin.get("/if/admin/search/?format=json&q=unusual").await.json();
        assert_eq!(found["results"][0]["href"], page.as_str());
        let found = admin.get("/if/admin/search/?format=json&q=brand").await.json();
        assert_eq!(found["results"][0]["href"], "/if/admin/core/brands/");
        let found = admin.get("/if/admin/search/?format=json&q=new+application").await.json();
        assert_eq!(found["results"][0]["href"], "/if/admin/core/applications/~wizard/", "{found}");
        let found = admin.get("/if/admin/search/?format=json&q=akadmin").await.json();
        assert!(found.to_string().contains("/if/admin/identity/users/"), "{found}");
        let found = admin.get("/if/admin/search/?format=json&q=authentik+admins").await.json();
        assert!(found.to_string().contains("/if/admin/identity/groups/"), "{found}");
        let found = admin.get("/if/admin/search/?target=policy&q=unusual").await.json();
        assert_eq!(found["results"][0]["name"], "Quite unusual");
    }

    async fn columns_follow_who_chose_them(app: TestApp) {
        let admin = app.admin().await;
        let list = admin.get("/if/admin/core/brands/").await;
        let mut form = Filled::marked(&list, "~columns/");
        form.fields.retain(|(name, _)| name != "column");
        form.fields.push(("column".to_owned(), "branding_logo".to_owned()));
        let kept = form.send(&admin).await;
        assert_eq!(kept.status, 303);
        // Another browser of the same administrator knows them, that of another does not.
        for browser in [&admin, &app.admin().await] {
            let list = browser.get("/if/admin/core/brands/").await;
            assert!(list.body.contains("<td data-label=\"Logo\""), "{}", list.body);
            assert!(!list.body.contains("<td data-label=\"Title\""), "{}", list.body);
        }
        let stages = admin.get("/if/admin/flow/stages/").await;
        assert!(stages.body.contains("<td data-label=\"Type\""), "other lists stay: {}", stages.body);
    }
}
