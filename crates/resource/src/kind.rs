//! What a kind says about itself.

use countersign_model::Family;
use countersign_types::FieldErrors;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// A kind of cold configuration: a stage, policy, prompt or property mapping.
///
/// The struct holds what the kind adds; `name` and `managed` are common to all and not part of it.
/// Fields of type `Secret<String>` carry `#[serde(skip_serializing, default)]`; references are
/// `Ref<target::…>`, alone or in `Option` and `Vec`.
pub trait ConfigKind: Serialize + DeserializeOwned + JsonSchema + Send + Sync + 'static {
    /// Model label as blueprints write it: `authentik_stages_password.passwordstage`.
    const MODEL: &'static str;
    /// The family whose table rows and names it shares.
    const FAMILY: Family;
    /// Form element that authentik's API names for the kind: `ak-stage-password-form`.
    const COMPONENT: &'static str;
    /// What administrators call it.
    const VERBOSE_NAME: &'static str;

    /// Rules that the types alone do not enforce, with paths into the document.
    fn validate(&self) -> Result<(), FieldErrors> {
        Ok(())
    }
}

/// The facts of a kind that are not in its fields.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    /// Model label as blueprints write it.
    pub model: &'static str,
    /// Label of the family by which references may point at it: `stage`, `provider`, …
    pub family: Option<&'static str>,
    /// Form element that authentik's API names for the kind.
    pub component: &'static str,
    /// What administrators call it.
    pub verbose_name: &'static str,
}

/// Attributes that stand in a document beside those of the kind and are kept in columns.
pub trait Common: Serialize + DeserializeOwned + JsonSchema + Send + Sync + 'static {
    /// Rules that the types alone do not enforce.
    fn check(&self) -> Result<(), FieldErrors> {
        Ok(())
    }
}

/// No attributes beside those of the kind.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Nothing {}

impl Common for Nothing {}

/// The attributes of every cold kind.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Named {
    /// Unique name.
    #[schemars(length(min = 1, max = 255))]
    pub name: String,
    /// Marks an object that Countersign itself keeps.
    #[serde(default)]
    #[schemars(extend("x-widget" = "hidden"))]
    pub managed: Option<String>,
}

impl Common for Named {
    fn check(&self) -> Result<(), FieldErrors> {
        check_name("name", &self.name)?;
        self.managed.as_deref().map_or(Ok(()), |managed| check_name("managed", managed))
    }
}

/// A name for administrators: 1 to 255 characters, none of them a control character.
pub fn check_name(path: &str, name: &str) -> Result<(), FieldErrors> {
    if name.trim().is_empty() {
        return Err(FieldErrors::one(path, "required", "resource-error-required"));
    }
    if name.chars().count() > 255 || name.chars().any(char::is_control) {
        return Err(FieldErrors::one(path, "invalid", "resource-error-name"));
    }
    Ok(())
}

/// Everything that has a document: cold kinds by way of [`ConfigKind`], hot objects directly.
pub trait Describe: Serialize + DeserializeOwned + JsonSchema + Send + Sync + 'static {
    /// Attributes kept beside the struct's own.
    type Common: Common;
    /// The facts.
    const FACTS: Facts;

    /// Rules that the types alone do not enforce, with paths into the document.
    fn check(&self) -> Result<(), FieldErrors> {
        Ok(())
    }
}

impl<K: ConfigKind> Describe for K {
    type Common = Named;
    const FACTS: Facts = Facts {
        model: K::MODEL,
        family: Some(K::FAMILY.as_str()),
        component: K::COMPONENT,
        verbose_name: K::VERBOSE_NAME,
    };

    fn check(&self) -> Result<(), FieldErrors> {
        self.validate()
    }
}
