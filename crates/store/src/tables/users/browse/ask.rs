//! What a filter comes to: the groups and words that it means, and how many rows could fit.

use countersign_model::UserType;
use diesel::prelude::*;

use super::{Between, UserFilter};
use crate::{
    StoreError, Tx,
    columns::Id,
    conn::load,
    groups,
    list::FEW,
    schema::{group_members, role_users, users},
    tables::{
        users::fold,
        words::{self, Kind},
    },
};

/// How the rows are reached.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// A unique index names them, or nearly.
    Key,
    /// These are all that may fit.
    Few(Vec<Id>),
    /// By the rows of the first word of the search: too many have it.
    Word,
    /// In the order of an index, one by one.
    Many,
}

/// A filter, looked up.
pub(super) struct Asked<'a> {
    pub(super) filter: &'a UserFilter,
    /// Beginnings of words, the longest first.
    pub(super) terms: Vec<String>,
    /// Patterns, one of which each must stand in name, display name or address.
    pub(super) phrases: Vec<String>,
    /// Whole words of attributes.
    pub(super) attributes: Vec<String>,
    /// Sets of groups; of each set one must have the user as a direct member.
    pub(super) groups: Vec<Vec<Id>>,
    /// Groups that must not have the user as a direct member.
    pub(super) other_groups: Vec<Id>,
    pub(super) reach: Reach,
}

/// The users that a query names, unless they are many.
macro_rules! few {
    ($tx:expr, $query:expr) => {{
        let mut found: Vec<Id> = load!($tx, $query.limit(FEW as i64 + 1))?;
        if found.len() <= FEW {
            found.sort_unstable();
            found.dedup();
            return Ok(Some(found));
        }
    }};
}

