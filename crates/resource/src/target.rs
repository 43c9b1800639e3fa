//! What a `Ref` may point at. Families stand for all of their kinds.

use countersign_types::RefTarget;

/// Declares targets: `targets! { /// A stage. Stage = "stage" }`.
macro_rules! targets {
    ($($(#[$doc:meta])* $name:ident = $model:literal),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub enum $name {}

        impl RefTarget for $name {
            const MODEL: &'static str = $model;
        }
    )+};
}

targets! {
    /// A stage of any kind.
    Stage = "stage",
    /// A policy of any kind.
    Policy = "policy",
    /// A field of prompt stages.
    Prompt = "prompt",
    /// A property mapping of any kind.
    PropertyMapping = "propertymapping",
    /// A source of any kind.
    Source = "source",
    /// A way in which notifications are sent.
    NotificationTransport = "notificationtransport",
    /// What a webhook is sent.
    WebhookMapping = "authentik_events.notificationwebhookmapping",
    /// A provider of any kind.
    Provider = "provider",
    /// A password stage.
    PasswordStage = "authentik_stages_password.passwordstage",
    /// An e-mail stage.
    EmailStage = "authentik_stages_email.emailstage",
    /// A flow.
    Flow = "authentik_flows.flow",
    /// A stage's place in a flow.
    FlowStageBinding = "authentik_flows.flowstagebinding",
    /// A user.
    User = "authentik_core.user",
    /// A group.
    Group = "authentik_core.group",
    /// A role.
    Role = "authentik_rbac.role",
    /// An application.
    Application = "authentik_core.application",
    /// A certificate key pair.
    KeyPair = "authentik_crypto.certificatekeypair",
    /// Whatever policy bindings may guard: a flow, its stage bindings, an application, a source, a notification rule.
    PolicyTarget = "policytarget",
}
