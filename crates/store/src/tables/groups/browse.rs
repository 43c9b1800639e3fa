//! Lists of groups, of which there may be some ten thousand.

use std::collections::HashMap;

use countersign_model::{Group, GroupId, UserId};
use diesel::{dsl::exists, prelude::*};

use super::{COLUMNS, GroupColumns, found_by, with_parents};
use crate::{
    Count, ListRequest, Listed, Sort, Start, StoreError, Tx,
    columns::Id,
    conn::load,
    list::{self, FEW},
    schema::{group_members, groups},
    tables::{
        users,
        words::{self, Kind, Place},
    },
};

/// What a list of groups asks; everything given must hold.
#[derive(Clone, Debug, Default)]
pub struct GroupFilter {
    /// One of these identifiers; an empty list lets no group through.
    pub ids: Option<Vec<GroupId>>,
    /// The name.
    pub name: Option<String>,
    /// Whether members are administrators without limits by this group itself.
    pub is_superuser: Option<bool>,
    /// One of these users is a direct member.
    pub members: Option<Vec<UserId>>,
    /// One of the users of these names is a direct member.
    pub member_names: Option<Vec<String>>,
    /// The beginnings of words of the name, whatever their case; all of them.
    pub search: Option<String>,
}

/// By what groups are ordered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GroupOrder {
    /// The name.
    #[default]
    Name,
}

/// A filter, looked up.
struct Asked<'a> {
    filter: &'a GroupFilter,
    terms: Vec<String>,
    members: Vec<Vec<Id>>,
    /// The groups that the users are members of, or that have a word of the search, unless they are many.
    few: Option<Vec<Id>>,
}

macro_rules! filtered {
    ($asked:expr) => {{
        let asked: &Asked<'_> = $asked;
        let mut query = groups::table.into_boxed();
        if let Some(few) = &asked.few {
            query = query.filter(groups::id.eq_any(few));
        }
        if let Some(ids) = &asked.filter.ids {
            query = query.filter(groups::id.eq_any(ids.iter().copied().map(Id::from)));
        }
        if let Some(name) = &asked.filter.name {
            query = query.filter(groups::name.eq(name));
        }
        match asked.filter.is_superuser {
            None => {}
            // Written as the index is that holds only these.
            Some(true) => query = query.filter(groups::is_superuser),
            Some(false) => query = query.filter(groups::is_superuser.eq(false)),
        }
        for term in &asked.terms {
            query = query.filter(groups::words.like(words::begins_with(term)));
        }
        for users in &asked.members {
            let memberships = group_members::table
                .filter(group_members::group_id.eq(groups::id))
                .filter(group_members::user_id.eq_any(users));
            query = query.filter(exists(memberships));
        }
        query
    }};
}

/// A part of the groups that a filter lets through, by name; in the order of the words found when more than
/// 1000 have the word that a search is for. The count is exact, but for such a search.
pub fn browse(
    tx: &mut Tx<'_>,
    filter: &GroupFilter,
    sort: Sort<GroupOrder>,
    request: &ListRequest,
) -> Result<Listed<Group>, StoreError> {
    let Some(asked) = Asked::of(tx, filter)? else { return Ok(Listed::nothing()) };
    let is_search = !asked.terms.is_empty() && asked.few.is_none();
    let mut listed = if is_search {
        by_word(tx, &asked, request)?
    } else {
        by_name(tx, &asked, sort.descending, request)?
    };
    if request.count {
        let is_whole = request.start == Start::First && listed.next.is_none() && request.limit > 0;
        listed.count = Some(if is_whole {
            Count::Exact(listed.items.len() as u64)
        } else if is_search {
            at_least(tx, &asked, &listed)?
        } else {
            count(tx, &asked)?
        });
    }
    Ok(listed)
}

/// A few groups that a search may mean, and their names, in three statements at most: of a word that many have,
/// the first 250 rows are looked at.
pub fn propose(tx: &mut Tx<'_>, search: &str, limit: u32) -> Result<Vec<(GroupId, String)>, StoreError> {
    let Some(terms) = words::terms(search) else { return Ok(Vec::new()) };
    let mut few = words::proposed(tx, Kind::Group, &terms)?;
    if terms.len() == 1 {
        few.truncate(limit as usize);
    }
    if few.is_empty() {
        return Ok(Vec::new());
    }
    let filter = GroupFilter::default();
    let asked = Asked { filter: &filter, terms, members: Vec::new(), few: Some(few) };
    let rows: Vec<(Id, String)> = load!(tx, {
        let query = filtered!(&asked).order(groups::name.asc()).limit(i64::from(limit));
        query.select((groups::id, groups::name))
    })?;
    Ok(rows.into_iter().map(|(id, name)| (GroupId(id.0), name)).collect())
}

