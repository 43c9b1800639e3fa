//! `Flow.objects`, as expressions import it from `authentik.flows.models`. What it changes is one thing: a flow of
//! set-up can be shut to all but superusers, as the one that sets up the first account shuts itself. Nothing is ever
//! opened by an expression, and no way in is shut by one.

use std::sync::Arc;

use countersign_expr::{HostError, HostObject, Value};
use countersign_model::{Flow, FlowAuthentication, FlowDesignation};

use super::{
    arguments::Arguments,
    conditions::Condition,
    queries::{QuerySet, count},
    world::World,
};

/// Fields by which flows can be chosen.
const FIELDS: &[&str] = &["slug", "name", "title", "designation", "authentication", "pk", "flow_uuid"];

/// `Flow`.
pub(super) fn model(world: &Arc<World>) -> Value {
    Value::object(Class(Arc::clone(world)))
}

struct Class(Arc<World>);

impl HostObject for Class {
    fn type_name(&self) -> &str {
        "ModelBase"
    }

    fn attr(&self, name: &str) -> Result<Option<Value>, HostError> {
        Ok((name == "objects").then(|| {
            let flows = self.0.snapshot.flows().iter().cloned().map(Arc::new).collect();
            FlowSet { world: Arc::clone(&self.0), flows }.into_value()
        }))
    }
}

/// Flows, all or some.
struct FlowSet {
    world: Arc<World>,
    flows: Vec<Arc<Flow>>,
}

impl QuerySet for FlowSet {
    fn narrowed(&self, arguments: Arguments<'_>, keep: bool) -> Result<Self, HostError> {
        let conditions = Condition::read(arguments.conditions()?, FIELDS)?;
        let meets = |flow: &Flow| {
            let holds = |one: &Condition| field(flow, &one.field).is_some_and(|actual| one.holds(&actual));
            conditions.iter().all(holds)
        };
        let flows = self.flows.iter().filter(|flow| meets(flow) == keep).cloned().collect();
        Ok(Self { world: Arc::clone(&self.world), flows })
    }

    fn objects(&self) -> Result<Vec<Value>, HostError> {
        Ok(self.flows.iter().map(FlowObject::value).collect())
    }

    /// Shuts them.
    fn update(&self, arguments: Arguments<'_>) -> Result<Value, HostError> {
        let changes = arguments.conditions()?;
        let wanted = FlowAuthentication::RequireSuperuser.as_str();
        let is_shutting = matches!(
            changes.as_slice(),
            [(name, Value::Str(value))] if name == "authentication" && value == wanted
        );
        if !is_shutting {
            return Err(HostError::Denied(format!(
                "an expression can shut a flow, update(authentication=\"{wanted}\"), and change nothing else"
            )));
        }
        if let Some(other) =
            self.flows.iter().find(|flow| flow.designation != FlowDesignation::StageConfiguration)
        {
            return Err(HostError::Denied(format!(
                "an expression can shut flows of stage configuration only, and '{}' is another",
                other.slug
            )));
        }
        if self.world.reach.registry.is_none() {
            return Err(HostError::Denied("nothing is changed from here".to_owned()));
        }
        let open =
            self.flows.iter().filter(|flow| flow.authentication != FlowAuthentication::RequireSuperuser);
        open.for_each(|flow| self.world.afterwards.shut(flow.id));
        Ok(count(self.flows.len()))
    }
}

/// A flow.
struct FlowObject(Arc<Flow>);

impl FlowObject {
    fn value(flow: &Arc<Flow>) -> Value {
        Value::object(Self(Arc::clone(flow)))
    }
}

impl HostObject for FlowObject {
    fn type_name(&self) -> &str {
        "Flow"
    }

    fn identity(&self) -> Option<String> {
        Some(self.0.id.to_string())
    }

    fn attr(&self, name: &str) -> Result<Option<Value>, HostError> {
        Ok(field(&self.0, name))
    }
}

fn field(flow: &Flow, name: &str) -> Option<Value> {
    Some(match name {
        "slug" => flow.slug.as_str().into(),
        "name" => flow.name.as_str().into(),
        "title" => flow.title.as_str().into(),
        "designation" => flow.designation.as_str().into(),
        "authentication" => flow.authentication.as_str().into(),
        "pk" | "flow_uuid" => flow.id.to_string().into(),
        _ => return None,
    })
}
