//! What administrators set.

use countersign_model::Family;
use countersign_resource::ConfigKind;
use countersign_types::{FieldErrors, Secret};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Longest address and longest key.
const MAX_TEXT: usize = 2_048;

/// How the verifier is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum RequestContentType {
    /// As a form sends it.
    #[default]
    Form,
    /// As JSON.
    Json,
}

/// Lets on who solves a captcha: reCAPTCHA, hCaptcha, Turnstile, Cap, or whatever is asked in the same way.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct CaptchaStage {
    /// Site key.
    #[schemars(length(min = 1, max = 2048))]
    pub public_key: String,
    /// Secret key. Without one the verifier says yes to nobody.
    #[serde(default, skip_serializing)]
    pub private_key: Secret<String>,
    /// Script of the widget. The page loads scripts from this origin and from no other.
    #[serde(default = "script")]
    pub js_url: String,
    /// Where answers are verified, over HTTPS.
    #[serde(default = "verifier")]
    pub api_url: String,
    /// How the verifier is asked.
    #[serde(default)]
    #[schemars(extend("x-advanced" = true))]
    pub request_content_type: RequestContentType,
    /// Show the widget. Otherwise it works unseen, as reCAPTCHA v3 does.
    #[serde(default)]
    pub interactive: bool,
    /// Lowest score that is let on, where the verifier gives one.
    #[serde(default = "half")]
    #[schemars(range(min = 0.0, max = 1.0), extend("x-group" = "score"))]
    pub score_min_threshold: f64,
    /// Highest score that is let on.
    #[serde(default = "one")]
    #[schemars(range(min = 0.0, max = 1.0), extend("x-group" = "score"))]
    pub score_max_threshold: f64,
    /// Let nobody on whose score is out of bounds. Otherwise policies see the score as `captcha` and decide.
    #[serde(default = "yes")]
    #[schemars(extend("x-group" = "score"))]
    pub error_on_invalid_score: bool,
}

fn script() -> String {
    "https://www.recaptcha.net/recaptcha/api.js".to_owned()
}

fn verifier() -> String {
    "https://www.recaptcha.net/recaptcha/api/siteverify".to_owned()
}

const fn half() -> f64 {
    0.5
}

const fn one() -> f64 {
    1.0
}

const fn yes() -> bool {
    true
}

impl ConfigKind for CaptchaStage {
    const MODEL: &'static str = "authentik_stages_captcha.captchastage";
    const FAMILY: Family = Family::Stage;
    const COMPONENT: &'static str = "ak-stage-captcha-form";
    const VERBOSE_NAME: &'static str = "Captcha Stage";

    fn validate(&self) -> Result<(), FieldErrors> {
        let mut errors = FieldErrors::default();
        if self.public_key.trim().is_empty() {
            errors.push("public_key", "required", "field-required");
        }
        for (name, key) in [("public_key", &self.public_key), ("private_key", self.private_key.expose())] {
            if key.len() > MAX_TEXT {
                errors.push(name, "max_length", "field-invalid");
            }
        }
        for (name, address) in [("js_url", &self.js_url), ("api_url", &self.api_url)] {
            if origin(address).is_none() {
                errors.push(name, "invalid", "stages-captcha-address");
            }
        }
        let (low, high) = (self.score_min_threshold, self.score_max_threshold);
        if !(0.0..=1.0).contains(&low) || !(0.0..=1.0).contains(&high) || low > high {
            errors.push("score_min_threshold", "invalid", "stages-captcha-scores");
        }
        errors.into_result()
    }
}

/// `https://host:port` of an address. HTTP only for this machine itself.
pub(super) fn origin(address: &str) -> Option<&str> {
    let (scheme, rest) = address.split_once("://")?;
    let host = rest.split(['/', '?', '#']).next()?;
    let is_clean = address.len() <= MAX_TEXT
        && !host.is_empty()
        && address.bytes().all(|byte| byte.is_ascii_graphic() && !b"'\"<>\\;,@*".contains(&byte));
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let is_here = matches!(name, "localhost" | "127.0.0.1" | "[::1]");
    let is_safe = scheme == "https" || (scheme == "http" && is_here);
    (is_clean && is_safe).then(|| address.get(..scheme.len() + 3 + host.len())).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_and_verifiers_have_safe_origins() {
        assert_eq!(origin("https://js.hcaptcha.com/1/api.js?x=1"), Some("https://js.hcaptcha.com"));
        assert_eq!(origin("https://cap.example:8443/k/siteverify"), Some("https://cap.example:8443"));
        assert_eq!(origin("http://localhost:9000/x"), Some("http://localhost:9000"));
        for bad in [
            "",
            "/api.js",
            "http://captcha.example/",
            "javascript:alert(1)",
            "https://",
            "https://a.example;script-src *",
            "https://a@b.example/",
            "https://*.example/",
        ] {
            assert_eq!(origin(bad), None, "{bad}");
        }
    }
}
