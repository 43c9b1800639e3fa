//! What an expression may reach: functions of the host and objects of the host. There is no other door.

use thiserror::Error;

use crate::Value;

/// Functions the host offers by name, such as `ak_message`. One host serves one evaluation.
///
/// Calls happen on a thread of the evaluator and may block, for a read of the store say. The time they take
/// counts against [`Limits::time`](crate::Limits::time).
pub trait Host: Send {
    /// Whether there is a function of this name. Any other unknown name is a `NameError`.
    fn provides(&self, function: &str) -> bool;

    /// Whether a function waits for another machine. The time it takes counts against
    /// [`Limits::waiting`](crate::Limits::waiting), and meanwhile the evaluator puts another thread in this one's place.
    fn waits(&self, _function: &str) -> bool {
        false
    }

    /// Calls a function that [`Host::provides`].
    ///
    /// # Errors
    /// Raised in the expression where it called, except [`HostError::Unavailable`], which ends it.
    fn call(
        &mut self,
        function: &str,
        args: Vec<Value>,
        kwargs: Vec<(String, Value)>,
    ) -> Result<Value, HostError>;
}

/// A host that offers nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoHost;

impl Host for NoHost {
    fn provides(&self, _function: &str) -> bool {
        false
    }

    fn call(
        &mut self,
        function: &str,
        _args: Vec<Value>,
        _kwargs: Vec<(String, Value)>,
    ) -> Result<Value, HostError> {
        Err(HostError::Type(format!("there is no function '{function}'")))
    }
}

/// An object an expression sees by reference: `request.user`. Every look at it is answered when it happens,
/// so nothing is read that the expression does not ask for.
///
/// Names that start with an underscore never reach the object.
pub trait HostObject: Send + Sync {
    /// The class, as error messages and `type(x).__name__` show it.
    fn type_name(&self) -> &str;

    /// What makes two objects of one type equal, the primary key say. Without one an object equals itself.
    fn identity(&self) -> Option<String> {
        None
    }

    /// Attributes that go along when the object enters an expression: cheap ones only. They can be read
    /// where the interpreter cannot pause to ask, in the key function of `sorted` say.
    fn eager(&self) -> Vec<(&'static str, Value)> {
        Vec::new()
    }

    /// An attribute, or `None` where Python raises `AttributeError`.
    ///
    /// # Errors
    /// As [`Host::call`].
    fn attr(&self, name: &str) -> Result<Option<Value>, HostError>;

    /// Calls a method.
    ///
    /// # Errors
    /// [`HostError::NoSuchMethod`] and as [`Host::call`].
    fn call(
        &self,
        method: &str,
        _args: Vec<Value>,
        _kwargs: Vec<(String, Value)>,
    ) -> Result<Value, HostError> {
        Err(HostError::NoSuchMethod(method.to_owned()))
    }

    /// `object[key]`.
    ///
    /// # Errors
    /// `TypeError` unless implemented; as [`Host::call`].
    fn get_item(&self, _key: &Value) -> Result<Value, HostError> {
        Err(HostError::Type(format!("'{}' object is not subscriptable", self.type_name())))
    }

    /// `key in object`.
    ///
    /// # Errors
    /// `TypeError` unless implemented; as [`Host::call`].
    fn contains(&self, _key: &Value) -> Result<bool, HostError> {
        Err(HostError::Type(format!("argument of type '{}' is not iterable", self.type_name())))
    }

    /// `object[key] = value`.
    ///
    /// # Errors
    /// `TypeError` unless implemented; as [`Host::call`].
    fn set_item(&self, _key: Value, _value: Value) -> Result<(), HostError> {
        Err(HostError::Type(format!("'{}' object does not support item assignment", self.type_name())))
    }

    /// `object.name = value`.
    ///
    /// # Errors
    /// `AttributeError` unless implemented; as [`Host::call`].
    fn set_attr(&self, name: &str, _value: Value) -> Result<(), HostError> {
        Err(HostError::Attribute(format!("attribute '{name}' of '{}' object is read-only", self.type_name())))
    }
}

/// Why a call of the host did not answer. All but [`HostError::Unavailable`] are Python exceptions that the
/// expression may handle.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum HostError {
    /// `AttributeError`: the object has no such method.
    #[error("no method '{0}'")]
    NoSuchMethod(String),
    /// `AttributeError`.
    #[error("{0}")]
    Attribute(String),
    /// `TypeError`: wrong number or kind of arguments.
    #[error("{0}")]
    Type(String),
    /// `ValueError`.
    #[error("{0}")]
    Value(String),
    /// `KeyError`.
    #[error("{0}")]
    Key(String),
    /// `OSError`: another machine did not answer as it should.
    #[error("{0}")]
    System(String),
    /// `PermissionError`: the expression may not do that.
    #[error("{0}")]
    Denied(String),
    /// The host could not answer (the database is away). Ends the evaluation; no `except` sees it.
    #[error("{0}")]
    Unavailable(String),
}
