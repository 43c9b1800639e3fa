//! What a kind says about itself.

use countersign_model::Family;
use countersign_types::FieldErrors;
use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};

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
    /// Whether the common attributes `name` and `managed` stand beside the struct's own.
    pub named_outside: bool,
}

/// Everything that has a document: cold kinds by way of [`ConfigKind`], hot objects directly.
pub trait Describe: Serialize + DeserializeOwned + JsonSchema + Send + Sync + 'static {
    /// The facts.
    const FACTS: Facts;

    /// Rules that the types alone do not enforce, with paths into the document.
    fn check(&self) -> Result<(), FieldErrors> {
        Ok(())
    }
}

impl<K: ConfigKind> Describe for K {
    const FACTS: Facts = Facts {
        model: K::MODEL,
        family: Some(K::FAMILY.as_str()),
        component: K::COMPONENT,
        verbose_name: K::VERBOSE_NAME,
        named_outside: true,
    };

    fn check(&self) -> Result<(), FieldErrors> {
        self.validate()
    }
}
