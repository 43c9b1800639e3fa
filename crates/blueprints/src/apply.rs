//! Applying a file inside one transaction.
//!
//! ```text
//! for each entry: conditions → identifiers → find → state decides → attrs → create | update | delete
//! ```

use std::sync::Arc;

use countersign_registry::{Actor, AnyResource, Prepared, Registry, ResourceError, Written};
use countersign_store::{StoreError, Tx, blueprint_instances};
use countersign_types::{JsonObject, RawId, Secret};
use serde_json::Value;

use crate::{
    BlueprintError, Document, Done, EntryName, EntryReport, Library, Outside, Problem, Report, Source,
    document::{Entry, State},
    evaluate::{Carried, Evaluator, Lookup},
    instances::{content_hash, note_success},
    node::Node,
    words,
};

/// Our own model: it sees to another blueprint and is kept nowhere.
const META: &str = "authentik_blueprints.metaapplyblueprint";
/// How deep blueprints may need each other.
const MAX_NEEDS: usize = 8;

/// Why the transaction ends without effect.
#[derive(Debug)]
pub(crate) enum Fault {
    /// Something is wrong with the file.
    Blueprint(BlueprintError),
    /// A password must be hashed before another try.
    NeedsHash(Secret<String>),
    /// It was only a rehearsal.
    Rehearsed(Box<Report>),
    /// The database did not do its part.
    Store(StoreError),
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Everything that applying needs beside the transaction.
#[derive(Clone)]
pub(crate) struct Applying {
    pub(crate) registry: Arc<Registry>,
    pub(crate) outside: Outside,
    pub(crate) library: Library,
    pub(crate) actor: Actor,
    pub(crate) prepared: Prepared,
}

impl Applying {
    /// Applies a file and notes that it was applied.
    pub(crate) fn apply(
        &self,
        tx: &mut Tx<'_>,
        source: &Source,
        context: &JsonObject,
    ) -> Result<Report, Fault> {
        self.apply_below(tx, source, context, &mut Vec::new())
    }

    fn apply_below(
        &self,
        tx: &mut Tx<'_>,
        source: &Source,
        context: &JsonObject,
        needed_by: &mut Vec<String>,
    ) -> Result<Report, Fault> {
        let document = Document::parse(&source.text).map_err(|(entry, problem)| {
            let problems = vec![problem];
            Fault::Blueprint(BlueprintError::Wrong { file: source.file.clone(), entry, problems })
        })?;
        let mut run = Run {
            applying: self,
            file: &source.file,
            carried: self.context(tx, source, &document, context)?,
            report: Report { file: source.file.clone(), name: document.name.clone(), ..Report::default() },
        };
        needed_by.push(source.file.clone());
        for entry in &document.entries {
            run.entry(tx, entry, needed_by)?;
        }
        needed_by.pop();
        let report = run.report;
        note_success(tx, source, &document, &report)?;
        Ok(report)
    }

    /// The file's own context, worked out in order, under what was passed.
    fn context(
        &self,
        tx: &mut Tx<'_>,
        source: &Source,
        document: &Document,
        passed: &JsonObject,
    ) -> Result<Carried, Fault> {
        let wrong = |problem: Problem| {
            let problems = vec![problem.at("context")];
            Fault::Blueprint(BlueprintError::Wrong { file: source.file.clone(), entry: None, problems })
        };
        let mut carried = Carried::with_context(passed.clone());
        for (name, node) in &document.context {
            if carried.context.contains_key(name) {
                continue;
            }
            let mut lookup = Shelf { tx, registry: &self.registry };
            let mut evaluator = Evaluator::new(&mut lookup, &self.outside, carried);
            let value = evaluator.value(node).map_err(|problem| wrong(problem.at(name)))?;
            carried = evaluator.carry();
            carried.context.insert(name.clone(), value);
        }
        Ok(carried)
    }

