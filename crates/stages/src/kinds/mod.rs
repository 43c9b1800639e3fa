//! The kinds of stage, one folder each. They do not know of each other; what several need stands beside
//! this module.

pub(crate) mod account_lockdown;
pub(crate) mod captcha;
pub(crate) mod consent;
pub(crate) mod deny;
pub(crate) mod dummy;
pub(crate) mod email;
pub(crate) mod email_proof;
pub(crate) mod identification;
pub(crate) mod invitation;
pub(crate) mod mtls;
pub(crate) mod password;
pub(crate) mod prompt;
pub(crate) mod redirect;
pub(crate) mod setup;
pub(crate) mod user_delete;
pub(crate) mod user_login;
pub(crate) mod user_logout;
pub(crate) mod user_write;
