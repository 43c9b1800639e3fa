//! The one way of every write: permission, parse, names, references, row, edges, event.

use std::sync::Arc;

use countersign_authz::Permission;
use countersign_model::{GroupId, Revision, RevisionAction, RevisionId};
use countersign_resource::{
    Descriptor, Reference, Vault, canonical, diff, merge, parse_whole, references, sealed,
    unknown_attributes, unsealed, without_secrets,
};
use countersign_store::{Snapshot, Tx, object_refs, revisions};
use countersign_types::{FieldErrors, JsonObject, Page, PageRequest, RawId, Secret, Text, random_uuid};
use serde_json::Value;

use crate::{
    AnyResource, Hit, ListFilter, ListPage, ListQuery, Lookup, ReadCx, ResourceError, RevisionView, Usage,
    Verbs, Viewed, WriteCx, Written, audit, find, hot,
    listing::{Extras, version_of},
    reach,
    rows::{Draft, Indexed, Rows},
};

/// A kind over its rows.
pub(crate) struct Engine<R: Rows> {
    pub(crate) rows: R,
    pub(crate) descriptor: Descriptor,
    pub(crate) computed: Value,
    vault: Arc<dyn Vault>,
}

/// An object before a change: its row, and its document as it is kept and with secrets in the clear.
/// Short-lived.
struct Change<'c, W> {
    row: &'c W,
    stored: &'c JsonObject,
    plain: &'c JsonObject,
    action: RevisionAction,
}

impl<R: Rows> Engine<R> {
    pub(crate) fn new(rows: R, vault: Arc<dyn Vault>) -> Self {
        let computed = rows.computed_schema();
        Self { rows, descriptor: Descriptor::of::<R::Spec>(), computed, vault }
    }

    /// Whether the actor may make objects of the kind.
    fn permit_new(&self, cx: WriteCx<'_>) -> Result<(), ResourceError> {
        if R::VERBS != Verbs::All {
            return Err(ResourceError::ReadOnly);
        }
        let permitted = cx.follows || cx.actor.may(&Permission::add(self.descriptor.model), None);
        if permitted { Ok(()) } else { Err(ResourceError::Denied) }
    }

    /// Whether the actor may do this to an object. What he may not see is not there.
    fn permit(&self, cx: WriteCx<'_>, permission: &Permission, id: RawId) -> Result<(), ResourceError> {
        if cx.follows {
            return Ok(());
        }
        if !cx.actor.may(&Permission::view(self.descriptor.model), Some(id)) {
            return Err(ResourceError::NotFound);
        }
        if cx.actor.may(permission, Some(id)) { Ok(()) } else { Err(ResourceError::Denied) }
    }

    /// The object must still be what the actor saw.
    fn check_version(cx: WriteCx<'_>, stored: &JsonObject) -> Result<(), ResourceError> {
        match cx.expected {
            Some(expected) if expected != version_of(stored) => Err(ResourceError::Stale),
            _ => Ok(()),
        }
    }

    /// Checks a whole plain document and writes it. Returns whether anything is different.
    fn put(
        &self,
        tx: &mut Tx<'_>,
        cx: WriteCx<'_>,
        id: RawId,
        plain: &JsonObject,
        before: Option<&Change<'_, R::Row>>,
    ) -> Result<bool, ResourceError> {
        let (common, spec) = parse_whole::<R::Spec>(plain)?;
        let config = self.stored_config(id, &spec, plain, before)?;
        let mut whole = canonical(&common);
        whole.extend(config.clone());
        let is_new = before.is_none();
        if let Some(before) = before
            && *before.stored == whole
            && !self.writes_unread(plain)
        {
            return Ok(false);
        }
        self.check_unique(tx, id, &whole)?;
        let edges = self.check_references(tx, cx, plain, before.map(|before| before.plain))?;
        let draft = Draft { id, exists: !is_new, common, spec, config };
        self.rows.check(tx, &draft, &edges)?;
        if !cx.follows {
            self.rows.guard(tx, cx, before.map(|before| before.row), Some(&draft))?;
        }
        self.rows.write(tx, cx, draft)?;
        if R::RECORDS_REFERENCES {
            let edges: Vec<_> = edges.into_iter().map(|edge| (edge.path, edge.id)).collect();
            object_refs::replace(tx, self.descriptor.model, id, &edges)?;
        }
        let empty = JsonObject::new();
        let old = before.map_or(&empty, |before| before.plain);
        let change = diff(&self.descriptor, old, &self.shown(&whole, plain));
        let action = before.map_or(RevisionAction::Created, |before| before.action);
        // What was written is read again: rows may fill in what the document left out.
        let kept = self.rows.get(tx, id)?.unwrap_or(whole);
        audit::record(tx, cx, action, &self.descriptor, id, kept, change)?;
        Ok(true)
    }

