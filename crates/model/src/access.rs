//! What people and applications hold: sessions, grants, codes, tokens, consents.

use std::sync::Arc;

use countersign_types::{Digest, JsonObject, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{ApplicationId, EventUser, ProviderId, SessionBinding, Subject, UserId, text_enum};

countersign_types::ids! {
    /// A session, as it is named to people and in `sid` claims; not its bearer value.
    SessionId,
    /// A grant: what a user let a client have.
    GrantId,
    /// A token.
    TokenId,
    /// A consent on file.
    ConsentId,
}

/// Somebody signed in with some browser.
#[derive(Clone, Debug)]
pub struct Session {
    /// SHA-256 of the cookie's value.
    pub key: Digest,
    /// Public name.
    pub id: SessionId,
    /// Who.
    pub user: UserId,
    /// When it began.
    pub created: Timestamp,
    /// When the user last proved who he is (`auth_time`).
    pub authenticated_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_used: Timestamp,
    /// After this moment it is dead, whatever clean-up did.
    pub expires: Timestamp,
    /// How the user proved who he is: `password`, `auth_webauthn_pwl`, `recovery`, …
    pub auth_method: String,
    /// Details of that (`mfa_devices`, `known_device`, …).
    pub auth_method_args: JsonObject,
    /// Address at sign-in.
    pub last_ip: String,
    /// Browser at sign-in.
    pub last_user_agent: String,
    /// Set when somebody else uses the session in the user's place.
    pub impersonator: Option<Impersonation>,
    /// What of its surroundings it is bound to, if anything: elsewhere it is worth nothing.
    pub binding: Option<SessionBinding>,
}

impl Session {
    /// Who is behind it, when it is used in its user's place.
    pub fn behind(&self) -> Option<&EventUser> {
        self.impersonator.as_ref().map(|impersonation| &impersonation.user)
    }
}

/// Who uses a session in its user's place, and why. Goes when the sessions of the impersonator go.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Impersonation {
    /// Who.
    pub by: UserId,
    /// The same, as events keep him.
    pub user: EventUser,
    /// His own session, which goes on when this one ends.
    pub session: SessionId,
    /// Why, in his words.
    pub reason: String,
}

/// A session that is alive, with its user, who is active. What [`Session`] rows come to.
#[derive(Clone, Debug)]
pub struct LiveSession {
    /// The session.
    pub session: Arc<Session>,
    /// Its user.
    pub subject: Arc<Subject>,
}

/// What a user let a client have. Access tokens name it; revoking it ends them.
#[derive(Clone, Debug)]
pub struct Grant {
    /// Identifier.
    pub id: GrantId,
    /// The provider, that is the client.
    pub provider: ProviderId,
    /// The user.
    pub user: UserId,
    /// The session in which it was given.
    pub session: Option<SessionId>,
    /// Scopes given, space-separated.
    pub scope: String,
    /// `auth_time` of the session.
    pub auth_time: Timestamp,
    /// `nonce` of the request.
    pub nonce: Option<String>,
    /// How the user had signed in, for `amr`.
    pub auth_method: String,
    /// When it was given.
    pub created: Timestamp,
    /// Generation of the refresh token in force; 0 when none was issued.
    pub refresh_generation: i32,
    /// SHA-256 of the refresh token in force.
    pub refresh_key: Option<Digest>,
    /// After this moment nothing comes of it.
    pub expires: Timestamp,
    /// When it was revoked.
    pub revoked: Option<Timestamp>,
}

/// An authorization code at rest.
#[derive(Clone, Debug)]
pub struct AuthorizationCode {
    /// SHA-256 of the code.
    pub key: Digest,
    /// The grant that it brings.
    pub grant: GrantId,
    /// The provider it was issued for.
    pub provider: ProviderId,
    /// `redirect_uri` of the request.
    pub redirect_uri: String,
    /// `code_challenge` (S256) of the request.
    pub code_challenge: Option<String>,
    /// After this moment it is dead.
    pub expires: Timestamp,
    /// When it was used. A second use revokes the grant.
    pub consumed: Option<Timestamp>,
}

/// Name used where only one kind of code is meant.
pub type Code = AuthorizationCode;

text_enum! {
    /// What a token is for.
    TokenIntent {
        /// Confirming an address.
        Verification = "verification",
        /// The REST API.
        Api = "api",
        /// Getting back in.
        Recovery = "recovery",
        /// A password for one application.
        AppPassword = "app_password",
    }
}

/// A bearer token of a user.
#[derive(Clone, Debug)]
pub struct Token {
    /// Identifier.
    pub id: TokenId,
    /// Unique slug.
    pub identifier: String,
    /// SHA-256 of its value.
    pub key: Digest,
    /// What it is for.
    pub intent: TokenIntent,
    /// Whose it is.
    pub user: UserId,
    /// What the owner wrote.
    pub description: String,
    /// After this moment it is dead; none for never.
    pub expires: Option<Timestamp>,
    /// Marks a token that Countersign itself keeps.
    pub managed: Option<String>,
    /// When it was made.
    pub created: Timestamp,
    /// When it was last used.
    pub last_used: Option<Timestamp>,
    /// The only permissions that it carries of its owner's; none for all of them.
    pub permissions: Option<Vec<String>>,
}

/// A user's consent for an application, on file.
#[derive(Clone, Debug)]
pub struct Consent {
    /// Identifier.
    pub id: ConsentId,
    /// Who consented.
    pub user: UserId,
    /// To what.
    pub application: ApplicationId,
    /// Permissions consented to: scope names, sorted, space-separated.
    pub permissions: String,
    /// After this moment it must be asked again; none for never.
    pub expires: Option<Timestamp>,
}
