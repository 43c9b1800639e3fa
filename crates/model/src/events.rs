//! The audit trail.

use countersign_types::{JsonObject, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{User, text_enum};

countersign_types::ids! {
    /// An event.
    EventId,
}

text_enum! {
    /// What happened.
    EventAction {
        /// A session began.
        Login = "login",
        /// A sign-in failed.
        LoginFailed = "login_failed",
        /// A session was ended by its user.
        Logout = "logout",
        /// A flow wrote a user.
        UserWrite = "user_write",
        /// Something that an honest client does not do.
        SuspiciousRequest = "suspicious_request",
        /// A password was set.
        PasswordSet = "password_set",
        /// A secret was shown.
        SecretView = "secret_view",
        /// A secret was made anew.
        SecretRotate = "secret_rotate",
        /// An application received a user or a token.
        AuthorizeApplication = "authorize_application",
        /// A flow ended.
        FlowExecution = "flow_execution",
        /// A policy was evaluated with logging on.
        PolicyExecution = "policy_execution",
        /// A policy failed to evaluate.
        PolicyException = "policy_exception",
        /// A property mapping failed to evaluate.
        PropertyMappingException = "property_mapping_exception",
        /// A job ran.
        SystemTaskExecution = "system_task_execution",
        /// A job failed for good.
        SystemTaskException = "system_task_exception",
        /// A fault of ours.
        SystemException = "system_exception",
        /// Something is configured so that it cannot work.
        ConfigurationError = "configuration_error",
        /// Something is configured so that it works badly.
        ConfigurationWarning = "configuration_warning",
        /// Somebody began to act in another's place.
        ImpersonationStarted = "impersonation_started",
        /// He stopped.
        ImpersonationEnded = "impersonation_ended",
        /// Something that an expression records; its context says what.
        Custom = "custom_",
        /// An account was made with an invitation.
        InvitationUsed = "invitation_used",
        /// A letter was handed to a mail server.
        EmailSent = "email_sent",
        /// An account was joined with one of a source.
        SourceLinked = "source_linked",
        /// There is a newer version.
        UpdateAvailable = "update_available",
        /// An object was made.
        ModelCreated = "model_created",
        /// An object was changed.
        ModelUpdated = "model_updated",
        /// An object was deleted.
        ModelDeleted = "model_deleted",
    }
}

/// Who did it, as it is kept: names survive the account.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EventUser {
    /// Integer key of the user.
    pub pk: i64,
    /// Name at the time.
    pub username: String,
    /// Address at the time.
    pub email: String,
    /// The user in whose place he acted, while he impersonated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_behalf_of: Option<Box<Self>>,
}

impl EventUser {
    /// A user as he is now.
    pub fn of(user: &User) -> Self {
        Self { pk: user.pk, username: user.username.clone(), email: user.email.clone(), on_behalf_of: None }
    }

    /// The same, done by somebody who acts in his place.
    #[must_use]
    pub fn through(self, impersonator: &Self) -> Self {
        if impersonator.pk == self.pk {
            return self;
        }
        Self { on_behalf_of: Some(Box::new(self)), ..impersonator.clone() }
    }
}

/// Something that happened.
#[derive(Clone, Debug)]
pub struct Event {
    /// Identifier; sorts by time.
    pub id: EventId,
    /// What.
    pub action: EventAction,
    /// Which crate says so.
    pub app: String,
    /// By whom, if anybody.
    pub user: Option<EventUser>,
    /// Details, redacted.
    pub context: JsonObject,
    /// From where.
    pub client_ip: Option<String>,
    /// When.
    pub created: Timestamp,
    /// Until when it is kept.
    pub expires: Timestamp,
}
