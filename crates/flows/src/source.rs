//! What a source is to a flow: another house in which people may sign in. How that goes is the source's own room; the
//! page on which people say who they are knows its button, and nothing else.

use countersign_crypto::Sealer;
use countersign_model::{ConfigObject, ConfigObjectId, PolicyEngineMode};
use countersign_resource::ConfigKind;
use countersign_store::Snapshot;

use crate::{FlowServices, StageError};

/// How people get to a source from the page on which they say who they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceButton {
    /// What people call it.
    pub name: String,
    /// Address of its icon: one of ours, or one that starts with `https://`.
    pub icon: Option<String>,
    /// Where it leads: a page of ours without a query, which sends people on. What the flow page was asked for
    /// (`next`) goes along.
    pub href: String,
    /// Whether it stands out among others.
    pub promoted: bool,
    /// Whether one of the policies bound to the source must let people pass, or all of them.
    pub policy_engine_mode: PolicyEngineMode,
}

/// A kind of source, which people may choose to sign in with.
pub trait SourceKind: ConfigKind {
    /// Its button; none while it is switched off, or where nobody signs in.
    fn button(&self, object: &ConfigObject) -> Option<SourceButton>;
}

/// Makes the button of an object of some kind.
pub(crate) type Show = fn(&ConfigObject, &Sealer) -> Result<Option<SourceButton>, StageError>;

/// The way in which buttons of a kind are made.
pub(crate) fn show<K: SourceKind>(
    object: &ConfigObject,
    sealer: &Sealer,
) -> Result<Option<SourceButton>, StageError> {
    let spec = countersign_registry::load::<K>(object, sealer).map_err(|error| {
        StageError::Configuration { stage: object.name.clone(), problem: error.to_string() }
    })?;
    Ok(spec.button(object))
}

impl FlowServices {
    /// The button of a source, made once per configuration; none where there is none, or none that can be read.
    pub fn source_button(&self, snapshot: &Snapshot, id: ConfigObjectId) -> Option<SourceButton> {
        let object = snapshot.object(id)?;
        let button = snapshot.memo(id.raw(), || self.kinds.source_button(object, &self.sealer));
        match button {
            Ok(button) => Option::clone(&button),
            Err(error) => {
                tracing::error!(source = object.name, %error, "a source cannot be offered");
                None
            }
        }
    }
}
