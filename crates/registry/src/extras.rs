//! Read-only attributes that several kinds share, in the shapes of authentik's API. They are worked out for
//! many objects at once: each loader asks a question once for all of them.

use std::collections::HashMap;

use countersign_authz::Permission;
use countersign_model::{
    Application, ConfigObject, DeniedAction, Family, Flow, FlowDesignation, FlowId, FlowLayout, Group,
    PolicyEngineMode, Provider, Role, User,
};
use countersign_resource::Descriptor;
use countersign_store::{Tx, applications, flow_stage_bindings, flows, policy_bindings, settings};
use countersign_types::{JsonObject, RawId};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::{
    ReadCx, ResourceError,
    moment::Moment,
    notifying::{RuleExtras, TransportExtras},
};

/// What an object says about its kind.
#[derive(Clone, Serialize, JsonSchema)]
pub(crate) struct KindExtras {
    /// Form element that edits the object.
    component: String,
    /// What the kind is called.
    verbose_name: String,
    /// What several of the kind are called.
    verbose_name_plural: String,
    /// Model label of the kind.
    meta_model_name: String,
}

impl KindExtras {
    pub(crate) fn of(descriptor: &Descriptor) -> Self {
        Self {
            component: descriptor.component.to_owned(),
            verbose_name: descriptor.verbose_name.to_owned(),
            verbose_name_plural: descriptor.verbose_name_plural.clone(),
            meta_model_name: descriptor.model.to_owned(),
        }
    }

    /// Of a kind that this binary may not have.
    pub(crate) fn of_model(cx: ReadCx<'_>, model: &str) -> Self {
        match cx.registry.known(model) {
            Some(resource) => Self::of(resource.descriptor()),
            None => Self {
                component: String::new(),
                verbose_name: model.to_owned(),
                verbose_name_plural: model.to_owned(),
                meta_model_name: model.to_owned(),
            },
        }
    }
}

/// A flow in short.
#[derive(Clone, Serialize, JsonSchema)]
pub(crate) struct FlowBrief {
    pk: RawId,
    policybindingmodel_ptr_id: RawId,
    name: String,
    slug: String,
    title: String,
    designation: FlowDesignation,
    background_url: String,
    policy_engine_mode: PolicyEngineMode,
    compatibility_mode: bool,
    export_url: String,
    layout: FlowLayout,
    denied_action: DeniedAction,
}

impl FlowBrief {
    pub(crate) fn of(flow: &Flow) -> Self {
        Self {
            pk: flow.id.raw(),
            policybindingmodel_ptr_id: flow.id.raw(),
            name: flow.name.clone(),
            slug: flow.slug.as_str().to_owned(),
            title: flow.title.clone(),
            designation: flow.designation,
            background_url: flow.background.clone(),
            policy_engine_mode: flow.policy_engine_mode,
            compatibility_mode: flow.compatibility_mode,
            export_url: export_url(flow),
            layout: flow.layout,
            denied_action: flow.denied_action,
        }
    }
}

/// Where a flow is exported.
pub(crate) fn export_url(flow: &Flow) -> String {
    format!("/api/v3/flows/instances/{}/export/", flow.slug)
}

/// Read-only attributes of stages.
#[derive(Clone, Serialize, JsonSchema)]
pub(crate) struct StageExtras {
    #[serde(flatten)]
    kind: KindExtras,
    /// The flows in which the stage stands.
    flow_set: Vec<FlowBrief>,
}

/// Which stages stand in which flows.
pub(crate) struct StagePlaces(HashMap<RawId, Vec<FlowBrief>>);

impl StagePlaces {
    pub(crate) fn load(tx: &mut Tx<'_>) -> Result<Self, ResourceError> {
        let all: HashMap<FlowId, Flow> = flows::all(tx)?.into_iter().map(|flow| (flow.id, flow)).collect();
        let mut places: HashMap<RawId, Vec<FlowBrief>> = HashMap::new();
        for binding in flow_stage_bindings::all(tx)? {
            let Some(flow) = all.get(&binding.target) else { continue };
            let flows = places.entry(binding.stage.raw()).or_default();
            if !flows.iter().any(|known| known.pk == flow.id.raw()) {
                flows.push(FlowBrief::of(flow));
            }
        }
        Ok(Self(places))
    }

    pub(crate) fn extras(&self, cx: ReadCx<'_>, stage: &ConfigObject) -> StageExtras {
        StageExtras {
            kind: KindExtras::of_model(cx, &stage.kind),
            flow_set: self.0.get(&stage.id.raw()).cloned().unwrap_or_default(),
        }
    }

    pub(crate) fn brief(&self, cx: ReadCx<'_>, stage: &ConfigObject) -> StageBrief {
        StageBrief { pk: stage.id.raw(), name: stage.name.clone(), extras: self.extras(cx, stage) }
    }
}

/// A stage in short.
#[derive(Clone, Serialize, JsonSchema)]
pub(crate) struct StageBrief {
    pk: RawId,
    name: String,
    #[serde(flatten)]
    extras: StageExtras,
}

