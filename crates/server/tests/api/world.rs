//! Callers of the API: programs with a token, browsers with a session.

use countersign_testkit::{ADMINISTRATOR, Person, TestApp};
use reqwest::{Method, RequestBuilder, StatusCode, header::HeaderMap};
use serde_json::{Value, json};

/// A program with a token, or with none.
#[derive(Clone)]
pub(crate) struct Program {
    client: reqwest::Client,
    base: String,
    token: Option<String>,
}

/// What the API answered.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
    pub(crate) text: String,
}

impl Reply {
    /// The body of an answer with this status.
    #[track_caller]
    pub(crate) fn expect(self, status: StatusCode) -> Value {
        assert_eq!(self.status, status.as_u16(), "{}", self.text);
        self.body
    }

    /// The body of an answer that says all is well.
    #[track_caller]
    pub(crate) fn ok(self) -> Value {
        assert!((200..300).contains(&self.status), "{} {}", self.status, self.text);
        self.body
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

impl Program {
    pub(crate) fn new(app: &TestApp, token: Option<&str>) -> Self {
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let base = app.base().join("api/v3/").unwrap().to_string();
        Self { client, base, token: token.map(str::to_owned) }
    }

    /// A request that is not sent yet.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.client.request(method, format!("{}{path}", self.base));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    pub(crate) async fn send(&self, request: RequestBuilder) -> Reply {
        let answer = request.send().await.unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let text = answer.text().await.unwrap();
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Reply { status, headers, body, text }
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.send(self.request(Method::GET, path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Reply {
        self.send(self.request(Method::POST, path).json(&body)).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Reply {
        self.send(self.request(Method::PUT, path).json(&body)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Reply {
        self.send(self.request(Method::PATCH, path).json(&body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Reply {
        self.send(self.request(Method::DELETE, path)).await
    }
}

/// A fresh token of somebody, of this intent, as a blueprint makes it.
pub(crate) async fn token_of(app: &TestApp, username: &str, intent: &str) -> String {
    let key = format!("{}-{}", app.new_password(), username);
    app.apply(&format!(
        "version: 1\nmetadata: {{ name: token }}\nentries:\n  - model: authentik_core.token\n    identifiers: {{ \
         identifier: {username}-{intent} }}\n    attrs:\n      user: !Find [authentik_core.user, [username, \
         {username}]]\n      intent: {intent}\n      expiring: false\n      key: {key}\n"
    ))
    .await;
    app.plant(&key);
    key
}

/// A program of the administrator.
pub(crate) async fn admin(app: &TestApp) -> Program {
    let token = token_of(app, ADMINISTRATOR, "api").await;
    Program::new(app, Some(&token))
}

/// A program of a new user who holds a role with these permissions, of everything or of one object.
pub(crate) async fn program_with(
    app: &TestApp,
    admin: &Program,
    username: &str,
    permissions: &[(&str, Option<&str>)],
) -> Program {
    let permissions: Vec<Value> =
        permissions.iter().map(|(name, object)| json!({ "permission": name, "object": object })).collect();
    let role = json!({ "name": format!("role of {username}"), "permissions": permissions });
    let role = admin.post("rbac/roles/", role).await.ok();
    let user = json!({ "username": username, "name": username, "roles": [role["pk"]] });
    admin.post("core/users/", user).await.ok();
    let token = token_of(app, username, "api").await;
    Program::new(app, Some(&token))
}

/// The browser of somebody, asking the API.
pub(crate) async fn browser_asks(
    person: &Person,
    method: Method,
    path: &str,
    headers: &[(&'static str, &str)],
    body: Option<Value>,
) -> (u16, String) {
    let mut request = person.request(method, &person.address(&format!("/api/v3/{path}")));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    if let Some(body) = body {
        request = request.json(&body);
    }
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}
