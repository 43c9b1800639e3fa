//! Read-only attributes of notification rules and transports, in the shapes of authentik's API.

use std::collections::{HashMap, HashSet};

use countersign_authz::Permission;
use countersign_model::{ConfigObject, GroupId};
use countersign_resource::canonical;
use countersign_store::Tx;
use countersign_types::{JsonObject, RawId};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::{FilterOp, ListFilter, ReadCx, ResourceError, hot::Groups, rows::Rows};

/// Read-only attributes of transports.
#[derive(Serialize, JsonSchema)]
pub(crate) struct TransportExtras {
    /// How it sends, in words.
    mode_verbose: String,
}

impl TransportExtras {
    pub(crate) fn of(transport: &ConfigObject) -> Self {
        let mode = transport.config.get("mode").and_then(Value::as_str).unwrap_or_default();
        let words = mode.replace('_', " ");
        let (first, rest) = words.split_at_checked(1).unwrap_or((&words, ""));
        Self { mode_verbose: format!("{}{rest}", first.to_uppercase()) }
    }
}

/// What lists of rules are asked beside their attributes.
pub(crate) const RULE_FILTERS: &[ListFilter] = &[ListFilter::new(
    "destination_group__name",
    "destination_group_obj.name",
    FilterOp::Is,
    "Those that notify the group of this name.",
)];

/// Read-only attributes of rules.
#[derive(Serialize, JsonSchema)]
pub(crate) struct RuleExtras {
    /// The group whose members are notified.
    destination_group_obj: Option<JsonObject>,
}

/// Of several rules, as far as the actor may see their groups.
pub(crate) fn rule_extras(
    tx: &mut Tx<'_>,
    cx: ReadCx<'_>,
    rules: &[ConfigObject],
) -> Result<Vec<JsonObject>, ResourceError> {
    let view = Permission::view("authentik_core.group");
    let visible = |id: &GroupId| cx.actor.may(&view, Some(id.raw()));
    let wanted: HashSet<RawId> =
        rules.iter().filter_map(group_of).filter(visible).map(GroupId::raw).collect();
    let wanted: Vec<RawId> = wanted.into_iter().collect();
    let found = Groups.few(tx, &wanted)?.rows;
    let computed = if found.is_empty() { Vec::new() } else { Groups.computed(tx, cx, &found)? };
    let mut shown: HashMap<RawId, JsonObject> = HashMap::new();
    for (group, computed) in found.iter().zip(computed) {
        let (id, mut document) = (Groups::id_of(group), Groups.document(group)?);
        document.insert("pk".to_owned(), Value::from(id.to_string()));
        document.extend(computed);
        shown.insert(id, document);
    }
    let extras = |rule: &ConfigObject| RuleExtras {
        destination_group_obj: group_of(rule).and_then(|group| shown.get(&group.raw()).cloned()),
    };
    Ok(rules.iter().map(|rule| canonical(&extras(rule))).collect())
}

fn group_of(rule: &ConfigObject) -> Option<GroupId> {
    let id: RawId = rule.config.get("destination_group")?.as_str()?.parse().ok()?;
    Some(GroupId(id))
}
