//! What administrators set.

use countersign_model::Family;
use countersign_resource::ConfigKind;
use countersign_types::{FieldErrors, Span};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How long a consent holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConsentMode {
    /// It is asked every time.
    AlwaysRequire,
    /// For ever, until it is withdrawn.
    Permanent,
    /// For a while.
    #[default]
    Expiring,
}

/// Asks whether an application may have what it asks for.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ConsentStage {
    /// How long a consent holds. Permissions that are new are asked in any case.
    #[serde(default)]
    pub mode: ConsentMode,
    /// How long, in the mode `expiring`.
    #[serde(default = "four_weeks")]
    pub consent_expire_in: Span,
}

const fn four_weeks() -> Span {
    Span::from_days(28)
}

impl ConfigKind for ConsentStage {
    const MODEL: &'static str = "authentik_stages_consent.consentstage";
    const FAMILY: Family = Family::Stage;
    const COMPONENT: &'static str = "ak-stage-consent-form";
    const VERBOSE_NAME: &'static str = "Consent Stage";

    fn validate(&self) -> Result<(), FieldErrors> {
        if self.mode == ConsentMode::Expiring && self.consent_expire_in <= Span::ZERO {
            return Err(FieldErrors::one("consent_expire_in", "invalid", "stages-consent-expiry"));
        }
        Ok(())
    }
}
