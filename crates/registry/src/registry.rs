//! Every kind that the binary has, by model label.

use std::sync::Arc;

use countersign_crypto::Sealer;
use countersign_model::{
    ApplicationId, ConfigObjectId, Family, FlowId, FlowStageBindingId, GroupId, ProviderId, UserId,
};
use countersign_resource::{ConfigKind, Vault};
use countersign_store::{
    Tx, applications, config_objects, flow_stage_bindings, flows, groups, object_refs, providers, users,
};
use countersign_types::{JsonObject, RawId};
use indexmap::IndexMap;
use serde_json::Value;

use crate::{
    Actor, AnyResource, DocumentVault, Prepared, ProviderSpec, ResourceError, UsedBy, WriteCx, Written,
    audit::display_name, config::ConfigRows, engine::Engine, hot, known, provider::ProviderRows, rows::Rows,
};

/// How many users of an object are looked at before its deletion is refused or done.
const MAX_USERS: u32 = 1_000;

/// The kinds.
pub struct Registry {
    resources: IndexMap<&'static str, Box<dyn AnyResource>>,
    vault: Arc<dyn Vault>,
}

impl std::fmt::Debug for Registry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Registry").field("models", &self.resources.keys()).finish_non_exhaustive()
    }
}

impl Registry {
    /// The objects that have tables of their own, and no other kind yet.
    pub fn new(sealer: Sealer) -> Self {
        let registry =
            Self { resources: IndexMap::new(), vault: Arc::new(DocumentVault::new(sealer.clone())) };
        registry
            .with_rows(hot::Users)
            .with_rows(hot::Groups)
            .with_rows(hot::Flows)
            .with_rows(hot::FlowStageBindings)
            .with_rows(hot::PolicyBindings)
            .with_rows(hot::Applications)
            .with_rows(hot::Brands)
            .with_rows(hot::Tokens)
            .with_rows(hot::KeyPairs::new(sealer))
            .with_rows(hot::BlueprintInstances)
    }

    /// Adds a kind of cold configuration.
    #[must_use]
    pub fn with_config<K: ConfigKind>(self) -> Self {
        self.with_rows(ConfigRows::<K>::new())
    }

    /// Adds a kind of provider.
    #[must_use]
    pub fn with_provider<S: ProviderSpec>(self) -> Self {
        self.with_rows(ProviderRows::<S>::new())
    }

    fn with_rows<R: Rows>(mut self, rows: R) -> Self {
        let engine = Engine::new(rows, Arc::clone(&self.vault));
        self.resources.insert(engine.descriptor().model, Box::new(engine));
        self
    }

    /// The kind of this model label. Kinds of authentik that are not built are told from nonsense.
    pub fn get(&self, model: &str) -> Result<&dyn AnyResource, ResourceError> {
        if let Some(resource) = self.resources.get(model) {
            return Ok(resource.as_ref());
        }
        Err(if known::is_of_authentik(model) {
            ResourceError::NotBuilt(model.to_owned())
        } else {
            ResourceError::UnknownModel(model.to_owned())
        })
    }

    /// Every kind, in the order of registration.
    pub fn resources(&self) -> impl Iterator<Item = &dyn AnyResource> {
        self.resources.values().map(AsRef::as_ref)
    }

    /// The kinds of a family.
    pub fn of_family(&self, family: &str) -> impl Iterator<Item = &dyn AnyResource> {
        self.resources().filter(move |resource| resource.descriptor().family == Some(family))
    }

