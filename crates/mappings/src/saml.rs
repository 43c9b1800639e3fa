//! `authentik_providers_saml.samlpropertymapping`: an attribute of SAML assertions.

use countersign_model::Family;
use countersign_policies::{Expressions, Mapping, MappingKind, Returns, given::PROVIDER};
use countersign_resource::ConfigKind;
use countersign_types::{Expression, FieldErrors};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An attribute of SAML assertions.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct SamlMapping {
    /// Name of the attribute, as the application expects it: often a URI.
    #[schemars(length(min = 1, max = 1024), extend("x-label" = "SAML name"))]
    pub saml_name: String,
    /// Name of the attribute for people; empty for none.
    #[serde(default)]
    #[schemars(length(max = 1024))]
    pub friendly_name: Option<String>,
    /// Python that returns the value, or a list of values, or yields them. Sees `request`, `user` and `provider`.
    pub expression: Expression,
}

impl ConfigKind for SamlMapping {
    const MODEL: &'static str = "authentik_providers_saml.samlpropertymapping";
    const FAMILY: Family = Family::PropertyMapping;
    const COMPONENT: &'static str = "ak-property-mapping-provider-saml-form";
    const VERBOSE_NAME: &'static str = "SAML Provider Property Mapping";
    const API_PATH: &'static str = "propertymappings/provider/saml";

    fn validate(&self) -> Result<(), FieldErrors> {
        let mut errors = Expressions::validate("expression", &self.expression).err().unwrap_or_default();
        // Neither belongs into XML.
        let is_bad = |name: &str| name.trim().is_empty() || name.chars().any(char::is_control);
        if is_bad(&self.saml_name) || self.saml_name.chars().count() > 1024 {
            errors.push("saml_name", "invalid", "mappings-saml-name-invalid");
        }
        let friendly = self.friendly_name.as_deref().filter(|name| !name.is_empty());
        if friendly.is_some_and(|name| is_bad(name) || name.chars().count() > 1024) {
            errors.push("friendly_name", "invalid", "mappings-saml-name-invalid");
        }
        errors.into_result()
    }
}

impl MappingKind for SamlMapping {
    const MAPPING: Mapping = Mapping { given: &[PROVIDER], returns: Returns::Values };
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mapping(saml_name: &str, expression: &str) -> SamlMapping {
        SamlMapping {
            saml_name: saml_name.to_owned(),
            friendly_name: None,
            expression: Expression::from(expression),
        }
    }

    #[test]
    fn an_attribute_has_a_name_and_an_expression() {
        let groups = "for group in user.groups.all():\n    yield group.name";
        assert!(mapping("http://schemas.xmlsoap.org/claims/Group", groups).validate().is_ok());
        assert!(mapping(" ", groups).validate().is_err());
        assert!(mapping("a\u{0}b", groups).validate().is_err());
        let errors = mapping("", "return {").validate().unwrap_err();
        assert_eq!((errors.about("saml_name").count(), errors.about("expression").count()), (1, 1));
    }
}
