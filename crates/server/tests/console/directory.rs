//! Users, groups and roles, as administrators look after them.

use countersign_model::{JobState, TokenIntent, User, UserId, UserType};
use countersign_store::{jobs, sessions, tokens, users};
use countersign_testkit::{Page, Person, TestApp, on_both_databases};

use crate::world::{Filled, plain};

const USERS: &str = "/if/admin/identity/users/";
const GROUPS: &str = "/if/admin/identity/groups/";
const ROLES: &str = "/if/admin/identity/roles/";

/// Address of the page of a user.
async fn page_of(app: &TestApp, username: &str) -> String {
    let username = username.to_owned();
    let found = app.store().read(move |tx| users::by_username(tx, &username)).await.unwrap().unwrap();
    format!("{USERS}{}/", found.pk)
}

/// Address of the page of the object whose row in a list has this name.
async fn linked(admin: &Person, list: &str, name: &str) -> String {
    let page = admin.get(list).await;
    assert_eq!(page.status, 200, "{}", page.body);
    let at = page.body.find(&format!(">{name}</a>")).unwrap_or_else(|| panic!("no {name} in {}", page.body));
    let start = page.body[..at].rfind("href=\"").unwrap() + 6;
    let end = page.body[start..].find('"').unwrap() + start;
    plain(&page.body[start..end])
}

async fn confirm(admin: &Person, path: &str) -> Page {
    let asked = admin.get(path).await;
    assert_eq!(asked.status, 200, "{}", asked.body);
    Filled::marked(&asked, "confirm").send(admin).await
}

