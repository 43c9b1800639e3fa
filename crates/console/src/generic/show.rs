//! Documents in words: the cells of lists and details, and the header that the pages of a kind share.

use std::collections::HashMap;

use countersign_authz::Permission;
use countersign_model::{ApplicationId, BoundTo, ConfigObjectId, FlowId, KeyPairId, ProviderId};
use countersign_registry::{ReadCx, ResourceError, Usage, Verbs, Viewed};
use countersign_resource::FieldInfo;
use countersign_store::{Snapshot, Tx};
use countersign_types::{JsonObject, RawId, Timestamp};
use serde_json::Value;

use super::{
    form::{self, kinds_of},
    places::Place,
    words,
};
use crate::{
    cx::ConsoleCx,
    kit::{Cell, Link},
    shell::Header,
};

/// More characters of a text than this do not stand in a list.
const IN_LIST: usize = 60;

/// Bindings that are read again to describe them.
const MAX_DESCRIBED: usize = 100;

/// What stands around a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Room {
    /// A row of a list.
    Row,
    /// A page of its own.
    Page,
}

/// Objects that documents point at: what they are called and where they are.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names(HashMap<RawId, (String, Option<String>)>);

impl Names {
    /// Of everything that these fields of these documents point at.
    pub(crate) fn load(
        tx: &mut Tx<'_>,
        cx: ReadCx<'_>,
        snapshot: &Snapshot,
        fields: &[&FieldInfo],
        documents: &[&JsonObject],
    ) -> Result<Self, ResourceError> {
        let mut names = Self::default();
        for document in documents {
            let document = Value::Object((*document).clone());
            for field in fields {
                let Some(target) = &field.reference else { continue };
                for id in ids_at(field, &document) {
                    if names.0.contains_key(&id) {
                        continue;
                    }
                    let known = known(snapshot, id)
                        .filter(|(_, model, _)| cx.actor.may(&Permission::view(model), Some(id)))
                        .map(|(name, model, key)| (name.to_owned(), Some(format!("{model} {key}"))));
                    let name = match known {
                        Some(known) => known,
                        None => named(tx, cx, snapshot, target, id)?,
                    };
                    names.0.insert(id, name);
                }
            }
        }
        Ok(names)
    }

    fn link(&self, cx: &ConsoleCx, id: RawId) -> Link {
        match self.0.get(&id) {
            Some((name, Some(place))) => Link::new(name, place),
            Some((name, None)) => Link::new(name, String::new()),
            None => Link::new(cx.t("console-unknown"), String::new()),
        }
    }
}

/// The name of an object, and the model and key by which it is addressed.
fn named(
    tx: &mut Tx<'_>,
    cx: ReadCx<'_>,
    snapshot: &Snapshot,
    target: &str,
    id: RawId,
) -> Result<(String, Option<String>), ResourceError> {
    for kind in kinds_of(cx, target) {
        if let Some(viewed) = kind.brief(tx, cx, id)? {
            return Ok((described(snapshot, &viewed), Some(format!("{} {}", viewed.model, viewed.key))));
        }
    }
    Ok((form::name_of(tx, cx, target, id)?, None))
}

fn ids_at(field: &FieldInfo, document: &Value) -> Vec<RawId> {
    let mut found = Vec::new();
    field.value_path().visit(document, &mut |_, value| {
        found.extend(value.as_str().and_then(|text| text.parse::<RawId>().ok()));
    });
    found
}

/// The address of an object's page, by model and key.
pub(crate) fn address(cx: &ConsoleCx, model: &str, key: &str) -> Option<String> {
    cx.places().of_model(model).map(|place| format!("{}{key}/", place.path))
}

