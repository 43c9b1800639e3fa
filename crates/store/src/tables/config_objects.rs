//! Cold configuration: stages, policies, prompts, property mappings, sources.

use countersign_model::{ConfigObject, ConfigObjectId, Family};
use countersign_types::{Page, PageRequest};
use diesel::prelude::*;

use super::{fetch, object_refs, page_of, policy_bindings, whole};
use crate::{
    Change, StoreError, Tx,
    columns::{Id, Row, entities, row},
    conn::{find, load},
    schema::config_objects,
};

row! {
    #[diesel(table_name = config_objects)]
    ObjectRow of ConfigObject {
        id: Id,
        family: String,
        kind: String,
        name: String,
        managed: Option<String>,
        config: String,
    }
}

whole!(config_objects, ObjectRow, ConfigObject, ConfigObjectId, announcing Some(Change::Config));

/// Deletes an object with what guards it and the places it was bound to; whether it was there.
pub fn delete(tx: &mut Tx<'_>, id: ConfigObjectId) -> Result<bool, StoreError> {
    policy_bindings::delete_of_target(tx, id.raw())?;
    object_refs::replace(tx, "", id.raw(), &[])?;
    delete_row(tx, id)
}

/// An object by its name in its family.
pub fn by_name(tx: &mut Tx<'_>, family: Family, name: &str) -> Result<Option<ConfigObject>, StoreError> {
    let query = config_objects::table
        .filter(config_objects::family.eq(family.as_str()))
        .filter(config_objects::name.eq(name));
    let row: Option<ObjectRow> = find!(tx, query.select(ObjectRow::as_select()))?;
    row.map(Row::entity).transpose()
}

/// An object by the mark that Countersign keeps it under.
pub fn by_managed(tx: &mut Tx<'_>, managed: &str) -> Result<Option<ConfigObject>, StoreError> {
    let query = config_objects::table.filter(config_objects::managed.eq(managed));
    let row: Option<ObjectRow> = find!(tx, query.select(ObjectRow::as_select()))?;
    row.map(Row::entity).transpose()
}

/// All objects, by family and name.
pub fn all(tx: &mut Tx<'_>) -> Result<Vec<ConfigObject>, StoreError> {
    let query = config_objects::table.order((config_objects::family.asc(), config_objects::name.asc()));
    let rows: Vec<ObjectRow> = load!(tx, query.select(ObjectRow::as_select()))?;
    entities(rows)
}

/// A part of a family, by name; of one kind only, if one is given.
pub fn list(
    tx: &mut Tx<'_>,
    family: Family,
    kind: Option<&str>,
    page: &PageRequest,
) -> Result<Page<ConfigObject>, StoreError> {
    let after = page.after.as_deref().unwrap_or("");
    let of_kind = config_objects::kind.eq(kind.unwrap_or(""));
    let any_kind = kind.is_none().into_sql::<diesel::sql_types::Bool>();
    let query = config_objects::table
        .filter(config_objects::family.eq(family.as_str()))
        .filter(of_kind.or(any_kind))
        .filter(config_objects::name.gt(after))
        .order(config_objects::name.asc())
        .limit(fetch(page));
    let rows: Vec<ObjectRow> = load!(tx, query.select(ObjectRow::as_select()))?;
    Ok(page_of(entities(rows)?, page, |object: &ConfigObject| object.name.clone()))
}
