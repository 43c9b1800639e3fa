//! The master key, from which every sealing key is derived.
//!
//! It comes from the configured `secret_key`, or from a file that the first start makes. Losing it loses
//! what is sealed: signing keys and the secrets inside configuration.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    path::Path,
};

use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Salt};
use base64::{Engine, engine::general_purpose::STANDARD};
use countersign_types::{ErrorKind, Rng, Secret};
use zeroize::Zeroize;

/// Below this length a configured secret is complained about in the log.
const ADVISED_SECRET_LEN: usize = 50;

/// A 256-bit key, wiped when dropped.
#[derive(Clone, Debug)]
pub struct MasterKey(Secret<[u8; 32]>);

/// Why there is no master key.
#[derive(Debug, thiserror::Error)]
pub enum MasterKeyError {
    /// The configured secret is empty.
    #[error(
        "secret_key is empty: set it to at least 50 random characters, or leave it out to have a key made"
    )]
    Empty,
    /// The file is there but is not a key.
    #[error("{0} does not hold a master key (32 bytes in base64); restore it from a backup")]
    Malformed(String),
    /// The file cannot be read or made.
    #[error("the master key file {path}: {source}")]
    File {
        /// The file.
        path: String,
        /// What the system says.
        source: io::Error,
    },
}

impl MasterKeyError {
    /// What a surface makes of it.
    pub fn kind(&self) -> ErrorKind {
        ErrorKind::Internal
    }
}

impl MasterKey {
    /// From a configured secret of any length but none; a short one is complained about in the log.
    pub fn from_secret(secret: &Secret<String>) -> Result<Self, MasterKeyError> {
        let text = secret.expose();
        if text.trim().is_empty() {
            return Err(MasterKeyError::Empty);
        }
        if text.chars().count() < ADVISED_SECRET_LEN {
            tracing::warn!("secret_key is shorter than {ADVISED_SECRET_LEN} characters and may be guessed");
        }
        Ok(Self(Secret::new(expand(text.as_bytes(), "countersign master key"))))
    }

    /// From the file; makes it, for the owner's eyes only, when there is none. Of several processes that
    /// start at once all get the same key.
    pub fn load_or_create(path: &Path, rng: &dyn Rng) -> Result<Self, MasterKeyError> {
        let failed = |source| MasterKeyError::File { path: path.display().to_string(), source };
        match File::open(path) {
            Ok(file) => return Self::read(path, file),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(failed(error)),
        }
        create(path, rng).map_err(failed)?;
        Self::read(path, File::open(path).map_err(failed)?)
    }

    fn read(path: &Path, file: File) -> Result<Self, MasterKeyError> {
        let failed = |source| MasterKeyError::File { path: path.display().to_string(), source };
        warn_if_others_may_read(path, &file);
        let mut text = String::new();
        file.take(256).read_to_string(&mut text).map_err(failed)?;
        let decoded = STANDARD.decode(text.trim());
        text.zeroize();
        let mut bytes = decoded.map_err(|_| MasterKeyError::Malformed(path.display().to_string()))?;
        let key = <[u8; 32]>::try_from(bytes.as_slice());
        bytes.zeroize();
        key.map(|key| Self(Secret::new(key)))
            .map_err(|_| MasterKeyError::Malformed(path.display().to_string()))
    }

    /// The key of one purpose. Different purposes give keys that say nothing about each other.
    pub(crate) fn derive(&self, purpose: &str) -> Secret<[u8; 32]> {
        Secret::new(expand(self.0.expose(), purpose))
    }
}

/// HKDF-SHA-256 (RFC 5869) to 32 bytes.
fn expand(secret: &[u8], info: &str) -> [u8; 32] {
    struct Len;
    impl KeyType for Len {
        fn len(&self) -> usize {
            32
        }
    }
    let mut out = [0_u8; 32];
    let prk = Salt::new(HKDF_SHA256, b"countersign").extract(secret);
    if prk.expand(&[info.as_bytes()], Len).and_then(|okm| okm.fill(&mut out)).is_err() {
        // 32 bytes are always within HKDF's bound; a key of zeros must not leave in any case.
        std::process::abort();
    }
    out
}

/// Writes a temporary file and links it into place, so that nobody ever sees half a key and a key that is
/// already there is never replaced.
fn create(path: &Path, rng: &dyn Rng) -> io::Result<()> {
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        private_directory(parent)?;
    }
    let mut suffix = [0_u8; 8];
    rng.fill(&mut suffix);
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}", hex::encode(suffix)));
    let temporary = Path::new(&name);

    let mut key = [0_u8; 32];
    rng.fill(&mut key);
    let mut text = STANDARD.encode(key);
    key.zeroize();
    text.push('\n');
    let written = private_file(temporary).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()
    });
    text.zeroize();
    let linked = written.and_then(|()| fs::hard_link(temporary, path));
    let removed = fs::remove_file(temporary);
    match linked {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        other => other?,
    }
    removed?;
    path.parent().map_or(Ok(()), sync_directory)
}

fn private_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn private_directory(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

fn sync_directory(path: &Path) -> io::Result<()> {
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    if cfg!(unix) { File::open(path)?.sync_all() } else { Ok(()) }
}

fn warn_if_others_may_read(path: &Path, file: &File) {
    #[cfg(unix)]
    if let Ok(metadata) = file.metadata()
        && std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o077 != 0
    {
        tracing::warn!(path = %path.display(), "others may read the master key file: chmod 600 it");
    }
    #[cfg(not(unix))]
    let _ = (path, file);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemRng;

    #[test]
    fn the_second_start_finds_the_key_of_the_first() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("keys/master");
        let first = MasterKey::load_or_create(&path, &SystemRng).unwrap();
        let second = MasterKey::load_or_create(&path, &SystemRng).unwrap();
        assert_eq!(first.0.expose(), second.0.expose());
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "nothing else is left behind");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn processes_that_start_at_once_agree_on_one_key() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("master");
        let keys: Vec<_> = std::thread::scope(|scope| {
            let starts: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| MasterKey::load_or_create(&path, &SystemRng).unwrap()))
                .collect();
            starts.into_iter().map(|start| *start.join().unwrap().0.expose()).collect()
        });
        assert!(keys.windows(2).all(|pair| pair[0] == pair[1]));
    }

    #[test]
    fn a_damaged_key_file_is_refused_and_kept() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("master");
        for damaged in ["", "AAAA", "not base64", &"A".repeat(500)] {
            fs::write(&path, damaged).unwrap();
            assert!(matches!(
                MasterKey::load_or_create(&path, &SystemRng),
                Err(MasterKeyError::Malformed(_))
            ));
            assert_eq!(fs::read_to_string(&path).unwrap(), damaged);
        }
    }

    #[test]
    fn an_empty_secret_is_refused() {
        assert!(matches!(MasterKey::from_secret(&Secret::from("")), Err(MasterKeyError::Empty)));
        assert!(matches!(MasterKey::from_secret(&Secret::from("  ")), Err(MasterKeyError::Empty)));
        assert!(MasterKey::from_secret(&Secret::from("short but there")).is_ok());
    }
}
