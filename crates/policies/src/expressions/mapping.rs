//! Property mappings: what each kind of them is given beside what every expression has, and what it is to return. The
//! kind says so once; evaluating, trying out, the names beside the editor and the book all go by that.

use std::collections::HashMap;

use countersign_expr::{Value, ValueError};
use countersign_model::Group;
use countersign_resource::ConfigKind;
use countersign_types::JsonObject;
use serde_json::Value as Json;

use super::{Evaluated, Expressions, Source, described::Likeness, group::GroupObject, has};
use crate::{PolicyError, PolicyRequest};

/// A kind of property mapping.
pub trait MappingKind: ConfigKind {
    /// What its expressions are given, and what they are to return.
    const MAPPING: Mapping;
}

/// What the expressions of one kind of property mapping are given, and what they are to return.
#[derive(Clone, Copy, Debug)]
pub struct Mapping {
    /// The names, in the order in which they are explained.
    pub given: &'static [Given],
    /// What counts as a result.
    pub returns: Returns,
}

/// A name that the expressions of a kind have beside those of all. It is `None` where there is no such thing: the
/// group, while a user is told of.
#[derive(Clone, Copy, Debug)]
pub struct Given {
    /// The name.
    pub name: &'static str,
    /// How it is written.
    pub usage: &'static str,
    /// What it is.
    pub shape: Shape,
    topic: &'static str,
}

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// The provider, an object.
    Provider,
    /// A group, an object.
    Group,
    /// The token to be: a dictionary with the list `scope`.
    Token,
    /// An object; one is like this, as JSON.
    Object(&'static str),
    /// A value; one is this, as JSON.
    Value(&'static str),
    /// A dictionary that the expression fills in.
    Filled,
    /// A function. What it is called with is noted.
    Function,
}

/// What counts as the result of a mapping. `None` always does, and says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Returns {
    /// A dictionary.
    Dict,
    /// Text, a number or a truth value, or a list of such.
    Values,
    /// Whatever can be written as JSON.
    Anything,
}

impl Given {
    /// A name of this shape.
    pub const fn new(name: &'static str, usage: &'static str, shape: Shape) -> Self {
        Self { name, usage, shape, topic: name }
    }

    /// The same, explained under another name, because its own means something else elsewhere.
    #[must_use]
    pub const fn explained_as(self, topic: &'static str) -> Self {
        Self { topic, ..self }
    }

    /// Key of its explanation in the catalogues: `expression-given-group-id`.
    pub fn key(&self) -> String {
        format!("expression-given-{}", self.topic.replace('_', "-"))
    }
}

/// Names that several kinds are given.
pub mod given {
    use super::{Given, Shape};

    /// The provider.
    pub const PROVIDER: Given = Given::new("provider", "provider.application.slug", Shape::Provider);
    /// The group that is told of.
    pub const GROUP: Given = Given::new("group", "group.name", Shape::Group);
    /// Whether the other side does not have the object yet.
    pub const CREATING: Given =
        Given::new("creating", "\"new\" if creating else \"known\"", Shape::Value("true"));
    /// What is kept of the object's twin at the other side.
    pub const CONNECTION: Given = Given::new(
        "connection",
        "connection.attributes.get(\"id\") if connection else None",
        Shape::Object("{\"attributes\": {\"id\": \"1234\"}}"),
    );
    /// The source.
    pub const SOURCE: Given = Given::new(
        "source",
        "source.get_user_path()",
        Shape::Object("{\"name\": \"Company\", \"slug\": \"company\", \"realm\": \"EXAMPLE.COM\"}"),
    );
    /// Attributes of the user as mappings before this one made them.
    pub const PROPERTIES: Given = Given::new(
        "properties",
        "properties.get(\"email\")",
        Shape::Value("{\"username\": \"ada\", \"email\": \"ada@example.com\"}"),
    );
    /// What the source calls the group.
    pub const GROUP_ID: Given = Given::new("group_id", "group_id == \"staff\"", Shape::Value("\"staff\""));
    /// What the source knows of the person.
    pub const INFO: Given = Given::new(
        "info",
        "info.get(\"email\")",
        Shape::Value("{\"sub\": \"1234\", \"name\": \"Ada Lovelace\", \"email\": \"ada@example.com\"}"),
    );
}

