//! The paths of users as a tree.

use std::collections::BTreeSet;

use countersign_web::encode_next;

use super::HERE;
use crate::parts::Branch;

/// Folders that a page shows.
const MAX: usize = 150;
/// Deeper ones stand at this depth.
const DEEPEST: usize = 5;

/// The folders of these paths: every ancestor once, in order, the current one marked.
pub(super) fn branches(everything: String, paths: &[String], current: Option<&str>) -> Vec<Branch> {
    let mut folders = BTreeSet::new();
    for path in paths.iter().map(String::as_str).chain(current) {
        for (at, _) in path.match_indices('/') {
            folders.extend(path.get(..at).map(sortable));
        }
        folders.insert(sortable(path));
    }
    let branch = |folder: String| {
        let path = folder.replace('\u{1}', "/");
        Branch {
            label: path.rsplit('/').next().unwrap_or_default().to_owned(),
            href: format!("{HERE}?path={}", encode_next(&path)),
            depth: (path.matches('/').count() + 1).min(DEEPEST),
            is_current: Some(path.as_str()) == current,
        }
    };
    let top = Branch { label: everything, href: HERE.to_owned(), depth: 0, is_current: current.is_none() };
    std::iter::once(top).chain(folders.into_iter().take(MAX).map(branch)).collect()
}

/// So that what lies below a folder follows it, whatever stands in names.
fn sortable(path: &str) -> String {
    path.replace('/', "\u{1}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_folder_stands_once_below_its_parent() {
        let paths = ["users", "users/it/ops", "users-old", "apps/x"].map(str::to_owned);
        let tree = branches("All".to_owned(), &paths, Some("users/it"));
        let seen: Vec<_> =
            tree.iter().map(|branch| (branch.depth, branch.label.as_str(), branch.is_current)).collect();
        let expected = [
            (0, "All", false),
            (1, "apps", false),
            (2, "x", false),
            (1, "users", false),
            (2, "it", true),
            (3, "ops", false),
            (1, "users-old", false),
        ];
        assert_eq!(seen, expected);
        assert!(tree.iter().any(|branch| branch.href.ends_with("?path=users%2Fit%2Fops")));
    }
}
