//! Why a run cannot go on.

use std::io;

use crate::http::Response;

/// Why a run cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The system refused something.
    #[error("{what}: {source}")]
    System {
        /// What was being done.
        what: String,
        /// What the system said.
        source: io::Error,
    },
    /// The server answered something else than it should.
    #[error("{what}: {answer}")]
    Answer {
        /// What was being done.
        what: String,
        /// Status and the beginning of the body.
        answer: String,
    },
    /// A program did not do what it was started for.
    #[error("{0}")]
    Program(String),
}

impl Fault {
    pub(crate) fn answer(what: &str, response: &Response) -> Self {
        let body: String = String::from_utf8_lossy(&response.body).chars().take(600).collect();
        let location = response.header("location").map(|to| format!(" to {to}")).unwrap_or_default();
        Self::Answer { what: what.to_owned(), answer: format!("{}{location}\n{body}", response.status) }
    }
}

/// Says what was being done when the system refused.
pub(crate) trait While<T> {
    fn during(self, what: impl Into<String>) -> Result<T, Fault>;
}

impl<T, E: Into<io::Error>> While<T> for Result<T, E> {
    fn during(self, what: impl Into<String>) -> Result<T, Fault> {
        self.map_err(|source| Fault::System { what: what.into(), source: source.into() })
    }
}
