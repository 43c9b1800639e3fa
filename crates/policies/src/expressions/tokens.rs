//! `ak_create_jwt` and `ak_create_jwt_raw`: tokens that expressions ask for.

use std::sync::Arc;

use countersign_expr::{HostError, Value};
use countersign_model::Subject;
use countersign_types::{JsonObject, Span};

use super::{
    arguments::Arguments,
    present::absorb,
    provider::PROVIDER_TYPE,
    reach::{Says, TokenOrder},
    world::World,
};

/// Scopes that no token of an expression has: with them it would be the user's own way into this house.
const OUR_SCOPE: &str = "goauthentik.io/api";
/// How long a token is valid unless something is said, and at most.
const VALIDITY: Span = Span::from_secs(60);
const LONGEST: Span = Span::from_days(1);
/// Bytes of claims at most.
const MAX_CLAIMS: usize = 8 * 1024;
/// Claims that the provider makes itself, whatever an expression says.
const FORCED: &[&str] = &["iss", "aud", "azp", "iat", "exp", "jti"];
/// Claims by which a token would be taken for the answer to a sign-in (OpenID Connect Core §2) or for the order to end
/// a session (Back-Channel Logout §2.4; RFC 8417 §2.2).
const REFUSED: &[&str] = &["nonce", "at_hash", "c_hash", "sid", "events", "toe", "txn"];

/// A token about a user.
pub(super) struct About {
    provider: String,
    scopes: Vec<String>,
    validity: Span,
}

impl About {
    pub(super) fn read(mut arguments: Arguments<'_>) -> Result<Self, HostError> {
        let provider = provider(arguments.required("provider")?)?;
        let scopes: Vec<String> = match arguments.required("scopes")? {
            Value::Str(scopes) => scopes.split_whitespace().map(str::to_owned).collect(),
            Value::List(scopes) | Value::Tuple(scopes) => {
                scopes.iter().filter_map(Value::as_str).map(str::to_owned).collect()
            }
            other => return Err(HostError::Type(format!("scopes are a list, not {}", other.type_name()))),
        };
        let validity = validity(arguments.take("validity"))?;
        arguments.finish()?;
        if scopes.iter().any(|scope| scope == OUR_SCOPE) {
            return Err(HostError::Denied(format!("no token has the scope {OUR_SCOPE} here")));
        }
        Ok(Self { provider, scopes, validity })
    }

    pub(super) fn made(self, world: &World, subject: &Arc<Subject>) -> Result<Value, HostError> {
        make(world, &self.provider, self.validity, Says::User { subject, scopes: self.scopes })
    }
}

/// A token with claims of the expression's own.
pub(super) struct Raw {
    provider: String,
    claims: JsonObject,
    validity: Span,
}

impl Raw {
    pub(super) fn read(mut arguments: Arguments<'_>) -> Result<Self, HostError> {
        let provider = provider(arguments.required("provider")?)?;
        let validity = validity(arguments.take("validity"))?;
        let mut claims = JsonObject::new();
        for (name, value) in arguments.rest()? {
            if REFUSED.contains(&name.as_str()) {
                return Err(HostError::Denied(format!("no token has the claim {name} here")));
            }
            if !FORCED.contains(&name.as_str()) {
                claims.insert(name, absorb(&value, false)?);
            }
        }
        if serde_json::to_vec(&claims).map_or(usize::MAX, |claims| claims.len()) > MAX_CLAIMS {
            return Err(HostError::Value(format!("claims have at most {MAX_CLAIMS} bytes")));
        }
        Ok(Self { provider, claims, validity })
    }

    pub(super) fn made(self, world: &World) -> Result<Value, HostError> {
        let subject = world.user.as_ref().filter(|subject| subject.user.is_active);
        make(world, &self.provider, self.validity, Says::Claims { claims: self.claims, subject })
    }
}

fn provider(value: Value) -> Result<String, HostError> {
    let named =
        |name: Option<Value>| name.and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default();
    Ok(match value {
        Value::Str(name) => name,
        Value::Dict(mut provider) => named(provider.swap_remove("name")),
        Value::Object(provider) if provider.type_name() == PROVIDER_TYPE => named(provider.attr("name")?),
        other => return Err(HostError::Type(format!("a provider is needed, not {}", other.type_name()))),
    })
}

fn validity(value: Option<Value>) -> Result<Span, HostError> {
    let asked = match value.unwrap_or_default() {
        Value::None => VALIDITY,
        Value::Str(span) => {
            span.parse().map_err(|_| HostError::Value(format!("'{span}' is no length of time")))?
        }
        other => return Err(HostError::Type(format!("validity is text, not {}", other.type_name()))),
    };
    Ok(asked.clamp(Span::from_secs(1), LONGEST))
}

fn make(world: &World, provider: &str, validity: Span, says: Says<'_>) -> Result<Value, HostError> {
    world.waiting()?;
    let mint = world.reach.mint.as_ref();
    let mint = mint.ok_or_else(|| HostError::Denied("no tokens are made here".to_owned()))?;
    let order = TokenOrder { says, provider, validity, base_url: world.facts.base_url.as_str() };
    mint.mint(&world.snapshot, order).map(Value::Str).map_err(HostError::Value)
}
