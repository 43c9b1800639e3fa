//! Groups as expressions see them: one, and sets of them that can be narrowed.

use std::sync::Arc;

use countersign_expr::{HostError, HostObject, Value};
use countersign_model::{Group, Subject};
use countersign_types::JsonObject;
use serde_json::Value as Json;

use super::{arguments::Arguments, conditions::Condition, queries::QuerySet};

/// Fields by which groups can be chosen.
const FIELDS: &[&str] = &["name", "pk", "uuid", "group_uuid", "is_superuser"];

/// A group of somebody.
pub(super) struct GroupObject {
    group: Arc<Group>,
    /// Whose; the ancestors are known through him.
    member: Option<Arc<Subject>>,
}

impl GroupObject {
    fn value(group: &Arc<Group>, member: &Arc<Subject>) -> Value {
        Value::object(Self { group: Arc::clone(group), member: Some(Arc::clone(member)) })
    }

    /// A group in itself.
    pub(super) fn of_nobody(group: Group) -> Value {
        Value::object(Self { group: Arc::new(group), member: None })
    }
}

impl HostObject for GroupObject {
    fn type_name(&self) -> &str {
        "Group"
    }

    fn identity(&self) -> Option<String> {
        Some(self.group.id.to_string())
    }

    fn eager(&self) -> Vec<(&'static str, Value)> {
        vec![("name", self.group.name.as_str().into())]
    }

    fn attr(&self, name: &str) -> Result<Option<Value>, HostError> {
        if name == "parents"
            && let Some(member) = &self.member
        {
            let parents = &self.group.parents;
            return Ok(Some(GroupSet::of(member, |group| parents.contains(&group.id))));
        }
        if name == "attributes" {
            return json_dict(&self.group.attributes).map(Some);
        }
        Ok(field(&self.group, name))
    }
}

/// Fields of a group, by which it can also be chosen.
pub(super) fn field(group: &Group, name: &str) -> Option<Value> {
    Some(match name {
        "name" => group.name.as_str().into(),
        "pk" | "uuid" | "group_uuid" => group.id.to_string().into(),
        "is_superuser" => group.is_superuser.into(),
        _ => return None,
    })
}

/// Some of somebody's groups: `user.groups`, and what `filter` makes of it.
pub(super) struct GroupSet {
    member: Arc<Subject>,
    groups: Vec<Arc<Group>>,
}

impl GroupSet {
    fn of(member: &Arc<Subject>, keep: impl Fn(&Group) -> bool) -> Value {
        let groups = member.groups.iter().filter(|group| keep(group)).cloned().collect();
        Self { member: Arc::clone(member), groups }.into_value()
    }

    /// The groups joined directly.
    pub(super) fn direct(member: &Arc<Subject>) -> Value {
        Self::of(member, |group| member.direct_groups.contains(&group.id))
    }
}

impl QuerySet for GroupSet {
    const CLASS: &'static str = "Groups";

    fn narrowed(&self, arguments: Arguments<'_>, keep: bool) -> Result<Self, HostError> {
        let conditions = Condition::read(arguments.conditions()?, FIELDS)?;
        let groups = self.groups.iter().filter(|group| meets(group, &conditions) == keep).cloned().collect();
        Ok(Self { member: Arc::clone(&self.member), groups })
    }

    fn objects(&self) -> Result<Vec<Value>, HostError> {
        Ok(self.groups.iter().map(|group| GroupObject::value(group, &self.member)).collect())
    }
}

/// All groups, ancestors included, by name.
pub(super) fn all_groups(member: &Arc<Subject>) -> Value {
    Value::list(member.groups.iter().map(|group| GroupObject::value(group, member)))
}

/// Whether somebody belongs to a group that meets all conditions, directly or through a descendant.
pub(super) fn is_member(member: &Subject, kwargs: Vec<(String, Value)>) -> Result<bool, HostError> {
    let conditions = Condition::read(kwargs, FIELDS)?;
    Ok(member.groups.iter().any(|group| meets(group, &conditions)))
}

fn meets(group: &Group, conditions: &[Condition]) -> bool {
    conditions
        .iter()
        .all(|condition| field(group, &condition.field).is_some_and(|actual| condition.holds(&actual)))
}

/// Attributes of all groups, by name, then the user's own: dictionaries merge, lists join, the rest is
/// replaced by what comes later.
pub(super) fn merged_attributes(member: &Subject) -> JsonObject {
    let mut merged = JsonObject::new();
    for group in &member.groups {
        merge(&mut merged, &group.attributes);
    }
    merge(&mut merged, &member.user.attributes);
    merged
}

fn merge(base: &mut JsonObject, over: &JsonObject) {
    for (key, value) in over {
        match (base.get_mut(key), value) {
            (Some(Json::Object(base)), Json::Object(over)) => merge(base, over),
            (Some(Json::Array(base)), Json::Array(over)) => base.extend(over.iter().cloned()),
            _ => {
                base.insert(key.clone(), value.clone());
            }
        }
    }
}

/// Attributes as a plain dictionary: writing into it changes nobody.
pub(super) fn json_dict(attributes: &JsonObject) -> Result<Value, HostError> {
    let json = Json::Object(attributes.clone());
    Value::from_json(&json).map_err(|error| HostError::Value(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_merge_deeply_and_lists_join() {
        let object = |json: Json| json.as_object().cloned().unwrap();
        let mut base = object(serde_json::json!({ "a": { "x": 1, "y": 1 }, "list": [1], "b": 1 }));
        merge(&mut base, &object(serde_json::json!({ "a": { "y": 2 }, "list": [2], "b": { "c": 3 } })));
        let expected = serde_json::json!({ "a": { "x": 1, "y": 2 }, "list": [1, 2], "b": { "c": 3 } });
        assert_eq!(Json::Object(base), expected);
    }
}
