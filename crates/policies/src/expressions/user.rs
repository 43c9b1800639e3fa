//! Users as expressions see them. What is not named here does not exist for them: no password hash above all.

use std::sync::{Arc, OnceLock};

use countersign_expr::{HostError, HostObject, Value};
use countersign_model::{Subject, User, UserId};

use super::{
    arguments::Arguments,
    group::{GroupSet, all_groups, json_dict, merged_attributes},
    world::World,
};

/// Name of the class of accounts.
pub(super) const USER_TYPE: &str = "User";
/// Name of the class of nobody.
const ANONYMOUS_TYPE: &str = "AnonymousUser";

/// A user, or nobody.
pub(super) struct UserObject {
    world: Arc<World>,
    who: Who,
}

enum Who {
    Known(Arc<Subject>),
    /// Read when first looked at.
    Named {
        id: UserId,
        found: OnceLock<Arc<Subject>>,
    },
    /// No account; perhaps with the name that was typed.
    Nobody {
        typed: String,
    },
}

impl UserObject {
    pub(super) fn known(world: &Arc<World>, subject: Arc<Subject>) -> Self {
        Self { world: Arc::clone(world), who: Who::Known(subject) }
    }

    pub(super) fn named(world: &Arc<World>, id: UserId) -> Self {
        Self { world: Arc::clone(world), who: Who::Named { id, found: OnceLock::new() } }
    }

    pub(super) fn pretended(world: &Arc<World>, typed: &str) -> Self {
        Self { world: Arc::clone(world), who: Who::Nobody { typed: typed.to_owned() } }
    }

    /// The user of the request, or an anonymous one.
    pub(super) fn of_request(world: &Arc<World>) -> Self {
        match &world.user {
            Some(subject) => Self::known(world, Arc::clone(subject)),
            None => Self::pretended(world, ""),
        }
    }

    /// The account; none for nobody.
    fn subject(&self) -> Result<Option<&Arc<Subject>>, HostError> {
        match &self.who {
            Who::Known(subject) => Ok(Some(subject)),
            Who::Nobody { .. } => Ok(None),
            Who::Named { id, found } => {
                if let Some(subject) = found.get() {
                    return Ok(Some(subject));
                }
                let subject = self.world.subject(*id)?;
                let subject = subject.ok_or_else(|| HostError::Value("the user is gone".to_owned()))?;
                Ok(Some(found.get_or_init(|| subject)))
            }
        }
    }

    fn nobodys(typed: &str, name: &str) -> Option<Value> {
        Some(match name {
            "username" => typed.into(),
            "name" | "email" | "uuid" | "uid" | "path" | "type" => "".into(),
            "pk" | "id" => Value::Int(0),
            "is_active" | "is_superuser" | "is_authenticated" => Value::Bool(false),
            "is_anonymous" => Value::Bool(true),
            "attributes" => Value::Dict(Default::default()),
            "date_joined" | "last_login" | "last_updated" | "password_change_date" => Value::None,
            "groups" | "ak_groups" => NoGroups::value(),
            _ => return None,
        })
    }

    fn accounts(&self, subject: &Arc<Subject>, name: &str) -> Result<Option<Value>, HostError> {
        let user = &subject.user;
        Ok(Some(match name {
            "is_superuser" => subject.is_superuser().into(),
            "is_authenticated" => Value::Bool(true),
            "is_anonymous" => Value::Bool(false),
            "attributes" => json_dict(&user.attributes)?,
            "groups" | "ak_groups" => GroupSet::direct(subject),
            "uid" => uid(user, &self.world.snapshot.install_id().to_string()).into(),
            "avatar" => {
                self.world.reach.registry.as_ref().map_or_else(String::new, |all| all.picture(user)).into()
            }
            // The password itself nobody knows. Who hands one on to another system hands on one that nobody knows either.
            "password" => unguessable(&self.world).into(),
            "backend" => return Ok(self.world.backend_of(user.id).map(Value::from)),
            _ => return Ok(field(user, name)),
        }))
    }
}

/// A text that nobody can guess, another every time.
fn unguessable(world: &World) -> String {
    let (text, _) = countersign_crypto::new_token(world.rng());
    text.expose().clone()
}

