//! Lists of authorization codes that wait to be used. They live for a minute, so that there are few.

use std::collections::HashMap;

use countersign_model::{AuthorizationCode, Grant, GrantId, ProviderId, UserId};
use diesel::prelude::*;

use super::CodeRow;
use crate::{
    Count, ListRequest, Listed, Start, StoreError, Tx, columns::entities, conn::load, grants, list::FEW,
    schema::authorization_codes,
};

/// What a list of codes asks; everything given must hold.
#[derive(Clone, Debug, Default)]
pub struct CodeFilter {
    /// Whose.
    pub user: Option<UserId>,
    /// For which client.
    pub provider: Option<ProviderId>,
}

/// A part of the codes that were not used and have not expired, of the latest 1000, each with the grant that it
/// brings; the one that lives longest first.
pub fn browse(
    tx: &mut Tx<'_>,
    filter: &CodeFilter,
    request: &ListRequest,
) -> Result<Listed<(AuthorizationCode, Grant)>, StoreError> {
    let query = authorization_codes::table
        .filter(authorization_codes::expires.gt(tx.now().as_micros()))
        .filter(authorization_codes::consumed.is_null())
        .order((authorization_codes::expires.desc(), authorization_codes::key.asc()))
        .limit(FEW as i64);
    let rows: Vec<CodeRow> = load!(tx, query.select(CodeRow::as_select()))?;
    let codes: Vec<AuthorizationCode> = entities(rows)?;
    let ids: Vec<GrantId> = codes.iter().map(|code| code.grant).collect();
    let grants: HashMap<GrantId, Grant> =
        grants::by_ids(tx, &ids)?.into_iter().map(|grant| (grant.id, grant)).collect();
    let fits = |(code, grant): &(AuthorizationCode, Grant)| {
        filter.user.is_none_or(|user| grant.user == user)
            && filter.provider.is_none_or(|provider| code.provider == provider)
    };
    let codes = codes.into_iter().filter_map(|code| Some((grants.get(&code.grant)?.clone(), code)));
    let codes: Vec<_> = codes.map(|(grant, code)| (code, grant)).filter(fits).collect();
    let number = codes.len() as u64;
    let skipped = match &request.start {
        Start::First => 0,
        Start::Skip(rows) => usize::try_from(*rows).unwrap_or(usize::MAX),
        Start::After(shown) => shown.parse().unwrap_or(0),
    };
    let next = skipped.saturating_add(request.shown());
    let rest: Vec<_> = codes.into_iter().skip(skipped).collect();
    let mut listed = request.page(rest, |_| next.to_string());
    listed.count = request.count.then_some(Count::Exact(number));
    Ok(listed)
}
