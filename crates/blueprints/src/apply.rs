//! Applying a file inside one transaction.
//!
//! ```text
//! for each entry: conditions → identifiers → find → state decides → attrs → create | update | delete
//! ```

use std::sync::Arc;

use countersign_registry::{Actor, AnyResource, Prepared, Registry, ResourceError, WriteCx, Written};
use countersign_store::{StoreError, Tx};
use countersign_types::{JsonObject, RawId, Secret};
use serde_json::Value;

use crate::{
    BlueprintError, Document, Done, EntryName, EntryReport, Library, Outside, Problem, Report, Source,
    changes,
    document::{Entry, State},
    evaluate::{Carried, Evaluator, Lookup},
    instances::note_success,
    needs::META,
    node::{Is, Node, member},
    words,
};

/// Names of what stands in every context.
const LICENSED: &str = "goauthentik.io/enterprise/licensed";
const MODELS: &str = "goauthentik.io/rbac/models";

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
    /// From where the actor does it, for events.
    pub(crate) client_ip: Option<Arc<str>>,
    pub(crate) prepared: Prepared,
    /// How many blueprints this one stands in, itself included.
    pub(crate) depth: u8,
    /// Whether the report says what is different, attribute by attribute.
    pub(crate) explains: bool,
}

impl Applying {
    /// The circumstances of its writes.
    pub(crate) fn cx(&self) -> WriteCx<'_> {
        self.registry.cx(&self.actor, self.client_ip.as_deref(), &self.prepared).within(self.depth)
    }

    /// Applies a file and notes that it was applied.
    pub(crate) fn apply(
        &self,
        tx: &mut Tx<'_>,
        source: &Source,
        context: &JsonObject,
    ) -> Result<Report, Fault> {
        self.apply_below(tx, source, context, &mut Vec::new())
    }

    /// The same for a blueprint that others need.
    pub(crate) fn apply_below(
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
        let mut run = self.begin(tx, source, &document, context)?;
        needed_by.push(source.file.clone());
        for entry in &document.entries {
            run.entry(tx, entry, needed_by)?;
        }
        needed_by.pop();
        let report = run.report;
        note_success(tx, &self.library, source, &document, &report)?;
        Ok(report)
    }

    /// A file before its first entry.
    pub(crate) fn begin<'r>(
        &'r self,
        tx: &mut Tx<'_>,
        source: &'r Source,
        document: &Document,
        context: &JsonObject,
    ) -> Result<Run<'r>, Fault> {
        Ok(Run {
            applying: self,
            file: &source.file,
            carried: self.context(tx, source, document, context)?,
            report: Report { file: source.file.clone(), name: document.name.clone(), ..Report::default() },
        })
    }

    /// What every file may ask of the context: that nothing here needs a licence, and the kinds that permissions are
    /// about, by the second half of their label.
    fn ready_made(&self) -> JsonObject {
        let kinds = self.registry.resources().filter_map(|resource| {
            let (app, model) = resource.descriptor().model.split_once('.')?;
            Some((model.to_owned(), Value::from(app)))
        });
        JsonObject::from_iter([
            (LICENSED.to_owned(), Value::Bool(true)),
            (MODELS.to_owned(), Value::Object(kinds.collect())),
        ])
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
        let mut carried = Carried::with_context(self.ready_made());
        carried.context.extend(passed.clone());
        for (name, node) in &document.context {
            if passed.contains_key(name) {
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
}

/// One file on its way.
pub(crate) struct Run<'r> {
    pub(crate) applying: &'r Applying,
    file: &'r str,
    carried: Carried,
    pub(crate) report: Report,
}

impl Run<'_> {
    fn entry(&mut self, tx: &mut Tx<'_>, entry: &Entry, needed_by: &mut Vec<String>) -> Result<(), Fault> {
        let mut name = entry.name.clone();
        let head = self.head(tx, entry).map_err(|problem| self.wrong(&name, vec![problem]))?;
        name.model.clone_from(&head.model);
        name.id.clone_from(&head.id);
        if !head.applies {
            self.note(name, Done::Skipped, None, JsonObject::new(), Vec::new());
            return Ok(());
        }
        if head.model == META {
            return self.dependency(tx, name, entry, needed_by);
        }
        let registry = Arc::clone(&self.applying.registry);
        let resource = registry.get(&head.model).map_err(|error| {
            self.wrong(&name, vec![words::problem(&error).at("model").on_line(entry.model.line)])
        })?;
        let identifiers = self
            .work_out(tx, |evaluator| evaluator.object(&entry.identifiers))
            .map_err(|problem| self.wrong(&name, vec![problem.at("identifiers")]))?;
        if identifiers.is_empty() {
            let problem = Problem::new("missing; say which object is meant").at("identifiers");
            return Err(self.wrong(&name, vec![problem.on_line(entry.identifiers.line)]));
        }
        let found = resource.find(tx, &identifiers).map_err(|error| self.refused(&name, entry, error))?;
        let before = self.shown(tx, resource, found).map_err(|error| self.refused(&name, entry, error))?;
        let mut settled = self.settle(tx, &name, &head, entry, resource, (&identifiers, found))?;
        if let (Some(id), Some(key)) = (&head.id, settled.id) {
            self.keep_key(id, key);
        }
        let is_left_alone = head.state == State::Created && settled.done == Done::Unchanged;
        if let Some(id) = settled.id
            && !is_left_alone
            && self.give(tx, &name, &head.model, entry, id)?
            && settled.done == Done::Unchanged
        {
            settled.done = Done::Updated;
        }
        let after =
            self.shown(tx, resource, settled.id).map_err(|error| self.refused(&name, entry, error))?;
        self.note(name, settled.done, settled.id, identifiers, settled.generated);
        self.explain(resource, before, after, settled.written.as_ref());
        Ok(())
    }

    /// Adds to what was noted last what is different, when that is known.
    pub(crate) fn explain(
        &mut self,
        resource: &dyn AnyResource,
        before: Option<JsonObject>,
        after: Option<JsonObject>,
        written: Option<&JsonObject>,
    ) {
        if let (Some(before), Some(after)) = (before, after)
            && let Some(report) = self.report.entries.last_mut().filter(|report| report.is_change())
        {
            report.changes = changes::between(resource, &before, &after, written);
        }
    }

    /// What an entry says before its object is looked at.
    pub(crate) fn head(&mut self, tx: &mut Tx<'_>, entry: &Entry) -> Result<Head, Problem> {
        self.work_out(tx, |evaluator| head(evaluator, entry))
    }

    /// Keeps which object an entry is about, for `!KeyOf`.
    pub(crate) fn keep_key(&mut self, id: &str, key: RawId) {
        self.carried.keys.insert(id.to_owned(), key);
    }

    /// The document of an object as people read it, when the report is to say what is different.
    pub(crate) fn shown(
        &self,
        tx: &mut Tx<'_>,
        resource: &dyn AnyResource,
        id: Option<RawId>,
    ) -> Result<Option<JsonObject>, ResourceError> {
        match id {
            _ if !self.applying.explains => Ok(None),
            Some(id) => changes::readable(tx, &self.applying.registry, resource, id).map(Some),
            None => Ok(Some(JsonObject::new())),
        }
    }

    /// Brings the object of an entry into its state.
    fn settle(
        &mut self,
        tx: &mut Tx<'_>,
        name: &EntryName,
        head: &Head,
        entry: &Entry,
        resource: &dyn AnyResource,
        (identifiers, found): (&JsonObject, Option<RawId>),
    ) -> Result<Settled, Fault> {
        let cx = self.applying.cx();
        match (head.state, found) {
            (State::Absent, None) => Ok(Settled::of(Done::Unchanged, None)),
            (State::Absent, Some(id)) => {
                resource.delete(tx, cx, id).map_err(|error| self.refused(name, entry, error))?;
                Ok(Settled::of(Done::Deleted, None))
            }
            (State::MustCreated, Some(_)) => {
                let problem = Problem::new("the object exists already").at("identifiers");
                Err(self.wrong(name, vec![problem.on_line(entry.identifiers.line)]))
            }
            (State::Created, Some(id)) => Ok(Settled::of(Done::Unchanged, Some(id))),
            (State::Present, Some(id)) => {
                let attrs = self.attrs(tx, name, entry)?;
                let written =
                    resource.update(tx, cx, id, &attrs).map_err(|error| self.refused(name, entry, error))?;
                let done = if written.changed { Done::Updated } else { Done::Unchanged };
                let generated = self.seen(name, entry, written);
                Ok(Settled { id: Some(id), done, generated, written: Some(attrs) })
            }
            (State::Present | State::Created | State::MustCreated, None) => {
                let mut whole = identifiers.clone();
                whole.extend(self.attrs(tx, name, entry)?);
                let written =
                    resource.create(tx, cx, &whole).map_err(|error| self.refused(name, entry, error))?;
                let id = Some(written.id);
                let generated = self.seen(name, entry, written);
                Ok(Settled { id, done: Done::Created, generated, written: Some(whole) })
            }
        }
    }

    pub(crate) fn attrs(
        &mut self,
        tx: &mut Tx<'_>,
        name: &EntryName,
        entry: &Entry,
    ) -> Result<JsonObject, Fault> {
        self.work_out(tx, |evaluator| evaluator.object(&entry.attrs))
            .map_err(|problem| self.wrong(name, vec![problem.at("attrs")]))
    }

    /// Notes what was ignored; returns the secrets made.
    pub(crate) fn seen(
        &mut self,
        name: &EntryName,
        entry: &Entry,
        written: Written,
    ) -> Vec<(String, Secret<String>)> {
        for attribute in written.unknown {
            let (part, line) = place(entry, &attribute);
            let ignored = Problem::new("the kind has no such attribute; ignored").at(attribute).at(part);
            self.warn(name, &ignored.on_line(line).to_string());
        }
        written.generated
    }

    /// Lends the transaction to an evaluator.
    pub(crate) fn work_out<T>(
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

    pub(crate) fn note(
        &mut self,
        entry: EntryName,
        done: Done,
        id: Option<RawId>,
        identifiers: JsonObject,
        generated: Vec<(String, Secret<String>)>,
    ) {
        let changes = Vec::new();
        self.report.entries.push(EntryReport { entry, done, id, identifiers, changes, generated });
    }

    pub(crate) fn warn(&mut self, name: &EntryName, message: &str) {
        self.report.warnings.push(format!("{}: {name}: {message}", self.file));
    }

    pub(crate) fn wrong(&self, name: &EntryName, problems: Vec<Problem>) -> Fault {
        let entry = Some(Box::new(name.clone()));
        Fault::Blueprint(BlueprintError::Wrong { file: self.file.to_owned(), entry, problems })
    }

    /// An error of the registry, told at the entry and its fields.
    pub(crate) fn refused(&self, name: &EntryName, entry: &Entry, error: ResourceError) -> Fault {
        match error {
            ResourceError::Store(error) => Fault::Store(error),
            ResourceError::NeedsHash(password) => Fault::NeedsHash(password),
            ResourceError::Denied => Fault::Blueprint(BlueprintError::Denied {
                file: self.file.to_owned(),
                entry: Some(Box::new(name.clone())),
            }),
            ResourceError::Fields(errors) => {
                self.wrong(name, words::problems(&errors, |path| place(entry, path)))
            }
            other => self.wrong(name, vec![words::problem(&other)]),
        }
    }
}

/// What became of an entry's object.
struct Settled {
    id: Option<RawId>,
    done: Done,
    generated: Vec<(String, Secret<String>)>,
    /// What was set.
    written: Option<JsonObject>,
}

impl Settled {
    const fn of(done: Done, id: Option<RawId>) -> Self {
        Self { id, done, generated: Vec::new(), written: None }
    }
}

/// In which part of an entry an attribute stands, and on which line.
fn place(entry: &Entry, path: &str) -> (&'static str, usize) {
    let head = path.split('.').next().unwrap_or_default();
    let (part, node) = match &entry.identifiers.is {
        Is::Map(members) if member(members, head).is_some() => ("identifiers", &entry.identifiers),
        _ => ("attrs", &entry.attrs),
    };
    (part, node.line_at(path.split('.')))
}

/// What an entry says before its object is looked at.
pub(crate) struct Head {
    pub(crate) model: String,
    pub(crate) id: Option<String>,
    pub(crate) state: State,
    /// Whether its conditions hold.
    pub(crate) applies: bool,
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
        Some(state) => {
            State::parse(&text(state, "state")?).map_err(|problem| problem.at("state").on_line(state.line))?
        }
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