    /// Sees to a blueprint that another needs. One that was applied as it is now is left alone, so that
    /// edits of administrators are not undone by a neighbour.
    fn need(
        &self,
        tx: &mut Tx<'_>,
        identifiers: &JsonObject,
        needed_by: &mut Vec<String>,
    ) -> Result<Option<Report>, NeedFault> {
        let text = |name: &str| identifiers.get(name).and_then(Value::as_str);
        let (source, shown) = match (text("path"), text("name")) {
            (Some(path), _) => (self.library.by_path(path), path),
            (None, Some(name)) => (self.library.by_name(name), name),
            (None, None) => {
                return Err(NeedFault::Problem(Problem::new("a name or a path is needed").at("identifiers")));
            }
        };
        let applied = match text("name") {
            Some(name) => blueprint_instances::by_name(tx, name)?,
            None => blueprint_instances::by_path(tx, shown)?,
        };
        let applied = applied.filter(|instance| !instance.content_hash.is_empty());
        let Some(source) = source else {
            if applied.is_some() {
                return Ok(None);
            }
            let message = format!("there is no blueprint “{shown}”");
            return Err(NeedFault::Problem(Problem::new(message).at("identifiers")));
        };
        if applied.is_some_and(|instance| instance.content_hash == content_hash(&source.text)) {
            return Ok(None);
        }
        if needed_by.contains(&source.file) || needed_by.len() >= MAX_NEEDS {
            let message = format!("“{shown}” needs this blueprint in turn");
            return Err(NeedFault::Problem(Problem::new(message).at("identifiers")));
        }
        Ok(Some(self.apply_below(tx, &source, &JsonObject::new(), needed_by)?))
    }
}

enum NeedFault {
    Problem(Problem),
    Fault(Fault),
}

impl From<StoreError> for NeedFault {
    fn from(error: StoreError) -> Self {
        Self::Fault(Fault::Store(error))
    }
}

impl From<Fault> for NeedFault {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// One file on its way.
struct Run<'r> {
    applying: &'r Applying,
    file: &'r str,
    carried: Carried,
    report: Report,
}

impl Run<'_> {
    fn entry(&mut self, tx: &mut Tx<'_>, entry: &Entry, needed_by: &mut Vec<String>) -> Result<(), Fault> {
        let mut name = entry.name.clone();
        let head =
            self.work_out(tx, |evaluator| head(evaluator, entry)).map_err(|p| self.wrong(&name, vec![p]))?;
        name.model.clone_from(&head.model);
        name.id.clone_from(&head.id);
        if !head.applies {
            self.note(name, Done::Skipped, None, Vec::new());
            return Ok(());
        }
        if entry.has_permissions {
            self.warn(&name, "permissions: object permissions are not built yet; ignored");
        }
        if head.model == META {
            return self.dependency(tx, name, entry, needed_by);
        }
        let registry = Arc::clone(&self.applying.registry);
        let resource = registry
            .get(&head.model)
            .map_err(|error| self.wrong(&name, vec![words::problem(&error).at("model")]))?;
        let (found, done) = self.settle(tx, &name, &head, entry, resource)?;
        if let (Some(id), Some(key)) = (&head.id, found) {
            self.carried.keys.insert(id.clone(), key);
        }
        if let Some((done, generated)) = done {
            self.note(name, done, found, generated);
        }
        Ok(())
    }

    /// Brings the object of an entry into its state. Returns the object, and what was done.
    #[expect(clippy::type_complexity, reason = "a pair of what is and what was done, taken apart at once")]
    fn settle(
        &mut self,
        tx: &mut Tx<'_>,
        name: &EntryName,
        head: &Head,
        entry: &Entry,
        resource: &dyn AnyResource,
    ) -> Result<(Option<RawId>, Option<(Done, Vec<(String, Secret<String>)>)>), Fault> {
        let identifiers = self
            .work_out(tx, |evaluator| evaluator.map(&entry.identifiers))
            .map_err(|problem| self.wrong(name, vec![problem.at("identifiers")]))?;
        if identifiers.is_empty() {
            return Err(
                self.wrong(name, vec![Problem::new("missing; say which object is meant").at("identifiers")])
            );
        }
        let found =
            resource.find(tx, &identifiers).map_err(|error| self.refused(name, &identifiers, error))?;
        let registry = Arc::clone(&self.applying.registry);
        let (actor, prepared) = (self.applying.actor.clone(), self.applying.prepared.clone());
        let cx = registry.cx(&actor, None, &prepared);
        match (head.state, found) {
            (State::Absent, None) => Ok((None, Some((Done::Unchanged, Vec::new())))),
            (State::Absent, Some(id)) => {
                resource.delete(tx, cx, id).map_err(|error| self.refused(name, &identifiers, error))?;
                Ok((None, Some((Done::Deleted, Vec::new()))))
            }
            (State::MustCreated, Some(_)) => {
                Err(self.wrong(name, vec![Problem::new("the object exists already").at("identifiers")]))
            }
            (State::Created, Some(id)) => Ok((Some(id), Some((Done::Unchanged, Vec::new())))),
            (State::Present, Some(id)) => {
                let attrs = self.attrs(tx, name, entry)?;
                let written = resource
                    .update(tx, cx, id, &attrs)
                    .map_err(|error| self.refused(name, &identifiers, error))?;
                let done = if written.changed { Done::Updated } else { Done::Unchanged };
                Ok((Some(id), Some((done, self.seen(name, written)))))
            }
            (State::Present | State::Created | State::MustCreated, None) => {
                let mut whole = identifiers.clone();
                whole.extend(self.attrs(tx, name, entry)?);
                let written = resource
                    .create(tx, cx, &whole)
                    .map_err(|error| self.refused(name, &identifiers, error))?;
                Ok((Some(written.id), Some((Done::Created, self.seen(name, written)))))
            }
        }
    }

    fn attrs(&mut self, tx: &mut Tx<'_>, name: &EntryName, entry: &Entry) -> Result<JsonObject, Fault> {
        self.work_out(tx, |evaluator| evaluator.map(&entry.attrs))
            .map_err(|problem| self.wrong(name, vec![problem.at("attrs")]))
    }

