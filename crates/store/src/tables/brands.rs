//! Brands.

use countersign_model::{Brand, BrandId};
use countersign_types::{Page, PageRequest};
use diesel::prelude::*;

use super::{fetch, object_refs, page_of, whole};
use crate::{
    Change, StoreError, Tx,
    columns::{Id, Row, entities, row},
    conn::{find, load},
    schema::brands,
};

row! {
    #[diesel(table_name = brands)]
    BrandRow of Brand {
        id: Id,
        domain: String,
        #[diesel(column_name = is_default)]
        default: bool,
        branding_title: String,
        branding_logo: String,
        branding_favicon: String,
        branding_custom_css: String,
        branding_default_flow_background: String,
        #[diesel(column_name = flow_authentication_id)]
        flow_authentication: Option<Id>,
        #[diesel(column_name = flow_invalidation_id)]
        flow_invalidation: Option<Id>,
        #[diesel(column_name = flow_recovery_id)]
        flow_recovery: Option<Id>,
        #[diesel(column_name = flow_unenrollment_id)]
        flow_unenrollment: Option<Id>,
        #[diesel(column_name = flow_user_settings_id)]
        flow_user_settings: Option<Id>,
        #[diesel(column_name = flow_device_code_id)]
        flow_device_code: Option<Id>,
        #[diesel(column_name = default_application_id)]
        default_application: Option<Id>,
        client_certificates: String,
        attributes: String,
    }
}

whole!(brands, BrandRow, Brand, BrandId, announcing Some(Change::Config));

/// Deletes a brand; whether it was there.
pub fn delete(tx: &mut Tx<'_>, id: BrandId) -> Result<bool, StoreError> {
    object_refs::replace(tx, "", id.raw(), &[])?;
    delete_row(tx, id)
}

/// A brand by its domain.
pub fn by_domain(tx: &mut Tx<'_>, domain: &str) -> Result<Option<Brand>, StoreError> {
    let query = brands::table.filter(brands::domain.eq(domain));
    let row: Option<BrandRow> = find!(tx, query.select(BrandRow::as_select()))?;
    row.map(Row::entity).transpose()
}

/// The brand that stands for every other domain.
pub fn default(tx: &mut Tx<'_>) -> Result<Option<Brand>, StoreError> {
    let query = brands::table.filter(brands::is_default.eq(true)).order(brands::domain.asc());
    let row: Option<BrandRow> = find!(tx, query.limit(1).select(BrandRow::as_select()))?;
    row.map(Row::entity).transpose()
}

/// All of them, by domain.
pub fn all(tx: &mut Tx<'_>) -> Result<Vec<Brand>, StoreError> {
    let query = brands::table.order(brands::domain.asc());
    let rows: Vec<BrandRow> = load!(tx, query.select(BrandRow::as_select()))?;
    entities(rows)
}

/// A part of them, by domain.
pub fn list(tx: &mut Tx<'_>, page: &PageRequest) -> Result<Page<Brand>, StoreError> {
    let after = page.after.as_deref().unwrap_or("");
    let query = brands::table.filter(brands::domain.gt(after)).order(brands::domain.asc()).limit(fetch(page));
    let rows: Vec<BrandRow> = load!(tx, query.select(BrandRow::as_select()))?;
    Ok(page_of(entities(rows)?, page, |entity: &Brand| entity.domain.clone()))
}
