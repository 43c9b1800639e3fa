//! Providers. Which kinds there are, and what their documents mean, is known above.

use countersign_model::{Provider, ProviderId};
use countersign_types::{Page, PageRequest};
use diesel::prelude::*;

use super::{fetch, grants, object_refs, page_of, whole};
use crate::{
    Change, StoreError, Tx,
    columns::{Id, Row, entities, row},
    conn::{find, load},
    schema::providers,
};

row! {
    #[diesel(table_name = providers)]
    ProviderRow of Provider {
        id: Id,
        pk: i64,
        kind: String,
        name: String,
        client_id: Option<String>,
        #[diesel(column_name = authentication_flow_id)]
        authentication_flow: Option<Id>,
        #[diesel(column_name = authorization_flow_id)]
        authorization_flow: Option<Id>,
        #[diesel(column_name = invalidation_flow_id)]
        invalidation_flow: Option<Id>,
        property_mappings: String,
        config: String,
    }
}

whole!(providers, ProviderRow, Provider, ProviderId, announcing Some(Change::Config));

/// Deletes a provider and revokes what was granted to it; whether it was there.
pub fn delete(tx: &mut Tx<'_>, id: ProviderId) -> Result<bool, StoreError> {
    grants::revoke_of_provider(tx, id)?;
    object_refs::replace(tx, "", id.raw(), &[])?;
    delete_row(tx, id)
}

/// A provider by its name.
pub fn by_name(tx: &mut Tx<'_>, name: &str) -> Result<Option<Provider>, StoreError> {
    let query = providers::table.filter(providers::name.eq(name));
    let row: Option<ProviderRow> = find!(tx, query.select(ProviderRow::as_select()))?;
    row.map(Row::entity).transpose()
}

/// A provider by its OAuth client identifier.
pub fn by_client_id(tx: &mut Tx<'_>, client_id: &str) -> Result<Option<Provider>, StoreError> {
    let query = providers::table.filter(providers::client_id.eq(client_id));
    let row: Option<ProviderRow> = find!(tx, query.select(ProviderRow::as_select()))?;
    row.map(Row::entity).transpose()
}

/// A provider by its integer key.
pub fn by_pk(tx: &mut Tx<'_>, pk: i64) -> Result<Option<Provider>, StoreError> {
    let query = providers::table.filter(providers::pk.eq(pk));
    let row: Option<ProviderRow> = find!(tx, query.select(ProviderRow::as_select()))?;
    row.map(Row::entity).transpose()
}

/// All of them, by name.
pub fn all(tx: &mut Tx<'_>) -> Result<Vec<Provider>, StoreError> {
    let query = providers::table.order(providers::name.asc());
    let rows: Vec<ProviderRow> = load!(tx, query.select(ProviderRow::as_select()))?;
    entities(rows)
}

/// A part of them, by name.
pub fn list(tx: &mut Tx<'_>, page: &PageRequest) -> Result<Page<Provider>, StoreError> {
    let after = page.after.as_deref().unwrap_or("");
    let query =
        providers::table.filter(providers::name.gt(after)).order(providers::name.asc()).limit(fetch(page));
    let rows: Vec<ProviderRow> = load!(tx, query.select(ProviderRow::as_select()))?;
    Ok(page_of(entities(rows)?, page, |entity: &Provider| entity.name.clone()))
}