/// What stands in for objects of the house while a mapping is tried out.
#[derive(Default)]
pub struct Stand {
    /// The provider, as [`Expressions::provider`] makes it.
    pub provider: Option<Value>,
    /// The group.
    pub group: Option<Group>,
    /// The scopes of the token.
    pub scopes: Option<Vec<String>>,
}

impl Mapping {
    /// Whether it is given a name.
    pub fn gives(&self, name: &str) -> bool {
        self.given.iter().any(|given| given.name == name)
    }

    /// The functions among what it is given.
    fn functions(&self) -> impl Iterator<Item = &'static str> {
        self.given.iter().filter(|given| given.shape == Shape::Function).map(|given| given.name)
    }

    /// A context for trying it out, with an example of all that does not come from the house.
    pub fn example(&self) -> JsonObject {
        let examples = self.given.iter().filter_map(|given| match given.shape {
            Shape::Object(example) | Shape::Value(example) => {
                Some((given.name.to_owned(), serde_json::from_str(example).unwrap_or_default()))
            }
            _ => None,
        });
        examples.collect()
    }

    /// What it is given, taken out of a context that somebody wrote to try it out.
    pub fn tried_with(
        &self,
        context: &mut JsonObject,
        mut stand: Stand,
    ) -> Result<Vec<(String, Value)>, ValueError> {
        let mut variables = Vec::new();
        for given in self.given.iter().filter(|given| given.shape != Shape::Function) {
            let written = context.remove(given.name);
            let value = match given.shape {
                Shape::Provider => stand.provider.take().map_or_else(|| object_like(written), Ok),
                Shape::Group => stand
                    .group
                    .take()
                    .map_or_else(|| object_like(written), |group| Ok(GroupObject::of_nobody(group))),
                Shape::Token => match stand.scopes.take() {
                    Some(scopes) => Ok(token(scopes.iter().map(String::as_str))),
                    None => written.map_or_else(|| Ok(token([])), |written| Value::from_json(&written)),
                },
                Shape::Object(_) => object_like(written),
                Shape::Value(_) => Value::from_json(&written.unwrap_or_default()),
                Shape::Filled => Ok(Likeness::filled(match written {
                    Some(Json::Object(members)) => members,
                    _ => JsonObject::new(),
                })),
                Shape::Function => continue,
            };
            variables.push((given.name.to_owned(), value?));
        }
        Ok(variables)
    }
}

impl Expressions {
    /// What the expressions of a kind of property mapping are given and return; none for other kinds.
    pub fn mapping(&self, model: &str) -> Option<Mapping> {
        self.mappings.get(model)
    }

    /// Evaluates a property mapping as its kind says: with the names that it is given, to a result that counts. Of what
    /// is not among `variables`, nor in the context, there is none.
    pub async fn map(
        &self,
        mapping: Mapping,
        source: &Source,
        mut variables: Vec<(String, Value)>,
        request: &PolicyRequest,
    ) -> Result<Evaluated<Json>, PolicyError> {
        let failed = |problem: String| PolicyError::Expression { name: source.name().to_owned(), problem };
        variables.retain(|(name, _)| mapping.gives(name));
        for given in mapping.given.iter().filter(|given| given.shape != Shape::Function) {
            if !has(&variables, given.name) && !request.context.contains_key(given.name) {
                variables.push((given.name.to_owned(), Value::None));
            }
        }
        let functions: Vec<&'static str> = mapping.functions().collect();
        let evaluated = self.evaluate_with(source, variables, &functions, request).await?;
        let value = evaluated.value.to_json().map_err(|error| failed(error.to_string()))?;
        mapping.returns.check(&value).map_err(failed)?;
        Ok(Evaluated { value, messages: evaluated.messages })
    }
}

