//! Bounds on what anyone may send. Every parser of the kit takes its bound from here.

use std::time::Duration;

/// Bounds on one request. The server passes the configured ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a form body.
    pub form_bytes: usize,
    /// Fields of a form or a query.
    pub form_fields: usize,
    /// Bytes of a JSON body.
    pub json_bytes: usize,
    /// Depth of nesting in a JSON body.
    pub json_depth: usize,
    /// Values in a JSON body, all levels together.
    pub json_values: usize,
    /// Bytes of path and query.
    pub uri_bytes: usize,
    /// Bytes of all header lines together.
    pub header_bytes: usize,
    /// How long a body may take to arrive.
    pub body_time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            form_bytes: 256 * 1024,
            form_fields: 256,
            json_bytes: 1024 * 1024,
            json_depth: 32,
            json_values: 50_000,
            uri_bytes: 16 * 1024,
            header_bytes: 32 * 1024,
            body_time: Duration::from_secs(30),
        }
    }
}

/// Seconds that a client has to send its header lines: a slow reader does not hold a worker.
pub const HEADER_TIMEOUT_SECS: u64 = 5;
/// Seconds that an idle connection is kept.
pub const KEEP_ALIVE_SECS: u64 = 75;
/// Seconds that requests under way have to end after the signal to stop.
pub const DRAIN_SECS: u64 = 20;
