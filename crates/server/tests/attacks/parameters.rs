//! Parameters sent twice, bodies of the wrong kind or size, methods that nobody asked for.

use countersign_testkit::{Page, Person};
use reqwest::Method;

use crate::world::{
    ADDRESSES, CALLBACK, GOODBYE, SECRET, SESSION, SIGN_IN, VERIFIER, authorize, call, code, house, submit,
};

/// CVE-2026-9689.
#[tokio::test]
async fn parameter_pollution_is_refused_at_every_endpoint() {
    let app = house().await;
    let (member, _) = app.user("polluter").await;
    for (name, value) in [
        ("client_id", "mill"),
        ("redirect_uri", "https://evil.example/"),
        ("redirect_uri", CALLBACK),
        ("scope", "openid"),
        ("state", "x"),
        ("response_type", "token"),
        ("code_challenge", "x"),
        ("code_challenge_method", "plain"),
        ("prompt", "none&prompt=login"),
    ] {
        let page = member.get(&format!("{}&{name}={value}", authorize(&[]))).await;
        assert!(page.parameter("code").is_none(), "{name}");
        assert!(
            page.status == 400 || page.parameter("error").as_deref() == Some("invalid_request"),
            "{name}: {} {:?}",
            page.status,
            page.leads_to()
        );
        assert!(!page.leads_to().is_some_and(|to| to.as_str().contains("evil")), "{name}");
    }
    let spare = code(&member, "openid").await;
    let grant = [
        ("grant_type", "authorization_code"),
        ("code", spare.as_str()),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    for (path, fields) in [
        ("/application/o/token/", &grant[..]),
        ("/application/o/introspect/", &[("token", "x")][..]),
        ("/application/o/revoke/", &[("token", "x")][..]),
    ] {
        for twice in fields {
            let all: Vec<_> = fields.iter().copied().chain([*twice]).collect();
            let answer = call(&app, path, &all).await;
            assert_eq!(
                (answer.status, answer.json()["error"].as_str()),
                (400, Some("invalid_request")),
                "{path} {twice:?}"
            );
        }
    }
    // None of that used the code up.
    assert_eq!(crate::world::redeem(&app, &spare).await.status, 200);
    let farewell = format!(
        "/application/o/shop/end-session/?post_logout_redirect_uri={}&post_logout_redirect_uri={}",
        crate::world::encoded(GOODBYE),
        crate::world::encoded("https://evil.example/")
    );
    assert_eq!(member.get(&farewell).await.status, 400);
    for path in [
        "/flows/-/cancel/?next=/a&next=//evil.example",
        "/api/v3/flows/executor/default-authentication-flow/?query=a&query=b",
    ] {
        let page = member.get(path).await;
        assert_eq!(page.status, 400, "{path}");
    }
    // A field of a flow twice is no answer, nor is its token.
    let somebody = app.anonymous();
    let asked = somebody.visit(SIGN_IN).await;
    for twice in [&[("uid_field", "a"), ("uid_field", "b")][..], &[("uid_field", "a"), ("plan", "x")][..]] {
        let answer = submit(&somebody, &asked, twice).await;
        assert!((400..500).contains(&answer.status), "{twice:?}: {}", answer.status);
    }
}

#[tokio::test]
async fn credentials_in_two_places_or_in_the_query_are_refused() {
    let app = house().await;
    let (member, _) = app.user("twoplaces").await;
    let code = code(&member, "openid").await;
    let both = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
        ("client_id", "shop"),
        ("client_secret", SECRET),
    ];
    let answer = call(&app, "/application/o/token/", &both).await;
    assert!(answer.status == 400 || answer.status == 401, "{}", answer.body);
    // In the query nothing counts (RFC 6749 §2.3.1, RFC 9700: no credentials in addresses).
    let somebody = app.anonymous();
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(both).finish();
    let answer = somebody.post(&format!("/application/o/token/?{query}"), &[]).await;
    assert!((400..500).contains(&answer.status), "{}", answer.body);
    assert!(answer.json().get("access_token").is_none());
    let tokens = crate::world::tokens(&app, &member, "openid").await;
    let page = somebody.get(&format!("/application/o/userinfo/?access_token={}", tokens.access)).await;
    assert_eq!(page.status, 401);
}

fn is_refusal(page: &Page) -> bool {
    (300..500).contains(&page.status)
}

async fn send(person: &Person, method: Method, path: &str, kind: &str, body: Vec<u8>) -> Page {
    let request = person.request(method, &person.address(path));
    person.send(request.header("content-type", kind).body(body)).await
}

#[tokio::test]
async fn verbs_that_an_address_does_not_have_are_refused() {
    let app = house().await;
    let (member, _) = app.user("verbs").await;
    for path in ADDRESSES {
        for method in ["PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "PROPFIND", "GETT", "get"] {
            if method == "CONNECT" {
                continue;
            }
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            for person in [&member, &app.anonymous()] {
                let page = person.send(person.request(method.clone(), &person.address(path))).await;
                assert!(is_refusal(&page), "{method} {path}: {}", page.status);
                assert!(!page.body.contains("TRACE /"), "{path} echoes");
            }
        }
    }
    assert!(crate::world::is_signed_in(&member).await);
}

