//! Rules about what a source file may name: unsafe code, kinds, clocks.

use super::dependencies::{KNOW_NO_KIND, PURE};
use super::lexer::{Keep, strip, without_tests};
use super::{Breach, House, Room, SourceFile};

/// The labels of kinds, as they stand in strings.
const KIND_LABELS: &[&str] =
    &["authentik_stages_", "authentik_providers_", "authentik_sources_", "authentik_policies_"];

/// The paths of kinds, as they stand in code.
const KIND_PATHS: &[&str] =
    &["countersign_stages", "countersign_provider_", "countersign_source_", "countersign_policies::kinds"];

/// The feature list: the one file of the server that names kinds.
const REGISTRY: &str = "src/registry.rs";

/// What would make a message crate more than a function of its input.
const AMBIENT: &[&str] = &[
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "std::thread",
    "SystemTime",
    "SystemClock",
    "Instant",
];

/// Every broken wall inside the sources.
pub(super) fn breaches(house: &House) -> Vec<Breach> {
    let files = house.rooms.iter().flat_map(|room| room.files.iter().map(move |file| (room, file)));
    files.flat_map(|(room, file)| file_breaches(room, file)).collect()
}

fn file_breaches(room: &Room, file: &SourceFile) -> Vec<Breach> {
    let name = room.name.as_str();
    let code = strip(&file.text, Keep::Code);
    let mut found = Vec::new();
    if name != "alloc" {
        found.extend(search(room, file, &code, &["unsafe"], "only alloc holds unsafe code"));
    }
    if is_test(&file.path) {
        return found;
    }
    let code = without_tests(&code);
    if PURE.contains(&name) {
        found.extend(search(room, file, code, AMBIENT, "a message crate is a function of its input"));
    }
    let text = strip(&file.text, Keep::CodeAndLiterals);
    let text = without_tests(&text);
    if KNOW_NO_KIND.contains(&name) {
        found.extend(search(room, file, text, KIND_LABELS, "it treats every kind alike and names none"));
    }
    if name == "server" && file.path != REGISTRY {
        found.extend(search(room, file, code, KIND_PATHS, "src/registry.rs alone names the kinds"));
        found.extend(search(room, file, text, KIND_LABELS, "src/registry.rs alone names the kinds"));
    }
    found.extend(foreign_kinds(room, file, code));
    found
}

/// A file that belongs to tests alone.
fn is_test(path: &str) -> bool {
    !path.starts_with("src/") || path.ends_with("/tests.rs") || path.contains("/tests/")
}

/// A kind that imports another kind of its room.
fn foreign_kinds(room: &Room, file: &SourceFile, code: &str) -> Vec<Breach> {
    let Some(own) = kind_of(&file.path) else { return Vec::new() };
    let mut others: Vec<&str> = room.files.iter().filter_map(|file| kind_of(&file.path)).collect();
    others.sort_unstable();
    others.dedup();
    let paths: Vec<String> =
        others.into_iter().filter(|&other| other != own).map(|other| format!("kinds::{other}")).collect();
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    search(room, file, code, &paths, "kinds never import each other")
}

/// `password` for `src/kinds/password/mod.rs` and `src/kinds/password.rs`.
fn kind_of(path: &str) -> Option<&str> {
    let below = path.strip_prefix("src/kinds/")?;
    let kind = below.split_once('/').map(|(kind, _)| kind).or_else(|| below.strip_suffix(".rs"))?;
    (kind != "mod").then_some(kind)
}

fn search(room: &Room, file: &SourceFile, text: &str, words: &[&str], rule: &'static str) -> Vec<Breach> {
    let lines = text.lines().enumerate();
    let hits =
        lines.filter_map(|(index, line)| Some((index + 1, words.iter().find(|word| names(line, word))?)));
    hits.map(|(line, word)| Breach {
        room: room.name.clone(),
        found: format!("{}:{line} names {word}", file.path),
        rule,
    })
    .collect()
}

/// Whether `line` holds `word` as a word of its own, or, for a word that ends in `_`, as the start of one.
fn names(line: &str, word: &str) -> bool {
    let part_of_a_word = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| {
        let before = line.get(..at).and_then(|head| head.chars().next_back());
        let after = line.get(at + word.len()..).and_then(|tail| tail.chars().next());
        !before.is_some_and(part_of_a_word) && (word.ends_with('_') || !after.is_some_and(part_of_a_word))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(room: &str, files: &[(&str, &str)]) -> Vec<String> {
        let files = files
            .iter()
            .map(|(path, text)| SourceFile { path: (*path).to_owned(), text: (*text).to_owned() })
            .collect();
        let room = Room { name: room.to_owned(), files, ..Room::default() };
        breaches(&House { rooms: vec![room] }).into_iter().map(|breach| breach.found).collect()
    }

    #[test]
    fn unsafe_code_outside_alloc_is_found_with_its_line() {
        let file = [("src/lib.rs", "fn a() {}\nfn b() { unsafe { c() } }\n")];
        assert_eq!(found("store", &file), ["src/lib.rs:2 names unsafe"]);
        assert!(found("alloc", &file).is_empty());
    }

    #[test]
    fn a_sentence_about_unsafe_code_is_no_unsafe_code() {
        let file = [("src/lib.rs", "#![forbid(unsafe_code)]\n// unsafe\nconst A: &str = \"unsafe\";\n")];
        assert!(found("store", &file).is_empty());
    }

    #[test]
    fn unsafe_code_in_a_test_is_found_too() {
        assert_eq!(found("store", &[("tests/a.rs", "unsafe { f() }")]).len(), 1);
    }

    #[test]
    fn a_label_in_a_room_that_knows_no_kind_is_found() {
        let file = [("src/lib.rs", "const KIND: &str = \"authentik_stages_password.passwordstage\";\n")];
        assert_eq!(found("portal", &file).len(), 1);
        assert_eq!(found("blueprints", &file).len(), 1);
        assert!(found("stages", &file).is_empty());
    }

    #[test]
    fn labels_in_tests_and_comments_are_allowed() {
        let file = [(
            "src/lib.rs",
            "// authentik_stages_x\nfn a() {}\n\n#[cfg(test)]\nmod tests {\n \"authentik_stages_x\";\n}\n",
        )];
        assert!(found("portal", &file).is_empty());
        assert!(found("portal", &[("tests/story.rs", "\"authentik_stages_x\";")]).is_empty());
    }

    #[test]
    fn a_kind_named_beside_the_registry_is_found() {
        let text = "use countersign_stages::kinds;\nuse countersign_provider_oauth2::Routes;\n";
        assert_eq!(found("server", &[("src/serve.rs", text)]).len(), 2);
        assert!(found("server", &[("src/registry.rs", text)]).is_empty());
    }

    #[test]
    fn a_message_crate_that_looks_at_the_clock_is_found() {
        let file = [("src/lib.rs", "fn now() -> std::time::Instant { std::time::Instant::now() }\n")];
        assert_eq!(found("oauth2", &file).len(), 1);
    }

    #[test]
    fn a_kind_that_imports_its_neighbour_is_found() {
        let files = [
            ("src/kinds/mod.rs", "pub mod consent;\npub mod password;\nuse crate::kinds::consent::X;\n"),
            ("src/kinds/consent/mod.rs", "use crate::kinds::consent::texts;\n"),
            ("src/kinds/password.rs", "use crate::kinds::consent::Consent;\n"),
        ];
        assert_eq!(found("stages", &files), ["src/kinds/password.rs:1 names kinds::consent"]);
    }
}
