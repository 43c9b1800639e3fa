//! Blueprints that are kept in the console, and the whole configuration as a file.

use countersign_model::BlueprintStatus;
use countersign_store::{blueprint_instances, groups, revisions};
use countersign_testkit::{Person, on_both_databases};
use countersign_types::PageRequest;

use crate::{flows::import, world::Filled};

const HERE: &str = "/if/admin/blueprints/instances/";

fn group(name: &str, notes: &str) -> String {
    format!(
        "version: 1\nmetadata: {{name: Groups}}\nentries:\n  - model: authentik_core.group\n    identifiers: {{name: \
         {name}}}\n    attrs:\n      attributes: {{notes: {notes}}}\n"
    )
}

async fn new(admin: &Person) -> Filled {
    Filled::of(&admin.get(&format!("{HERE}~new/")).await)
}

on_both_databases! {
    async fn a_text_is_kept_applied_from_a_form(app: TestApp) {
        let notes = async || {
            let crew = app.store().read(|tx| groups::by_name(tx, "crew")).await.unwrap();
            crew.map(|crew| crew.attributes["notes"].as_str().unwrap().to_owned())
        };
        let admin = app.admin().await;
        // Browsers send carriage returns.
        let text = group("crew", "one").replace('\n', "\r\n");
        let made = new(&admin).await.with("name", "Crew").with("content", &text).send(&admin).await;
        assert_eq!(made.status, 303, "{}", made.body);
        assert_eq!(notes().await.as_deref(), Some("one"));
        let page = made.leads_to().unwrap().path().to_owned();
        let shown = admin.follow(made).await;
        assert!(shown.body.contains("Applied") && shown.body.contains("notes: one"), "{}", shown.body);

        let form = Filled::of(&admin.get(&format!("{page}edit/")).await);
        assert_eq!(form.value("content").map(str::trim_end), Some(group("crew", "one").trim_end()));
        let saved = form.with("content", &group("crew", "two")).send(&admin).await;
        assert_eq!((saved.status, notes().await.as_deref()), (303, Some("two")));
        assert!(admin.get(HERE).await.body.contains("Kept here"));
        let drift = admin.get(&format!("{page}drift/")).await;
        assert!(drift.status == 200 && drift.body.contains("Left as it is"), "{}", drift.body);
        app.apply(&group("crew", "edited")).await;
        let drift = admin.get(&format!("{page}drift/")).await;
        assert!(drift.body.contains("edited") && drift.body.contains("two"), "{}", drift.body);
    }

    async fn what_is_wrong_with_a_text_stands_at_its_field_with_line_and_entry(app: TestApp) {
        let admin = app.admin().await;
        let wrong = group("crew", "one").replace("attributes: {notes: one}", "parents: [!KeyOf no]");
        let refused = new(&admin).await.with("name", "Crew").with("content", &wrong).send(&admin).await;
        assert_eq!(refused.status, 400);
        assert!(refused.body.contains("id=\"f-content-error\""), "{}", refused.body);
        assert!(refused.body.contains("entry 1, line 4 (authentik_core.group): attrs.parents.0, line 7"), "{}", refused.body);
        assert_eq!(Filled::of(&refused).value("content").map(str::trim_end), Some(wrong.trim_end()), "what was written is lost");

        let both = new(&admin).await.with("name", "Crew").with("path", "default/default-brand.yaml");
        let refused = both.with("content", &group("crew", "one")).send(&admin).await;
        assert!(refused.status == 400 && refused.body.contains("exclude each other"), "{}", refused.body);
        let long = format!("{}# {}", group("crew", "one"), "x".repeat(128 * 1024));
        let refused = new(&admin).await.with("name", "Crew").with("content", &long).send(&admin).await;
        assert!(refused.status == 400 && refused.body.contains("131"), "{}", refused.status);
        let found = app.store().read(|tx| blueprint_instances::by_name(tx, "Crew")).await.unwrap();
        assert!(found.is_none());
    }

    async fn an_address_of_a_registry_is_refused_at_its_field(app: TestApp) {
        let admin = app.admin().await;
        let form = new(&admin).await.with("name", "Crew").with("path", "oci://127.0.0.1:1/x");
        let refused = form.send(&admin).await;
        assert_eq!(refused.status, 400);
        assert!(refused.body.contains("id=\"f-path-error\"") && refused.body.contains("not fetched from registries"), "{}", refused.body);
    }

    async fn the_whole_configuration_goes_from_one_console_to_another(app: TestApp) {
        let admin = app.admin().await;
        app.apply(&group("crew", "one")).await;
        let link = admin.get(HERE).await.links("~export/").pop().unwrap();
        let file = admin.get(link.path()).await;
        assert_eq!(file.header("content-type"), Some("application/yaml; charset=utf-8"));
        assert!(file.header("content-disposition").unwrap().contains("countersign.yaml"));
        let there = app.another().await;
        let other = there.admin().await;
        let sent = import(&other, &file.body).await;
        assert!(sent.status == 200 && sent.body.contains("Imported:"), "{}", sent.body);
        let crew = there.store().read(|tx| groups::by_name(tx, "crew")).await.unwrap().unwrap();
        assert_eq!(crew.attributes["notes"], "one");
        let again = there.export(&countersign_testkit::Selection::Everything).await;
        assert!(again.contains("notes: one"));
        there.verify().await;

        let views = ["authentik_rbac.access_admin_interface", "authentik_blueprints.view_blueprintinstance"];
        let clerk = app.holder("clerk", &views).await;
        assert_eq!(clerk.get(link.path()).await.status, 403);
        assert!(clerk.get(HERE).await.links("~export/").is_empty());
        let kept = app.store().read(blueprint_instances::all).await.unwrap();
        assert!(kept.iter().all(|one| one.status != BlueprintStatus::Error), "{kept:?}");
    }

    async fn an_object_is_put_back_to_its_blueprint_on_its_own_page(app: TestApp) {
        let admin = app.admin().await;
        let made = new(&admin).await.with("name", "Crew").with("content", &group("crew", "one")).send(&admin).await;
        assert_eq!(made.status, 303, "{}", made.body);
        let crew = async || app.store().read(|tx| groups::by_name(tx, "crew")).await.unwrap().unwrap();
        let page = format!("/if/admin/identity/groups/{}/", crew().await.id);
        let back = format!("{page}blueprint/");
        let same = admin.get(&back).await;
        assert!(same.status == 200 && same.body.contains("Nothing would change"), "{}", same.body);

        app.apply(&group("crew", "edited")).await;
        assert_eq!(admin.get(&page).await.links("blueprint/").len(), 1);
        let asked = admin.get(&back).await;
        assert!(asked.body.contains("edited") && asked.body.contains("one") && asked.body.contains("Crew"), "{}", asked.body);
        assert_eq!(crew().await.attributes["notes"], "edited", "asking changes nothing");
        // Who may change the group alone does not read the blueprint by way of it, nor the other way round.
        let entry = "authentik_rbac.access_admin_interface";
        for (name, permission) in [("gus", "authentik_core.change_group"), ("bea", "authentik_blueprints.change_blueprintinstance")] {
            let views = ["authentik_core.view_group", "authentik_blueprints.view_blueprintinstance"];
            let clerk = app.holder(name, &[entry, views[0], views[1], permission]).await;
            assert!(clerk.get(&page).await.links("/blueprint/").is_empty());
            assert_eq!(clerk.get(&back).await.status, 403, "{name}");
        }
        let done = Filled::marked(&asked, "confirm").send(&admin).await;
        assert_eq!((done.status, crew().await.attributes["notes"].as_str()), (303, Some("one")), "{}", done.body);
        assert!(admin.follow(done).await.body.contains("It is as its blueprint says again."));
        let id = crew().await.id.raw();
        let revisions = app.store().read(move |tx| revisions::of_object(tx, id, &PageRequest::first(10))).await.unwrap();
        assert_eq!(revisions.items.len(), 3, "made, edited, put back");
        let by_admin = revisions.items.iter().filter(|one| one.user.as_ref().is_some_and(|user| user.username == "akadmin"));
        assert_eq!(by_admin.count(), 2, "the edit came from the command line");

        // What no blueprint made has no way back; what the default set made has.
        app.apply("version: 1\nmetadata: {name: Mine}\nentries:\n  - {model: authentik_core.group, identifiers: {name: mine}}\n").await;
        let mine = app.store().read(|tx| groups::by_name(tx, "mine")).await.unwrap().unwrap();
        let mine = format!("/if/admin/identity/groups/{}/", mine.id);
        assert!(admin.get(&mine).await.links("blueprint/").is_empty());
        assert_eq!(admin.get(&format!("{mine}blueprint/")).await.status, 404);
        let flow = "/if/admin/flow/flows/default-authentication-flow/";
        assert_eq!(admin.get(flow).await.links(&format!("{flow}blueprint/")).len(), 1);
        // With its blueprint the way back goes; the object stays.
        let kept = app.store().read(|tx| blueprint_instances::by_name(tx, "Crew")).await.unwrap().unwrap();
        let asked = admin.get(&format!("{HERE}{}/delete/", kept.id)).await;
        assert_eq!(Filled::marked(&asked, "confirm").send(&admin).await.status, 303);
        assert!(admin.get(&page).await.links("blueprint/").is_empty());
        assert_eq!(admin.get(&back).await.status, 404);
    }
}
