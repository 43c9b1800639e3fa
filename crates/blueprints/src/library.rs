//! Where blueprints come from: the set inside the binary, and a directory.

use std::{
    fs,
    path::{Path, PathBuf},
    time::UNIX_EPOCH,
};

use countersign_model::BlueprintInstanceId;
use countersign_types::Timestamp;
use rust_embed::RustEmbed;

use crate::{Document, instances::content_hash, yaml::MAX_BYTES};

#[derive(RustEmbed)]
#[folder = "../../blueprints"]
struct Embedded;

/// Files in one directory that are looked at.
const MAX_FILES: usize = 1_000;
/// How deep directories are searched.
const MAX_DEPTH: usize = 5;
/// Label of files that are only applied by hand.
const INSTANTIATE: &str = "blueprints.goauthentik.io/instantiate";
/// Label of files that are applied to an empty database only.
const BOOTSTRAP: &str = "blueprints.goauthentik.io/system-bootstrap";

/// A blueprint's text and where it is from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// File name for messages; below a library it is also the path.
    pub file: String,
    /// Whether it is part of a library; its path is kept then.
    pub in_library: bool,
    /// The blueprint that is kept applied from it, where it is known: how an application went is kept with it.
    pub instance: Option<BlueprintInstanceId>,
    /// The text.
    pub text: String,
}

impl Source {
    /// Hexadecimal SHA-256 of the text, by which a blueprint is known to be unchanged.
    pub fn hash(&self) -> String {
        content_hash(&self.text)
    }

    /// A blueprint that was handed in.
    pub fn handed_in(file: impl Into<String>, text: impl Into<String>) -> Self {
        Self { file: file.into(), in_library: false, instance: None, text: text.into() }
    }
}

/// Blueprints that others may ask for by name or path.
#[derive(Clone, Debug, Default)]
pub struct Library {
    directory: Option<PathBuf>,
}

impl Library {
    /// The embedded blueprints.
    pub fn embedded() -> Self {
        Self::default()
    }

    /// Adds a directory, whose files take precedence over embedded ones of the same path.
    #[must_use]
    pub fn with_directory(mut self, directory: impl Into<PathBuf>) -> Self {
        self.directory = Some(directory.into());
        self
    }

    /// Every blueprint, by path: the system's first, then the default set, then the rest.
    pub fn sources(&self) -> Vec<Source> {
        let mut paths: Vec<String> =
            Embedded::iter().map(|path| path.into_owned()).filter(|path| path.ends_with(".yaml")).collect();
        if let Some(directory) = &self.directory {
            collect(directory, "", 0, &mut paths);
        }
        paths.sort_by_key(|path| (rank(path), path.clone()));
        paths.dedup();
        paths.truncate(MAX_FILES);
        paths.iter().filter_map(|path| self.by_path(path)).collect()
    }

    /// The blueprint at a path.
    pub fn by_path(&self, path: &str) -> Option<Source> {
        let text = self.in_directory(path).or_else(|| {
            let file = Embedded::get(path)?;
            String::from_utf8(file.data.into_owned()).ok()
        })?;
        Some(Source { file: path.to_owned(), in_library: true, instance: None, text })
    }

    /// When the file at a path was last changed; none for what is inside the binary.
    pub fn modified(&self, path: &str) -> Option<Timestamp> {
        let root = self.directory.as_ref()?.canonicalize().ok()?;
        let path = root.join(path).canonicalize().ok().filter(|path| path.starts_with(&root))?;
        let since = fs::metadata(path).ok()?.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
        i64::try_from(since.as_micros()).ok().map(Timestamp::from_micros)
    }

    /// The blueprint of this name.
    pub fn by_name(&self, name: &str) -> Option<Source> {
        let named =
            |source: &Source| Document::parse(&source.text).is_ok_and(|document| document.name == name);
        self.sources().into_iter().find(named)
    }

    fn in_directory(&self, path: &str) -> Option<String> {
        let root = self.directory.as_ref()?.canonicalize().ok()?;
        let path = root.join(path).canonicalize().ok()?;
        let small = fs::metadata(&path).is_ok_and(|file| {
            file.is_file() && usize::try_from(file.len()).is_ok_and(|length| length <= MAX_BYTES)
        });
        // Links are followed first, so that none leads out.
        if path.starts_with(&root) && small { fs::read_to_string(path).ok() } else { None }
    }
}

/// When a blueprint of a library is applied without being asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Automatic {
    /// Never.
    No,
    /// When it was never applied.
    Once,
    /// When it was never applied, and when it changes.
    OnChange,
}

/// What the labels of a blueprint say about when it is applied.
pub(crate) fn automatic(document: &Document) -> Automatic {
    if document.label(INSTANTIATE) == Some("false") {
        Automatic::No
    } else if document.label(BOOTSTRAP) == Some("true") {
        Automatic::Once
    } else {
        Automatic::OnChange
    }
}

fn rank(path: &str) -> u8 {
    match path.split('/').next() {
        Some("system") => 0,
        Some("default") => 1,
        _ => 2,
    }
}

fn collect(directory: &Path, prefix: &str, depth: usize, paths: &mut Vec<String>) {
    let Ok(entries) = fs::read_dir(directory) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if paths.len() >= MAX_FILES || name.starts_with('.') {
            continue;
        }
        let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}/{name}") };
        match entry.file_type() {
            Ok(kind) if kind.is_dir() && depth < MAX_DEPTH => collect(&entry.path(), &path, depth + 1, paths),
            Ok(kind) if kind.is_file() && name.ends_with(".yaml") => paths.push(path),
            _ => {}
        }
    }
}
