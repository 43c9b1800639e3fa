//! Which objects a blueprint was about when it was applied last.

use std::collections::{BTreeSet, HashMap};

use countersign_model::BlueprintInstanceId;
use countersign_types::RawId;
use diesel::prelude::*;

use crate::{
    Change, StoreError, Tx,
    columns::Id,
    conn::{execute, load},
    schema::{blueprint_instances, blueprint_objects},
};

/// Rows of one statement.
const AT_ONCE: usize = 1_000;

/// Replaces what a blueprint is about, announcing it when that is something else.
pub fn replace(
    tx: &mut Tx<'_>,
    instance: BlueprintInstanceId,
    objects: &BTreeSet<RawId>,
) -> Result<(), StoreError> {
    let own = blueprint_objects::instance_id.eq(Id::from(instance));
    let query = blueprint_objects::table.filter(own).select(blueprint_objects::object_id);
    let before: Vec<Id> = load!(tx, query)?;
    if before.iter().map(|id| id.0).collect::<BTreeSet<_>>() == *objects {
        return Ok(());
    }
    let own = blueprint_objects::instance_id.eq(Id::from(instance));
    execute!(tx, diesel::delete(blueprint_objects::table.filter(own)))?;
    let objects: Vec<RawId> = objects.iter().copied().collect();
    for some in objects.chunks(AT_ONCE) {
        let row = |object: &RawId| {
            (
                blueprint_objects::instance_id.eq(Id::from(instance)),
                blueprint_objects::object_id.eq(Id(*object)),
            )
        };
        let rows: Vec<_> = some.iter().map(row).collect();
        execute!(tx, diesel::insert_into(blueprint_objects::table).values(&rows))?;
    }
    tx.change(Change::Config);
    Ok(())
}

/// The blueprint of every object that one with a text of its own is about: the one applied last.
pub fn all(tx: &mut Tx<'_>) -> Result<HashMap<RawId, BlueprintInstanceId>, StoreError> {
    let has_text = blueprint_instances::path.ne("").or(blueprint_instances::content.ne(""));
    let query = blueprint_objects::table
        .inner_join(blueprint_instances::table)
        .filter(has_text)
        .order(blueprint_instances::last_applied.asc())
        .select((blueprint_objects::object_id, blueprint_objects::instance_id));
    let rows: Vec<(Id, Id)> = load!(tx, query)?;
    Ok(rows.into_iter().map(|(object, instance)| (object.0, BlueprintInstanceId(instance.0))).collect())
}
