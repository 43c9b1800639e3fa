//! The functions with a meaning in the house. Each takes what it needs and asks the store at most once.

use std::sync::Arc;

use countersign_expr::{Host, HostError, Value};
use countersign_model::{Subject, User, UserId};
use countersign_store::users::{self, UserFilter};
use countersign_types::PageRequest;

use super::{
    arguments::Arguments,
    conditions::{Condition, Lookup},
    group,
    user::{USER_TYPE, UserObject, field},
    world::{World, unavailable},
};

/// Users looked at in one search: many may share an address.
const CANDIDATES: u32 = 20;
/// Fields by which a user can be looked up, and those that may narrow the search.
const KEYS: &str = "username, email, pk, uuid";
const FIELDS: &[&str] = &["username", "email", "pk", "id", "uuid", "name", "is_active", "type", "path"];

/// Their names.
pub(super) const FUNCTIONS: &[&str] = &["ak_message", "ak_is_group_member", "ak_user_by"];

/// The functions of one evaluation.
pub(super) struct Functions(Arc<World>);

impl Functions {
    pub(super) const fn new(world: Arc<World>) -> Self {
        Self(world)
    }

    /// Whether somebody belongs to a group, directly or through a descendant of it. Nobody belongs to none.
    fn is_group_member(&self, mut arguments: Arguments<'_>) -> Result<Value, HostError> {
        let user = arguments.required("user")?;
        let conditions = arguments.conditions()?;
        let member = self.member(&user)?;
        Ok(Value::Bool(match member {
            Some(subject) => group::is_member(&subject, conditions)?,
            None => false,
        }))
    }

    fn member(&self, user: &Value) -> Result<Option<Arc<Subject>>, HostError> {
        let wrong = || HostError::Type(format!("a user is needed, not {}", user.type_name()));
        let object = user.as_object().ok_or_else(wrong)?;
        match object.type_name() {
            USER_TYPE => {
                let id: Option<UserId> = object.identity().and_then(|id| id.parse().ok());
                self.0.subject(id.ok_or_else(wrong)?)
            }
            "AnonymousUser" => Ok(None),
            _ => Err(wrong()),
        }
    }

    /// The first user that meets all conditions, or `None`.
    fn user_by(&self, arguments: Arguments<'_>) -> Result<Value, HostError> {
        let conditions = Condition::read(arguments.conditions()?, FIELDS)?;
        let filter = search(&conditions)?;
        let page = PageRequest::first(CANDIDATES);
        let read = self.0.store().read_blocking(move |tx| users::list(tx, &filter, &page));
        let mut found = read.map_err(|error| unavailable(&error))?.items;
        found.sort_by_key(|user| user.pk);
        let meets = |user: &&User| {
            conditions
                .iter()
                .all(|condition| field(user, &condition.field).is_some_and(|actual| condition.holds(&actual)))
        };
        let Some(id) = found.iter().find(meets).map(|user| user.id) else { return Ok(Value::None) };
        let subject = self.0.subject(id)?;
        Ok(subject.map_or(Value::None, |subject| Value::object(UserObject::known(&self.0, subject))))
    }
}

/// What of the conditions the store can search by: at least one key. The rest is checked afterwards.
fn search(conditions: &[Condition]) -> Result<UserFilter, HostError> {
    let mut filter = UserFilter::default();
    let exact = |condition: &&Condition| matches!(condition.lookup, Lookup::Exact | Lookup::IExact);
    for Condition { field, wanted, .. } in conditions.iter().filter(exact) {
        // An empty text is no key: everybody without an address would have it.
        let text = wanted.as_str().filter(|text| !text.is_empty());
        match field.as_str() {
            "username" => filter.username = text.map(str::to_owned),
            "email" => filter.email = text.map(str::to_owned),
            "uuid" => filter.id = text.and_then(|text| text.parse().ok()),
            "pk" | "id" => {
                filter.pk = match wanted {
                    Value::Int(pk) => Some(*pk),
                    _ => text.and_then(|text| text.parse().ok()),
                };
            }
            _ => {}
        }
    }
    let keyed =
        filter.username.is_some() || filter.email.is_some() || filter.id.is_some() || filter.pk.is_some();
    if keyed {
        Ok(filter)
    } else {
        Err(HostError::Type(format!("ak_user_by() needs one of {KEYS}, as it is or with __iexact")))
    }
}

impl Host for Functions {
    fn provides(&self, function: &str) -> bool {
        FUNCTIONS.contains(&function)
    }

    fn call(
        &mut self,
        function: &str,
        args: Vec<Value>,
        kwargs: Vec<(String, Value)>,
    ) -> Result<Value, HostError> {
        let mut arguments = Arguments::new(function, args, kwargs);
        match function {
            "ak_message" => {
                let message = arguments.text("message")?;
                arguments.finish()?;
                self.0.say(&message);
                Ok(Value::None)
            }
            "ak_is_group_member" => self.is_group_member(arguments),
            "ak_user_by" => self.user_by(arguments),
            _ => Err(HostError::Type(format!("there is no function '{function}'"))),
        }
    }
}
