//! Permissions on single objects, given one by one and found in documents: what blueprints need of roles.

use countersign_model::UserId;
use countersign_resource::Reference;
use countersign_store::{Tx, users};
use countersign_types::{FieldErrors, JsonObject, RawId};
use serde_json::{Value, json};

use crate::{AnyResource, Registry, ResourceError, WriteCx, permissions::model_of};

const ROLE: &str = "authentik_rbac.role";
const USER: &str = "authentik_core.user";
/// Beginning of the names of roles that hold what one user was given alone.
const OWN_ROLE: &str = "ak-managed-role--user-";

/// Who is given a permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    /// A role.
    Role(RawId),
    /// A user, through a role that nobody else holds.
    User(RawId),
}

impl Registry {
    /// Gives a permission on one object, unless it is held already. Returns whether anything changed.
    pub fn grant(
        &self,
        tx: &mut Tx<'_>,
        cx: WriteCx<'_>,
        holder: Holder,
        permission: &str,
        object: RawId,
    ) -> Result<bool, ResourceError> {
        if model_of(cx.registry, permission).is_none() {
            let mut errors = FieldErrors::default();
            errors.push("", "does_not_exist", "resource-error-permission");
            return Err(errors.into());
        }
        let role = match holder {
            Holder::Role(role) => role,
            Holder::User(user) => self.own_role(tx, cx, user)?,
        };
        let roles = self.get(ROLE)?;
        let mut document = roles.read(tx, role)?.ok_or(ResourceError::NotFound)?;
        let Some(Value::Array(mut held)) = document.remove("permissions") else {
            return Err(ResourceError::NotFound);
        };
        let given = json!({ "permission": permission, "object": object.to_string() });
        if held.contains(&given) {
            return Ok(false);
        }
        held.push(given);
        let patch = JsonObject::from_iter([("permissions".to_owned(), Value::Array(held))]);
        Ok(roles.update(tx, cx, role, &patch)?.changed)
    }

    /// The role of one user alone, made when it is missing.
    fn own_role(&self, tx: &mut Tx<'_>, cx: WriteCx<'_>, id: RawId) -> Result<RawId, ResourceError> {
        let user = users::by_id(tx, UserId(id))?.ok_or(ResourceError::NotFound)?;
        let name =
            JsonObject::from_iter([("name".to_owned(), Value::from(format!("{OWN_ROLE}{}", user.pk)))]);
        let roles = self.get(ROLE)?;
        let role = match roles.find(tx, &name)? {
            Some(role) => role,
            None => roles.create(tx, cx, &name)?.id,
        };
        let people = self.get(USER)?;
        let document = people.read(tx, id)?.ok_or(ResourceError::NotFound)?;
        let mut held = document.get("roles").and_then(Value::as_array).cloned().unwrap_or_default();
        if !held.contains(&Value::from(role.to_string())) {
            held.push(Value::from(role.to_string()));
            let patch = JsonObject::from_iter([("roles".to_owned(), Value::Array(held))]);
            people.update(tx, cx, id, &patch)?;
        }
        Ok(role)
    }

    /// The objects that permissions in a document are about, each at its path: `permissions.3.object`.
    pub fn granted_objects(&self, resource: &dyn AnyResource, document: &JsonObject) -> Vec<Reference> {
        let fields = resource.descriptor().fields.iter().filter(|field| field.widget == "permissions");
        let mut found = Vec::new();
        for field in fields {
            let path = field.path.to_string();
            let rows = document.get(&path).and_then(Value::as_array).into_iter().flatten();
            for (number, row) in rows.enumerate() {
                let text = |name: &str| row.get(name).and_then(Value::as_str);
                let id = text("object").and_then(|id| id.parse().ok());
                let model = text("permission").and_then(|name| model_of(self, name));
                if let (Some(id), Some(target)) = (id, model) {
                    let path = format!("{path}.{number}.object");
                    found.push(Reference { path, target, id, nullable: true, grants: true });
                }
            }
        }
        found
    }
}