    /// Notes what was ignored; returns the secrets made.
    fn seen(&mut self, name: &EntryName, written: Written) -> Vec<(String, Secret<String>)> {
        for attribute in written.unknown {
            self.warn(name, &format!("{attribute}: the kind has no such attribute; ignored"));
        }
        written.generated
    }

    fn dependency(
        &mut self,
        tx: &mut Tx<'_>,
        name: EntryName,
        entry: &Entry,
        needed_by: &mut Vec<String>,
    ) -> Result<(), Fault> {
        let attrs = self.attrs(tx, &name, entry)?;
        let empty = JsonObject::new();
        let identifiers = attrs.get("identifiers").and_then(Value::as_object).unwrap_or(&empty);
        match self.applying.need(tx, identifiers, needed_by) {
            Ok(report) => self.report.dependencies.extend(report),
            Err(NeedFault::Fault(fault)) => return Err(fault),
            Err(NeedFault::Problem(problem)) if attrs.get("required") == Some(&Value::Bool(false)) => {
                self.warn(&name, &problem.at("attrs").to_string());
            }
            Err(NeedFault::Problem(problem)) => return Err(self.wrong(&name, vec![problem.at("attrs")])),
        }
        self.note(name, Done::Dependency, None, Vec::new());
        Ok(())
    }

    /// Lends the transaction to an evaluator.
    fn work_out<T>(
        &mut self,
        tx: &mut Tx<'_>,
        work: impl FnOnce(&mut Evaluator<'_>) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        let mut lookup = Shelf { tx, registry: &self.applying.registry };
        let carried = std::mem::take(&mut self.carried);
        let mut evaluator = Evaluator::new(&mut lookup, &self.applying.outside, carried);
        let outcome = work(&mut evaluator);
        self.carried = evaluator.carry();
        outcome
    }

    fn note(
        &mut self,
        entry: EntryName,
        done: Done,
        id: Option<RawId>,
        generated: Vec<(String, Secret<String>)>,
    ) {
        self.report.entries.push(EntryReport { entry, done, id, generated });
    }

    fn warn(&mut self, name: &EntryName, message: &str) {
        self.report.warnings.push(format!("{}: {name}: {message}", self.file));
    }

    fn wrong(&self, name: &EntryName, problems: Vec<Problem>) -> Fault {
        let entry = Some(Box::new(name.clone()));
        Fault::Blueprint(BlueprintError::Wrong { file: self.file.to_owned(), entry, problems })
    }

    /// An error of the registry, told at the entry and its fields.
    fn refused(&self, name: &EntryName, identifiers: &JsonObject, error: ResourceError) -> Fault {
        match error {
            ResourceError::Store(error) => Fault::Store(error),
            ResourceError::NeedsHash(password) => Fault::NeedsHash(password),
            ResourceError::Denied => Fault::Blueprint(BlueprintError::Denied {
                file: self.file.to_owned(),
                entry: Some(Box::new(name.clone())),
            }),
            ResourceError::Fields(errors) => {
                let part =
                    |field: &str| if identifiers.contains_key(field) { "identifiers" } else { "attrs" };
                self.wrong(name, words::problems(&errors, part))
            }
            other => self.wrong(name, vec![words::problem(&other)]),
        }
    }
}

/// What an entry says before its object is looked at.
struct Head {
    model: String,
    id: Option<String>,
    state: State,
    applies: bool,
}

fn head(evaluator: &mut Evaluator<'_>, entry: &Entry) -> Result<Head, Problem> {
    let mut text =
        |node: &Node, place: &str| match evaluator.value(node).map_err(|problem| problem.at(place))? {
            Value::String(text) => Ok(text),
            other => Err(Problem::new(format!("text is needed, not {other}")).at(place)),
        };
    let model = text(&entry.model, "model")?.to_ascii_lowercase();
    let id = entry.id.as_ref().map(|id| text(id, "id")).transpose()?;
    let state = match &entry.state {
        Some(state) => State::parse(&text(state, "state")?).map_err(|problem| problem.at("state"))?,
        None => State::Present,
    };
    for (index, condition) in entry.conditions.iter().enumerate() {
        let holds = evaluator.holds(condition).map_err(|problem| problem.at(index).at("conditions"))?;
        if !holds {
            return Ok(Head { model, id, state, applies: false });
        }
    }
    Ok(Head { model, id, state, applies: true })
}

/// The objects of the database, as `!Find` sees them.
struct Shelf<'s, 'c> {
    tx: &'s mut Tx<'c>,
    registry: &'s Registry,
}

impl Lookup for Shelf<'_, '_> {
    fn find(&mut self, model: &str, identifiers: &JsonObject) -> Result<Option<RawId>, Problem> {
        let resource = self.registry.get(model).map_err(|error| words::problem(&error))?;
        resource.find(self.tx, identifiers).map_err(|error| words::problem(&error))
    }

    fn read(&mut self, model: &str, id: RawId) -> Result<Option<JsonObject>, Problem> {
        let resource = self.registry.get(model).map_err(|error| words::problem(&error))?;
        resource.read(self.tx, id).map_err(|error| words::problem(&error))
    }
}
