//! Applications.

use countersign_model::{Application, ApplicationId, ProviderId};
use countersign_types::{Page, PageRequest};
use diesel::prelude::*;

use super::{fetch, object_refs, page_of, policy_bindings, whole};
use crate::{
    Change, StoreError, Tx,
    columns::{Id, Row, entities, row},
    conn::{execute, find, load},
    schema::{applications, consents},
};

row! {
    #[diesel(table_name = applications)]
    ApplicationRow of Application {
        id: Id,
        name: String,
        slug: String,
        #[diesel(column_name = group_name)]
        group: String,
        #[diesel(column_name = provider_id)]
        provider: Option<Id>,
        meta_launch_url: String,
        meta_icon: String,
        meta_description: String,
        meta_publisher: String,
        meta_hide: bool,
        open_in_new_tab: bool,
        policy_engine_mode: String,
    }
}

whole!(applications, ApplicationRow, Application, ApplicationId, announcing Some(Change::Config));

/// Deletes an application with what guards it and the consents given for it; whether it was there.
pub fn delete(tx: &mut Tx<'_>, id: ApplicationId) -> Result<bool, StoreError> {
    policy_bindings::delete_of_target(tx, id.raw())?;
    execute!(tx, diesel::delete(consents::table.filter(consents::application_id.eq(Id::from(id)))))?;
    object_refs::replace(tx, "", id.raw(), &[])?;
    delete_row(tx, id)
}

/// An application by its name in the URL.
pub fn by_slug(tx: &mut Tx<'_>, slug: &str) -> Result<Option<Application>, StoreError> {
    let query = applications::table.filter(applications::slug.eq(slug));
    let row: Option<ApplicationRow> = find!(tx, query.select(ApplicationRow::as_select()))?;
    row.map(Row::entity).transpose()
}

/// The application that a provider signs people in to.
pub fn by_provider(tx: &mut Tx<'_>, provider: ProviderId) -> Result<Option<Application>, StoreError> {
    let query = applications::table.filter(applications::provider_id.eq(Id::from(provider)));
    let row: Option<ApplicationRow> = find!(tx, query.select(ApplicationRow::as_select()))?;
    row.map(Row::entity).transpose()
}

/// All applications, by name.
pub fn all(tx: &mut Tx<'_>) -> Result<Vec<Application>, StoreError> {
    let query = applications::table.order((applications::name.asc(), applications::slug.asc()));
    let rows: Vec<ApplicationRow> = load!(tx, query.select(ApplicationRow::as_select()))?;
    entities(rows)
}

/// A part of the applications, by slug.
pub fn list(tx: &mut Tx<'_>, page: &PageRequest) -> Result<Page<Application>, StoreError> {
    let after = page.after.as_deref().unwrap_or("");
    let query = applications::table
        .filter(applications::slug.gt(after))
        .order(applications::slug.asc())
        .limit(fetch(page));
    let rows: Vec<ApplicationRow> = load!(tx, query.select(ApplicationRow::as_select()))?;
    Ok(page_of(entities(rows)?, page, |application: &Application| application.slug.as_str().to_owned()))
}
