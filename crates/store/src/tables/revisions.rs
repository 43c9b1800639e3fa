//! The history of objects: a row for every change, the last ones of each object kept.

use countersign_model::{Revision, RevisionId};
use countersign_types::{Page, PageRequest, RawId};
use diesel::prelude::*;
use uuid::Uuid;

use super::{fetch, page_of};
use crate::{
    StoreError, Tx,
    columns::{Column, Id, Row, entities},
    conn::{execute, find, load},
    schema::revisions,
};

/// Revisions kept of one object.
pub const KEPT: u32 = 50;

/// The column `user_pk` beside the document makes this row one of its own.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = revisions, treat_none_as_default_value = false)]
struct RevisionRow {
    id: Id,
    model: String,
    object_id: Id,
    created: i64,
    user_info: Option<String>,
    user_pk: Option<i64>,
    action: String,
    document: String,
    diff: String,
}

impl Row for RevisionRow {
    type Entity = Revision;

    fn of(revision: &Revision) -> Self {
        Self {
            id: Column::keep(&revision.id),
            model: revision.model.clone(),
            object_id: Id(revision.object),
            created: Column::keep(&revision.created),
            user_info: Column::keep(&revision.user),
            user_pk: revision.user.as_ref().map(|user| user.pk),
            action: Column::keep(&revision.action),
            document: Column::keep(&revision.document),
            diff: Column::keep(&revision.diff),
        }
    }

    fn entity(self) -> Result<Revision, StoreError> {
        Ok(Revision {
            id: self.id.restore()?,
            model: self.model,
            object: self.object_id.0,
            created: self.created.restore()?,
            user: self.user_info.restore()?,
            action: self.action.restore()?,
            document: self.document.restore()?,
            diff: self.diff.restore()?,
        })
    }
}

/// Writes a revision and lets go of the object's oldest beyond [`KEPT`]; its identifier. That of two changes
/// within a millisecond, or after the clock was set back, is moved behind the object's latest: the order of
/// identifiers is the order of changes.
pub fn create(tx: &mut Tx<'_>, revision: &Revision) -> Result<RevisionId, StoreError> {
    let own = revisions::table.filter(revisions::object_id.eq(Id(revision.object)));
    let latest: Option<Id> = find!(tx, own.order(revisions::id.desc()).limit(1).select(revisions::id))?;
    let mut row = RevisionRow::of(revision);
    row.id = Id(behind(latest.map(|latest| latest.0), row.id.0));
    execute!(tx, diesel::insert_into(revisions::table).values(&row))?;
    prune(tx, revision.object, KEPT)?;
    Ok(RevisionId(row.id.0))
}

/// The identifier, or the next after the latest if it would not come behind that.
fn behind(latest: Option<RawId>, wanted: RawId) -> RawId {
    match latest {
        Some(latest) if wanted <= latest => RawId::from_u128(latest.as_u128().saturating_add(1)),
        _ => wanted,
    }
}

/// Deletes all but the latest revisions of an object; how many went.
pub fn prune(tx: &mut Tx<'_>, object: RawId, keep: u32) -> Result<usize, StoreError> {
    let own = revisions::object_id.eq(Id(object));
    let oldest_gone = revisions::table
        .filter(own)
        .order(revisions::id.desc())
        .offset(i64::from(keep))
        .limit(1)
        .select(revisions::id);
    let oldest_gone: Option<Id> = find!(tx, oldest_gone)?;
    let Some(oldest_gone) = oldest_gone else { return Ok(0) };
    let gone = revisions::object_id.eq(Id(object)).and(revisions::id.le(oldest_gone));
    execute!(tx, diesel::delete(revisions::table.filter(gone)))
}

/// A revision.
pub fn by_id(tx: &mut Tx<'_>, id: RevisionId) -> Result<Option<Revision>, StoreError> {
    let query = revisions::table.find(Id::from(id));
    let row: Option<RevisionRow> = find!(tx, query.select(RevisionRow::as_select()))?;
    row.map(Row::entity).transpose()
}

/// The revisions of an object, the latest first.
pub fn of_object(tx: &mut Tx<'_>, object: RawId, page: &PageRequest) -> Result<Page<Revision>, StoreError> {
    let before = page.after.as_deref().and_then(|after| after.parse().ok()).unwrap_or(Uuid::max());
    let query = revisions::table
        .filter(revisions::object_id.eq(Id(object)))
        .filter(revisions::id.lt(Id(before)))
        .order(revisions::id.desc())
        .limit(fetch(page));
    let rows: Vec<RevisionRow> = load!(tx, query.select(RevisionRow::as_select()))?;
    Ok(page_of(entities(rows)?, page, |revision: &Revision| revision.id.to_string()))
}

/// The latest revision of an object.
pub fn latest(tx: &mut Tx<'_>, object: RawId) -> Result<Option<Revision>, StoreError> {
    Ok(of_object(tx, object, &PageRequest::first(1))?.items.pop())
}