    /// The kind's own document as it is kept.
    fn stored_config(
        &self,
        id: RawId,
        spec: &R::Spec,
        plain: &JsonObject,
        before: Option<&Change<'_, R::Row>>,
    ) -> Result<JsonObject, ResourceError> {
        if !R::SEALS {
            return Ok(canonical(spec));
        }
        let kept = before.map(|before| (before.stored, before.plain));
        Ok(sealed(&self.descriptor, id, canonical(spec), plain, kept, self.vault.as_ref())?)
    }

    /// The new document for the difference: as kept, with secrets in the clear (the difference hides them).
    fn shown(&self, whole: &JsonObject, plain: &JsonObject) -> JsonObject {
        let mut shown = without_secrets(whole);
        for field in self.descriptor.secrets().filter(|field| field.path.is_top_level()) {
            let name = field.path.to_string();
            if let Some(value) = plain.get(&name).filter(|value| !value.is_null()) {
                shown.insert(name, value.clone());
            }
        }
        shown
    }

    /// Whether the document sets something that cannot be compared with what is kept.
    fn writes_unread(&self, plain: &JsonObject) -> bool {
        let given = |name: &str| plain.get(name).is_some_and(|value| !value.is_null());
        R::WRITE_ONLY.iter().any(|name| given(name))
            || (!R::SEALS && self.descriptor.secrets().any(|field| given(&field.path.to_string())))
    }

    fn check_unique(&self, tx: &mut Tx<'_>, id: RawId, whole: &JsonObject) -> Result<(), ResourceError> {
        let mut errors = FieldErrors::default();
        for name in R::UNIQUE {
            let Some(value) = whole.get(*name).filter(|value| !value.is_null()) else { continue };
            if let Indexed::Yes(Some(other)) = self.rows.by_key(tx, name, value)?
                && other != id
            {
                errors.push(*name, "unique", Text::key("resource-error-unique"));
            }
        }
        Ok(errors.into_result()?)
    }

    /// Every reference must lead to an object of the right kind; a new one to one that the actor may see, and
    /// where it gives membership of a group, to one that brings nothing that he lacks.
    fn check_references(
        &self,
        tx: &mut Tx<'_>,
        cx: WriteCx<'_>,
        plain: &JsonObject,
        before: Option<&JsonObject>,
    ) -> Result<Vec<Reference>, ResourceError> {
        let edges = references(&self.descriptor, plain);
        let old = before.map(|before| references(&self.descriptor, before)).unwrap_or_default();
        let mut errors = FieldErrors::default();
        for edge in &edges {
            let is_old = old.iter().any(|old| old.id == edge.id && old.target == edge.target);
            let model = cx.registry.model_of(tx, &edge.target, edge.id)?;
            let is_there = model.is_some_and(|model| {
                is_old || cx.follows || cx.actor.may(&Permission::view(&model), Some(edge.id))
            });
            if !is_there {
                let message = Text::key("resource-error-dangling")
                    .with("model", edge.target.as_str())
                    .with("id", edge.id.to_string());
                errors.push(edge.path.clone(), "does_not_exist", message);
            } else if edge.grants && !is_old && !cx.follows {
                reach::groups(tx, cx.actor, &[GroupId(edge.id)])?;
            }
        }
        errors.into_result()?;
        Ok(edges)
    }

    fn by_key(&self, tx: &mut Tx<'_>, name: &str, value: &Value) -> Result<Option<RawId>, ResourceError> {
        match self.rows.by_key(tx, name, value)? {
            Indexed::Yes(found) => Ok(found),
            Indexed::No => Ok(None),
        }
    }

    /// A row, its document as it is kept, and that with its secrets in the clear.
    fn kept(&self, tx: &mut Tx<'_>, id: RawId) -> Result<Kept<R::Row>, ResourceError> {
        let row = self.rows.by_id(tx, id)?.ok_or(ResourceError::NotFound)?;
        let stored = self.rows.document(&row)?;
        let plain = unsealed(&self.descriptor, id, &stored, self.vault.as_ref())?;
        Ok(Kept { row, stored, plain })
    }

    /// The object that the actor may change.
    fn changeable(&self, tx: &mut Tx<'_>, cx: WriteCx<'_>, id: RawId) -> Result<Kept<R::Row>, ResourceError> {
        if R::VERBS != Verbs::All {
            return Err(ResourceError::ReadOnly);
        }
        self.permit(cx, &Permission::change(self.descriptor.model), id)?;
        let kept = self.kept(tx, id)?;
        Self::check_version(cx, &kept.stored)?;
        Ok(kept)
    }

