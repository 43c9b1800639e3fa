//! What can be wrong with a configuration, all of it at once, and where it stands.

use std::{fmt, path::PathBuf};

use countersign_types::ErrorKind;

/// How many problems are printed; a wrong file given by mistake has thousands.
const MAX_PRINTED: usize = 30;

/// Where a value was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Nowhere.
    Default,
    /// In an environment variable.
    Variable(String),
    /// In the file, at a line where it could be told.
    File(PathBuf, Option<usize>),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::Variable(name) => f.write_str(name),
            Self::File(path, Some(line)) => write!(f, "{}:{line}", path.display()),
            Self::File(path, None) => path.display().fmt(f),
        }
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// There is no such setting.
    #[error("{origin}: there is no setting {name}{}", suggestion(.nearest.as_deref()))]
    Unknown {
        /// As it was written.
        name: String,
        /// Where.
        origin: Origin,
        /// The nearest name there is, written the same way.
        nearest: Option<String>,
    },
    /// A value does not fit its setting.
    #[error("{origin}: {key} {complaint}{}", quoted(.value.as_deref()))]
    Value {
        /// The setting.
        key: String,
        /// Where.
        origin: Origin,
        /// The value, shortened; none for secrets.
        value: Option<String>,
        /// What is wrong: `must be a whole number`.
        complaint: String,
    },
    /// A file cannot be used.
    #[error("{}: {complaint}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        complaint: String,
    },
    /// Settings contradict each other.
    #[error("{0}")]
    Contradiction(String),
}

fn suggestion(nearest: Option<&str>) -> String {
    nearest.map(|name| format!(" (did you mean {name}?)")).unwrap_or_default()
}

fn quoted(value: Option<&str>) -> String {
    value.map(|value| format!(", not {value:?}")).unwrap_or_default()
}

/// Everything that is wrong with a configuration; never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigErrors(pub Vec<Problem>);

impl ConfigErrors {
    /// The input is invalid.
    pub const fn kind(&self) -> ErrorKind {
        ErrorKind::Invalid
    }
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the configuration cannot be used:")?;
        for problem in self.0.iter().take(MAX_PRINTED) {
            write!(f, "\n  {problem}")?;
        }
        match self.0.len().saturating_sub(MAX_PRINTED) {
            0 => Ok(()),
            more => write!(f, "\n  and {more} more"),
        }
    }
}

impl std::error::Error for ConfigErrors {}

/// Something the administrator should know that does not stop the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning(pub String);

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
