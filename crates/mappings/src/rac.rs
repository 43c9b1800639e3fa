//! `authentik_providers_rac.racpropertymapping`: settings of remote desktops and shells.

use countersign_model::Family;
use countersign_policies::{Expressions, Given, Mapping, MappingKind, Returns, Shape, given::PROVIDER};
use countersign_resource::ConfigKind;
use countersign_types::{Expression, FieldErrors, JsonObject};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Settings of a mapping at most.
const MAX_SETTINGS: usize = 200;
const ENDPOINT: Given = Given::new(
    "endpoint",
    "endpoint.host",
    Shape::Object("{\"name\": \"db1\", \"protocol\": \"ssh\", \"host\": \"db1.example.com\"}"),
);

/// Settings of connections to remote machines.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct RacMapping {
    /// Settings of the connection that are the same for everybody.
    #[serde(default)]
    pub static_settings: JsonObject,
    /// Python that returns a dictionary of further settings. Sees `request`, `user`, `endpoint` and `provider`. May be empty.
    #[serde(default)]
    pub expression: Expression,
}

impl ConfigKind for RacMapping {
    const MODEL: &'static str = "authentik_providers_rac.racpropertymapping";
    const FAMILY: Family = Family::PropertyMapping;
    const COMPONENT: &'static str = "ak-property-mapping-provider-rac-form";
    const VERBOSE_NAME: &'static str = "RAC Provider Property Mapping";
    const API_PATH: &'static str = "propertymappings/provider/rac";

    fn validate(&self) -> Result<(), FieldErrors> {
        let mut errors = Expressions::validate("expression", &self.expression).err().unwrap_or_default();
        let is_plain = |value: &Value| {
            matches!(value, Value::String(_) | Value::Number(_) | Value::Bool(_) | Value::Null)
        };
        if self.static_settings.len() > MAX_SETTINGS || !self.static_settings.values().all(is_plain) {
            errors.push("static_settings", "invalid", "mappings-rac-settings-invalid");
        }
        errors.into_result()
    }
}

impl MappingKind for RacMapping {
    const MAPPING: Mapping = Mapping { given: &[ENDPOINT, PROVIDER], returns: Returns::Dict };
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn mapping(settings: &Value) -> RacMapping {
        RacMapping {
            static_settings: settings.as_object().cloned().unwrap_or_default(),
            expression: Expression::default(),
        }
    }

    #[test]
    fn settings_are_plain_and_need_no_expression() {
        assert!(mapping(&json!({ "resize-method": "display-update", "dpi": 96 })).validate().is_ok());
        assert!(mapping(&json!({ "nested": { "a": 1 } })).validate().is_err());
        let many: JsonObject = (0..=MAX_SETTINGS).map(|at| (at.to_string(), json!("x"))).collect();
        assert!(mapping(&Value::Object(many)).validate().is_err());
    }
}
