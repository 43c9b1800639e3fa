//! `/if/user/settings/`: what a user sees and decides about his own account.
//!
//! Owns preferences, sessions and consents. What flows change (profile, password) is one link away.

use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use countersign_flows::Choice;
use countersign_model::{Family, Subject};
use countersign_store::{Snapshot, StoreError, consents as stored_consents, sessions as stored_sessions};
use countersign_web::{App, BoundedQuery, PageCx, Session, WebError, encode_next};

use crate::{
    flow::{
        configure::flow_of,
        nodes::{ComfortView, FieldView, Widget},
    },
    house::{House, done},
};

pub(crate) mod consents;
pub(crate) mod preferences;
pub(crate) mod sessions;

/// Address of the page.
pub(crate) const HERE: &str = "/if/user/settings/";

/// What the page may say was just done.
const DONE: [(&str, &str); 3] =
    [("saved", "portal-done-saved"), ("ended", "portal-done-ended"), ("revoked", "portal-done-revoked")];

#[derive(Template)]
#[template(path = "portal/settings.html")]
struct SettingsPage<'a> {
    cx: &'a PageCx,
    house: House,
    done: Option<String>,
    profile: Vec<(String, String)>,
    /// The flow that changes the profile.
    profile_href: Option<String>,
    /// Flows that set up ways to sign in: title and address.
    set_ups: Vec<(String, String)>,
    language: FieldView,
    theme: FieldView,
    sessions: Vec<sessions::SessionView>,
    consents: Vec<consents::ConsentView>,
}

/// Shows the page.
pub(crate) async fn show(
    request: HttpRequest,
    Session(live): Session,
    query: BoundedQuery,
    cx: PageCx,
) -> Result<HttpResponse, WebError> {
    let app = App::shared(&request)?;
    let snapshot = app.snapshot().await?;
    let user = live.subject.user.id;
    let (mut sessions, consents) = app
        .store()
        .read(move |tx| {
            Ok::<_, StoreError>((stored_sessions::of_user(tx, user)?, stored_consents::of_user(tx, user)?))
        })
        .await?;
    // The session in hand stands first, the others by their age.
    sessions.sort_by_key(|session| session.id != live.session.id);
    let now = app.now();
    cx.render(&SettingsPage {
        house: House::of(&app, &cx, "settings").await?,
        done: done(&cx, query.0.first("done"), &DONE),
        profile: profile(&cx, &live.subject),
        profile_href: profile_href(&snapshot, &cx),
        set_ups: set_ups(&snapshot, &cx),
        language: language(&cx, &live.subject),
        theme: theme(&cx, &live.subject),
        sessions: sessions
            .iter()
            .map(|session| sessions::SessionView::of(&cx, session, &live, now))
            .collect(),
        consents: consents
            .iter()
            .filter_map(|consent| consents::ConsentView::of(&cx, &snapshot, consent, now))
            .collect(),
        cx: &cx,
    })
}

fn profile(cx: &PageCx, subject: &Subject) -> Vec<(String, String)> {
    let user = &subject.user;
    [
        ("portal-profile-name", &user.name),
        ("portal-profile-username", &user.username),
        ("portal-profile-email", &user.email),
    ]
    .into_iter()
    .map(|(key, value)| (cx.t(key), if value.is_empty() { cx.t("word-none") } else { value.clone() }))
    .collect()
}

fn profile_href(snapshot: &Snapshot, cx: &PageCx) -> Option<String> {
    let flow = snapshot.flow(snapshot.brand_for(&cx.facts.host)?.flow_user_settings?)?;
    Some(format!("/if/flow/{}/?next={}", flow.slug.as_str(), encode_next(HERE)))
}

/// The flows that stages name for setting them up, each once.
fn set_ups(snapshot: &Snapshot, cx: &PageCx) -> Vec<(String, String)> {
    let mut set_ups: Vec<(String, String)> = Vec::new();
    for stage in snapshot.objects(Family::Stage) {
        let Some(flow) = flow_of(snapshot, stage) else { continue };
        let title = cx.localizer().words(&flow.title);
        if !set_ups.iter().any(|(known, _)| *known == title) {
            set_ups.push((title, format!("/flows/-/configure/{}/", stage.id.raw())));
        }
    }
    set_ups
}

fn language(cx: &PageCx, subject: &Subject) -> FieldView {
    let choice = |value: &str, label: String| Choice { value: value.to_owned(), label };
    let mut choices = vec![choice("", cx.t("portal-preferences-browser"))];
    choices.extend(cx.languages().map(|language| choice(&language.tag, language.name.clone())));
    FieldView::select("locale", cx.t("language-choose"), subject.user.locale().unwrap_or_default(), choices)
}

fn theme(cx: &PageCx, subject: &Subject) -> FieldView {
    let choices =
        preferences::THEMES.map(|(value, key)| Choice { value: value.to_owned(), label: cx.t(key) });
    let chosen = subject.user.setting("theme").and_then(|theme| theme.get("base")?.as_str());
    let known = chosen.filter(|chosen| choices.iter().any(|choice| choice.value == *chosen));
    FieldView::select(
        "theme",
        cx.t("portal-preferences-theme"),
        known.unwrap_or("automatic"),
        choices.to_vec(),
    )
}
