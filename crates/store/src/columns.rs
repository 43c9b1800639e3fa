//! How values stand in columns: the one SQL type of our own, and the correspondence of entity and column.

use std::{collections::HashMap, hash::Hash, io::Write};

use countersign_model as model;
use countersign_types::{Digest, JsonObject, Secret, Slug, Timestamp};
use diesel::{
    backend::Backend,
    deserialize::{self, FromSql, FromSqlRow},
    expression::AsExpression,
    pg::{Pg, PgValue},
    serialize::{self, IsNull, Output, ToSql},
    sql_types::{Binary, SqlType},
    sqlite::Sqlite,
};
use serde_json::Value;
use uuid::Uuid;

use crate::StoreError;

/// A 128-bit identifier: `uuid` on PostgreSQL, 16 bytes on SQLite.
#[derive(Clone, Copy, Debug, SqlType, diesel::query_builder::QueryId)]
#[diesel(postgres_type(oid = 2950, array_oid = 2951), sqlite_type(name = "Binary"))]
pub struct Guid;

/// A value of [`Guid`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = Guid)]
pub(crate) struct Id(pub(crate) Uuid);

impl ToSql<Guid, Pg> for Id {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(self.0.as_bytes())?;
        Ok(IsNull::No)
    }
}

impl FromSql<Guid, Pg> for Id {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(Uuid::from_slice(value.as_bytes())?))
    }
}

impl ToSql<Guid, Sqlite> for Id {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0.as_bytes().as_slice());
        Ok(IsNull::No)
    }
}

impl FromSql<Guid, Sqlite> for Id {
    fn from_sql(value: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        let bytes = <Vec<u8> as FromSql<Binary, Sqlite>>::from_sql(value)?;
        Ok(Self(Uuid::from_slice(&bytes)?))
    }
}

/// A column's Rust type that holds a field of an entity.
pub(crate) trait Column<T>: Sized {
    /// The field as it is kept.
    fn keep(value: &T) -> Self;
    /// The field as it was meant.
    fn restore(self) -> Result<T, StoreError>;
}

/// A row that stands for an entity of the model.
pub(crate) trait Row: Sized {
    type Entity;
    fn of(entity: &Self::Entity) -> Self;
    fn entity(self) -> Result<Self::Entity, StoreError>;
}

/// The entities of rows.
pub(crate) fn entities<R: Row>(rows: Vec<R>) -> Result<Vec<R::Entity>, StoreError> {
    rows.into_iter().map(R::entity).collect()
}

/// What belongs to each of something, of rows that name the one and the other.
pub(crate) fn grouped<K: Eq + Hash, V>(
    rows: Vec<(Id, Id)>,
    key: impl Fn(Uuid) -> K,
    value: impl Fn(Uuid) -> V,
) -> HashMap<K, Vec<V>> {
    let mut grouped: HashMap<K, Vec<V>> = HashMap::new();
    for (one, other) in rows {
        grouped.entry(key(one.0)).or_default().push(value(other.0));
    }
    grouped
}

