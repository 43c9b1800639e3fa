//! Which catalogue answers a list of wishes (RFC 4647 §3.4 lookup, with the scripts that a region implies).

use unic_langid::{LanguageIdentifier, subtags::Language};

/// The most wishes that are looked at.
const MAX_CANDIDATES: usize = 32;
/// The longest wish that is looked at (RFC 5646 §4.4.1).
const MAX_BYTES: usize = 35;

/// Index of the best of what there is, or nothing.
///
/// A wish is first matched by language and script (`zh-CN` and `zh-SG` mean `zh-Hans`), preferring the same
/// region; only when no wish at all is met that way is one met by language alone, so that a person who
/// asks for `zh-TW, en` reads English, and one who asks for `zh-TW` only reads the Chinese there is.
pub(crate) fn choose<'a>(
    available: impl Iterator<Item = &'a LanguageIdentifier>,
    candidates: &[&str],
) -> Option<usize> {
    let available: Vec<LanguageIdentifier> = available.map(maximized).collect();
    let wishes: Vec<LanguageIdentifier> =
        candidates.iter().take(MAX_CANDIDATES).filter_map(|candidate| parse(candidate)).collect();
    let pass = |matches: fn(&LanguageIdentifier, &LanguageIdentifier) -> bool| {
        wishes.iter().find_map(|wish| {
            let same_region = |id: &LanguageIdentifier| matches(id, wish) && id.region == wish.region;
            available
                .iter()
                .position(same_region)
                .or_else(|| available.iter().position(|id| matches(id, wish)))
        })
    };
    pass(|id, wish| id.language == wish.language && id.script == wish.script)
        .or_else(|| pass(|id, wish| id.language == wish.language))
}

/// A wish as browsers, `ui_locales` and user settings write it: `ko-KR`, `zh_CN`, `en-*`.
fn parse(candidate: &str) -> Option<LanguageIdentifier> {
    let candidate = candidate.trim().trim_end_matches("-*");
    if candidate.len() > MAX_BYTES {
        return None;
    }
    let id: LanguageIdentifier = candidate.parse().ok()?;
    (id.language != Language::default()).then(|| maximized(&id))
}

fn maximized(id: &LanguageIdentifier) -> LanguageIdentifier {
    let mut full = id.clone();
    full.maximize();
    full
}
