//! `flows/…`, `policies/…`, `propertymappings/…`, `stages/…`, `managed/…`.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use countersign_testkit::on_both_databases;
use reqwest::{Method, StatusCode};
use serde_json::json;

use super::{Browser, pk_of};
use crate::world::{Program, Reply, admin, program_with};

const FLOW: &str = "flows/instances/default-authentication-flow/";

/// Sends a form with one part: a file, or a field.
async fn import(program: &Program, path: &str, name: &str, text: &str) -> Reply {
    let file =
        if name == "file" { "; filename=\"flow.yaml\"\r\nContent-Type: application/x-yaml" } else { "" };
    let body =
        format!("--XX\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n{text}\r\n--XX--\r\n");
    let request =
        program.request(Method::POST, path).header("content-type", "multipart/form-data; boundary=XX");
    program.send(request.body(body)).await
}

on_both_databases! {
    async fn a_flow_is_taken_out_changed_and_brought_back(app: TestApp) {
        let admin = admin(app).await;
        let taken = admin.get(&format!("{FLOW}export/")).await;
        assert_eq!(taken.status, 200, "{}", taken.text);
        assert!(taken.header("content-type").contains("yaml") && taken.header("content-disposition").contains("attachment"));
        let text = taken.text.clone();
        assert!(text.contains("default-authentication-flow") && text.contains("authentik_flows.flowstagebinding"));
        let changed = text.replace("Welcome", "Hello again, welcome");
        let done = import(&admin, "flows/instances/import/", "file", &changed).await.ok();
        assert_eq!(done["success"], true, "{done}");
        let title = admin.get(FLOW).await.ok()["title"].as_str().unwrap().to_owned();
        assert!(title.starts_with("Hello again") || !text.contains("Welcome"), "{title}");
        let wrong = import(&admin, "flows/instances/import/", "file", "version: 1\nentries: [{ model: nonsense }]").await.ok();
        assert_eq!(wrong["success"], false);
        assert_eq!(wrong["logs"][0]["log_level"], "error", "{wrong}");
        let nothing = import(&admin, "flows/instances/import/", "other", "x").await;
        assert!(nothing.expect(StatusCode::BAD_REQUEST)["file"].is_array());
        let narrow = program_with(app, &admin, "narrow", &[("authentik_flows.add_flow", None)]).await;
        let refused = import(&narrow, "flows/instances/import/", "file", &changed).await.ok();
        assert_eq!(refused["success"], false, "every entry takes permission: {refused}");
    }

    async fn a_flow_is_drawn_and_tried(app: TestApp) {
        let admin = admin(app).await;
        let drawn = admin.get(&format!("{FLOW}diagram/")).await.ok()["diagram"].as_str().unwrap().to_owned();
        assert!(drawn.starts_with("graph") || drawn.starts_with("flowchart"), "{drawn}");
        assert!(drawn.contains("default-authentication-identification"), "{drawn}");
        let link = admin.get(&format!("{FLOW}execute/")).await.ok()["link"].as_str().unwrap().to_owned();
        assert!(link.ends_with("/if/flow/default-authentication-flow/?inspector"), "{link}");
        for path in ["flows/instances/cache_info/", "policies/all/cache_info/"] {
            assert_eq!(admin.get(path).await.ok(), json!({ "count": 0 }));
        }
        for path in ["flows/instances/cache_clear/", "policies/all/cache_clear/"] {
            admin.post(path, json!({})).await.expect(StatusCode::NO_CONTENT);
        }
    }

    async fn an_administrator_looks_on_while_he_goes_through_a_flow(app: TestApp) {
        let browser = Browser::of(app.admin().await).await;
        let page = browser.person.visit("/if/flow/default-authentication-flow/?inspector").await;
        assert_eq!(page.status, 200, "{}", page.body);
        let (status, seen) = browser.get("flows/inspector/default-authentication-flow/").await;
        assert_eq!(status, 200, "{seen}");
        assert_eq!(seen["is_completed"], false);
        assert_eq!(seen["current_plan"]["current_stage"]["stage_obj"]["name"], "default-authentication-identification", "{seen}");
        assert!(seen["current_plan"]["next_planned_stage"]["pk"].is_string());
        assert_eq!(browser.get("flows/inspector/default-invalidation-flow/").await.0, 404, "there was no run");
    }

    async fn at_the_last_stage_the_inspector_names_no_next_one(app: TestApp) {
        app.apply("
version: 1
metadata: {name: One}
entries:
  - {model: authentik_stages_dummy.dummystage, id: stage, identifiers: {name: one}}
  - {model: authentik_flows.flow, id: flow, identifiers: {slug: one}, attrs: {name: One, title: One, designation: stage_configuration}}
  - {model: authentik_flows.flowstagebinding, identifiers: {target: !KeyOf flow, stage: !KeyOf stage, order: 0}}
").await;
        let browser = Browser::of(app.admin().await).await;
        browser.person.visit("/if/flow/one/?inspector").await;
        let (status, seen) = browser.get("flows/inspector/one/").await;
        assert_eq!(status, 200, "{seen}");
        assert_eq!(seen["current_plan"]["current_stage"]["stage_obj"]["name"], "one", "{seen}");
        // authentik's schema says that it may be left out, and not that it may be null; authentik itself answers with
        // a binding that has no key, at which clients that check what they get stumble.
        assert!(seen["current_plan"].get("next_planned_stage").is_none(), "{seen}");
    }

    async fn a_policy_is_tried_with_everything_that_it_says(app: TestApp) {
        let admin = admin(app).await;
        let expression = "ak_logger.info('asked', colour=colour)\nak_message('no ' + colour)\nreturn request.user.username == 'ada'";
        let policy = json!({ "name": "for ada", "expression": expression });
        let policy = admin.post("policies/expression/", policy).await.ok()["pk"].clone();
        app.user("ada").await;
        let path = format!("policies/all/{}/test/", policy.as_str().unwrap());
        let body = json!({ "user": pk_of(&admin, "ada").await, "context": { "colour": "blue" } });
        let said = admin.post(&path, body).await.ok();
        assert_eq!((&said["passing"], &said["messages"]), (&json!(true), &json!(["no blue"])));
        assert_eq!(said["log_messages"][0]["event"], "asked", "{said}");
        let said = admin.post(&path, json!({ "user": pk_of(&admin, "akadmin").await })).await.ok();
        assert_eq!(said["passing"], false, "what fails does not pass");
        assert_eq!(said["log_messages"][0]["log_level"], "error", "{said}");
        let complaint = admin.post(&path, json!({ "user": 999_999 })).await.expect(StatusCode::BAD_REQUEST);
        assert!(complaint["user"].is_array(), "{complaint}");
    }

    async fn a_property_mapping_is_tried(app: TestApp) {
        let admin = admin(app).await;
        let mapping = json!({ "name": "seat", "scope_name": "seat", "expression": "return {'seat': request.user.username + str(number)}" });
        let mapping = admin.post("propertymappings/provider/scope/", mapping).await.ok()["pk"].clone();
        let path = format!("propertymappings/all/{}/test/", mapping.as_str().unwrap());
        let body = json!({ "user": pk_of(&admin, "akadmin").await, "context": { "number": 7 } });
        let said = admin.post(&path, body.clone()).await.ok();
        assert_eq!((&said["successful"], &said["result"]), (&json!(true), &json!("{\"seat\":\"akadmin7\"}")));
        let said = admin.post(&format!("{path}?format_result=true"), body).await.ok();
        assert!(said["result"].as_str().unwrap().contains('\n'));
        let said = admin.post(&path, json!({})).await.ok();
        assert_eq!(said["successful"], false, "{said}");
    }

    async fn a_property_mapping_is_tried_as_its_kind_is_evaluated(app: TestApp) {
        let admin = admin(app).await;
        let cases = [
            ("provider/saml", "for group in ['a', 'b']:\n    yield group", json!({}), true, "[\"a\",\"b\"]"),
            ("provider/saml", "return {'a': 1}", json!({}), false, "the mapping returned a dict, not a value or a list of values"),
            ("provider/saml", "return ldap", json!({}), false, "ldap"),
            ("source/ldap", "return {'name': ldap['cn'], 'path': source.get_user_path()}", json!({ "ldap": { "cn": "Ada" }, "source": { "slug": "x" } }),
                true, "{\"name\":\"Ada\",\"path\":\"goauthentik.io/sources/x\"}"),
            ("source/ldap", "return 'Ada'", json!({}), false, "the mapping returned a str, not a dict"),
            ("provider/scim", "return {'displayName': group.name, 'application': provider.application.slug}",
                json!({ "group": { "name": "people" }, "provider": { "application": { "slug": "wiki" } } }), true,
                "{\"displayName\":\"people\",\"application\":\"wiki\"}"),
            ("provider/radius", "define_attribute(attribute_name='A')\npacket['A'] = 'b'\nreturn packet", json!({}), true, "{\"A\":\"b\"}"),
            ("notification", "return [notification.body]", json!({ "notification": { "body": "text" } }), true, "[\"text\"]"),
        ];
        for (at, (place, body, context, successful, result)) in cases.into_iter().enumerate() {
            let name = format!("mapping {at}");
            let mut mapping = json!({ "name": name, "expression": body });
            if place == "provider/saml" {
                mapping["saml_name"] = json!("name");
            }
            let mapping = admin.post(&format!("propertymappings/{place}/"), mapping).await.ok()["pk"].clone();
            let path = format!("propertymappings/all/{}/test/", mapping.as_str().unwrap());
            let said = admin.post(&path, json!({ "context": context })).await.ok();
            assert_eq!(said["successful"], successful, "{name}: {said}");
            assert!(said["result"].as_str().unwrap().contains(result), "{name}: {said}");
        }
    }

    async fn an_expression_sees_the_query_of_the_request(app: TestApp) {
        let admin = admin(app).await;
        let policy = json!({ "name": "campaign", "expression": "return http_request.GET.get('campaign') == 'spring'" });
        let policy = admin.post("policies/expression/", policy).await.ok()["pk"].clone();
        let path = format!("policies/all/{}/test/", policy.as_str().unwrap());
        let body = json!({ "user": pk_of(&admin, "akadmin").await });
        let said = admin.post(&format!("{path}?campaign=spring"), body.clone()).await.ok();
        assert_eq!(said["passing"], true, "{said}");
        let said = admin.post(&path, body).await.ok();
        assert_eq!(said["passing"], false, "{said}");
        // In a flow it is that of the flow page, whatever face the flow has.
        let flow = admin.get(FLOW).await.ok()["pk"].clone();
        admin.post("policies/bindings/", json!({ "target": flow, "policy": policy, "order": 0 })).await.ok();
        let visitor = app.anonymous();
        let face = "/api/v3/flows/executor/default-authentication-flow/?query=";
        assert_eq!(visitor.get(&format!("{face}campaign%3Dspring")).await.json()["component"], "ak-stage-identification");
        assert_eq!(visitor.get(&format!("{face}&campaign=spring")).await.json()["component"], "ak-stage-access-denied");
        let page = "/if/flow/default-authentication-flow/";
        assert_eq!(visitor.get(&format!("{page}?campaign=spring")).await.status, StatusCode::OK);
        assert_ne!(visitor.get(page).await.status, StatusCode::OK);
    }

    async fn a_token_with_claims_of_an_expressions_own_is_the_providers_and_opens_nothing(app: TestApp) {
        let admin = admin(app).await;
        let flows = admin.get("flows/instances/?designation=authorization").await.ok();
        let flow = flows["results"][0]["pk"].clone();
        let flows = admin.get("flows/instances/?designation=invalidation").await.ok();
        let provider = json!({
            "name": "rooms", "client_id": "rooms-id", "authorization_flow": flow, "invalidation_flow": flows["results"][0]["pk"],
            "redirect_uris": [],
        });
        let provider = admin.post("providers/oauth2/", provider).await.ok()["pk"].clone();
        admin.post("core/applications/", json!({ "name": "Rooms", "slug": "rooms", "provider": provider })).await.ok();
        let mapping = json!({ "name": "raw", "scope_name": "raw", "expression": "return {'token': ak_create_jwt_raw('rooms', 'minutes=5', room='blue', sub=subject)}" });
        let mapping = admin.post("propertymappings/provider/scope/", mapping).await.ok()["pk"].clone();
        let path = format!("propertymappings/all/{}/test/", mapping.as_str().unwrap());
        let user = pk_of(&admin, "akadmin").await;
        let said = admin.post(&path, json!({ "user": user, "context": { "subject": "somebody else" } })).await.ok();
        assert_eq!(said["successful"], false, "a signature in the name of somebody else: {said}");
        let uid = admin.get("core/users/me/").await.ok()["user"]["uid"].clone();
        let said = admin.post(&path, json!({ "user": user, "context": { "subject": uid } })).await.ok();
        assert_eq!(said["successful"], true, "{said}");
        let result: serde_json::Value = serde_json::from_str(said["result"].as_str().unwrap()).unwrap();
        let token = result["token"].as_str().unwrap().to_owned();
        let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
        let claims: serde_json::Value = serde_json::from_slice(&payload).unwrap();
        assert_eq!((&claims["room"], &claims["aud"]), (&json!("blue"), &json!("rooms-id")));
        assert!(claims["iss"].as_str().unwrap().ends_with("/application/o/rooms/"), "{claims}");
        assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 300);
        let opened = app.anonymous().with_header("authorization", &format!("Bearer {token}"));
        assert_eq!(opened.get("/application/o/userinfo/").await.status, StatusCode::UNAUTHORIZED);
    }

    async fn countries_have_names(app: TestApp) {
        let admin = admin(app).await;
        let all = admin.get("policies/geoip_iso3166/").await.ok();
        assert_eq!(all.as_array().unwrap().len(), 249);
        assert!(all.as_array().unwrap().contains(&json!({ "code": "KR", "name": "South Korea" })), "{all}");
        let policy = json!({ "name": "near", "countries": ["KR", "DE", "XK"] });
        let made = admin.post("policies/geoip/", policy).await.ok();
        let expected = json!([
            { "code": "KR", "name": "South Korea" }, { "code": "DE", "name": "Germany" }, { "code": "XK", "name": "XK" },
        ]);
        assert_eq!((&made["countries_obj"], &made["countries"]), (&expected, &json!(["KR", "DE", "XK"])));
        let listed = admin.get("policies/geoip/").await.ok();
        assert_eq!(listed["results"][0]["countries_obj"], expected, "{listed}");
        let path = format!("policies/geoip/{}/", made["pk"].as_str().unwrap());
        let changed = admin.patch(&path, json!({ "countries": [], "countries_obj": [{ "code": "FR", "name": "x" }] })).await.ok();
        assert_eq!(changed["countries_obj"], json!([]), "what is read only is not written: {changed}");
        let wrong = admin.post("policies/geoip/", json!({ "name": "wrong", "countries": ["Korea"] })).await;
        assert!(wrong.expect(StatusCode::BAD_REQUEST)["countries"].is_array());
    }

    async fn a_prompt_is_seen_before_it_is_saved(app: TestApp) {
        let admin = admin(app).await;
        let prompt = json!({
            "name": "colour", "field_key": "colour", "label": "Colour", "type": "dropdown", "required": true,
            "placeholder": "return ['red', {'value': 'blue', 'label': 'Deep blue'}]", "placeholder_expression": true,
            "initial_value": "return user.username", "initial_value_expression": true, "order": 3,
        });
        let seen = admin.post("stages/prompt/prompts/preview/", prompt.clone()).await.ok();
        let field = &seen["fields"][0];
        assert_eq!(field["choices"][1], json!({ "value": "blue", "label": "Deep blue" }));
        assert_eq!(field["initial_value"], "akadmin");
        let mut broken = prompt;
        broken["initial_value"] = json!("return 1 / 0");
        let complaint = admin.post("stages/prompt/prompts/preview/", broken).await.expect(StatusCode::BAD_REQUEST);
        assert!(complaint["initial_value"].is_array(), "{complaint}");
    }

    async fn a_blueprint_is_kept_as_a_text_and_applied_as_it_is_saved(app: TestApp) {
        let admin = admin(app).await;
        let text = |notes: &str| {
            let entry = format!("{{model: authentik_core.group, identifiers: {{name: crew}}, attrs: {{attributes: {{notes: {notes}}}}}}}");
            format!("version: 1\nmetadata: {{name: Crew}}\nentries:\n  - {entry}\n")
        };
        let notes = async || {
            let found = admin.get("core/groups/?name=crew").await.ok();
            found["results"][0]["attributes"]["notes"].as_str().map(str::to_owned)
        };
        let kept = admin.post("managed/blueprints/", json!({"name": "mine", "content": text("one")})).await.ok();
        assert_eq!((kept["status"].as_str(), kept["path"].as_str()), (Some("successful"), Some("")), "{kept}");
        assert_eq!(kept["content"], text("one"));
        assert_eq!(notes().await.as_deref(), Some("one"));
        let one = format!("managed/blueprints/{}/", kept["pk"].as_str().unwrap());
        let changed = admin.patch(&one, json!({"content": text("two")})).await.ok();
        assert_ne!(changed["last_applied_hash"], kept["last_applied_hash"]);
        assert_eq!(notes().await.as_deref(), Some("two"));

        let wrong = text("three").replace("attributes: {notes: three}", "parents: [!KeyOf no]");
        let refused = admin.patch(&one, json!({"content": wrong})).await.expect(StatusCode::BAD_REQUEST);
        let said = refused["content"][0].as_str().unwrap();
        assert!(said.starts_with("entry 1, line 4 (authentik_core.group): attrs.parents.0, line 4"), "{said}");
        assert_eq!(admin.get(&one).await.ok()["content"], text("two"), "nothing of it is kept");

        app.apply(&text("edited")).await;
        let drift = admin.post(&format!("{one}drift/"), json!({})).await.ok();
        assert_eq!(drift["objects"][0]["changes"][0]["after"]["notes"], "two", "{drift}");
        let group = drift["objects"][0]["pk"].clone();
        let reset = admin.post(&format!("{one}reset/"), json!({"pk": group})).await.ok();
        assert_eq!((reset["success"].as_bool(), notes().await.as_deref()), (Some(true), Some("two")), "{reset}");
        app.apply(&text("edited")).await;
        let again = admin.post(&format!("{one}apply/"), json!({})).await.ok();
        assert_eq!((again["status"].as_str(), notes().await.as_deref()), (Some("successful"), Some("two")));

        for (document, field) in [
            (json!({"name": "other", "content": text("x"), "path": "default/default-brand.yaml"}), "content"),
            (json!({"name": "other"}), "content"),
            (json!({"name": "other", "path": "no/such.yaml"}), "path"),
            (json!({"name": "other", "path": "../../etc/passwd"}), "path"),
            (json!({"name": "other", "path": "oci://127.0.0.1:1/blueprints:latest"}), "path"),
            (json!({"name": "other", "content": "x".repeat(200_000)}), "content"),
            (json!({"name": "other", "content": "entries: ["}), "content"),
        ] {
            let refused = admin.post("managed/blueprints/", document.clone()).await;
            let refused = refused.expect(StatusCode::BAD_REQUEST);
            assert!(refused[field].is_array(), "{field}: {refused}");
        }
        let oci = admin.post("managed/blueprints/", json!({"name": "other", "path": "oci://x/y"})).await;
        assert!(oci.text.contains("not fetched from registries (oci://)"), "{}", oci.text);
        // What is kept applied without limits takes who has none.
        let rights = ["add", "view", "change"].map(|verb| (format!("authentik_blueprints.{verb}_blueprintinstance"), None));
        let rights: Vec<_> = rights.iter().map(|(name, object)| (name.as_str(), *object)).collect();
        let clerk = program_with(app, &admin, "clerk", &rights).await;
        let refused = clerk.post("managed/blueprints/", json!({"name": "his", "content": text("his")})).await;
        assert_eq!((refused.status, notes().await.as_deref()), (403, Some("two")), "{}", refused.text);
    }

    async fn blueprints_of_the_library_are_applied_again(app: TestApp) {
        let admin = admin(app).await;
        let files = admin.get("managed/blueprints/available/").await.ok();
        let file = files.as_array().unwrap().iter().find(|file| file["path"].as_str().unwrap().contains("authentication"));
        let file = file.expect("the default set");
        assert_eq!(file["hash"].as_str().unwrap().len(), 64);
        let name = &file["meta"]["name"];
        let instances = admin.get("managed/blueprints/?page_size=100").await.ok();
        let instance = instances["results"].as_array().unwrap().iter().find(|instance| instance["name"] == *name).unwrap().clone();
        let path = format!("managed/blueprints/{}/apply/", instance["pk"].as_str().unwrap());
        let applied = admin.post(&path, json!({})).await.ok();
        assert_eq!((&applied["pk"], &applied["status"]), (&instance["pk"], &json!("successful")), "{applied}");
        let again = import(&admin, "managed/blueprints/import/", "path", file["path"].as_str().unwrap());
        assert_eq!(again.await.ok()["success"], true);
        let escape = import(&admin, "managed/blueprints/import/", "path", "../../etc/passwd");
        assert_eq!(escape.await.status, 404);
    }
}
