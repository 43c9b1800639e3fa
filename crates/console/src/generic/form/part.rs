//! Part of a form: some fields of a kind, for pages that know more about the kind and stand around them.

use countersign_registry::{ReadCx, ResourceError};
use countersign_resource::Descriptor;
use countersign_store::Tx;
use countersign_types::{FieldErrors, JsonObject};
use countersign_web::{Pairs, WebError};

use super::{
    Control, files,
    fill::Filling,
    options::{self, Options},
    read::{self, Answers, Mode},
    shape::{Shape, shapes},
};
use crate::cx::{ConsoleCx, fault};

/// Some fields of a kind.
#[derive(Clone, Copy)]
pub(crate) struct PartOf<'k> {
    kind: &'k Descriptor,
    /// By name, in the order in which they are shown; none for all.
    fields: Option<&'static [&'static str]>,
}

impl<'k> PartOf<'k> {
    /// All fields.
    pub(crate) const fn all(kind: &'k Descriptor) -> Self {
        Self { kind, fields: None }
    }

    /// These fields.
    pub(crate) const fn of(kind: &'k Descriptor, fields: &'static [&'static str]) -> Self {
        Self { kind, fields: Some(fields) }
    }

    fn shapes(&self) -> Vec<Shape<'k>> {
        let all = shapes(self.kind);
        let Some(fields) = self.fields else { return all };
        let named = |name: &&str| all.iter().find(|shape| shape.field.path.to_string() == **name).cloned();
        fields.iter().filter_map(named).collect()
    }

    /// The controls, filled in from a document.
    pub(crate) async fn controls(
        &self,
        cx: &ConsoleCx,
        document: &JsonObject,
        errors: &FieldErrors,
        mode: Mode,
    ) -> Result<Vec<Control>, WebError> {
        let shapes = self.shapes();
        let (model, fields, given) = (self.kind.model, self.fields, document.clone());
        let snapshot = std::sync::Arc::clone(&cx.snapshot);
        let options = cx.look(move |tx, read| {
            let kind = read.registry.get(model)?.descriptor();
            Options::load(tx, read, &snapshot, &PartOf { kind, fields }.shapes(), &given)
        });
        let options = options.await.map_err(fault)?;
        let (registry, kind) = (cx.registry(), self.kind);
        let files = files(cx, &shapes);
        let filling =
            Filling { cx, registry, kind, document, options: &options, errors, mode, files: &files };
        Ok(shapes.iter().map(|shape| filling.control(shape)).collect())
    }

    /// What was filled in.
    pub(crate) fn answers(&self, fields: &Pairs, mode: Mode) -> Answers {
        read::read(&self.shapes(), fields, mode)
    }

    /// Puts identifiers in the place of names.
    pub(crate) fn resolve(
        &self,
        tx: &mut Tx<'_>,
        cx: ReadCx<'_>,
        document: &mut JsonObject,
    ) -> Result<(), ResourceError> {
        options::resolve(tx, cx, &self.shapes(), document)
    }
}