    fn must_see(&self, tx: &mut Tx<'_>, cx: ReadCx<'_>, id: RawId) -> Result<(), ResourceError> {
        let may = cx.actor.may(&Permission::view(self.descriptor.model), Some(id));
        if may && self.rows.by_id(tx, id)?.is_some() { Ok(()) } else { Err(ResourceError::NotFound) }
    }
}

/// An object as it is.
struct Kept<W> {
    row: W,
    stored: JsonObject,
    plain: JsonObject,
}

impl<R: Rows> AnyResource for Engine<R> {
    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    fn computed(&self) -> &Value {
        &self.computed
    }

    fn verbs(&self) -> Verbs {
        R::VERBS
    }

    fn lookup(&self) -> Lookup {
        R::LOOKUP
    }

    fn filters(&self) -> &'static [ListFilter] {
        R::FILTERS
    }

    fn more(&self) -> Option<(&'static str, &'static str)> {
        R::MORE
    }

    fn answers_filters_alone(&self) -> bool {
        R::ANSWERS_FILTERS_ALONE
    }

    fn resolve(&self, tx: &mut Tx<'_>, key: &str) -> Result<Option<RawId>, ResourceError> {
        let found = match R::LOOKUP {
            Lookup::Uuid => None,
            Lookup::Attribute(name) => self.by_key(tx, name, &Value::from(key))?,
            Lookup::Integer(name) => match key.parse::<i64>() {
                Ok(number) => self.by_key(tx, name, &Value::from(number))?,
                Err(_) => None,
            },
        };
        match (found, key.parse::<RawId>()) {
            (None, Ok(id)) => Ok(self.rows.by_id(tx, id)?.map(|_| id)),
            (found, _) => Ok(found),
        }
    }

    fn list(&self, tx: &mut Tx<'_>, cx: ReadCx<'_>, query: &ListQuery) -> Result<ListPage, ResourceError> {
        self.list_visible(tx, cx, None, query)
    }

    fn list_kept(
        &self,
        tx: &mut Tx<'_>,
        cx: ReadCx<'_>,
        snapshot: &Snapshot,
        query: &ListQuery,
    ) -> Result<ListPage, ResourceError> {
        self.list_visible(tx, cx, Some(snapshot), query)
    }

    fn search(
        &self,
        tx: &mut Tx<'_>,
        cx: ReadCx<'_>,
        snapshot: &Snapshot,
        text: &str,
        limit: u32,
    ) -> Result<Vec<Hit>, ResourceError> {
        self.search_visible(tx, cx, snapshot, text, limit)
    }

    fn view(&self, tx: &mut Tx<'_>, cx: ReadCx<'_>, id: RawId) -> Result<Option<Viewed>, ResourceError> {
        self.shown_one(tx, cx, id, Extras::All)
    }

    fn brief(&self, tx: &mut Tx<'_>, cx: ReadCx<'_>, id: RawId) -> Result<Option<Viewed>, ResourceError> {
        self.shown_one(tx, cx, id, Extras::None)
    }

    fn find(&self, tx: &mut Tx<'_>, identifiers: &JsonObject) -> Result<Option<RawId>, ResourceError> {
        find::find(&self.rows, tx, identifiers)
    }

    fn read(&self, tx: &mut Tx<'_>, id: RawId) -> Result<Option<JsonObject>, ResourceError> {
        Ok(self.rows.get(tx, id)?.map(|stored| without_secrets(&stored)))
    }

    fn ids(&self, tx: &mut Tx<'_>) -> Result<Vec<RawId>, ResourceError> {
        self.rows.ids(tx)
    }

    fn create(
        &self,
        tx: &mut Tx<'_>,
        cx: WriteCx<'_>,
        document: &JsonObject,
    ) -> Result<Written, ResourceError> {
        self.permit_new(cx)?;
        let mut plain = document.clone();
        let id = match plain.shift_remove("pk") {
            None | Some(Value::Null) => random_uuid(tx.rng()),
            Some(pk) => chosen_id(&pk)?,
        };
        let unknown = unknown_attributes(&self.descriptor, &plain);
        let generated: Vec<(String, Secret<String>)> =
            self.rows.complete(tx, &self.descriptor, &mut plain)?;
        self.put(tx, cx, id, &plain, None)?;
        let given = hot::give_initial(tx, cx, self.descriptor.model, id)?;
        Ok(Written { id, changed: true, generated, given, unknown })
    }

    fn update(
        &self,
        tx: &mut Tx<'_>,
        cx: WriteCx<'_>,
        id: RawId,
        patch: &JsonObject,
    ) -> Result<Written, ResourceError> {
        let Kept { row, stored, plain: before } = self.changeable(tx, cx, id)?;
        let mut patch = patch.clone();
        patch.shift_remove("pk");
        let unknown = unknown_attributes(&self.descriptor, &patch);
        let plain = merge(&before, &patch);
        let change = Change { row: &row, stored: &stored, plain: &before, action: RevisionAction::Updated };
        let changed = self.put(tx, cx, id, &plain, Some(&change))?;
        Ok(Written { id, changed, generated: Vec::new(), given: Vec::new(), unknown })
    }

    fn delete(&self, tx: &mut Tx<'_>, cx: WriteCx<'_>, id: RawId) -> Result<(), ResourceError> {
        if R::VERBS == Verbs::Read {
            return Err(ResourceError::ReadOnly);
        }
        self.permit(cx, &Permission::delete(self.descriptor.model), id)?;
        let row = self.rows.by_id(tx, id)?.ok_or(ResourceError::NotFound)?;
        let stored = self.rows.document(&row)?;
        Self::check_version(cx, &stored)?;
        if !cx.follows {
            self.rows.guard(tx, cx, Some(&row), None)?;
        }
        cx.registry.release(tx, cx, id)?;
        object_refs::replace(tx, self.descriptor.model, id, &[])?;
        self.rows.delete(tx, id)?;
        let (action, change) = (RevisionAction::Deleted, JsonObject::new());
        audit::record(tx, cx, action, &self.descriptor, id, stored, change)
    }

    fn usage(&self, tx: &mut Tx<'_>, cx: ReadCx<'_>, id: RawId) -> Result<Vec<Usage>, ResourceError> {
        self.must_see(tx, cx, id)?;
        let mut usage = cx.registry.usage(tx, cx, id)?;
        usage.extend(self.rows.holders(tx, id)?);
        Ok(usage)
    }

    fn revisions(
        &self,
        tx: &mut Tx<'_>,
        cx: ReadCx<'_>,
        id: RawId,
        page: &PageRequest,
    ) -> Result<Page<RevisionView>, ResourceError> {
        self.must_see(tx, cx, id)?;
        let found = revisions::of_object(tx, id, page)?;
        let items = found.items.into_iter().map(revision_view).collect();
        Ok(Page { items, next: found.next })
    }

    fn revert(
        &self,
        tx: &mut Tx<'_>,
        cx: WriteCx<'_>,
        id: RawId,
        revision: RevisionId,
    ) -> Result<Written, ResourceError> {
        let Kept { row, stored, plain: before } = self.changeable(tx, cx, id)?;
        let revision = revisions::by_id(tx, revision)?
            .filter(|revision| revision.object == id && revision.model == self.descriptor.model)
            .ok_or(ResourceError::NotFound)?;
        let mut plain = unsealed(&self.descriptor, id, &revision.document, self.vault.as_ref())?;
        for field in self.descriptor.secrets().filter(|field| field.path.is_top_level()) {
            let name = field.path.to_string();
            match before.get(&name) {
                Some(secret) => drop(plain.insert(name, secret.clone())),
                None => drop(plain.shift_remove(&name)),
            }
        }
        let change = Change { row: &row, stored: &stored, plain: &before, action: RevisionAction::Reverted };
        let changed = self.put(tx, cx, id, &plain, Some(&change))?;
        Ok(Written { id, changed, generated: Vec::new(), given: Vec::new(), unknown: Vec::new() })
    }

    fn owned_by(&self) -> &'static [&'static str] {
        R::OWNED_BY
    }

    fn identified_by(&self) -> &'static [&'static str] {
        R::IDENTIFIED_BY
    }

    fn is_exported(&self) -> bool {
        R::EXPORTED
    }
}

/// A revision without its secrets.
fn revision_view(revision: Revision) -> RevisionView {
    RevisionView {
        id: revision.id,
        created: revision.created,
        user: revision.user,
        action: revision.action,
        diff: revision.diff,
        version: version_of(&revision.document),
        document: without_secrets(&revision.document),
    }
}

/// An identifier that the document chooses for a new object.
fn chosen_id(pk: &Value) -> Result<RawId, ResourceError> {
    let id = pk.as_str().and_then(|text| text.parse::<RawId>().ok()).filter(|id| !id.is_nil());
    id.ok_or_else(|| ResourceError::field("pk", "invalid", "resource-error-identifier"))
}
