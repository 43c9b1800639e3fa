//! `authentik_brands.brand`.

use countersign_model::{ApplicationId, Brand, BrandId, FlowId, KeyPairId};
use countersign_resource::{Describe, Facts, Nothing, Reference, canonical, check_name, schema_of, target};
use countersign_store::{Snapshot, Tx, brands};
use countersign_types::{FieldErrors, FilePath, JsonObject, RawId, Ref};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::document;
use crate::{
    ReadCx, ResourceError, WriteCx,
    rows::{Draft, Indexed, Rows},
};

/// Most authorities of a brand.
const MOST_AUTHORITIES: usize = 50;

/// How a domain looks and which flows it uses.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(crate) struct BrandSpec {
    /// Domain, matched as a suffix.
    domain: String,
    /// Whether it stands for every other domain.
    #[serde(default)]
    default: bool,
    /// Title of pages.
    #[serde(default = "countersign")]
    #[schemars(extend("x-label" = "Title", "x-group" = "appearance"))]
    branding_title: String,
    /// Logo; `%(theme)s` stands for light or dark.
    #[serde(default)]
    #[schemars(extend("x-label" = "Logo", "x-group" = "appearance"))]
    branding_logo: FilePath,
    /// Icon of the browser's tab.
    #[serde(default)]
    #[schemars(extend("x-label" = "Favicon", "x-group" = "appearance"))]
    branding_favicon: FilePath,
    /// Style rules added after ours.
    #[serde(default)]
    #[schemars(extend("x-label" = "Custom CSS", "x-widget" = "css", "x-group" = "appearance", "x-advanced" = true))]
    branding_custom_css: String,
    /// Background of flow pages.
    #[serde(default)]
    #[schemars(extend("x-label" = "Flow background", "x-group" = "appearance"))]
    branding_default_flow_background: FilePath,
    /// Sign-in flow.
    #[serde(default)]
    #[schemars(extend("x-label" = "Authentication flow", "x-group" = "flows"))]
    flow_authentication: Option<Ref<target::Flow>>,
    /// Sign-out flow.
    #[serde(default)]
    #[schemars(extend("x-label" = "Invalidation flow", "x-group" = "flows"))]
    flow_invalidation: Option<Ref<target::Flow>>,
    /// Recovery flow.
    #[serde(default)]
    #[schemars(extend("x-label" = "Recovery flow", "x-group" = "flows"))]
    flow_recovery: Option<Ref<target::Flow>>,
    /// Flow that removes an account.
    #[serde(default)]
    #[schemars(extend("x-label" = "Unenrollment flow", "x-group" = "flows"))]
    flow_unenrollment: Option<Ref<target::Flow>>,
    /// Flow of the user's settings.
    #[serde(default)]
    #[schemars(extend("x-label" = "User settings flow", "x-group" = "flows"))]
    flow_user_settings: Option<Ref<target::Flow>>,
    /// Flow of the device code.
    #[serde(default)]
    #[schemars(extend("x-label" = "Device code flow", "x-group" = "flows"))]
    flow_device_code: Option<Ref<target::Flow>>,
    /// Where people without a library land.
    #[serde(default)]
    #[schemars(extend("x-advanced" = true))]
    default_application: Option<Ref<target::Application>>,
    /// Authorities whose client certificates are believed, for stages that name none.
    #[serde(default)]
    #[schemars(extend("x-advanced" = true))]
    client_certificates: Vec<Ref<target::KeyPair>>,
    /// Free attributes.
    #[serde(default)]
    #[schemars(extend("x-advanced" = true))]
    attributes: JsonObject,
}

fn countersign() -> String {
    "Countersign".to_owned()
}

impl Describe for BrandSpec {
    type Common = Nothing;
    const FACTS: Facts =
        Facts::new("authentik_brands.brand", "ak-brand-form", "Brand").at("core/brands", "brand");

    fn check(&self) -> Result<(), FieldErrors> {
        if self.client_certificates.len() > MOST_AUTHORITIES {
            return Err(FieldErrors::one("client_certificates", "max_length", "resource-error-too-many"));
        }
        check_name("domain", &self.domain)
    }
}

/// Read-only attributes of brands.
#[derive(Serialize, JsonSchema)]
struct BrandExtras {
    /// Identifier.
    brand_uuid: RawId,
}

/// Brands.
pub(crate) struct Brands;

