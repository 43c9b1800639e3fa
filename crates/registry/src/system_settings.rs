//! Settings of the system itself, each a row of the table `settings` under its own name.
//!
//! Only what something in the house goes by stands here. Names and defaults are authentik's, where it has them.

use countersign_authz::Permission;
use countersign_model::EventAction;
use countersign_store::{Snapshot, Tx, settings};
use countersign_types::{FieldErrors, JsonObject, Span, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{ResourceError, WriteCx, audit::ROOM};

/// Who may see them.
pub const VIEW_SETTINGS: Permission = Permission::named("authentik_rbac.view_system_settings");
/// Who may change them.
pub const EDIT_SETTINGS: Permission = Permission::named("authentik_rbac.edit_system_settings");

/// Settings of the system itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct SystemSettings {
    /// How long events are kept: `days=365`.
    pub event_retention: Span,
    /// How long new tokens live that expire, unless something else is said: `days=1`.
    pub default_token_duration: Span,
    /// Whether administrators may act in the place of others.
    pub impersonation: bool,
    /// Whether they must say why.
    pub impersonation_require_reason: bool,
    /// Results on a page of a list of the API, when the client does not say.
    #[schemars(range(min = 1, max = 1000))]
    pub pagination_default_page_size: u32,
    /// Most results on a page of a list of the API.
    #[schemars(range(min = 1, max = 1000))]
    pub pagination_max_page_size: u32,
    /// The lowest score of a reputation.
    #[schemars(range(min = -1000, max = 0))]
    pub reputation_lower_limit: i32,
    /// The highest score of a reputation.
    #[schemars(range(min = 0, max = 1000))]
    pub reputation_upper_limit: i32,
    /// Whether people are told by mail of sign-ins with browsers that are not known.
    pub mail_new_sign_in: bool,
    /// Whether people are told by mail, at the old address too, of changed passwords and addresses.
    pub mail_changed_credential: bool,
}

impl Default for SystemSettings {
    fn default() -> Self {
        Self {
            event_retention: Span::from_days(365),
            default_token_duration: Span::from_days(1),
            impersonation: true,
            impersonation_require_reason: true,
            pagination_default_page_size: 20,
            pagination_max_page_size: 100,
            reputation_lower_limit: -5,
            reputation_upper_limit: 5,
            mail_new_sign_in: true,
            mail_changed_credential: true,
        }
    }
}

impl SystemSettings {
    /// As they are in this transaction.
    pub fn read(tx: &mut Tx<'_>) -> Result<Self, ResourceError> {
        let mut kept = settings::all(tx)?;
        Ok(Self::of(|name| kept.remove(name)))
    }

    /// As they are in this configuration.
    pub fn of_snapshot(snapshot: &Snapshot) -> Self {
        Self::of(|name| snapshot.settings(name).cloned())
    }

    /// A setting that cannot be read is at its default; the others stand.
    fn of(mut kept: impl FnMut(&str) -> Option<Value>) -> Self {
        let mut document = Self::default().document();
        for name in names() {
            let Some(value) = kept(&name) else { continue };
            let mut tried = document.clone();
            tried.insert(name, value);
            if serde_json::from_value::<Self>(Value::Object(tried.clone())).is_ok() {
                document = tried;
            }
        }
        serde_json::from_value(Value::Object(document)).unwrap_or_default()
    }

    /// As surfaces show them.
    pub fn document(&self) -> JsonObject {
        match serde_json::to_value(self) {
            Ok(Value::Object(document)) => document,
            _ => JsonObject::new(),
        }
    }

    /// Changes what the patch names; what it names beyond these settings is ignored.
    pub fn change(tx: &mut Tx<'_>, cx: WriteCx<'_>, patch: &JsonObject) -> Result<Self, ResourceError> {
        if !cx.actor.may(&EDIT_SETTINGS, None) {
            return Err(ResourceError::Denied);
        }
        let before = Self::read(tx)?;
        let mut document = before.document();
        let mut errors = FieldErrors::default();
        for name in names() {
            let Some(value) = patch.get(&name) else { continue };
            let mut tried = document.clone();
            tried.insert(name.clone(), value.clone());
            match serde_json::from_value::<Self>(Value::Object(tried.clone())) {
                Ok(_) => document = tried,
                Err(error) => errors.push(name, "invalid", Text::literal(error.to_string())),
            }
        }
        errors.into_result()?;
        let after: Self = serde_json::from_value(Value::Object(document))
            .map_err(|error| ResourceError::Damaged(error.to_string()))?;
        after.check()?;
        after.keep(tx, cx, &before)?;
        Ok(after)
    }

    fn check(&self) -> Result<(), FieldErrors> {
        let mut errors = FieldErrors::default();
        for (name, span) in [
            ("event_retention", self.event_retention),
            ("default_token_duration", self.default_token_duration),
        ] {
            if span <= Span::ZERO {
                errors.push(name, "min_value", "resource-error-span-positive");
            }
        }
        for (name, size) in [
            ("pagination_default_page_size", self.pagination_default_page_size),
            ("pagination_max_page_size", self.pagination_max_page_size),
        ] {
            if !(1..=1_000).contains(&size) {
                errors.push(name, "invalid", "resource-error-page-size");
            }
        }
        if !(-1_000..=0).contains(&self.reputation_lower_limit) {
            errors.push("reputation_lower_limit", "invalid", "resource-error-reputation-limit");
        }
        if !(0..=1_000).contains(&self.reputation_upper_limit) {
            errors.push("reputation_upper_limit", "invalid", "resource-error-reputation-limit");
        }
        errors.into_result()
    }

    fn keep(&self, tx: &mut Tx<'_>, cx: WriteCx<'_>, before: &Self) -> Result<(), ResourceError> {
        let (old, new) = (before.document(), self.document());
        let mut diff = JsonObject::new();
        for (name, value) in new {
            let previous = old.get(&name).cloned().unwrap_or_default();
            if previous != value {
                settings::put(tx, &name, &value)?;
                diff.insert(name, json!({ "previous_value": previous, "new_value": value }));
            }
        }
        if diff.is_empty() {
            return Ok(());
        }
        let draft = cx
            .event(EventAction::ModelUpdated, ROOM)
            .about("authentik_tenants.tenant", "System settings", "")
            .with("diff", Value::Object(diff));
        countersign_events::record(tx, draft)?;
        Ok(())
    }
}

fn names() -> Vec<String> {
    SystemSettings::default().document().keys().cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_that_cannot_be_read_does_not_take_the_others_along() {
        let kept = SystemSettings::of(|name| match name {
            "impersonation" => Some(json!(false)),
            "event_retention" => Some(json!("for ever")),
            "pagination_default_page_size" => Some(json!(50)),
            _ => None,
        });
        let expected = SystemSettings {
            impersonation: false,
            pagination_default_page_size: 50,
            ..SystemSettings::default()
        };
        assert_eq!(kept, expected);
    }

    #[test]
    fn letters_are_switched_by_the_names_that_they_go_by() {
        let document = SystemSettings::default().document();
        for name in [countersign_mail::TELL_SIGN_INS, countersign_mail::TELL_CHANGES] {
            assert_eq!(document[name], true, "{name}");
        }
    }
}