#[tokio::test]
async fn bodies_of_the_wrong_kind_are_refused_and_never_ours_to_blame() {
    let app = house().await;
    let (member, _) = app.user("kinds").await;
    let deep = format!("{}{}", "[".repeat(20_000), "]".repeat(20_000));
    let deep_object = format!("{}1{}", "{\"a\":".repeat(5_000), "}".repeat(5_000));
    let bodies: [(&str, Vec<u8>); 14] = [
        ("application/json", b"{}".to_vec()),
        ("application/json", b"[]".to_vec()),
        ("application/json", deep.into_bytes()),
        ("application/json", deep_object.into_bytes()),
        ("application/json", b"{\"component\":\"ak-stage-identification\",\"component\":\"x\"}".to_vec()),
        ("application/json", b"{\"uid_field\":{\"$user\":\"x\"},\"component\":[1e999]}".to_vec()),
        ("application/json; charset=utf-7", b"+AHs-".to_vec()),
        ("application/xml", b"<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><a>&x;</a>".to_vec()),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data; name=\"a\"".to_vec()),
        ("multipart/form-data; boundary=", vec![b'-'; 5000]),
        ("application/x-www-form-urlencoded", b"%zz=%&=&%00=%00".to_vec()),
        ("application/x-www-form-urlencoded", b"\xff\xfe=\xff".to_vec()),
        ("text/plain", b"uid_field=akadmin".to_vec()),
        ("", Vec::new()),
    ];
    for path in ADDRESSES {
        for (kind, body) in &bodies {
            let page = send(&member, Method::POST, path, kind, body.clone()).await;
            assert!(page.status < 500, "{path} {kind}: {}", page.status);
            assert!(is_refusal(&page) || path.contains("/flows/executor/"), "{path} {kind}: {}", page.status);
        }
    }
}

#[tokio::test]
async fn too_much_of_anything_is_refused() {
    let app = house().await;
    let somebody = app.anonymous();
    let many: String = (0..20_000).map(|at| format!("f{at}=1&")).collect();
    let form = "application/x-www-form-urlencoded";
    for path in ["/application/o/token/", SIGN_IN, "/application/o/authorize/"] {
        for body in [vec![b'a'; 3 << 20], many.clone().into_bytes()] {
            let request = somebody.request(Method::POST, &somebody.address(path));
            // Whoever is refused early may find the connection closed while he still speaks.
            let Ok(answer) = request.header("content-type", form).body(body).send().await else { continue };
            assert!((400..500).contains(&answer.status().as_u16()), "{path}: {}", answer.status());
        }
    }
    let files = format!(
        "--x\r\nContent-Disposition: form-data; name=\"a\"; filename=\"a\"\r\n\r\n{}\r\n--x--",
        "a".repeat(1 << 20)
    );
    let request = somebody.request(Method::POST, &somebody.address(SIGN_IN));
    if let Ok(answer) =
        request.header("content-type", "multipart/form-data; boundary=x").body(files).send().await
    {
        assert!((400..500).contains(&answer.status().as_u16()), "{}", answer.status());
    }
    for path in ["/", SIGN_IN, "/application/o/authorize/", "/static/css/app.css"] {
        let page = somebody.get(&format!("{path}?{}", "a".repeat(40_000))).await;
        assert!((400..500).contains(&page.status), "{path}: {}", page.status);
        let fields: String = (0..3000).map(|at| format!("f{at}=1&")).collect();
        let page = somebody.get(&format!("{path}?{fields}")).await;
        assert!(page.status < 500, "{path}: {}", page.status);
        let page = somebody.clone().with_header("x-large", &"a".repeat(60_000)).get(path).await;
        assert!((400..500).contains(&page.status), "{path}: {}", page.status);
    }
    // The cookie of a normal sign-in is still welcome afterwards.
    assert!(
        somebody.get(SIGN_IN).await.status == 200
            && somebody.get(SIGN_IN).await.sets_cookie(SESSION).is_none()
    );
}

#[tokio::test]
async fn a_path_does_not_leave_the_static_folder() {
    let app = house().await;
    for path in [
        "../Cargo.toml",
        "..%2fCargo.toml",
        "%2e%2e/%2e%2e/etc/passwd",
        "..%5c..%5cetc/passwd",
        "/etc/passwd",
        "css/../../Cargo.toml",
        "css/app.css%00.png",
        "....//....//etc/passwd",
    ] {
        let request = format!("GET /static/{path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        let answer = crate::world::raw(app.base(), request.as_bytes()).await;
        let status = answer.split_whitespace().nth(1).unwrap_or_default();
        assert!(status.starts_with('4'), "{path}: {status}");
        assert!(!answer.contains("root:") && !answer.contains("[workspace]"), "{path}");
    }
}
