//! Hostile and broken expressions in the sign-in flow of a server that others are using.

use std::time::{Duration, Instant};

use crate::world::{SIGN_IN, own_house, submit};

const HOSTILE: [(&str, &str); 6] = [
    ("endless", "while True:\n    pass"),
    ("greedy", "a = [0]\nwhile True:\n    a = a + a"),
    ("deep", "def f(n):\n    return f(n + 1)\nreturn f(0)"),
    ("bomb", "return 9 ** 9 ** 9 ** 9"),
    ("lookups", "while True:\n    ak_user_by(username='akadmin')"),
    ("outside", "import os\nreturn os.system('id') == 0"),
];

fn bound_to_password(name: &str, expression: &str) -> String {
    let expression = serde_json::to_string(expression).unwrap();
    format!(
        "
version: 1
metadata: {{ name: hostile }}
entries:
  - model: authentik_policies_expression.expressionpolicy
    id: hostile
    identifiers: {{ name: hostile }}
    attrs: {{ name: hostile, expression: {expression} }}
  - model: authentik_flows.flowstagebinding
    id: binding
    identifiers:
      target: !Find [authentik_flows.flow, [slug, default-authentication-flow]]
      stage: !Find [authentik_stages_password.passwordstage, [name, default-authentication-password]]
      order: 20
  - model: authentik_core.application
    id: guarded
    identifiers: {{ slug: guarded }}
    attrs: {{ name: {name}, meta_launch_url: https://app.example/ }}
  - model: authentik_policies.policybinding
    identifiers: {{ target: !KeyOf guarded, policy: !KeyOf hostile, order: 5 }}
"
    )
}

/// It guards an application: whatever it does, nobody is let in, and the house stays open.
#[tokio::test]
async fn a_hostile_policy_lets_nobody_in_and_takes_nothing_down() {
    let app = own_house().await;
    let (member, password) = app.user("member").await;
    for (name, expression) in HOSTILE {
        app.apply(&bound_to_password(name, expression)).await;
        let begun = Instant::now();
        let mut crowd = tokio::task::JoinSet::new();
        for _ in 0..4 {
            let member = member.clone();
            crowd.spawn(async move { member.get("/application/launch/guarded/").await });
        }
        // Meanwhile others sign in.
        let other = app.sign_in("member", &password).await;
        assert!(crate::world::is_signed_in(&other).await, "{name}");
        for page in crowd.join_all().await {
            assert!(matches!(page.status, 403 | 503), "{name}: {} {}", page.status, page.body);
            assert!(page.header("location").is_none(), "{name}");
        }
        assert!(begun.elapsed() < Duration::from_secs(12), "{name}: {:?}", begun.elapsed());
        assert_eq!(member.get("/-/health/ready/").await.status, 200, "{name}");
    }
    app.verify().await;
}

/// It decides whether the password is asked for: what fails must not be what skips it (CVE-2024-47070).
#[tokio::test]
async fn a_hostile_policy_on_the_password_does_not_skip_it() {
    let app = own_house().await;
    app.user("guarded").await;
    for (name, expression) in [
        ("endless", "while True:\n    pass"),
        ("broken", "return request.nothing.at.all"),
        ("raising", "raise ValueError('x')"),
        ("undefined", "return nothing_of_this_name"),
    ] {
        let expression = serde_json::to_string(expression).unwrap();
        app.apply(&format!(
            "
version: 1
metadata: {{ name: hostile password }}
entries:
  - model: authentik_policies_expression.expressionpolicy
    identifiers: {{ name: default-authentication-flow-password-stage }}
    attrs: {{ expression: {expression} }}
"
        ))
        .await;
        let somebody = app.anonymous();
        let asked = somebody.visit(SIGN_IN).await;
        let page = somebody.answer(&asked, &[("uid_field", "guarded")]).await;
        assert!(page.body.contains("name=\"password\"") || page.status >= 400, "{name}: {}", page.body);
        assert!(!crate::world::is_signed_in(&somebody).await, "{name}");
        let answer = submit(&somebody, &somebody.visit(SIGN_IN).await, &[("password", "")]).await;
        assert!(answer.sets_cookie(crate::world::SESSION).is_none());
    }
    app.verify().await;
}
