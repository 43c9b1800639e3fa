//! Every kind that the binary has, by model label.

use std::{collections::HashMap, sync::Arc};

use countersign_crypto::Sealer;
use countersign_mail::Notices;
use countersign_model::{
    ApplicationId, ConfigObjectId, Family, FlowId, FlowStageBindingId, GroupId, Provider, ProviderId, User,
    UserId,
};
use countersign_resource::{ConfigKind, Vault};
use countersign_store::{
    Tx, applications, config_objects, flow_stage_bindings, flows, groups, providers, users,
};
use countersign_types::{JsonObject, RawId};
use indexmap::IndexMap;

use crate::{
    Actor, AnyResource, BlueprintKeeper, DocumentVault, ListPage, ListQuery, Order, Prepared, ProviderSpec,
    ReadCx, ResourceError, Start, WriteCx, Written,
    config::ConfigRows,
    engine::Engine,
    hot, known,
    listing::MAX_LIMIT,
    memory,
    provider::{ProviderRows, load_provider},
    rows::Rows,
};

/// The kinds.
pub struct Registry {
    resources: IndexMap<&'static str, Box<dyn AnyResource>>,
    vault: Arc<dyn Vault>,
    sealer: Sealer,
    launching: HashMap<&'static str, LaunchUrl>,
    picture: fn(&User) -> String,
    notices: Option<Notices>,
    keeper: Option<Arc<dyn BlueprintKeeper>>,
}

/// Where an application is, as its provider of some kind knows.
type LaunchUrl = Box<dyn Fn(&Provider) -> Option<String> + Send + Sync>;

impl std::fmt::Debug for Registry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Registry").field("models", &self.resources.keys()).finish_non_exhaustive()
    }
}

impl Registry {
    /// The objects that have tables of their own, and no other kind yet.
    pub fn new(sealer: Sealer) -> Self {
        let registry = Self {
            resources: IndexMap::new(),
            vault: Arc::new(DocumentVault::new(sealer.clone())),
            sealer: sealer.clone(),
            launching: HashMap::new(),
            picture: |_| String::new(),
            notices: None,
            keeper: None,
        };
        registry
            .with_rows(hot::Users)
            .with_rows(hot::Groups)
            .with_rows(hot::Roles)
            .with_rows(hot::InitialPermissions)
            .with_rows(hot::Flows)
            .with_rows(hot::FlowStageBindings)
            .with_rows(hot::PolicyBindings)
            .with_rows(hot::Applications)
            .with_rows(hot::Brands)
            .with_rows(hot::Tokens)
            .with_rows(hot::KeyPairs::new(sealer))
            .with_rows(hot::BlueprintInstances)
            .with_rows(hot::Events)
            .with_rows(hot::Sessions)
            .with_rows(hot::Consents)
            .with_rows(hot::Invitations)
            .with_rows(hot::Reputations)
            .with_rows(hot::Grants::<hot::AccessToken>::new())
            .with_rows(hot::Grants::<hot::RefreshToken>::new())
            .with_rows(hot::Grants::<hot::Code>::new())
    }

    /// Adds a kind of cold configuration.
    #[must_use]
    pub fn with_config<K: ConfigKind>(self) -> Self {
        self.with_rows(ConfigRows::<K>::new())
    }

    /// Adds a kind of provider.
    #[must_use]
    pub fn with_provider<S: ProviderSpec>(self) -> Self {
        let sealer = self.sealer.clone();
        let launch_url = move |provider: &Provider| load_provider::<S>(provider, &sealer).ok()?.launch_url();
        let mut registry = self.with_rows(ProviderRows::<S>::new());
        registry.launching.insert(S::MODEL, Box::new(launch_url));
        registry
    }

    /// Says what picture a user has.
    #[must_use]
    pub fn picturing(self, picture: fn(&User) -> String) -> Self {
        Self { picture, ..self }
    }

    /// Tells people of what is done to their accounts.
    #[must_use]
    pub fn telling(self, notices: Notices) -> Self {
        Self { notices: Some(notices), ..self }
    }

    /// Applies blueprints as they are saved.
    #[must_use]
    pub fn keeping(self, keeper: Arc<dyn BlueprintKeeper>) -> Self {
        Self { keeper: Some(keeper), ..self }
    }

    /// Who applies blueprints as they are saved, if anybody.
    pub(crate) fn keeper(&self) -> Option<&dyn BlueprintKeeper> {
        self.keeper.as_deref()
    }

    /// Who tells people of what is done to their accounts, if anybody.
    pub(crate) const fn notices(&self) -> Option<&Notices> {
        self.notices.as_ref()
    }

