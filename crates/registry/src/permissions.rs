//! The permissions that there are, as surfaces show them: four for each kind, and those with names of their own.

use countersign_authz::{EXTRAS, Permission};
use schemars::JsonSchema;
use serde::Serialize;

use crate::{Registry, known};

/// A permission.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Permission")]
pub struct PermissionView {
    /// An integer that follows from the name.
    pub id: u32,
    /// What it allows, in words.
    pub name: String,
    /// Its name, without the app.
    pub codename: String,
    /// The model that it is about.
    pub model: String,
    /// The app.
    pub app_label: String,
    /// The app, in words.
    pub app_label_verbose: String,
    /// The model, in words.
    pub model_verbose: String,
}

impl PermissionView {
    fn of(permission: &Permission, model: &str, model_verbose: &str) -> Self {
        let (app, model) = model.split_once('.').unwrap_or(("", model));
        let name = match permission.action() {
            Some((action, about)) if about == format!("{app}.{model}") => {
                format!("Can {} {model_verbose}", action.as_str())
            }
            _ => format!("Can {}", permission.codename().replace('_', " ")),
        };
        Self {
            id: permission_number(permission.as_str()),
            name,
            codename: permission.codename().to_owned(),
            model: model.to_owned(),
            app_label: app.to_owned(),
            app_label_verbose: words_of(app),
            model_verbose: model_verbose.to_owned(),
        }
    }

    /// The whole name: `authentik_core.view_user`.
    pub fn full_name(&self) -> String {
        format!("{}.{}", self.app_label, self.codename)
    }

    /// Label of the model: `authentik_core.user`.
    pub fn about(&self) -> String {
        format!("{}.{}", self.app_label, self.model)
    }
}

impl Registry {
    /// Every permission, by app, model and name.
    pub fn permissions(&self) -> Vec<PermissionView> {
        let mut found = Vec::new();
        for resource in self.resources() {
            let kind = resource.descriptor();
            for permission in countersign_authz::permissions(kind.model) {
                found.push(PermissionView::of(&permission, kind.model, kind.verbose_name));
            }
        }
        for extra in EXTRAS.iter().filter(|extra| self.get(extra.model).is_err()) {
            let words = words_of(extra.model.split('.').nth(1).unwrap_or_default());
            found.push(PermissionView::of(&extra.permission, extra.model, &words));
        }
        found.sort_by(|one, other| {
            (&one.app_label, &one.model, &one.codename).cmp(&(
                &other.app_label,
                &other.model,
                &other.codename,
            ))
        });
        found
    }
}

/// FNV-1a, without the highest bit: the same for a name on every installation.
pub fn permission_number(name: &str) -> u32 {
    let hash =
        name.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    hash & 0x7fff_ffff
}

/// `authentik_stages_prompt` as people say it: `Stages prompt`.
pub fn words_of(app: &str) -> String {
    let words = app.strip_prefix("authentik_").unwrap_or(app).replace('_', " ");
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// Label of the model that a permission is about; none for a typing error, which would grant nothing and not
/// be noticed. Kinds of authentik's that are not built count.
pub(crate) fn model_of(registry: &Registry, name: &str) -> Option<String> {
    if let Some(extra) = EXTRAS.iter().find(|extra| extra.permission.as_str() == name) {
        return Some(extra.model.to_owned());
    }
    let (_, model) = name.parse::<Permission>().ok()?.action()?;
    (registry.get(&model).is_ok() || known::is_of_authentik(&model)).then_some(model)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_of_permissions_are_different() {
        let mut names: Vec<String> =
            EXTRAS.iter().map(|extra| extra.permission.as_str().to_owned()).collect();
        for model in
            ["authentik_core.user", "authentik_core.group", "authentik_flows.flow", "authentik_rbac.role"]
        {
            names.extend(
                countersign_authz::permissions(model).iter().map(|permission| permission.as_str().to_owned()),
            );
        }
        names.sort();
        names.dedup();
        let mut numbers: Vec<u32> = names.iter().map(|name| permission_number(name)).collect();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), names.len());
    }
}
