//! The functions with a meaning in the house. Each takes what it needs and asks the store at most once.

use std::sync::Arc;

use countersign_events::EventDraft;
use countersign_expr::{Host, HostError, HostObject, Value};
use countersign_model::{EventAction, Subject, User, UserId};
use countersign_store::users::{self, UserFilter};
use countersign_types::PageRequest;

use super::{
    arguments::Arguments,
    conditions::{Condition, Lookup},
    directory, group, letters, outside,
    present::absorb,
    tokens,
    user::{USER_TYPE, UserObject, field},
    world::{World, unavailable},
};
use crate::{PolicyResult, happening::draft_within};

/// Users looked at in one search: many may share an address.
const CANDIDATES: u32 = 20;
/// Fields by which a user can be looked up, and those that may narrow the search.
const KEYS: &str = "username, email, pk, uuid";
const FIELDS: &[&str] = &["username", "email", "pk", "id", "uuid", "name", "is_active", "type", "path"];

/// Their names.
pub(super) const FUNCTIONS: &[&str] = &[
    "ak_message",
    "ak_is_group_member",
    "ak_user_by",
    "ak_user_has_authenticator",
    "ak_call_policy",
    "ak_create_event",
    "ak_create_jwt",
    "ak_create_jwt_raw",
    "ak_send_email",
];
/// Functions that the prelude of expressions is made of: bodies cannot name them.
const INNER: &[&str] = &["_cs_model", "_cs_random_uuid"];
/// Characters in the name of an event.
const MAX_ACTION: usize = 64;

/// The functions of one evaluation.
pub(super) struct Functions {
    world: Arc<World>,
    /// Functions of which it is noted what they are called with.
    noted: Vec<&'static str>,
}

impl Functions {
    pub(super) fn new(world: Arc<World>, noted: &[&'static str]) -> Self {
        Self { world, noted: noted.to_vec() }
    }

    /// Notes a call.
    fn note(
        &self,
        function: &str,
        args: Vec<Value>,
        kwargs: Vec<(String, Value)>,
    ) -> Result<Value, HostError> {
        let placed = args.into_iter().enumerate().map(|(place, value)| (place.to_string(), value));
        self.world.note(function, placed.chain(kwargs).collect())?;
        Ok(Value::None)
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
                self.world.subject(id.ok_or_else(wrong)?)
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
        let read = self.world.waiting()?.read_blocking(move |tx| users::list(tx, &filter, &page));
        let mut found = read.map_err(|error| unavailable(&error))?.items;
        found.sort_by_key(|user| user.pk);
        let meets = |user: &&User| {
            conditions
                .iter()
                .all(|condition| field(user, &condition.field).is_some_and(|actual| condition.holds(&actual)))
        };
        let Some(id) = found.iter().find(meets).map(|user| user.id) else { return Ok(Value::None) };
        let subject = self.world.subject(id)?;
        Ok(subject.map_or(Value::None, |subject| Value::object(UserObject::known(&self.world, subject))))
    }
}

impl Functions {
    /// Whether a user has a device that proves who he is, of one kind or of any.
    fn has_authenticator(&self, mut arguments: Arguments<'_>) -> Result<Value, HostError> {
        let user = arguments.required("user")?;
        let kind = arguments.take("device_type").unwrap_or_default();
        arguments.finish()?;
        let Some(subject) = self.member(&user)? else { return Ok(Value::Bool(false)) };
        let wanted = kind.as_str().map(str::to_lowercase);
        let id = subject.user.id;
        for (name, has) in &self.world.reach.devices {
            if wanted.as_deref().is_none_or(|wanted| wanted == *name) {
                let has = *has;
                let found = self.world.waiting()?.read_blocking(move |tx| has(tx, id));
                if found.map_err(|error| unavailable(&error))? {
                    return Ok(Value::Bool(true));
                }
            }
        }
        Ok(Value::Bool(false))
    }

    fn call_policy(&self, mut arguments: Arguments<'_>) -> Result<Value, HostError> {
        let name = arguments.text("name")?;
        let more = arguments.rest()?;
        let more = more.into_iter().map(|(name, value)| Ok((name, absorb(&value, true)?)));
        let result = self.world.ask(&name, more.collect::<Result<_, HostError>>()?)?;
        Ok(Value::object(ResultObject(result)))
    }