on_both_databases! {
    async fn users_are_found_by_name_state_and_place(app: TestApp) {
        app.user("ada").await;
        app.user("bea").await;
        let admin = app.admin().await;
        let all = admin.get(USERS).await;
        assert!(all.body.contains(">ada</a>") && all.body.contains(">bea</a>"), "{}", all.body);
        let found = admin.get(&format!("{USERS}?q=ada")).await;
        assert!(found.body.contains(">ada</a>") && !found.body.contains(">bea</a>"));
        let off = admin.get(&format!("{USERS}?active=no")).await;
        assert!(!off.body.contains(">ada</a>"));
        let elsewhere = admin.get(&format!("{USERS}?path=nowhere")).await;
        assert!(!elsewhere.body.contains(">ada</a>"));
    }

    async fn a_page_that_looked_through_a_part_says_so_and_goes_on(app: TestApp) {
        app.user("model").await;
        app.store()
            .write(|tx| {
                let model = users::by_username(tx, "model")?.unwrap();
                let first = users::next_pks(tx, 2300)?;
                let made = |(place, pk): (usize, i64)| {
                    let (name, user_type) = match place {
                        0..1100 => ("Guest", UserType::External),
                        1100..2299 => ("Wanted", UserType::Internal),
                        _ => ("Wanted", UserType::External),
                    };
                    let username = format!("person-{place:04}");
                    let email = format!("{username}@example.org");
                    let id = UserId::random(tx.rng());
                    User { id, pk, username, email, name: name.to_owned(), user_type, ..model.clone() }
                };
                let batch: Vec<User> = (0..2300).zip(first..).map(made).collect();
                users::create_batch(tx, &batch)
            })
            .await
            .unwrap();
        let admin = app.admin().await;
        let mut path = format!("{USERS}?q=wanted&type=external");
        let mut parts = 0;
        let found = loop {
            let page = admin.get(&path).await;
            assert_eq!(page.status, 200, "{}", page.body);
            if page.body.contains(">person-2299</a>") {
                break page;
            }
            assert!(page.body.contains("Only a part of the list was searched."), "{}", page.body);
            let next = page.body.find("rel=\"next\"").unwrap_or_else(|| panic!("no way on: {}", page.body));
            let href = page.body[next..].split('"').nth(3).unwrap();
            path = plain(href);
            parts += 1;
            assert!(parts < 10);
        };
        assert!(parts > 0, "it was found at once: {}", found.body);
        assert!(!found.body.contains(">person-0000</a>"));
    }

    async fn users_are_sorted_and_their_columns_chosen(app: TestApp) {
        app.user("ada").await;
        app.user("zoe").await;
        let admin = app.admin().await;
        let place = |page: &Page, name: &str| page.body.find(&format!(">{name}</a>")).unwrap();
        let up = admin.get(&format!("{USERS}?sort=username")).await;
        assert!(place(&up, "ada") < place(&up, "zoe"));
        let down = admin.get(&format!("{USERS}?sort=-username")).await;
        assert!(place(&down, "ada") > place(&down, "zoe"), "{}", down.body);
        assert!(down.body.contains("aria-sort=\"descending\""), "{}", down.body);
        let mut form = Filled::marked(&down, "~columns/");
        form.fields.retain(|(name, _)| name != "column");
        form.fields.push(("column".to_owned(), "path".to_owned()));
        assert_eq!(form.send(&admin).await.status, 303);
        let chosen = admin.get(USERS).await;
        assert!(chosen.body.contains("<td data-label=\"Path\""), "{}", chosen.body);
        assert!(!chosen.body.contains("<td data-label=\"E-mail address\""), "{}", chosen.body);
    }

    async fn every_page_of_an_object_has_the_same_tabs(app: TestApp) {
        app.user("ada").await;
        let admin = app.admin().await;
        let page = page_of(app, "ada").await;
        for tab in ["", "used-by/", "revisions/"] {
            let shown = admin.get(&format!("{page}{tab}")).await;
            for other in ["sessions/", "credentials/", "used-by/", "revisions/"] {
                assert!(shown.body.contains(&format!("href=\"{page}{other}\"")), "{tab} leads to no {other}");
            }
            let current = format!("href=\"{page}{tab}\" aria-current=\"page\"");
            assert!(shown.body.contains(&current), "{tab} is not told from the others: {}", shown.body);
        }
    }

    async fn a_new_password_ends_every_session(app: TestApp) {
        let (ada, old) = app.user("ada").await;
        let admin = app.admin().await;
        let page = page_of(app, "ada").await;
        let form = admin.get(&format!("{page}password/")).await;
        let new = app.new_password();
        let differs = Filled::marked(&form, "password/").with("password", &new).with("password_repeat", "x").send(&admin).await;
        assert_eq!(differs.status, 400);
        assert_eq!(ada.get("/if/user/").await.status, 200, "nothing has happened yet");
        let set = Filled::marked(&form, "password/").with("password", &new).with("password_repeat", &new).send(&admin).await;
        assert_eq!(set.status, 303, "{}", set.body);
        assert_ne!(ada.get("/if/user/").await.status, 200, "whoever knew the old password is out");
        assert_ne!(app.anonymous().sign_in_at("/", "ada", &old).await.path(), "/if/user/");
        app.sign_in("ada", &new).await;
    }

    async fn a_recovery_link_is_shown_once_and_works_once(app: TestApp) {
        app.user("ada").await;
        let admin = app.admin().await;
        let page = page_of(app, "ada").await;
        let made = confirm(&admin, &format!("{page}recovery/")).await;
        assert_eq!(made.status, 200, "{}", made.body);
        let at = made.body.find("/recovery/use-token/").unwrap();
        let link = made.body[at..].split('<').next().unwrap().to_owned();
        app.plant(link.trim_matches('/').rsplit('/').next().unwrap());
        assert!(!admin.get(&page).await.body.contains(&link), "it is not shown again");
        let ada = app.anonymous();
        let asked = ada.get(&link).await;
        assert_eq!(ada.answer(&asked, &[]).await.path(), "/if/user/settings/");
        let thief = app.anonymous();
        let asked = thief.get(&link).await;
        assert_eq!(thief.answer(&asked, &[]).await.status, 403);
    }

    async fn a_deactivated_account_is_out_at_once(app: TestApp) {
        let (ada, password) = app.user("ada").await;
        let admin = app.admin().await;
        let page = page_of(app, "ada").await;
        confirm(&admin, &format!("{page}recovery/")).await;
        let done = confirm(&admin, &format!("{page}deactivate/")).await;
        assert_eq!(done.status, 303, "{}", done.body);
        assert_ne!(ada.get("/if/user/").await.status, 200);
        let left = app
            .store()
            .read(|tx| {
                let ada = users::by_username(tx, "ada")?.unwrap();
                let links = tokens::of_user(tx, ada.id)?;
                let links = links.iter().filter(|token| token.intent == TokenIntent::Recovery).count();
                Ok::<_, countersign_store::StoreError>((sessions::of_user(tx, ada.id)?.len(), links))
            })
            .await
            .unwrap();
        assert_eq!(left, (0, 0), "sessions and links are gone");
        assert_ne!(app.anonymous().sign_in_at("/", "ada", &password).await.path(), "/if/user/");
        let back = Filled::marked(&admin.get(&page).await, "activate/").send(&admin).await;
        assert_eq!(back.status, 303);
        app.sign_in("ada", &password).await;
    }

    async fn nobody_locks_himself_out(app: TestApp) {
        let admin = app.admin().await;
        let page = page_of(app, "akadmin").await;
        let own = admin.get(&page).await;
        assert!(!own.body.contains("deactivate/") && !own.body.contains("impersonate/"));
        let token = Filled::marked(&own, "~rail/").value("csrf").unwrap().to_owned();
        assert_eq!(admin.post(&format!("{page}deactivate/"), &[("csrf", &token)]).await.status, 403);
        assert_eq!(admin.get("/if/user/").await.status, 200);
    }

    async fn whoever_acts_as_another_is_told_so_on_every_page_and_in_the_trail(app: TestApp) {
        app.user("ada").await;
        let admin = app.admin().await;
        let page = page_of(app, "ada").await;
        let form = admin.get(&format!("{page}impersonate/")).await;
        let silent = Filled::marked(&form, "impersonate/").send(&admin).await;
        assert_eq!(silent.status, 400, "a reason is needed");
        let begun = Filled::marked(&form, "impersonate/").with("reason", "Ticket <7>").send(&admin).await;
        assert_eq!(begun.status, 303, "{}", begun.body);
        for path in ["/if/user/", "/if/user/settings/", "/if/session-end/", USERS] {
            let seen = admin.get(path).await;
            assert!(seen.body.contains("You are acting as ada"), "{path}: {}", seen.body);
        }
        assert_eq!(admin.get(USERS).await.status, 403, "he is ada now, and no more than that");
        let back = Filled::marked(&admin.get("/if/user/").await, "/if/user/impersonation/end/").send(&admin).await;
        assert_eq!(back.status, 303, "{}", back.body);
        let home = admin.get(&page).await;
        assert_eq!(home.status, 200);
        assert!(!home.body.contains("You are acting as"));
        let log = admin.get("/if/admin/events/log/?action=impersonation_started").await;
        assert!(log.body.contains("akadmin began to act as ada"), "{}", log.body);
        assert!(admin.get("/if/admin/events/log/?action=impersonation_ended").await.body.contains("akadmin stopped acting as ada"));
    }

    async fn acting_as_somebody_ends_with_ones_own_account(app: TestApp) {
        app.user("ada").await;
        let helper = app.holder("hal", &[
            "authentik_rbac.access_admin_interface",
            "authentik_core.view_user",
            "authentik_core.impersonate",
        ])
        .await;
        let form = helper.get(&format!("{}impersonate/", page_of(app, "ada").await)).await;
        let begun = Filled::marked(&form, "impersonate/").with("reason", "x").send(&helper).await;
        assert_eq!(begun.status, 303, "{}", begun.body);
        assert_eq!(helper.get("/if/user/").await.status, 200);
        let admin = app.admin().await;
        let done = confirm(&admin, &format!("{}deactivate/", page_of(app, "hal").await)).await;
        assert_eq!(done.status, 303);
        assert_ne!(helper.get("/if/user/").await.status, 200, "whoever is out is out of every account");
    }

    async fn acting_as_somebody_ends_with_ones_own_session(app: TestApp) {
        app.user("ada").await;
        let admin = app.admin().await;
        let form = admin.get(&format!("{}impersonate/", page_of(app, "ada").await)).await;
        let begun = Filled::marked(&form, "impersonate/").with("reason", "x").send(&admin).await;
        assert_eq!(begun.status, 303, "{}", begun.body);
        assert_eq!(admin.get("/if/user/").await.status, 200);
        let elsewhere = app.admin().await;
        let own = page_of(app, "akadmin").await;
        let page = elsewhere.get(&format!("{own}sessions/")).await;
        let here = page.body.split("<tr>").find(|row| row.contains("This session")).unwrap_or_default();
        let mut form = Filled::marked(&page, "class=\"bulk\"").with("action", "end");
        let keys = page.body.split("name=\"key\" value=\"").skip(1).filter_map(|rest| rest.split('"').next());
        for key in keys.filter(|key| !here.contains(*key)) {
            form.fields.push(("key".to_owned(), key.to_owned()));
        }
        let ended = form.send(&elsewhere).await;
        assert_eq!(ended.status, 303, "{}", ended.body);
        assert_ne!(admin.get("/if/user/").await.status, 200, "the session from which he acted is over");
        assert_eq!(elsewhere.get(&own).await.status, 200, "his other one is not");
    }

    async fn a_helper_cannot_become_or_take_over_an_administrator(app: TestApp) {
        let helper = app.holder("hal", &[
            "authentik_rbac.access_admin_interface",
            "authentik_core.view_user",
            "authentik_core.change_user",
            "authentik_core.impersonate",
            "authentik_core.reset_user_password",
            "authentik_core.view_group",
            "authentik_core.add_user_to_group",
        ])
        .await;
        let page = page_of(app, "akadmin").await;
        let form = helper.get(&format!("{page}impersonate/")).await;
        let tried = Filled::marked(&form, "impersonate/").with("reason", "x").send(&helper).await;
        assert_eq!(tried.status, 403, "becoming him");
        assert_eq!(confirm(&helper, &format!("{page}recovery/")).await.status, 403, "a link to sign in as him");
        let form = helper.get(&format!("{page}password/")).await;
        let set = Filled::marked(&form, "password/").with("password", "12345678x").with("password_repeat", "12345678x");
        assert_eq!(set.send(&helper).await.status, 403, "a password of his");
        let admins = linked(&helper, GROUPS, "authentik Admins").await;
        let found = helper.get(&format!("{admins}members/?q=hal")).await;
        let joined = Filled::marked(&found, "class=\"bulk\"").with("action", "add").with("key", &own_id(app, "hal").await);
        assert_eq!(joined.send(&helper).await.status, 403, "joining the administrators");
    }

    async fn members_come_and_go(app: TestApp) {
        app.user("ada").await;
        app.apply("version: 1\nmetadata: { name: g }\nentries:\n  - model: authentik_core.group\n    identifiers: { name: Painters }\n").await;
        let admin = app.admin().await;
        let group = linked(&admin, GROUPS, "Painters").await;
        assert!(admin.get(&group).await.body.contains("Painters"));
        let found = admin.get(&format!("{group}members/?q=ada")).await;
        assert!(found.body.contains(">ada</a>"), "{}", found.body);
        let id = own_id(app, "ada").await;
        let added = Filled::marked(&found, "class=\"bulk\"").with("action", "add").with("key", &id).send(&admin).await;
        assert_eq!(added.status, 303, "{}", added.body);
        let members = admin.get(&format!("{group}members/")).await;
        assert!(members.body.contains(">ada</a>"), "{}", members.body);
        let groups = admin.get(&format!("{}groups/", page_of(app, "ada").await)).await;
        assert!(groups.body.contains("Painters"));
        let gone = Filled::marked(&members, "class=\"bulk\"").with("action", "remove").with("key", &id).send(&admin).await;
        assert_eq!(gone.status, 303);
        assert!(!admin.get(&format!("{group}members/")).await.body.contains(">ada</a>"));
    }

    async fn a_role_is_filled_given_and_taken(app: TestApp) {
        let (ada, _) = app.user("ada").await;
        app.apply("version: 1\nmetadata: { name: r }\nentries:\n  - model: authentik_rbac.role\n    identifiers: { name: Viewers }\n").await;
        let admin = app.admin().await;
        let role = linked(&admin, ROLES, "Viewers").await;
        let mut form = Filled::marked(&admin.get(&role).await, "matrix");
        for permission in ["authentik_rbac.access_admin_interface", "authentik_core.view_user", "nonsense.permission"] {
            form.fields.push(("key".to_owned(), permission.to_owned()));
        }
        let saved = form.send(&admin).await;
        assert_eq!(saved.status, 303, "{}", saved.body);
        assert_eq!(ada.get(USERS).await.status, 403);
        // What is ticked on one table says nothing about the others.
        let stages = format!("{role}?family=stage");
        let mut form = Filled::marked(&admin.get(&stages).await, "matrix");
        let denial = "authentik_stages_deny.view_denystage".to_owned();
        form.fields.push(("key".to_owned(), denial.clone()));
        assert_eq!(form.send(&admin).await.status, 303);
        assert_eq!(Filled::marked(&admin.get(&role).await, "matrix").send(&admin).await.status, 303);
        assert!(Filled::marked(&admin.get(&stages).await, "matrix").fields.contains(&("key".to_owned(), denial)));
        assert_eq!(admin.get(&format!("{role}?family=nonsense")).await.status, 404);
        let user = page_of(app, "ada").await;
        let page = admin.get(&format!("{user}roles/")).await;
        let key = role.trim_end_matches('/').rsplit('/').next().unwrap();
        let given = Filled::marked(&page, "small-form").with("key", key).send(&admin).await;
        assert_eq!(given.status, 303, "{}", given.body);
        assert_eq!(ada.get(USERS).await.status, 200);
        assert_eq!(ada.get(ROLES).await.status, 403, "and nothing more than that");
        assert!(admin.get(&format!("{role}holders/")).await.body.contains(">ada</a>"));
        let page = admin.get(&format!("{user}roles/")).await;
        let taken = Filled::marked(&page, "class=\"bulk\"").with("action", "remove").with("key", key).send(&admin).await;
        assert_eq!(taken.status, 303);
        assert_eq!(ada.get(USERS).await.status, 403);
    }

    async fn a_service_account_comes_with_a_token_shown_once(app: TestApp) {
        let admin = app.admin().await;
        let form = admin.get(&format!("{USERS}~service-account/")).await;
        let made = Filled::marked(&form, "~service-account/").with("name", "backup").send(&admin).await;
        assert_eq!(made.status, 200, "{}", made.body);
        assert!(made.body.contains("service-account-backup-password"), "{}", made.body);
        let taken = Filled::marked(&form, "~service-account/").with("name", "backup").send(&admin).await;
        assert_eq!(taken.status, 400, "the name is taken");
        let page = admin.get(&page_of(app, "backup").await).await;
        assert!(page.body.contains("Service account"));
    }

    async fn jobs_that_were_given_up_are_tried_again(app: TestApp) {
        let id = app
            .store()
            .write(|tx| {
                let job = countersign_model::Job {
                    id: countersign_model::JobId::random(tx.rng()),
                    kind: "nobody_does_this".to_owned(),
                    payload: serde_json::Value::Null,
                    state: JobState::Dead,
                    run_at: tx.now(),
                    attempts: 5,
                    lease_owner: None,
                    lease_until: None,
                    last_error: Some("<b>no luck</b>".to_owned()),
                    created: tx.now(),
                };
                jobs::create(tx, &job)?;
                Ok::<_, countersign_store::StoreError>(job.id)
            })
            .await
            .unwrap();
        let admin = app.admin().await;
        assert!(admin.get("/if/admin/").await.body.contains("One job was given up"));
        let page = admin.get("/if/admin/system/jobs/?state=dead").await;
        assert!(page.body.contains("nobody_does_this") && !page.body.contains("<b>no luck"), "{}", page.body);
        let retried = Filled::marked(&page, "class=\"bulk\"").with("action", "retry").with("key", &id.to_string()).send(&admin).await;
        assert_eq!(retried.status, 303, "{}", retried.body);
        let job = app.store().read(move |tx| jobs::by_id(tx, id)).await.unwrap().unwrap();
        assert_eq!((job.state, job.attempts), (JobState::Queued, 0));
    }
}

async fn own_id(app: &TestApp, username: &str) -> String {
    let username = username.to_owned();
    app.store().read(move |tx| users::by_username(tx, &username)).await.unwrap().unwrap().id.to_string()
}
