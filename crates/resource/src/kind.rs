//! What a kind says about itself.

use countersign_model::Family;
use countersign_types::{FieldErrors, JsonObject};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

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
    /// What they call several of it; empty for what English makes of the name.
    const VERBOSE_NAME_PLURAL: &'static str = "";
    /// Where the API has it, below `/api/v3/`; empty for what follows from family and model:
    /// `stages/password`.
    const API_PATH: &'static str = "";
    /// Picture beside its name in the console; empty for the family's.
    const ICON: &'static str = "";

    /// Rules that the types alone do not enforce, with paths into the document.
    fn validate(&self) -> Result<(), FieldErrors> {
        Ok(())
    }

    /// JSON schema of the read-only attributes that the kind has beside those of its family.
    fn shown_schema() -> Option<Value> {
        None
    }

    /// These attributes of one object, worked out of what is kept of it.
    fn shown(_config: &Value) -> JsonObject {
        JsonObject::new()
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
    /// What they call several of it; empty for what English makes of the name.
    pub verbose_name_plural: &'static str,
    /// Where the API has it; empty for what follows from family and model.
    pub api_path: &'static str,
    /// Picture beside its name in the console; empty for the family's.
    pub icon: &'static str,
}

impl Facts {
    /// Facts of a kind without a family, of which the rest follows.
    pub const fn new(model: &'static str, component: &'static str, verbose_name: &'static str) -> Self {
        let (verbose_name_plural, api_path, icon) = ("", "", "");
        Self { model, family: None, component, verbose_name, verbose_name_plural, api_path, icon }
    }

    /// The same kind, in a family.
    #[must_use]
    pub const fn of(self, family: &'static str) -> Self {
        Self { family: Some(family), ..self }
    }

    /// The same kind, at this place of the API and with this picture in the console.
    #[must_use]
    pub const fn at(self, api_path: &'static str, icon: &'static str) -> Self {
        Self { api_path, icon, ..self }
    }

    /// The same kind, with a plural of its own.
    #[must_use]
    pub const fn plural(self, verbose_name_plural: &'static str) -> Self {
        Self { verbose_name_plural, ..self }
    }
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
    const FACTS: Facts = Facts::new(K::MODEL, K::COMPONENT, K::VERBOSE_NAME)
        .of(K::FAMILY.as_str())
        .at(K::API_PATH, K::ICON)
        .plural(K::VERBOSE_NAME_PLURAL);

    fn check(&self) -> Result<(), FieldErrors> {
        self.validate()
    }
}
