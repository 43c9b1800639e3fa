//! Cross-site scripting: a canary in every text that somebody else chose, and a look at every page.

use countersign_testkit::{Page, TestApp};

use crate::world::{SIGN_IN, encoded, own_house};

const CANARY: &str = r#""'><script>alert(1)</script><img src=x onerror=alert(2)>{{7*7}}${7*7}"#;

fn is_harmless(page: &Page, place: &str) {
    for live in ["<script>alert", "<img src=x", "'><script", "\"'>"] {
        assert!(!page.body.contains(live), "{place}: {live} in {}", page.body);
    }
    assert!(page.status < 500, "{place}: {}", page.status);
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

async fn plant(app: &TestApp) {
    let canary = quoted(CANARY);
    app.apply(
        &format!(
            "
version: 1
metadata: {{ name: canaries }}
entries:
  - model: authentik_core.user
    identifiers: {{ username: {canary} }}
    attrs: {{ name: {canary}, email: canary@example.com, password: the-canarys-long-password }}
  - model: authentik_core.application
    identifiers: {{ slug: canary }}
    attrs:
      name: {canary}
      group: {canary}
      meta_description: {canary}
      meta_publisher: {canary}
      meta_launch_url: https://canary.example/
  - model: authentik_core.application
    identifiers: {{ slug: closed }}
    attrs: {{ name: {canary}, meta_launch_url: https://canary.example/ }}
    id: closed
  - model: authentik_policies_expression.expressionpolicy
    id: refusing
    identifiers: {{ name: refusing }}
    attrs: {{ expression: {refusing} }}
  - model: authentik_policies.policybinding
    identifiers: {{ target: !KeyOf closed, policy: !KeyOf refusing, order: 0 }}
  - model: authentik_flows.flow
    id: asking
    identifiers: {{ slug: canary-flow }}
    attrs: {{ name: {canary}, title: {canary}, designation: stage_configuration, authentication: none }}
  - model: authentik_stages_prompt.promptstage
    id: stage
    identifiers: {{ name: canary-stage }}
    attrs:
      fields: [{fields}]
  - model: authentik_flows.flowstagebinding
    identifiers: {{ target: !KeyOf asking, stage: !KeyOf stage, order: 0 }}
  - model: authentik_flows.flow
    id: denying
    identifiers: {{ slug: canary-denied }}
    attrs: {{ name: {canary}, title: {canary}, designation: stage_configuration, authentication: none }}
  - model: authentik_stages_deny.denystage
    id: deny
    identifiers: {{ name: canary-deny }}
    attrs: {{ deny_message: {canary} }}
  - model: authentik_flows.flowstagebinding
    identifiers: {{ target: !KeyOf denying, stage: !KeyOf deny, order: 0 }}
",
            refusing = quoted(&format!("ak_message({canary})\nreturn False")),
            fields = KINDS.iter().map(|kind| format!("!KeyOf p-{kind}")).collect::<Vec<_>>().join(", "),
        )
        .replacen("entries:", &format!("entries:{}", prompts()), 1),
    )
    .await;
}

const KINDS: [&str; 12] = [
    "text",
    "text_area",
    "text_read_only",
    "username",
    "password",
    "number",
    "checkbox",
    "radio-button-group",
    "dropdown",
    "static",
    "alert_info",
    "separator",
];

fn prompts() -> String {
    let canary = quoted(CANARY);
    let prompt = |kind: &&str| {
        format!(
            "
  - model: authentik_stages_prompt.prompt
    id: p-{kind}
    identifiers: {{ name: canary-{kind} }}
    attrs:
      field_key: canary_{}
      label: {canary}
      type: {kind}
      required: false
      placeholder: {canary}
      initial_value: {canary}
      sub_text: {canary}",
            kind.replace('-', "_")
        )
    };
    KINDS.iter().map(prompt).collect()
}

#[tokio::test]
async fn a_script_in_any_name_or_text_is_shown_and_not_run() {
    let app = own_house().await;
    plant(&app).await;
    let victim = app.anonymous();
    let asked = victim.visit(SIGN_IN).await;
    let asked = victim.answer(&asked, &[("uid_field", CANARY)]).await;
    is_harmless(&asked, "the password page");
    assert!(
        asked.body.contains("&lt;script&gt;") || asked.body.contains("&#60;script&#62;"),
        "{}",
        asked.body
    );
    let page = victim.answer(&asked, &[("password", "wrong")]).await;
    is_harmless(&page, "the password page once more");
    let page = victim.answer(&page, &[("password", "the-canarys-long-password")]).await;
    assert_eq!(page.path(), "/if/user/", "{}", page.body);
    is_harmless(&page, "the library");
    let q = encoded(CANARY);
    for path in [
        "/if/user/settings/".to_owned(),
        "/application/launch/closed/".to_owned(),
        "/if/session-end/canary/".to_owned(),
        "/if/flow/canary-flow/".to_owned(),
        "/if/flow/canary-denied/".to_owned(),
        "/if/flow/default-user-settings-flow/".to_owned(),
        "/if/flow/default-invalidation-flow/".to_owned(),
        format!("/if/user/?q={q}"),
        format!("/if/user/?done={q}&page={q}"),
        format!("/if/user/settings/?done={q}"),
        format!("/?{q}"),
        format!("/{q}"),
        format!("/if/flow/{q}/"),
        format!("/application/launch/{q}/"),
        format!("/application/o/{q}/jwks/"),
        format!("/if/session-end/{q}/"),
        format!("{SIGN_IN}?next={q}"),
        format!("{SIGN_IN}?{q}={q}"),
        format!("{SIGN_IN}?locale={q}"),
        format!("{SIGN_IN}?start={q}"),
        format!("/if/flow/canary-flow/?{q}"),
        format!("/recovery/use-token/{q}/"),
        format!("/application/o/authorize/?client_id={q}&redirect_uri={q}"),
        crate::world::authorize(&[("login_hint", CANARY), ("prompt", "login")]),
        crate::world::authorize(&[("scope", CANARY), ("state", CANARY), ("ui_locales", CANARY)]),
        crate::world::authorize(&[("client_id", "mill"), ("state", CANARY)]),
        crate::world::authorize(&[("response_mode", "form_post"), ("state", CANARY)]),
        format!("/application/o/shop/end-session/?state={q}&post_logout_redirect_uri={q}&client_id={q}"),
    ] {
        is_harmless(&victim.visit(&path).await, &path);
        is_harmless(&app.anonymous().visit(&path).await, &path);
    }
    // Answers that come back into the page.
    let asked = victim.visit("/if/flow/canary-flow/").await;
    assert!(asked.body.contains("canary_text"), "{}", asked.body);
    let fields: Vec<(String, &str)> =
        KINDS.iter().map(|kind| (format!("canary_{}", kind.replace('-', "_")), CANARY)).collect();
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    is_harmless(&victim.answer(&asked, &fields).await, "the answers");
    app.verify().await;
}

#[tokio::test]
async fn a_script_in_a_header_is_shown_to_the_administrator_and_not_run() {
    let app = own_house().await;
    plant(&app).await;
    let admin = app.admin().await;
    let admin = admin
        .with_header("user-agent", CANARY)
        .with_header("x-forwarded-host", "localhost")
        .with_header("via", CANARY)
        .with_header("x-real-ip", CANARY)
        .with_header("accept-language", CANARY)
        .with_header("referer", CANARY);
    for path in ["/if/admin/", "/if/admin/diagnostics/", "/if/user/", "/if/user/settings/", "/nothing"] {
        let page = admin.get(path).await;
        is_harmless(&page, path);
        assert!(page.status == 200 || path == "/nothing", "{path}: {}", page.status);
    }
    app.verify().await;
}

#[tokio::test]
async fn json_is_not_taken_for_a_page() {
    let app = own_house().await;
    plant(&app).await;
    let somebody = app.anonymous();
    for path in ["/api/v3/flows/executor/canary-flow/", "/api/v3/flows/executor/canary-denied/"] {
        let page = somebody.clone().with_header("accept", "text/html").get(path).await;
        assert_eq!(page.header("content-type"), Some("application/json"), "{path}");
        assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
    }
    app.verify().await;
}
