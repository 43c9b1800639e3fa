//! `/application/launch/<slug>/`: asks the application's policies and leads there.

use std::sync::Arc;

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Path},
};
use countersign_model::{Application, LiveSession, User};
use countersign_policies::{PolicyRequest, PolicyResult};
use countersign_store::Snapshot;
use countersign_types::JsonObject;
use countersign_web::{App, Facts, PageCx, Session, WebError, encode_next, found};
use serde_json::json;
use url::Url;

use crate::{
    Portal,
    flow::page::{DeniedPage, DeniedView},
    frame::Frame,
};

/// Address of the launch of an application.
pub(crate) fn address(application: &Application) -> String {
    format!("/application/launch/{}/", application.slug.as_str())
}

/// Leads to the application, or says why not.
pub(crate) async fn launch(
    request: HttpRequest,
    slug: Path<String>,
    Session(live): Session,
    facts: Facts,
    portal: Data<Portal>,
    cx: PageCx,
) -> Result<HttpResponse, WebError> {
    let app = App::shared(&request)?;
    let snapshot = app.snapshot().await?;
    let application = snapshot.application_by_slug(&slug).ok_or_else(WebError::not_found)?;
    let verdict = verdict(&app, &snapshot, application, &live, &facts).await;
    if !verdict.passing {
        return refusal(&cx, application, verdict.messages);
    }
    let template = portal.launch_url(&snapshot, application).ok_or_else(WebError::not_found)?;
    let url = filled_in(&template, &live.subject.user);
    if is_safe(&url) { Ok(found(&url)) } else { Err(WebError::not_found()) }
}

/// What the application's policies say about the user.
pub(crate) async fn verdict(
    app: &App,
    snapshot: &Arc<Snapshot>,
    application: &Application,
    live: &LiveSession,
    facts: &Facts,
) -> PolicyResult {
    let mut context = JsonObject::new();
    context.insert("application".to_owned(), json!({ "$application": application.id }));
    let asked = PolicyRequest {
        user: Some(Arc::clone(&live.subject)),
        context,
        facts: facts.to_request_facts(),
        is_sso: false,
        changes: Default::default(),
    };
    app.policies().evaluate(snapshot, application.id.raw(), application.policy_engine_mode, &asked).await
}

fn refusal(cx: &PageCx, application: &Application, messages: Vec<String>) -> Result<HttpResponse, WebError> {
    let own = || vec![cx.t_with("portal-launch-denied", "app", &application.name)];
    let page = DeniedView {
        title: cx.t("error-denied-title"),
        messages: if messages.is_empty() { own() } else { messages },
        ways: vec![(cx.t("portal-nav-applications"), "/if/user/".to_owned())],
        frame: Frame::at(&address(application), cx),
    };
    cx.render_with(StatusCode::FORBIDDEN, &DeniedPage { cx, page })
}

/// Puts what is known of the user in the place of `%(username)s` and the like, percent-encoded, so that a
/// name cannot change where the address leads.
fn filled_in(template: &str, user: &User) -> String {
    let pk = user.pk.to_string();
    let uuid = user.id.raw().to_string();
    let known = [
        ("%(username)s", &user.username),
        ("%(name)s", &user.name),
        ("%(email)s", &user.email),
        ("%(uuid)s", &uuid),
        ("%(pk)s", &pk),
        ("%(id)s", &pk),
    ];
    known.iter().fold(template.to_owned(), |url, (mark, value)| url.replace(mark, &encode_next(value)))
}

/// Whether a browser may be sent there: an absolute address that is no script and no document of its own.
pub(crate) fn is_safe(url: &str) -> bool {
    let is_clean = url.bytes().all(|byte| byte > 0x20 && byte != 0x7f);
    let scheme = Url::parse(url).map(|url| url.scheme().to_owned());
    is_clean
        && scheme.is_ok_and(|scheme| {
            !matches!(
                scheme.as_str(),
                "javascript"
                    | "data"
                    | "vbscript"
                    | "blob"
                    | "file"
                    | "about"
                    | "filesystem"
                    | "view-source"
                    | "blank"
            )
        })
}

#[cfg(test)]
mod tests {
    use countersign_store::testing::samples;
    use countersign_types::Timestamp;

    use super::*;

    #[test]
    fn a_launch_address_cannot_be_a_script() {
        for url in [
            "javascript:alert(1)",
            "JavaScript:alert(1)",
            " javascript:alert(1)",
            "java\nscript:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "blob:x",
            "file:///etc/passwd",
            "blank://blank",
            "//evil.example",
            "/if/user/",
            "",
        ] {
            assert!(!is_safe(url), "{url:?}");
        }
        for url in ["https://app.example/", "http://localhost:8000/", "vnc://host", "com.example.app:/start"]
        {
            assert!(is_safe(url), "{url:?}");
        }
    }

    #[test]
    fn a_user_name_cannot_change_where_a_launch_leads() {
        let mut user = samples::user(1, "../?x=1#@evil.example/", Timestamp::from_secs(0));
        user.email = "a b@example.com".to_owned();
        let url = filled_in("https://app.example/u/%(username)s?mail=%(email)s&id=%(pk)s%20", &user);
        assert_eq!(
            url,
            "https://app.example/u/..%2F%3Fx%3D1%23%40evil.example%2F?mail=a%20b%40example.com&id=1%20"
        );
    }
}
