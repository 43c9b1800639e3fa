//! Flows, their bindings, and the stored form of a plan.

use countersign_types::{Digest, RawId, Slug, Timestamp};

use crate::{ConfigObjectId, PolicyEngineMode, text_enum};

countersign_types::ids! {
    /// A flow.
    FlowId,
    /// A stage bound to a flow.
    FlowStageBindingId,
}

text_enum! {
    /// What a flow is for.
    FlowDesignation {
        /// Signing in.
        Authentication = "authentication",
        /// Letting an application have the user.
        Authorization = "authorization",
        /// Signing out.
        Invalidation = "invalidation",
        /// Making an account.
        Enrollment = "enrollment",
        /// Removing one's account.
        Unenrollment = "unenrollment",
        /// Getting back in.
        Recovery = "recovery",
        /// Setting something up while signed in.
        StageConfiguration = "stage_configuration",
    }
}

text_enum! {
    /// Who may run a flow.
    FlowAuthentication {
        /// Anybody.
        None = "none",
        /// Only who is signed in.
        RequireAuthenticated = "require_authenticated",
        /// Only who is not.
        RequireUnauthenticated = "require_unauthenticated",
        /// Only administrators without limits.
        RequireSuperuser = "require_superuser",
        /// Only who was sent here by another flow's redirect stage.
        RequireRedirect = "require_redirect",
        /// Only an outpost.
        RequireOutpost = "require_outpost",
        /// Only the bearer of a flow token.
        RequireToken = "require_token",
    }
}

text_enum! {
    /// What happens to who may not run a flow.
    DeniedAction {
        /// Go on to a relative `next` if there is one, else explain.
        MessageContinue = "message_continue",
        /// Always explain.
        Message = "message",
        /// Go on to `next`, or to the start page.
        Continue = "continue",
    }
}

text_enum! {
    /// How the flow page is laid out.
    FlowLayout {
        /// A card in the middle.
        Stacked = "stacked",
        /// Card left.
        ContentLeft = "content_left",
        /// Card right.
        ContentRight = "content_right",
        /// Side bar left.
        SidebarLeft = "sidebar_left",
        /// Side bar right.
        SidebarRight = "sidebar_right",
        /// Side bar left beside a framed background.
        SidebarLeftFrameBackground = "sidebar_left_frame_background",
        /// Side bar right beside a framed background.
        SidebarRightFrameBackground = "sidebar_right_frame_background",
    }
}

text_enum! {
    /// What an invalid answer does.
    InvalidResponseAction {
        /// Ask again, with the errors.
        Retry = "retry",
        /// Begin the flow anew.
        Restart = "restart",
        /// Begin anew but keep what was collected.
        RestartWithContext = "restart_with_context",
    }
}

/// A journey that administrators compose out of stages.
#[derive(Clone, Debug)]
pub struct Flow {
    /// Identifier.
    pub id: FlowId,
    /// Administrators' name.
    pub name: String,
    /// Name in the URL.
    pub slug: Slug,
    /// Title shown; `%(app)s` stands for the application.
    pub title: String,
    /// What it is for.
    pub designation: FlowDesignation,
    /// Who may run it.
    pub authentication: FlowAuthentication,
    /// What happens to who may not.
    pub denied_action: DeniedAction,
    /// How the page is laid out.
    pub layout: FlowLayout,
    /// Background picture; empty for the brand's.
    pub background: String,
    /// Kept for authentik's field of this name: our pages need no such mode.
    pub compatibility_mode: bool,
    /// How policy bindings of the flow combine.
    pub policy_engine_mode: PolicyEngineMode,
}

/// A stage's place in a flow.
#[derive(Clone, Debug)]
pub struct FlowStageBinding {
    /// Identifier, and the target of the binding's policy bindings.
    pub id: FlowStageBindingId,
    /// The flow.
    pub target: FlowId,
    /// The stage, an object of the family `stage`.
    pub stage: ConfigObjectId,
    /// Place in the flow.
    pub order: i32,
    /// Evaluate policies when the plan is made.
    pub evaluate_on_plan: bool,
    /// Evaluate policies just before the stage is shown.
    pub re_evaluate_policies: bool,
    /// What an invalid answer does.
    pub invalid_response_action: InvalidResponseAction,
    /// How policy bindings combine.
    pub policy_engine_mode: PolicyEngineMode,
}

/// A plan at rest, once something has been answered. The state is sealed: it may hold what was typed.
#[derive(Clone, Debug)]
pub struct StoredPlan {
    /// SHA-256 over browser secret, flow and query: one plan per browser and address of a flow page.
    pub key: Digest,
    /// Identifier of the run, as forms carry it.
    pub plan_id: RawId,
    /// Step that an answer must be for; every accepted answer moves it.
    pub step: i32,
    /// Sealed plan.
    pub state: Vec<u8>,
    /// After this moment the plan is dead.
    pub expires: Timestamp,
}
