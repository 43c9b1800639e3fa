//! The functions with a meaning in the house. Each takes what it needs and asks the store at most once.

use std::sync::Arc;

use countersign_expr::{Host, HostError, Value};
use countersign_model::{Subject, User, UserId};
use countersign_store::{StoreError, users};

use super::{
    arguments::Arguments,
    conditions::{Condition, Lookup},
    group,
    user::{USER_TYPE, UserObject, field},
    world::{World, unavailable},
};

/// Fields by which a user can be looked up, and those that may narrow the search.
const KEYS: &str = "username, email, pk, uuid";
const FIELDS: &[&str] = &["username", "email", "pk", "id", "uuid", "name", "is_active", "type", "path"];

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
        let key = conditions.iter().find_map(Key::of).ok_or_else(|| {
            HostError::Type(format!("ak_user_by() needs one of {KEYS}, as it is or with __iexact"))
        })?;
        let found = self.candidates(key)?;
        let meets = |user: &&User| {
            conditions
                .iter()
                .all(|condition| field(user, &condition.field).is_some_and(|actual| condition.holds(&actual)))
        };
        let Some(id) = found.iter().find(meets).map(|user| user.id) else { return Ok(Value::None) };
        let subject = self.0.subject(id)?;
        Ok(subject.map_or(Value::None, |subject| Value::object(UserObject::known(&self.0, subject))))
    }

    /// Users found by a key, by the time they joined.
    fn candidates(&self, key: Key) -> Result<Vec<User>, HostError> {
        let read = self.0.store().read_blocking(move |tx| {
            let one = |user: Option<User>| Ok::<_, StoreError>(user.into_iter().collect());
            match &key {
                Key::Username(name) => one(users::by_username(tx, name)?),
                Key::Email(email) => users::by_email(tx, email),
                Key::Pk(pk) => one(users::by_pk(tx, *pk)?),
                Key::Id(id) => one(users::by_id(tx, *id)?),
            }
        });
        read.map_err(unavailable)
    }
}

/// What the store can look a user up by.
#[derive(Clone)]
enum Key {
    Username(String),
    Email(String),
    Pk(i64),
    Id(UserId),
}

impl Key {
    fn of(condition: &Condition) -> Option<Self> {
        if !matches!(condition.lookup, Lookup::Exact | Lookup::IExact) {
            return None;
        }
        let text = condition.wanted.as_str();
        match condition.field.as_str() {
            "username" => text.map(|text| Self::Username(text.to_owned())),
            // An empty address is no key: it would be the key of everybody without one.
            "email" => text.filter(|text| !text.is_empty()).map(|text| Self::Email(text.to_owned())),
            "uuid" => text.and_then(|text| text.parse().ok()).map(Self::Id),
            "pk" | "id" => match &condition.wanted {
                Value::Int(pk) => Some(Self::Pk(*pk)),
                wanted => wanted.as_str().and_then(|text| text.parse().ok()).map(Self::Pk),
            },
            _ => None,
        }
    }
}

impl Host for Functions {
    fn provides(&self, function: &str) -> bool {
        matches!(function, "ak_message" | "ak_is_group_member" | "ak_user_by")
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
