//! What the portal is told by those who may name kinds.

use std::{collections::HashMap, sync::Arc};

use countersign_model::{Application, Provider};
use countersign_store::Snapshot;

/// Where an application leads that has no launch address of its own, derived from its provider.
pub type LaunchUrl = Arc<dyn Fn(&Snapshot, &Provider) -> Option<String> + Send + Sync>;

/// The portal's seams. Register it with [`crate::routes`].
#[derive(Clone, Default)]
pub struct Portal {
    launch_urls: HashMap<&'static str, LaunchUrl>,
}

impl Portal {
    /// Without any hook: only applications with a launch address of their own can be launched.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks this function for the launch address of applications whose provider is of this kind.
    #[must_use]
    pub fn launching(
        mut self,
        kind: &'static str,
        launch_url: impl Fn(&Snapshot, &Provider) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        self.launch_urls.insert(kind, Arc::new(launch_url));
        self
    }

    /// Where a tile leads, placeholders not yet filled in; none when it leads nowhere.
    pub(crate) fn launch_url(&self, snapshot: &Snapshot, application: &Application) -> Option<String> {
        if !application.meta_launch_url.is_empty() {
            return Some(application.meta_launch_url.clone());
        }
        let provider = snapshot.provider(application.provider?)?;
        self.launch_urls.get(provider.kind.as_str()).and_then(|launch_url| launch_url(snapshot, provider))
    }
}