/// Read-only attributes of policies.
#[derive(Clone, Serialize, JsonSchema)]
pub(crate) struct PolicyExtras {
    #[serde(flatten)]
    kind: KindExtras,
    /// How many bindings the policy has.
    bound_to: usize,
}

/// How many bindings policies have.
pub(crate) struct PolicyUses(HashMap<RawId, usize>);

impl PolicyUses {
    pub(crate) fn load(tx: &mut Tx<'_>) -> Result<Self, ResourceError> {
        let mut uses = HashMap::new();
        for binding in policy_bindings::all(tx)? {
            if let countersign_model::BoundTo::Policy(policy) = binding.bound_to {
                *uses.entry(policy.raw()).or_default() += 1;
            }
        }
        Ok(Self(uses))
    }

    pub(crate) fn extras(&self, cx: ReadCx<'_>, policy: &ConfigObject) -> PolicyExtras {
        PolicyExtras {
            kind: KindExtras::of_model(cx, &policy.kind),
            bound_to: self.0.get(&policy.id.raw()).copied().unwrap_or_default(),
        }
    }

    pub(crate) fn brief(&self, cx: ReadCx<'_>, policy: &ConfigObject) -> PolicyBrief {
        PolicyBrief {
            pk: policy.id.raw(),
            name: policy.name.clone(),
            execution_logging: policy
                .config
                .get("execution_logging")
                .and_then(Value::as_bool)
                .unwrap_or(false),
            extras: self.extras(cx, policy),
        }
    }
}

/// A policy in short.
#[derive(Clone, Serialize, JsonSchema)]
pub(crate) struct PolicyBrief {
    pk: RawId,
    name: String,
    execution_logging: bool,
    #[serde(flatten)]
    extras: PolicyExtras,
}

/// Read-only attributes of providers.
#[derive(Clone, Serialize, JsonSchema)]
pub(crate) struct ProviderExtras {
    /// Integer key.
    pk: i64,
    #[serde(flatten)]
    kind: KindExtras,
    /// Slug of the application that the provider signs people in to.
    assigned_application_slug: Option<String>,
    /// Name of that application.
    assigned_application_name: Option<String>,
    /// Kept for authentik's field of this name; there is none.
    assigned_backchannel_application_slug: Option<String>,
    /// Kept for authentik's field of this name; there is none.
    assigned_backchannel_application_name: Option<String>,
}

/// Which provider signs people in to which application.
pub(crate) struct Assigned(HashMap<RawId, (String, String)>);

impl Assigned {
    pub(crate) fn load(tx: &mut Tx<'_>) -> Result<Self, ResourceError> {
        let of = |application: Application| {
            let provider = application.provider?.raw();
            Some((provider, (application.slug.as_str().to_owned(), application.name)))
        };
        Ok(Self(applications::all(tx)?.into_iter().filter_map(of).collect()))
    }

    pub(crate) fn extras(&self, cx: ReadCx<'_>, provider: &Provider) -> ProviderExtras {
        let assigned = self.0.get(&provider.id.raw()).cloned();
        let (slug, name) = assigned.unzip();
        ProviderExtras {
            pk: provider.pk,
            kind: KindExtras::of_model(cx, &provider.kind),
            assigned_application_slug: slug,
            assigned_application_name: name,
            assigned_backchannel_application_slug: None,
            assigned_backchannel_application_name: None,
        }
    }

    pub(crate) fn brief(&self, cx: ReadCx<'_>, provider: &Provider) -> ProviderBrief {
        ProviderBrief {
            name: provider.name.clone(),
            authentication_flow: provider.authentication_flow.map(FlowId::raw),
            authorization_flow: provider.authorization_flow.map(FlowId::raw),
            invalidation_flow: provider.invalidation_flow.map(FlowId::raw),
            property_mappings: provider.property_mappings.clone(),
            extras: self.extras(cx, provider),
        }
    }
}

/// A provider in short.
#[derive(Clone, Serialize, JsonSchema)]
pub(crate) struct ProviderBrief {
    name: String,
    authentication_flow: Option<RawId>,
    authorization_flow: Option<RawId>,
    invalidation_flow: Option<RawId>,
    property_mappings: Vec<RawId>,
    #[serde(flatten)]
    extras: ProviderExtras,
}

/// A user in short.
#[derive(Clone, Serialize, JsonSchema)]
pub(crate) struct UserBrief {
    pk: i64,
    username: String,
    name: String,
    is_active: bool,
    last_login: Option<Moment>,
    email: String,
    attributes: JsonObject,
    uid: String,
}

impl UserBrief {
    pub(crate) fn of(user: &User, install: &Install) -> Self {
        Self {
            pk: user.pk,
            username: user.username.clone(),
            name: user.name.clone(),
            is_active: user.is_active,
            last_login: user.last_login.map(Moment::from),
            email: user.email.clone(),
            attributes: user.attributes.clone(),
            uid: install.uid(user),
        }
    }

    /// Of a user whom the actor may see.
    pub(crate) fn visible(cx: ReadCx<'_>, user: &User, install: &Install) -> Option<Self> {
        let may = cx.actor.may(&Permission::view("authentik_core.user"), Some(user.id.raw()));
        may.then(|| Self::of(user, install))
    }
}

