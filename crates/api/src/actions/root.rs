//! `root/config/`: what clients ask before anything else.

use countersign_registry::SystemSettings;
use schemars::JsonSchema;
use serde::Serialize;

use crate::{Access, Answer, ApiError, Call, Endpoint};

pub(super) fn rows() -> Vec<Endpoint> {
    vec![
        Endpoint::get("root/config/", "root_config_retrieve", Access::Anyone, config)
            .about("What this installation can do.")
            .gives::<Config>(),
    ]
}

/// What this installation can do.
#[derive(Serialize, JsonSchema)]
struct Config {
    /// Reports of faults to others; there are none.
    error_reporting: ErrorReportingConfig,
    /// What is built in and switched on.
    capabilities: Vec<&'static str>,
    /// Seconds that answers are kept; none are.
    cache_timeout: u32,
    /// Seconds that plans are kept; none are.
    cache_timeout_flows: u32,
    /// Seconds that results of policies are kept; none are.
    cache_timeout_policies: u32,
}

/// Reports of faults to others.
#[derive(Default, Serialize, JsonSchema)]
struct ErrorReportingConfig {
    /// Whether they are sent.
    enabled: bool,
    /// Where to.
    sentry_dsn: String,
    /// What the installation calls itself there.
    environment: String,
    /// Whether they would say who was signed in.
    send_pii: bool,
    /// How many requests would be followed.
    traces_sample_rate: f64,
}

async fn config(call: Call) -> Result<Answer, ApiError> {
    let settings = SystemSettings::of_snapshot(&*call.snapshot().await?);
    Answer::json(&Config {
        error_reporting: ErrorReportingConfig::default(),
        capabilities: settings.impersonation.then_some("can_impersonate").into_iter().collect(),
        cache_timeout: 0,
        cache_timeout_flows: 0,
        cache_timeout_policies: 0,
    })
}
