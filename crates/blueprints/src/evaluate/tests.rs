//! Every tag, and what hostile files make of them.

use std::fs;

use serde_json::json;

use super::*;
use crate::{Variable, yaml};

/// A directory with one group and one flow.
struct Shelf;

impl Lookup for Shelf {
    fn find(&mut self, model: &str, identifiers: &JsonObject) -> Result<Option<RawId>, Problem> {
        match (model, identifiers.get("name").and_then(Value::as_str)) {
            ("group", Some("admins")) => Ok(Some(RawId::from_u128(1))),
            ("group", _) => Ok(None),
            (other, _) => Err(Problem::new(format!("{other} is not a kind that this server knows"))),
        }
    }

    fn read(&mut self, _: &str, _: RawId) -> Result<Option<JsonObject>, Problem> {
        Ok(json!({"name": "admins", "attributes": {"floor": 3}}).as_object().cloned())
    }
}

fn outside() -> Outside {
    Outside::default().with_variables(|name| match name {
        "COLOUR" => Variable::Value("red".to_owned()),
        "UNSET" => Variable::Unset,
        _ => Variable::Forbidden,
    })
}

fn evaluate(yaml: &str) -> Result<Value, Problem> {
    evaluate_with(yaml, &outside())
}

fn evaluate_with(yaml: &str, outside: &Outside) -> Result<Value, Problem> {
    let context = json!({"list": ["a", "b"], "map": {"x": 1, "y": 2}, "name": "Ada", "no": false});
    let state = Carried {
        context: context.as_object().unwrap().clone(),
        keys: HashMap::from([("flow".to_owned(), RawId::from_u128(7))]),
        ..Carried::default()
    };
    let node = yaml::parse(yaml)?;
    Evaluator::new(&mut Shelf, outside, state).value(&node)
}

#[track_caller]
fn gives(yaml: &str, expected: Value) {
    assert_eq!(evaluate(yaml), Ok(expected), "{yaml}");
}

#[track_caller]
fn fails(yaml: &str, words: &str) {
    let problem = evaluate(yaml).unwrap_err().to_string();
    assert!(problem.contains(words), "{yaml}: {problem}");
}

#[test]
fn key_of_names_an_entry_before() {
    gives("!KeyOf flow", json!(RawId::from_u128(7).to_string()));
    fails("{stage: !KeyOf nobody}", "stage, line 1: !KeyOf: no entry before this one has the id “nobody”");
}

#[test]
fn find_asks_the_database() {
    gives("!Find [group, [name, admins]]", json!(RawId::from_u128(1).to_string()));
    gives("!Find [group, [name, nobody]]", Value::Null);
    gives("!AtIndex [!FindObject [group, [name, admins]], name]", json!("admins"));
    gives("!AtIndex [!AtIndex [!FindObject [group, [name, admins]], attributes], floor]", json!(3));
    fails("!Find [group]", "[model, [field, value], …] is needed");
    fails("!Find [moon, [name, x]]", "moon is not a kind");
}

#[test]
fn context_has_defaults() {
    gives("!Context name", json!("Ada"));
    gives("!Context [nobody, !Context name]", json!("Ada"));
    gives("!Context nobody", Value::Null);
}

#[test]
fn variables_are_only_those_allowed() {
    gives("!Env COLOUR", json!("red"));
    gives("!Env [UNSET, blue]", json!("blue"));
    gives("!Env UNSET", Value::Null);
    fails("!Env COUNTERSIGN_SECRET_KEY", "may not read the variable COUNTERSIGN_SECRET_KEY");
}

#[test]
fn format_is_pythons() {
    gives("!Format ['%s of %d', !Context name, 3]", json!("Ada of 3"));
    fails("!Format ['%s %s', a]", "fewer values");
}

#[test]
fn choices_work_out_only_the_branch_taken() {
    gives("!If [!Context no, !KeyOf nobody, other]", json!("other"));
    gives("!If [!Context name]", json!(true));
    gives("!If [true, {a: !Context name}, []]", json!({"a": "Ada"}));
    fails("!If [a, b]", "[condition] or [condition, then, else]");
}

#[test]
fn conditions_combine() {
    for (mode, values, expected) in [
        ("AND", "true, true", true),
        ("AND", "true, false", false),
        ("NAND", "true, false", true),
        ("OR", "false, 1", true),
        ("NOR", "false, 0", true),
        ("XOR", "true, true, true", true),
        ("XNOR", "true, true", true),
        ("EQ", "a, a", true),
        ("NEQ", "a, b", true),
    ] {
        gives(&format!("!Condition [{mode}, {values}]"), json!(expected));
    }
    fails("!Condition [MAYBE, 1]", "AND|NAND");
}

