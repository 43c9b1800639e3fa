//! Lists of users in the order of an index, and how many they are.

use std::collections::HashMap;

use countersign_model::User;
use diesel::{
    dsl::sql,
    prelude::*,
    sql_types::{BigInt, Bool, Text},
};

use super::{
    UserOrder,
    ask::{Asked, Names, Reach, below, range, texts},
    rows, walk,
};
use crate::{
    Count, ListRequest, Listed, Sort, StoreError, Tx,
    columns::{Guid, Id, entities},
    conn::load,
    list::{self, FEW, Position, compared},
    schema::{group_members, role_users, search_words, users},
    tables::{
        users::{UserRow, fold, indexed},
        words::{self, Kind},
    },
};

/// The direct memberships of a user in some groups.
macro_rules! memberships {
    ($groups:expr) => {
        group_members::table
            .filter(group_members::user_id.eq(users::id))
            .filter(group_members::group_id.eq_any($groups))
    };
}

/// A boxed query with what is asked. Only keys, and the rows that may fit, are written so that an index serves
/// them: without statistics a database takes any other condition for a rare one.
macro_rules! filtered {
    ($asked:expr) => {{
        let (asked, filter): (&Asked<'_>, _) = ($asked, $asked.filter);
        let mut query = users::table.into_boxed();
        if let Reach::Few(few, _) = &asked.reach {
            query = query.filter(users::id.eq_any(few.iter().map(|(_, id)| *id)));
        }
        if let Some(id) = filter.id {
            query = query.filter(users::id.eq(Id::from(id)));
        }
        if let Some(ids) = &filter.ids {
            query = query.filter(users::id.eq_any(ids.iter().copied().map(Id::from)));
        }
        if let Some(pk) = filter.pk {
            query = query.filter(users::pk.eq(pk));
        }
        if let Some(pks) = &filter.pks {
            query = query.filter(users::pk.eq_any(pks));
        }
        if let Some(username) = &filter.username {
            query = query.filter(users::username_lower.eq(fold(username)));
        }
        if let Some(email) = &filter.email {
            query = query.filter(users::email_lower.eq(fold(email)));
        }
        if let Some(name) = &filter.name {
            query = query.filter(unindexed_text("name").eq(name));
        }
        if let Some(is_active) = filter.is_active {
            // Not by the index of those who are inactive: it may hold thousands where few are asked about.
            query = query.filter(unindexed_switch("is_active").eq(is_active));
        }
        if let Some(path) = &filter.path {
            let (from, to) = range(&below(path));
            let own = path.trim_end_matches('/');
            let within = unindexed_text("path").ge(from).and(unindexed_text("path").lt(to));
            query = query.filter(unindexed_text("path").eq(own).or(within));
        }
        if let Some(path) = &filter.exact_path {
            query = query.filter(unindexed_text("path").eq(path));
        }
        if let Some(beginning) = &filter.path_prefix {
            let (from, to) = range(beginning);
            query = query.filter(unindexed_text("path").ge(from).and(unindexed_text("path").lt(to)));
        }
        if let Some(types) = &filter.user_types {
            query = query.filter(unindexed_text("user_type").eq_any(texts(types)));
        }
        if !filter.date_joined.is_open() {
            let (from, last) = filter.date_joined.micros();
            query = query.filter(unindexed_number("date_joined").between(from, last));
        }
        if !filter.last_updated.is_open() {
            let (from, last) = filter.last_updated.micros();
            query = query.filter(unindexed_number("last_updated").between(from, last));
        }
        if !filter.last_login.is_open() {
            let (from, last) = filter.last_login.micros();
            query = query.filter(users::last_login.is_not_null());
            query = query.filter(users::last_login.assume_not_null().between(from, last));
        }
        match filter.has_logged_in {
            None => {}
            Some(true) => query = query.filter(users::last_login.is_not_null()),
            Some(false) => query = query.filter(users::last_login.is_null()),
        }
        for term in &asked.terms {
            query = query.filter(users::words.like(words::begins_with(term)));
        }
        for phrase in &asked.phrases {
            query = query.filter(
                users::username_lower
                    .like(phrase)
                    .escape('\\')
                    .or(users::email_lower.like(phrase).escape('\\'))
                    .or(users::name_lower.like(phrase).escape('\\')),
            );
        }
        for word in &asked.attributes {
            let rows = search_words::table
                .filter(search_words::kind.eq(Kind::UserAttribute as i16))
                .filter(search_words::word.eq(word.as_str()))
                .filter(search_words::sort_key.eq(users::username_lower))
                .filter(search_words::object_id.eq(users::id));
            query = query.filter(diesel::dsl::exists(rows));
        }
        for groups in &asked.groups {
            query = query.filter(diesel::dsl::exists(memberships!(groups)));
        }
        if !asked.other_groups.is_empty() {
            let memberships = memberships!(&asked.other_groups);
            query = query.filter(diesel::dsl::not(diesel::dsl::exists(memberships)));
        }
        if let Some(roles) = &filter.roles {
            let given = role_users::table
                .filter(role_users::user_id.eq(users::id))
                .filter(role_users::role_id.eq_any(roles.iter().copied().map(Id::from)));
            query = query.filter(diesel::dsl::exists(given));
        }
        query
    }};
}

/// A column that no index is to be used for.
fn unindexed_text(column: &str) -> diesel::expression::SqlLiteral<Text> {
    sql(&format!("coalesce(users.{column}, users.{column})"))
}

/// A column that no index is to be used for.
fn unindexed_switch(column: &str) -> diesel::expression::SqlLiteral<Bool> {
    sql(&format!("coalesce(users.{column}, users.{column})"))
}

/// A column that no index is to be used for.
fn unindexed_number(column: &str) -> diesel::expression::SqlLiteral<BigInt> {
    sql(&format!("coalesce(users.{column}, users.{column})"))
}

/// Cursors of these lists.
const CURSOR: char = 'o';

/// The SQL of a column and its type: text or number.
const fn column(order: UserOrder) -> (&'static str, bool) {
    match order {
        UserOrder::Username => ("users.username_lower", true),
        UserOrder::Name => ("users.name_lower", true),
        UserOrder::Email => ("users.email_lower", true),
        UserOrder::Pk => ("users.pk", false),
        UserOrder::DateJoined => ("users.date_joined", false),
        UserOrder::LastUpdated => ("users.last_updated", false),
        UserOrder::LastLogin => ("coalesce(users.last_login, 0)", false),
    }
}

/// The identifiers of a page, ordered by a column of some type, and where the next one begins.
macro_rules! identifiers {
    ($tx:expr, $asked:expr, $sort:expr, $request:expr, $ty:ty, $value:ty) => {{
        let (column, _) = column($sort.by);
        let (descending, request) = ($sort.descending, $request);
        let after: Option<Position<$value>> = request.after(CURSOR);
        let mut bounds = if is_bounded($asked) { request.bounds() } else { Vec::new() }.into_iter();
        let (found, last) = loop {
            let bound = bounds.next();
            let last: Option<Position<$value>> = match bound {
                None => None,
                Some(rows) => {
                    let found: Vec<($value, Id)> = load!($tx, {
                        let mut query = within_dates!(users::table.into_boxed(), $asked.filter, $sort);
                        if let Some(after) = &after {
                            query = behind!(query, $ty, column, after, descending);
                        }
                        in_order!(query, $ty, column, descending).offset(rows).limit(1)
                    })?;
                    found.into_iter().next().map(|(value, id)| Position { value, id })
                }
            };
            let found: Vec<($value, Id)> = load!($tx, {
                let mut query = filtered!($asked);
                if let Some(after) = &after {
                    query = behind!(query, $ty, column, after, descending);
                }
                if let Some(last) = &last {
                    query = up_to!(query, $ty, column, last, descending);
                }
                query = within_dates!(query, $asked.filter, $sort);
                in_order!(query, $ty, column, descending).offset(request.skipped()).limit(request.fetched())
            })?;
            if last.is_none() || found.len() > request.shown() || bounds.len() == 0 {
                break (found, last);
            }
        };
        let listed = request.page(found, |(value, id)| list::cursor(CURSOR, *id, value));
        let rest = last.map(|last| list::cursor(CURSOR, last.id, &last.value));
        let ids: Vec<Id> = listed.items.iter().map(|(_, id)| *id).collect();
        let is_cut = request.is_cut(listed.next.is_none() && rest.is_some());
        (ids, listed.next.or(rest), is_cut)
    }};
}

/// Only dates asked for, where the index of the order knows them.
macro_rules! within_dates {
    ($query:expr, $filter:expr, $sort:expr) => {{
        let mut query = $query;
        if $sort.by == UserOrder::DateJoined && !$filter.date_joined.is_open() {
            let (from, last) = $filter.date_joined.micros();
            query = query.filter(users::date_joined.between(from, last));
        }
        if $sort.by == UserOrder::LastUpdated && !$filter.last_updated.is_open() {
            let (from, last) = $filter.last_updated.micros();
            query = query.filter(users::last_updated.between(from, last));
        }
        query
    }};
}

/// Only what comes behind a place.
macro_rules! behind {
    ($query:expr, $ty:ty, $column:expr, $position:expr, $descending:expr) => {
        from_place!($query, $ty, $column, $position, if $descending { "<" } else { ">" })
    };
}

/// Only what comes up to a place.
macro_rules! up_to {
    ($query:expr, $ty:ty, $column:expr, $position:expr, $descending:expr) => {
        from_place!($query, $ty, $column, $position, if $descending { ">=" } else { "<=" })
    };
}

/// Only what lies so to a place.
macro_rules! from_place {
    ($query:expr, $ty:ty, $column:expr, $position:expr, $sign:expr) => {{
        let Position { value, id } = $position;
        $query.filter(compared!(format!("{}, users.id", $column), $sign, $ty: value.clone(), Guid: *id))
    }};
}

/// Ordered, and only the columns of a place.
macro_rules! in_order {
    ($query:expr, $ty:ty, $column:expr, $descending:expr) => {{
        let query = if $descending {
            $query.order((sql::<$ty>($column).desc(), users::id.desc()))
        } else {
            $query.order((sql::<$ty>($column).asc(), users::id.asc()))
        };
        query.select((sql::<$ty>($column), users::id))
    }};
}

/// Whether rows are looked at that may not fit, and only so many.
fn is_bounded(asked: &Asked<'_>) -> bool {
    asked.reach == Reach::Many && asked.conditions > 0
}

/// A page.
pub(super) fn page(
    tx: &mut Tx<'_>,
    asked: &Asked<'_>,
    sort: Sort<UserOrder>,
    request: &ListRequest,
) -> Result<Listed<User>, StoreError> {
    if let Reach::Few(few, Names::Known) = &asked.reach
        && asked.conditions == 1
        && sort.by == UserOrder::Username
    {
        return page_of_few(tx, few, sort.descending, request);
    }
    let sort = affordable(asked, sort);
    let (_, is_text) = column(sort.by);
    let (ids, next, is_cut) = if is_text {
        identifiers!(tx, asked, sort, request, Text, String)
    } else {
        identifiers!(tx, asked, sort, request, BigInt, i64)
    };
    Ok(Listed { is_cut, ..Listed::of(rows(tx, &ids)?, next) })
}

/// The order asked for, unless many rows would have to be sorted for it.
fn affordable(asked: &Asked<'_>, sort: Sort<UserOrder>) -> Sort<UserOrder> {
    let filter = asked.filter;
    match sort.by {
        _ if asked.reach != Reach::Many => sort,
        UserOrder::DateJoined | UserOrder::LastUpdated => sort,
        _ if !filter.date_joined.is_open() => Sort::ascending(UserOrder::DateJoined),
        _ if !filter.last_updated.is_open() => Sort::ascending(UserOrder::LastUpdated),
        UserOrder::LastLogin => Sort::default(),
        UserOrder::Username | UserOrder::Name | UserOrder::Email | UserOrder::Pk => sort,
    }
}

/// A page of users whose names are known and who all fit.
fn page_of_few(
    tx: &mut Tx<'_>,
    few: &[(String, Id)],
    descending: bool,
    request: &ListRequest,
) -> Result<Listed<User>, StoreError> {
    let after: Option<Position<String>> = request.after(CURSOR);
    let is_behind = |(name, id): &&(String, Id)| {
        after.as_ref().is_none_or(|after| match descending {
            false => (name, id) > (&after.value, &after.id),
            true => (name, id) < (&after.value, &after.id),
        })
    };
    let mut found: Vec<&(String, Id)> = few.iter().filter(is_behind).collect();
    if descending {
        found.reverse();
    }
    let fetched = usize::try_from(request.fetched()).unwrap_or(usize::MAX);
    let skipped = usize::try_from(request.skipped()).unwrap_or(usize::MAX);
    let found: Vec<_> = found.into_iter().skip(skipped).take(fetched).collect();
    let listed = request.page(found, |(name, id)| list::cursor(CURSOR, *id, name));
    let ids: Vec<Id> = listed.items.iter().map(|(_, id)| *id).collect();
    Ok(Listed::of(rows(tx, &ids)?, listed.next))
}

/// Those of some users that fit, each with his words.
pub(super) fn fitting(
    tx: &mut Tx<'_>,
    asked: &Asked<'_>,
    ids: &[Id],
) -> Result<HashMap<Id, String>, StoreError> {
    let rows: Vec<(Id, String)> = load!(tx, {
        let query = filtered!(asked).filter(users::id.eq_any(ids));
        query.select((users::id, users::words))
    })?;
    Ok(rows.into_iter().collect())
}

/// The same, each with his row too.
pub(super) fn fitting_rows(
    tx: &mut Tx<'_>,
    asked: &Asked<'_>,
    ids: &[Id],
) -> Result<HashMap<Id, (String, UserRow)>, StoreError> {
    let rows: Vec<(Id, String, UserRow)> = load!(tx, {
        let query = filtered!(asked).filter(users::id.eq_any(ids));
        query.select((users::id, users::words, UserRow::as_select()))
    })?;
    Ok(rows.into_iter().map(|(id, words, row)| (id, (words, row))).collect())
}

/// The first of some users that fit, by name.
pub(super) fn first_fitting(
    tx: &mut Tx<'_>,
    asked: &Asked<'_>,
    ids: &[Id],
    limit: u32,
) -> Result<Vec<User>, StoreError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<UserRow> = load!(tx, {
        let query = filtered!(asked).filter(users::id.eq_any(ids)).order(users::username_lower.asc());
        query.limit(i64::from(limit)).select(UserRow::as_select())
    })?;
    entities(rows)
}

