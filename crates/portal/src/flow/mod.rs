//! Flows as people and programs meet them: the page, the JSON executor, and the doors that lead there.

pub(crate) mod cancel;
pub(crate) mod configure;
pub(crate) mod default;
pub(crate) mod executor;
mod form;
mod json;
mod multipart;
pub(crate) mod nodes;
pub(crate) mod page;
mod request;

pub(crate) use request::Visit;
