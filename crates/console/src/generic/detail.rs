//! `<place><key>/`: what is set.

use actix_web::{HttpResponse, web::Path};
use askama::Template;
use countersign_registry::Viewed;
use countersign_resource::Descriptor;
use countersign_web::WebError;
use serde_json::Value;

use super::{
    find::{At, Keyed, Wanted},
    form::permission,
    places::Place,
    reset,
    show::{self, Names, Room},
    words,
};
use crate::{
    cx::{ConsoleCx, fault},
    expressions, invitations,
    kit::{Button, Pair},
    modules, notifications,
    shell::{Frame, Header},
};

#[derive(Template)]
#[template(path = "console/detail.html")]
struct DetailPage<'d> {
    cx: &'d ConsoleCx,
    frame: Frame,
    groups: Vec<(String, Vec<Pair>)>,
}

/// Which of an object's pages is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tab {
    Overview,
    Usage,
    Revisions,
    /// What is bound to it.
    Bindings,
    /// A page that is none of the tabs.
    Elsewhere,
}

impl Tab {
    /// The end of its address.
    pub(crate) const fn rest(self) -> &'static str {
        match self {
            Self::Overview | Self::Elsewhere => "",
            Self::Bindings => "bindings/",
            Self::Usage => "used-by/",
            Self::Revisions => "revisions/",
        }
    }
}

/// The header of a generic page of an object: as on the pages that its module has for it, or the common one.
pub(crate) async fn header_of(
    cx: &ConsoleCx,
    place: &Place,
    viewed: &Viewed,
    tab: Tab,
) -> Result<Header, WebError> {
    if let Some(header) = modules::header(cx, viewed, tab).await? {
        return Ok(header);
    }
    let kind = cx.registry().get(viewed.model).map_err(fault)?.descriptor();
    Ok(header(cx, place, kind, viewed, tab))
}

/// Shows it.
pub(crate) async fn show(cx: ConsoleCx, At(place): At, key: Path<Keyed>) -> Result<HttpResponse, WebError> {
    let wanted = Wanted::of(&cx, &place, &key.key);
    let snapshot = std::sync::Arc::clone(&cx.snapshot);
    let (viewed, names) = cx
        .look(move |tx, read| {
            let (resource, viewed) = wanted.view(tx, read)?;
            let fields: Vec<_> = resource.descriptor().fields.iter().collect();
            let names = Names::load(tx, read, &snapshot, &fields, &[&viewed.document])?;
            Ok((viewed, names))
        })
        .await
        .map_err(fault)?;
    let kind = cx.registry().get(viewed.model).map_err(fault)?.descriptor();
    let header = header(&cx, &place, kind, &viewed, Tab::Overview);
    let mut groups = groups(&cx, kind, &viewed, &names);
    let computed = place.computed().iter().filter_map(|(name, label)| {
        Some(Pair::new(cx.t(label), show::computed(&cx, viewed.computed.get(*name)?)))
    });
    if let Some((_, first)) = groups.first_mut() {
        first.extend(computed);
    }
    cx.show(&DetailPage { cx: &cx, frame: cx.frame(header), groups })
}

/// The header that an object's pages share.
pub(crate) fn header(cx: &ConsoleCx, place: &Place, kind: &Descriptor, viewed: &Viewed, tab: Tab) -> Header {
    let here = format!("{}{}/", place.path, viewed.key);
    let id = Some(viewed.id);
    let mut header = show::header(cx, place, show::described(&cx.snapshot, viewed));
    if place.models.len() > 1 {
        header = header.badge(words::name(cx, kind), "");
    }
    if cx.may(&permission("delete", kind), id) {
        header = header.also(Button::link(cx.t("action-delete"), format!("{here}delete/")).danger());
    }
    if cx.may(&permission("change", kind), id) && show::can_be_made(cx, kind.model) {
        header = header.action(cx.t("action-edit"), format!("{here}edit/"));
    }
    header = reset::offer(cx, header, kind.model, viewed.id, &here);
    if let Some(href) = invitations::letter_of(cx, viewed) {
        header = header.also(Button::link(cx.t("console-invitation-send"), href));
    }
    if let Some(href) = notifications::test_of(cx, viewed) {
        header = header.also(Button::link(cx.t("console-transport-test"), href));
    }
    if let Some(href) = expressions::trial_of(cx, kind, viewed) {
        header = header.also(Button::link(cx.t("expression-test-now"), href));
    }
    header = header.tab(cx.t("console-tab-overview"), &here, tab == Tab::Overview);
    if let Some(href) = notifications::bindings_of(viewed) {
        header = header.tab(cx.t("console-rule-bindings"), href, tab == Tab::Bindings);
    }
    header.tab(cx.t("console-tab-usage"), format!("{here}used-by/"), tab == Tab::Usage).tab(
        cx.t("console-tab-revisions"),
        format!("{here}revisions/"),
        tab == Tab::Revisions,
    )
}

/// Names and values, by the groups of the form.
pub(crate) fn groups(
    cx: &ConsoleCx,
    kind: &Descriptor,
    viewed: &Viewed,
    names: &Names,
) -> Vec<(String, Vec<Pair>)> {
    let mut groups: Vec<(String, Vec<Pair>)> = Vec::new();
    for field in kind.fields.iter().filter(|field| field.path.is_top_level() && !field.secret) {
        let value = viewed.document.get(&field.path.to_string()).unwrap_or(&Value::Null);
        if field.widget == "hidden" && value.is_null() {
            continue;
        }
        let heading = match (&field.group, field.advanced) {
            (_, true) => cx.t("console-advanced"),
            (Some(group), false) => words::group(cx, group),
            (None, false) => String::new(),
        };
        let pair = Pair::new(words::label(cx, kind, field), show::cell(cx, field, value, names, Room::Page));
        match groups.iter_mut().find(|(known, _)| *known == heading) {
            Some((_, pairs)) => pairs.push(pair),
            None => groups.push((heading, vec![pair])),
        }
    }
    let advanced = cx.t("console-advanced");
    groups.sort_by_key(|(heading, _)| *heading == advanced);
    groups
}