/// Fields of the account itself, by which it can also be chosen.
pub(super) fn field(user: &User, name: &str) -> Option<Value> {
    Some(match name {
        "username" => user.username.as_str().into(),
        "name" => user.name.as_str().into(),
        "email" => user.email.as_str().into(),
        "pk" | "id" => user.pk.into(),
        "uuid" => user.id.to_string().into(),
        "is_active" => user.is_active.into(),
        "type" => user.user_type.as_str().into(),
        "path" => user.path.as_str().into(),
        "date_joined" => user.date_joined.into(),
        "last_login" => user.last_login.into(),
        "last_updated" => user.last_updated.into(),
        "password_change_date" => user.password_change_date.into(),
        _ => return None,
    })
}

/// A stable name of the user that tells nothing: SHA-256, hexadecimal, of integer key and installation.
pub fn uid(user: &User, install_id: &str) -> String {
    countersign_crypto::digest_hex(&format!("{}-{install_id}", user.pk))
}

impl HostObject for UserObject {
    fn type_name(&self) -> &str {
        match self.who {
            Who::Known(_) | Who::Named { .. } => USER_TYPE,
            Who::Nobody { .. } => ANONYMOUS_TYPE,
        }
    }

    fn identity(&self) -> Option<String> {
        Some(match &self.who {
            Who::Known(subject) => subject.user.id.to_string(),
            Who::Named { id, .. } => id.to_string(),
            Who::Nobody { typed } => typed.clone(),
        })
    }

    fn eager(&self) -> Vec<(&'static str, Value)> {
        match &self.who {
            Who::Known(subject) => {
                let user = &subject.user;
                vec![
                    ("username", user.username.as_str().into()),
                    ("name", user.name.as_str().into()),
                    ("email", user.email.as_str().into()),
                    ("pk", user.pk.into()),
                ]
            }
            Who::Named { .. } | Who::Nobody { .. } => Vec::new(),
        }
    }

    fn attr(&self, name: &str) -> Result<Option<Value>, HostError> {
        match (self.subject()?, &self.who) {
            (Some(subject), _) => self.accounts(subject, name),
            (None, Who::Nobody { typed }) => Ok(Self::nobodys(typed, name)),
            (None, _) => Ok(None),
        }
    }

    fn call(&self, method: &str, args: Vec<Value>, kwargs: Vec<(String, Value)>) -> Result<Value, HostError> {
        let mut arguments = Arguments::new(method, args, kwargs);
        let subject = self.subject()?;
        let value = match method {
            "has_usable_password" => {
                Value::Bool(subject.is_some_and(|subject| subject.user.password.is_some()))
            }
            "all_groups" => subject.map_or_else(|| Value::list([]), all_groups),
            // Both take the request, which they do not need.
            "group_attributes" => {
                arguments.take("request");
                match subject {
                    Some(subject) => json_dict(&merged_attributes(subject))?,
                    None => Value::Dict(Default::default()),
                }
            }
            // There is no kind of entitlement that anybody could hold.
            "app_entitlements" => {
                arguments.take("app");
                Value::list([])
            }
            "locale" => {
                arguments.take("request");
                let chosen = subject.and_then(|subject| subject.user.locale());
                chosen.unwrap_or(&self.world.facts.locale).into()
            }
            _ => return Err(HostError::NoSuchMethod(method.to_owned())),
        };
        arguments.finish()?;
        Ok(value)
    }
}

/// The groups of nobody.
struct NoGroups;

impl NoGroups {
    fn value() -> Value {
        Value::object(Self)
    }
}

impl HostObject for NoGroups {
    fn type_name(&self) -> &str {
        "Groups"
    }

    fn attr(&self, _: &str) -> Result<Option<Value>, HostError> {
        Ok(None)
    }

    fn call(&self, method: &str, _: Vec<Value>, _: Vec<(String, Value)>) -> Result<Value, HostError> {
        Ok(match method {
            "all" => Value::list([]),
            "filter" | "exclude" => Self::value(),
            "first" => Value::None,
            "exists" => Value::Bool(false),
            "count" => Value::Int(0),
            _ => return Err(HostError::NoSuchMethod(method.to_owned())),
        })
    }
}
