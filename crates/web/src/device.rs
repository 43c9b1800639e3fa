//! What a browser's `User-Agent` says, in two words that people know.

use countersign_model::Device;
use countersign_types::Text;

use crate::PageCx;

/// The browser and system that a `User-Agent` names, in the reader's language.
pub fn device_words(cx: &PageCx, user_agent: &str) -> String {
    match Device::of(user_agent) {
        Device { browser: Some(browser), system: Some(system) } => {
            cx.text(&Text::key("portal-device").with("browser", browser).with("system", system.name))
        }
        Device { browser: Some(name), system: None } => name.to_owned(),
        Device { browser: None, system: Some(system) } => system.name.to_owned(),
        Device { browser: None, system: None } => cx.t("portal-device-unknown"),
    }
}