    /// The circumstances of a write.
    pub const fn cx<'a>(
        &'a self,
        actor: &'a Actor,
        client_ip: Option<&'a str>,
        prepared: &'a Prepared,
    ) -> WriteCx<'a> {
        WriteCx { registry: self, actor, client_ip, prepared }
    }

    /// Makes an object of a kind.
    pub fn create(
        &self,
        tx: &mut Tx<'_>,
        cx: WriteCx<'_>,
        model: &str,
        document: &JsonObject,
    ) -> Result<Written, ResourceError> {
        self.get(model)?.create(tx, cx, document)
    }

    /// The model label of an object of a family (or of the model itself) and its document.
    pub fn read_any(
        &self,
        tx: &mut Tx<'_>,
        target: &str,
        id: RawId,
    ) -> Result<Option<(&'static str, JsonObject)>, ResourceError> {
        for (model, resource) in &self.resources {
            let descriptor = resource.descriptor();
            let fits = *model == target
                || descriptor.family == Some(target)
                || (target == POLICY_TARGET && GUARDED.contains(model));
            if fits && let Some(document) = resource.read(tx, id)? {
                return Ok(Some((*model, document)));
            }
        }
        Ok(None)
    }

    /// Whether a reference to this target (model label or family) leads somewhere.
    pub(crate) fn exists(&self, tx: &mut Tx<'_>, target: &str, id: RawId) -> Result<bool, ResourceError> {
        if let Ok(family) = target.parse::<Family>() {
            let object = config_objects::by_id(tx, ConfigObjectId(id))?;
            return Ok(object.is_some_and(|object| object.family == family));
        }
        Ok(match target {
            "provider" => providers::by_id(tx, ProviderId(id))?.is_some(),
            "authentik_core.user" => users::by_id(tx, UserId(id))?.is_some(),
            "authentik_core.group" => groups::by_id(tx, GroupId(id))?.is_some(),
            "authentik_flows.flow" => flows::by_id(tx, FlowId(id))?.is_some(),
            "authentik_core.application" => applications::by_id(tx, ApplicationId(id))?.is_some(),
            POLICY_TARGET => {
                flows::by_id(tx, FlowId(id))?.is_some()
                    || flow_stage_bindings::by_id(tx, FlowStageBindingId(id))?.is_some()
                    || applications::by_id(tx, ApplicationId(id))?.is_some()
                    || config_objects::by_id(tx, ConfigObjectId(id))?
                        .is_some_and(|object| object.family == Family::Source)
            }
            model => self.get(model)?.read(tx, id)?.is_some(),
        })
    }

    /// Who refers to an object, at most a thousand of them.
    pub fn used_by(&self, tx: &mut Tx<'_>, id: RawId) -> Result<Vec<UsedBy>, ResourceError> {
        let mut users = Vec::new();
        for edge in object_refs::to(tx, id, MAX_USERS)? {
            // A kind that this binary does not have cannot be asked, and still counts.
            let document = match self.resources.get(edge.from_kind.as_str()) {
                Some(resource) => match resource.read(tx, edge.from_id)? {
                    Some(document) => document,
                    None => continue,
                },
                None => JsonObject::new(),
            };
            let name = display_name(&document).unwrap_or_else(|| edge.from_id.to_string());
            users.push(UsedBy { model: edge.from_kind, id: edge.from_id, name, field: edge.field });
        }
        Ok(users)
    }

    /// Makes an object free for deletion: what belongs to it is deleted, optional references to it are
    /// emptied, and any other use is an error.
    pub(crate) fn release(&self, tx: &mut Tx<'_>, cx: WriteCx<'_>, id: RawId) -> Result<(), ResourceError> {
        let (mut needed, mut free) = (Vec::new(), Vec::new());
        for user in self.used_by(tx, id)?.into_iter().filter(|user| user.id != id) {
            let Some(resource) = self.resources.get(user.model.as_str()) else {
                needed.push(user);
                continue;
            };
            let top = user.field.split('.').next().unwrap_or_default().to_owned();
            if resource.owned_by().contains(&top.as_str()) {
                free.push((resource, user, None));
                continue;
            }
            let field = resource.descriptor().field(&top);
            let optional =
                field.is_some_and(|field| field.reference.is_some() && (field.many || !field.required));
            if optional { free.push((resource, user, Some(top))) } else { needed.push(user) }
        }
        if !needed.is_empty() {
            return Err(ResourceError::InUse(needed));
        }
        for (resource, user, field) in free {
            match field {
                None => match resource.delete(tx, cx, user.id) {
                    Ok(()) | Err(ResourceError::NotFound) => {}
                    Err(error) => return Err(error),
                },
                Some(field) => {
                    let Some(document) = resource.read(tx, user.id)? else { continue };
                    let emptied = without(document.get(&field), &id.to_string());
                    resource.update(tx, cx, user.id, &JsonObject::from_iter([(field, emptied)]))?;
                }
            }
        }
        Ok(())
    }
}

/// The target of policy bindings, as references name it.
const POLICY_TARGET: &str = "policytarget";
/// The models among those.
const GUARDED: [&str; 3] =
    ["authentik_flows.flow", "authentik_flows.flowstagebinding", "authentik_core.application"];

/// The value of a reference field once it no longer points at the object.
fn without(value: Option<&Value>, id: &str) -> Value {
    match value {
        Some(Value::Array(elements)) => elements.iter().filter(|element| *element != id).cloned().collect(),
        _ => Value::Null,
    }
}