impl<'a> Asked<'a> {
    /// Looks a filter up; none when it lets nobody through.
    pub(super) fn of(tx: &mut Tx<'_>, filter: &'a UserFilter) -> Result<Option<Self>, StoreError> {
        let terms = match filter.search.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
            None => Vec::new(),
            Some(text) => match words::terms(text) {
                Some(terms) => terms,
                None => return Ok(None),
            },
        };
        let mut asked = Self {
            filter,
            terms,
            phrases: words::phrases(filter.search.as_deref().unwrap_or_default()),
            attributes: words::attribute_words(&filter.attributes).into_iter().collect(),
            groups: Vec::new(),
            other_groups: Vec::new(),
            reach: Reach::Many,
        };
        asked.look_up_groups(tx)?;
        asked.reach = asked.find_reach(tx)?;
        let is_empty = |few: &Vec<Id>| few.is_empty();
        let nobody =
            asked.groups.iter().any(is_empty) || matches!(&asked.reach, Reach::Few(few) if few.is_empty());
        Ok(Some(asked).filter(|_| !nobody))
    }

    /// Whether everybody is let through.
    pub(super) fn is_everybody(&self) -> bool {
        self.reach == Reach::Many && !self.is_filtered()
    }

    /// Whether rows are looked at that may not fit.
    pub(super) fn is_filtered(&self) -> bool {
        let filter = self.filter;
        let plain = [filter.date_joined, filter.last_updated, filter.last_login];
        !self.terms.is_empty()
            || !self.attributes.is_empty()
            || !self.groups.is_empty()
            || !self.other_groups.is_empty()
            || filter.roles.is_some()
            || filter.name.is_some()
            || filter.is_active.is_some()
            || filter.user_types.is_some()
            || filter.path.is_some()
            || filter.exact_path.is_some()
            || filter.path_prefix.is_some()
            || filter.has_logged_in.is_some()
            || !plain.into_iter().all(Between::is_open)
    }

    fn look_up_groups(&mut self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        if let Some(groups) = &self.filter.groups {
            self.groups.push(groups.iter().copied().map(Id::from).collect());
        }
        if let Some(names) = &self.filter.group_names {
            self.groups.push(groups::ids_by_names(tx, names)?);
        }
        match self.filter.is_superuser {
            None => {}
            Some(true) => self.groups.push(groups::superuser_groups(tx)?),
            Some(false) => self.other_groups = groups::superuser_groups(tx)?,
        }
        Ok(())
    }

    fn find_reach(&self, tx: &mut Tx<'_>) -> Result<Reach, StoreError> {
        let filter = self.filter;
        let is_key = filter.id.is_some()
            || filter.ids.is_some()
            || filter.pk.is_some()
            || filter.pks.is_some()
            || filter.username.is_some()
            || filter.email.is_some();
        if is_key {
            return Ok(Reach::Key);
        }
        if let Some(few) = self.few_by_others(tx)? {
            return Ok(Reach::Few(few));
        }
        if let Some(few) = self.few_by_own_columns(tx)? {
            return Ok(Reach::Few(few));
        }
        Ok(if self.terms.is_empty() { Reach::Many } else { Reach::Word })
    }

    /// Tries what stands in other tables, the likeliest to be few first.
    fn few_by_others(&self, tx: &mut Tx<'_>) -> Result<Option<Vec<Id>>, StoreError> {
        if let Some(roles) = &self.filter.roles {
            let roles: Vec<Id> = roles.iter().copied().map(Id::from).collect();
            few!(
                tx,
                role_users::table.filter(role_users::role_id.eq_any(&roles)).select(role_users::user_id)
            );
        }
        for groups in &self.groups {
            few!(
                tx,
                group_members::table
                    .filter(group_members::group_id.eq_any(groups))
                    .select(group_members::user_id)
            );
        }
        for word in &self.attributes {
            if let Some(few) = words::few_with(tx, Kind::UserAttribute, word, FEW)? {
                return Ok(Some(few));
            }
        }
        for term in &self.terms {
            if let Some(few) = words::few(tx, Kind::User, term, FEW)? {
                return Ok(Some(few));
            }
        }
        Ok(None)
    }

    /// Tries columns of users that have an index.
    fn few_by_own_columns(&self, tx: &mut Tx<'_>) -> Result<Option<Vec<Id>>, StoreError> {
        let filter = self.filter;
        if let Some(name) = &filter.name {
            few!(tx, users::table.filter(users::name_lower.eq(fold(name))).select(users::id));
        }
        if filter.is_active == Some(false) {
            few!(tx, users::table.filter(diesel::dsl::not(users::is_active)).select(users::id));
        }
        if let Some(path) = &filter.exact_path {
            few!(tx, users::table.filter(users::path.eq(path)).select(users::id));
        }
        for beginning in [filter.path.as_deref().map(below), filter.path_prefix.clone()].into_iter().flatten()
        {
            let (from, to) = range(&beginning);
            let own = beginning.trim_end_matches('/').to_owned();
            let is_below = filter.path.is_some();
            let within = users::path.ge(from).and(users::path.lt(to));
            let is_own = users::path.eq(own).and(is_below.into_sql::<diesel::sql_types::Bool>());
            few!(tx, users::table.filter(within.or(is_own)).select(users::id));
        }
        if let Some(types) = &filter.user_types {
            let types = texts(types);
            few!(tx, users::table.filter(users::user_type.eq_any(types)).select(users::id));
        }
        if !filter.date_joined.is_open() {
            let (from, last) = filter.date_joined.micros();
            few!(tx, users::table.filter(users::date_joined.between(from, last)).select(users::id));
        }
        if !filter.last_updated.is_open() {
            let (from, last) = filter.last_updated.micros();
            few!(tx, users::table.filter(users::last_updated.between(from, last)).select(users::id));
        }
        Ok(None)
    }
}

/// What a path begins with that lies below another.
pub(super) fn below(path: &str) -> String {
    format!("{}/", path.trim_end_matches('/'))
}

/// From where to where texts begin so.
pub(super) fn range(beginning: &str) -> (String, String) {
    (beginning.to_owned(), format!("{beginning}{}", char::MAX))
}

/// The spellings of kinds of account.
pub(super) fn texts(types: &[UserType]) -> Vec<&'static str> {
    types.iter().map(|user_type| user_type.as_str()).collect()
}
