//! The kinds of policy, one folder each.

pub mod dummy;
pub mod event_matcher;
pub mod expression;
pub mod geoip;
pub mod password;
pub mod password_expiry;
pub mod reputation;
mod typed;
pub mod unique_password;
