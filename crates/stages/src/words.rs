//! The language of the request, for the JSON face of stages, whose values are words already.

use std::sync::Arc;

use countersign_flows::{StageCx, StageError};
use countersign_i18n::{Catalogues, Localizer};
use uuid::Uuid;

/// The catalogues, read once per configuration.
pub(crate) fn catalogues(cx: &StageCx<'_>) -> Result<Arc<Catalogues>, StageError> {
    cx.snapshot.memo(Uuid::nil(), || {
        Catalogues::load().map_err(|error| StageError::Configuration {
            stage: cx.stage_name.to_owned(),
            problem: error.to_string(),
        })
    })
}

/// The catalogues in the language of the request.
pub(crate) fn localizer(cx: &StageCx<'_>) -> Result<Localizer, StageError> {
    let catalogues = catalogues(cx)?;
    let locale = catalogues.negotiate(&[cx.facts.locale.as_str()]);
    Ok(catalogues.localizer(locale))
}
