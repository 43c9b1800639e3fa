//! Claims that scopes bring: one expression per scope, merged in the order of the provider's mappings.

use std::sync::Arc;

use countersign_model::Subject;
use countersign_oauth2::ScopeSet;
use countersign_policies::{
    Evaluated, Expressions, MappingKind, PolicyError, PolicyRequest, RequestFacts, Source, token,
};
use countersign_types::JsonObject;
use serde_json::Value as Json;

use crate::{
    audit,
    call::Call,
    client::{Client, Mapping},
    spec::ScopeMapping,
};

/// The claims of these scopes about a user. A mapping that fails brings nothing, and the audit trail hears of
/// it: an error never grants, and one broken mapping does not lock everybody out.
pub(crate) async fn of_scopes(
    call: &Call,
    client: &Client,
    subject: &Arc<Subject>,
    scope: &ScopeSet,
) -> JsonObject {
    let mut claims = JsonObject::new();
    for granted in client.scopes.iter().filter(|known| scope.contains(&known.name)) {
        let Mapping::Expression(source) = &granted.mapping else { continue };
        let (expressions, facts) = (call.app.policies().expressions(), call.facts.to_request_facts());
        match evaluate(expressions, facts, client, subject, scope, source).await {
            Ok(brought) => merge(&mut claims, brought),
            Err(problem) => {
                tracing::warn!(
                    scope = granted.name,
                    provider = client.name,
                    problem,
                    "a scope mapping failed"
                );
                call.state.audit.note(audit::mapping_failed(client, &granted.name, &problem)).await;
            }
        }
    }
    claims
}

/// The claims of every scope about a user, and the scopes whose mappings failed, with the reason: for whoever
/// sets the provider up. The audit trail does not hear of it.
pub(crate) async fn tried(
    expressions: &Expressions,
    facts: &RequestFacts,
    client: &Client,
    subject: &Arc<Subject>,
) -> (JsonObject, Vec<(String, String)>) {
    let (mut claims, mut failures) = (JsonObject::new(), Vec::new());
    let scope = client.all_scopes();
    for granted in &client.scopes {
        let Mapping::Expression(source) = &granted.mapping else { continue };
        match evaluate(expressions, facts.clone(), client, subject, &scope, source).await {
            Ok(brought) => merge(&mut claims, brought),
            Err(problem) => failures.push((granted.name.clone(), problem)),
        }
    }
    (claims, failures)
}

async fn evaluate(
    expressions: &Expressions,
    facts: RequestFacts,
    client: &Client,
    subject: &Arc<Subject>,
    scope: &ScopeSet,
    source: &Source,
) -> Result<JsonObject, String> {
    let request = PolicyRequest {
        user: Some(Arc::clone(subject)),
        context: client.context(),
        facts,
        is_sso: false,
        changes: Default::default(),
    };
    let variables =
        vec![("provider".to_owned(), client.object.clone()), ("token".to_owned(), token(scope.iter()))];
    match expressions.map(ScopeMapping::MAPPING, source, variables, &request).await {
        Ok(Evaluated { value: Json::Object(claims), .. }) => Ok(claims),
        Ok(_) | Err(PolicyError::Skipped) => Ok(JsonObject::new()),
        Err(error) => Err(error.to_string()),
    }
}

/// Dictionaries are merged, everything else is replaced; what is none is left out.
fn merge(into: &mut JsonObject, from: JsonObject) {
    for (name, value) in from {
        match (into.get_mut(&name), value) {
            (_, Json::Null) => {}
            (Some(Json::Object(old)), Json::Object(new)) => merge(old, new),
            (Some(old), new) => *old = without_none(new),
            (None, new) => {
                into.insert(name, without_none(new));
            }
        }
    }
}

fn without_none(value: Json) -> Json {
    match value {
        Json::Object(members) => {
            let mut kept = JsonObject::new();
            merge(&mut kept, members);
            Json::Object(kept)
        }
        value => value,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn later_mappings_add_to_earlier_ones_and_none_is_left_out() {
        let mut claims = JsonObject::new();
        for brought in [
            json!({ "name": "Ada", "email": null, "app": { "roles": ["a"], "tier": null, "deep": { "x": null, "y": 1 } } }),
            json!({ "app": { "plan": "free", "roles": ["b"] }, "name": null }),
        ] {
            merge(&mut claims, brought.as_object().unwrap().clone());
        }
        let expected =
            json!({ "name": "Ada", "app": { "roles": ["b"], "deep": { "y": 1 }, "plan": "free" } });
        assert_eq!(Json::Object(claims), expected);
    }
}