/// Declares the row of an entity: one line per field, `field: column type`. Every insert names every column, so that
/// its SQL is the same each time and prepared once.
macro_rules! row {
    ($(#[$meta:meta])* $row:ident of $entity:ident { $($(#[$attr:meta])* $field:ident: $column:ty),+ $(,)? }) => {
        #[derive(
            diesel::prelude::Queryable, diesel::prelude::Selectable,
            diesel::prelude::Insertable, diesel::prelude::AsChangeset,
        )]
        #[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
        $(#[$meta])*
        pub(crate) struct $row { $($(#[$attr])* $field: $column),+ }

        impl $crate::columns::Row for $row {
            type Entity = $entity;

            fn of(entity: &$entity) -> Self {
                Self { $($field: $crate::columns::Column::keep(&entity.$field)),+ }
            }

            fn entity(self) -> Result<$entity, $crate::StoreError> {
                Ok($entity { $($field: $crate::columns::Column::restore(self.$field)?),+ })
            }
        }
    };
}
pub(crate) use row;

impl<T, C: Column<T>> Column<Option<T>> for Option<C> {
    fn keep(value: &Option<T>) -> Self {
        value.as_ref().map(C::keep)
    }

    fn restore(self) -> Result<Option<T>, StoreError> {
        self.map(C::restore).transpose()
    }
}

/// Fields that stand in columns as they are.
macro_rules! plain {
    ($($ty:ty),+) => {$(
        impl Column<$ty> for $ty {
            fn keep(value: &$ty) -> Self {
                value.clone()
            }

            fn restore(self) -> Result<$ty, StoreError> {
                Ok(self)
            }
        }
    )+};
}
plain!(String, bool, i32, i64, Vec<u8>);

/// Typed identifiers.
macro_rules! identifiers {
    ($($ty:ident),+) => {$(
        impl Column<model::$ty> for Id {
            fn keep(value: &model::$ty) -> Self {
                Self(value.0)
            }

            fn restore(self) -> Result<model::$ty, StoreError> {
                Ok(model::$ty(self.0))
            }
        }

        impl From<model::$ty> for Id {
            fn from(id: model::$ty) -> Self {
                Self(id.0)
            }
        }
    )+};
}
identifiers!(
    ApplicationId,
    BlueprintInstanceId,
    BrandId,
    ConfigObjectId,
    ConsentId,
    EventId,
    FlowId,
    FlowStageBindingId,
    GrantId,
    GroupId,
    InvitationId,
    JobId,
    KeyPairId,
    KeyVersionId,
    NotificationId,
    PolicyBindingId,
    ProviderId,
    ReputationId,
    RevisionId,
    RoleId,
    SessionId,
    TokenId,
    UserId
);

impl Column<Uuid> for Id {
    fn keep(value: &Uuid) -> Self {
        Self(*value)
    }

    fn restore(self) -> Result<Uuid, StoreError> {
        Ok(self.0)
    }
}

impl Column<Timestamp> for i64 {
    fn keep(value: &Timestamp) -> Self {
        value.as_micros()
    }

    fn restore(self) -> Result<Timestamp, StoreError> {
        Ok(Timestamp::from_micros(self))
    }
}

impl Column<Digest> for Vec<u8> {
    fn keep(value: &Digest) -> Self {
        value.as_bytes().to_vec()
    }

    fn restore(self) -> Result<Digest, StoreError> {
        self.try_into().map(Digest).map_err(|_| StoreError::Corrupt("a digest has not 32 bytes".to_owned()))
    }
}

impl Column<Secret<Self>> for String {
    fn keep(value: &Secret<Self>) -> Self {
        value.expose().clone()
    }

    fn restore(self) -> Result<Secret<Self>, StoreError> {
        Ok(Secret::new(self))
    }
}

impl Column<Secret<Self>> for Vec<u8> {
    fn keep(value: &Secret<Self>) -> Self {
        value.expose().clone()
    }

    fn restore(self) -> Result<Secret<Self>, StoreError> {
        Ok(Secret::new(self))
    }
}

/// Texts that are parsed: slugs and the enums of the model.
macro_rules! parsed {
    ($($ty:ty),+) => {$(
        impl Column<$ty> for String {
            fn keep(value: &$ty) -> Self {
                value.as_str().to_owned()
            }

            fn restore(self) -> Result<$ty, StoreError> {
                self.parse().map_err(|error| StoreError::Corrupt(format!("{error}")))
            }
        }
    )+};
}
parsed!(
    Slug,
    model::BlueprintStatus,
    model::DeniedAction,
    model::EventAction,
    model::Severity,
    model::Family,
    model::FlowAuthentication,
    model::FlowDesignation,
    model::FlowLayout,
    model::InvalidResponseAction,
    model::JobState,
    model::KeyAlgorithm,
    model::PolicyEngineMode,
    model::RevisionAction,
    model::TokenIntent,
    model::UserType
);

/// Documents, kept as JSON text.
macro_rules! documents {
    ($($ty:ty),+) => {$(
        impl Column<$ty> for String {
            fn keep(value: &$ty) -> Self {
                // Writing a tree of JSON values, strings and identifiers to a string has no way to fail.
                serde_json::to_string(value).unwrap_or_default()
            }

            fn restore(self) -> Result<$ty, StoreError> {
                serde_json::from_str(&self).map_err(|error| StoreError::Corrupt(format!("JSON: {error}")))
            }
        }
    )+};
}
documents!(
    Value,
    JsonObject,
    Vec<Uuid>,
    Vec<model::KeyPairId>,
    Vec<String>,
    model::EventUser,
    model::Impersonation,
    model::SessionBinding
);
