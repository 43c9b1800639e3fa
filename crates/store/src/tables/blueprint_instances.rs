//! Blueprints that are kept applied.

use std::collections::BTreeSet;

use countersign_model::{BlueprintInstance, BlueprintInstanceId};
use countersign_types::{Page, PageRequest};
use diesel::prelude::*;

use super::{blueprint_objects, fetch, page_of, whole};
use crate::{
    StoreError, Tx,
    columns::{Id, Row, entities, row},
    conn::{find, load},
    schema::blueprint_instances,
};

row! {
    #[diesel(table_name = blueprint_instances)]
    BlueprintRow of BlueprintInstance {
        id: Id,
        name: String,
        path: String,
        content_hash: String,
        status: String,
        last_applied: Option<i64>,
        last_error: Option<String>,
        enabled: bool,
        context: String,
        metadata: String,
        content: String,
    }
}

whole!(blueprint_instances, BlueprintRow, BlueprintInstance, BlueprintInstanceId, announcing None);

/// Deletes a blueprint, not what it made; whether it was there.
pub fn delete(tx: &mut Tx<'_>, id: BlueprintInstanceId) -> Result<bool, StoreError> {
    // It is not known any more what it was about.
    blueprint_objects::replace(tx, id, &BTreeSet::new())?;
    delete_row(tx, id)
}

/// A blueprint by its name.
pub fn by_name(tx: &mut Tx<'_>, name: &str) -> Result<Option<BlueprintInstance>, StoreError> {
    let query = blueprint_instances::table.filter(blueprint_instances::name.eq(name));
    let row: Option<BlueprintRow> = find!(tx, query.select(BlueprintRow::as_select()))?;
    row.map(Row::entity).transpose()
}

/// A blueprint by the path of its file.
pub fn by_path(tx: &mut Tx<'_>, path: &str) -> Result<Option<BlueprintInstance>, StoreError> {
    let query = blueprint_instances::table.filter(blueprint_instances::path.eq(path));
    let row: Option<BlueprintRow> = find!(tx, query.limit(1).select(BlueprintRow::as_select()))?;
    row.map(Row::entity).transpose()
}

/// All of them, by name.
pub fn all(tx: &mut Tx<'_>) -> Result<Vec<BlueprintInstance>, StoreError> {
    let query = blueprint_instances::table.order(blueprint_instances::name.asc());
    let rows: Vec<BlueprintRow> = load!(tx, query.select(BlueprintRow::as_select()))?;
    entities(rows)
}

/// A part of them, by name.
pub fn list(tx: &mut Tx<'_>, page: &PageRequest) -> Result<Page<BlueprintInstance>, StoreError> {
    let after = page.after.as_deref().unwrap_or("");
    let query = blueprint_instances::table
        .filter(blueprint_instances::name.gt(after))
        .order(blueprint_instances::name.asc())
        .limit(fetch(page));
    let rows: Vec<BlueprintRow> = load!(tx, query.select(BlueprintRow::as_select()))?;
    Ok(page_of(entities(rows)?, page, |entity: &BlueprintInstance| entity.name.clone()))
}
