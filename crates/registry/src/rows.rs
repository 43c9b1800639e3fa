//! How the objects of a kind stand in tables: what [`Engine`](crate::engine::Engine) needs to know.

use countersign_resource::{Describe, Descriptor, Nothing, Reference, schema_of};
use countersign_store::{Count, Listed, Snapshot, Tx};
use countersign_types::{JsonObject, RawId, Secret};
use serde_json::Value;

use crate::{
    ListFilter, ListQuery, Lookup, ReadCx, ResourceError, Usage, Verbs, Visible, WriteCx, search::Named,
};

/// A parsed and checked document on its way to a row.
pub(crate) struct Draft<T: Describe> {
    /// The object.
    pub(crate) id: RawId,
    /// Whether there is a row already.
    pub(crate) exists: bool,
    /// Attributes that stand in columns beside the kind's own.
    pub(crate) common: T::Common,
    /// The kind's own attributes.
    pub(crate) spec: T,
    /// Their document, secrets sealed.
    pub(crate) config: JsonObject,
}

/// A part of the rows of a kind.
pub(crate) struct Slice<R> {
    pub(crate) rows: Vec<R>,
    pub(crate) count: Option<Count>,
    pub(crate) next: Option<String>,
    pub(crate) is_cut: bool,
}

impl<R> From<Listed<R>> for Slice<R> {
    fn from(Listed { items, next, count, is_cut }: Listed<R>) -> Self {
        Self { rows: items, count, next, is_cut }
    }
}

/// What an index says.
pub(crate) enum Indexed {
    /// There is no index on the attribute.
    No,
    /// The object with this value, if there is one.
    Yes(Option<RawId>),
}

impl<T: Into<RawId>> From<Option<T>> for Indexed {
    fn from(found: Option<T>) -> Self {
        Self::Yes(found.map(Into::into))
    }
}

