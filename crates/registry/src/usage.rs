//! Who refers to an object, what deleting it does to them, and doing that.

use std::collections::HashSet;

use countersign_store::{Tx, object_refs};
use countersign_types::{JsonObject, RawId};
use serde_json::Value;

use crate::{
    AnyResource, Permission, ReadCx, Registry, ResourceError, Usage, UsageAction, WriteCx,
    audit::display_name, hot::left_open,
};

/// How many users of an object are looked at before its deletion is refused or done.
const MAX_USERS: u32 = 1_000;

impl Registry {
    /// Who refers to an object directly, at most a thousand of them, whoever asks.
    pub fn used_by(&self, tx: &mut Tx<'_>, id: RawId) -> Result<Vec<Usage>, ResourceError> {
        let mut users = Vec::new();
        for edge in object_refs::to(tx, id, MAX_USERS)? {
            // A kind that this binary does not have cannot be asked, and still counts.
            let resource = self.known(&edge.from_kind);
            let document = match resource {
                Some(resource) => match resource.read(tx, edge.from_id)? {
                    Some(document) => document,
                    None => continue,
                },
                None => JsonObject::new(),
            };
            let name = display_name(&document).unwrap_or_else(|| edge.from_id.to_string());
            let action = resource.map_or(UsageAction::Blocks, |resource| action_of(resource, &edge.field));
            users.push(Usage { model: edge.from_kind, id: edge.from_id, name, field: edge.field, action });
        }
        Ok(users)
    }

    /// What deleting an object would do to others: who refers to it, who refers to those that go with it, and
    /// what would be open to everybody afterwards. Names that the actor may not see are left out.
    pub fn usage(&self, tx: &mut Tx<'_>, cx: ReadCx<'_>, id: RawId) -> Result<Vec<Usage>, ResourceError> {
        let (mut found, mut seen, mut asked) = (Vec::new(), HashSet::from([id]), vec![id]);
        while let Some(next) = asked.pop() {
            for user in self.used_by(tx, next)?.into_iter().filter(|user| user.id != next) {
                if user.action == UsageAction::Cascade && seen.insert(user.id) {
                    asked.push(user.id);
                }
                found.push(user);
            }
        }
        found.extend(self.opened(tx, &found, id)?);
        for user in &mut found {
            if !cx.actor.may(&Permission::view(&user.model), Some(user.id)) {
                user.name = user.id.to_string();
            }
        }
        Ok(found)
    }

    /// What nothing guards any longer once these are gone with an object.
    fn opened(&self, tx: &mut Tx<'_>, users: &[Usage], id: RawId) -> Result<Vec<Usage>, ResourceError> {
        let going: Vec<RawId> =
            users.iter().filter(|user| user.action == UsageAction::Cascade).map(|user| user.id).collect();
        let mut opened = Vec::new();
        for target in left_open(tx, &going)? {
            if target == id || going.contains(&target) {
                continue;
            }
            let Some((model, document)) = self.read_any(tx, crate::registry::POLICY_TARGET, target)? else {
                continue;
            };
            let name = display_name(&document).unwrap_or_else(|| target.to_string());
            let (field, action) = ("policies".to_owned(), UsageAction::Opens);
            opened.push(Usage { model: model.to_owned(), id: target, name, field, action });
        }
        Ok(opened)
    }

    /// Makes an object free for deletion: what belongs to it is deleted, optional references to it are
    /// emptied, and any other use is an error. So is being the last that guards something, unless the actor
    /// said that it may be opened.
    pub(crate) fn release(&self, tx: &mut Tx<'_>, cx: WriteCx<'_>, id: RawId) -> Result<(), ResourceError> {
        let users: Vec<Usage> = self.used_by(tx, id)?.into_iter().filter(|user| user.id != id).collect();
        let needed: Vec<Usage> =
            users.iter().filter(|user| user.action == UsageAction::Blocks).cloned().collect();
        if !needed.is_empty() {
            return Err(ResourceError::InUse(needed));
        }
        if !cx.may_open && !cx.follows {
            let all = self.usage(tx, cx.reading(), id)?;
            let opened: Vec<Usage> =
                all.into_iter().filter(|user| user.action == UsageAction::Opens).collect();
            if !opened.is_empty() {
                return Err(ResourceError::WouldOpen(opened));
            }
        }
        let cx = cx.following();
        for user in users {
            let Some(resource) = self.known(&user.model) else { continue };
            match user.action {
                UsageAction::Cascade => match resource.delete(tx, cx, user.id) {
                    Ok(()) | Err(ResourceError::NotFound) => {}
                    Err(error) => return Err(error),
                },
                _ => {
                    let field = user.field.split('.').next().unwrap_or_default().to_owned();
                    let Some(document) = resource.read(tx, user.id)? else { continue };
                    let emptied = without(document.get(&field), &id.to_string());
                    resource.update(tx, cx, user.id, &JsonObject::from_iter([(field, emptied)]))?;
                }
            }
        }
        Ok(())
    }
}

/// What deleting the target of a reference does to who refers.
fn action_of(resource: &dyn AnyResource, field: &str) -> UsageAction {
    let top = field.split('.').next().unwrap_or_default();
    if resource.owned_by().contains(&top) {
        return UsageAction::Cascade;
    }
    match resource.descriptor().field(top) {
        Some(field) if field.reference.is_none() => UsageAction::Blocks,
        Some(field) if field.many => UsageAction::CascadeMany,
        Some(field) if !field.required => UsageAction::SetNull,
        _ => UsageAction::Blocks,
    }
}

/// The value of a reference field once it no longer points at the object.
fn without(value: Option<&Value>, id: &str) -> Value {
    match value {
        Some(Value::Array(elements)) => elements.iter().filter(|element| *element != id).cloned().collect(),
        _ => Value::Null,
    }
}
