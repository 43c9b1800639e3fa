//! How a letter looks: its brand's title, logo and colours, as they were when it was caused.

use countersign_model::Brand;
use countersign_types::JsonObject;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a house without a brand is called.
const OURS: &str = "Countersign";
/// The colour of buttons unless the brand has another, and what stands on it.
const ACCENT: &str = "#0b5d75";
const ON_ACCENT: &str = "#ffffff";
/// Mail programs show pictures of these kinds. Others, SVG above all, they leave out.
const SHOWN: [&str; 5] = [".png", ".jpg", ".jpeg", ".gif", ".webp"];

/// How a letter looks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look {
    /// Name of the house.
    pub title: String,
    /// Address of a picture; without one the name stands in its place.
    #[serde(default)]
    pub logo: Option<String>,
    /// Colour of buttons and of the name.
    pub accent: String,
    /// Colour of what stands on that.
    pub on_accent: String,
    /// Language of the house.
    #[serde(default)]
    pub language: Option<String>,
    /// Address of the house, without a slash at its end; empty where nobody knows.
    #[serde(default)]
    pub home: String,
}

impl Default for Look {
    fn default() -> Self {
        Self {
            title: OURS.to_owned(),
            logo: None,
            accent: ACCENT.to_owned(),
            on_accent: ON_ACCENT.to_owned(),
            language: None,
            home: String::new(),
        }
    }
}

impl Look {
    /// The looks of a brand; `home` is our own address without a slash at its end.
    pub fn of(brand: Option<&Brand>, home: &str) -> Self {
        let ours = Self { home: home.to_owned(), ..Self::default() };
        let Some(brand) = brand else { return ours };
        let settings = brand.attributes.get("settings").and_then(Value::as_object);
        Self {
            title: if brand.branding_title.is_empty() { ours.title } else { brand.branding_title.clone() },
            logo: logo(&brand.branding_logo, home),
            accent: color(settings, "accent").unwrap_or(ours.accent),
            on_accent: color(settings, "on-accent").unwrap_or(ours.on_accent),
            language: brand.locale().map(ToOwned::to_owned),
            home: ours.home,
        }
    }
}

/// A picture that mail programs show, with its whole address.
fn logo(configured: &str, home: &str) -> Option<String> {
    let address = configured.replace("%(theme)s", "light");
    let path = address.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    if !SHOWN.iter().any(|end| path.ends_with(end)) {
        return None;
    }
    let is_whole = address.starts_with("https://") || address.starts_with("http://");
    match (is_whole, address.starts_with('/') && !home.is_empty()) {
        (true, _) => Some(address),
        (false, true) => Some(format!("{home}{address}")),
        (false, false) => None,
    }
}

/// A colour that every mail program reads: `#rgb` or `#rrggbb`.
fn color(settings: Option<&JsonObject>, role: &str) -> Option<String> {
    let color = settings?.get("colors")?.get(role)?.as_str()?;
    let digits = color.strip_prefix('#')?;
    let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    (is_hex && matches!(digits.len(), 3 | 6)).then(|| color.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_logo_is_shown_when_mail_programs_can_show_it() {
        let home = "https://id.example.com";
        assert_eq!(logo("/media/logo.PNG", home).as_deref(), Some("https://id.example.com/media/logo.PNG"));
        assert_eq!(
            logo("/media/%(theme)s.png?v=1", home).unwrap(),
            "https://id.example.com/media/light.png?v=1"
        );
        assert_eq!(logo("https://cdn.example.com/a.gif", home).unwrap(), "https://cdn.example.com/a.gif");
        assert_eq!(logo("/static/logo.svg", home), None);
        assert_eq!(logo("data:image/png;base64,AAAA", home), None);
        assert_eq!(logo("/media/logo.png", ""), None);
    }

    #[test]
    fn a_colour_that_would_end_a_style_is_left_out() {
        let settings =
            |value: &str| serde_json::json!({ "colors": { "accent": value } }).as_object().cloned();
        for (value, expected) in [
            ("#fff", Some("#fff")),
            ("#1F5fbf", Some("#1F5fbf")),
            ("red;background:url(//evil)", None),
            ("#ff\"ff", None),
        ] {
            assert_eq!(color(settings(value).as_ref(), "accent").as_deref(), expected);
        }
    }
}
