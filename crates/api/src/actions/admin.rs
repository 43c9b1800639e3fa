//! `admin/…`: the system itself.

use countersign_authz::Permission;
use schemars::JsonSchema;
use serde::Serialize;

use crate::{Access, Answer, ApiError, Call, Endpoint};

pub(super) fn rows() -> Vec<Endpoint> {
    vec![
        Endpoint::get("admin/version/", "admin_version_retrieve", system_info(), version)
            .about("The version that runs.")
            .gives::<Version>(),
    ]
}

fn system_info() -> Access {
    Access::Global(Permission::named("authentik_rbac.view_system_info"))
}

/// The version that runs.
#[derive(Serialize, JsonSchema)]
struct Version {
    /// The version that runs.
    version_current: &'static str,
    /// The newest version; we do not ask anybody, so it is ours.
    version_latest: &'static str,
    /// Whether the newest version is known.
    version_latest_valid: bool,
    /// Commit from which the binary was built; empty for a release.
    build_hash: &'static str,
    /// Whether there is a newer version.
    outdated: bool,
    /// Whether any outpost runs another version.
    outpost_outdated: bool,
}

async fn version(_: Call) -> Result<Answer, ApiError> {
    let version = env!("CARGO_PKG_VERSION");
    Answer::json(&Version {
        version_current: version,
        version_latest: version,
        version_latest_valid: true,
        build_hash: "",
        outdated: false,
        outpost_outdated: false,
    })
}
