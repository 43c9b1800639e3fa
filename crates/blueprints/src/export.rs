//! From objects to a blueprint: what an object refers to comes before it, references become `!KeyOf` inside
//! the file and `!Find` for what is outside of it. Secrets are left out; attributes at their default too.
//!
//! Permissions on single objects come last: whoever holds them may be such an object himself. Those on objects that are
//! outside of the file are given where the object is there; without it they would be permissions on everything.

use std::collections::{HashMap, HashSet};

use countersign_registry::{AnyResource, Registry, ResourceError};
use countersign_resource::{Reference, references};
use countersign_store::Tx;
use countersign_types::{JsonObject, RawId};
use serde_json::Value;
use serde_yaml_ng::{
    Mapping, Value as Yaml,
    value::{Tag, TaggedValue},
};

use crate::{BlueprintError, Problem, apply::Fault};

/// What to export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// Every kind that can be made again from its document.
    Everything,
    /// One object with what stands in it and the cold configuration that it needs: a flow with its bindings,
    /// stages, prompts and policies; an application with its provider and its mappings.
    Object {
        /// Model label.
        model: String,
        /// Its identifying attribute: the slug of a flow or an application.
        name: String,
    },
}

/// An object on its way into the file.
struct Item {
    model: &'static str,
    document: JsonObject,
    edges: Vec<Reference>,
    /// Objects that permissions in it are about.
    granted: Vec<Reference>,
}

/// Which half of an object with permissions on others is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Half {
    /// All of an object without such permissions.
    Whole,
    /// What comes before the objects: everything but the permissions.
    Early,
    /// What comes after them: the permissions.
    Late,
}

/// The objects gathered, and the order in which they may be applied.
struct Gathering<'g> {
    registry: &'g Registry,
    items: HashMap<RawId, Item>,
    order: Vec<RawId>,
    visiting: HashSet<RawId>,
}

/// Writes what was selected.
pub(crate) fn export(tx: &mut Tx<'_>, registry: &Registry, selection: &Selection) -> Result<String, Fault> {
    let mut gathering =
        Gathering { registry, items: HashMap::new(), order: Vec::new(), visiting: HashSet::new() };
    let name = match selection {
        Selection::Everything => {
            for resource in registry.resources().filter(|resource| resource.is_exported()) {
                for id in resource.ids(tx).map_err(fault)? {
                    gathering.add(tx, resource, id)?;
                }
            }
            "Export".to_owned()
        }
        Selection::Object { model, name } => {
            let resource = registry.get(model).map_err(fault)?;
            let attribute = resource.identified_by().first().copied().unwrap_or("name");
            let identifiers = JsonObject::from_iter([(attribute.to_owned(), Value::from(name.as_str()))]);
            let found = resource.find(tx, &identifiers).map_err(fault)?;
            let id = found.ok_or_else(|| fault(ResourceError::NotFound))?;
            gathering.add(tx, resource, id)?;
            gathering.add_contents(tx, id)?;
            format!("Export - {name}")
        }
    };
    gathering.write(tx, &name)
}

