//! The kinds of policy, one folder each.

pub mod dummy;
pub mod expression;
pub mod password;