/// How many fit, as far as [`super::browse`] promises.
pub(super) fn count(tx: &mut Tx<'_>, asked: &Asked<'_>) -> Result<Count, StoreError> {
    match &asked.reach {
        Reach::Many if asked.conditions == 0 => return Ok(Count::Exact(indexed::number(tx)?)),
        Reach::Walk(source) => return walk::count(tx, asked, source),
        Reach::Few(few, _) if asked.conditions == 1 => return Ok(Count::Exact(few.len() as u64)),
        Reach::Many | Reach::Few(..) | Reach::Key => {}
    }
    let last = if asked.reach == Reach::Many { last_counted(tx)? } else { None };
    let found: Vec<Id> = load!(tx, {
        let mut query = filtered!(asked).select(users::id).limit(FEW as i64 + 1);
        if let Some(last) = &last {
            query = query.filter(users::username_lower.le(last)).order(users::username_lower.asc());
        }
        query
    })?;
    Ok(match Count::found(found.len()) {
        Count::Exact(number) if last.is_some() => Count::AtLeast(number),
        count => count,
    })
}

/// The name of the last user that a count looks at, when there are more.
fn last_counted(tx: &mut Tx<'_>) -> Result<Option<String>, StoreError> {
    let query = users::table
        .order(users::username_lower.asc())
        .offset(FEW as i64)
        .limit(1)
        .select(users::username_lower);
    let found: Vec<String> = load!(tx, query)?;
    Ok(found.into_iter().next())
}
