//! `authentik_policies_expression.expressionpolicy`: passes when an administrator's Python says so.

use std::sync::Arc;

use async_trait::async_trait;
use countersign_expr::Value;
use countersign_model::{ConfigObject, Family};
use countersign_resource::ConfigKind;
use countersign_types::{Expression, FieldErrors};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Evaluated, Expressions, Policy, PolicyCx, PolicyError, PolicyKind, PolicyResult, Source,
    expressions::RESULT_TYPE,
};

/// Passes when the expression returns something true.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ExpressionPolicy {
    /// Record every evaluation as an event.
    #[serde(default)]
    #[schemars(extend("x-advanced" = true))]
    pub execution_logging: bool,
    /// Python that returns whether the request passes; see the reference for what it may use.
    pub expression: Expression,
}

impl ConfigKind for ExpressionPolicy {
    const MODEL: &'static str = "authentik_policies_expression.expressionpolicy";
    const FAMILY: Family = Family::Policy;
    const COMPONENT: &'static str = "ak-policy-expression-form";
    const VERBOSE_NAME: &'static str = "Expression Policy";

    fn validate(&self) -> Result<(), FieldErrors> {
        Expressions::validate("expression", &self.expression)
    }
}

impl PolicyKind for ExpressionPolicy {
    fn build(self, object: &ConfigObject) -> Result<Arc<dyn Policy>, PolicyError> {
        Ok(Arc::new(Compiled(Source::new(object.name.as_str(), self.expression.0))))
    }
}

struct Compiled(Source);

#[async_trait]
impl Policy for Compiled {
    async fn evaluate(&self, cx: &PolicyCx<'_>) -> Result<PolicyResult, PolicyError> {
        let Evaluated { value, messages } = cx.expressions.evaluate(&self.0, Vec::new(), cx.request).await?;
        Ok(PolicyResult { passing: verdict(self.0.name(), &value), messages })
    }
}

/// What counts is Python's truth; but who returns something else than a boolean probably forgot something.
fn verdict(policy: &str, value: &Value) -> bool {
    match value {
        Value::Bool(passing) => *passing,
        Value::None => false,
        // What another policy said, handed on.
        Value::Object(result) if result.type_name() == RESULT_TYPE => {
            matches!(result.attr("passing"), Ok(Some(Value::Bool(true))))
        }
        other => {
            tracing::warn!(policy, returned = other.type_name(), "an expression policy returned no boolean");
            other.is_truthy()
        }
    }
}
