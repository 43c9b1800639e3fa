//! The kinds of stage, one folder each. They do not know of each other; what several need stands beside
//! this module.

pub(crate) mod consent;
pub(crate) mod deny;
pub(crate) mod dummy;
pub(crate) mod identification;
pub(crate) mod password;
pub(crate) mod email;
pub(crate) mod prompt;
pub(crate) mod redirect;
pub(crate) mod setup;
pub(crate) mod user_login;
pub(crate) mod user_logout;
pub(crate) mod user_write;
