//! Templates: ours, and the files of administrators that stand in their place or beside them.
//!
//! A file is read when a letter is rendered: what was changed holds from the next letter on.

use std::{
    borrow::Cow,
    fs,
    path::{Component, Path, PathBuf},
};

use crate::{Topic, django};

/// Most bytes of a template.
const MAX_BYTES: u64 = 256 * 1024;
/// Files that are listed.
const MAX_FILES: usize = 500;
/// Folders within folders.
const MAX_DEPTH: usize = 4;

macro_rules! ours {
    ($($name:literal),+ $(,)?) => {
        &[$((concat!("email/", $name), include_str!(concat!("../../../templates/email/", $name)))),+]
    };
}

/// Those that came with the product.
const OURS: &[(&str, &str)] = ours![
    "base.html",
    "letter.html",
    "letter.txt",
    "account_confirmation.html",
    "account_confirmation.txt",
    "address_proof.html",
    "address_proof.txt",
    "changed_credential.html",
    "changed_credential.txt",
    "email_otp.html",
    "email_otp.txt",
    "event_notification.html",
    "event_notification.txt",
    "invitation.html",
    "invitation.txt",
    "magic_link.html",
    "magic_link.txt",
    "new_sign_in.html",
    "new_sign_in.txt",
    "password_reset.html",
    "password_reset.txt",
    "setup.html",
    "setup.txt",
];

/// A template that a stage may name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateInfo {
    /// Its name: `email/password_reset.html`.
    pub name: String,
    /// Our own topic that it is for; none for one that administrators added.
    pub topic: Option<Topic>,
    /// Whether it is a file of administrators.
    pub is_file: bool,
}

/// The templates.
#[derive(Clone, Debug, Default)]
pub struct Library {
    directory: Option<PathBuf>,
}

impl Library {
    /// Ours alone.
    pub const fn embedded() -> Self {
        Self { directory: None }
    }

    /// Ours and the files below a directory, which need not be there.
    #[must_use]
    pub fn with_directory(self, directory: &Path) -> Self {
        Self { directory: Some(directory.to_owned()) }
    }

    /// Whether there is such a template.
    pub fn has(&self, name: &str) -> bool {
        self.source(name).is_some()
    }

    /// The templates that a stage may name, ours first.
    pub fn all(&self) -> Vec<TemplateInfo> {
        let mut files = Vec::new();
        if let Some(directory) = &self.directory {
            files_below(directory, directory, MAX_DEPTH, &mut files);
        }
        files.sort();
        let named = |topic: Topic| {
            let name = topic.template().to_owned();
            TemplateInfo { is_file: files.contains(&name), name, topic: Some(topic) }
        };
        let mut all: Vec<TemplateInfo> = Topic::ALL.into_iter().map(named).collect();
        for name in files {
            let is_ours = OURS.iter().any(|(known, _)| *known == name);
            if !is_ours && name.ends_with(".html") {
                all.push(TemplateInfo { name, topic: None, is_file: true });
            }
        }
        all
    }

    /// The text of a template: the file of that name, or ours.
    pub(crate) fn source(&self, name: &str) -> Option<Cow<'static, str>> {
        if let Some(text) = self.file(name) {
            return Some(Cow::Owned(django::adapted(&text)));
        }
        OURS.iter().find(|(known, _)| *known == name).map(|(_, text)| Cow::Borrowed(*text))
    }

    fn file(&self, name: &str) -> Option<String> {
        let directory = self.directory.as_ref()?;
        if name.len() > 200 || !Path::new(name).components().all(|part| matches!(part, Component::Normal(_)))
        {
            return None;
        }
        let path = directory.join(name);
        // A link leads to where the administrator wants it to, but not out of the directory.
        let real = path.canonicalize().ok()?;
        if !real.starts_with(directory.canonicalize().ok()?) {
            return None;
        }
        let facts = fs::metadata(&real).ok()?;
        if !facts.is_file() || facts.len() > MAX_BYTES {
            tracing::warn!(template = name, "a template is too large or no file, and was not used");
            return None;
        }
        match fs::read_to_string(&real) {
            Ok(text) => Some(text),
            Err(error) => {
                tracing::warn!(template = name, %error, "a template cannot be read, and was not used");
                None
            }
        }
    }
}

fn files_below(root: &Path, folder: &Path, depth: usize, files: &mut Vec<String>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        if files.len() >= MAX_FILES {
            return;
        }
        let (path, Ok(kind)) = (entry.path(), entry.file_type()) else { continue };
        if kind.is_dir() && depth > 0 {
            files_below(root, &path, depth - 1, files);
        } else if kind.is_file()
            && let Some(name) = path.strip_prefix(root).ok().and_then(Path::to_str)
        {
            files.push(name.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_topic_has_both_its_templates() {
        let library = Library::embedded();
        for topic in Topic::ALL {
            assert!(library.has(topic.template()), "{topic:?}");
            assert!(library.has(&topic.template().replace(".html", ".txt")), "{topic:?}");
        }
    }

    #[test]
    fn a_template_name_leads_to_no_file_outside_of_the_directory() {
        let name =
            format!("countersign-mail-{}", countersign_types::random_uuid(&countersign_crypto::SystemRng));
        let root = std::env::temp_dir().join(name);
        let folder = root.join("templates");
        fs::create_dir_all(folder.join("email")).unwrap();
        fs::write(root.join("secret.html"), "secret").unwrap();
        fs::write(folder.join("email/own.html"), "own").unwrap();
        std::os::unix::fs::symlink(root.join("secret.html"), folder.join("email/link.html")).unwrap();
        let library = Library::embedded().with_directory(&folder);
        assert_eq!(library.source("email/own.html").as_deref(), Some("own"));
        let whole = root.join("secret.html");
        for name in
            ["../secret.html", "email/../../secret.html", "email/link.html", whole.to_str().unwrap(), "email"]
        {
            assert_eq!(library.source(name), None, "{name}");
        }
        let names: Vec<String> = library.all().into_iter().map(|template| template.name).collect();
        assert!(
            names.contains(&"email/own.html".to_owned()) && !names.contains(&"email/link.html".to_owned())
        );
        fs::remove_dir_all(&root).unwrap();
    }
}
