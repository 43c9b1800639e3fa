//! Moments, as clients write them.

use countersign_types::Timestamp;

use crate::ApiError;

/// A moment of RFC 3339; a complaint about the field otherwise.
pub(super) fn moment(field: &str, text: &str) -> Result<Timestamp, ApiError> {
    Timestamp::parse(text).ok_or_else(|| ApiError::field(field, "invalid", "api-error-moment"))
}
