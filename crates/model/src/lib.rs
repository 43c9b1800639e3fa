//! Floor 1: the entities and their persisted state. No I/O, no clock, no SQL.
//!
//! Names, fields and enum values are those of authentik;
//! identifiers are UUIDs, and `pk` is the integer key where authentik's API has one.

mod access;
mod binding;
mod blueprints;
mod device;
mod directory;
mod events;
mod flows;
mod invitation;
mod jobs;
mod keys;
mod notification;
mod objects;
mod policies;
mod reputation;
mod revisions;
mod roles;

pub use access::{
    AuthorizationCode, Code, Consent, ConsentId, Grant, GrantId, Impersonation, LiveSession, Session,
    SessionId, Token, TokenId, TokenIntent,
};
pub use binding::{Bound, GeoIpBinding, NetworkBinding, SessionBinding};
pub use blueprints::{BlueprintInstance, BlueprintInstanceId, BlueprintStatus};
pub use device::{Device, System};
pub use directory::{Group, GroupId, Subject, User, UserId, UserType};
pub use events::{Event, EventAction, EventId, EventUser};
pub use flows::{
    DeniedAction, Flow, FlowAuthentication, FlowDesignation, FlowId, FlowLayout, FlowStageBinding,
    FlowStageBindingId, InvalidResponseAction, StoredPlan,
};
pub use invitation::{Invitation, InvitationId};
pub use jobs::{Job, JobId, JobState};
pub use keys::{CertificateKeyPair, KeyAlgorithm, KeyPairId, KeyVersion, KeyVersionId};
pub use notification::{Notification, NotificationId, Severity};
pub use objects::{
    Application, ApplicationId, Brand, BrandId, ConfigObject, ConfigObjectId, Family, Provider, ProviderId,
};
pub use policies::{BoundTo, PolicyBinding, PolicyBindingId, PolicyEngineMode};
pub use reputation::{Reputation, ReputationId, ReputationRule};
pub use revisions::{Revision, RevisionAction, RevisionId};
pub use roles::{Role, RoleId, RolePermission};

/// Declares a string enum with serde and `as_str`/`FromStr` of the same spelling.
macro_rules! text_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ::serde::Serialize, ::serde::Deserialize, ::schemars::JsonSchema)]
        pub enum $name {
            $($(#[$vdoc])* #[serde(rename = $text)] $variant),+
        }

        impl $name {
            /// Every value, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The spelling of rows, API and blueprints.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = $crate::UnknownVariant;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($text => Ok(Self::$variant),)+
                    other => Err($crate::UnknownVariant { kind: stringify!($name), value: other.to_owned() }),
                }
            }
        }
    };
}
pub(crate) use text_enum;

/// A stored or sent text is none of an enum's spellings.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{value}” is not a {kind}")]
pub struct UnknownVariant {
    /// The enum.
    pub kind: &'static str,
    /// What was found.
    pub value: String,
}
