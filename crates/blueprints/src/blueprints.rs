//! Applying, rehearsing and exporting against a store.

use std::sync::Arc;

use countersign_crypto::{HashError, HashPool};
use countersign_model::{BlueprintInstance, BlueprintStatus};
use countersign_registry::{Actor, Prepared, Registry};
use countersign_store::{Store, StoreError, Tx, blueprint_instances};
use countersign_types::{ErrorKind, JsonObject, RawId, Secret};

use crate::{
    BlueprintError, Document, Library, Outside, Problem, Report, Selection, Source,
    apply::{Applying, Fault},
    export,
    instances::{content_hash, is_in_registry, note_failure, source_of, stands_elsewhere},
    library::{Automatic, automatic},
};

/// Passwords that one file may set.
pub(crate) const MAX_PASSWORDS: usize = 50;

/// Blueprints over a store.
#[derive(Clone)]
pub struct Blueprints {
    store: Store,
    registry: Arc<Registry>,
    hashes: HashPool,
    outside: Outside,
    library: Library,
}

/// Whether what a file does is kept.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Apply,
    Rehearse,
    /// Only this object is set to what the file says.
    Reset(RawId),
    /// The same, undone.
    RehearseReset(RawId),
}

/// How a try of a transaction ended.
enum Tried {
    Done(Report),
    Again(Secret<String>),
}

impl Blueprints {
    /// Blueprints of the library over a store. Nothing outside is reachable until [`Blueprints::reaching`].
    pub fn new(store: Store, registry: Arc<Registry>, hashes: HashPool, library: Library) -> Self {
        Self { store, registry, hashes, outside: Outside::default(), library }
    }

    /// Opens doors for `!Env` and `!File`.
    #[must_use]
    pub fn reaching(mut self, outside: Outside) -> Self {
        self.outside = outside;
        self
    }

    /// The blueprints that there are.
    pub const fn library(&self) -> &Library {
        &self.library
    }

    /// Applies a blueprint in one transaction: all of it or nothing. How it went is kept with its name.
    pub async fn apply(
        &self,
        source: &Source,
        context: &JsonObject,
        actor: &Actor,
    ) -> Result<Report, BlueprintError> {
        let outcome = self.run(source, context, actor, Mode::Apply).await;
        // That somebody may not apply it is no fault of the blueprint.
        if let Err(error @ (BlueprintError::Wrong { .. } | BlueprintError::Store(..))) = &outcome {
            self.keep_failure(source, error).await;
        }
        outcome
    }

    /// Applies what is kept applied, changed or not.
    pub async fn apply_instance(
        &self,
        instance: &BlueprintInstance,
        actor: &Actor,
    ) -> Result<Report, BlueprintError> {
        let error = match self.source_of(instance) {
            Ok(source) => return self.apply(&source, &instance.context, actor).await,
            Err(error) => error,
        };
        if is_in_registry(&instance.path) {
            let source =
                Source { instance: Some(instance.id), ..Source::handed_in(instance.path.as_str(), "") };
            self.keep_failure(&source, &error).await;
        }
        Err(error)
    }

    /// The text of what is kept applied.
    pub fn source_of(&self, instance: &BlueprintInstance) -> Result<Source, BlueprintError> {
        source_of(&self.library, instance).map_err(|elsewhere| BlueprintError::Wrong {
            file: instance.name.clone(),
            entry: None,
            problems: vec![Problem::new(elsewhere.to_string())],
        })
    }

    /// Does everything that applying does, and then undoes it.
    pub async fn validate(
        &self,
        source: &Source,
        context: &JsonObject,
        actor: &Actor,
    ) -> Result<Report, BlueprintError> {
        self.run(source, context, actor, Mode::Rehearse).await
    }

    /// Sets one object to what a file says about it, also where its entry leaves alone what is there. Nothing else is
    /// changed.
    pub async fn reset(
        &self,
        source: &Source,
        context: &JsonObject,
        actor: &Actor,
        object: RawId,
    ) -> Result<Report, BlueprintError> {
        self.run(source, context, actor, Mode::Reset(object)).await
    }

