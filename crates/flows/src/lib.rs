//! Floor 3: the flow engine. *A flow asks, a person answers, and what follows is a session, a token or an
//! assertion.*
//!
//! Owns the [`Plan`], the planner, the [`Executor`], the [`Stage`] trait with [`Challenge`] and
//! [`Outcome`], and the typed plan context. Stages never know of each other, never write to the database
//! themselves and never see HTTP: they queue effects, which the executor commits together with the moved
//! plan in one unit of work.
//!
//! ```text
//!   GET   plan (sealed step token, or row) ── enter() ─┬─ Ask ── page / JSON
//!                                                      └─ Done(outcome) ── next stage …
//!   POST  token checked ── load() in the read unit ── answer() ─┬─ Next ── enter() of the next …
//!                                                               ├─ Retry ── same challenge with errors
//!                                                               └─ Deny / Restart / Redirect / Done
//!   every path ends in at most one write: effects + plan, or nothing
//! ```

mod bound;
mod challenge;
mod choices;
mod context;
pub mod diagram;
mod effects;
mod error;
mod executor;
pub mod inspector;
mod next;
mod plan;
mod planner;
mod reply;
mod request;
mod response;
mod run;
mod services;
mod source;
mod stage;
mod token;

pub use bound::{Unbindable, bind};
pub use challenge::{
    Autocomplete, Button, CaptchaWidget, Challenge, Choice, Comfort, Field, FieldKind, Link, LinkRole, Node,
    NoticeLevel, PendingUserView, Permission, SourceLink,
};
pub use choices::shown_text;
pub use context::{Context, Key, PendingUser, keys};
pub use countersign_model::LiveSession;
pub use countersign_policies::RequestFacts;
pub use error::{EffectError, FlowError, StageError};
pub use executor::Executor;
pub use next::safe_next;
pub use plan::{Plan, PlannedStep, StepKind};
pub use reply::{Denied, DeviceCookie, FlowInfo, Reply, ReplyKind, SessionChange, ShownChallenge};
pub use request::{BrowserSecret, FlowRequest, Here};
pub use response::Response;
pub use run::{encode, query_value};
pub use services::{FlowServices, Start};
pub use source::{SourceButton, SourceKind};
pub use stage::{LoadCx, Loaded, NewSession, Outcome, Stage, StageCx, StageKind, StageKinds, Step};
pub use token::WaitingPlan;
