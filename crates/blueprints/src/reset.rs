//! One object back to what its blueprint says, whatever the state of its entry.

use std::sync::Arc;

use countersign_store::Tx;
use countersign_types::{JsonObject, RawId};

use crate::{
    BlueprintError, Document, Done, Problem, Report, Source,
    apply::{Applying, Fault, Run},
    document::{Entry, State},
};

impl Applying {
    /// Sets one object to what the entries of a file say about it. The other objects are looked up and left alone.
    pub(crate) fn reset(
        &self,
        tx: &mut Tx<'_>,
        source: &Source,
        context: &JsonObject,
        object: RawId,
    ) -> Result<Report, Fault> {
        let document = Document::parse(&source.text).map_err(|(entry, problem)| {
            let problems = vec![problem];
            Fault::Blueprint(BlueprintError::Wrong { file: source.file.clone(), entry, problems })
        })?;
        let mut run = self.begin(tx, source, &document, context)?;
        for entry in &document.entries {
            run.reset_entry(tx, entry, object)?;
        }
        if run.report.entries.is_empty() {
            let problems = vec![Problem::new("no entry is about this object")];
            return Err(Fault::Blueprint(BlueprintError::Wrong {
                file: source.file.clone(),
                entry: None,
                problems,
            }));
        }
        Ok(run.report)
    }
}

impl Run<'_> {
    /// Looks up the object of an entry, and resets it if it is the one that is meant. Entries about others may say
    /// what cannot be worked out while their objects are not there.
    fn reset_entry(&mut self, tx: &mut Tx<'_>, entry: &Entry, object: RawId) -> Result<(), Fault> {
        let mut name = entry.name.clone();
        let Ok(head) = self.head(tx, entry) else { return Ok(()) };
        let registry = Arc::clone(&self.applying.registry);
        let Ok(resource) = registry.get(&head.model) else { return Ok(()) };
        name.model.clone_from(&head.model);
        name.id.clone_from(&head.id);
        if !head.applies || head.state == State::Absent {
            return Ok(());
        }
        let Ok(identifiers) = self.work_out(tx, |evaluator| evaluator.object(&entry.identifiers)) else {
            return Ok(());
        };
        let found = resource.find(tx, &identifiers).map_err(|error| self.refused(&name, entry, error))?;
        if let (Some(id), Some(key)) = (&head.id, found) {
            self.keep_key(id, key);
        }
        if found != Some(object) {
            return Ok(());
        }
        let before = self.shown(tx, resource, found).map_err(|error| self.refused(&name, entry, error))?;
        let attrs = self.attrs(tx, &name, entry)?;
        let written = resource
            .update(tx, self.applying.cx(), object, &attrs)
            .map_err(|error| self.refused(&name, entry, error))?;
        let given = self.give(tx, &name, &head.model, entry, object)?;
        let done = if written.changed || given { Done::Updated } else { Done::Unchanged };
        let generated = self.seen(&name, entry, written);
        let after = self.shown(tx, resource, found).map_err(|error| self.refused(&name, entry, error))?;
        self.note(name, done, Some(object), identifiers, generated);
        self.explain(resource, before, after, Some(&attrs));
        Ok(())
    }
}
