//! Consents on file: one per user and application.

mod browse;

use countersign_model::{ApplicationId, Consent, ConsentId, UserId};
use diesel::prelude::*;

pub use browse::{ConsentFilter, browse};

use crate::{
    Change, StoreError, Tx,
    columns::{Id, Row, entities, row},
    conn::{execute, find, load},
    schema::consents,
};

row! {
    #[diesel(table_name = consents)]
    ConsentRow of Consent {
        id: Id,
        #[diesel(column_name = user_id)]
        user: Id,
        #[diesel(column_name = application_id)]
        application: Id,
        permissions: String,
        expires: Option<i64>,
    }
}

/// Puts a consent on file, in the place of an earlier one, whose identifier stays.
pub fn put(tx: &mut Tx<'_>, consent: &Consent) -> Result<(), StoreError> {
    let row = ConsentRow::of(consent);
    let statement = diesel::insert_into(consents::table)
        .values(&row)
        .on_conflict((consents::user_id, consents::application_id))
        .do_update()
        .set((consents::permissions.eq(&row.permissions), consents::expires.eq(row.expires)));
    execute!(tx, statement)?;
    tx.change(Change::User(consent.user));
    Ok(())
}

/// The consent of a user for an application that has not expired.
pub fn by_user_and_application(
    tx: &mut Tx<'_>,
    user: UserId,
    application: ApplicationId,
) -> Result<Option<Consent>, StoreError> {
    let query = consents::table
        .filter(consents::user_id.eq(Id::from(user)))
        .filter(consents::application_id.eq(Id::from(application)))
        .filter(consents::expires.is_null().or(consents::expires.gt(tx.now().as_micros())));
    let row: Option<ConsentRow> = find!(tx, query.select(ConsentRow::as_select()))?;
    row.map(Row::entity).transpose()
}

/// The consents of a user that have not expired.
pub fn of_user(tx: &mut Tx<'_>, user: UserId) -> Result<Vec<Consent>, StoreError> {
    let query = consents::table
        .filter(consents::user_id.eq(Id::from(user)))
        .filter(consents::expires.is_null().or(consents::expires.gt(tx.now().as_micros())))
        .order(consents::application_id.asc());
    let rows: Vec<ConsentRow> = load!(tx, query.select(ConsentRow::as_select()))?;
    entities(rows)
}

/// A consent, expired or not.
pub fn by_id(tx: &mut Tx<'_>, id: ConsentId) -> Result<Option<Consent>, StoreError> {
    Ok(between(tx, id, id)?.pop())
}

/// The consents of a range of identifiers, both ends included; ten at most.
pub fn between(tx: &mut Tx<'_>, first: ConsentId, last: ConsentId) -> Result<Vec<Consent>, StoreError> {
    let query = consents::table
        .filter(consents::id.between(Id::from(first), Id::from(last)))
        .order(consents::id.asc())
        .limit(10);
    let rows: Vec<ConsentRow> = load!(tx, query.select(ConsentRow::as_select()))?;
    entities(rows)
}

/// Withdraws a consent; whether it was there.
pub fn delete(tx: &mut Tx<'_>, id: ConsentId) -> Result<bool, StoreError> {
    let statement = diesel::delete(consents::table.find(Id::from(id))).returning(consents::user_id);
    let user: Option<Id> = find!(tx, statement)?;
    if let Some(user) = user {
        tx.change(Change::User(UserId(user.0)));
    }
    Ok(user.is_some())
}