impl<'a> Asked<'a> {
    /// Looks a filter up; none when it lets no group through.
    fn of(tx: &mut Tx<'_>, filter: &'a GroupFilter) -> Result<Option<Self>, StoreError> {
        let terms = match filter.search.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
            None => Vec::new(),
            Some(text) => match words::terms(text) {
                Some(terms) => terms,
                None => return Ok(None),
            },
        };
        let mut members = Vec::new();
        if let Some(users) = &filter.members {
            members.push(users.iter().copied().map(Id::from).collect());
        }
        if let Some(names) = &filter.member_names {
            members.push(users::ids_by_names(tx, names)?);
        }
        let few = few(tx, &terms, &members)?;
        let nothing = few.as_ref().is_some_and(Vec::is_empty);
        Ok(Some(Self { filter, terms, members, few }).filter(|_| !nothing))
    }
}

fn few(tx: &mut Tx<'_>, terms: &[String], members: &[Vec<Id>]) -> Result<Option<Vec<Id>>, StoreError> {
    for users in members {
        let query = group_members::table
            .filter(group_members::user_id.eq_any(users))
            .select(group_members::group_id)
            .limit(FEW as i64 + 1);
        let mut found: Vec<Id> = load!(tx, query)?;
        if found.len() <= FEW {
            found.sort_unstable();
            found.dedup();
            return Ok(Some(found));
        }
    }
    for term in terms {
        if let Some(few) = words::few(tx, Kind::Group, term, FEW)? {
            return Ok(Some(few));
        }
    }
    Ok(None)
}

/// How many groups a search finds of which many have the first word.
fn at_least(tx: &mut Tx<'_>, asked: &Asked<'_>, listed: &Listed<Group>) -> Result<Count, StoreError> {
    Ok(Count::AtLeast(match asked.terms.as_slice() {
        [term] => words::at_least(tx, Kind::Group, term)?,
        _ => listed.items.len() as u64,
    }))
}

/// Rows that are looked at for a page by its number of a search for several words.
const MOST_PASSED: i64 = 10_000;

/// Cursors of lists by name.
const CURSOR: char = 'n';

fn by_name(
    tx: &mut Tx<'_>,
    asked: &Asked<'_>,
    descending: bool,
    request: &ListRequest,
) -> Result<Listed<Group>, StoreError> {
    let after = request.after::<String>(CURSOR).map(|position| position.value);
    let rows: Vec<GroupColumns> = load!(tx, {
        let mut query = filtered!(asked);
        if let Some(after) = &after {
            query = if descending {
                query.filter(groups::name.lt(after))
            } else {
                query.filter(groups::name.gt(after))
            };
        }
        let query =
            if descending { query.order(groups::name.desc()) } else { query.order(groups::name.asc()) };
        query.offset(request.skipped()).limit(request.fetched()).select(COLUMNS)
    })?;
    let groups = with_parents(tx, rows)?;
    Ok(request.page(groups, |group| list::cursor(CURSOR, Id::from(group.id), &group.name)))
}

fn count(tx: &mut Tx<'_>, asked: &Asked<'_>) -> Result<Count, StoreError> {
    let found: Vec<i64> = load!(tx, filtered!(asked).count())?;
    let number = found.first().and_then(|number| u64::try_from(*number).ok());
    Ok(Count::Exact(number.unwrap_or(0)))
}

/// Groups that have a word which begins so, as many groups do.
fn by_word(tx: &mut Tx<'_>, asked: &Asked<'_>, request: &ListRequest) -> Result<Listed<Group>, StoreError> {
    let Some(term) = asked.terms.first() else { return Ok(Listed::nothing()) };
    // Some have two such words, and some do not have the others: a page by its number is a window of the index
    // when one word is asked for, and stands behind what fits of all the rows before it when there are more.
    let (skip, step, passed) = match request.start {
        Start::Skip(_) if asked.terms.len() == 1 => (request.skipped(), i64::from(request.limit.max(1)), 0),
        Start::Skip(_) => (0, MOST_PASSED, request.skipped()),
        Start::First | Start::After(_) => (0, request.fetched() * 3, 0),
    };
    let (after, (from, to)) = (words::place(request), words::beginning(term));
    let places = words::walk(tx, Kind::Group, (&from, &to), after.as_ref(), skip, step)?;
    let rest = places.last().filter(|_| places.len() as i64 == step).map(words::cursor);
    let ids: Vec<Id> = places.iter().map(|(_, _, id)| *id).collect();
    let rows: Vec<GroupColumns> = load!(tx, filtered!(asked).filter(groups::id.eq_any(ids)).select(COLUMNS))?;
    let by_id: HashMap<Id, &GroupColumns> = rows.iter().map(|row| (row.0, row)).collect();
    let fits = |place: &Place| {
        let row = by_id.get(&place.2)?;
        let first = found_by(&row.1).words.into_iter().find(|word| word.starts_with(term.as_str()))?;
        (first == place.0).then(|| (place.clone(), (*row).clone()))
    };
    let found = places.iter().filter_map(fits).skip(usize::try_from(passed).unwrap_or(usize::MAX)).collect();
    let listed = request.page(found, |(place, _): &(Place, GroupColumns)| words::cursor(place));
    let rows: Vec<GroupColumns> = listed.items.into_iter().map(|(_, row)| row).collect();
    Ok(Listed::of(with_parents(tx, rows)?, listed.next.or(rest)))
}
