//! `core/brands/current/`: the looks and flows of the host that was asked.

use countersign_model::{Brand, FlowId};
use countersign_store::Snapshot;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::{Access, Answer, ApiError, Call, Endpoint};

pub(super) fn rows() -> Vec<Endpoint> {
    vec![
        Endpoint::get("core/brands/current/", "core_brands_current_retrieve", Access::Anyone, current)
            .about("The brand of the host by which we were called.")
            .gives::<CurrentBrand>(),
    ]
}

/// The looks and flows of a host.
#[derive(Default, Serialize, JsonSchema)]
struct CurrentBrand {
    /// The domain that fits the host.
    matched_domain: String,
    /// Title of pages.
    branding_title: String,
    /// Logo.
    branding_logo: String,
    /// Logo by theme.
    branding_logo_themed_urls: Option<ThemedUrls>,
    /// Icon of the browser's tab.
    branding_favicon: String,
    /// Icon by theme.
    branding_favicon_themed_urls: Option<ThemedUrls>,
    /// Style rules added after ours.
    branding_custom_css: String,
    /// Tiles of maps; there are no maps.
    branding_map_tiles: String,
    /// Links below pages; there are none.
    ui_footer_links: Vec<String>,
    /// Theme that the brand insists on: `automatic`, `light` or `dark`.
    ui_theme: String,
    /// Slug of the sign-in flow.
    #[serde(skip_serializing_if = "Option::is_none")]
    flow_authentication: Option<String>,
    /// Slug of the sign-out flow.
    #[serde(skip_serializing_if = "Option::is_none")]
    flow_invalidation: Option<String>,
    /// Slug of the recovery flow.
    #[serde(skip_serializing_if = "Option::is_none")]
    flow_recovery: Option<String>,
    /// Slug of the flow that removes an account.
    #[serde(skip_serializing_if = "Option::is_none")]
    flow_unenrollment: Option<String>,
    /// Slug of the flow of the user's settings.
    #[serde(skip_serializing_if = "Option::is_none")]
    flow_user_settings: Option<String>,
    /// Slug of the flow of device codes.
    #[serde(skip_serializing_if = "Option::is_none")]
    flow_device_code: Option<String>,
    /// Language of pages when nobody chose one.
    default_locale: String,
    /// Switches that are authentik's; here they are off.
    flags: CurrentBrandFlags,
}

/// An address for each theme.
#[derive(Serialize, JsonSchema)]
struct ThemedUrls {
    light: String,
    dark: String,
}

/// Switches that are authentik's.
#[derive(Default, Serialize, JsonSchema)]
#[schemars(inline)]
struct CurrentBrandFlags {
    flows_continuous_login: bool,
    flows_refresh_others: bool,
}

async fn current(call: Call) -> Result<Answer, ApiError> {
    let snapshot = call.snapshot().await?;
    let shown = snapshot.brand_for(&call.facts.host).map(|brand| shown(&snapshot, brand));
    let fallback = || CurrentBrand {
        branding_title: "Countersign".to_owned(),
        ui_theme: "automatic".to_owned(),
        ..CurrentBrand::default()
    };
    Answer::json(&shown.unwrap_or_else(fallback))
}

fn shown(snapshot: &Snapshot, brand: &Brand) -> CurrentBrand {
    let slug = |flow: Option<FlowId>| snapshot.flow(flow?).map(|flow| flow.slug.to_string());
    let setting = |path: &[&str]| {
        let start = brand.attributes.get("settings");
        path.iter().try_fold(start?, |value, name| value.get(name)).and_then(Value::as_str)
    };
    CurrentBrand {
        matched_domain: brand.domain.clone(),
        branding_title: brand.branding_title.clone(),
        branding_logo: brand.branding_logo.replace("%(theme)s", "light"),
        branding_logo_themed_urls: themed(&brand.branding_logo),
        branding_favicon: brand.branding_favicon.replace("%(theme)s", "light"),
        branding_favicon_themed_urls: themed(&brand.branding_favicon),
        branding_custom_css: brand.branding_custom_css.clone(),
        ui_theme: setting(&["theme", "base"]).unwrap_or("automatic").to_owned(),
        flow_authentication: slug(brand.flow_authentication),
        flow_invalidation: slug(brand.flow_invalidation),
        flow_recovery: slug(brand.flow_recovery),
        flow_unenrollment: slug(brand.flow_unenrollment),
        flow_user_settings: slug(brand.flow_user_settings),
        flow_device_code: slug(brand.flow_device_code),
        default_locale: brand.locale().unwrap_or_default().to_owned(),
        ..CurrentBrand::default()
    }
}

fn themed(address: &str) -> Option<ThemedUrls> {
    let of = |theme: &str| address.replace("%(theme)s", theme);
    address.contains("%(theme)s").then(|| ThemedUrls { light: of("light"), dark: of("dark") })
}