impl Gathering<'_> {
    /// Adds an object after the cold configuration that it refers to.
    fn add(&mut self, tx: &mut Tx<'_>, resource: &dyn AnyResource, id: RawId) -> Result<(), Fault> {
        if self.items.contains_key(&id) || !self.visiting.insert(id) {
            return Ok(());
        }
        let Some(document) = resource.read(tx, id).map_err(fault)? else { return Ok(()) };
        let granted = self.registry.granted_objects(resource, &document);
        let edges = references(resource.descriptor(), &document);
        for edge in &edges {
            let Some((model, _)) = self.registry.read_any(tx, &edge.target, edge.id).map_err(fault)? else {
                continue;
            };
            let target = self.registry.get(model).map_err(fault)?;
            if target.descriptor().family.is_some() && target.is_exported() {
                self.add(tx, target, edge.id)?;
            }
        }
        self.items.insert(id, Item { model: resource.descriptor().model, document, edges, granted });
        self.order.push(id);
        Ok(())
    }

    /// Adds what stands in an object, and in that in turn: bindings of a flow, policy bindings of both.
    fn add_contents(&mut self, tx: &mut Tx<'_>, id: RawId) -> Result<(), Fault> {
        for user in self.registry.used_by(tx, id).map_err(fault)? {
            let Ok(resource) = self.registry.get(&user.model) else { continue };
            if resource.is_exported()
                && resource.owned_by().first() == Some(&user.field.as_str())
                && !self.items.contains_key(&user.id)
            {
                self.add(tx, resource, user.id)?;
                self.add_contents(tx, user.id)?;
            }
        }
        Ok(())
    }

    fn write(&self, tx: &mut Tx<'_>, name: &str) -> Result<String, Fault> {
        let ordered = self.order_by_need();
        let labels: HashMap<RawId, String> =
            ordered.iter().enumerate().map(|(number, id)| (*id, format!("object-{}", number + 1))).collect();
        let mut entries = Vec::new();
        let mut before = HashSet::new();
        for id in &ordered {
            if let Some(item) = self.items.get(id) {
                let half = if item.granted.is_empty() { Half::Whole } else { Half::Early };
                entries.push(self.entry(tx, *id, item, half, &labels, &before)?);
            }
            before.insert(*id);
        }
        for (id, item) in ordered.iter().filter_map(|id| Some((id, self.items.get(id)?))) {
            if !item.granted.is_empty() {
                entries.push(self.entry(tx, *id, item, Half::Late, &labels, &before)?);
            }
        }
        let metadata = map([("name", Yaml::from(name))]);
        let file =
            map([("version", Yaml::from(1)), ("metadata", metadata), ("entries", Yaml::Sequence(entries))]);
        serde_yaml_ng::to_string(&file).map_err(|error| wrong(&error.to_string()))
    }

    /// Everything after what it refers to, as far as there is no circle.
    fn order_by_need(&self) -> Vec<RawId> {
        let (mut done, mut seen) = (Vec::new(), HashSet::new());
        for id in &self.order {
            self.place(*id, &mut seen, &mut done);
        }
        done
    }

    fn place(&self, id: RawId, seen: &mut HashSet<RawId>, done: &mut Vec<RawId>) {
        let Some(item) = self.items.get(&id) else { return };
        if !seen.insert(id) {
            return;
        }
        for edge in &item.edges {
            self.place(edge.id, seen, done);
        }
        done.push(id);
    }

    fn entry(
        &self,
        tx: &mut Tx<'_>,
        id: RawId,
        item: &Item,
        half: Half,
        labels: &HashMap<RawId, String>,
        before: &HashSet<RawId>,
    ) -> Result<Yaml, Fault> {
        let resource = self.registry.get(item.model).map_err(fault)?;
        let mut edges = HashMap::new();
        for edge in &item.edges {
            let link = match labels.get(&edge.id).filter(|_| before.contains(&edge.id)) {
                Some(label) => tagged("KeyOf", Yaml::from(label.as_str())),
                None => self.found(tx, edge)?,
            };
            edges.insert(edge.path.clone(), link);
        }
        for edge in &item.granted {
            if let Some(label) = labels.get(&edge.id) {
                edges.insert(edge.path.clone(), tagged("KeyOf", Yaml::from(label.as_str())));
            }
        }
        let grants = |name: &str| {
            item.granted.iter().any(|edge| edge.path.split('.').next().is_some_and(|head| head == name))
        };
        let outside = |path: &str| {
            let is_outside = |edge: &&Reference| edge.path == path && !labels.contains_key(&edge.id);
            item.granted.iter().find(is_outside)
        };
        let (mut identifiers, mut attrs) = (Mapping::new(), Mapping::new());
        for (name, value) in &item.document {
            let identifying = resource.identified_by().contains(&name.as_str());
            let field = resource.descriptor().field(name);
            let is_default =
                field.is_some_and(|field| field.default.as_ref() == Some(value)) || value.is_null();
            if identifying && !value.is_null() {
                identifiers.insert(Yaml::from(name.as_str()), yaml(value, name, &edges));
            } else if !is_default && (half == Half::Whole || grants(name) == (half == Half::Late)) {
                let mut value = yaml(value, name, &edges);
                if let (Yaml::Sequence(rows), true) = (&mut value, half == Half::Late) {
                    let mut kept = Vec::with_capacity(rows.len());
                    for (number, row) in rows.drain(..).enumerate() {
                        match outside(&format!("{name}.{number}.object")) {
                            Some(edge) => kept.extend(self.on_what_is_outside(tx, row, edge)?),
                            None => kept.push(row),
                        }
                    }
                    *rows = kept;
                }
                attrs.insert(Yaml::from(name.as_str()), value);
            }
        }
        let mut entry = vec![("model", Yaml::from(item.model))];
        if let Some(label) = labels.get(&id).filter(|_| half != Half::Late) {
            entry.push(("id", Yaml::from(label.as_str())));
        }
        if half == Half::Early {
            entry.push(("state", Yaml::from("created")));
        }
        entry.push(("identifiers", Yaml::Mapping(identifiers)));
        if !attrs.is_empty() {
            entry.push(("attrs", Yaml::Mapping(attrs)));
        }
        Ok(map(entry))
    }

    /// A permission on an object that is not in the file: nothing where the object is not there; none when nothing tells
    /// the object from others.
    fn on_what_is_outside(
        &self,
        tx: &mut Tx<'_>,
        row: Yaml,
        edge: &Reference,
    ) -> Result<Option<Yaml>, Fault> {
        let (Yaml::Mapping(mut row), found @ Yaml::Tagged(_)) = (row, self.found(tx, edge)?) else {
            return Ok(None);
        };
        row.insert(Yaml::from("object"), found.clone());
        Ok(Some(tagged("If", Yaml::Sequence(vec![found, Yaml::Mapping(row), Yaml::Null]))))
    }

    /// `!Find` by what identifies an object that is not in the file.
    fn found(&self, tx: &mut Tx<'_>, edge: &Reference) -> Result<Yaml, Fault> {
        let Some((model, identifiers)) = self.identifying(tx, edge)? else { return Ok(Yaml::Null) };
        let pairs =
            identifiers.into_iter().map(|(name, value)| Yaml::Sequence(vec![Yaml::from(name), value]));
        Ok(tagged("Find", Yaml::Sequence(std::iter::once(Yaml::from(model)).chain(pairs).collect())))
    }

    /// The model of what is referred to, and what tells it from others of its kind.
    #[expect(clippy::type_complexity, reason = "a pair that is taken apart at once")]
    fn identifying(
        &self,
        tx: &mut Tx<'_>,
        edge: &Reference,
    ) -> Result<Option<(&'static str, Vec<(&'static str, Yaml)>)>, Fault> {
        let Some((model, document)) = self.registry.read_any(tx, &edge.target, edge.id).map_err(fault)?
        else {
            return Ok(None);
        };
        let resource = self.registry.get(model).map_err(fault)?;
        let said = |name: &&'static str| {
            let value = document.get(*name).filter(|value| !value.is_null())?;
            Some((*name, yaml(value, name, &HashMap::new())))
        };
        let identifiers: Vec<_> = resource.identified_by().iter().filter_map(said).collect();
        Ok((!identifiers.is_empty()).then_some((model, identifiers)))
    }
}

