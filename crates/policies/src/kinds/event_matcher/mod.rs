//! `authentik_policies_event_matcher.eventmatcherpolicy`: passes for events that administrators want to hear of.

mod query;

use std::{net::IpAddr, sync::Arc};

use async_trait::async_trait;
use countersign_model::{ConfigObject, EventAction, Family};
use countersign_resource::ConfigKind;
use countersign_types::{FieldErrors, JsonObject, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use self::query::Query;
use crate::{Policy, PolicyCx, PolicyError, PolicyKind, PolicyResult};

/// Passes for events that meet everything that is said here. Bind it to a notification rule: nothing but events passes.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct EventMatcherPolicy {
    /// Record every evaluation as an event.
    #[serde(default)]
    #[schemars(extend("x-advanced" = true))]
    pub execution_logging: bool,
    /// What must have happened. Left out, anything.
    #[serde(default)]
    pub action: Option<EventAction>,
    /// The address that it must have come from, exactly. For networks there are expressions.
    #[serde(default)]
    #[schemars(length(max = 64))]
    pub client_ip: Option<String>,
    /// The part of the house that must have told it, or to which the object belongs, such as `authentik.core`.
    #[serde(default)]
    #[schemars(length(max = 255))]
    pub app: Option<String>,
    /// What kind of object it must be about, such as `authentik_core.user`.
    #[serde(default)]
    #[schemars(length(max = 255))]
    pub model: Option<String>,
    /// A question about its details, such as `context.username ~ "admin" and client_ip != "10.0.0.1"`.
    #[serde(default)]
    #[schemars(length(max = 4096))]
    pub query: Option<String>,
}

/// Model label of the kind.
pub const EVENT_MATCHER: &str = "authentik_policies_event_matcher.eventmatcherpolicy";

impl ConfigKind for EventMatcherPolicy {
    const MODEL: &'static str = EVENT_MATCHER;
    const FAMILY: Family = Family::Policy;
    const COMPONENT: &'static str = "ak-policy-event-matcher-form";
    const VERBOSE_NAME: &'static str = "Event Matcher Policy";
    const VERBOSE_NAME_PLURAL: &'static str = "Event Matcher Policies";

    fn validate(&self) -> Result<(), FieldErrors> {
        let mut errors = FieldErrors::default();
        let texts = [&self.client_ip, &self.app, &self.model, &self.query];
        if self.action.is_none() && texts.into_iter().all(|text| said(text).is_none()) {
            errors.push("action", "required", "policies-event-matcher-of-nothing");
        }
        if said(&self.client_ip).is_some_and(|text| text.parse::<IpAddr>().is_err()) {
            errors.push("client_ip", "invalid", "policies-event-matcher-address");
        }
        for (path, text) in [("app", &self.app), ("model", &self.model)] {
            let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.');
            if said(text).is_some_and(|text| !text.bytes().all(is_name)) {
                errors.push(path, "invalid", "policies-event-matcher-name");
            }
        }
        if let Some(Err(error)) = said(&self.query).map(Query::parse) {
            let message = Text::key("policies-event-matcher-query").with("problem", error.to_string());
            errors.push("query", "invalid", message);
        }
        errors.into_result()
    }
}

/// What is said: nothing where a form left a field empty.
fn said(text: &Option<String>) -> Option<&str> {
    text.as_deref().filter(|text| !text.is_empty())
}

impl PolicyKind for EventMatcherPolicy {
    fn build(self, object: &ConfigObject) -> Result<Arc<dyn Policy>, PolicyError> {
        let query = said(&self.query).map(Query::parse).transpose();
        let query = query.map_err(|error| PolicyError::configuration(object, &error))?;
        let address = said(&self.client_ip).map(str::parse).transpose();
        let address = address.map_err(|error| PolicyError::configuration(object, &error))?;
        Ok(Arc::new(Matcher { name: object.name.clone(), query, address, spec: self }))
    }
}

/// The policy with what was read of its fields.
struct Matcher {
    name: String,
    spec: EventMatcherPolicy,
    address: Option<IpAddr>,
    query: Option<Query>,
}

#[async_trait]
impl Policy for Matcher {
    async fn evaluate(&self, cx: &PolicyCx<'_>) -> Result<PolicyResult, PolicyError> {
        let event = cx.request.event().ok_or_else(|| PolicyError::Configuration {
            name: self.name.clone(),
            problem: "it is asked of something that is no event".to_owned(),
        })?;
        Ok(PolicyResult { passing: self.matches(event), messages: Vec::new() })
    }
}

