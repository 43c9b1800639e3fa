//! The page of a user: who he is, and what happened to him last.

use actix_web::{HttpResponse, web::Path};
use countersign_model::{EventAction, Subject};
use countersign_store::events::{self, EventFilter};
use countersign_types::{PageRequest, Timestamp};
use countersign_web::WebError;
use serde_json::Value;

use super::{header, load, type_word};
use crate::{
    chart::{Buckets, Sparkline, grouped},
    cx::{ConsoleCx, fault},
    events as log,
    kit::{Cell, Link, Pair},
    parts::{Body, Part, PartsPage, Width},
};

/// Events on the first page.
const FEW: u32 = 8;
/// Events on the page of events.
const MANY: u32 = 50;

/// `…/<pk>/`.
pub(crate) async fn overview(cx: ConsoleCx, key: Path<String>) -> Result<HttpResponse, WebError> {
    let subject = load(&cx, &key).await?;
    let user = &subject.user;
    let mut parts = vec![
        Part::new(Body::Pairs(facts(&cx, &subject))).titled(cx.t("console-user-account")).wide(Width::Half),
        Part::new(Body::Pairs(standing(&cx, &subject)))
            .titled(cx.t("console-user-standing"))
            .wide(Width::Half),
    ];
    if !user.attributes.is_empty() {
        let text = serde_json::to_string_pretty(&Value::Object(user.attributes.clone())).unwrap_or_default();
        let pair = Pair::new(cx.t("console-user-attributes"), Cell::Block(text));
        parts.push(Part::new(Body::Pairs(vec![pair])));
    }
    if cx.may("authentik_events.view_event", None) {
        parts.push(sign_ins(&cx, user.pk).await?);
        let latest = of_user(&cx, user.pk, FEW).await?;
        parts.push(latest.titled(cx.t("console-user-latest-events")));
    }
    cx.show(&PartsPage { cx: &cx, frame: cx.frame(header(&cx, user, "")), parts })
}

/// `…/<pk>/events/`.
pub(crate) async fn events(cx: ConsoleCx, key: Path<String>) -> Result<HttpResponse, WebError> {
    let subject = load(&cx, &key).await?;
    cx.require("authentik_events.view_event", None)?;
    let part = of_user(&cx, subject.user.pk, MANY).await?;
    let all = format!("{}?user={}", log::HERE, countersign_web::encode_next(&subject.user.username));
    let part = part.with(crate::kit::Button::link(cx.t("console-user-all-events"), all));
    let frame = cx.frame(header(&cx, &subject.user, "events/"));
    cx.show(&PartsPage { cx: &cx, frame, parts: vec![part] })
}

/// How often somebody signed in lately.
async fn sign_ins(cx: &ConsoleCx, pk: i64) -> Result<Part, WebError> {
    let days = Buckets::days(cx.now(), 30);
    let volume = cx
        .look(move |tx, _| {
            let filter = EventFilter {
                user_pk: Some(pk),
                action: Some(EventAction::Login),
                since: Some(days.start),
                ..EventFilter::default()
            };
            Ok(events::volume(tx, &filter, days.step)?)
        })
        .await
        .map_err(fault)?;
    let mut values = vec![0; days.count];
    for (begin, count) in volume {
        if let Some(day) = days.part_of(begin).and_then(|day| values.get_mut(day)) {
            *day += count;
        }
    }
    let total = grouped(values.iter().sum());
    let words = cx.t_with("console-user-sign-ins", "count", &total);
    let line = Sparkline::new(&cx.t("console-events-chart-sign-ins"), &values);
    Ok(Part::new(Body::Spark(line, words)).titled(cx.t("console-events-chart-month")))
}

/// What somebody did last.
async fn of_user(cx: &ConsoleCx, pk: i64, limit: u32) -> Result<Part, WebError> {
    let page = cx
        .read(move |tx, _, _| {
            let filter = EventFilter { user_pk: Some(pk), ..EventFilter::default() };
            Ok(events::list(tx, &filter, &PageRequest::first(limit))?)
        })
        .await
        .map_err(fault)?;
    Ok(Part::table(log::table(cx, &page.items)))
}

fn facts(cx: &ConsoleCx, subject: &Subject) -> Vec<Pair> {
    let user = &subject.user;
    vec![
        Pair::new(cx.t("console-user-username"), Cell::Code(user.username.clone())),
        Pair::new(cx.t("console-user-name"), Cell::text(&user.name)),
        Pair::new(cx.t("console-user-email"), Cell::text(&user.email)),
        Pair::new(cx.t("console-user-type"), Cell::Text(type_word(cx, user.user_type))),
        Pair::new(
            cx.t("console-user-path"),
            Cell::link(
                &user.path,
                format!("{}?path={}", super::HERE, countersign_web::encode_next(&user.path)),
            ),
        ),
        Pair::new(cx.t("console-user-id"), Cell::Code(user.id.to_string())),
    ]
}

fn standing(cx: &ConsoleCx, subject: &Subject) -> Vec<Pair> {
    let user = &subject.user;
    let moment = |at: Option<Timestamp>| at.map_or(Cell::Nothing, |at| Cell::When(cx.when(at)));
    let word = if subject.is_superuser() { "word-yes" } else { "word-no" };
    let groups = subject
        .groups
        .iter()
        .map(|group| Link::new(group.name.clone(), format!("{}{}/", crate::groups::HERE, group.id)))
        .collect::<Vec<_>>();
    vec![
        Pair::new(cx.t("console-user-superuser"), Cell::Flag(subject.is_superuser(), cx.t(word))),
        Pair::new(
            cx.t("console-user-groups"),
            if groups.is_empty() { Cell::Nothing } else { Cell::Links(groups) },
        ),
        Pair::new(cx.t("console-user-joined"), Cell::When(cx.when(user.date_joined))),
        Pair::new(cx.t("console-user-last-login"), moment(user.last_login)),
        Pair::new(cx.t("console-user-password-changed"), moment(user.password_change_date)),
        Pair::new(cx.t("console-user-updated"), Cell::When(cx.when(user.last_updated))),
    ]
}
