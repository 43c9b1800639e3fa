//! What a filter comes to: the groups and words that it means, and how many rows could fit.

use countersign_model::UserType;
use diesel::prelude::*;

use super::{UserFilter, source::Source};
use crate::{
    StoreError, Tx,
    columns::Id,
    conn::load,
    groups,
    list::FEW,
    schema::{group_members, role_users, users},
    tables::{
        users::fold,
        words::{self, Place},
    },
};

/// Indexes that are asked whether few meet their condition.
const TRIED: usize = 3;

/// How the rows are reached.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// A unique index names them, or nearly.
    Key,
    /// These are all that may fit; with their folded names, in that order, when the index knew them.
    Few(Vec<(String, Id)>, Names),
    /// By the rows of an index that knows one condition, which many meet.
    Walk(Source),
    /// In the order of an index, one by one.
    Many,
}

/// Whether names came with identifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Names {
    Known,
    Unknown,
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
    /// How many conditions there are.
    pub(super) conditions: usize,
    pub(super) reach: Reach,
}

/// The users that a query names, unless they are many.
macro_rules! few {
    ($tx:expr, $query:expr) => {{
        let mut found: Vec<Id> = load!($tx, $query.limit(FEW as i64 + 1))?;
        if found.len() <= FEW {
            found.sort_unstable();
            found.dedup();
            let found = found.into_iter().map(|id| (String::new(), id)).collect();
            return Ok(Some(Reach::Few(found, Names::Unknown)));
        }
    }};
}

impl<'a> Asked<'a> {
    /// A filter as it stands; none when it lets nobody through.
    pub(super) fn new(filter: &'a UserFilter) -> Option<Self> {
        let search = filter.search.as_deref().map(str::trim).filter(|text| !text.is_empty());
        let terms = search.map_or(Some(Vec::new()), words::terms)?;
        let mut asked = Self {
            filter,
            terms,
            phrases: words::phrases(filter.search.as_deref().unwrap_or_default()),
            attributes: words::attribute_words(&filter.attributes).into_iter().collect(),
            groups: Vec::new(),
            other_groups: Vec::new(),
            conditions: 0,
            reach: Reach::Many,
        };
        asked.conditions = asked.count_conditions();
        Some(asked)
    }

    /// Looks a filter up; none when it lets nobody through.
    pub(super) fn of(tx: &mut Tx<'_>, filter: &'a UserFilter) -> Result<Option<Self>, StoreError> {
        let Some(mut asked) = Self::new(filter) else { return Ok(None) };
        asked.look_up_groups(tx)?;
        asked.conditions = asked.count_conditions();
        asked.reach = asked.find_reach(tx)?;
        let is_empty = |few: &Vec<Id>| few.is_empty();
        let nobody =
            asked.groups.iter().any(is_empty) || matches!(&asked.reach, Reach::Few(few, _) if few.is_empty());
        Ok(Some(asked).filter(|_| !nobody))
    }

    /// How many conditions rows are to meet beside keys.
    fn count_conditions(&self) -> usize {
        let filter = self.filter;
        let single = [
            filter.roles.is_some(),
            filter.name.is_some(),
            filter.is_active.is_some(),
            filter.user_types.is_some(),
            filter.path.is_some(),
            filter.exact_path.is_some(),
            filter.path_prefix.is_some(),
            filter.has_logged_in.is_some(),
            !filter.date_joined.is_open(),
            !filter.last_updated.is_open(),
            !filter.last_login.is_open(),
            !self.other_groups.is_empty(),
        ];
        let single = single.into_iter().filter(|is_asked| *is_asked).count();
        single + self.terms.len() + self.phrases.len() + self.attributes.len() + self.groups.len()
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
        if let Some(few) = self.few_by_ids(tx)? {
            return Ok(few);
        }
        let mut likeliest = None;
        for source in self.sources().into_iter().take(TRIED) {
            // Whether there are more is seen without reading the rows that are passed over.
            if source.is_beyond(tx, FEW)? {
                likeliest = likeliest.or(Some(source));
                continue;
            }
            let places = source.walk(tx, None, 0, FEW as i64)?;
            return Ok(Reach::Few(by_name(places), Names::Known));
        }
        Ok(likeliest.map_or(Reach::Many, Reach::Walk))
    }

    /// Tries conditions whose indexes know no names.
    fn few_by_ids(&self, tx: &mut Tx<'_>) -> Result<Option<Reach>, StoreError> {
        let filter = self.filter;
        if let Some(roles) = &filter.roles {
            let roles: Vec<Id> = roles.iter().copied().map(Id::from).collect();
            let holders = role_users::table.filter(role_users::role_id.eq_any(&roles));
            few!(tx, holders.select(role_users::user_id));
        }
        for groups in self.groups.iter().filter(|groups| groups.len() > 1) {
            let members = group_members::table.filter(group_members::group_id.eq_any(groups));
            few!(tx, members.select(group_members::user_id));
        }
        if let Some(name) = &filter.name {
            few!(tx, users::table.filter(users::name_lower.eq(fold(name))).select(users::id));
        }
        if let Some(types) = filter.user_types.as_ref().filter(|types| types.len() > 1) {
            few!(tx, users::table.filter(users::user_type.eq_any(texts(types))).select(users::id));
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

    /// The indexes that know a condition and names, the likeliest to be few first.
    fn sources(&self) -> Vec<Source> {
        let filter = self.filter;
        let groups = self.groups.iter().filter_map(|groups| match groups.as_slice() {
            [group] => Some(Source::Group(*group)),
            _ => None,
        });
        let mut sources: Vec<Source> = groups.collect();
        sources.extend(self.attributes.iter().cloned().map(Source::Attribute));
        sources.extend(self.terms.iter().cloned().map(Source::Word));
        sources.extend((filter.is_active == Some(false)).then_some(Source::Inactive));
        if let Some(path) = &filter.exact_path {
            let (from, to) = words::whole(path);
            sources.push(Source::Path(from, to));
        }
        sources.extend(filter.path.as_ref().map(|path| Source::Below(path.trim_end_matches('/').to_owned())));
        if let Some(beginning) = &filter.path_prefix {
            let (from, to) = words::beginning(beginning);
            sources.push(Source::Path(from, to));
        }
        if let Some([user_type]) = filter.user_types.as_deref() {
            sources.push(Source::Type(user_type.as_str()));
        }
        sources
    }
}

/// Each user once, in the order of names.
fn by_name(places: Vec<Place>) -> Vec<(String, Id)> {
    let mut found: Vec<_> = places.into_iter().map(|(_, name, id)| (name, id)).collect();
    found.sort_unstable();
    found.dedup();
    found
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
