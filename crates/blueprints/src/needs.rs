//! Blueprints that others rely on: `authentik_blueprints.metaapplyblueprint`.

use countersign_store::{StoreError, Tx, blueprint_instances};
use countersign_types::JsonObject;
use serde_json::Value;

use crate::{
    Done, EntryName, Problem, Report,
    apply::{Applying, Fault, Run},
    document::Entry,
    instances::{content_hash, source_of},
};

/// Our own model: it sees to another blueprint and is kept nowhere.
pub(crate) const META: &str = "authentik_blueprints.metaapplyblueprint";
/// How deep blueprints may need each other.
const MAX_NEEDS: usize = 8;

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

impl Applying {
    /// Sees to a blueprint that another needs. One that was applied as it is now is left alone, so that
    /// edits of administrators are not undone by a neighbour.
    fn need(
        &self,
        tx: &mut Tx<'_>,
        identifiers: &JsonObject,
        needed_by: &mut Vec<String>,
    ) -> Result<Option<Report>, NeedFault> {
        let text = |name: &str| identifiers.get(name).and_then(Value::as_str);
        let (applied, source, shown) = match (text("path"), text("name")) {
            (Some(path), _) => (blueprint_instances::by_path(tx, path)?, self.library.by_path(path), path),
            (None, Some(name)) => {
                let applied = blueprint_instances::by_name(tx, name)?;
                // What is kept applied under a name of its own, or stands in no file.
                let own = applied.as_ref().and_then(|instance| source_of(&self.library, instance).ok());
                (applied, own.or_else(|| self.library.by_name(name)), name)
            }
            (None, None) => {
                return Err(NeedFault::Problem(Problem::new("a name or a path is needed").at("identifiers")));
            }
        };
        let applied = match (applied, &source) {
            (None, Some(source)) if source.in_library => blueprint_instances::by_path(tx, &source.file)?,
            (applied, _) => applied,
        };
        let context = applied.as_ref().map(|instance| instance.context.clone()).unwrap_or_default();
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
        Ok(Some(self.apply_below(tx, &source, &context, needed_by)?))
    }
}

impl Run<'_> {
    /// An entry that asks for another blueprint.
    pub(crate) fn dependency(
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
        self.note(name, Done::Dependency, None, JsonObject::new(), Vec::new());
        Ok(())
    }
}
