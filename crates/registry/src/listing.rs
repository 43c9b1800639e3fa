//! Lists of one kind: by the database where it has many objects, in memory where it has few.

use countersign_crypto::digest_hex;
use countersign_resource::without_secrets;
use countersign_store::{Count, Snapshot, Tx};
use countersign_types::{JsonObject, RawId};
use serde_json::Value;

use crate::{
    ListPage, ListQuery, Lookup, Permission, ReadCx, ResourceError, Viewed, Visible,
    audit::display_name,
    engine::Engine,
    memory::{self, Candidate},
    rows::Rows,
};

/// Most objects in one page.
pub(crate) const MAX_LIMIT: u32 = 1_000;

/// Which read-only attributes are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extras {
    /// Those alone that cost nothing, see [`Rows::at_hand`].
    None,
    /// Those that lists show.
    Usual,
    /// Those too that cost more.
    All,
}

impl Extras {
    const fn of(query: &ListQuery) -> Self {
        match (query.computed, query.more) {
            (false, _) => Self::None,
            (true, false) => Self::Usual,
            (true, true) => Self::All,
        }
    }
}

impl<R: Rows> Engine<R> {
    /// A part of what the actor may see. With a snapshot, what it holds is not asked for.
    pub(crate) fn list_visible(
        &self,
        tx: &mut Tx<'_>,
        cx: ReadCx<'_>,
        snapshot: Option<&Snapshot>,
        query: &ListQuery,
    ) -> Result<ListPage, ResourceError> {
        let visible = cx.actor.visible(&Permission::view(self.descriptor.model));
        if matches!(visible, Visible::None) {
            return Ok(ListPage { count: query.count.then_some(0), ..ListPage::default() });
        }
        let query = ListQuery { limit: query.limit.min(MAX_LIMIT), ..query.clone() };
        if let Some(slice) = self.rows.page(tx, &query, &visible)? {
            let items = self.shown_rows(tx, cx, &slice.rows, Extras::of(&query))?;
            return Ok(ListPage {
                items,
                count: slice.count.map(Count::number),
                is_at_least: matches!(slice.count, Some(Count::AtLeast(_))),
                next: slice.next,
                is_cut: slice.is_cut,
            });
        }
        let kept = snapshot.and_then(|snapshot| self.rows.kept(snapshot));
        let rows = match kept {
            Some(kept) => kept.into_iter().cloned().collect(),
            None => self.rows.all(tx)?,
        };
        self.list_in_memory(tx, cx, rows, &query, &visible)
    }

    fn list_in_memory(
        &self,
        tx: &mut Tx<'_>,
        cx: ReadCx<'_>,
        mut rows: Vec<R::Row>,
        query: &ListQuery,
        visible: &Visible,
    ) -> Result<ListPage, ResourceError> {
        let asks_computed = self.asks_computed(query)?;
        if let Visible::Only(ids) = visible {
            rows.retain(|row| ids.contains(&R::id_of(row)));
        }
        let computed = if asks_computed { self.rows.computed(tx, cx, &rows)? } else { Vec::new() };
        let documents = rows.iter().map(|row| Ok(without_secrets(&self.rows.document(row)?)));
        let documents = documents.collect::<Result<Vec<_>, ResourceError>>()?;
        let candidates: Vec<_> = rows
            .iter()
            .zip(&documents)
            .enumerate()
            .map(|(place, (row, document))| Candidate {
                id: R::id_of(row),
                document,
                computed: computed.get(place),
            })
            .collect();
        let places = memory::select(&candidates, query);
        let ids: Vec<RawId> =
            places.iter().filter_map(|place| candidates.get(*place)).map(|candidate| candidate.id).collect();
        let (range, next) = memory::page(&ids, query);
        let mut rows: Vec<_> = rows.into_iter().map(Some).collect();
        let wanted = places.get(range).unwrap_or_default();
        let rows: Vec<_> = wanted.iter().filter_map(|place| rows.get_mut(*place)?.take()).collect();
        let items = self.shown_rows(tx, cx, &rows, Extras::of(query))?;
        let count = query.count.then_some(places.len() as u64);
        Ok(ListPage { items, count, next, ..ListPage::default() })
    }

    /// Whether filters or order look at read-only attributes; a name that nobody knows is an error.
    fn asks_computed(&self, query: &ListQuery) -> Result<bool, ResourceError> {
        let names = query.filters.iter().map(|filter| &filter.field);
        let mut asks = false;
        for name in names.chain(query.order.iter().map(|order| &order.field)) {
            let top = name.split('.').next().unwrap_or_default();
            let is_pk = name == "pk" && !matches!(R::LOOKUP, Lookup::Integer(_));
            if is_pk || self.descriptor.knows(top) {
                continue;
            }
            if !self.is_computed(top) {
                return Err(ResourceError::UnknownAttribute(name.clone()));
            }
            asks = true;
        }
        Ok(asks)
    }

    fn is_computed(&self, name: &str) -> bool {
        self.computed.get("properties").is_some_and(|properties| properties.get(name).is_some())
    }

    /// A row as it is shown, if the actor may see it.
    pub(crate) fn shown_one(
        &self,
        tx: &mut Tx<'_>,
        cx: ReadCx<'_>,
        id: RawId,
        extras: Extras,
    ) -> Result<Option<Viewed>, ResourceError> {
        if !cx.actor.may(&Permission::view(self.descriptor.model), Some(id)) {
            return Ok(None);
        }
        let Some(row) = self.rows.by_id(tx, id)? else { return Ok(None) };
        Ok(self.shown_rows(tx, cx, &[row], extras)?.pop())
    }

    /// Rows as they are shown.
    pub(crate) fn shown_rows(
        &self,
        tx: &mut Tx<'_>,
        cx: ReadCx<'_>,
        rows: &[R::Row],
        extras: Extras,
    ) -> Result<Vec<Viewed>, ResourceError> {
        let mut computed = if extras == Extras::None || rows.is_empty() {
            rows.iter().map(|row| self.rows.at_hand(row)).collect()
        } else {
            self.rows.computed(tx, cx, rows)?
        };
        if extras == Extras::All {
            self.rows.more(tx, cx, rows, &mut computed)?;
        }
        rows.iter()
            .zip(computed)
            .map(|(row, computed)| {
                let stored = self.rows.document(row)?;
                let (id, version) = (R::id_of(row), version_of(&stored));
                let document = without_secrets(&stored);
                let name = display_name(&document).unwrap_or_else(|| id.to_string());
                let key = R::key_of(row, &document);
                Ok(Viewed { model: self.descriptor.model, id, key, name, document, computed, version })
            })
            .collect()
    }
}

/// Names a stored document: half of its SHA-256, in hexadecimal.
pub(crate) fn version_of(stored: &JsonObject) -> String {
    let mut name = digest_hex(&Value::Object(stored.clone()).to_string());
    name.truncate(32);
    name
}
