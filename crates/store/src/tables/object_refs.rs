//! The references inside documents, one row each: "used by", and "may this be deleted?".

use countersign_types::RawId;
use diesel::prelude::*;

use crate::{
    StoreError, Tx,
    columns::Id,
    conn::{execute, load},
    schema::object_refs,
};

/// One reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectRef {
    /// Model label of the object that refers: `authentik_stages_password.passwordstage`.
    pub from_kind: String,
    /// The object that refers.
    pub from_id: RawId,
    /// Dotted path of the field: `backends.0`.
    pub field: String,
    /// What it refers to.
    pub to_id: RawId,
}

type Columns = (String, Id, String, Id);

/// Replaces all references that an object makes: pairs of field and target.
pub fn replace(
    tx: &mut Tx<'_>,
    from_kind: &str,
    from_id: RawId,
    references: &[(String, RawId)],
) -> Result<(), StoreError> {
    execute!(tx, diesel::delete(object_refs::table.filter(object_refs::from_id.eq(Id(from_id)))))?;
    if references.is_empty() {
        return Ok(());
    }
    let rows: Vec<_> = references
        .iter()
        .map(|(field, to_id)| {
            (
                object_refs::from_kind.eq(from_kind),
                object_refs::from_id.eq(Id(from_id)),
                object_refs::field.eq(field),
                object_refs::to_id.eq(Id(*to_id)),
            )
        })
        .collect();
    execute!(tx, diesel::insert_into(object_refs::table).values(&rows))?;
    Ok(())
}

/// Who refers to an object, at most `limit` of them.
pub fn to(tx: &mut Tx<'_>, id: RawId, limit: u32) -> Result<Vec<ObjectRef>, StoreError> {
    let query = object_refs::table
        .filter(object_refs::to_id.eq(Id(id)))
        .order((object_refs::from_kind.asc(), object_refs::from_id.asc(), object_refs::field.asc()))
        .limit(i64::from(limit));
    let rows: Vec<Columns> = load!(tx, query)?;
    Ok(rows.into_iter().map(reference).collect())
}

/// What an object refers to.
pub fn from(tx: &mut Tx<'_>, id: RawId) -> Result<Vec<ObjectRef>, StoreError> {
    let query = object_refs::table.filter(object_refs::from_id.eq(Id(id))).order(object_refs::field.asc());
    let rows: Vec<Columns> = load!(tx, query)?;
    Ok(rows.into_iter().map(reference).collect())
}

fn reference((from_kind, from_id, field, to_id): Columns) -> ObjectRef {
    ObjectRef { from_kind, from_id: from_id.0, field, to_id: to_id.0 }
}