/// A value of a field, in words.
pub(crate) fn cell(cx: &ConsoleCx, field: &FieldInfo, value: &Value, names: &Names, room: Room) -> Cell {
    if field.secret {
        return Cell::Nothing;
    }
    if field.reference.is_some() {
        let texts: Vec<&str> = match value {
            Value::String(text) => vec![text],
            Value::Array(elements) => elements.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        let links =
            texts.iter().filter_map(|text| text.parse().ok()).map(|id| placed(cx, names.link(cx, id)));
        return links_of(links.collect(), room);
    }
    match (field.widget.as_str(), value) {
        (_, Value::Null) => Cell::Nothing,
        (_, Value::Bool(is_on)) => Cell::Flag(*is_on, cx.t(if *is_on { "word-yes" } else { "word-no" })),
        ("select", Value::String(choice)) => Cell::text(words::choice(cx, choice)),
        ("select", Value::Array(choices)) => {
            let chosen = choices.iter().filter_map(Value::as_str).map(|choice| words::choice(cx, choice));
            Cell::text(chosen.collect::<Vec<_>>().join(", "))
        }
        ("slug" | "duration" | "file" | "color", Value::String(text)) if !text.is_empty() => {
            Cell::Code(text.clone())
        }
        ("expression" | "markdown" | "textarea" | "css" | "pem", Value::String(text))
            if room == Room::Page && !text.is_empty() =>
        {
            Cell::Block(text.clone())
        }
        ("datetime", Value::String(text)) => match Timestamp::parse(text) {
            Some(at) => Cell::When(cx.when(at)),
            None => Cell::text(text),
        },
        (_, Value::String(text)) => Cell::text(shortened(text, room)),
        (_, Value::Number(number)) => Cell::Text(number.to_string()),
        (_, Value::Array(elements)) => list(cx, elements, room),
        (_, Value::Object(members)) if members.is_empty() => Cell::Nothing,
        (_, value) if room == Room::Page => {
            Cell::Block(serde_json::to_string_pretty(value).unwrap_or_default())
        }
        (_, value) => Cell::text(shortened(&value.to_string(), room)),
    }
}

/// A value that nobody sets, in words.
pub(crate) fn computed(cx: &ConsoleCx, value: &Value) -> Cell {
    match value {
        Value::Bool(is_on) => Cell::Flag(*is_on, cx.t(if *is_on { "word-yes" } else { "word-no" })),
        Value::Number(number) => Cell::Text(number.to_string()),
        Value::String(text) => match Timestamp::parse(text).filter(|_| text.contains('T')) {
            Some(at) => Cell::When(cx.when(at)),
            None => Cell::text(text),
        },
        _ => Cell::Nothing,
    }
}

fn list(cx: &ConsoleCx, elements: &[Value], room: Room) -> Cell {
    let texts: Option<Vec<String>> = elements.iter().map(|element| in_line(cx, element)).collect();
    match (texts, room) {
        _ if elements.is_empty() => Cell::Nothing,
        (Some(texts), Room::Page) => Cell::Several(texts),
        (Some(texts), Room::Row) => Cell::text(shortened(&texts.join(", "), room)),
        (None, Room::Page) => Cell::Block(serde_json::to_string_pretty(elements).unwrap_or_default()),
        (None, Room::Row) => Cell::Text(elements.len().to_string()),
    }
}

/// An element of a list in one line; none when there is more to it.
fn in_line(cx: &ConsoleCx, element: &Value) -> Option<String> {
    let members = match element {
        Value::String(text) => return Some(text.clone()),
        Value::Object(members) => members,
        _ => return None,
    };
    let is_choice = |text: &str| text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    let part = |value: &Value| match value {
        Value::String(text) if is_choice(text) => Some(words::choice(cx, text)),
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null => Some(String::new()),
        _ => None,
    };
    let parts: Option<Vec<String>> = members.values().map(part).collect();
    Some(parts?.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · "))
}

/// A link whose address still is model and key, as one to a page; words where there is none.
fn placed(cx: &ConsoleCx, link: Link) -> Link {
    let href = link.href.split_once(' ').and_then(|(model, key)| address(cx, model, key));
    Link { href: href.unwrap_or_default(), ..link }
}

fn links_of(mut links: Vec<Link>, room: Room) -> Cell {
    match (links.len(), room) {
        (0, _) => Cell::Nothing,
        (1, _) => links.pop().map_or(Cell::Nothing, |link| match link.href.is_empty() {
            true => Cell::Text(link.label),
            false => Cell::Link(link),
        }),
        (count, Room::Row) if count > 3 => Cell::Text(count.to_string()),
        _ => Cell::Links(links),
    }
}

fn shortened(text: &str, room: Room) -> String {
    match text.char_indices().nth(IN_LIST) {
        Some((end, _)) if room == Room::Row => format!("{}…", text.get(..end).unwrap_or_default()),
        _ => text.to_owned(),
    }
}

/// What a place is called.
pub(crate) fn place_name(cx: &ConsoleCx, place: &Place) -> String {
    let only = || place.models.first().and_then(|model| cx.registry().get(model).ok());
    match (place.label, only()) {
        (Some(label), _) => cx.t(label),
        (None, Some(resource)) => words::plural(cx, resource.descriptor()),
        (None, None) => String::new(),
    }
}

/// The header of a page of a kind: in its place, with the way back to the list.
pub(crate) fn header(cx: &ConsoleCx, place: &Place, title: String) -> Header {
    Header::new(place.at, title).crumb(place_name(cx, place), &place.path)
}

/// Whether objects of the model can be made at all.
pub(crate) fn can_be_made(cx: &ConsoleCx, model: &str) -> bool {
    cx.registry().get(model).is_ok_and(|resource| resource.verbs() == Verbs::All)
}

/// What an object is called; of a binding, which has no name, what it binds to what.
pub(crate) fn described(snapshot: &Snapshot, viewed: &Viewed) -> String {
    let id = |name: &str| viewed.document.get(name).and_then(Value::as_str).and_then(|id| id.parse().ok());
    let name = |id: RawId| known(snapshot, id).map(|(name, ..)| name.to_owned());
    let Some(target) = id("target") else { return viewed.name.clone() };
    let Some(place) = name(target).or_else(|| binding(snapshot, target)) else { return viewed.name.clone() };
    match id("stage").or_else(|| id("policy")).and_then(name) {
        Some(bound) => format!("{place} › {bound}"),
        None => place,
    }
}

/// What a binding binds to what, as far as the configuration knows it. Costs no query.
pub(crate) fn binding_name(snapshot: &Snapshot, id: RawId) -> Option<String> {
    let of_policy = || {
        let stages = snapshot.flows().iter().flat_map(|flow| snapshot.stage_bindings(flow.id));
        let targets =
            snapshot.flows().iter().map(|flow| flow.id.raw()).chain(stages.map(|stage| stage.id.raw()));
        let mut all = targets
            .chain(snapshot.applications().iter().map(|application| application.id.raw()))
            .flat_map(|target| snapshot.policy_bindings(target).iter().map(move |binding| (target, binding)));
        let (target, binding) = all.find(|(_, binding)| binding.id.raw() == id)?;
        let name = |id: RawId| known(snapshot, id).map(|(name, ..)| name.to_owned());
        let place = name(target).or_else(|| self::binding(snapshot, target))?;
        let bound = match binding.bound_to {
            BoundTo::Policy(policy) => name(policy.raw()),
            BoundTo::Group(_) | BoundTo::User(_) => None,
        };
        Some(bound.map_or_else(|| place.clone(), |bound| format!("{place} › {bound}")))
    };
    binding(snapshot, id).or_else(of_policy)
}

/// Who refers to an object, with names that say something where the objects have none.
pub(crate) fn usage(
    tx: &mut Tx<'_>,
    cx: ReadCx<'_>,
    snapshot: &Snapshot,
    id: RawId,
) -> Result<Vec<Usage>, ResourceError> {
    let mut found = cx.registry.usage(tx, cx, id)?;
    let own_name = |usage: &Usage| usage.name != usage.id.to_string();
    for usage in found.iter_mut().filter(|usage| !own_name(usage)).take(MAX_DESCRIBED) {
        if let Ok(resource) = cx.registry.get(&usage.model)
            && let Some(viewed) = resource.brief(tx, cx, usage.id)?
        {
            usage.name = described(snapshot, &viewed);
        }
    }
    Ok(found)
}

/// A stage's place in a flow.
fn binding(snapshot: &Snapshot, id: RawId) -> Option<String> {
    let bindings = snapshot
        .flows()
        .iter()
        .flat_map(|flow| snapshot.stage_bindings(flow.id).iter().map(move |binding| (flow, binding)));
    let (flow, binding) = bindings.into_iter().find(|(_, binding)| binding.id.raw() == id)?;
    let stage = snapshot.object(binding.stage).map_or("", |stage| stage.name.as_str());
    Some(format!("{} › {stage}", flow.name))
}

/// What an identifier stands for, where that is known without a query and may be seen; otherwise itself.
pub(crate) fn name_of(cx: &ConsoleCx, text: &str) -> String {
    let known = text.parse::<RawId>().ok().and_then(|id| {
        known(&cx.snapshot, id).filter(|(_, model, _)| cx.may(Permission::view(model).as_str(), Some(id)))
    });
    known.map_or_else(|| text.to_owned(), |(name, ..)| name.to_owned())
}

/// An object of the configuration: name, model and key. Costs no query.
fn known(snapshot: &Snapshot, id: RawId) -> Option<(&str, &str, String)> {
    if let Some(object) = snapshot.object(ConfigObjectId(id)) {
        return Some((&object.name, &object.kind, id.to_string()));
    }
    if let Some(provider) = snapshot.provider(ProviderId(id)) {
        return Some((&provider.name, &provider.kind, provider.pk.to_string()));
    }
    if let Some(flow) = snapshot.flow(FlowId(id)) {
        return Some((&flow.name, "authentik_flows.flow", flow.slug.to_string()));
    }
    if let Some(application) = snapshot.application(ApplicationId(id)) {
        return Some((&application.name, "authentik_core.application", application.slug.to_string()));
    }
    let pair = snapshot.key_pair(KeyPairId(id))?;
    Some((&pair.name, "authentik_crypto.certificatekeypair", id.to_string()))
}
