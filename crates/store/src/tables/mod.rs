//! The query modules, one per table: free functions over a [`Tx`](crate::Tx) that return entities.

pub mod applications;
pub mod blueprint_instances;
pub mod blueprint_objects;
pub mod brands;
pub mod codes;
pub mod config_objects;
pub mod consents;
pub mod counters;
pub mod events;
pub mod expired;
pub mod flow_stage_bindings;
pub mod flows;
pub mod grants;
pub mod groups;
pub mod invitations;
pub mod jobs;
pub mod key_pairs;
pub mod notifications;
pub mod object_refs;
pub mod password_history;
pub mod plans;
pub mod policy_bindings;
pub mod providers;
pub mod reputations;
pub mod revisions;
pub mod roles;
pub mod schedules;
pub mod sessions;
pub mod settings;
pub mod throttles;
pub mod tokens;
pub mod users;
pub(crate) mod words;

use countersign_types::{Page, PageRequest};

/// The queries that are written by hand.
#[cfg(feature = "testing")]
pub(crate) const RAW_QUERIES: [&str; 4] =
    [users::GROUPS_OF_USER, users::PATHS, groups::ANCESTORS, groups::SUPERUSER_GROUPS];

/// Rows to fetch for a page: one more than is shown tells whether there are more.
fn fetch(page: &PageRequest) -> i64 {
    i64::from(page.limit.clamp(1, 1000)) + 1
}

/// Cuts what was fetched to a page; the position is that of the last row shown.
fn page_of<T>(mut items: Vec<T>, page: &PageRequest, position: impl Fn(&T) -> String) -> Page<T> {
    let limit = page.limit.clamp(1, 1000) as usize;
    let more = items.len() > limit;
    items.truncate(limit);
    let next = if more { items.last().map(position) } else { None };
    Page { items, next }
}

/// The writes and the look-up that every table of whole entities has.
macro_rules! whole {
    ($table:ident, $row:ident, $entity:ident, $id:ident, announcing $change:expr) => {
        /// Writes a new row.
        pub fn create(tx: &mut $crate::Tx<'_>, entity: &$entity) -> Result<(), $crate::StoreError> {
            let row = <$row as $crate::columns::Row>::of(entity);
            $crate::conn::execute!(tx, diesel::insert_into($table::table).values(&row))?;
            let announce: Option<$crate::Change> = $change;
            announce.into_iter().for_each(|change| tx.change(change));
            Ok(())
        }

        /// Overwrites a row as a whole; whether it was there.
        pub fn update(tx: &mut $crate::Tx<'_>, entity: &$entity) -> Result<bool, $crate::StoreError> {
            let row = <$row as $crate::columns::Row>::of(entity);
            let target = $table::table.find($crate::columns::Id::from(entity.id));
            let found = $crate::conn::execute!(tx, diesel::update(target).set(&row))? > 0;
            let announce: Option<$crate::Change> = $change;
            announce.into_iter().for_each(|change| tx.change(change));
            Ok(found)
        }

        /// A row by its identifier.
        pub fn by_id(tx: &mut $crate::Tx<'_>, id: $id) -> Result<Option<$entity>, $crate::StoreError> {
            let target = $table::table.find($crate::columns::Id::from(id));
            let row: Option<$row> = $crate::conn::find!(tx, target.select($row::as_select()))?;
            row.map($crate::columns::Row::entity).transpose()
        }

        /// Deletes a row and nothing else; whether it was there.
        fn delete_row(tx: &mut $crate::Tx<'_>, id: $id) -> Result<bool, $crate::StoreError> {
            let target = $table::table.find($crate::columns::Id::from(id));
            let found = $crate::conn::execute!(tx, diesel::delete(target))? > 0;
            $crate::roles::forget_object(tx, id.raw())?;
            let announce: Option<$crate::Change> = $change;
            announce.into_iter().for_each(|change| tx.change(change));
            Ok(found)
        }
    };
}
use whole;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_page_says_where_to_continue() {
        let page = page_of(vec![1, 2, 3], &PageRequest::first(2), i32::to_string);
        assert_eq!((page.items, page.next), (vec![1, 2], Some("2".to_owned())));
        let page = page_of(vec![1, 2], &PageRequest::first(2), i32::to_string);
        assert_eq!((page.items, page.next), (vec![1, 2], None));
    }
}
