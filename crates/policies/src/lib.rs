//! Floor 3: policies. *May this person go on, here and now?*
//!
//! Owns the [`Policy`] trait, the engine [`Policies`] that combines the bindings of an object, the kinds of
//! policy (one folder each below `kinds`), and [`Expressions`]: the sandboxed Python of administrators with
//! the host objects and functions that it may use, for policies, prompts and property mappings alike.
//! Does not own the interpreter (crate `expr`) nor what follows from a result (flows, providers).
//!
//! Errors deny. A policy that cannot be evaluated counts as its binding says (`failure_result`, which is
//! false unless an administrator chose otherwise); whatever else goes wrong does not pass.

mod asker;
mod audit;
mod breaches;
mod devices;
mod engine;
mod error;
mod expressions;
mod happening;
pub mod kinds;
mod policy;
mod reputations;
mod request;
mod surroundings;
mod trial;
mod verdict;

pub use breaches::Breaches;
pub use devices::KnownDevices;
pub use engine::Policies;
pub use error::PolicyError;
pub use expressions::{
    Area, Evaluated, Expressions, Given, HasDevice, KNOWN_NAMES, KnownName, Mapping, MappingKind,
    MappingKinds, NameKind, Reach, Returns, Says, Shape, Source, Stand, TokenMint, TokenOrder, event_value,
    given, token, uid,
};
pub use happening::document as event_document;
pub use policy::{Policy, PolicyCx, PolicyKind, PolicyKinds, PolicyResult};
pub use reputations::Reputations;
pub use request::{ContextChanges, LoggedLine, PolicyRequest, RequestFacts};
pub use surroundings::Surroundings;
pub use trial::Trial;
pub use verdict::Verdict;
