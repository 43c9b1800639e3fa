//! The doors of a blueprint to what is outside of the database: named variables, named files and directories.

use std::{
    fmt, fs,
    io::Read,
    path::{Component, Path, PathBuf},
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
    /// Files and directories that may be read.
    files: Vec<PathBuf>,
    /// Directories that stay closed, wherever they are.
    closed: Vec<PathBuf>,
}

impl Default for Outside {
    fn default() -> Self {
        Self { variables: Arc::new(|_| Variable::Forbidden), files: Vec::new(), closed: Vec::new() }
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

    /// Lets `!File` read these files, and what is below these directories.
    #[must_use]
    pub fn with_files(mut self, files: impl IntoIterator<Item = PathBuf>) -> Self {
        self.files.extend(files);
        self
    }

    /// Keeps `!File` out of a directory, even where it is below one that is open.
    #[must_use]
    pub fn without_files_below(mut self, directory: impl Into<PathBuf>) -> Self {
        self.closed.push(directory.into());
        self
    }

    pub(crate) fn variable(&self, name: &str) -> Result<Option<String>, Problem> {
        match (self.variables)(name) {
            Variable::Forbidden => Err(Problem::new(format!("!Env may not read the variable {name}"))),
            Variable::Unset => Ok(None),
            Variable::Value(value) => Ok(Some(value)),
        }
    }

    /// The text of a file that may be read; none when there is no such file. What may not be read is refused whether
    /// it is there or not.
    pub(crate) fn file(&self, path: &str) -> Result<Option<String>, Problem> {
        let refused = || Problem::new(format!("!File may not read {path}"));
        let asked = Path::new(path);
        if asked.components().any(|component| component == Component::ParentDir) {
            return Err(refused());
        }
        let mut is_open = false;
        for open in &self.files {
            let Ok(root) = open.canonicalize() else { continue };
            let candidate = match asked.is_absolute() {
                true if asked.starts_with(open) || asked.starts_with(&root) => asked.to_owned(),
                false if root.is_dir() => root.join(asked),
                _ => continue,
            };
            is_open = true;
            // Links are followed first, so that none leads out.
            let Ok(found) = candidate.canonicalize() else { continue };
            if !found.starts_with(&root) || self.is_closed(&found) {
                return Err(refused());
            }
            if found.is_file() {
                return read(&found).map(Some);
            }
        }
        if is_open { Ok(None) } else { Err(refused()) }
    }

    fn is_closed(&self, found: &Path) -> bool {
        let is_below = |closed: &PathBuf| closed.canonicalize().is_ok_and(|closed| found.starts_with(closed));
        self.closed.iter().any(is_below)
    }
}

fn read(path: &Path) -> Result<String, Problem> {
    let wrong = |error: std::io::Error| Problem::new(format!("{}: {error}", path.display()));
    let file = fs::File::open(path).map_err(wrong)?;
    let mut text = String::new();
    let limit = u64::try_from(MAX_BYTES).unwrap_or(u64::MAX);
    let length = file.take(limit + 1).read_to_string(&mut text).map_err(wrong)?;
    if length > MAX_BYTES {
        return Err(Problem::new(format!("{} is longer than {MAX_BYTES} bytes", path.display())));
    }
    Ok(text)
}
