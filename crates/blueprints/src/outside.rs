//! The doors of a blueprint to what is outside of the database: named variables and one directory.

use std::{
    fmt, fs,
    io::Read,
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::{Problem, yaml::MAX_BYTES};

/// What is known of a variable of the environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Variable {
    /// Blueprints may not ask for it.
    Forbidden,
    /// Blueprints may ask; it is not set.
    Unset,
    /// Its value.
    Value(String),
}

/// What `!Env` and `!File` may reach. By default nothing.
#[derive(Clone)]
pub struct Outside {
    variables: Arc<dyn Fn(&str) -> Variable + Send + Sync>,
    files: Option<PathBuf>,
}

impl Default for Outside {
    fn default() -> Self {
        Self { variables: Arc::new(|_| Variable::Forbidden), files: None }
    }
}

impl fmt::Debug for Outside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outside").field("files", &self.files).finish_non_exhaustive()
    }
}

impl Outside {
    /// Answers `!Env` by this function.
    #[must_use]
    pub fn with_variables(mut self, variables: impl Fn(&str) -> Variable + Send + Sync + 'static) -> Self {
        self.variables = Arc::new(variables);
        self
    }

    /// Lets `!File` read below this directory.
    #[must_use]
    pub fn with_files_below(mut self, directory: impl Into<PathBuf>) -> Self {
        self.files = Some(directory.into());
        self
    }

    pub(crate) fn variable(&self, name: &str) -> Result<Option<String>, Problem> {
        match (self.variables)(name) {
            Variable::Forbidden => Err(Problem::new(format!("!Env may not read the variable {name}"))),
            Variable::Unset => Ok(None),
            Variable::Value(value) => Ok(Some(value)),
        }
    }

    /// The text of a file below the allowed directory; none when there is no such file.
    pub(crate) fn file(&self, path: &str) -> Result<Option<String>, Problem> {
        let Some(root) = &self.files else {
            return Err(Problem::new("!File has no directory that it may read"));
        };
        let Ok(root) = root.canonicalize() else { return Ok(None) };
        // Links are followed first, so that none leads out.
        let Ok(path) = root.join(Path::new(path)).canonicalize() else { return Ok(None) };
        if !path.starts_with(&root) {
            return Err(Problem::new(format!("!File may only read below {}", root.display())));
        }
        if !path.is_file() {
            return Ok(None);
        }
        let file =
            fs::File::open(&path).map_err(|error| Problem::new(format!("{}: {error}", path.display())))?;
        let mut text = String::new();
        let limit = u64::try_from(MAX_BYTES).unwrap_or(u64::MAX);
        let read = file.take(limit + 1).read_to_string(&mut text);
        match read {
            Ok(length) if length <= MAX_BYTES => Ok(Some(text)),
            Ok(_) => Err(Problem::new(format!("{} is longer than {MAX_BYTES} bytes", path.display()))),
            Err(error) => Err(Problem::new(format!("{}: {error}", path.display()))),
        }
    }
}
