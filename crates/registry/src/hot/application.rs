//! `authentik_core.application`.

use countersign_model::{Application, ApplicationId, PolicyEngineMode, ProviderId};
use countersign_resource::{Describe, Facts, Nothing, Reference, canonical, check_name, schema_of, target};
use countersign_store::{Snapshot, Tx, applications, providers};
use countersign_types::{FieldErrors, FilePath, JsonObject, RawId, Ref, Slug};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{document, flow::any};
use crate::{
    Lookup, ReadCx, ResourceError, WriteCx,
    extras::{Assigned, ProviderBrief},
    rows::{Draft, Indexed, Rows},
};

/// Slugs that are addresses of the protocol endpoints beside the applications'.
const RESERVED: [&str; 6] = ["authorize", "token", "device", "userinfo", "introspect", "revoke"];

/// Something that people use and that receives them from us.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(crate) struct ApplicationSpec {
    /// Name on the tile.
    name: String,
    /// Name in URLs.
    slug: Slug,
    /// Heading under which the tile stands.
    #[serde(default)]
    group: String,
    /// The provider that signs people in to it.
    #[serde(default)]
    provider: Option<Ref<target::Provider>>,
    /// Where the tile leads; may hold `%(username)s` and the like. Empty: derived from the provider.
    #[serde(default)]
    #[schemars(extend("x-label" = "Launch URL", "x-group" = "appearance"))]
    meta_launch_url: String,
    /// Picture on the tile.
    #[serde(default)]
    #[schemars(extend("x-label" = "Icon", "x-group" = "appearance"))]
    meta_icon: FilePath,
    /// Line under the name.
    #[serde(default)]
    #[schemars(extend("x-label" = "Description", "x-group" = "appearance"))]
    meta_description: String,
    /// Who publishes it.
    #[serde(default)]
    #[schemars(extend("x-label" = "Publisher", "x-group" = "appearance"))]
    meta_publisher: String,
    /// Whether the tile is hidden.
    #[serde(default)]
    #[schemars(extend("x-label" = "Hidden from the library", "x-group" = "appearance"))]
    meta_hide: bool,
    /// Whether the tile opens a new tab.
    #[serde(default)]
    #[schemars(extend("x-group" = "appearance"))]
    open_in_new_tab: bool,
    /// How policy bindings combine.
    #[serde(default = "any")]
    #[schemars(extend("x-advanced" = true))]
    policy_engine_mode: PolicyEngineMode,
}

impl Describe for ApplicationSpec {
    type Common = Nothing;
    const FACTS: Facts = Facts::new("authentik_core.application", "ak-application-form", "Application")
        .at("core/applications", "application");

    fn check(&self) -> Result<(), FieldErrors> {
        let mut errors = check_name("name", &self.name).err().unwrap_or_default();
        if RESERVED.contains(&self.slug.as_str()) {
            errors.push("slug", "invalid", "resource-error-reserved-slug");
        }
        let url = self.meta_launch_url.trim();
        if !url.is_empty() && !["https://", "http://", "/"].iter().any(|start| url.starts_with(start)) {
            // A tile must not run script (`javascript:`).
            errors.push("meta_launch_url", "invalid", "resource-error-web-address");
        }
        errors.into_result()
    }
}

/// Read-only attributes of applications.
#[derive(Serialize, JsonSchema)]
struct ApplicationExtras {
    /// By what policy bindings name the application.
    pbm_uuid: RawId,
    /// The provider.
    provider_obj: Option<ProviderBrief>,
    /// Kept for authentik's field of this name; there are none.
    backchannel_providers: Vec<i64>,
    /// Kept for authentik's field of this name; there are none.
    backchannel_providers_obj: Vec<ProviderBrief>,
    /// Where the tile leads.
    launch_url: Option<String>,
    /// Address of the picture on the tile.
    meta_icon_url: Option<String>,
    /// Kept for authentik's field of this name; there is none.
    meta_icon_themed_urls: Option<String>,
}

/// Applications.
pub(crate) struct Applications;

