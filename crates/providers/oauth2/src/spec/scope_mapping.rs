//! `authentik_providers_oauth2.scopemapping`: what a scope lets an application know.

use countersign_expr::Program;
use countersign_model::Family;
use countersign_oauth2::ScopeSet;
use countersign_policies::{Given, Mapping, MappingKind, Returns, Shape, given::PROVIDER};
use countersign_resource::ConfigKind;
use countersign_types::{Expression, FieldErrors, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

const TOKEN: Given = Given::new("token", "\"email\" in token[\"scope\"]", Shape::Token);

/// Claims that a scope brings.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ScopeMapping {
    /// The scope, as applications ask for it.
    #[schemars(length(min = 1, max = 128))]
    pub scope_name: String,
    /// What the user is told that he allows; empty for a scope that needs no word.
    #[serde(default)]
    #[schemars(length(max = 1024))]
    pub description: String,
    /// Python that returns a dictionary of claims. Sees `request`, `user`, `provider` and `token`.
    pub expression: Expression,
}

impl ConfigKind for ScopeMapping {
    const MODEL: &'static str = "authentik_providers_oauth2.scopemapping";
    const FAMILY: Family = Family::PropertyMapping;
    const COMPONENT: &'static str = "ak-property-mapping-provider-scope-form";
    const VERBOSE_NAME: &'static str = "Scope Mapping";
    const API_PATH: &'static str = "propertymappings/provider/scope";

    fn validate(&self) -> Result<(), FieldErrors> {
        let mut errors = FieldErrors::default();
        let is_one_scope =
            self.scope_name.parse::<ScopeSet>().is_ok_and(|set| set.iter().eq([self.scope_name.as_str()]));
        if !is_one_scope {
            errors.push("scope_name", "invalid", "oauth2-scope-name-invalid");
        }
        if self.description.chars().count() > 1024 {
            errors.push("description", "max_length", "oauth2-scope-description-too-long");
        }
        if let Err(error) = Program::compile(self.expression.as_str(), &[]) {
            let message = Text::key("oauth2-scope-expression-invalid").with("problem", error.to_string());
            errors.push("expression", "invalid", message);
        }
        errors.into_result()
    }
}

impl MappingKind for ScopeMapping {
    const MAPPING: Mapping = Mapping { given: &[PROVIDER, TOKEN], returns: Returns::Dict };
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mapping(scope_name: &str, expression: &str) -> ScopeMapping {
        ScopeMapping {
            scope_name: scope_name.to_owned(),
            description: String::new(),
            expression: Expression::from(expression),
        }
    }

    #[test]
    fn a_mapping_is_for_one_scope() {
        for scope in ["openid", "goauthentik.io/api", "https://api.example/read"] {
            assert!(mapping(scope, "return {}").validate().is_ok(), "{scope}");
        }
        for scope in ["", "open id", " openid", "\"", "é"] {
            assert!(mapping(scope, "return {}").validate().is_err(), "{scope:?}");
        }
    }

    #[test]
    fn an_expression_that_does_not_compile_is_refused() {
        let errors = mapping("openid", "return {").validate().unwrap_err();
        assert_eq!(errors.about("expression").count(), 1);
    }
}
