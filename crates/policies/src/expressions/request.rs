//! `request` and `request.http_request` as expressions see them.

use std::sync::Arc;

use countersign_expr::{HostError, HostObject, Value};
use url::form_urlencoded;

use super::{
    arguments::Arguments,
    context::{ContextDict, Lasting},
    user::UserObject,
    world::World,
};

/// What is asked of the policy.
pub(super) struct RequestObject(Arc<World>);

impl RequestObject {
    pub(super) fn value(world: &Arc<World>) -> Value {
        Value::object(Self(Arc::clone(world)))
    }
}

impl HostObject for RequestObject {
    fn type_name(&self) -> &str {
        "PolicyRequest"
    }

    fn identity(&self) -> Option<String> {
        Some("request".to_owned())
    }

    fn attr(&self, name: &str) -> Result<Option<Value>, HostError> {
        Ok(Some(match name {
            "user" => Value::object(UserObject::of_request(&self.0)),
            "context" => ContextDict::root(&self.0, Lasting::Expression),
            "http_request" => HttpRequest::value(&self.0),
            "obj" => Value::None,
            "debug" => Value::Bool(false),
            _ => return Ok(None),
        }))
    }
}

/// The request of the browser, as far as policies need it.
pub(super) struct HttpRequest(Arc<World>);

impl HttpRequest {
    pub(super) fn value(world: &Arc<World>) -> Value {
        Value::object(Self(Arc::clone(world)))
    }
}

impl HostObject for HttpRequest {
    fn type_name(&self) -> &str {
        "HttpRequest"
    }

    fn identity(&self) -> Option<String> {
        Some(self.0.facts.request_id.clone())
    }

    fn attr(&self, name: &str) -> Result<Option<Value>, HostError> {
        let facts = &self.0.facts;
        Ok(Some(match name {
            "user" => Value::object(UserObject::of_request(&self.0)),
            "scheme" => facts.base_url.split("://").next().unwrap_or_default().into(),
            "request_id" => facts.request_id.as_str().into(),
            "META" => Value::dict([
                ("REMOTE_ADDR", facts.client.map_or(Value::None, |client| client.0.to_string().into())),
                ("HTTP_HOST", facts.host.as_str().into()),
                ("HTTP_USER_AGENT", facts.user_agent.as_str().into()),
            ]),
            "GET" => query(&facts.query),
            // What somebody typed is in the context, and nothing of it is there twice.
            "POST" => Value::Dict(Default::default()),
            "session" => Value::object(Session),
            "tenant" => Value::object(Tenant),
            "headers" => Value::dict([
                ("Host", Value::from(facts.host.as_str())),
                ("User-Agent", facts.user_agent.as_str().into()),
            ]),
            _ => return Ok(None),
        }))
    }

    fn call(&self, method: &str, args: Vec<Value>, kwargs: Vec<(String, Value)>) -> Result<Value, HostError> {
        let mut arguments = Arguments::new(method, args, kwargs);
        let facts = &self.0.facts;
        let value = match method {
            "get_host" => facts.host.as_str().into(),
            "is_secure" => facts.base_url.starts_with("https://").into(),
            "build_absolute_uri" => {
                let path = arguments.take("location").unwrap_or(Value::Str("/".to_owned()));
                match path.as_str() {
                    Some(path) if path.starts_with('/') => format!("{}{path}", facts.base_url).into(),
                    _ => return Err(HostError::Value("the location must begin with /".to_owned())),
                }
            }
            _ => return Err(HostError::NoSuchMethod(method.to_owned())),
        };
        arguments.finish()?;
        Ok(value)
    }
}

/// Parameters that are seen, and characters of one.
const MAX_PARAMETERS: usize = 100;
const MAX_PARAMETER: usize = 4096;
/// Parameters that are keys to something: whoever knows one can do what it is for.
const KEYS: &[&str] = &[
    "access_token",
    "client_assertion",
    "client_secret",
    "code",
    "code_verifier",
    "flow_token",
    "id_token",
    "id_token_hint",
    "itoken",
    "logout_token",
    "password",
    "refresh_token",
    "start",
    "token",
];

/// The parameters of the query without those that are keys; the last of several of one name.
fn query(raw: &str) -> Value {
    let parameters = form_urlencoded::parse(raw.as_bytes()).take(MAX_PARAMETERS);
    let seen = parameters.filter(|(name, _)| !KEYS.contains(&name.to_lowercase().as_str()));
    let cut = |text: &str| text.chars().take(MAX_PARAMETER).collect::<String>();
    Value::dict(seen.map(|(name, value)| (cut(&name), Value::Str(cut(&value)))))
}

/// The session as authentik's expressions know it, of which nothing is seen and in which nothing is left: it is there
/// so that they run.
struct Session;

impl HostObject for Session {
    fn type_name(&self) -> &str {
        "Session"
    }

    fn identity(&self) -> Option<String> {
        Some("session".to_owned())
    }

    fn attr(&self, name: &str) -> Result<Option<Value>, HostError> {
        Ok((name == "session_key").then_some(Value::None))
    }

    fn call(&self, method: &str, args: Vec<Value>, kwargs: Vec<(String, Value)>) -> Result<Value, HostError> {
        let mut arguments = Arguments::new(method, args, kwargs);
        let value = match method {
            "get" => {
                arguments.required("key")?;
                arguments.take("default").unwrap_or_default()
            }
            "keys" | "values" | "items" => Value::list([]),
            _ => return Err(HostError::NoSuchMethod(method.to_owned())),
        };
        arguments.finish()?;
        Ok(value)
    }

    fn get_item(&self, key: &Value) -> Result<Value, HostError> {
        Err(HostError::Key(format!("{key:?}")))
    }

    fn contains(&self, _: &Value) -> Result<bool, HostError> {
        Ok(false)
    }

    fn set_item(&self, _: Value, _: Value) -> Result<(), HostError> {
        Err(HostError::Denied("nothing is left in sessions: flow_plan.context keeps it".to_owned()))
    }
}

/// The house as authentik's expressions know it: what users may change of themselves unless their attributes say
/// otherwise.
struct Tenant;

impl HostObject for Tenant {
    fn type_name(&self) -> &str {
        "Tenant"
    }

    fn identity(&self) -> Option<String> {
        Some("tenant".to_owned())
    }

    fn attr(&self, name: &str) -> Result<Option<Value>, HostError> {
        Ok(match name {
            "default_user_change_name" => Some(true.into()),
            "default_user_change_email" | "default_user_change_username" => Some(false.into()),
            _ => None,
        })
    }
}
