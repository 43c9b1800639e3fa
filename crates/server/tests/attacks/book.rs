//! The book's table of requirements and tests.

use std::{fs, path::Path};

fn sources(folder: &Path, text: &mut String) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, text);
        } else if path.extension().is_some_and(|end| end == "rs") {
            text.push_str(&fs::read_to_string(&path).unwrap());
        }
    }
}

#[test]
fn every_test_that_the_book_names_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let book = fs::read_to_string(root.join("docs/security.md")).unwrap();
    let mut text = String::new();
    sources(&root.join("crates"), &mut text);
    let quoted = book.split('`').skip(1).step_by(2);
    let names = quoted.filter(|word| {
        word.matches('_').count() > 2
            && word.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
    });
    let names: Vec<&str> = names.collect();
    assert!(names.len() > 80, "{}", names.len());
    let missing: Vec<&&str> = names.iter().filter(|name| !text.contains(&format!("fn {name}("))).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
