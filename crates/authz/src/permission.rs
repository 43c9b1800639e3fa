//! Names of permissions: `<app>.<action>_<model>`, such as `authentik_core.view_user`.

use std::{borrow::Cow, fmt, str::FromStr};

/// Longer names are not looked at.
const LONGEST: usize = 150;

/// What may be done to an object of any kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// See it.
    View,
    /// Make one.
    Add,
    /// Change it.
    Change,
    /// Delete it.
    Delete,
}

impl Action {
    /// All of them, in the order in which people list them.
    pub const ALL: [Self; 4] = [Self::View, Self::Add, Self::Change, Self::Delete];

    /// The spelling in names of permissions.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::View => "view",
            Self::Add => "add",
            Self::Change => "change",
            Self::Delete => "delete",
        }
    }
}

/// The name of something that may be allowed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Permission(Cow<'static, str>);

impl Permission {
    /// A permission that has a name of its own: `authentik_core.impersonate`.
    pub const fn named(name: &'static str) -> Self {
        Self(Cow::Borrowed(name))
    }

    /// An action on the objects of a model, given by its label (`authentik_core.user`).
    pub fn on(action: Action, model: &str) -> Self {
        let (app, model) = model.split_once('.').unwrap_or(("", model));
        Self(Cow::Owned(format!("{app}.{}_{model}", action.as_str())))
    }

    /// Seeing objects of a model.
    pub fn view(model: &str) -> Self {
        Self::on(Action::View, model)
    }

    /// Making objects of a model.
    pub fn add(model: &str) -> Self {
        Self::on(Action::Add, model)
    }

    /// Changing objects of a model.
    pub fn change(model: &str) -> Self {
        Self::on(Action::Change, model)
    }

    /// Deleting objects of a model.
    pub fn delete(model: &str) -> Self {
        Self::on(Action::Delete, model)
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part before the point.
    pub fn app(&self) -> &str {
        self.0.split_once('.').map_or("", |(app, _)| app)
    }

    /// The part behind the point.
    pub fn codename(&self) -> &str {
        self.0.split_once('.').map_or(&self.0, |(_, codename)| codename)
    }

    /// The action and the model's label, unless the permission has a name of its own that begins otherwise.
    pub fn action(&self) -> Option<(Action, String)> {
        let (verb, model) = self.codename().split_once('_')?;
        let action = Action::ALL.into_iter().find(|action| action.as_str() == verb)?;
        Some((action, format!("{}.{model}", self.app())))
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A text is not the name of a permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the name of a permission: <app>.<codename> is expected")]
pub struct ParsePermissionError;

impl FromStr for Permission {
    type Err = ParsePermissionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_word = |part: &str| {
            !part.is_empty()
                && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
        };
        let (app, codename) = text.split_once('.').ok_or(ParsePermissionError)?;
        if text.len() > LONGEST || !is_word(app) || !is_word(codename) {
            return Err(ParsePermissionError);
        }
        Ok(Self(Cow::Owned(text.to_owned())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_made_of_action_and_model_and_taken_apart_again() {
        for action in Action::ALL {
            let permission = Permission::on(action, "authentik_flows.flowstagebinding");
            assert_eq!(permission.action(), Some((action, "authentik_flows.flowstagebinding".to_owned())));
            assert_eq!(permission.as_str().parse(), Ok(permission));
        }
        assert_eq!(Permission::view("authentik_core.user").as_str(), "authentik_core.view_user");
        let own = Permission::named("authentik_core.impersonate");
        assert_eq!((own.app(), own.codename(), own.action()), ("authentik_core", "impersonate", None));
    }

    #[test]
    fn what_is_no_name_is_refused() {
        let long = format!("app.{}", "a".repeat(200));
        for text in ["", "view_user", ".view_user", "app.", "a.b.c", "app.View", "app.view user", &long] {
            assert_eq!(text.parse::<Permission>(), Err(ParsePermissionError), "{text}");
        }
    }
}
