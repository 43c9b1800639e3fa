//! What a browser's `User-Agent` says, in two words that people know.

use countersign_model::Device;

use crate::PageCx;

/// The browser and system that a `User-Agent` names, in the reader's language.
pub fn device_words(cx: &PageCx, user_agent: &str) -> String {
    cx.text(&Device::of(user_agent).words())
}
