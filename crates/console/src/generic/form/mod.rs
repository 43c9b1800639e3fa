//! Forms of every kind: choosing a kind of a family, a new object, changes to one.
//!
//! A form says which version of the object it was made from. When the object is another by now, nothing is
//! written: the form comes back with what was filled in, and says what differs from what is kept.

mod control;
mod files;
mod fill;
mod options;
mod page;
mod part;
mod read;
mod shape;

use actix_web::{HttpResponse, http::StatusCode, web::Path};
use countersign_registry::{AnyResource, ReadCx, ResourceError, Verbs, Viewed, Written};
use countersign_resource::Descriptor;
use countersign_types::{FieldErrors, JsonObject, RawId};
use countersign_web::{BoundedQuery, Pairs, WebError, safe_next, see_other};

pub(crate) use control::{Choice, Control, Group, Piece, Widget};
use files::files;
use fill::Filling;
use options::Options;
pub(crate) use options::{called, has_name, kinds_of, name_of};
use page::{FormView, SecretsPage};
pub(crate) use page::{KindView, KindsPage};
pub(crate) use part::PartOf;
use read::Answers;
pub(crate) use read::Mode;
use shape::{Shape, shapes};

use super::{
    find::{At, Keyed, Wanted},
    places::Place,
    words,
};
use crate::{
    cx::{ConsoleCx, ConsoleForm, WriteError, fault},
    shell::with_parameter,
};

/// The kind that an address with `?kind=` means, or the only one there is.
fn chosen(place: &Place, asked: Option<&str>) -> Option<&'static str> {
    match (asked, place.models.as_slice()) {
        (None, [only]) => Some(only),
        (asked, models) => models.iter().copied().find(|model| Some(*model) == asked),
    }
}

/// The description of a kind that has forms: what only comes about otherwise has none.
fn editable<'c>(cx: &'c ConsoleCx, model: &str) -> Result<&'c Descriptor, WebError> {
    let resource = cx.registry().get(model).map_err(fault)?;
    match resource.verbs() {
        Verbs::All => Ok(resource.descriptor()),
        Verbs::Read | Verbs::ReadDelete => Err(WebError::not_found()),
    }
}

/// `GET <place>~new/`: which kind, then its form. Parameters named like fields fill them in.
pub(crate) async fn choose_or_show(
    cx: ConsoleCx,
    At(place): At,
    BoundedQuery(query): BoundedQuery,
) -> Result<HttpResponse, WebError> {
    let Some(model) = chosen(&place, query.first("kind")) else {
        return cx.show(&KindsPage::of(&cx, &place, &query)?);
    };
    let kind = editable(&cx, model)?;
    cx.require(&permission("add", kind), None)?;
    let document = prefilled(kind, &query);
    let form = FormView::blank(&cx, &place, kind, next_of(&query));
    let shown = Shown { document, ..Shown::default() };
    form.show(&cx, StatusCode::OK, shown).await
}

/// `POST <place>~new/`.
pub(crate) async fn create(
    form: ConsoleForm,
    At(place): At,
    BoundedQuery(query): BoundedQuery,
) -> Result<HttpResponse, WebError> {
    let ConsoleForm { cx, body } = form;
    let model = chosen(&place, query.first("kind")).ok_or_else(WebError::not_found)?;
    let kind = editable(&cx, model)?;
    let fields = body.read(cx.require(&permission("add", kind), None)?).await?;
    let next = next_of(&fields);
    let answers = read::read(&shapes(kind), &fields, Mode::New);
    let outcome = match answers.errors.is_empty() {
        true => made(&cx, model, answers.document.clone()).await,
        false => Err(WriteError::Resource(ResourceError::Fields(answers.errors.clone()))),
    };
    match outcome {
        Ok((written, key)) => {
            let to = format!("{}{key}/", place.path);
            if written.generated.is_empty() {
                let to = next.unwrap_or(to);
                return Ok(see_other(&with_parameter(&to, "done", "created")));
            }
            // Secrets that nobody will see again are the answer to the form itself: an address could be kept.
            cx.show(&SecretsPage::new(&cx, &place, kind, &written, next.unwrap_or(to)))
        }
        Err(error) => {
            let form = FormView::blank(&cx, &place, kind, next);
            let (status, shown) = refused(error, answers)?;
            form.show(&cx, status, shown).await
        }
    }
}

/// `GET <place><key>/edit/`.
pub(crate) async fn edit(
    cx: ConsoleCx,
    At(place): At,
    key: Path<Keyed>,
    BoundedQuery(query): BoundedQuery,
) -> Result<HttpResponse, WebError> {
    let viewed = viewed(&cx, &place, &key.key).await?;
    let kind = editable(&cx, viewed.model)?;
    cx.require(&permission("change", kind), Some(viewed.id))?;
    let form = FormView::of(&cx, &place, kind, &viewed, next_of(&query));
    let shown = Shown { document: viewed.document, version: viewed.version, ..Shown::default() };
    form.show(&cx, StatusCode::OK, shown).await
}