/// A token to be, as mappings see it.
pub fn token<'s>(scopes: impl IntoIterator<Item = &'s str>) -> Value {
    Value::dict([("scope", Value::list(scopes.into_iter().map(Value::from)))])
}

/// An object like the one that somebody described; other values are what they are.
fn object_like(written: Option<Json>) -> Result<Value, ValueError> {
    match written.unwrap_or_default() {
        Json::Object(members) => Ok(Likeness::object(members)),
        other => Value::from_json(&other),
    }
}

impl Returns {
    /// Whether this is a result; if not, what it is instead.
    fn check(self, value: &Json) -> Result<(), String> {
        let (is_one, wanted) = match self {
            Self::Anything => (true, ""),
            Self::Dict => (value.is_object(), "a dict"),
            Self::Values => (is_plain(value) || are_plain(value), "a value or a list of values"),
        };
        if is_one || value.is_null() {
            return Ok(());
        }
        Err(format!("the mapping returned a {}, not {wanted}", type_name(value)))
    }
}

fn is_plain(value: &Json) -> bool {
    !matches!(value, Json::Object(_) | Json::Array(_))
}

fn are_plain(value: &Json) -> bool {
    value.as_array().is_some_and(|values| values.iter().all(is_plain))
}

/// What Python calls it.
fn type_name(value: &Json) -> &'static str {
    match value {
        Json::Null => "NoneType",
        Json::Bool(_) => "bool",
        Json::Number(number) if number.is_f64() => "float",
        Json::Number(_) => "int",
        Json::String(_) => "str",
        Json::Array(_) => "list",
        Json::Object(_) => "dict",
    }
}

/// The kinds of property mapping that this binary has, by model label.
#[derive(Clone, Default)]
pub struct MappingKinds(HashMap<&'static str, Mapping>);

impl MappingKinds {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a kind.
    #[must_use]
    pub fn with<K: MappingKind>(mut self) -> Self {
        self.0.insert(K::MODEL, K::MAPPING);
        self
    }

    fn get(&self, model: &str) -> Option<Mapping> {
        self.0.get(model).copied()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_result_is_what_the_kind_says() {
        for (returns, value, counts) in [
            (Returns::Dict, json!({ "a": [1] }), true),
            (Returns::Dict, json!(null), true),
            (Returns::Dict, json!("a"), false),
            (Returns::Dict, json!([{ "a": 1 }]), false),
            (Returns::Values, json!(["a", 1, true, null]), true),
            (Returns::Values, json!("a"), true),
            (Returns::Values, json!({ "a": 1 }), false),
            (Returns::Values, json!([["a"]]), false),
            (Returns::Anything, json!([{ "a": ["b"] }]), true),
        ] {
            assert_eq!(returns.check(&value).is_ok(), counts, "{returns:?} {value}");
        }
        assert_eq!(
            Returns::Dict.check(&json!(1.5)),
            Err("the mapping returned a float, not a dict".to_owned())
        );
    }

    #[test]
    fn what_is_given_is_taken_out_of_the_context() {
        let mapping =
            Mapping { given: &[given::PROVIDER, given::SOURCE, given::INFO], returns: Returns::Dict };
        let mut context = mapping.example();
        assert_eq!(context.keys().collect::<Vec<_>>(), ["source", "info"]);
        context.insert("colour".to_owned(), json!("red"));
        let variables = mapping.tried_with(&mut context, Stand::default()).unwrap();
        assert_eq!(context.keys().collect::<Vec<_>>(), ["colour"], "what is no object stays a value");
        let shapes: Vec<_> =
            variables.iter().map(|(name, value)| (name.as_str(), value.type_name())).collect();
        assert_eq!(shapes, [("provider", "NoneType"), ("source", "object"), ("info", "dict")]);
    }
}
