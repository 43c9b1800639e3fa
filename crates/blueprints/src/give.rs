//! `permissions` of an entry: who may do what with its object.

use std::sync::Arc;

use countersign_registry::{Holder, ResourceError};
use countersign_store::Tx;
use countersign_types::RawId;
use serde_json::Value;

use crate::{
    EntryName, Problem,
    apply::{Fault, Run},
    document::Entry,
    evaluate::Evaluator,
    node::Node,
    words,
};

impl Run<'_> {
    /// Gives what the entry's `permissions` say on its object. Returns whether anybody has more than before.
    pub(crate) fn give(
        &mut self,
        tx: &mut Tx<'_>,
        name: &EntryName,
        model: &str,
        entry: &Entry,
        object: RawId,
    ) -> Result<bool, Fault> {
        let mut changed = false;
        for (number, node) in entry.permissions.iter().enumerate() {
            let placed = |problem: Problem| problem.at(number).at("permissions").on_line(node.line);
            let row = self.work_out(tx, |evaluator| grant(evaluator, node, model));
            let row = row.map_err(|problem| self.wrong(name, vec![placed(problem)]))?;
            let registry = Arc::clone(&self.applying.registry);
            let cx = self.applying.cx();
            changed |=
                registry.grant(tx, cx, row.holder, &row.permission, object).map_err(|error| match error {
                    ResourceError::Fields(errors) => {
                        let words = words::problems(&errors, |_| ("permission", node.line));
                        self.wrong(name, words.into_iter().map(placed).collect())
                    }
                    ResourceError::NotFound => {
                        self.wrong(name, vec![placed(Problem::new("there is no such user or role"))])
                    }
                    other => self.refused(name, entry, other),
                })?;
        }
        Ok(changed)
    }
}

/// An element of `permissions`.
struct Grant {
    permission: String,
    holder: Holder,
}

/// `{permission: view_flow, role: …}`, or with `user`. A permission without its app is one of the model's app.
fn grant(evaluator: &mut Evaluator<'_>, node: &Node, model: &str) -> Result<Grant, Problem> {
    let mut row = evaluator.object(node)?;
    let mut take = |name: &str| row.remove(name).filter(|value| !value.is_null());
    let id = |value: Value, name: &str| match value.as_str().and_then(|text| text.parse().ok()) {
        Some(id) => Ok(id),
        None => Err(Problem::new("an object is needed: !KeyOf or !Find").at(name)),
    };
    let Some(Value::String(name)) = take("permission") else {
        return Err(Problem::new("text is needed").at("permission"));
    };
    let permission = match model.split_once('.') {
        Some((app, _)) if !name.contains('.') => format!("{app}.{name}"),
        _ => name,
    };
    let holder = match (take("role"), take("user")) {
        (Some(role), None) => Holder::Role(id(role, "role")?),
        (None, Some(user)) => Holder::User(id(user, "user")?),
        _ => return Err(Problem::new("a role or a user is needed")),
    };
    match row.keys().next() {
        Some(other) => Err(Problem::new("unknown key; known are permission, role, user").at(other)),
        None => Ok(Grant { permission, holder }),
    }
}
