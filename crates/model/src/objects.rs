//! Applications, providers, brands, and the cold configuration objects.

use countersign_types::{JsonObject, RawId, Slug};
use serde_json::Value;

use crate::{FlowId, KeyPairId, PolicyEngineMode, text_enum};

countersign_types::ids! {
    /// A cold configuration object: stage, policy, prompt or property mapping.
    ConfigObjectId,
    /// An application.
    ApplicationId,
    /// A provider.
    ProviderId,
    /// A brand.
    BrandId,
}

text_enum! {
    /// The families of cold configuration, which share one table.
    Family {
        /// Stages.
        Stage = "stage",
        /// Policies.
        Policy = "policy",
        /// Fields of prompt stages.
        Prompt = "prompt",
        /// Property mappings.
        PropertyMapping = "propertymapping",
        /// Sources.
        Source = "source",
        /// Ways in which notifications are sent.
        NotificationTransport = "notificationtransport",
        /// Rules of which events somebody is notified.
        NotificationRule = "notificationrule",
        /// What roles are given on new objects.
        InitialPermissions = "initialpermissions",
    }
}

/// A cold configuration object as it is kept: its kind knows what the document means.
#[derive(Clone, Debug, PartialEq)]
pub struct ConfigObject {
    /// Identifier.
    pub id: ConfigObjectId,
    /// Family.
    pub family: Family,
    /// Model label of the kind: `authentik_stages_password.passwordstage`.
    pub kind: String,
    /// Name, unique in the family.
    pub name: String,
    /// Marks an object that Countersign itself keeps: `goauthentik.io/providers/oauth2/scope-openid`.
    pub managed: Option<String>,
    /// The document, secrets sealed inside it.
    pub config: Value,
}

/// Something that people use and that receives them from us.
#[derive(Clone, Debug)]
pub struct Application {
    /// Identifier, and the target of the application's policy bindings.
    pub id: ApplicationId,
    /// Name on the tile.
    pub name: String,
    /// Name in URLs.
    pub slug: Slug,
    /// Heading under which the tile stands.
    pub group: String,
    /// The provider that signs people in to it.
    pub provider: Option<ProviderId>,
    /// Where the tile leads; may hold `%(username)s` and the like. Empty: derived from the provider.
    pub meta_launch_url: String,
    /// Picture on the tile.
    pub meta_icon: String,
    /// Line under the name.
    pub meta_description: String,
    /// Who publishes it.
    pub meta_publisher: String,
    /// Whether the tile is hidden.
    pub meta_hide: bool,
    /// Whether the tile opens a new tab.
    pub open_in_new_tab: bool,
    /// How policy bindings combine.
    pub policy_engine_mode: PolicyEngineMode,
}

/// What we are to an application: the protocol and its settings.
#[derive(Clone, Debug)]
pub struct Provider {
    /// Identifier.
    pub id: ProviderId,
    /// Integer key of the API.
    pub pk: i64,
    /// Model label of the kind: `authentik_providers_oauth2.oauth2provider`.
    pub kind: String,
    /// Unique name.
    pub name: String,
    /// OAuth client identifier, for the kinds that have one; unique.
    pub client_id: Option<String>,
    /// Flow for people who are not signed in; none for the brand's.
    pub authentication_flow: Option<FlowId>,
    /// Flow that lets the application have the user.
    pub authorization_flow: Option<FlowId>,
    /// Flow run at sign-out from the application.
    pub invalidation_flow: Option<FlowId>,
    /// Property mappings.
    pub property_mappings: Vec<RawId>,
    /// The kind's own document, secrets sealed inside it.
    pub config: Value,
}

/// How a domain looks and which flows it uses.
#[derive(Clone, Debug)]
pub struct Brand {
    /// Identifier.
    pub id: BrandId,
    /// Domain, matched as a suffix.
    pub domain: String,
    /// Whether it stands for every other domain.
    pub default: bool,
    /// Title of pages.
    pub branding_title: String,
    /// Logo; `%(theme)s` stands for light or dark.
    pub branding_logo: String,
    /// Icon of the browser's tab.
    pub branding_favicon: String,
    /// Style rules added after ours.
    pub branding_custom_css: String,
    /// Background of flow pages.
    pub branding_default_flow_background: String,
    /// Sign-in flow.
    pub flow_authentication: Option<FlowId>,
    /// Sign-out flow.
    pub flow_invalidation: Option<FlowId>,
    /// Recovery flow.
    pub flow_recovery: Option<FlowId>,
    /// Flow that removes an account.
    pub flow_unenrollment: Option<FlowId>,
    /// Flow of the user's settings.
    pub flow_user_settings: Option<FlowId>,
    /// Flow of the device code.
    pub flow_device_code: Option<FlowId>,
    /// Where people without a library land.
    pub default_application: Option<ApplicationId>,
    /// Authorities whose client certificates are believed where a stage names none.
    pub client_certificates: Vec<KeyPairId>,
    /// Free attributes: `settings.theme.base`, `settings.locale`, `settings.colors.accent`.
    pub attributes: JsonObject,
}

impl Brand {
    /// The language of visitors who wish for none of ours (`attributes.settings.locale`).
    pub fn locale(&self) -> Option<&str> {
        self.attributes.get("settings")?.get("locale")?.as_str().filter(|locale| !locale.is_empty())
    }
}