/// Names this installation.
pub(crate) struct Install(String);

impl Install {
    pub(crate) fn load(tx: &mut Tx<'_>) -> Result<Self, ResourceError> {
        let id = settings::get(tx, settings::INSTALL_ID)?;
        Ok(Self(id.as_ref().and_then(Value::as_str).unwrap_or_default().to_owned()))
    }

    /// A stable name of a user that tells nothing: SHA-256, hexadecimal, of integer key and installation.
    pub(crate) fn uid(&self, user: &User) -> String {
        countersign_crypto::digest_hex(&format!("{}-{}", user.pk, self.0))
    }
}

/// A group in short.
#[derive(Clone, Serialize, JsonSchema)]
pub(crate) struct GroupBrief {
    pk: RawId,
    num_pk: u32,
    name: String,
    is_superuser: bool,
    attributes: JsonObject,
}

impl GroupBrief {
    pub(crate) fn of(group: &Group) -> Self {
        Self {
            pk: group.id.raw(),
            num_pk: num_pk(group.id.raw()),
            name: group.name.clone(),
            is_superuser: group.is_superuser,
            attributes: group.attributes.clone(),
        }
    }

    /// Of a group that the actor may see.
    pub(crate) fn visible(cx: ReadCx<'_>, group: &Group) -> Option<Self> {
        let may = cx.actor.may(&Permission::view("authentik_core.group"), Some(group.id.raw()));
        may.then(|| Self::of(group))
    }
}

/// A group that another is related to.
#[derive(Clone, Serialize, JsonSchema)]
pub(crate) struct RelatedGroup {
    pk: RawId,
    name: String,
    is_superuser: bool,
    attributes: JsonObject,
    group_uuid: RawId,
}

impl RelatedGroup {
    pub(crate) fn of(group: &Group) -> Self {
        Self {
            pk: group.id.raw(),
            name: group.name.clone(),
            is_superuser: group.is_superuser,
            attributes: group.attributes.clone(),
            group_uuid: group.id.raw(),
        }
    }
}

/// A number for systems that know groups by one. Others may have the same: it names nothing to us.
pub(crate) fn num_pk(id: RawId) -> u32 {
    let (number, ..) = id.as_fields();
    number & 0x7fff_ffff
}

/// A role in short.
#[derive(Clone, Serialize, JsonSchema)]
pub(crate) struct RoleBrief {
    pk: RawId,
    name: String,
}

impl RoleBrief {
    pub(crate) fn of(role: &Role) -> Self {
        Self { pk: role.id.raw(), name: role.name.clone() }
    }

    /// Those of these roles that the actor may see.
    pub(crate) fn visible(cx: ReadCx<'_>, roles: &[Role], ids: &[countersign_model::RoleId]) -> Vec<Self> {
        let view = Permission::view("authentik_rbac.role");
        let own = roles.iter().filter(|role| ids.contains(&role.id));
        own.filter(|role| cx.actor.may(&view, Some(role.id.raw()))).map(Self::of).collect()
    }
}

/// Which family's objects bring which read-only attributes.
pub(crate) fn family_schema(family: Family) -> Value {
    use countersign_resource::schema_of;
    match family {
        Family::Stage => schema_of::<StageExtras>(),
        Family::Policy => schema_of::<PolicyExtras>(),
        Family::Prompt => schema_of::<PromptExtras>(),
        Family::NotificationTransport => schema_of::<TransportExtras>(),
        Family::NotificationRule => schema_of::<RuleExtras>(),
        Family::PropertyMapping | Family::Source | Family::InitialPermissions => schema_of::<KindExtras>(),
    }
}

/// Read-only attributes of prompts.
#[derive(Clone, Serialize, JsonSchema)]
pub(crate) struct PromptExtras {
    /// The prompt stages that show the prompt.
    prompt_stages_obj: Vec<PromptStageBrief>,
}

/// A prompt stage in short.
#[derive(Clone, Serialize, JsonSchema)]
struct PromptStageBrief {
    #[serde(flatten)]
    stage: StageBrief,
    fields: Vec<RawId>,
    validation_policies: Vec<RawId>,
}

impl PromptExtras {
    /// The prompt stages among these that show a prompt.
    pub(crate) fn of(
        cx: ReadCx<'_>,
        prompt: &ConfigObject,
        stages: &[ConfigObject],
        places: &StagePlaces,
    ) -> Self {
        let shown = stages.iter().filter_map(|stage| {
            let fields = ids(stage.config.get("fields"));
            fields.contains(&prompt.id.raw()).then(|| PromptStageBrief {
                stage: places.brief(cx, stage),
                fields,
                validation_policies: ids(stage.config.get("validation_policies")),
            })
        });
        Self { prompt_stages_obj: shown.collect() }
    }
}

fn ids(list: Option<&Value>) -> Vec<RawId> {
    let elements = list.and_then(Value::as_array).into_iter().flatten();
    elements.filter_map(|id| id.as_str()?.parse().ok()).collect()
}
