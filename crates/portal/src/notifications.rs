//! `/if/user/notifications/`: what a user was told of events.

use actix_web::{HttpRequest, HttpResponse, web::Path};
use askama::Template;
use countersign_i18n::UtcOffset;
use countersign_model::{Notification, NotificationId, Severity, UserId};
use countersign_store::{
    ListRequest, Start, StoreError, Tx,
    notifications::{self, NotificationFilter},
};
use countersign_types::Timestamp;
use countersign_web::{App, BoundedQuery, PageCx, Session, SessionForm, WebError, encode_next, see_other};
use uuid::Uuid;

use crate::house::{House, done};

/// Address of the page.
pub(crate) const HERE: &str = "/if/user/notifications/";
/// Notifications on one page.
const PAGE: u32 = 50;
/// What the page may say was just done.
const DONE: [(&str, &str); 2] = [("seen", "portal-done-seen"), ("deleted", "portal-done-deleted")];

#[derive(Template)]
#[template(path = "portal/notifications.html")]
struct NotificationsPage<'a> {
    cx: &'a PageCx,
    house: House,
    done: Option<String>,
    rows: Vec<View>,
    older: Option<String>,
}

/// A notification, in words.
struct View {
    id: Uuid,
    tone: &'static str,
    weight: String,
    body: String,
    when: String,
    exactly: String,
    is_seen: bool,
    /// Where it leads: address and words.
    link: Option<(String, String)>,
}

impl View {
    fn of(cx: &PageCx, one: Notification, now: Timestamp) -> Self {
        let words = cx.localizer();
        let (tone, weight) = match one.severity {
            Severity::Notice => ("", "notification-severity-notice"),
            Severity::Warning => ("warning", "notification-severity-warning"),
            Severity::Alert => ("danger", "notification-severity-alert"),
        };
        let own = one
            .hyperlink
            .map(|href| (href, one.hyperlink_label.unwrap_or_else(|| cx.t("portal-notifications-more"))));
        // The trail is for those to whom the administration is open; it asks again whether they may look.
        let event = one
            .event
            .filter(|_| cx.administers)
            .map(|event| (format!("/if/admin/events/log/{event}/"), cx.t("portal-notifications-event")));
        Self {
            id: one.id.raw(),
            tone,
            weight: cx.t(weight),
            body: one.body,
            when: words.moment(one.created, now, UtcOffset::UTC),
            exactly: words.date_time(one.created, UtcOffset::UTC),
            is_seen: one.seen,
            link: own.or(event),
        }
    }
}

/// Shows the page.
pub(crate) async fn show(
    request: HttpRequest,
    Session(live): Session,
    query: BoundedQuery,
    cx: PageCx,
) -> Result<HttpResponse, WebError> {
    let app = App::shared(&request)?;
    let user = live.subject.user.id;
    let after = query.0.first("after").filter(|after| !after.is_empty()).map(str::to_owned);
    let start = after.map_or(Start::First, Start::After);
    let asked = ListRequest { start, limit: PAGE, count: false };
    let filter = NotificationFilter::default();
    let found = app.store().read(move |tx| notifications::browse(tx, user, &filter, &asked)).await?;
    let now = app.now();
    cx.render(&NotificationsPage {
        house: House::of(&app, &cx, "notifications").await?,
        done: done(&cx, query.0.first("done"), &DONE),
        rows: found.items.into_iter().map(|one| View::of(&cx, one, now)).collect(),
        older: found.next.map(|next| format!("{HERE}?after={}", encode_next(&next))),
        cx: &cx,
    })
}

/// Marks one as seen.
pub(crate) async fn seen(
    request: HttpRequest,
    id: Path<Uuid>,
    form: SessionForm,
) -> Result<HttpResponse, WebError> {
    one(request, id, form, "seen", |tx, user, id| notifications::mark(tx, user, id, true)).await
}

/// Deletes one.
pub(crate) async fn delete(
    request: HttpRequest,
    id: Path<Uuid>,
    form: SessionForm,
) -> Result<HttpResponse, WebError> {
    one(request, id, form, "deleted", notifications::delete).await
}

/// Does something with one of the user's own, and says so.
async fn one(
    request: HttpRequest,
    id: Path<Uuid>,
    form: SessionForm,
    done: &'static str,
    act: fn(&mut Tx<'_>, UserId, NotificationId) -> Result<bool, StoreError>,
) -> Result<HttpResponse, WebError> {
    let (user, id) = (form.session.subject.user.id, NotificationId(*id));
    let store = App::shared(&request)?.store().clone();
    let was_there = store.write(move |tx| act(tx, user, id)).await?;
    if was_there { Ok(see_other(&format!("{HERE}?done={done}"))) } else { Err(WebError::not_found()) }
}

/// Marks all as seen.
pub(crate) async fn all_seen(request: HttpRequest, form: SessionForm) -> Result<HttpResponse, WebError> {
    let user = form.session.subject.user.id;
    let store = App::shared(&request)?.store().clone();
    store.write(move |tx| notifications::mark_all_seen(tx, user)).await?;
    Ok(see_other(&format!("{HERE}?done=seen")))
}
