//! Values as they cross between an expression and its host.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use countersign_types::Timestamp;
use indexmap::IndexMap;

use crate::HostObject;

/// A value that enters or leaves an expression.
#[derive(Clone, Default)]
pub enum Value {
    /// `None`.
    #[default]
    None,
    /// `True` or `False`.
    Bool(bool),
    /// A whole number; Python's larger ones cannot leave an expression.
    Int(i64),
    /// A floating-point number.
    Float(f64),
    /// Text.
    Str(String),
    /// A list; sets leave as lists.
    List(Vec<Value>),
    /// A tuple.
    Tuple(Vec<Value>),
    /// A dictionary. Keys that are whole numbers leave as their digits; other keys cannot leave.
    Dict(IndexMap<String, Value>),
    /// A moment; enters as an aware `datetime` in UTC.
    DateTime(Timestamp),
    /// An address; a variable enters as `ip_address`, elsewhere as text. Leaves as text.
    Ip(IpAddr),
    /// An object of the host, by reference.
    Object(Arc<dyn HostObject>),
}

impl Value {
    /// Python's truth of it.
    pub fn is_truthy(&self) -> bool {
        match self {
            Self::None => false,
            Self::Bool(value) => *value,
            Self::Int(value) => *value != 0,
            Self::Float(value) => *value != 0.0,
            Self::Str(text) => !text.is_empty(),
            Self::List(items) | Self::Tuple(items) => !items.is_empty(),
            Self::Dict(entries) => !entries.is_empty(),
            Self::DateTime(_) | Self::Ip(_) | Self::Object(_) => true,
        }
    }

    /// The text, if it is text.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Str(text) => Some(text),
            _ => None,
        }
    }

    /// The object, if it is one.
    pub fn as_object(&self) -> Option<&Arc<dyn HostObject>> {
        match self {
            Self::Object(object) => Some(object),
            _ => None,
        }
    }

    /// Name of its type in Python, for messages.
    pub fn type_name(&self) -> &str {
        match self {
            Self::None => "NoneType",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Float(_) => "float",
            Self::Str(_) => "str",
            Self::List(_) => "list",
            Self::Tuple(_) => "tuple",
            Self::Dict(_) => "dict",
            Self::DateTime(_) => "datetime",
            Self::Ip(_) => "ip_address",
            Self::Object(object) => object.type_name(),
        }
    }

    /// An object of the host.
    pub fn object(object: impl HostObject + 'static) -> Self {
        Self::Object(Arc::new(object))
    }

    /// A dictionary.
    pub fn dict<K: Into<String>>(entries: impl IntoIterator<Item = (K, Value)>) -> Self {
        Self::Dict(entries.into_iter().map(|(key, value)| (key.into(), value)).collect())
    }

    /// A list.
    pub fn list(items: impl IntoIterator<Item = Value>) -> Self {
        Self::List(items.into_iter().collect())
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => formatter.write_str("None"),
            Self::Bool(value) => value.fmt(formatter),
            Self::Int(value) => value.fmt(formatter),
            Self::Float(value) => value.fmt(formatter),
            Self::Str(text) => fmt::Debug::fmt(text, formatter),
            Self::List(items) => formatter.debug_list().entries(items).finish(),
            Self::Tuple(items) => {
                let mut tuple = formatter.debug_tuple("");
                items.iter().for_each(|item| {
                    tuple.field(item);
                });
                tuple.finish()
            }
            Self::Dict(entries) => formatter.debug_map().entries(entries).finish(),
            Self::DateTime(moment) => formatter.write_str(&moment.to_rfc3339()),
            Self::Ip(address) => address.fmt(formatter),
            Self::Object(object) => write!(formatter, "<{}>", object.type_name()),
        }
    }
}

impl PartialEq for Value {
    /// Objects are equal when they are the same object.
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::None, Self::None) => true,
            (Self::Bool(one), Self::Bool(two)) => one == two,
            (Self::Int(one), Self::Int(two)) => one == two,
            (Self::Float(one), Self::Float(two)) => one == two,
            (Self::Str(one), Self::Str(two)) => one == two,
            (Self::List(one), Self::List(two)) | (Self::Tuple(one), Self::Tuple(two)) => one == two,
            (Self::Dict(one), Self::Dict(two)) => one == two,
            (Self::DateTime(one), Self::DateTime(two)) => one == two,
            (Self::Ip(one), Self::Ip(two)) => one == two,
            (Self::Object(one), Self::Object(two)) => Arc::ptr_eq(one, two),
            _ => false,
        }
    }
}

macro_rules! from {
    ($($from:ty => $variant:ident),+ $(,)?) => {
        $(impl From<$from> for Value {
            fn from(value: $from) -> Self {
                Self::$variant(value.into())
            }
        })+
    };
}

from! {
    bool => Bool, i64 => Int, i32 => Int, u32 => Int, f64 => Float, String => Str, &str => Str,
    IpAddr => Ip, Timestamp => DateTime, Arc<dyn HostObject> => Object,
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::None, Into::into)
    }
}
