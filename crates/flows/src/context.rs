//! The plan's context: what stages, policies and providers leave for each other, by typed keys that keep
//! authentik's names.

use std::{borrow::Cow, marker::PhantomData};

use countersign_model::{ApplicationId, UserId};
use countersign_types::JsonObject;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

/// The name of a context value together with its type.
pub struct Key<T> {
    name: Cow<'static, str>,
    value: PhantomData<fn() -> T>,
}

impl<T> Key<T> {
    /// A key.
    pub const fn new(name: &'static str) -> Self {
        Self { name: Cow::Borrowed(name), value: PhantomData }
    }

    /// The name that expressions and the inspector see.
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// Who is going through the flow.
///
/// In the stored form a known user is `{"$user": "<uuid>"}`, which expressions see as a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum PendingUser {
    /// An account.
    Known {
        /// Which.
        #[serde(rename = "$user")]
        id: UserId,
    },
    /// Nobody, but the flow goes on as if there were such an account.
    Pretended {
        /// What was typed.
        #[serde(rename = "$pretended")]
        typed: String,
    },
}

/// An application in the context: `{"$application": "<uuid>"}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContextApplication {
    /// Which.
    #[serde(rename = "$application")]
    pub id: ApplicationId,
}

/// The keys that more than one room uses. A stage's private keys stay in its own room.
pub mod keys {
    use super::{ContextApplication, JsonObject, Key, PendingUser, UserId};

    /// Who is going through the flow.
    pub const PENDING_USER: Key<PendingUser> = Key::new("pending_user");
    /// What was typed to say who.
    pub const PENDING_USER_IDENTIFIER: Key<String> = Key::new("pending_user_identifier");
    /// Whether the account's own name and picture are shown above questions, instead of what was typed.
    pub const SHOWN_AS_MATCHED: Key<bool> = Key::new("goauthentik.io/flows/shown_as_matched");
    /// The application that the person is on the way to.
    pub const APPLICATION: Key<ContextApplication> = Key::new("application");
    /// What prompt stages collected.
    pub const PROMPT_DATA: Key<JsonObject> = Key::new("prompt_data");
    /// Trusted address to go to at the end; may be absolute.
    pub const REDIRECT: Key<String> = Key::new("redirect");
    /// How the user proved who he is.
    pub const AUTH_METHOD: Key<String> = Key::new("auth_method");
    /// Details of that.
    pub const AUTH_METHOD_ARGS: Key<JsonObject> = Key::new("auth_method_args");
    /// Which backend checked the password; its presence means that somebody did.
    pub const USER_BACKEND: Key<String> = Key::new("user_backend");
    /// Whether a source began the flow.
    pub const IS_SSO: Key<bool> = Key::new("is_sso");
    /// Set when the plan came back by a flow token.
    pub const IS_RESTORED: Key<bool> = Key::new("is_restored");
    /// Slug of the flow whose redirect stage led here.
    pub const IS_REDIRECTED: Key<String> = Key::new("is_redirected");
    /// Words of the deny stage.
    pub const DENY_MESSAGE: Key<String> = Key::new("deny_message");
    /// Overrides the redirect stage's target.
    pub const REDIRECT_STAGE_TARGET: Key<String> = Key::new("redirect_stage_target");
    /// Groups (by identifier) that the user write stage adds.
    pub const GROUPS: Key<Vec<uuid::Uuid>> = Key::new("groups");
    /// Path of users written.
    pub const USER_PATH: Key<String> = Key::new("user_path");
    /// Type of users written.
    pub const USER_TYPE: Key<String> = Key::new("user_type");
    /// Heading of a consent.
    pub const CONSENT_HEADER: Key<String> = Key::new("consent_header");
    /// What an application asks for: `[{id, name}]`.
    pub const CONSENT_PERMISSIONS: Key<Vec<(String, String)>> = Key::new("consent_permissions");
    /// The account that was proved to be whoever goes through the flow. See `proof` in the crate of stages.
    pub const PROVEN_USER: Key<UserId> = Key::new("goauthentik.io/flows/proven_user");
    /// Where somebody goes who refuses a consent; none to end the flow with words.
    pub const CONSENT_REFUSED: Key<String> = Key::new("goauthentik.io/consent/refused");
    /// Whether consent must be asked even when it is on file (`prompt=consent`).
    pub const CONSENT_FORCED: Key<bool> = Key::new("goauthentik.io/consent/forced");
    /// Origins that the browser may be sent to by the answer to a form, for `form-action`.
    pub const FORM_ORIGINS: Key<Vec<String>> = Key::new("goauthentik.io/http/form_origins");
}

/// The values, as they are sealed with the plan.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Context(JsonObject);

impl Context {
    /// From values that another part of the house hands over.
    pub const fn from_values(values: JsonObject) -> Self {
        Self(values)
    }

    /// A value; none when absent or of another form.
    pub fn get<T: DeserializeOwned>(&self, key: &Key<T>) -> Option<T> {
        self.0.get(key.name()).and_then(|value| T::deserialize(value).ok())
    }

    /// Whether there is a value of that name.
    pub fn has<T>(&self, key: &Key<T>) -> bool {
        self.0.contains_key(key.name())
    }

    /// Sets a value. A value that cannot be written as JSON is left out, which readers take as absent.
    pub fn set<T: Serialize>(&mut self, key: &Key<T>, value: &T) {
        match serde_json::to_value(value) {
            Ok(value) => {
                self.0.insert(key.name().to_owned(), value);
            }
            Err(error) => {
                tracing::error!(key = key.name(), %error, "a context value cannot be written");
                self.0.remove(key.name());
            }
        }
    }

    /// Removes a value.
    pub fn remove<T>(&mut self, key: &Key<T>) {
        self.0.remove(key.name());
    }

    /// All values, as policies see them.
    pub const fn values(&self) -> &JsonObject {
        &self.0
    }

    /// Sets a value by name, as an expression may.
    pub fn set_value(&mut self, name: String, value: Value) {
        self.0.insert(name, value);
    }
}

/// Context values as an object, for callers that hand over more than one.
impl From<JsonObject> for Context {
    fn from(values: JsonObject) -> Self {
        Self::from_values(values)
    }
}
