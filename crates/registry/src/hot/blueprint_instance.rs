//! `authentik_blueprints.blueprintinstance`. How an application went is not written here.
//!
//! What is kept applied is applied without limits: only who has none may say what that is.

use countersign_authz::Rights;
use countersign_model::{BlueprintInstance, BlueprintInstanceId, BlueprintStatus};
use countersign_resource::{Describe, Facts, Nothing, canonical, check_name, schema_of};
use countersign_store::{Tx, blueprint_instances};
use countersign_types::{FieldErrors, JsonObject, RawId, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{document, on};
use crate::{
    ReadCx, ResourceError, WriteCx,
    moment::Moment,
    reach,
    rows::{Draft, Indexed, Rows},
};

/// A blueprint that is kept applied.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(crate) struct BlueprintInstanceSpec {
    /// Unique name.
    name: String,
    /// Path below the blueprint folder.
    #[serde(default)]
    path: String,
    /// Whether it is kept applied.
    #[serde(default = "on")]
    enabled: bool,
    /// Values for the blueprint's `!Context` tags.
    #[serde(default)]
    context: JsonObject,
}

impl Describe for BlueprintInstanceSpec {
    type Common = Nothing;
    const FACTS: Facts =
        Facts::new("authentik_blueprints.blueprintinstance", "ak-blueprint-form", "Blueprint Instance")
            .at("managed/blueprints", "blueprint");

    fn check(&self) -> Result<(), FieldErrors> {
        check_name("name", &self.name)
    }
}

/// Read-only attributes of blueprint instances.
#[derive(Serialize, JsonSchema)]
struct InstanceExtras {
    /// When it was last applied; the beginning of 1970 before the first time.
    last_applied: Moment,
    /// SHA-256 of the content last applied.
    last_applied_hash: String,
    /// How the last application went.
    status: BlueprintStatus,
    /// What went wrong last.
    last_error: Option<String>,
    /// Kept for authentik's field of this name.
    managed_models: Vec<String>,
    /// The blueprint's own metadata.
    metadata: JsonObject,
}

/// Blueprint instances.
pub(crate) struct BlueprintInstances;

impl Rows for BlueprintInstances {
    type Spec = BlueprintInstanceSpec;
    type Row = BlueprintInstance;
    const EXPORTED: bool = false;
    const UNIQUE: &'static [&'static str] = &["name"];

    fn by_id(&self, tx: &mut Tx<'_>, id: RawId) -> Result<Option<BlueprintInstance>, ResourceError> {
        Ok(blueprint_instances::by_id(tx, BlueprintInstanceId(id))?)
    }

    fn all(&self, tx: &mut Tx<'_>) -> Result<Vec<BlueprintInstance>, ResourceError> {
        Ok(blueprint_instances::all(tx)?)
    }

    fn id_of(row: &BlueprintInstance) -> RawId {
        row.id.raw()
    }

    fn document(&self, row: &BlueprintInstance) -> Result<JsonObject, ResourceError> {
        Ok(document(&BlueprintInstanceSpec {
            name: row.name.clone(),
            path: row.path.clone(),
            enabled: row.enabled,
            context: row.context.clone(),
        }))
    }

    fn computed_schema(&self) -> Value {
        schema_of::<InstanceExtras>()
    }

    fn computed(
        &self,
        _: &mut Tx<'_>,
        _: ReadCx<'_>,
        rows: &[BlueprintInstance],
    ) -> Result<Vec<JsonObject>, ResourceError> {
        let extras = |instance: &BlueprintInstance| InstanceExtras {
            // Clients of authentik's API insist on a date.
            last_applied: instance.last_applied.unwrap_or(Timestamp::from_secs(0)).into(),
            last_applied_hash: instance.content_hash.clone(),
            status: instance.status,
            last_error: instance.last_error.clone(),
            managed_models: Vec::new(),
            metadata: instance.metadata.clone(),
        };
        Ok(rows.iter().map(|instance| canonical(&extras(instance))).collect())
    }

    fn by_key(&self, tx: &mut Tx<'_>, attribute: &str, value: &Value) -> Result<Indexed, ResourceError> {
        match (attribute, value.as_str()) {
            ("name", Some(name)) => {
                Ok(blueprint_instances::by_name(tx, name)?.map(|instance| instance.id).into())
            }
            _ => Ok(Indexed::No),
        }
    }

    fn guard(
        &self,
        _: &mut Tx<'_>,
        cx: WriteCx<'_>,
        _: Option<&BlueprintInstance>,
        draft: Option<&Draft<BlueprintInstanceSpec>>,
    ) -> Result<(), ResourceError> {
        match draft {
            Some(_) => reach::demand(cx.actor, &Rights::unlimited()),
            None => Ok(()),
        }
    }

    fn write(
        &self,
        tx: &mut Tx<'_>,
        _: WriteCx<'_>,
        draft: Draft<BlueprintInstanceSpec>,
    ) -> Result<(), ResourceError> {
        let (spec, id) = (draft.spec, BlueprintInstanceId(draft.id));
        let instance = match blueprint_instances::by_id(tx, id)? {
            Some(before) => BlueprintInstance {
                name: spec.name,
                path: spec.path,
                enabled: spec.enabled,
                context: spec.context,
                ..before
            },
            None => BlueprintInstance {
                id,
                name: spec.name,
                path: spec.path,
                content_hash: String::new(),
                status: BlueprintStatus::Unknown,
                last_applied: None,
                last_error: None,
                enabled: spec.enabled,
                context: spec.context,
                metadata: JsonObject::new(),
            },
        };
        if draft.exists {
            blueprint_instances::update(tx, &instance)?;
        } else {
            blueprint_instances::create(tx, &instance)?;
        }
        Ok(())
    }

    fn delete(&self, tx: &mut Tx<'_>, id: RawId) -> Result<(), ResourceError> {
        blueprint_instances::delete(tx, BlueprintInstanceId(id))?;
        Ok(())
    }
}
