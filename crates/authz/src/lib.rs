//! Floor 2: actors, roles, permissions. Pure: it is told who somebody is and answers what he may do.
//!
//! Owns the names of permissions, the set of rights that roles and superuser groups come to, and the questions
//! that surfaces ask: may he, what does he see, does he hold at least what another holds. Owns no row and no
//! route: who loads subjects and roles and who asks is above.
//!
//! ```text
//! Subject + roles -> Rights -> Identity (with the restriction of an API token) -> Actor: may, visible, holds
//! ```
//!
//! What is not granted is denied; accounts that are not active hold nothing.

mod actor;
mod named;
mod permission;
mod rights;
mod visible;

pub use actor::{Actor, Identity};
pub use named::{EXTRAS, Extra, permissions};
pub use permission::{Action, ParsePermissionError, Permission};
pub use rights::Rights;
pub use visible::Visible;
