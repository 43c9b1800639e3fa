//! `authentik_blueprints.blueprintinstance`. How an application went is not written here.

use countersign_model::{BlueprintInstance, BlueprintInstanceId, BlueprintStatus};
use countersign_resource::{Describe, Facts, Nothing, check_name};
use countersign_store::{Tx, blueprint_instances};
use countersign_types::{FieldErrors, JsonObject, RawId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{document, on};
use crate::{
    ResourceError, WriteCx,
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

    fn by_key(&self, tx: &mut Tx<'_>, attribute: &str, value: &Value) -> Result<Indexed, ResourceError> {
        match (attribute, value.as_str()) {
            ("name", Some(name)) => {
                Ok(blueprint_instances::by_name(tx, name)?.map(|instance| instance.id).into())
            }
            _ => Ok(Indexed::No),
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
