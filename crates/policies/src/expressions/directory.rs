//! `User.objects` and `Group.objects`, as expressions import them from `authentik.core.models`.
//!
//! The database answers what it has indexes for; the rest is looked at here, among so many at most. Where more would have
//! to be looked through, the expression is told so: it never gets an answer about a part of the house.

use std::sync::Arc;

use countersign_expr::{HostError, HostObject, Value};
use countersign_model::{Group, User};
use countersign_store::{
    groups,
    users::{self, UserFilter},
};
use countersign_types::PageRequest;
use serde_json::Value as Json;

use super::{
    arguments::Arguments,
    conditions::{Condition, Lookup},
    flow_objects,
    group::{self, GroupObject},
    queries::QuerySet,
    user::{UserObject, field},
    world::{World, unavailable},
};

/// Rows that are looked at for one question.
const LOOKED_AT: u32 = 500;
/// Fields of users that conditions may name.
const USER_FIELDS: &[&str] =
    &["username", "email", "pk", "id", "uuid", "name", "is_active", "type", "path", "attributes"];
/// The same of groups.
const GROUP_FIELDS: &[&str] = &["name", "pk", "uuid", "group_uuid", "is_superuser", "attributes"];

/// `User`, `Group` or `Flow`.
pub(super) fn model(world: &Arc<World>, name: &str) -> Result<Value, HostError> {
    let model = match name {
        "User" => Model::User,
        "Group" => Model::Group,
        "Flow" => return Ok(flow_objects::model(world)),
        _ => return Err(HostError::Attribute(format!("there is no model {name}"))),
    };
    Ok(Value::object(Class { world: Arc::clone(world), model }))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Model {
    User,
    Group,
}

impl Model {
    const fn fields(self) -> &'static [&'static str] {
        match self {
            Self::User => USER_FIELDS,
            Self::Group => GROUP_FIELDS,
        }
    }
}

/// The class, which only leads to its objects.
struct Class {
    world: Arc<World>,
    model: Model,
}

impl HostObject for Class {
    fn type_name(&self) -> &str {
        "ModelBase"
    }

    fn attr(&self, name: &str) -> Result<Option<Value>, HostError> {
        Ok((name == "objects").then(|| {
            let (world, model) = (Arc::clone(&self.world), self.model);
            Query { world, model, must: Vec::new(), must_not: Vec::new() }.into_value()
        }))
    }
}

/// `User.objects`, and what `filter` and `exclude` make of it.
struct Query {
    world: Arc<World>,
    model: Model,
    must: Vec<Arc<Condition>>,
    /// None of these groups of conditions holds as a whole.
    must_not: Vec<Arc<Vec<Condition>>>,
}

/// Those who were found.
enum Found {
    Users(Vec<User>),
    Groups(Vec<Group>),
}

impl Query {
    fn found(&self) -> Result<Found, HostError> {
        let page = PageRequest::first(LOOKED_AT);
        let read = match self.model {
            Model::User => {
                let filter = user_filter(&self.must);
                let read = self.world.waiting()?.read_blocking(move |tx| users::list(tx, &filter, &page));
                read.map(|page| (Found::Users(page.items), page.next))
            }
            Model::Group => {
                let read = self.world.waiting()?.read_blocking(move |tx| groups::list(tx, None, &page));
                read.map(|page| (Found::Groups(page.items), page.next))
            }
        };
        let (found, next) = read.map_err(|error| unavailable(&error))?;
        if next.is_some() {
            return Err(HostError::Value(format!(
                "more than {LOOKED_AT} would have to be looked through: filter by username, email, pk or uuid"
            )));
        }
        Ok(match found {
            Found::Users(mut users) => {
                users.retain(|user| self.keeps(|name| field(user, name), &user.attributes));
                users.sort_by_key(|user| user.pk);
                Found::Users(users)
            }
            Found::Groups(mut groups) => {
                groups.retain(|group| self.keeps(|name| group::field(group, name), &group.attributes));
                Found::Groups(groups)
            }
        })
    }

    fn keeps(
        &self,
        field: impl Fn(&str) -> Option<Value>,
        attributes: &countersign_types::JsonObject,
    ) -> bool {
        let holds = |condition: &Condition| match condition.below() {
            Some(path) => condition.holds(&attribute(attributes, path)),
            None => field(&condition.field).is_some_and(|actual| condition.holds(&actual)),
        };
        self.must.iter().all(|condition| holds(condition))
            && !self.must_not.iter().any(|conditions| conditions.iter().all(holds))
    }
}

impl QuerySet for Query {
    fn narrowed(&self, arguments: Arguments<'_>, keep: bool) -> Result<Self, HostError> {
        let conditions = Condition::read(arguments.conditions()?, self.model.fields())?;
        let (mut must, mut must_not) = (self.must.clone(), self.must_not.clone());
        if keep {
            must.extend(conditions.into_iter().map(Arc::new));
        } else {
            must_not.push(Arc::new(conditions));
        }
        Ok(Self { world: Arc::clone(&self.world), model: self.model, must, must_not })
    }

    fn objects(&self) -> Result<Vec<Value>, HostError> {
        Ok(match self.found()? {
            Found::Users(users) => {
                users.into_iter().map(|user| Value::object(UserObject::named(&self.world, user.id))).collect()
            }
            Found::Groups(groups) => groups.into_iter().map(GroupObject::of_nobody).collect(),
        })
    }
}

/// An attribute of an object; `None` where it has none.
fn attribute(attributes: &countersign_types::JsonObject, path: &[String]) -> Value {
    let mut steps = path.iter();
    let mut found = steps.next().and_then(|first| attributes.get(first));
    for step in steps {
        found = found.and_then(|value: &Json| value.get(step));
    }
    found.and_then(|value| Value::from_json(value).ok()).unwrap_or_default()
}

/// What of the conditions the database answers. The rest is looked at afterwards, and these once more.
fn user_filter(conditions: &[Arc<Condition>]) -> UserFilter {
    let mut filter = UserFilter::default();
    for condition in conditions {
        let Condition { field, lookup, wanted, .. } = &**condition;
        let text = wanted.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        let is_exact = *lookup == Lookup::Exact;
        match field.as_str() {
            "username" if is_exact || *lookup == Lookup::IExact => filter.username = text,
            "email" if is_exact || *lookup == Lookup::IExact => filter.email = text,
            "uuid" if is_exact => filter.id = text.and_then(|text| text.parse().ok()),
            "pk" | "id" if is_exact => {
                filter.pk = match wanted {
                    Value::Int(pk) => Some(*pk),
                    _ => text.and_then(|text| text.parse().ok()),
                };
            }
            "name" if is_exact => filter.name = text,
            "path" if is_exact => filter.exact_path = text,
            "is_active" if is_exact => {
                filter.is_active = match wanted {
                    Value::Bool(active) => Some(*active),
                    _ => None,
                };
            }
            _ => {}
        }
    }
    filter
}
