//! Endpoints that are written by hand, area by area: what they do for whoever may, and what they do not do for
//! whoever may not.

mod accounts;
mod applications;
mod attacks;
mod flows;
mod invitations;
mod keys;
mod lists;
mod roles;
mod system;

use countersign_testkit::Person;
use reqwest::Method;
use serde_json::Value;

use crate::world::{Program, browser_asks};

/// The integer key of a user.
async fn pk_of(admin: &Program, username: &str) -> i64 {
    admin.get(&format!("core/users/?username={username}")).await.ok()["results"][0]["pk"].as_i64().unwrap()
}

/// A browser in which somebody is signed in, with the token of its forms.
struct Browser {
    person: Person,
    csrf: String,
}

impl Browser {
    async fn of(person: Person) -> Self {
        let page = person.visit("/if/user/settings/").await;
        let form = page.forms().into_iter().find(|form| form.hidden.iter().any(|(name, _)| name == "csrf"));
        let form = form.unwrap_or_else(|| panic!("no form in {}", page.body));
        let csrf = form.hidden.iter().find(|(name, _)| name == "csrf").unwrap().1.clone();
        Self { person, csrf }
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        self.send(Method::GET, path, None).await
    }

    async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        self.send(Method::POST, path, Some(body)).await
    }

    async fn send(&self, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
        let headers = [("x-authentik-csrf", self.csrf.as_str())];
        let (status, text) = browser_asks(&self.person, method, path, &headers, body).await;
        (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }
}

/// The latest events of an action, newest first.
async fn events(admin: &Program, action: &str) -> Vec<Value> {
    let found = admin.get(&format!("events/events/?action={action}&ordering=-created")).await.ok();
    found["results"].as_array().cloned().unwrap_or_default()
}
