//! What administrators set.

use countersign_model::{Family, GeoIpBinding, NetworkBinding};
use countersign_resource::ConfigKind;
use countersign_types::{FieldErrors, Span};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Longest session that may be configured.
const LONGEST: Span = Span::from_days(366);

/// Signs in whoever goes through the flow.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct UserLoginStage {
    /// How long the session lasts. `seconds=0`: until the browser is closed, 24 hours at most.
    #[serde(default)]
    pub session_duration: Span,
    /// End the user's other sessions.
    #[serde(default)]
    pub terminate_other_sessions: bool,
    /// Ask whether to stay signed in, and add this to the session if so. `seconds=0` does not ask.
    #[serde(default)]
    pub remember_me_offset: Span,
    /// Bind the session to the network that it began in: elsewhere it ends.
    #[serde(default = "no_network")]
    #[schemars(extend("x-advanced" = true))]
    pub network_binding: NetworkBinding,
    /// Bind the session to the place that it began in: elsewhere it ends.
    #[serde(default = "no_place")]
    #[schemars(extend("x-advanced" = true))]
    pub geoip_binding: GeoIpBinding,
    /// How long the browser is known afterwards: policies may ask for it, and a sign-in with another one is
    /// told by mail. `seconds=0`: browsers are not told apart.
    #[serde(default = "thirty_days")]
    #[schemars(extend("x-advanced" = true))]
    pub remember_device: Span,
}

const fn no_network() -> NetworkBinding {
    NetworkBinding::NoBinding
}

const fn no_place() -> GeoIpBinding {
    GeoIpBinding::NoBinding
}

const fn thirty_days() -> Span {
    Span::from_days(30)
}

impl ConfigKind for UserLoginStage {
    const MODEL: &'static str = "authentik_stages_user_login.userloginstage";
    const FAMILY: Family = Family::Stage;
    const COMPONENT: &'static str = "ak-stage-user-login-form";
    const VERBOSE_NAME: &'static str = "User Login Stage";

    fn validate(&self) -> Result<(), FieldErrors> {
        let mut errors = FieldErrors::default();
        for (name, span) in [
            ("session_duration", self.session_duration),
            ("remember_me_offset", self.remember_me_offset),
            ("remember_device", self.remember_device),
        ] {
            if span < Span::ZERO || span > LONGEST {
                errors.push(name, "invalid", "stages-user-login-duration");
            }
        }
        errors.into_result()
    }
}