    fn create_event(&self, mut arguments: Arguments<'_>) -> Result<Value, HostError> {
        let action: String = arguments.text("action")?.chars().take(MAX_ACTION).collect();
        let draft = EventDraft::new(EventAction::Custom, "countersign.policies");
        let mut draft = draft_within(&self.world.context(), draft)
            .from(self.world.facts.client)
            .through(self.world.facts.impersonator.as_ref())
            .with("name", action)
            .with("request_id", self.world.facts.request_id.as_str());
        if let Some(subject) = &self.world.user {
            draft = draft.by(&subject.user);
        }
        for (name, value) in arguments.rest()? {
            draft = draft.with(&name, absorb(&value, false)?);
        }
        self.world.afterwards.tell(draft)?;
        Ok(Value::None)
    }

    /// A token for the one whom the request is about, and nobody else: who may write expressions is not thereby
    /// everybody.
    fn create_jwt(&self, mut arguments: Arguments<'_>) -> Result<Value, HostError> {
        let user = arguments.required("user")?;
        let order = tokens::About::read(arguments)?;
        let subject = self.member(&user)?;
        let own = self.world.user.as_ref().map(|subject| subject.user.id);
        let subject = subject.filter(|subject| Some(subject.user.id) == own && subject.user.is_active);
        let subject = subject.ok_or_else(|| {
            HostError::Denied("tokens are made for the user of the request only".to_owned())
        })?;
        order.made(&self.world, &subject)
    }

    fn create_jwt_raw(&self, arguments: Arguments<'_>) -> Result<Value, HostError> {
        tokens::Raw::read(arguments)?.made(&self.world)
    }

    fn random_uuid(&self) -> Value {
        Value::Str(countersign_types::random_uuid(self.world.rng()).simple().to_string())
    }
}

/// What another policy said.
struct ResultObject(PolicyResult);

/// Name of the class.
pub(crate) const RESULT_TYPE: &str = "PolicyResult";

impl HostObject for ResultObject {
    fn type_name(&self) -> &str {
        RESULT_TYPE
    }

    fn attr(&self, name: &str) -> Result<Option<Value>, HostError> {
        Ok(Some(match name {
            "passing" => Value::Bool(self.0.passing),
            "messages" => Value::list(self.0.messages.iter().map(|message| message.as_str().into())),
            _ => return Ok(None),
        }))
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
            || outside::FUNCTIONS.contains(&function)
            || INNER.contains(&function)
            || self.noted.contains(&function)
    }

    fn waits(&self, function: &str) -> bool {
        outside::FUNCTIONS.contains(&function)
    }

    fn call(
        &mut self,
        function: &str,
        args: Vec<Value>,
        kwargs: Vec<(String, Value)>,
    ) -> Result<Value, HostError> {
        if self.noted.contains(&function) {
            return self.note(function, args, kwargs);
        }
        let mut arguments = Arguments::new(function, args, kwargs);
        match function {
            "ak_message" => {
                let message = arguments.text("message")?;
                arguments.finish()?;
                self.world.say(&message);
                Ok(Value::None)
            }
            "ak_is_group_member" => self.is_group_member(arguments),
            "ak_user_by" => self.user_by(arguments),
            "ak_user_has_authenticator" => self.has_authenticator(arguments),
            "ak_call_policy" => self.call_policy(arguments),
            "ak_create_event" => self.create_event(arguments),
            "ak_create_jwt" => self.create_jwt(arguments),
            "ak_create_jwt_raw" => self.create_jwt_raw(arguments),
            "ak_send_email" => letters::send(&self.world, arguments),
            "_cs_model" => directory::model(&self.world, &arguments.text("name")?),
            "_cs_random_uuid" => Ok(self.random_uuid()),
            waiting if outside::FUNCTIONS.contains(&waiting) => {
                self.world.waiting()?;
                outside::call(&self.world.reach, waiting, arguments)
            }
            _ => Err(HostError::Type(format!("there is no function '{function}'"))),
        }
    }
}