    /// Where the application of a provider is.
    pub(crate) fn launch_url(&self, provider: &Provider) -> Option<String> {
        self.launching.get(provider.kind.as_str()).and_then(|launch_url| launch_url(provider))
    }

    /// The picture of a user.
    pub fn picture(&self, user: &User) -> String {
        (self.picture)(user)
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

    /// A part of the objects of all kinds of a family that the actor may see, by name unless it is said
    /// otherwise. A kind that does not know an attribute that is filtered by has nothing in the list.
    pub fn list_family(
        &self,
        tx: &mut Tx<'_>,
        cx: ReadCx<'_>,
        family: &str,
        query: &ListQuery,
    ) -> Result<ListPage, ResourceError> {
        let everything = ListQuery {
            order: Vec::new(),
            start: Start::First,
            limit: MAX_LIMIT,
            count: false,
            computed: true,
            ..query.clone()
        };
        let mut all = Vec::new();
        for resource in self.of_family(family) {
            match resource.list(tx, cx, &everything) {
                Ok(page) => all.extend(page.items),
                // What one kind alone knows is not true of the others.
                Err(ResourceError::UnknownAttribute(_)) => {}
                Err(error) => return Err(error),
            }
        }
        let mut order = query.order.clone();
        if order.is_empty() {
            order.push(Order { field: "name".to_owned(), descending: false });
        }
        Ok(memory::ordered_page(all, &ListQuery { order, ..query.clone() }))
    }

    /// The circumstances of reading.
    pub const fn read_as<'a>(&'a self, actor: &'a Actor) -> ReadCx<'a> {
        ReadCx { registry: self, actor }
    }

    /// The circumstances of a write.
    pub const fn cx<'a>(
        &'a self,
        actor: &'a Actor,
        client_ip: Option<&'a str>,
        prepared: &'a Prepared,
    ) -> WriteCx<'a> {
        WriteCx {
            registry: self,
            actor,
            client_ip,
            prepared,
            expected: None,
            may_open: false,
            depth: 0,
            follows: false,
        }
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
                || (target == POLICY_TARGET && is_guarded(model, descriptor.family));
            if fits && let Some(document) = resource.read(tx, id)? {
                return Ok(Some((*model, document)));
            }
        }
        Ok(None)
    }

    /// The model of what a reference to this target (model label or family) leads to; none when it leads
    /// nowhere.
    pub(crate) fn model_of(
        &self,
        tx: &mut Tx<'_>,
        target: &str,
        id: RawId,
    ) -> Result<Option<String>, ResourceError> {
        if let Ok(family) = target.parse::<Family>() {
            let object = config_objects::by_id(tx, ConfigObjectId(id))?;
            return Ok(object.filter(|object| object.family == family).map(|object| object.kind));
        }
        let is_there = match target {
            "provider" => return Ok(providers::by_id(tx, ProviderId(id))?.map(|provider| provider.kind)),
            POLICY_TARGET => {
                for model in GUARDED {
                    if let Some(model) = self.model_of(tx, model, id)? {
                        return Ok(Some(model));
                    }
                }
                for family in GUARDED_FAMILIES {
                    if let Some(model) = self.model_of(tx, family.as_str(), id)? {
                        return Ok(Some(model));
                    }
                }
                return Ok(None);
            }
            "authentik_core.user" => users::by_id(tx, UserId(id))?.is_some(),
            "authentik_core.group" => groups::by_id(tx, GroupId(id))?.is_some(),
            "authentik_flows.flow" => flows::by_id(tx, FlowId(id))?.is_some(),
            "authentik_flows.flowstagebinding" => {
                flow_stage_bindings::by_id(tx, FlowStageBindingId(id))?.is_some()
            }
            "authentik_core.application" => applications::by_id(tx, ApplicationId(id))?.is_some(),
            model => self.get(model)?.read(tx, id)?.is_some(),
        };
        Ok(is_there.then(|| target.to_owned()))
    }

    /// The kind of this model label, if the binary has it.
    pub(crate) fn known(&self, model: &str) -> Option<&dyn AnyResource> {
        self.resources.get(model).map(AsRef::as_ref)
    }
}

/// The target of policy bindings, as references name it.
pub(crate) const POLICY_TARGET: &str = "policytarget";
/// The models among those.
const GUARDED: [&str; 3] =
    ["authentik_flows.flow", "authentik_flows.flowstagebinding", "authentik_core.application"];
/// The families among those.
const GUARDED_FAMILIES: [Family; 2] = [Family::Source, Family::NotificationRule];

/// Whether policy bindings may guard objects of a kind.
pub fn is_guarded(model: &str, family: Option<&str>) -> bool {
    GUARDED.contains(&model) || GUARDED_FAMILIES.iter().any(|guarded| family == Some(guarded.as_str()))
}
