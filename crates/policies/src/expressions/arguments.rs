//! Arguments of host functions and methods, taken apart as Python would: by place, then by name.

use std::{collections::VecDeque, fmt};

use countersign_expr::{HostError, Value};

/// Arguments of one call.
pub(super) struct Arguments<'f> {
    function: &'f str,
    args: VecDeque<Value>,
    kwargs: Vec<(String, Value)>,
}

impl<'f> Arguments<'f> {
    pub(super) fn new(function: &'f str, args: Vec<Value>, kwargs: Vec<(String, Value)>) -> Self {
        Self { function, args: args.into(), kwargs }
    }

    /// The next argument by place, or the one of this name.
    pub(super) fn take(&mut self, name: &str) -> Option<Value> {
        if let Some(value) = self.args.pop_front() {
            return Some(value);
        }
        let place = self.kwargs.iter().position(|(candidate, _)| candidate == name)?;
        Some(self.kwargs.remove(place).1)
    }

    /// Like [`Self::take`], for what must be there.
    pub(super) fn required(&mut self, name: &str) -> Result<Value, HostError> {
        self.take(name).ok_or_else(|| self.wrong(format_args!("missing required argument: '{name}'")))
    }

    /// Like [`Self::required`], for text.
    pub(super) fn text(&mut self, name: &str) -> Result<String, HostError> {
        match self.required(name)? {
            Value::Str(text) => Ok(text),
            other => Err(self.wrong(format_args!("'{name}' must be str, not {}", other.type_name()))),
        }
    }

    /// That was all.
    pub(super) fn finish(self) -> Result<(), HostError> {
        if !self.args.is_empty() {
            return Err(self.wrong("too many arguments"));
        }
        match self.kwargs.first() {
            Some((name, _)) => Err(self.wrong(format_args!("got an unexpected keyword argument '{name}'"))),
            None => Ok(()),
        }
    }

    /// The rest by name.
    pub(super) fn rest(self) -> Result<Vec<(String, Value)>, HostError> {
        if self.args.is_empty() { Ok(self.kwargs) } else { Err(self.wrong("too many arguments")) }
    }

    /// The rest by name, of which there must be some: conditions.
    pub(super) fn conditions(self) -> Result<Vec<(String, Value)>, HostError> {
        if !self.args.is_empty() {
            return Err(self.wrong("conditions are given by name"));
        }
        if self.kwargs.is_empty() {
            return Err(self.wrong("needs a condition, for example name=\"…\""));
        }
        Ok(self.kwargs)
    }

    fn wrong(&self, what: impl fmt::Display) -> HostError {
        HostError::Type(format!("{}() {what}", self.function))
    }
}
