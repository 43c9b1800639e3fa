//! What administrators set, though nobody but the default blueprint should.

use countersign_model::Family;
use countersign_resource::ConfigKind;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which end of the set-up a stage is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SetupMode {
    /// The first stage: lets the owner pass.
    Guard,
    /// After the writing: closes the set-up for good.
    Finish,
}

/// One of the two ends of the initial set-up.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct InitialSetupStage {
    /// Which end it is.
    pub mode: SetupMode,
}

impl ConfigKind for InitialSetupStage {
    const MODEL: &'static str = "countersign_stages_setup.initialsetupstage";
    const FAMILY: Family = Family::Stage;
    const COMPONENT: &'static str = "ak-stage-initial-setup-form";
    const VERBOSE_NAME: &'static str = "Initial Setup Stage";
}
