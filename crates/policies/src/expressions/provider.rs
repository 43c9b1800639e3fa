//! Providers as expressions see them. Their secrets are not among what is seen.

use std::sync::Arc;

use countersign_expr::{HostError, HostObject, Value};
use countersign_model::{Application, Provider};

use super::application::ApplicationObject;

/// Name of the class.
pub(super) const PROVIDER_TYPE: &str = "Provider";

/// A provider, and the application that people sign in to by it.
pub(super) struct ProviderObject {
    pk: i64,
    name: String,
    client_id: Option<String>,
    application: Option<Arc<Application>>,
}

impl ProviderObject {
    pub(super) fn new(provider: &Provider, application: Option<&Application>) -> Self {
        Self {
            pk: provider.pk,
            name: provider.name.clone(),
            client_id: provider.client_id.clone(),
            application: application.cloned().map(Arc::new),
        }
    }

    fn field(&self, name: &str) -> Option<Value> {
        Some(match name {
            "pk" => self.pk.into(),
            "name" => self.name.as_str().into(),
            "client_id" => self.client_id.as_deref()?.into(),
            "application" => self.application.as_ref().map_or(Value::None, |application| {
                Value::object(ApplicationObject::new(Arc::clone(application)))
            }),
            _ => return None,
        })
    }
}

impl HostObject for ProviderObject {
    fn type_name(&self) -> &str {
        PROVIDER_TYPE
    }

    fn identity(&self) -> Option<String> {
        Some(self.pk.to_string())
    }

    fn attr(&self, name: &str) -> Result<Option<Value>, HostError> {
        Ok(self.field(name))
    }

    /// `provider["name"]`, as it was written here before.
    fn get_item(&self, key: &Value) -> Result<Value, HostError> {
        let found = key.as_str().and_then(|key| self.field(key));
        found.ok_or_else(|| HostError::Key(format!("{key:?}")))
    }
}
