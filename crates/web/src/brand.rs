//! How a brand looks, and its style sheet: ours, the brand's roles, the brand's own rules, as one file, so that
//! a page needs two requests.

use std::{fmt::Write as _, sync::Arc};

use actix_web::{HttpRequest, HttpResponse};
use countersign_model::Brand;
use countersign_store::Snapshot;
use serde_json::Value;

use crate::{
    App, Facts, WebError,
    assets::{Asset, Caching},
};

/// Our own style sheet.
const BASE: &str = "css/app.css";

/// The colour roles that a brand may set by `settings.colors.<role>`; rules are not its to change.
const ROLES: [&str; 11] = [
    "surface",
    "raised",
    "line",
    "text",
    "muted",
    "accent",
    "on-accent",
    "danger",
    "warning",
    "success",
    "focus",
];

/// How the brand of a page looks.
#[derive(Clone, Debug)]
pub struct BrandLooks {
    /// Name on the page.
    pub title: String,
    /// Logo in light surroundings.
    pub logo: Option<String>,
    /// Logo in dark surroundings, when there is another.
    pub logo_dark: Option<String>,
    /// Icon of the browser's tab.
    pub favicon: Option<String>,
    /// `light` or `dark`, when the brand insists.
    pub theme: Option<&'static str>,
    /// Background of flow pages; empty for none.
    pub background: String,
    /// Address of the style sheet.
    pub stylesheet: String,
}

/// A brand's style sheet, kept as long as the configuration.
struct Sheet(Asset);

impl BrandLooks {
    /// The looks of a host; our own where no brand can be had.
    pub fn of(app: &App, snapshot: Option<&Snapshot>, host: &str) -> Self {
        let found = snapshot.and_then(|snapshot| Some((snapshot, snapshot.brand_for(host)?)));
        let Some((snapshot, brand)) = found else {
            return Self {
                title: "Countersign".to_owned(),
                logo: own(app, "logo.svg"),
                logo_dark: None,
                favicon: own(app, "favicon.svg"),
                theme: None,
                background: String::new(),
                stylesheet: app.assets().url(BASE),
            };
        };
        let themed = |address: &str, theme: &str| address.replace("%(theme)s", theme);
        let logo = Some(&brand.branding_logo).filter(|logo| !logo.is_empty());
        let title = if brand.branding_title.is_empty() { "Countersign" } else { &brand.branding_title };
        Self {
            title: title.to_owned(),
            logo: logo.map_or_else(|| own(app, "logo.svg"), |logo| Some(themed(logo, "light"))),
            logo_dark: logo.filter(|logo| logo.contains("%(theme)s")).map(|logo| themed(logo, "dark")),
            favicon: Some(brand.branding_favicon.clone())
                .filter(|icon| !icon.is_empty())
                .or_else(|| own(app, "favicon.svg")),
            theme: theme_of(brand),
            background: brand.branding_default_flow_background.clone(),
            stylesheet: sheet(app, snapshot, brand)
                .map_or_else(|| app.assets().url(BASE), |sheet| sheet_url(&sheet)),
        }
    }
}

fn own(app: &App, name: &str) -> Option<String> {
    app.assets().has(name).then(|| app.assets().url(name))
}

/// `settings.theme.base`.
fn theme_of(brand: &Brand) -> Option<&'static str> {
    match brand.attributes.get("settings")?.get("theme")?.get("base")?.as_str()? {
        "light" => Some("light"),
        "dark" => Some("dark"),
        _ => None,
    }
}

/// The style sheet of a brand; none when it has nothing of its own.
fn sheet(app: &App, snapshot: &Snapshot, brand: &Brand) -> Option<Arc<Sheet>> {
    let built = snapshot.memo(brand.id.raw(), || {
        let own = own_rules(brand).ok_or(())?;
        let mut css = app.assets().body(BASE).map(|base| base.to_vec()).unwrap_or_default();
        css.extend_from_slice(own.as_bytes());
        Ok::<_, ()>(Sheet(Asset::new("brand.css", css)))
    });
    built.ok()
}

fn sheet_url(sheet: &Sheet) -> String {
    // "/static/brand.<hash>.css" becomes "/static/brand/<hash>.css".
    sheet.0.url().replacen("brand.", "brand/", 1)
}

/// The brand's roles and rules; none when it has neither.
fn own_rules(brand: &Brand) -> Option<String> {
    let colors = brand.attributes.get("settings").and_then(|settings| settings.get("colors"));
    let mut rules = String::new();
    for role in ROLES {
        let color = colors.and_then(|colors| colors.get(role)).and_then(Value::as_str);
        if let Some(color) = color.filter(|color| is_color(color)) {
            // Writing to a string cannot fail.
            let _ = write!(rules, "--{role}:{color};");
        }
    }
    if !rules.is_empty() {
        rules = format!("\n:root{{{rules}}}");
    }
    if !brand.branding_custom_css.is_empty() {
        rules.push('\n');
        rules.push_str(&brand.branding_custom_css);
    }
    (!rules.is_empty()).then_some(rules)
}

/// A colour and nothing that could end the declaration.
fn is_color(text: &str) -> bool {
    let legal = |byte: u8| {
        byte.is_ascii_alphanumeric()
            || matches!(byte, b'#' | b'(' | b')' | b',' | b'.' | b'%' | b' ' | b'/' | b'-')
    };
    (1..=64).contains(&text.len()) && text.bytes().all(legal) && !text.contains("url") && !text.contains("/*")
}

/// `GET /static/brand/<hash>.css`. A hash that no brand has any more is answered with the sheet of the host's
/// brand, to be asked about each time: a page made just before a change still has its looks.
pub(crate) async fn serve(app: &App, request: &HttpRequest, name: &str) -> Result<HttpResponse, WebError> {
    let snapshot = app.snapshot().await?;
    let wanted = format!("{}brand/{name}", crate::assets::PREFIX);
    let sheets = || snapshot.brands().iter().filter_map(|brand| sheet(app, &snapshot, brand));
    if let Some(sheet) = sheets().find(|sheet| sheet_url(sheet) == wanted) {
        return Ok(sheet.0.respond(request.headers(), Caching::ForEver));
    }
    if !name.ends_with(".css") || name.contains('/') {
        return Err(WebError::not_found());
    }
    let facts = <Facts as actix_web::FromRequest>::extract(request).await?;
    let brand = snapshot.brand_for(&facts.host).ok_or_else(WebError::not_found)?;
    match sheet(app, &snapshot, brand) {
        Some(sheet) => Ok(sheet.0.respond(request.headers(), Caching::AskEachTime)),
        None => app.assets().serve(BASE, request.headers()).ok_or_else(WebError::not_found),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_color_cannot_smuggle_a_rule() {
        for color in
            ["#b83280", "rebeccapurple", "rgb(10 20 30 / 50%)", "oklch(62.8% 0.25 29)", "hsl(200, 50%, 40%)"]
        {
            assert!(is_color(color), "{color}");
        }
        for color in [
            "",
            "red;}*{display:none",
            "url(https://evil)",
            "red/*",
            "expression('x')",
            "a{b",
            &"a".repeat(65),
        ] {
            assert!(!is_color(color), "{color}");
        }
    }
}