impl Matcher {
    fn matches(&self, event: &JsonObject) -> bool {
        let text = |name: &str| event.get(name).and_then(Value::as_str).unwrap_or_default();
        let about = event.get("context").and_then(|context| context.get("model"));
        let of_object = |name: &str| about.and_then(|about| about.get(name)?.as_str());
        self.spec.action.is_none_or(|action| action.as_str() == text("action"))
            && self.address.is_none_or(|address| is_address(text("client_ip"), address))
            && said(&self.spec.app).is_none_or(|app| {
                told_by(app, text("app")) || of_object("app").is_some_and(|label| belongs_to(app, label))
            })
            && said(&self.spec.model).is_none_or(|model| {
                let label = of_object("app").zip(of_object("model_name"));
                label.is_some_and(|(app, name)| model.eq_ignore_ascii_case(&format!("{app}.{name}")))
            })
            && self.query.as_ref().is_none_or(|query| query.holds(event))
    }
}

fn is_address(text: &str, wanted: IpAddr) -> bool {
    text.parse::<IpAddr>().is_ok_and(|found| found.to_canonical() == wanted.to_canonical())
}

/// A part of the house without whose house it is: `authentik.core` and `countersign.core` are the same part.
fn part(app: &str) -> &str {
    ["authentik.", "countersign.", "authentik_"]
        .into_iter()
        .find_map(|begin| app.strip_prefix(begin))
        .unwrap_or(app)
}

/// Whether a part of the house, or one below it, told of the event.
fn told_by(wanted: &str, app: &str) -> bool {
    part(app).strip_prefix(part(wanted)).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Whether an object's application label (`authentik_core`) is that of the part (`authentik.core`).
fn belongs_to(wanted: &str, label: &str) -> bool {
    part(wanted).replace('.', "_") == part(label)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn matches(spec: Value, event: &Value) -> bool {
        let spec: EventMatcherPolicy = serde_json::from_value(spec).unwrap();
        spec.validate().unwrap();
        let matcher = Matcher {
            name: String::new(),
            address: said(&spec.client_ip).map(|text| text.parse().unwrap()),
            query: said(&spec.query).map(|text| Query::parse(text).unwrap()),
            spec,
        };
        matcher.matches(event.as_object().unwrap())
    }

    fn event() -> Value {
        json!({
            "action": "model_updated", "app": "countersign.stages.password", "client_ip": "::ffff:10.1.2.3",
            "context": {"model": {"app": "authentik_core", "model_name": "user", "name": "ada"}},
        })
    }

    #[test]
    fn everything_that_is_said_must_hold() {
        for (spec, expected) in [
            (json!({"action": "model_updated"}), true),
            (json!({"action": "login"}), false),
            (json!({"client_ip": "10.1.2.3"}), true),
            (json!({"client_ip": "10.1.2.30"}), false),
            (json!({"app": "authentik.core"}), true),
            (json!({"app": "authentik.stages.password"}), true),
            (json!({"app": "authentik.stages"}), true),
            (json!({"app": "authentik.stages.pass"}), false),
            (json!({"app": "authentik.co"}), false),
            (json!({"model": "authentik_core.user"}), true),
            (json!({"model": "authentik_core.group"}), false),
            (json!({"query": "context.model.name = \"ada\""}), true),
            (json!({"action": "model_updated", "client_ip": "10.1.2.30"}), false),
            (json!({"action": "model_updated", "app": "", "query": "context.model.name = \"bob\""}), false),
        ] {
            assert_eq!(matches(spec.clone(), &event()), expected, "{spec}");
        }
        assert!(!matches(json!({"client_ip": "10.1.2.3"}), &json!({"action": "login"})), "from nowhere");
    }

    #[test]
    fn a_matcher_that_says_nothing_would_match_everything_and_is_refused() {
        for wrong in [
            json!({}),
            json!({"client_ip": "", "app": "", "query": null}),
            json!({"client_ip": "10.0.0.0/8"}),
            json!({"app": "authentik core"}),
            json!({"query": "context.x ="}),
        ] {
            let spec: EventMatcherPolicy = serde_json::from_value(wrong.clone()).unwrap();
            assert!(spec.validate().is_err(), "{wrong}");
        }
    }
}
