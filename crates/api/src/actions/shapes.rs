//! Shapes that several areas answer with.

use std::sync::Arc;

use countersign_authz::Permission;
use countersign_model::Subject;
use countersign_store::users;
use countersign_types::{JsonObject, Text, Timestamp};
use schemars::JsonSchema;
use serde::Serialize;

use crate::{ApiError, Call};

/// A line of log.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(super) struct LogEvent {
    /// When.
    pub(super) timestamp: String,
    /// How loud: `debug`, `info`, `warning` or `error`.
    pub(super) log_level: &'static str,
    /// Who said it.
    pub(super) logger: String,
    /// What.
    pub(super) event: String,
    /// More about it.
    pub(super) attributes: JsonObject,
}

impl LogEvent {
    pub(super) fn new(at: Timestamp, log_level: &'static str, logger: &str, event: &str) -> Self {
        Self {
            timestamp: at.to_rfc3339(),
            log_level,
            logger: logger.to_owned(),
            event: event.to_owned(),
            attributes: JsonObject::new(),
        }
    }

    /// Lines as they were written.
    pub(super) fn lines(at: Timestamp, log_level: &'static str, logger: &str, lines: &[String]) -> Vec<Self> {
        lines.iter().map(|line| Self::new(at, log_level, logger, line)).collect()
    }
}

/// What a policy said.
#[derive(Serialize, JsonSchema)]
pub(super) struct PolicyTestResult {
    /// Whether it passes.
    pub(super) passing: bool,
    /// What the person would be told.
    pub(super) messages: Vec<String>,
    /// What was logged.
    pub(super) log_messages: Vec<LogEvent>,
}

/// An address.
#[derive(Serialize, JsonSchema)]
pub(super) struct Link {
    /// The address.
    pub(super) link: String,
}

/// How many things are kept.
#[derive(Serialize, JsonSchema)]
pub(super) struct Cache {
    /// How many.
    pub(super) count: u64,
}

/// The user of an integer key in the body or query, if the caller sees him; a complaint about the field
/// otherwise.
pub(super) async fn subject(call: &Call, field: &str, pk: i64) -> Result<Arc<Subject>, ApiError> {
    let unknown = || {
        let message = Text::key("resource-error-dangling")
            .with("model", "authentik_core.user")
            .with("id", pk.to_string());
        ApiError::field(field, "does_not_exist", message)
    };
    let user = call.read(move |tx| Ok(users::by_pk(tx, pk)?)).await?.ok_or_else(unknown)?;
    let id = user.id;
    let is_self = call.identity()?.subject.user.id == id;
    if !is_self && !call.actor()?.may(&Permission::view("authentik_core.user"), Some(id.raw())) {
        return Err(unknown());
    }
    call.app.store().subject(id).await?.ok_or_else(unknown)
}
