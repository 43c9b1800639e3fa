//! Values that stand elsewhere: `env://NAME`, `env://NAME?default`, `file:///path`, `file:///path?default`.
//!
//! One step only: what is found there is taken as it is, so a secret that looks like `env://…` stays itself.

use std::{
    fs::File,
    io::Read as _,
    path::{Path, PathBuf},
};

use crate::{environment::Environment, load::MAX_VALUE_BYTES};

/// A value that was looked up, and where.
pub(crate) struct Resolved {
    pub(crate) text: String,
    /// `env://NAME` or `file:///path` without its default, which may be a secret.
    pub(crate) via: Option<String>,
}

/// Follows an indirection; any other text is itself. The complaint follows the setting's name.
pub(crate) fn resolve(text: &str, environment: &Environment) -> Result<Resolved, String> {
    let (reference, found) = if let Some(rest) = text.trim().strip_prefix("env://") {
        let (name, default) = with_default(rest);
        let value = environment.get(name).filter(|value| !value.is_empty()).map(ToOwned::to_owned);
        let found =
            value.or(default).ok_or_else(|| format!("refers to the variable {name}, which is not set"));
        (format!("env://{name}"), found?)
    } else if let Some(rest) = text.trim().strip_prefix("file://") {
        let (path, default) = with_default(rest);
        let path = PathBuf::from(path);
        let complaint = |why: String| format!("refers to the file {}, which {why}", path.display());
        let read = match read_bounded(&path, MAX_VALUE_BYTES) {
            Ok(contents) => Ok(trimmed(contents)),
            Err(ReadError::Absent(why)) => default.ok_or_else(|| complaint(why)),
            Err(ReadError::Unusable(why)) => Err(complaint(why)),
        };
        (format!("file://{}", path.display()), read?)
    } else {
        return Ok(Resolved { text: text.to_owned(), via: None });
    };
    Ok(Resolved { text: found, via: Some(reference) })
}

fn with_default(reference: &str) -> (&str, Option<String>) {
    match reference.split_once('?') {
        Some((place, default)) => (place, Some(default.to_owned())),
        None => (reference, None),
    }
}

/// Editors and `echo` end a file with one newline that is not part of the value.
fn trimmed(mut contents: String) -> String {
    if contents.ends_with('\n') {
        contents.pop();
        if contents.ends_with('\r') {
            contents.pop();
        }
    }
    contents
}

/// Why a file could not be read; the text follows "the file … which".
pub(crate) enum ReadError {
    /// It is not there or may not be opened.
    Absent(String),
    /// It is there and cannot be a value.
    Unusable(String),
}

/// Reads a text file of at most `limit` bytes, whatever its metadata claim.
pub(crate) fn read_bounded(path: &Path, limit: usize) -> Result<String, ReadError> {
    let file = File::open(path)
        .map_err(|error| ReadError::Absent(format!("cannot be opened ({})", error.kind())))?;
    let mut bytes = Vec::new();
    file.take(limit as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| ReadError::Unusable(format!("cannot be read ({})", error.kind())))?;
    if bytes.len() > limit {
        return Err(ReadError::Unusable(format!("is larger than {limit} bytes")));
    }
    String::from_utf8(bytes).map_err(|_| ReadError::Unusable("is not UTF-8 text".to_owned()))
}