#[test]
fn loops_nest() {
    gives("!Enumerate [!Context list, SEQ, !Format ['%d:%s', !Index 0, !Value 0]]", json!(["0:a", "1:b"]));
    gives("!Enumerate [!Context map, MAP, [!Index 0, !Value 0]]", json!({"x": 1, "y": 2}));
    gives(
        "!Enumerate [[1, 2], SEQ, !Enumerate [!Context list, SEQ, !Format ['%s%s', !Value 1, !Value 0]]]",
        json!([["1a", "1b"], ["2a", "2b"]]),
    );
    fails("!Value 0", "no !Enumerate so far out");
    fails("!Enumerate [[1], SEQ, !Value 1]", "no !Enumerate so far out");
    fails("!Enumerate [3, SEQ, x]", "must be a list or a map");
}

#[test]
fn elements_are_picked() {
    gives("!AtIndex [!Context list, -1]", json!("b"));
    gives("!AtIndex [!Context map, x]", json!(1));
    gives("!AtIndex [!Context list, 9, none]", json!("none"));
    fails("!AtIndex [!Context list, 9]", "there is nothing at 9");
}

#[test]
fn json_is_parsed() {
    gives("!ParseJSON '{\"a\": [1]}'", json!({"a": [1]}));
    fails("!ParseJSON '{'", "!ParseJSON");
}

#[test]
fn a_file_is_read_where_it_is_allowed_and_neither_links_nor_dots_lead_out() {
    let folder = tempfile::tempdir().unwrap();
    let (inside, closed) = (folder.path().join("inside"), folder.path().join("inside/keys"));
    fs::create_dir_all(&closed).unwrap();
    fs::write(inside.join("note.txt"), "hello").unwrap();
    for secret in ["secret.txt", "inside.txt", "inside/keys/master"] {
        fs::write(folder.path().join(secret), "canary").unwrap();
    }
    fs::write(folder.path().join("single.txt"), "alone").unwrap();
    let outside =
        outside().with_files([inside.clone(), folder.path().join("single.txt")]).without_files_below(&closed);
    let read = |path: &str| evaluate_with(&format!("!File ['{path}', fallback]"), &outside);
    let whole = |path: &str| folder.path().join(path).display().to_string();
    assert_eq!(evaluate_with("!File note.txt", &outside), Ok(json!("hello")));
    assert_eq!(read(&whole("inside/note.txt")), Ok(json!("hello")));
    assert_eq!(read(&whole("single.txt")), Ok(json!("alone")), "a file that is named itself");
    assert_eq!(read("absent.txt"), Ok(json!("fallback")));
    let refused = |path: &str| {
        let problem = read(path).unwrap_err().to_string();
        assert!(problem.contains("!File may not read") && !problem.contains("canary"), "{path}: {problem}");
    };
    for escape in
        ["../secret.txt", "./../secret.txt", "keys/../../secret.txt", "keys/master", "../inside/note.txt"]
    {
        refused(escape);
    }
    // What is there and what is not are told alike, where neither may be read.
    for escape in ["secret.txt", "inside.txt", "inside/keys/master", "absent.txt", "inside/../secret.txt"] {
        refused(&whole(escape));
    }
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(folder.path().join("secret.txt"), inside.join("link")).unwrap();
        std::os::unix::fs::symlink(folder.path(), inside.join("up")).unwrap();
        std::os::unix::fs::symlink(inside.join("note.txt"), inside.join("alias")).unwrap();
        for escape in ["link", "up/secret.txt", "up/inside/keys/master"] {
            refused(escape);
            refused(&whole(&format!("inside/{escape}")));
        }
        assert_eq!(read("alias"), Ok(json!("hello")), "a link within");
    }
    for path in ["note.txt", "absent.txt", "/etc/passwd"] {
        assert!(evaluate(&format!("!File [{path}, x]")).is_err(), "nothing is read unless it is allowed");
    }
}

#[test]
fn alias_bombs_end_in_a_message() {
    let mut bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for (from, to) in "abcdefghij".chars().zip("bcdefghijk".chars()) {
        let elements = vec![format!("*{from}"); 10].join(", ");
        bomb.push_str(&format!("{to}: &{to} [{elements}]\n"));
    }
    assert!(yaml::parse(&bomb).is_err());
}

#[test]
fn loop_bombs_end_in_a_message() {
    let list = format!("[{}]", vec!["1"; 200].join(","));
    fails(
        &format!("!Enumerate [{list}, SEQ, !Enumerate [{list}, SEQ, !Enumerate [{list}, SEQ, x]]]"),
        "values to work out",
    );
    let mut doubled = "!Context name".to_owned();
    for _ in 0..12 {
        doubled = format!("!Format ['%500s%500s', {doubled}, x]");
    }
    assert!(evaluate(&doubled).is_ok(), "long but bounded");
}

#[test]
fn deep_nesting_and_unknown_tags_are_refused() {
    assert!(yaml::parse(&format!("{}x{}", "[".repeat(80), "]".repeat(80))).is_err());
    assert!(yaml::parse(&format!("{}x{}", "[".repeat(100_000), "]".repeat(100_000))).is_err());
    fails("!Exec whoami", "!Exec is not a tag of blueprints");
    assert!(yaml::parse(&"x".repeat(yaml::MAX_BYTES + 1)).is_err());
    assert!(yaml::parse("{[a]: 1}").is_err());
    assert!(yaml::parse("a: .nan").is_err());
}