    /// Does everything that putting one object back does, and then undoes it.
    pub async fn validate_reset(
        &self,
        source: &Source,
        context: &JsonObject,
        actor: &Actor,
        object: RawId,
    ) -> Result<Report, BlueprintError> {
        self.run(source, context, actor, Mode::RehearseReset(object)).await
    }

    /// Applies what of the library wants to be applied and was not yet, or changed since; the bootstrap only
    /// once. A file that fails is noted and does not keep the others from being applied.
    ///
    /// A file that did not change is not applied again, so that edits of administrators stay. When a release
    /// brings a changed file, its entries of state `present` are set to what the file says; those of state
    /// `created` are left alone.
    pub async fn apply_library(&self) -> Result<Vec<Result<Report, BlueprintError>>, BlueprintError> {
        let applied = self.store.read(blueprint_instances::all).await.map_err(store_error)?;
        let mut outcomes = Vec::new();
        let sources = self.library.sources();
        self.mark_orphans(&applied, &sources).await?;
        let is_refused = |one: &&BlueprintInstance| {
            one.enabled && is_in_registry(&one.path) && one.status != BlueprintStatus::Error
        };
        for instance in applied.iter().filter(is_refused) {
            outcomes.push(self.apply_instance(instance, &Actor::System).await);
        }
        for source in sources {
            for (source, context) in self.wanted(source, &applied) {
                let outcome = self.apply(&source, &context, &Actor::System).await;
                match &outcome {
                    Ok(report) => tracing::info!(blueprint = report.name, file = report.file, "applied"),
                    Err(error) => tracing::error!(file = source.file, %error, "a blueprint was not applied"),
                }
                outcomes.push(outcome);
            }
        }
        Ok(outcomes)
    }

    /// How a file of the library is to be applied now: for each blueprint that is kept applied from it, or for the first
    /// time.
    fn wanted(&self, source: Source, applied: &[BlueprintInstance]) -> Vec<(Source, JsonObject)> {
        let document = Document::parse(&source.text).ok();
        let mut own: Vec<_> = applied.iter().filter(|one| one.path == source.file).collect();
        if own.is_empty()
            && let Some(document) = &document
        {
            let is_own =
                |one: &&BlueprintInstance| one.name == document.name && !stands_elsewhere(&self.library, one);
            own = applied.iter().filter(is_own).collect();
        }
        let automatic = document.as_ref().map(automatic);
        if own.is_empty() {
            // Applying what cannot be read says what is wrong.
            let is_wanted = automatic != Some(Automatic::No);
            return is_wanted.then(|| (source, JsonObject::new())).into_iter().collect();
        }
        let hash = content_hash(&source.text);
        let is_wanted = |one: &&BlueprintInstance| {
            one.enabled
                && match automatic {
                    Some(Automatic::No) => false,
                    Some(Automatic::Once) => one.content_hash.is_empty(),
                    Some(Automatic::OnChange) | None => {
                        matches!(one.status, BlueprintStatus::Orphaned | BlueprintStatus::Error)
                            || hash != one.content_hash
                    }
                }
        };
        let kept = |one: &BlueprintInstance| {
            let instance = Some(one.id).filter(|_| one.path == source.file);
            (Source { instance, ..source.clone() }, one.context.clone())
        };
        own.into_iter().filter(is_wanted).map(kept).collect()
    }

    /// Marks what was applied from files that are gone.
    async fn mark_orphans(
        &self,
        applied: &[BlueprintInstance],
        sources: &[Source],
    ) -> Result<(), BlueprintError> {
        let is_gone = |instance: &&BlueprintInstance| {
            !instance.path.is_empty()
                && !is_in_registry(&instance.path)
                && instance.status != BlueprintStatus::Orphaned
                && sources.iter().all(|source| source.file != instance.path)
        };
        let gone: Vec<BlueprintInstance> = applied.iter().filter(is_gone).cloned().collect();
        if gone.is_empty() {
            return Ok(());
        }
        let marked = self.store.write(move |tx| {
            for instance in &gone {
                let orphaned = BlueprintInstance { status: BlueprintStatus::Orphaned, ..instance.clone() };
                blueprint_instances::update(tx, &orphaned)?;
            }
            Ok::<_, StoreError>(())
        });
        marked.await.map_err(store_error)
    }

