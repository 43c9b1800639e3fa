//! Flows and expressions: built, put in order, tried, watched and carried over, without a script.

use countersign_model::Family;
use countersign_testkit::{Page, Person, on_both_databases};
use regex::Regex;
use reqwest::Method;

use crate::world::{Filled, MAX_BYTES, MAX_TRIPS, plain};

const FLOWS: &str = "/if/admin/flow/flows/";
const SIGN_IN: &str = "/if/admin/flow/flows/default-authentication-flow/";
const PROMPTS: &str = "/if/admin/flow/stages/prompts/";
const EXPRESSION: &str = "authentik_policies_expression.expressionpolicy";
const TEST: &str = "/if/admin/expressions/test/?kind=authentik_policies_expression.expressionpolicy";

/// Sends a form that must be taken; returns where it leads.
async fn taken(form: Filled, person: &Person) -> String {
    let page = form.send(person).await;
    assert_eq!(page.status, 303, "{} {}", page.url, complaints(&page));
    page.leads_to().unwrap().path().to_owned()
}

/// What a form complains about.
fn complaints(page: &Page) -> String {
    let errors = Regex::new(r#"(?s)class="(?:error|notice danger)"[^>]*>(.*?)</(?:p|div)>"#).unwrap();
    errors.captures_iter(&page.body).map(|found| found[1].to_owned()).collect::<Vec<_>>().join("; ")
}

/// Makes a flow.
async fn flow(person: &Person, slug: &str, designation: &str) -> String {
    let form = Filled::of(&person.get(&format!("{FLOWS}~new/")).await);
    let form =
        form.with("name", slug).with("slug", slug).with("title", "Welcome").with("designation", designation);
    taken(form, person).await
}

/// Makes a stage of a kind and binds it, in one step.
async fn stage(person: &Person, flow: &str, kind: &str, name: &str, fields: &[(&str, &str)]) {
    let page = person.get(&format!("{flow}~stage/?kind={kind}")).await;
    let mut form = Filled::of(&page).with("name", name);
    for (name, value) in fields {
        if *name == "fields" {
            form.fields.push(((*name).to_owned(), (*value).to_owned()));
        } else {
            form = form.with(name, value);
        }
    }
    taken(form, person).await;
}

/// The names of a flow's stages in the order of the page.
fn stages_of(page: &Page) -> Vec<String> {
    let names = Regex::new(r#"(?s)class="flow-number">[^<]*</span> <a href="[^"]*">([^<]*)</a>"#).unwrap();
    names.captures_iter(&page.body).map(|found| plain(&found[1])).collect()
}

/// The identifiers of a flow's bindings of stages in the order of the page.
fn bindings_of(page: &Page) -> Vec<String> {
    let ids = Regex::new(r#"<li class="box" id="binding-([^"]+)""#).unwrap();
    ids.captures_iter(&page.body).map(|found| found[1].to_owned()).collect()
}

/// Sends a file to be imported, as a browser sends it.
pub(crate) async fn import(person: &Person, text: &str) -> Page {
    let page = person.get(&format!("{FLOWS}~import/")).await;
    let csrf = Filled::marked(&page, "multipart").value("csrf").unwrap().to_owned();
    let part =
        |head: &str, body: &str| format!("--XX\r\nContent-Disposition: form-data; {head}\r\n\r\n{body}\r\n");
    let body = [
        part("name=\"csrf\"", &csrf),
        part("name=\"file\"; filename=\"flow.yaml\"\r\nContent-Type: application/yaml", text),
        part("name=\"text\"", ""),
        "--XX--\r\n".to_owned(),
    ];
    let address = person.address(&format!("{FLOWS}~import/"));
    let origin = address.origin().ascii_serialization();
    let request = person.request(Method::POST, &address).header("origin", origin);
    let request = request.header("content-type", "multipart/form-data; boundary=XX").body(body.concat());
    person.send(request).await
}

on_both_databases! {
    async fn an_administrator_builds_an_enrolment_flow_and_somebody_enrols(app: TestApp) {
        let admin = app.admin().await;
        let group = Filled::of(&admin.get("/if/admin/identity/groups/~new/").await).with("name", "Newcomers");
        taken(group, &admin).await;
        let join = flow(&admin, "join-us", "enrollment").await;
        let mut prompts = Vec::new();
        for (order, (key, kind)) in [
            ("username", "username"), ("name", "text"), ("password", "password"), ("password_repeat", "password"),
        ].into_iter().enumerate() {
            let form = Filled::of(&admin.get(&format!("{PROMPTS}~new/")).await)
                .with("name", &format!("join-us {key}")).with("field_key", key).with("label", key)
                .with("type", kind).with("order", &order.to_string());
            let page = taken(form, &admin).await;
            prompts.push(page.trim_end_matches('/').rsplit('/').next().unwrap().to_owned());
        }
        let fields: Vec<(&str, &str)> = prompts.iter().map(|prompt| ("fields", prompt.as_str())).collect();
        stage(&admin, &join, "authentik_stages_prompt.promptstage", "join-us questions", &fields).await;
        let snapshot = app.store().snapshot().await.unwrap();
        let groups = admin.get("/if/admin/flow/stages/~new/?kind=authentik_stages_user_write.userwritestage").await;
        let newcomers = Regex::new(r#"<option value="([^"]+)"[^>]*>Newcomers<"#).unwrap();
        let newcomers = newcomers.captures(&groups.body).map_or("Newcomers".to_owned(), |found| found[1].to_owned());
        stage(&admin, &join, "authentik_stages_user_write.userwritestage", "join-us write",
            &[("create_users_group", &newcomers)]).await;
        stage(&admin, &join, "authentik_stages_user_login.userloginstage", "join-us login", &[]).await;
        let page = admin.get(&join).await;
        assert_eq!(stages_of(&page), ["join-us questions", "join-us write", "join-us login"]);

        let identification = snapshot.object_by_name(Family::Stage, "default-authentication-identification").unwrap();
        let edit = admin.get(&format!("/if/admin/flow/stages/{}/edit/", identification.id)).await;
        let wanted = Regex::new(r#"<option value="([^"]+)"[^>]*>join-us<"#).unwrap();
        let flow_id = wanted.captures(&edit.body).unwrap()[1].to_owned();
        taken(Filled::of(&edit).with("enrollment_flow", &flow_id), &admin).await;
        let page = admin.get(SIGN_IN).await;
        assert!(page.body.contains("/if/admin/flow/flows/join-us/"), "the diagram shows where the stage leads");

        let newcomer = app.anonymous();
        let asked = newcomer.visit("/").await;
        let link = asked.links("/if/flow/join-us/").into_iter().next().expect("a link to the new flow");
        let asked = newcomer.get(link.as_str()).await;
        let password = app.new_password();
        let home = newcomer.answer(&asked, &[
            ("username", "nora"), ("name", "Nora"), ("password", &password), ("password_repeat", &password),
        ]).await;
        assert_eq!(home.path(), "/if/user/", "{} {}", home.status, home.body);
        let members = admin.get("/if/admin/identity/users/").await;
        assert!(members.body.contains("nora"));
        app.sign_in("nora", &password).await;
        let nora = app.store().read(|tx| countersign_store::users::by_username(tx, "nora")).await.unwrap().unwrap();
        let subject = app.store().subject(nora.id).await.unwrap().unwrap();
        assert!(subject.groups.iter().any(|group| group.name == "Newcomers"), "{:?}", subject.groups);
    }

    async fn stages_are_put_in_order_in_one_transaction(app: TestApp) {
        app.settled().await;
        let admin = app.admin().await;
        let page = flow(&admin, "ordered", "stage_configuration").await;
        for name in ["one", "two", "three"] {
            stage(&admin, &page, "authentik_stages_dummy.dummystage", name, &[]).await;
        }
        let shown = admin.get(&page).await;
        let bindings = bindings_of(&shown);
        let csrf = Filled::marked(&shown, "data-flow-order").value("csrf").unwrap().to_owned();
        let order = format!("{page}~order/");
        let up = admin.post(&order, &[("csrf", csrf.as_str()), ("up", &bindings[2])]).await;
        assert_eq!(up.status, 303);
        assert_eq!(stages_of(&admin.get(&page).await), ["one", "three", "two"]);
        let trips = app.store().trips();
        let keys = [("csrf", csrf.as_str()), ("key", &bindings[1]), ("key", &bindings[2]), ("key", &bindings[0])];
        assert_eq!(admin.post(&order, &keys).await.status, 303);
        assert_eq!(app.store().trips().writes - trips.writes, 1);
        assert_eq!(stages_of(&admin.get(&page).await), ["two", "three", "one"]);
    }

    async fn settings_and_policies_are_changed_in_their_place(app: TestApp) {
        let admin = app.admin().await;
        let policy = Filled::of(&admin.get(&format!("/if/admin/policy/policies/~new/?kind={EXPRESSION}")).await)
            .with("name", "Is at work").with("expression", "return True");
        taken(policy, &admin).await;
        let page = flow(&admin, "guarded", "stage_configuration").await;
        stage(&admin, &page, "authentik_stages_dummy.dummystage", "hello", &[]).await;
        let binding = bindings_of(&admin.get(&page).await).remove(0);

        let opened = admin.get(&format!("{page}?open={binding}")).await;
        let form = Filled::marked(&opened, "~binding/").with("invalid_response_action", "restart");
        let stale = form.clone().with("order", "50");
        taken(form, &admin).await;
        assert_eq!(stale.send(&admin).await.status, 409, "a stale form overwrites nothing");

        let opened = admin.get(&format!("{page}?add={binding}")).await;
        let form = Filled::marked(&opened, "~policy/");
        let nothing = form.send(&admin).await;
        assert_eq!(nothing.status, 400);
        assert!(!complaints(&nothing).is_empty(), "{}", nothing.body);
        let choice = Regex::new(r#"<option value="([^"]+)"[^>]*>Is at work<"#).unwrap();
        let id = choice.captures(&opened.body).unwrap()[1].to_owned();
        taken(form.with("policy", &id).with("negate", "true"), &admin).await;
        let shown = admin.get(&page).await;
        assert!(shown.body.contains("Is at work") && shown.body.contains("result reversed"), "{}", shown.body);
        assert!(shown.body.contains("Asked just before the stage"), "the diagram shows it");
    }

    async fn an_inspected_run_shows_its_steps_and_never_a_secret(app: TestApp) {
        let admin = app.admin().await;
        let join = flow(&admin, "watched", "enrollment").await;
        let mut prompts = Vec::new();
        for (key, kind) in [("username", "username"), ("password", "password")] {
            let form = Filled::of(&admin.get(&format!("{PROMPTS}~new/")).await)
                .with("name", &format!("watched {key}")).with("field_key", key).with("label", key).with("type", kind);
            prompts.push(taken(form, &admin).await.trim_end_matches('/').rsplit('/').next().unwrap().to_owned());
        }
        let fields: Vec<(&str, &str)> = prompts.iter().map(|prompt| ("fields", prompt.as_str())).collect();
        stage(&admin, &join, "authentik_stages_prompt.promptstage", "watched questions", &fields).await;
        stage(&admin, &join, "authentik_stages_dummy.dummystage", "watched pause", &[]).await;
        app.apply("version: 1\nmetadata: { name: leak }\nentries:\n  - model: authentik_policies_expression.expressionpolicy\n    id: leak\n    identifiers: { name: leak }\n    attrs:\n      expression: |\n        secret = prompt_data['password']\n        flow_plan.context['copied'] = {'inside': f'<{secret}>'}\n        ak_message(secret)\n        ak_logger.info('seen', what=user.username)\n        return True\n  - model: authentik_policies.policybinding\n    identifiers: { target: !Find [authentik_flows.flowstagebinding, [stage, !Find [authentik_stages_dummy.dummystage, [name, watched pause]]]], order: 0 }\n    attrs: { policy: !KeyOf leak }\n").await;
        let inspector = admin.get(&format!("{join}inspector/")).await;
        assert!(inspector.body.contains("No run yet"), "{}", inspector.body);
        let run = inspector.links("run/?inspect=yes").into_iter().next().unwrap();
        let asked = admin.visit(run.as_str()).await;
        let canary = app.new_password();
        let next = admin.answer(&asked, &[("username", "walter"), ("password", &canary)]).await;
        assert_eq!(next.status, 200, "{}", next.body);
        let shown = admin.get(&format!("{join}inspector/")).await;
        assert!(!shown.body.contains(&canary), "a secret in the inspector");
        for words in ["watched questions", "watched pause", "walter", "leak", "copied", "***", "Passes", " ms"] {
            assert!(shown.body.contains(words), "{words}: {}", shown.body);
        }
        assert!(shown.body.len() < MAX_BYTES);
        let over = admin.answer(&next, &[]).await;
        assert_ne!(over.status, 500);
        let shown = admin.get(&format!("{join}inspector/")).await;
        assert!(shown.body.contains(">Over<") && !shown.body.contains(&canary), "{}", shown.body);
        assert!(admin.get(&format!("{join}inspector/?step=1")).await.body.contains("watched questions"));
    }

    async fn a_run_as_oneself_is_inspected(app: TestApp) {
        let admin = app.admin().await;
        let mine = flow(&admin, "mine", "stage_configuration").await;
        stage(&admin, &mine, "authentik_stages_dummy.dummystage", "mine pause", &[]).await;
        app.apply("version: 1\nmetadata: { name: own }\nentries:\n  - model: authentik_policies_expression.expressionpolicy\n    id: own\n    identifiers: { name: own }\n    attrs: { expression: \"return request.user.username == 'akadmin'\" }\n  - model: authentik_policies.policybinding\n    identifiers: { target: !Find [authentik_flows.flowstagebinding, [stage, !Find [authentik_stages_dummy.dummystage, [name, mine pause]]]], order: 0 }\n    attrs: { policy: !KeyOf own }\n").await;
        let page = admin.get(&format!("{mine}inspector/")).await;
        assert!(page.body.contains("as=me"), "{}", page.body);
        let asked = admin.visit(&format!("{mine}run/?inspect=yes&as=me")).await;
        assert!(asked.url.as_str().contains("start=") && asked.url.as_str().contains("inspector=1"), "{}", asked.url);
        let shown = admin.get(&format!("{mine}inspector/")).await;
        for words in ["mine pause", "pending_user", "own", "Passes", " ms"] {
            assert!(shown.body.contains(words), "{words}: {}", shown.body);
        }
        let over = admin.answer(&asked, &[]).await;
        assert!(over.url.path().ends_with("/inspector/"), "it leads back to its record: {}", over.url);
        assert!(over.body.contains(">Over<"), "{}", over.body);
        // A plain run takes its place, and another browser has no record at all.
        admin.visit(&format!("{mine}run/?inspect=yes")).await;
        let shown = admin.get(&format!("{mine}inspector/")).await;
        assert!(!shown.body.contains(">Over<"), "{}", shown.body);
        let elsewhere = app.admin().await;
        assert!(elsewhere.get(&format!("{mine}inspector/")).await.body.contains("No run yet"));
        let clerk = app.holder("looker", &["authentik_rbac.access_admin_interface", "authentik_flows.view_flow"]).await;
        assert_eq!(clerk.get(&format!("{mine}run/?inspect=yes&as=me")).await.status, 403);
    }

    async fn who_may_not_inspect_records_nothing(app: TestApp) {
        app.settled().await;
        let visitor = app.anonymous();
        let asked = visitor.get("/if/flow/default-authentication-flow/?inspector=1").await;
        let trips = app.store().trips();
        visitor.get(asked.url.as_str()).await;
        assert_eq!(app.store().trips().writes, trips.writes, "looking writes nothing");
        let clerk = app.holder("clerk", &["authentik_rbac.access_admin_interface", "authentik_flows.view_flow"]).await;
        assert_eq!(clerk.get(SIGN_IN).await.status, 200);
        assert_eq!(clerk.get(&format!("{SIGN_IN}inspector/")).await.status, 403);
        assert_eq!(clerk.get(&format!("{SIGN_IN}export/")).await.status, 403);
        assert_eq!(clerk.get(&format!("{SIGN_IN}~stage/")).await.status, 403);
        assert_eq!(clerk.get(TEST).await.status, 403);
        let page = clerk.get(SIGN_IN).await;
        assert!(!page.body.contains("data-flow-stages") && !page.body.contains("?open="), "{}", page.body);
    }

    async fn a_hostile_name_stays_words(app: TestApp) {
        let admin = app.admin().await;
        let page = flow(&admin, "hostile", "stage_configuration").await;
        let name = "</text></svg><script>alert(1)</script>\"'&";
        stage(&admin, &page, "authentik_stages_dummy.dummystage", name, &[]).await;
        let shown = admin.get(&page).await;
        assert_eq!(stages_of(&shown), [name]);
        assert!(!shown.body.contains("<script>alert"), "{}", shown.body);
    }

    async fn an_expression_is_tried_out_on_somebody(app: TestApp) {
        let admin = app.admin().await;
        app.user("ada").await;
        let form = Filled::marked(&admin.get(TEST).await, "expressions/test/");
        let body = "ak_logger.info('asked', who=user.username)\nak_message('hello ' + user.username)\nreturn context['n'] > 3";
        let tried = form.clone().with("expression", body).with("trial.user", "ada").with("trial.context", "{\"n\": 4}");
        let shown = tried.send(&admin).await;
        assert_eq!(shown.status, 200, "{}", shown.body);
        for words in ["hello ada", "info: asked who=", "Passes", " ms"] {
            assert!(shown.body.contains(words), "{words}: {}", shown.body);
        }
        let wrong = tried.with("trial.user", "nobody").send(&admin).await;
        assert_eq!(wrong.status, 400);
        assert!(wrong.body.contains("There is no such user."));
        let broken = form.clone().with("expression", "return nowhere").send(&admin).await;
        assert!(broken.body.contains("nowhere") && broken.body.contains("It came to no result"), "{}", broken.body);
        let page = admin.get(TEST).await;
        assert!(page.body.contains("ak_is_group_member") && page.body.len() < MAX_BYTES);
    }

    async fn a_mapping_is_tried_with_what_its_kind_is_given(app: TestApp) {
        let admin = app.admin().await;
        for (model, body, context, words) in [
            ("authentik_sources_ldap.ldapsourcepropertymapping", "return {'first': list_flatten(ldap.get('uid'))}", "", "ada"),
            ("authentik_sources_ldap.ldapsourcepropertymapping", "return list_flatten(ldap.get('uid'))", "", "returned a str, not a dict"),
            ("authentik_providers_saml.samlpropertymapping", "yield 'one'\nyield user.username", "", "akadmin"),
            ("authentik_providers_saml.samlpropertymapping", "return token", "", "It came to no result"),
            ("authentik_providers_radius.radiusproviderpropertymapping", "packet['Reply-Message'] = 'Welcome'\nreturn packet", "", "Welcome"),
            ("authentik_providers_oauth2.scopemapping", "return {'has': 'email' in token['scope']}", "", "has"),
            ("authentik_providers_scim.scimmapping", "return {'displayName': group.name}", "{\"group\": {\"name\": \"People of the north\"}}", "People of the north"),
            ("authentik_events.notificationwebhookmapping", "return [notification.event.action, event.action]", "", "login"),
        ] {
            let page = admin.get(&format!("/if/admin/expressions/test/?kind={model}")).await;
            let form = Filled::marked(&page, "expressions/test/").with("expression", body);
            let form = if context.is_empty() { form } else { form.with("trial.context", context) };
            let shown = form.send(&admin).await;
            assert_eq!(shown.status, 200, "{model}: {}", shown.body);
            let result = shown.body.split("id=\"result\"").nth(1).unwrap();
            let result = result.split("<details").next().unwrap();
            assert!(result.contains(words), "{model}: {words}: {result}");
        }
        let names = |page: &str| page.split("id=\"result\"").nth(1).unwrap_or_default().to_owned();
        let scope = admin.get("/if/admin/expressions/test/?kind=authentik_providers_oauth2.scopemapping").await;
        let ldap = admin.get("/if/admin/expressions/test/?kind=authentik_sources_ldap.ldapsourcepropertymapping").await;
        assert!(names(&scope.body).contains("token[") && !names(&scope.body).contains("ldap.get"), "{}", scope.body);
        assert!(names(&ldap.body).contains("ldap.get") && !names(&ldap.body).contains("token["), "{}", ldap.body);
        assert!(scope.body.contains("trial-scopes") && !ldap.body.contains("trial-scopes"));
    }

    async fn a_mapping_is_tried_on_a_group_and_a_provider_that_the_reader_sees(app: TestApp) {
        let admin = app.admin().await;
        let test = "/if/admin/expressions/test/?kind=authentik_providers_scim.scimmapping";
        let group = Filled::of(&admin.get("/if/admin/identity/groups/~new/").await).with("name", "Staff of the house");
        taken(group, &admin).await;
        let form = Filled::marked(&admin.get(test).await, "expressions/test/");
        let form = form.with("expression", "return {'displayName': slugify(group.name), 'provider': provider}");
        let shown = form.clone().with("trial.group", "Staff of the house").send(&admin).await;
        assert!(shown.status == 200 && shown.body.contains("staff-of-the-house"), "{}", shown.body);
        let wrong = form.with("trial.group", "Nobody at all").send(&admin).await;
        assert_eq!(wrong.status, 400);
        assert!(wrong.body.contains("There is no such group."), "{}", wrong.body);
        let clerk = app.holder("clerk", &["authentik_rbac.access_admin_interface", "authentik_providers_scim.add_scimmapping"]).await;
        let form = Filled::marked(&clerk.get(test).await, "expressions/test/");
        let form = form.with("expression", "return {'displayName': group.name}").with("trial.user", "");
        let hidden = form.with("trial.group", "Staff of the house").send(&clerk).await;
        assert_eq!(hidden.status, 400, "a group that he may not see: {}", hidden.body);
    }

    async fn a_prompt_is_seen_before_anybody_is_asked(app: TestApp) {
        let admin = app.admin().await;
        let form = Filled::of(&admin.get(&format!("{PROMPTS}~new/")).await)
            .with("name", "team").with("field_key", "team").with("label", "Your team").with("type", "dropdown")
            .with("placeholder", "return ['red', user.username]").with("placeholder_expression", "true");
        let page = taken(form, &admin).await;
        let test = admin.get(&page).await.links("expressions/test/").into_iter().next().unwrap();
        let form = Filled::marked(&admin.get(test.as_str()).await, "expressions/test/");
        let shown = form.send(&admin).await;
        assert_eq!(shown.status, 200, "{}", shown.body);
        for words in ["As it is asked", "Your team", ">red</option>", ">akadmin</option>"] {
            assert!(shown.body.contains(words), "{words}: {}", shown.body);
        }
    }

    async fn a_hostile_expression_hurts_nobody(app: TestApp) {
        let admin = app.admin().await;
        let form = Filled::marked(&admin.get(TEST).await, "expressions/test/");
        for body in [
            "while True:\n    pass",
            "return 'x' * 10**9",
            "x = []\nwhile True:\n    x.append('y' * 1000000)",
            "import os\nreturn os.environ",
            "return open('/etc/passwd').read()",
        ] {
            let shown = form.clone().with("expression", body).send(&admin).await;
            assert_eq!(shown.status, 200, "{body}");
            assert!(shown.body.contains("It came to no result"), "{body}: {}", shown.body);
        }
        assert_eq!(admin.get(SIGN_IN).await.status, 200);
    }

    async fn a_flow_is_carried_from_here_to_there(app: TestApp) {
        let admin = app.admin().await;
        let page = flow(&admin, "carried", "stage_configuration").await;
        stage(&admin, &page, "authentik_stages_dummy.dummystage", "carried stage", &[]).await;
        let file = admin.get(&format!("{page}export/")).await;
        assert_eq!(file.status, 200, "{}", file.body);
        assert!(file.header("content-disposition").unwrap().contains("flow-carried.yaml"));
        assert!(file.body.contains("carried stage") && file.body.contains("authentik_flows.flowstagebinding"));

        let gone = Filled::marked(&admin.get(&format!("{page}delete/")).await, "confirm").send(&admin).await;
        assert_eq!(gone.status, 303, "{}", gone.body);
        assert_eq!(admin.get(&page).await.status, 404);
        let done = import(&admin, &file.body).await;
        assert_eq!(done.status, 200, "{}", done.body);
        assert!(done.body.contains("Imported:"), "{}", done.body);
        assert_eq!(stages_of(&admin.get(&page).await), ["carried stage"]);

        let broken = file.body.replace("stage_configuration", "somewhere");
        let refused = import(&admin, &broken).await;
        assert_eq!(refused.status, 400, "{}", refused.body);
        assert!(refused.body.contains("Nothing was imported.") && refused.body.contains("designation"));
        assert_eq!(import(&admin, "entries: [").await.status, 400);
        let foreign = admin.post(&format!("{FLOWS}~import/"), &[("text", "x")]).await;
        assert!(foreign.status >= 400, "only our own form is taken");
    }

    async fn the_page_of_a_flow_is_small_and_cheap(app: TestApp) {
        app.settled().await;
        let admin = app.admin().await;
        admin.get(SIGN_IN).await;
        let trips = app.store().trips();
        let page = admin.get(SIGN_IN).await;
        let now = app.store().trips();
        assert!(page.body.len() < MAX_BYTES, "{}", page.body.len());
        assert!(now.reads - trips.reads + now.writes - trips.writes <= MAX_TRIPS);
        assert!(page.body.contains("<svg") && page.body.contains("default-authentication-identification"));
        for language in ["ko", "zh-Hans"] {
            let page = admin.get(&format!("{SIGN_IN}?locale={language}")).await;
            assert!(!page.body.contains(">flow-") && !page.body.contains("kind-choice-"), "{}", page.body);
        }
    }
}
