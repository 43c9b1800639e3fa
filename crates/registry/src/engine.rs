//! The one way of every write: permission, parse, names, references, row, edges, event.

use std::sync::Arc;

use countersign_model::EventAction;
use countersign_resource::{
    Descriptor, Reference, Vault, canonical, diff, merge, parse_whole, references, sealed,
    unknown_attributes, unsealed, without_secrets,
};
use countersign_store::{Tx, object_refs};
use countersign_types::{FieldErrors, JsonObject, RawId, Secret, Text, random_uuid};
use serde_json::Value;

use crate::{
    AnyResource, ListPage, ListQuery, Lookup, Permission, ReadCx, ResourceError, Usage, Verbs, Viewed,
    WriteCx, Written, audit, find,
    listing::version_of,
    rows::{Draft, Indexed, Rows},
};

/// A kind over its rows.
pub(crate) struct Engine<R: Rows> {
    pub(crate) rows: R,
    pub(crate) descriptor: Descriptor,
    pub(crate) computed: Value,
    vault: Arc<dyn Vault>,
}

/// A document before and after a change, secrets in the clear. Short-lived.
struct Change<'c> {
    stored: &'c JsonObject,
    plain: &'c JsonObject,
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
        before: Option<Change<'_>>,
    ) -> Result<bool, ResourceError> {
        let (common, spec) = parse_whole::<R::Spec>(plain)?;
        let config = self.stored_config(id, &spec, plain, before.as_ref())?;
        let mut whole = canonical(&common);
        whole.extend(config.clone());
        let is_new = before.is_none();
        if let Some(before) = &before
            && *before.stored == whole
            && !self.writes_unread(plain)
        {
            return Ok(false);
        }
        self.check_unique(tx, id, &whole)?;
        let edges = self.check_references(tx, cx, plain)?;
        let draft = Draft { id, exists: !is_new, common, spec, config };
        self.rows.check(tx, &draft, &edges)?;
        self.rows.write(tx, cx, draft)?;
        if R::RECORDS_REFERENCES {
            let edges: Vec<_> = edges.into_iter().map(|edge| (edge.path, edge.id)).collect();
            object_refs::replace(tx, self.descriptor.model, id, &edges)?;
        }
        let empty = JsonObject::new();
        let old = before.map_or(&empty, |before| before.plain);
        let action = if is_new { EventAction::ModelCreated } else { EventAction::ModelUpdated };
        let change = diff(&self.descriptor, old, &self.shown(&whole, plain));
        audit::record(tx, cx, action, &self.descriptor, id, plain, Some(change))?;
        Ok(true)
    }

    /// The kind's own document as it is kept.
    fn stored_config(
        &self,
        id: RawId,
        spec: &R::Spec,
        plain: &JsonObject,
        before: Option<&Change<'_>>,
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

    /// Every reference must lead to an object of the right kind.
    fn check_references(
        &self,
        tx: &mut Tx<'_>,
        cx: WriteCx<'_>,
        plain: &JsonObject,
    ) -> Result<Vec<Reference>, ResourceError> {
        let edges = references(&self.descriptor, plain);
        let mut errors = FieldErrors::default();
        for edge in &edges {
            if !cx.registry.exists(tx, &edge.target, edge.id)? {
                let message = Text::key("resource-error-dangling")
                    .with("model", edge.target.as_str())
                    .with("id", edge.id.to_string());
                errors.push(edge.path.clone(), "does_not_exist", message);
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

    /// The document as it is kept, and with its secrets in the clear.
    fn kept(&self, tx: &mut Tx<'_>, id: RawId) -> Result<Option<(JsonObject, JsonObject)>, ResourceError> {
        let Some(stored) = self.rows.get(tx, id)? else { return Ok(None) };
        let plain = unsealed(&self.descriptor, id, &stored, self.vault.as_ref())?;
        Ok(Some((stored, plain)))
    }
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
        self.list_visible(tx, cx, query)
    }

    fn view(&self, tx: &mut Tx<'_>, cx: ReadCx<'_>, id: RawId) -> Result<Option<Viewed>, ResourceError> {
        if !cx.actor.may(&Permission::view(self.descriptor.model), Some(id)) {
            return Ok(None);
        }
        let Some(row) = self.rows.by_id(tx, id)? else { return Ok(None) };
        Ok(self.shown_rows(tx, cx, &[row], true)?.pop())
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
        Ok(Written { id, changed: true, generated, unknown })
    }

    fn update(
        &self,
        tx: &mut Tx<'_>,
        cx: WriteCx<'_>,
        id: RawId,
        patch: &JsonObject,
    ) -> Result<Written, ResourceError> {
        if R::VERBS != Verbs::All {
            return Err(ResourceError::ReadOnly);
        }
        self.permit(cx, &Permission::change(self.descriptor.model), id)?;
        let (stored, before) = self.kept(tx, id)?.ok_or(ResourceError::NotFound)?;
        Self::check_version(cx, &stored)?;
        let mut patch = patch.clone();
        patch.shift_remove("pk");
        let unknown = unknown_attributes(&self.descriptor, &patch);
        let plain = merge(&before, &patch);
        let changed = self.put(tx, cx, id, &plain, Some(Change { stored: &stored, plain: &before }))?;
        Ok(Written { id, changed, generated: Vec::new(), unknown })
    }

    fn delete(&self, tx: &mut Tx<'_>, cx: WriteCx<'_>, id: RawId) -> Result<(), ResourceError> {
        if R::VERBS == Verbs::Read {
            return Err(ResourceError::ReadOnly);
        }
        self.permit(cx, &Permission::delete(self.descriptor.model), id)?;
        let stored = self.rows.get(tx, id)?.ok_or(ResourceError::NotFound)?;
        Self::check_version(cx, &stored)?;
        cx.registry.release(tx, cx, id)?;
        object_refs::replace(tx, self.descriptor.model, id, &[])?;
        self.rows.delete(tx, id)?;
        audit::record(tx, cx, EventAction::ModelDeleted, &self.descriptor, id, &stored, None)
    }

    fn usage(&self, tx: &mut Tx<'_>, cx: ReadCx<'_>, id: RawId) -> Result<Vec<Usage>, ResourceError> {
        if !cx.actor.may(&Permission::view(self.descriptor.model), Some(id))
            || self.rows.by_id(tx, id)?.is_none()
        {
            return Err(ResourceError::NotFound);
        }
        cx.registry.usage(tx, cx, id)
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

/// An identifier that the document chooses for a new object.
fn chosen_id(pk: &Value) -> Result<RawId, ResourceError> {
    let id = pk.as_str().and_then(|text| text.parse::<RawId>().ok()).filter(|id| !id.is_nil());
    id.ok_or_else(|| ResourceError::field("pk", "invalid", "resource-error-identifier"))
}