impl Rows for Brands {
    type Spec = BrandSpec;
    type Row = Brand;
    const IDENTIFIED_BY: &'static [&'static str] = &["domain"];
    const UNIQUE: &'static [&'static str] = &["domain"];

    fn by_id(&self, tx: &mut Tx<'_>, id: RawId) -> Result<Option<Brand>, ResourceError> {
        Ok(brands::by_id(tx, BrandId(id))?)
    }

    fn all(&self, tx: &mut Tx<'_>) -> Result<Vec<Brand>, ResourceError> {
        Ok(brands::all(tx)?)
    }

    fn kept<'s>(&self, snapshot: &'s Snapshot) -> Option<Vec<&'s Brand>> {
        Some(snapshot.brands().iter().collect())
    }

    fn id_of(row: &Brand) -> RawId {
        row.id.raw()
    }

    fn document(&self, row: &Brand) -> Result<JsonObject, ResourceError> {
        let flow = |flow: Option<FlowId>| flow.map(|flow| Ref::new(flow.raw()));
        Ok(document(&BrandSpec {
            domain: row.domain.clone(),
            default: row.default,
            branding_title: row.branding_title.clone(),
            branding_logo: FilePath(row.branding_logo.clone()),
            branding_favicon: FilePath(row.branding_favicon.clone()),
            branding_custom_css: row.branding_custom_css.clone(),
            branding_default_flow_background: FilePath(row.branding_default_flow_background.clone()),
            flow_authentication: flow(row.flow_authentication),
            flow_invalidation: flow(row.flow_invalidation),
            flow_recovery: flow(row.flow_recovery),
            flow_unenrollment: flow(row.flow_unenrollment),
            flow_user_settings: flow(row.flow_user_settings),
            flow_device_code: flow(row.flow_device_code),
            default_application: row.default_application.map(|id| Ref::new(id.raw())),
            client_certificates: row.client_certificates.iter().map(|pair| Ref::new(pair.raw())).collect(),
            attributes: row.attributes.clone(),
        }))
    }

    fn computed_schema(&self) -> Value {
        schema_of::<BrandExtras>()
    }

    fn computed(
        &self,
        _: &mut Tx<'_>,
        _: ReadCx<'_>,
        rows: &[Brand],
    ) -> Result<Vec<JsonObject>, ResourceError> {
        Ok(rows.iter().map(|brand| canonical(&BrandExtras { brand_uuid: brand.id.raw() })).collect())
    }

    fn by_key(&self, tx: &mut Tx<'_>, attribute: &str, value: &Value) -> Result<Indexed, ResourceError> {
        match (attribute, value.as_str()) {
            ("domain", Some(domain)) => Ok(brands::by_domain(tx, domain)?.map(|brand| brand.id).into()),
            _ => Ok(Indexed::No),
        }
    }

    /// One brand at most stands for every other domain.
    fn check(&self, tx: &mut Tx<'_>, draft: &Draft<BrandSpec>, _: &[Reference]) -> Result<(), ResourceError> {
        if !draft.spec.default {
            return Ok(());
        }
        let other = brands::all(tx)?.into_iter().find(|brand| brand.default && brand.id.raw() != draft.id);
        match other {
            Some(_) => Err(ResourceError::field("default", "unique", "resource-error-default-brand")),
            None => Ok(()),
        }
    }

    fn write(&self, tx: &mut Tx<'_>, _: WriteCx<'_>, draft: Draft<BrandSpec>) -> Result<(), ResourceError> {
        let flow = |flow: Option<Ref<target::Flow>>| flow.map(|flow| FlowId(flow.id()));
        let spec = draft.spec;
        let brand = Brand {
            id: BrandId(draft.id),
            domain: spec.domain,
            default: spec.default,
            branding_title: spec.branding_title,
            branding_logo: spec.branding_logo.0,
            branding_favicon: spec.branding_favicon.0,
            branding_custom_css: spec.branding_custom_css,
            branding_default_flow_background: spec.branding_default_flow_background.0,
            flow_authentication: flow(spec.flow_authentication),
            flow_invalidation: flow(spec.flow_invalidation),
            flow_recovery: flow(spec.flow_recovery),
            flow_unenrollment: flow(spec.flow_unenrollment),
            flow_user_settings: flow(spec.flow_user_settings),
            flow_device_code: flow(spec.flow_device_code),
            default_application: spec.default_application.map(|id| ApplicationId(id.id())),
            client_certificates: spec.client_certificates.iter().map(|pair| KeyPairId(pair.id())).collect(),
            attributes: spec.attributes,
        };
        if draft.exists {
            brands::update(tx, &brand)?;
        } else {
            brands::create(tx, &brand)?;
        }
        Ok(())
    }

    fn delete(&self, tx: &mut Tx<'_>, id: RawId) -> Result<(), ResourceError> {
        brands::delete(tx, BrandId(id))?;
        Ok(())
    }
}
