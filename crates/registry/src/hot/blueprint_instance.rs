//! `authentik_blueprints.blueprintinstance`. How an application went is not written here.
//!
//! What is kept applied is applied without limits: only who has none may say what that is.

use countersign_authz::Rights;
use countersign_model::{BlueprintInstance, BlueprintInstanceId, BlueprintStatus};
use countersign_resource::{Describe, Facts, Nothing, Reference, canonical, check_name, schema_of};
use countersign_store::{Tx, blueprint_instances};
use countersign_types::{FieldErrors, JsonObject, RawId, Text, Timestamp};
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

/// Most bytes of a blueprint that is kept here.
const MAX_CONTENT: usize = 128 * 1024;
/// Beginning of addresses in registries of containers.
const OCI: &str = "oci://";

/// A blueprint that is kept applied: a file, or a text that is kept here.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(crate) struct BlueprintInstanceSpec {
    /// Unique name.
    name: String,
    /// Path below the blueprint folder, for a blueprint that is a file.
    #[serde(default)]
    path: String,
    /// The blueprint itself, as YAML, for one that is no file. It is applied when it is saved. Passwords do not
    /// belong here: `!Env` and `!File` read them elsewhere.
    #[serde(default)]
    #[schemars(length(max = 131_072), extend("x-widget" = "textarea"))]
    content: String,
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
        check_name("name", &self.name)?;
        if self.content.len() > MAX_CONTENT {
            let most = i64::try_from(MAX_CONTENT).unwrap_or(i64::MAX);
            let message = Text::key("field-too-long").with("max", most);
            return Err(FieldErrors::one("content", "max_length", message));
        }
        match (self.path.is_empty(), self.content.is_empty()) {
            (false, false) => {
                Err(FieldErrors::one("content", "invalid", "resource-error-blueprint-path-and-content"))
            }
            _ => Ok(()),
        }
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
            content: row.content.clone(),
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

    fn check(
        &self,
        tx: &mut Tx<'_>,
        draft: &Draft<BlueprintInstanceSpec>,
        _: &[Reference],
    ) -> Result<(), ResourceError> {
        let BlueprintInstanceSpec { path, content, .. } = &draft.spec;
        let before = blueprint_instances::by_id(tx, BlueprintInstanceId(draft.id))?;
        let is_oci = path.get(..OCI.len()).is_some_and(|start| start.eq_ignore_ascii_case(OCI));
        if is_oci && before.as_ref().is_none_or(|before| before.path != *path) {
            return Err(ResourceError::field("path", "invalid", "resource-error-blueprint-oci"));
        }
        // One that was handed in stands nowhere, and stays so.
        let stood = before.is_none_or(|before| !before.path.is_empty() || !before.content.is_empty());
        if stood && path.is_empty() && content.is_empty() {
            return Err(ResourceError::field("content", "required", "resource-error-blueprint-nowhere"));
        }
        Ok(())
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
        cx: WriteCx<'_>,
        draft: Draft<BlueprintInstanceSpec>,
    ) -> Result<(), ResourceError> {
        let (spec, id) = (draft.spec, BlueprintInstanceId(draft.id));
        let before = blueprint_instances::by_id(tx, id)?;
        let instance = match before.clone() {
            Some(before) => BlueprintInstance {
                name: spec.name,
                path: spec.path,
                content: spec.content,
                enabled: spec.enabled,
                context: spec.context,
                ..before
            },
            None => BlueprintInstance {
                id,
                name: spec.name,
                path: spec.path,
                content: spec.content,
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
        match cx.registry.keeper() {
            Some(keeper) if is_to_be_applied(before.as_ref(), &instance) => {
                if instance.enabled {
                    keeper.apply(tx, cx, &instance)
                } else {
                    keeper.check(&instance)
                }
            }
            _ => Ok(()),
        }
    }

    fn delete(&self, tx: &mut Tx<'_>, id: RawId) -> Result<(), ResourceError> {
        blueprint_instances::delete(tx, BlueprintInstanceId(id))?;
        Ok(())
    }
}

/// Whether what is kept applied is another than before, or is so again. What stands nowhere is not.
fn is_to_be_applied(before: Option<&BlueprintInstance>, now: &BlueprintInstance) -> bool {
    let stands = !now.path.is_empty() || !now.content.is_empty();
    let is_other = before.is_none_or(|before| {
        (&before.path, &before.content, &before.context) != (&now.path, &now.content, &now.context)
            || (now.enabled && !before.enabled)
    });
    stands && is_other
}
