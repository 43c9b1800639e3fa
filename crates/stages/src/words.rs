//! Words of administrators, and the catalogues for those that are ours.

use std::sync::Arc;

use countersign_flows::{StageCx, StageError};
use countersign_i18n::{Catalogues, Localizer};
use countersign_types::Text;
use uuid::Uuid;

/// Keys of the catalogues that labels, placeholders and help of prompts may be, as our own blueprints have
/// them. Everything else is an administrator's words.
pub(crate) const PROMPT_KEYS: &[&str] = &[
    "prompt-username",
    "prompt-name",
    "prompt-email",
    "prompt-password",
    "prompt-password-new",
    "prompt-password-repeat",
    "prompt-password-help",
    "prompt-locale",
    "prompt-setup-welcome",
    "prompt-setup-email-help",
];

/// What an administrator wrote, or our words if it is one of our keys.
pub(crate) fn of_administrator(words: &str) -> Text {
    PROMPT_KEYS.iter().find(|key| **key == words).map_or_else(|| Text::literal(words), |key| Text::key(key))
}

/// The catalogues, read once per configuration.
pub(crate) fn catalogues(cx: &StageCx<'_>) -> Result<Arc<Catalogues>, StageError> {
    cx.snapshot.memo(Uuid::nil(), || {
        Catalogues::load().map_err(|error| StageError::Configuration {
            stage: cx.stage_name.to_owned(),
            problem: error.to_string(),
        })
    })
}

/// The language of the request, for the JSON face, whose values are words already.
pub(crate) fn localizer(cx: &StageCx<'_>) -> Result<Localizer, StageError> {
    let catalogues = catalogues(cx)?;
    let locale = catalogues.negotiate(&[cx.facts.locale.as_str()]);
    Ok(catalogues.localizer(locale))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_labels_are_in_the_catalogues_and_others_are_left_alone() {
        let catalogues = Catalogues::load_reporting(|missing| panic!("{missing:?}")).unwrap();
        for language in catalogues.locales() {
            let localizer = catalogues.localizer(language.locale);
            for key in PROMPT_KEYS {
                assert!(!localizer.text(&of_administrator(key)).is_empty());
            }
        }
        assert_eq!(of_administrator("prompt-of-mine"), Text::literal("prompt-of-mine"));
    }
}