/// A value with its references replaced.
fn yaml(value: &Value, path: &str, edges: &HashMap<String, Yaml>) -> Yaml {
    if let Some(link) = edges.get(path) {
        return link.clone();
    }
    match value {
        Value::Null => Yaml::Null,
        Value::Bool(value) => Yaml::from(*value),
        Value::Number(number) => match (number.as_i64(), number.as_u64(), number.as_f64()) {
            (Some(number), _, _) => Yaml::from(number),
            (None, Some(number), _) => Yaml::from(number),
            (None, None, number) => number.map_or(Yaml::Null, Yaml::from),
        },
        Value::String(text) => Yaml::from(text.as_str()),
        Value::Array(elements) => {
            let element =
                |(index, element): (usize, &Value)| yaml(element, &format!("{path}.{index}"), edges);
            Yaml::Sequence(elements.iter().enumerate().map(element).collect())
        }
        Value::Object(members) => {
            let mut mapping = Mapping::new();
            for (name, member) in members {
                mapping.insert(Yaml::from(name.as_str()), yaml(member, &format!("{path}.{name}"), edges));
            }
            Yaml::Mapping(mapping)
        }
    }
}

fn tagged(tag: &str, value: Yaml) -> Yaml {
    Yaml::Tagged(Box::new(TaggedValue { tag: Tag::new(tag), value }))
}

fn map<'n>(members: impl IntoIterator<Item = (&'n str, Yaml)>) -> Yaml {
    let mut mapping = Mapping::new();
    for (name, value) in members {
        mapping.insert(Yaml::from(name), value);
    }
    Yaml::Mapping(mapping)
}

fn fault(error: ResourceError) -> Fault {
    match error {
        ResourceError::Store(error) => Fault::Store(error),
        other => wrong(&other.to_string()),
    }
}

fn wrong(message: &str) -> Fault {
    Fault::Blueprint(BlueprintError::Wrong {
        file: "export".to_owned(),
        entry: None,
        problems: vec![Problem::new(message)],
    })
}
