//! What administrators set.

use countersign_model::{Family, UserType};
use countersign_resource::{ConfigKind, target};
use countersign_types::{FieldErrors, Ref};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Whether users are made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UserCreationMode {
    /// Never: there must be a user.
    NeverCreate,
    /// When there is none yet.
    #[default]
    CreateWhenRequired,
    /// Always.
    AlwaysCreate,
}

/// Writes what prompts collected into the user who goes through the flow, or makes a new one. New users are
/// made in enrolment flows, and in sign-in flows while nobody is signed in; elsewhere never.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct UserWriteStage {
    /// Whether users are made.
    #[serde(default)]
    pub user_creation_mode: UserCreationMode,
    /// New users cannot sign in until something activates them.
    #[serde(default)]
    #[schemars(extend("x-group" = "new-users"))]
    pub create_users_as_inactive: bool,
    /// Group that new users join.
    #[serde(default)]
    #[schemars(extend("x-group" = "new-users", "x-grants" = true))]
    pub create_users_group: Option<Ref<target::Group>>,
    /// What kind of account new users are.
    #[serde(default = "external")]
    #[schemars(extend("x-group" = "new-users"))]
    pub user_type: UserType,
    /// Path of new users; `%(username)s` stands for the name. Empty: `users`.
    #[serde(default)]
    #[schemars(extend("x-group" = "new-users"))]
    pub user_path_template: String,
}

const fn external() -> UserType {
    UserType::External
}

impl ConfigKind for UserWriteStage {
    const MODEL: &'static str = "authentik_stages_user_write.userwritestage";
    const FAMILY: Family = Family::Stage;
    const COMPONENT: &'static str = "ak-stage-user-write-form";
    const VERBOSE_NAME: &'static str = "User Write Stage";

    fn validate(&self) -> Result<(), FieldErrors> {
        if self.user_type == UserType::InternalServiceAccount {
            return Err(FieldErrors::one("user_type", "invalid", "stages-user-write-type"));
        }
        Ok(())
    }
}
