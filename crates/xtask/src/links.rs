//! Links between Markdown files lead somewhere: to a file that exists, and to a heading that it has.
//! Links to other hosts are not followed.

use std::path::{Path, PathBuf};

use crate::{CheckError, Findings};

/// Where the project's own Markdown stands, beside the files in the root.
const FOLDERS: &[&str] = &["docs", "docker", "blueprints", "tests", "crates"];

/// Folders in which others' files stand.
const FOREIGN: &[&str] = &["node_modules", "target", ".venv"];

/// Follows every relative link of every Markdown file below `root`.
pub(crate) fn check(root: &Path) -> Findings {
    let mut pages = Vec::new();
    collect(root, Depth::Here, &mut pages)?;
    for folder in FOLDERS {
        collect(&root.join(folder), Depth::Below, &mut pages)?;
    }
    let mut found = Vec::new();
    for page in &pages {
        let text = std::fs::read_to_string(page).map_err(CheckError::read(page))?;
        for (line, target) in targets(&text) {
            if let Some(fault) = fault(page, target) {
                let page = page.strip_prefix(root).unwrap_or(page).display();
                found.push(format!("{page}:{line}: {target}: {fault}"));
            }
        }
    }
    Ok(found)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Depth {
    Here,
    Below,
}

fn collect(folder: &Path, depth: Depth, pages: &mut Vec<PathBuf>) -> Result<(), CheckError> {
    if !folder.is_dir() {
        return Ok(());
    }
    for entry in std::fs::read_dir(folder).map_err(CheckError::read(folder))? {
        let path = entry.map_err(CheckError::read(folder))?.path();
        let foreign = FOREIGN.iter().any(|name| path.ends_with(name));
        if path.is_dir() && depth == Depth::Below && !foreign {
            collect(&path, depth, pages)?;
        } else if path.is_file() && path.extension().is_some_and(|extension| extension == "md") {
            pages.push(path);
        }
    }
    Ok(())
}

/// The lines of a page that are not inside a code block, counted from 1.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut fenced = false;
    text.lines().enumerate().filter_map(move |(index, line)| {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        (!fence && !fenced).then_some((index + 1, line))
    })
}

/// The targets of `[text](target)`, with their lines.
fn targets(text: &str) -> Vec<(usize, &str)> {
    prose(text).flat_map(|(number, line)| targets_on(line).map(move |target| (number, target))).collect()
}

fn targets_on(line: &str) -> impl Iterator<Item = &str> {
    line.match_indices("](").filter_map(move |(at, mark)| {
        let in_code = line.get(..at)?.matches('`').count() % 2 == 1;
        let (target, _) = line.get(at + mark.len()..)?.split_once(')')?;
        (!in_code).then_some(target)
    })
}

/// What is wrong with a link from `page` to `target`, if anything.
fn fault(page: &Path, target: &str) -> Option<&'static str> {
    if target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    let (file, heading) =
        target.split_once('#').map_or((target, None), |(file, heading)| (file, Some(heading)));
    let path = match (file, page.parent()) {
        ("", _) => page.to_owned(),
        (file, folder) => folder.unwrap_or(Path::new("")).join(file),
    };
    if !path.exists() {
        return Some("no such file");
    }
    let heading = heading?;
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    let known = prose(&text).any(|(_, line)| line.starts_with('#') && anchor(line) == heading);
    (!known).then_some("no such heading")
}

/// A heading's anchor, as the usual renderers make it.
fn anchor(heading: &str) -> String {
    let words = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = words.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(pages: &[(&str, &str)]) -> Vec<String> {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in pages {
            let path = root.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        check(root.path()).unwrap()
    }

    #[test]
    fn links_to_pages_headings_and_other_hosts_are_in_order() {
        let readme = "[a](docs/a.md) and [b](docs/a.md#how-it-works-2), [c](https://example.org/x), [d](#top)\n\n# Top\n";
        assert!(
            found(&[("README.md", readme), ("docs/a.md", "## How it works, 2\n[back](../README.md)\n")])
                .is_empty()
        );
    }

    #[test]
    fn a_link_to_nowhere_is_found_with_its_line() {
        assert_eq!(found(&[("docs/a.md", "x\n[b](b.md)\n")]), ["docs/a.md:2: b.md: no such file"]);
        assert_eq!(found(&[("README.md", "[b](#b)\n")]), ["README.md:1: #b: no such heading"]);
    }

    #[test]
    fn code_is_no_link_and_others_pages_are_not_read() {
        assert!(found(&[("README.md", "```\n[a](a.md)\n```\n`[a](a.md)`\n")]).is_empty());
        assert!(found(&[("tests/node_modules/x/README.md", "[a](a.md)\n")]).is_empty());
    }
}
