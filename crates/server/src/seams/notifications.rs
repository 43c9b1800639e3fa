//! What API and console ask of notifications: whether a transport works.

use std::sync::Arc;

use async_trait::async_trait;
use countersign_model::Subject;
use countersign_notifications::Notifier;
use countersign_registry::{NotificationWork, SeamError};
use countersign_types::{ErrorKind, RawId};

/// Tries transports out.
pub(super) struct ByTransport(pub(super) Notifier);

#[async_trait]
impl NotificationWork for ByTransport {
    async fn test(&self, transport: RawId, recipient: &Arc<Subject>) -> Result<Vec<String>, SeamError> {
        match self.0.try_out(transport, &recipient.user).await {
            Ok(Some(said)) => Ok(said),
            Ok(None) => Err(SeamError::NotFound),
            // The administrator who asks is to read what the other side said.
            Err(error) => Err(SeamError::Failed(ErrorKind::Invalid, error.to_string())),
        }
    }
}
