//! Cold kinds over the table `config_objects`.

use std::marker::PhantomData;

use countersign_model::{ConfigObject, ConfigObjectId, Family};
use countersign_resource::{ConfigKind, canonical};
use countersign_store::{Snapshot, Tx, config_objects};
use countersign_types::{JsonObject, RawId};
use serde_json::Value;

use crate::{
    ListFilter, ReadCx, ResourceError, WriteCx,
    extras::{self, KindExtras, PolicyUses, PromptExtras, StagePlaces},
    notifying::{RULE_FILTERS, TransportExtras, rule_extras},
    rows::{Draft, Indexed, Rows},
};

/// The objects of one cold kind.
pub(crate) struct ConfigRows<K>(PhantomData<fn() -> K>);

impl<K> ConfigRows<K> {
    pub(crate) const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<K: ConfigKind> Rows for ConfigRows<K> {
    type Spec = K;
    type Row = ConfigObject;
    const UNIQUE: &'static [&'static str] = &["name", "managed"];
    const FILTERS: &'static [ListFilter] =
        if matches!(K::FAMILY, Family::NotificationRule) { RULE_FILTERS } else { &[] };

    fn by_id(&self, tx: &mut Tx<'_>, id: RawId) -> Result<Option<ConfigObject>, ResourceError> {
        Ok(config_objects::by_id(tx, ConfigObjectId(id))?.filter(|object| object.kind == K::MODEL))
    }

    fn all(&self, tx: &mut Tx<'_>) -> Result<Vec<ConfigObject>, ResourceError> {
        Ok(config_objects::all(tx)?.into_iter().filter(|object| object.kind == K::MODEL).collect())
    }

    fn kept<'s>(&self, snapshot: &'s Snapshot) -> Option<Vec<&'s ConfigObject>> {
        Some(snapshot.objects(K::FAMILY).iter().filter(|object| object.kind == K::MODEL).collect())
    }

    fn id_of(row: &ConfigObject) -> RawId {
        row.id.raw()
    }

    fn document(&self, row: &ConfigObject) -> Result<JsonObject, ResourceError> {
        let mut document = JsonObject::new();
        document.insert("name".to_owned(), row.name.clone().into());
        document.insert("managed".to_owned(), row.managed.clone().into());
        if let Value::Object(config) = &row.config {
            document.extend(config.clone());
        }
        Ok(document)
    }

    fn computed_schema(&self) -> Value {
        let mut schema = extras::family_schema(K::FAMILY);
        for part in ["properties", "required"] {
            let own = K::shown_schema().and_then(|mut own| own.get_mut(part).map(Value::take));
            match (schema.get_mut(part), own) {
                (Some(Value::Object(all)), Some(Value::Object(own))) => all.extend(own),
                (Some(Value::Array(all)), Some(Value::Array(own))) => all.extend(own),
                _ => {}
            }
        }
        schema
    }

    fn computed(
        &self,
        tx: &mut Tx<'_>,
        cx: ReadCx<'_>,
        rows: &[ConfigObject],
    ) -> Result<Vec<JsonObject>, ResourceError> {
        let mut computed: Vec<JsonObject> = match K::FAMILY {
            Family::Stage => {
                let places = StagePlaces::load(tx)?;
                rows.iter().map(|stage| canonical(&places.extras(cx, stage))).collect()
            }
            Family::Policy => {
                let uses = PolicyUses::load(tx)?;
                rows.iter().map(|policy| canonical(&uses.extras(cx, policy))).collect()
            }
            Family::Prompt => {
                let places = StagePlaces::load(tx)?;
                let mut stages = config_objects::all(tx)?;
                stages
                    .retain(|object| object.family == Family::Stage && object.config.get("fields").is_some());
                let extras = |prompt| canonical(&PromptExtras::of(cx, prompt, &stages, &places));
                rows.iter().map(extras).collect()
            }
            Family::NotificationTransport => {
                rows.iter().map(|transport| canonical(&TransportExtras::of(transport))).collect()
            }
            Family::NotificationRule => rule_extras(tx, cx, rows)?,
            Family::PropertyMapping | Family::Source | Family::InitialPermissions => {
                rows.iter().map(|object| canonical(&KindExtras::of_model(cx, &object.kind))).collect()
            }
        };
        for (row, computed) in rows.iter().zip(&mut computed) {
            computed.extend(K::shown(&row.config));
        }
        Ok(computed)
    }

    /// Names are unique in the family, whatever the kind.
    fn by_key(&self, tx: &mut Tx<'_>, attribute: &str, value: &Value) -> Result<Indexed, ResourceError> {
        let Some(text) = value.as_str() else { return Ok(Indexed::No) };
        let found = match attribute {
            "name" => config_objects::by_name(tx, K::FAMILY, text)?,
            "managed" => config_objects::by_managed(tx, text)?,
            _ => return Ok(Indexed::No),
        };
        Ok(found.map(|object| object.id).into())
    }

    fn write(&self, tx: &mut Tx<'_>, _: WriteCx<'_>, draft: Draft<K>) -> Result<(), ResourceError> {
        let object = ConfigObject {
            id: ConfigObjectId(draft.id),
            family: K::FAMILY,
            kind: K::MODEL.to_owned(),
            name: draft.common.name,
            managed: draft.common.managed,
            config: Value::Object(draft.config),
        };
        keep(tx, &object, draft.exists)
    }

    fn delete(&self, tx: &mut Tx<'_>, id: RawId) -> Result<(), ResourceError> {
        config_objects::delete(tx, ConfigObjectId(id))?;
        Ok(())
    }
}

/// Creates an object, or overwrites the one that is there.
pub(crate) fn keep(tx: &mut Tx<'_>, object: &ConfigObject, exists: bool) -> Result<(), ResourceError> {
    if exists {
        config_objects::update(tx, object)?;
    } else {
        config_objects::create(tx, object)?;
    }
    Ok(())
}