/// `POST <place><key>/edit/`.
pub(crate) async fn save(
    form: ConsoleForm,
    At(place): At,
    key: Path<Keyed>,
) -> Result<HttpResponse, WebError> {
    let ConsoleForm { cx, body } = form;
    let before = viewed(&cx, &place, &key.key).await?;
    let kind = editable(&cx, before.model)?;
    let fields = body.read(cx.require(&permission("change", kind), Some(before.id))?).await?;
    let next = next_of(&fields);
    let mut answers = read::read(&shapes(kind), &fields, Mode::Change);
    read::keep(&shapes(kind), &before.document, &mut answers.document);
    let version = fields.first("version").unwrap_or_default().to_owned();
    let outcome = match answers.errors.is_empty() {
        true => changed(&cx, &before, version.clone(), answers.document.clone()).await,
        false => Err(WriteError::Resource(ResourceError::Fields(answers.errors.clone()))),
    };
    match outcome {
        Ok(key) => {
            let to = next.unwrap_or_else(|| format!("{}{key}/", place.path));
            Ok(see_other(&with_parameter(&to, "done", "saved")))
        }
        Err(WriteError::Resource(ResourceError::Stale)) => {
            let now = viewed(&cx, &place, &key.key).await?;
            let form = FormView::of(&cx, &place, kind, &now, next);
            let document = answers.document;
            let shown =
                Shown { document, version: now.version, kept: Some(now.document), ..Shown::default() };
            form.show(&cx, StatusCode::CONFLICT, shown).await
        }
        Err(error) => {
            let form = FormView::of(&cx, &place, kind, &before, next);
            let (status, shown) = refused(error, answers)?;
            form.show(&cx, status, Shown { version, ..shown }).await
        }
    }
}

/// What a form shows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shown {
    document: JsonObject,
    errors: FieldErrors,
    version: String,
    /// What is kept by now, when that is another than the form was made from.
    kept: Option<JsonObject>,
}

/// The form again, or the page of an error that no form can mend.
fn refused(error: WriteError, answers: Answers) -> Result<(StatusCode, Shown), WebError> {
    match error {
        WriteError::Resource(ResourceError::Fields(errors)) => {
            Ok((StatusCode::BAD_REQUEST, Shown { document: answers.document, errors, ..Shown::default() }))
        }
        other => Err(other.into()),
    }
}

/// The object of an address, as its reader may see it.
async fn viewed(cx: &ConsoleCx, place: &Place, key: &str) -> Result<Viewed, WebError> {
    let wanted = Wanted::of(cx, place, key);
    cx.look(move |tx, read| Ok(wanted.brief(tx, read)?.1)).await.map_err(fault)
}

/// Makes an object; returns its key as well.
async fn made(
    cx: &ConsoleCx,
    model: &'static str,
    document: JsonObject,
) -> Result<(Written, String), WriteError> {
    cx.write(move |tx, write| {
        let resource = write.registry.get(model)?;
        let mut document = document.clone();
        options::resolve(tx, write.reading(), &shapes(resource.descriptor()), &mut document)?;
        let written = resource.create(tx, write, &document)?;
        let key = key_of(tx, write.reading(), resource, written.id)?;
        Ok((written, key))
    })
    .await
}

/// Changes an object, if it still is of this version; returns its key, which may be another now.
async fn changed(
    cx: &ConsoleCx,
    before: &Viewed,
    version: String,
    document: JsonObject,
) -> Result<String, WriteError> {
    let (model, id) = (before.model, before.id);
    cx.write(move |tx, write| {
        let resource = write.registry.get(model)?;
        let mut document = document.clone();
        options::resolve(tx, write.reading(), &shapes(resource.descriptor()), &mut document)?;
        resource.update(tx, write.expecting(Some(&version)), id, &document)?;
        key_of(tx, write.reading(), resource, id)
    })
    .await
}

/// How addresses name an object that was just written; its identifier for one who may not see it.
fn key_of(
    tx: &mut countersign_store::Tx<'_>,
    cx: ReadCx<'_>,
    resource: &dyn AnyResource,
    id: RawId,
) -> Result<String, ResourceError> {
    Ok(resource.brief(tx, cx, id)?.map_or_else(|| id.to_string(), |viewed| viewed.key))
}

/// Values for fields in the address: `?target=…&order=10`.
fn prefilled(kind: &Descriptor, query: &Pairs) -> JsonObject {
    let asked = |shape: &Shape<'_>| query.first(&shape.field.path.to_string()).is_some();
    let shapes: Vec<Shape<'_>> = shapes(kind).into_iter().filter(asked).collect();
    read::read(&shapes, query, Mode::New).document
}

/// Where to go afterwards, when somebody else sent the reader here.
fn next_of(pairs: &Pairs) -> Option<String> {
    pairs.first("next").and_then(safe_next).map(str::to_owned)
}

/// Name of a permission on a kind.
pub(crate) fn permission(action: &str, kind: &Descriptor) -> String {
    let (app, model) = kind.label();
    format!("{app}.{action}_{model}")
}

/// What a form needs to know of other objects, in one trip.
async fn options(cx: &ConsoleCx, kind: &Descriptor, document: &JsonObject) -> Result<Options, WebError> {
    let (model, document) = (kind.model, document.clone());
    let snapshot = std::sync::Arc::clone(&cx.snapshot);
    cx.look(move |tx, read| {
        let kind = read.registry.get(model)?.descriptor();
        Options::load(tx, read, &snapshot, &shapes(kind), &document)
    })
    .await
    .map_err(fault)
}
