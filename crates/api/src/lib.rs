//! Floor 5: the REST API `/api/v3/`, generic over the registry, and its OpenAPI document.
//!
//! Everything is a row of one table ([`Endpoint`]): the rows of every kind are made from its description
//! (`crud`), others are written by hand (`actions`). Router, document and the test that walks over all
//! permissions read that table. Owns authentication of calls, paging, the translation between documents and
//! their form in the API (integer keys, read-only attributes), and the shapes of answers; owns no rule of the
//! domain, which the registry has.
//!
//! ```text
//! request ─ route (404, 405) ─ who calls (401) ─ access (403) ─ body (400, 413) ─ handler ─ answer
//! ```

mod actions;
mod answer;
mod api;
mod authenticate;
mod call;
mod crud;
mod describe;
mod endpoint;
mod error;
mod openapi;
mod paging;
mod precondition;
mod router;
mod serve;
mod shape;

pub use answer::{Answer, Page, Pagination};
pub use api::{AccessTokens, Api, ApiParts, openapi, table};
pub use call::{Call, find};
pub use endpoint::{Access, Endpoint, Handler, Intake, Method, Outcome, Param};
pub use error::ApiError;
pub use paging::Paging;
pub use precondition::IfMatch;
pub use serve::routes;
pub use shape::{Described, Number, Shape};
