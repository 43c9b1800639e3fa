//! Lists of tokens, by their slugs.

use countersign_model::{Token, TokenId, TokenIntent, UserId};
use diesel::prelude::*;

use super::TokenRow;
use crate::{
    Count, ListRequest, Listed, StoreError, Tx,
    columns::{Id, entities},
    conn::load,
    list::{self, FEW},
    schema::tokens,
    tables::users,
};

/// What a list of tokens asks; everything given must hold.
#[derive(Clone, Debug, Default)]
pub struct TokenFilter {
    /// One of these identifiers; an empty list lets no token through.
    pub ids: Option<Vec<TokenId>>,
    /// The beginning of the slug.
    pub beginning: Option<String>,
    /// The slug.
    pub identifier: Option<String>,
    /// Whose.
    pub user: Option<UserId>,
    /// What it is for.
    pub intents: Option<Vec<TokenIntent>>,
    /// The mark that Countersign keeps it under.
    pub managed: Option<String>,
    /// The beginning of the slug, or of words of the owner's names or address.
    pub search: Option<String>,
}

/// Users that a search may mean.
const NAMESAKES: usize = 500;

macro_rules! filtered {
    ($filter:expr, $users:expr) => {{
        let filter: &TokenFilter = $filter;
        let mut query = tokens::table.into_boxed();
        if let Some(ids) = &filter.ids {
            query = query.filter(tokens::id.eq_any(ids.iter().copied().map(Id::from)));
        }
        if let Some(beginning) = &filter.beginning {
            let end = format!("{beginning}{}", char::MAX);
            query = query.filter(tokens::identifier.ge(beginning)).filter(tokens::identifier.lt(end));
        }
        if let Some(identifier) = &filter.identifier {
            query = query.filter(tokens::identifier.eq(identifier));
        }
        if let Some(user) = filter.user {
            query = query.filter(tokens::user_id.eq(Id::from(user)));
        }
        if let Some(intents) = &filter.intents {
            query = query.filter(tokens::intent.eq_any(intents.iter().map(|intent| intent.as_str())));
        }
        if let Some(managed) = &filter.managed {
            query = query.filter(tokens::managed.eq(managed));
        }
        if let Some((beginning, users)) = $users {
            let end = format!("{beginning}{}", char::MAX);
            let begins = tokens::identifier.ge(beginning).and(tokens::identifier.lt(end));
            query = query.filter(begins.or(tokens::user_id.eq_any(users)));
        }
        query
    }};
}

/// Cursors of these lists.
const CURSOR: char = 't';

/// A part of the tokens that a filter lets through, expired ones too. The count is exact when 1000 or fewer fit.
pub fn browse(
    tx: &mut Tx<'_>,
    filter: &TokenFilter,
    request: &ListRequest,
) -> Result<Listed<Token>, StoreError> {
    let users: Option<(String, Vec<Id>)> = match filter.search.as_deref().map(str::trim) {
        None | Some("") => None,
        Some(text) => {
            let users = users::namesakes(tx, text, NAMESAKES)?;
            Some((text.to_lowercase(), users.iter().map(|user| Id::from(user.id)).collect()))
        }
    };
    let after = request.after::<String>(CURSOR).map(|position| position.value);
    let rows: Vec<TokenRow> = load!(tx, {
        let mut query = filtered!(filter, &users);
        if let Some(after) = &after {
            query = query.filter(tokens::identifier.gt(after));
        }
        query
            .order(tokens::identifier.asc())
            .offset(request.skipped())
            .limit(request.fetched())
            .select(TokenRow::as_select())
    })?;
    let position = |token: &Token| list::cursor(CURSOR, Id::from(token.id), &token.identifier);
    let mut listed = request.page(entities(rows)?, position);
    if request.count {
        let found: Vec<Id> = load!(tx, filtered!(filter, &users).select(tokens::id).limit(FEW as i64 + 1))?;
        listed.count = Some(Count::found(found.len()));
    }
    Ok(listed)
}
