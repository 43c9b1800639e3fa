//! The log: charts, filters, the latest events first.

use actix_web::HttpResponse;
use countersign_model::{Event, EventAction};
use countersign_registry::ResourceError;
use countersign_store::{
    Snapshot, Tx,
    events::{self, EventFilter},
    users,
};
use countersign_types::{Page, PageRequest, RawId};
use countersign_web::{BoundedQuery, WebError};

use super::{
    HERE, VIEW,
    charts::{Picture, sign_ins},
    filter::Wanted,
    sentence::{action_name, sentence, who},
};
use crate::{
    cx::{ConsoleCx, fault},
    generic::words,
    kit::{Cell, Column, Empty, Link, Paging, Row, Table},
    parts::{Body, Part, PartsPage},
    shell::Header,
};

/// Events on a page.
const ROWS: u32 = 50;

/// `/if/admin/events/log/`.
pub(crate) async fn show(cx: ConsoleCx, BoundedQuery(query): BoundedQuery) -> Result<HttpResponse, WebError> {
    cx.require(VIEW, None)?;
    let wanted = Wanted::of(&query)?;
    let picture = Picture::of(query.only("range")?);
    let shows_charts = wanted.after.is_none() && !wanted.is_narrowed();
    let (asked, now) = (wanted.clone(), cx.now());
    let snapshot = std::sync::Arc::clone(&cx.snapshot);
    let (page, counts) = cx
        .look(move |tx, _| {
            let page = page(tx, &snapshot, &asked)?;
            let counts = if shows_charts { Some(picture.count(tx, now)?) } else { None };
            Ok((page, counts))
        })
        .await
        .map_err(fault)?;
    let mut parts = Vec::new();
    if let Some(counts) = &counts {
        parts.extend(sign_ins(&cx, picture, counts, HERE));
    }
    parts.push(Part::new(Body::Form(wanted.form(&cx))));
    let mut table = table(&cx, &page.items);
    let mut paging = Paging {
        count: String::new(),
        first: wanted.after.is_some().then(|| wanted.href(None)),
        next: page.next.as_deref().map(|next| wanted.href(Some(next))),
    };
    paging.explain(&cx, &mut table, ROWS);
    parts.push(Part::new(Body::Table(Box::new(table), paging)));
    let header = Header::new(HERE, cx.t("console-events-title")).text(cx.t("console-events-text"));
    cx.show(&PartsPage { cx: &cx, frame: cx.frame(header), parts })
}

/// The events asked for; none when what is named does not exist.
fn page(tx: &mut Tx<'_>, snapshot: &Snapshot, wanted: &Wanted) -> Result<Page<Event>, ResourceError> {
    let nothing = Page { items: Vec::new(), next: None };
    let mut filter = EventFilter {
        action: wanted.action,
        client_ip: Some(wanted.address.clone()).filter(|address| !address.is_empty()),
        since: wanted.since(),
        until: wanted.until(),
        ..EventFilter::default()
    };
    if wanted.is_no_address() {
        return Ok(nothing);
    }
    if !wanted.user.is_empty() {
        let Some(user) = users::by_username(tx, &wanted.user)? else { return Ok(nothing) };
        filter.user_pk = Some(user.pk);
    }
    if !wanted.object.is_empty() {
        filter.object = object(snapshot, &wanted.object);
        if filter.object.is_none() {
            return Ok(nothing);
        }
    }
    let request = PageRequest { after: wanted.after.clone(), limit: ROWS };
    Ok(events::list(tx, &filter, &request)?)
}

/// An object by its identifier, or an application or flow by its slug.
fn object(snapshot: &Snapshot, text: &str) -> Option<RawId> {
    let by_slug = || {
        let application = snapshot.application_by_slug(text).map(|found| found.id.raw());
        application.or_else(|| snapshot.flow_by_slug(text).map(|found| found.id.raw()))
    };
    text.parse().ok().or_else(by_slug)
}

/// Events as a table; the first column is the sentence.
pub(crate) fn table(cx: &ConsoleCx, events: &[Event]) -> Table {
    let columns = ["console-events-what", "console-events-who", "console-events-from", "console-events-when"];
    Table {
        caption: cx.t("console-events-title"),
        columns: columns.map(|key| Column::new(cx.t(key))).into(),
        rows: events.iter().map(|event| row(cx, event)).collect(),
        bulk: None,
        empty: Some(Empty {
            icon: "list",
            title: cx.t("console-events-empty-title"),
            text: cx.t("console-events-empty-text"),
            action: None,
        }),
    }
}

fn row(cx: &ConsoleCx, event: &Event) -> Row {
    let said = said(cx, event);
    let href = format!("{HERE}{}/", event.id);
    Row {
        key: event.id.to_string(),
        label: said.clone(),
        cells: vec![
            Cell::LinkLine(Link::new(said, href), action_name(cx.localizer(), event.action)),
            user(cx, event),
            Cell::text(event.client_ip.clone().unwrap_or_default()),
            Cell::When(cx.when(event.created)),
        ],
        actions: Vec::new(),
    }
}

/// The event as a sentence.
pub(super) fn said(cx: &ConsoleCx, event: &Event) -> String {
    let kind_name = |model: &str| match cx.registry().get(model) {
        Ok(resource) => words::name(cx, resource.descriptor()),
        Err(_) => model.to_owned(),
    };
    sentence(cx.localizer(), event, &kind_name)
}

/// Who did it, with a link to his page.
pub(super) fn user(cx: &ConsoleCx, event: &Event) -> Cell {
    match &event.user {
        Some(user) => Cell::link(who(cx.localizer(), event), format!("{}{}/", crate::users::HERE, user.pk)),
        None if event.action == EventAction::LoginFailed => Cell::Nothing,
        None => Cell::Text(who(cx.localizer(), event)),
    }
}
