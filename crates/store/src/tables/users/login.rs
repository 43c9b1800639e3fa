//! When somebody last signed in.

use countersign_model::UserId;
use diesel::{
    RunQueryDsl,
    backend::Backend,
    query_builder::{AstPass, QueryFragment, QueryId},
    result::QueryResult,
    serialize::ToSql,
    sql_types::{BigInt, HasSqlType},
};

use crate::{
    StoreError, Tx,
    columns::{Guid, Id},
    conn::execute,
};

/// Notes that a session began. Not announced: who caches a user may miss it for a minute.
pub fn record_login(tx: &mut Tx<'_>, id: UserId) -> Result<(), StoreError> {
    let statement = RecordLogin { now: tx.now().as_micros(), user: Id::from(id) };
    execute!(tx, statement)?;
    Ok(())
}

/// As a type of its own it is prepared once for each connection; diesel has every `UPDATE` of its making parsed
/// and planned again.
#[derive(QueryId)]
struct RecordLogin {
    now: i64,
    user: Id,
}

impl<C> RunQueryDsl<C> for RecordLogin {}

impl<DB: Backend + HasSqlType<Guid>> QueryFragment<DB> for RecordLogin
where
    i64: ToSql<BigInt, DB>,
    Id: ToSql<Guid, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("UPDATE users SET last_login = ");
        out.push_bind_param::<BigInt, _>(&self.now)?;
        out.push_sql(" WHERE id = ");
        out.push_bind_param::<Guid, _>(&self.user)
    }
}
