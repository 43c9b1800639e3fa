//! Applying what is kept applied in the very transaction that saves it.

use std::sync::{Arc, Weak};

use countersign_model::BlueprintInstance;
use countersign_registry::{BlueprintKeeper, Registry, ResourceError, WriteCx};
use countersign_store::Tx;
use countersign_types::{FieldErrors, Text};

use crate::{
    BlueprintError, Document, EntryName, Library, Outside, Problem,
    apply::{Applying, Fault},
    blueprints::MAX_PASSWORDS,
    instances::{Elsewhere, source_of},
};

/// How many blueprints may stand in one another.
const MAX_DEPTH: u8 = 8;

/// Applies blueprints in the transaction that saves them.
#[derive(Debug)]
pub struct Keeper {
    /// It holds the keeper in turn.
    registry: Weak<Registry>,
    library: Library,
    outside: Outside,
}

impl Keeper {
    /// For the registry that will hold it.
    pub const fn new(registry: Weak<Registry>, library: Library, outside: Outside) -> Self {
        Self { registry, library, outside }
    }
}

impl BlueprintKeeper for Keeper {
    fn apply(
        &self,
        tx: &mut Tx<'_>,
        cx: WriteCx<'_>,
        instance: &BlueprintInstance,
    ) -> Result<(), ResourceError> {
        let source = source_of(&self.library, instance).map_err(|elsewhere| nowhere(&elsewhere))?;
        if cx.depth >= MAX_DEPTH {
            let problem = Problem::new(format!("more than {MAX_DEPTH} blueprints, one in another"));
            return Err(complaint(instance, [problem.to_string()]));
        }
        let registry = self.registry.upgrade();
        let registry = registry.ok_or_else(|| ResourceError::Damaged("the kinds are gone".to_owned()))?;
        let applying = Applying {
            registry,
            outside: self.outside.clone(),
            library: self.library.clone(),
            actor: cx.actor.clone(),
            client_ip: cx.client_ip.map(Arc::from),
            prepared: cx.prepared.clone(),
            depth: cx.depth + 1,
            explains: false,
        };
        match applying.apply(tx, &source, &instance.context) {
            Ok(_) => Ok(()),
            Err(Fault::Store(error)) => Err(error.into()),
            Err(Fault::NeedsHash(password)) if cx.prepared.len() + 1 < MAX_PASSWORDS => {
                Err(ResourceError::NeedsHash(password))
            }
            Err(Fault::NeedsHash(_)) => {
                Err(complaint(instance, [format!("more than {MAX_PASSWORDS} passwords in one file")]))
            }
            Err(Fault::Rehearsed(_)) => Err(ResourceError::Damaged("a rehearsal of nothing".to_owned())),
            Err(Fault::Blueprint(BlueprintError::Wrong { entry, problems, .. })) => {
                Err(wrong(instance, entry.as_deref(), &problems))
            }
            Err(Fault::Blueprint(BlueprintError::Denied { .. })) => Err(ResourceError::Denied),
            Err(Fault::Blueprint(BlueprintError::Store(problem, _))) => Err(ResourceError::Damaged(problem)),
        }
    }

    fn check(&self, instance: &BlueprintInstance) -> Result<(), ResourceError> {
        let source = source_of(&self.library, instance).map_err(|elsewhere| nowhere(&elsewhere))?;
        match Document::parse(&source.text) {
            Ok(_) => Ok(()),
            Err((entry, problem)) => Err(wrong(instance, entry.as_deref(), &[problem])),
        }
    }
}

/// What is wrong with the blueprint, each with its entry, at the field in which it is said.
fn wrong(instance: &BlueprintInstance, entry: Option<&EntryName>, problems: &[Problem]) -> ResourceError {
    complaint(
        instance,
        problems.iter().map(|problem| match entry {
            Some(entry) => format!("{entry}: {problem}"),
            None => problem.to_string(),
        }),
    )
}

fn complaint(instance: &BlueprintInstance, words: impl IntoIterator<Item = String>) -> ResourceError {
    let field = if instance.content.is_empty() { "path" } else { "content" };
    let mut errors = FieldErrors::default();
    for words in words {
        errors.push(field, "invalid", Text::literal(words));
    }
    ResourceError::Fields(errors)
}

fn nowhere(elsewhere: &Elsewhere) -> ResourceError {
    let (field, key) = match elsewhere {
        Elsewhere::Registry => ("path", "resource-error-blueprint-oci"),
        Elsewhere::NoFile(_) => ("path", "resource-error-blueprint-no-file"),
        Elsewhere::HandedIn => ("content", "resource-error-blueprint-nowhere"),
    };
    ResourceError::field(field, "invalid", key)
}
