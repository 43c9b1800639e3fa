//! A few objects of a kind by a text, for a search of everything.
//!
//! What it costs must not depend on how many objects there are, and hardly on how many kinds: configuration is
//! looked for in memory, where its names and texts are laid ready once for every snapshot; what has many rows
//! is asked by [`Rows::named`]; only what is neither costs the query of a list.

use std::{marker::PhantomData, sync::Arc};

use countersign_authz::{Permission, Visible};
use countersign_resource::without_secrets;
use countersign_store::{Snapshot, Tx};
use countersign_types::RawId;

use crate::{ListQuery, ReadCx, ResourceError, audit::display_name, engine::Engine, memory, rows::Rows};

/// Something found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Model label.
    pub model: &'static str,
    /// Identifier.
    pub id: RawId,
    /// How addresses name it, see [`Lookup`](crate::Lookup).
    pub key: String,
    /// What people call it; its identifier when it has no name.
    pub name: String,
}

impl Hit {
    /// How well a name answers a (lower-cased) text: the least is the best.
    pub fn rank(name: &str, text: &str) -> u8 {
        let name = name.to_lowercase();
        match () {
            () if name == text => 0,
            () if name.starts_with(text) => 1,
            () if name.contains(text) => 2,
            () => 3,
        }
    }
}

/// What a search shows of an object.
pub(crate) struct Named {
    pub(crate) id: RawId,
    pub(crate) key: String,
    pub(crate) name: String,
}

/// The objects of a kind as searches look at them; none when configuration in memory has none of the kind.
struct Laid<R> {
    objects: Option<Vec<(Named, String)>>,
    rows: PhantomData<fn() -> R>,
}

impl<R: Rows> Engine<R> {
    /// The best of what the actor may see, at most so many.
    pub(crate) fn search_visible(
        &self,
        tx: &mut Tx<'_>,
        cx: ReadCx<'_>,
        snapshot: &Snapshot,
        text: &str,
        limit: u32,
    ) -> Result<Vec<Hit>, ResourceError> {
        let visible = cx.actor.visible(&Permission::view(self.descriptor.model));
        let most = limit as usize;
        if matches!(visible, Visible::None) || most == 0 {
            return Ok(Vec::new());
        }
        if let Some(named) = self.rows.named(tx, text, &visible, limit)? {
            return Ok(named.into_iter().take(most).map(|one| self.hit(one.id, one.key, one.name)).collect());
        }
        let laid = self.laid(snapshot)?;
        if let Some(objects) = &laid.objects {
            return Ok(self.best(objects, &visible, &text.trim().to_lowercase(), most));
        }
        let query = ListQuery { search: Some(text.to_owned()), ..ListQuery::first(limit) };
        let found = self.list_visible(tx, cx, None, &query)?.items;
        Ok(found.into_iter().map(|viewed| self.hit(viewed.id, viewed.key, viewed.name)).collect())
    }

    fn best(&self, objects: &[(Named, String)], visible: &Visible, text: &str, most: usize) -> Vec<Hit> {
        let mut found: Vec<(u8, &Named)> = objects
            .iter()
            .filter(|(one, texts)| texts.contains(text) && visible.contains(one.id))
            .map(|(one, _)| (Hit::rank(&one.name, text), one))
            .collect();
        found.sort_by_key(|(rank, _)| *rank);
        let best = found.into_iter().take(most);
        best.map(|(_, one)| self.hit(one.id, one.key.clone(), one.name.clone())).collect()
    }

    const fn hit(&self, id: RawId, key: String, name: String) -> Hit {
        Hit { model: self.descriptor.model, id, key, name }
    }

    /// Lays the kind's objects ready, or finds them so.
    fn laid(&self, snapshot: &Snapshot) -> Result<Arc<Laid<R>>, ResourceError> {
        // The type tells the kinds apart.
        snapshot.memo(RawId::nil(), || {
            let lay = |rows: Vec<&R::Row>| rows.into_iter().map(|row| self.lay(row)).collect();
            let objects: Option<Result<Vec<_>, ResourceError>> = self.rows.kept(snapshot).map(lay);
            Ok(Laid { objects: objects.transpose()?, rows: PhantomData })
        })
    }

    fn lay(&self, row: &R::Row) -> Result<(Named, String), ResourceError> {
        let document = without_secrets(&self.rows.document(row)?);
        let id = R::id_of(row);
        let name = display_name(&document).unwrap_or_else(|| id.to_string());
        Ok((Named { id, key: R::key_of(row, &document), name }, memory::texts(&document)))
    }
}