    /// What was selected, as a blueprint that applies back unchanged. Holds no secret.
    pub async fn export(&self, selection: &Selection) -> Result<String, BlueprintError> {
        let (registry, selection) = (Arc::clone(&self.registry), selection.clone());
        let outcome = self.store.read(move |tx| export::export(tx, &registry, &selection)).await;
        outcome.map_err(|fault| fault_error("export", fault))
    }

    /// Tries until every password has its hash.
    async fn run(
        &self,
        source: &Source,
        context: &JsonObject,
        actor: &Actor,
        mode: Mode,
    ) -> Result<Report, BlueprintError> {
        let mut prepared = Prepared::default();
        loop {
            let applying = self.applying(actor, prepared.clone(), mode);
            let (from, with) = (source.clone(), context.clone());
            let outcome = self.store.write(move |tx| attempt(&applying, tx, &from, &with, mode)).await;
            match tried(&source.file, outcome, prepared.len())? {
                Tried::Done(report) => return Ok(report),
                Tried::Again(password) => {
                    let hash = self.hashes.hash(password.clone()).await;
                    prepared.add_hash(password, hash.map_err(|error| hash_error(&source.file, &error))?);
                }
            }
        }
    }

    fn applying(&self, actor: &Actor, prepared: Prepared, mode: Mode) -> Applying {
        Applying {
            registry: Arc::clone(&self.registry),
            outside: self.outside.clone(),
            library: self.library.clone(),
            actor: actor.clone(),
            client_ip: None,
            prepared,
            depth: 1,
            explains: matches!(mode, Mode::Rehearse | Mode::RehearseReset(_)),
        }
    }

    async fn keep_failure(&self, source: &Source, error: &BlueprintError) {
        let (library, source, error) = (self.library.clone(), source.clone(), error.to_string());
        let outcome = self.store.write(move |tx| note_failure(tx, &library, &source, &error)).await;
        if let Err(error) = outcome {
            tracing::warn!(%error, "that a blueprint failed could not be kept");
        }
    }
}

fn attempt(
    applying: &Applying,
    tx: &mut Tx<'_>,
    source: &Source,
    context: &JsonObject,
    mode: Mode,
) -> Result<Report, Fault> {
    let report = match mode {
        Mode::Reset(object) | Mode::RehearseReset(object) => applying.reset(tx, source, context, object)?,
        Mode::Apply | Mode::Rehearse => applying.apply(tx, source, context)?,
    };
    match mode {
        Mode::Apply | Mode::Reset(_) => Ok(report),
        Mode::Rehearse | Mode::RehearseReset(_) => Err(Fault::Rehearsed(Box::new(report))),
    }
}

fn tried(file: &str, outcome: Result<Report, Fault>, hashed: usize) -> Result<Tried, BlueprintError> {
    match outcome {
        Ok(report) => Ok(Tried::Done(report)),
        Err(Fault::Rehearsed(report)) => Ok(Tried::Done(*report)),
        Err(Fault::NeedsHash(password)) if hashed < MAX_PASSWORDS => Ok(Tried::Again(password)),
        Err(Fault::NeedsHash(_)) => {
            let problems = vec![Problem::new(format!("more than {MAX_PASSWORDS} passwords in one file"))];
            Err(BlueprintError::Wrong { file: file.to_owned(), entry: None, problems })
        }
        Err(fault) => Err(fault_error(file, fault)),
    }
}

fn fault_error(file: &str, fault: Fault) -> BlueprintError {
    match fault {
        Fault::Blueprint(error) => error,
        Fault::Store(error) => store_error(error),
        Fault::NeedsHash(_) | Fault::Rehearsed(_) => {
            BlueprintError::Store(format!("{file}: the transaction ended out of turn"), ErrorKind::Internal)
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err takes")]
fn store_error(error: StoreError) -> BlueprintError {
    BlueprintError::Store(error.to_string(), error.kind())
}

fn hash_error(file: &str, error: &HashError) -> BlueprintError {
    match error.kind() {
        ErrorKind::Unavailable => BlueprintError::Store(error.to_string(), ErrorKind::Unavailable),
        _ => {
            let problems = vec![Problem::new(format!("password: {error}"))];
            BlueprintError::Wrong { file: file.to_owned(), entry: None, problems }
        }
    }
}
