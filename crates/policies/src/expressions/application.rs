//! Applications as expressions see them.

use std::sync::Arc;

use countersign_expr::{HostError, HostObject, Value};
use countersign_model::Application;

/// Name of the class.
pub(super) const APPLICATION_TYPE: &str = "Application";

/// An application.
pub(super) struct ApplicationObject(Arc<Application>);

impl ApplicationObject {
    pub(super) const fn new(application: Arc<Application>) -> Self {
        Self(application)
    }
}

impl HostObject for ApplicationObject {
    fn type_name(&self) -> &str {
        APPLICATION_TYPE
    }

    fn identity(&self) -> Option<String> {
        Some(self.0.id.to_string())
    }

    fn attr(&self, name: &str) -> Result<Option<Value>, HostError> {
        let application = &self.0;
        Ok(Some(match name {
            "name" => application.name.as_str().into(),
            "slug" => application.slug.as_str().into(),
            "pk" | "uuid" => application.id.to_string().into(),
            "group" => application.group.as_str().into(),
            "meta_launch_url" => application.meta_launch_url.as_str().into(),
            "meta_icon" => application.meta_icon.as_str().into(),
            "meta_description" => application.meta_description.as_str().into(),
            "meta_publisher" => application.meta_publisher.as_str().into(),
            "open_in_new_tab" => application.open_in_new_tab.into(),
            _ => return Ok(None),
        }))
    }
}