/// The rows of a kind.
pub(crate) trait Rows: Send + Sync + 'static {
    /// What a document of the kind says.
    type Spec: Describe;

    /// What stands in the tables.
    type Row: Clone + Send;

    /// Attributes that only one object may have with one value, each with an index.
    const UNIQUE: &'static [&'static str] = &[];

    /// References through which an object belongs to another and goes with it; the first is what it stands in.
    const OWNED_BY: &'static [&'static str] = &[];

    /// Attributes that tell an object from others of its kind, for export; those without a value do not count.
    const IDENTIFIED_BY: &'static [&'static str] = &["name"];

    /// Whether an export may hold the kind: what cannot be made again from its document may not.
    const EXPORTED: bool = true;

    /// Whether secrets are sealed in the document; otherwise the rows keep a digest or nothing.
    const SEALS: bool = true;

    /// Whether references are recorded for "used by"; the rows' own tables do otherwise.
    const RECORDS_REFERENCES: bool = true;

    /// Attributes that are taken in and never read back, beside secrets.
    const WRITE_ONLY: &'static [&'static str] = &[];

    /// What may be done to objects, whoever asks.
    const VERBS: Verbs = Verbs::All;

    /// How addresses name an object.
    const LOOKUP: Lookup = Lookup::Uuid;

    /// Parameters of lists beside those that follow from the attributes.
    const FILTERS: &'static [ListFilter] = &[];

    /// Whether lists answer these alone: [`Rows::page`] has no index for anything else.
    const ANSWERS_FILTERS_ALONE: bool = false;

    /// The parameter with which lists show read-only attributes that cost more ([`Rows::more`]), and what it
    /// does. Of one object alone they are always shown.
    const MORE: Option<(&'static str, &'static str)> = None;

    /// JSON schema of the read-only attributes.
    fn computed_schema(&self) -> Value {
        schema_of::<Nothing>()
    }

    /// A row.
    fn by_id(&self, tx: &mut Tx<'_>, id: RawId) -> Result<Option<Self::Row>, ResourceError>;

    /// All rows, in a steady order. Of kinds with many, [`Rows::page`] is asked instead.
    fn all(&self, tx: &mut Tx<'_>) -> Result<Vec<Self::Row>, ResourceError>;

    /// Which object a row is.
    fn id_of(row: &Self::Row) -> RawId;

    /// The whole document of a row, secrets sealed.
    fn document(&self, row: &Self::Row) -> Result<JsonObject, ResourceError>;

    /// How addresses name a row with this document.
    fn key_of(row: &Self::Row, document: &JsonObject) -> String {
        let named = match Self::LOOKUP {
            Lookup::Attribute(name) => document.get(name).and_then(Value::as_str).map(str::to_owned),
            Lookup::Uuid | Lookup::Integer(_) => None,
        };
        named.unwrap_or_else(|| Self::id_of(row).to_string())
    }

    /// The read-only attributes that stand in the row itself: shown even where the others are not asked for.
    fn at_hand(&self, _row: &Self::Row) -> JsonObject {
        JsonObject::new()
    }

    /// The read-only attributes of rows, one for each, in as few queries as there are questions.
    fn computed(
        &self,
        _: &mut Tx<'_>,
        _: ReadCx<'_>,
        rows: &[Self::Row],
    ) -> Result<Vec<JsonObject>, ResourceError> {
        Ok(vec![JsonObject::new(); rows.len()])
    }

    /// Fills in the read-only attributes that cost more.
    fn more(
        &self,
        _: &mut Tx<'_>,
        _: ReadCx<'_>,
        _rows: &[Self::Row],
        _shown: &mut [JsonObject],
    ) -> Result<(), ResourceError> {
        Ok(())
    }

    /// All rows, of a kind that is configuration in memory; none of others.
    fn kept<'s>(&self, _: &'s Snapshot) -> Option<Vec<&'s Self::Row>> {
        None
    }

    /// Some rows that a text may mean, in two or three statements however many rows there are; none where lists
    /// are made in memory.
    fn named(
        &self,
        _: &mut Tx<'_>,
        _text: &str,
        _: &Visible,
        _limit: u32,
    ) -> Result<Option<Vec<Named>>, ResourceError> {
        Ok(None)
    }

    /// A part of the rows, by the database; none where lists are made in memory.
    fn page(
        &self,
        _: &mut Tx<'_>,
        _: &ListQuery,
        _: &Visible,
    ) -> Result<Option<Slice<Self::Row>>, ResourceError> {
        Ok(None)
    }

    /// The few rows that somebody may see who has permission for single objects only.
    fn few(&self, tx: &mut Tx<'_>, ids: &[RawId]) -> Result<Slice<Self::Row>, ResourceError> {
        let mut rows = Vec::new();
        for id in ids {
            rows.extend(self.by_id(tx, *id)?);
        }
        let count = Some(Count::Exact(rows.len() as u64));
        Ok(Slice { rows, count, next: None, is_cut: false })
    }

    /// The whole document of an object, secrets sealed.
    fn get(&self, tx: &mut Tx<'_>, id: RawId) -> Result<Option<JsonObject>, ResourceError> {
        self.by_id(tx, id)?.map(|row| self.document(&row)).transpose()
    }

    /// All objects, in a steady order.
    fn ids(&self, tx: &mut Tx<'_>) -> Result<Vec<RawId>, ResourceError> {
        Ok(self.all(tx)?.iter().map(Self::id_of).collect())
    }

    /// The object with this value of this attribute.
    fn by_key(&self, _: &mut Tx<'_>, _attribute: &str, _value: &Value) -> Result<Indexed, ResourceError> {
        Ok(Indexed::No)
    }

    /// Fills in what a new document leaves out and must be made; returns what was made.
    fn complete(
        &self,
        _: &mut Tx<'_>,
        _: &Descriptor,
        _: &mut JsonObject,
    ) -> Result<Vec<(String, Secret<String>)>, ResourceError> {
        Ok(Vec::new())
    }

    /// Rules that need the database, beyond uniqueness and references.
    fn check(&self, _: &mut Tx<'_>, _: &Draft<Self::Spec>, _: &[Reference]) -> Result<(), ResourceError> {
        Ok(())
    }

    /// Refuses what would give somebody more than the actor has himself. `before` is the row as it is, `draft`
    /// what is to be; one of them is missing when an object is made or deleted.
    fn guard(
        &self,
        _: &mut Tx<'_>,
        _: WriteCx<'_>,
        _before: Option<&Self::Row>,
        _draft: Option<&Draft<Self::Spec>>,
    ) -> Result<(), ResourceError> {
        Ok(())
    }

    /// Who refers to an object in tables of the rows' own, at most a thousand, and what deletion does to them.
    fn holders(&self, _: &mut Tx<'_>, _: RawId) -> Result<Vec<Usage>, ResourceError> {
        Ok(Vec::new())
    }

    /// Writes the row, announcing the change.
    fn write(&self, _: &mut Tx<'_>, _: WriteCx<'_>, _: Draft<Self::Spec>) -> Result<(), ResourceError> {
        Err(ResourceError::ReadOnly)
    }

    /// Deletes the row, announcing the change.
    fn delete(&self, _: &mut Tx<'_>, _: RawId) -> Result<(), ResourceError> {
        Err(ResourceError::ReadOnly)
    }
}