impl Rows for Applications {
    type Spec = ApplicationSpec;
    type Row = Application;
    const LOOKUP: Lookup = Lookup::Attribute("slug");
    const IDENTIFIED_BY: &'static [&'static str] = &["slug"];
    const UNIQUE: &'static [&'static str] = &["slug"];

    fn by_id(&self, tx: &mut Tx<'_>, id: RawId) -> Result<Option<Application>, ResourceError> {
        Ok(applications::by_id(tx, ApplicationId(id))?)
    }

    fn all(&self, tx: &mut Tx<'_>) -> Result<Vec<Application>, ResourceError> {
        Ok(applications::all(tx)?)
    }

    fn kept<'s>(&self, snapshot: &'s Snapshot) -> Option<Vec<&'s Application>> {
        Some(snapshot.applications().iter().collect())
    }

    fn id_of(row: &Application) -> RawId {
        row.id.raw()
    }

    fn document(&self, row: &Application) -> Result<JsonObject, ResourceError> {
        Ok(document(&ApplicationSpec {
            name: row.name.clone(),
            slug: row.slug.clone(),
            group: row.group.clone(),
            provider: row.provider.map(|provider| Ref::new(provider.raw())),
            meta_launch_url: row.meta_launch_url.clone(),
            meta_icon: FilePath(row.meta_icon.clone()),
            meta_description: row.meta_description.clone(),
            meta_publisher: row.meta_publisher.clone(),
            meta_hide: row.meta_hide,
            open_in_new_tab: row.open_in_new_tab,
            policy_engine_mode: row.policy_engine_mode,
        }))
    }

    fn computed_schema(&self) -> Value {
        schema_of::<ApplicationExtras>()
    }

    fn computed(
        &self,
        tx: &mut Tx<'_>,
        cx: ReadCx<'_>,
        rows: &[Application],
    ) -> Result<Vec<JsonObject>, ResourceError> {
        let (assigned, all) = (Assigned::load(tx)?, providers::all(tx)?);
        let extras = |application: &Application| {
            let provider = application.provider.and_then(|id| all.iter().find(|provider| provider.id == id));
            let own = Some(application.meta_launch_url.clone()).filter(|url| !url.is_empty());
            let icon = Some(application.meta_icon.clone()).filter(|icon| !icon.is_empty());
            canonical(&ApplicationExtras {
                pbm_uuid: application.id.raw(),
                provider_obj: provider.map(|provider| assigned.brief(cx, provider)),
                backchannel_providers: Vec::new(),
                backchannel_providers_obj: Vec::new(),
                launch_url: own.or_else(|| cx.registry.launch_url(provider?)),
                meta_icon_url: icon,
                meta_icon_themed_urls: None,
            })
        };
        Ok(rows.iter().map(extras).collect())
    }

    fn by_key(&self, tx: &mut Tx<'_>, attribute: &str, value: &Value) -> Result<Indexed, ResourceError> {
        match (attribute, value.as_str()) {
            ("slug", Some(slug)) => {
                Ok(applications::by_slug(tx, slug)?.map(|application| application.id).into())
            }
            _ => Ok(Indexed::No),
        }
    }

    /// A provider signs people in to one application.
    fn check(
        &self,
        tx: &mut Tx<'_>,
        draft: &Draft<ApplicationSpec>,
        _: &[Reference],
    ) -> Result<(), ResourceError> {
        let Some(provider) = &draft.spec.provider else { return Ok(()) };
        let other = applications::by_provider(tx, ProviderId(provider.id()))?;
        if other.is_some_and(|other| other.id.raw() != draft.id) {
            return Err(ResourceError::field("provider", "unique", "resource-error-unique"));
        }
        Ok(())
    }

    fn write(
        &self,
        tx: &mut Tx<'_>,
        _: WriteCx<'_>,
        draft: Draft<ApplicationSpec>,
    ) -> Result<(), ResourceError> {
        let spec = draft.spec;
        let application = Application {
            id: ApplicationId(draft.id),
            name: spec.name,
            slug: spec.slug,
            group: spec.group,
            provider: spec.provider.map(|provider| ProviderId(provider.id())),
            meta_launch_url: spec.meta_launch_url,
            meta_icon: spec.meta_icon.0,
            meta_description: spec.meta_description,
            meta_publisher: spec.meta_publisher,
            meta_hide: spec.meta_hide,
            open_in_new_tab: spec.open_in_new_tab,
            policy_engine_mode: spec.policy_engine_mode,
        };
        if draft.exists {
            applications::update(tx, &application)?;
        } else {
            applications::create(tx, &application)?;
        }
        Ok(())
    }

    fn delete(&self, tx: &mut Tx<'_>, id: RawId) -> Result<(), ResourceError> {
        applications::delete(tx, ApplicationId(id))?;
        Ok(())
    }
}
