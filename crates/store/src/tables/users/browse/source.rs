//! The indexes that know who fits a condition, each in an order of its own: of words or paths, and then of
//! names.

use diesel::{prelude::*, sql_types::Text};

use crate::{
    StoreError, Tx,
    columns::{Guid, Id},
    conn::load,
    list::compared,
    schema::{group_members, users},
    tables::words::{self, Kind, Place},
};

/// An index, and the part of it where a condition is met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// A word of name or address begins so. Somebody may have several such words.
    Word(String),
    /// Something stands in the attributes.
    Attribute(String),
    /// Direct member of a group.
    Group(Id),
    /// A path and what lies below it.
    Below(String),
    /// How the path begins.
    Path(String, String),
    /// A kind of account.
    Type(&'static str),
    /// The account must not be used.
    Inactive,
}

/// The rows of users that a condition names, in the order of their names, from behind a place on.
macro_rules! by_name {
    ($tx:expr, $condition:expr, $after:expr, $skip:expr, $limit:expr) => {{
        let after = $after.map_or("", |(_, name, _)| name.as_str());
        load!(
            $tx,
            users::table
                .filter($condition)
                .filter(users::username_lower.gt(after))
                .order(users::username_lower.asc())
                .select(("".into_sql::<Text>(), users::username_lower, users::id))
                .offset($skip)
                .limit($limit)
        )
    }};
}

/// A boxed query for users of paths before one; with a root, of that path and what lies below it only.
macro_rules! of_paths {
    ($to:expr, $root:expr) => {{
        let query = users::table.filter(users::path.lt($to)).into_boxed();
        match $root {
            None => query,
            Some(root) => query.filter(users::path.eq(root).or(users::path.ge(format!("{root}/")))),
        }
    }};
}

/// The paths of users from one up to, not including, another.
macro_rules! in_paths {
    ($from:expr, $to:expr, $root:expr) => {
        of_paths!($to, $root).filter(users::path.ge($from)).order(users::path.asc()).select(users::path)
    };
}

/// Whether a query has more rows than that.
macro_rules! has_more {
    ($tx:expr, $query:expr, $rows:expr) => {{
        let found: Vec<String> = load!($tx, $query.offset($rows).limit(1))?;
        Ok(!found.is_empty())
    }};
}

impl Source {
    /// Rows of the index, in its order, from behind a place on.
    pub(super) fn walk(
        &self,
        tx: &mut Tx<'_>,
        after: Option<&Place>,
        skip: i64,
        limit: i64,
    ) -> Result<Vec<Place>, StoreError> {
        match self {
            Self::Word(_) | Self::Attribute(_) => {
                let (kind, (from, to)) = self.words();
                words::walk(tx, kind, (&from, &to), after, skip, limit)
            }
            Self::Group(group) => members(tx, *group, after, skip, limit),
            Self::Below(path) => {
                let (_, end) = words::beginning(&format!("{path}/"));
                by_path(tx, (path, &end), Some(path), after, skip, limit)
            }
            Self::Path(from, to) => by_path(tx, (from, to), None, after, skip, limit),
            Self::Type(user_type) => by_name!(tx, users::user_type.eq(*user_type), after, skip, limit),
            // Written as the index is that holds only these.
            Self::Inactive => by_name!(tx, diesel::dsl::not(users::is_active), after, skip, limit),
        }
    }

    fn words(&self) -> (Kind, (String, String)) {
        match self {
            Self::Attribute(word) => (Kind::UserAttribute, words::whole(word)),
            Self::Word(term) => (Kind::User, words::beginning(term)),
            _ => (Kind::User, Default::default()),
        }
    }

    /// Whether it has more rows than that. Those that are passed over are passed over in the index: nothing is
    /// asked for that it does not hold.
    pub(super) fn is_beyond(&self, tx: &mut Tx<'_>, rows: usize) -> Result<bool, StoreError> {
        let rows = i64::try_from(rows).unwrap_or(i64::MAX);
        match self {
            Self::Word(_) | Self::Attribute(_) | Self::Group(_) => {
                Ok(!self.walk(tx, None, rows, 1)?.is_empty())
            }
            Self::Below(path) => {
                let (_, end) = words::beginning(&format!("{path}/"));
                has_more!(tx, in_paths!(path, &end, Some(path)), rows)
            }
            Self::Path(from, to) => has_more!(tx, in_paths!(from, to, None::<&str>), rows),
            Self::Type(user_type) => {
                let of_type = users::table.filter(users::user_type.eq(*user_type));
                has_more!(tx, of_type.order(users::username_lower.asc()).select(users::username_lower), rows)
            }
            Self::Inactive => {
                let inactive = users::table.filter(diesel::dsl::not(users::is_active));
                has_more!(tx, inactive.order(users::username_lower.asc()).select(users::username_lower), rows)
            }
        }
    }
}

fn members(
    tx: &mut Tx<'_>,
    group: Id,
    after: Option<&Place>,
    skip: i64,
    limit: i64,
) -> Result<Vec<Place>, StoreError> {
    load!(tx, {
        let mut query = group_members::table.filter(group_members::group_id.eq(group)).into_boxed();
        if let Some((_, name, user)) = after {
            let columns = "group_members.sort_key, group_members.user_id";
            query = query.filter(compared!(columns, ">", Text: name, Guid: *user));
        }
        query
            .order((group_members::sort_key.asc(), group_members::user_id.asc()))
            .select(("".into_sql::<Text>(), group_members::sort_key, group_members::user_id))
            .offset(skip)
            .limit(limit)
    })
}

/// Users of a range of paths; with `root`, of that path and what lies below it only.
fn by_path(
    tx: &mut Tx<'_>,
    (from, to): (&str, &str),
    root: Option<&str>,
    after: Option<&Place>,
    skip: i64,
    limit: i64,
) -> Result<Vec<Place>, StoreError> {
    load!(tx, {
        let mut query = of_paths!(to, root);
        query = match after {
            None => query.filter(users::path.ge(from)),
            Some((path, name, _)) => {
                query.filter(compared!("users.path, users.username_lower", ">", Text: path, Text: name))
            }
        };
        query
            .order((users::path.asc(), users::username_lower.asc()))
            .select((users::path, users::username_lower, users::id))
            .offset(skip)
            .limit(limit)
    })
}
