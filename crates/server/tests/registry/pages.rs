//! The pages of the book about kinds: each has one, with the fields that it has, and an example that is taken.

use std::{fs, path::PathBuf};

use countersign_resource::Descriptor;
use countersign_store::Backend;
use countersign_testkit::{TestApp, on_both_databases};
use serde_json::Value;

use crate::Hands;

/// Families that have pages, and where.
const BOOK: &[(&str, &str)] =
    &[("policy", "docs/policies"), ("stage", "docs/stages"), ("propertymapping", "docs/mappings")];
const END: &str = "<!-- end of fields -->";

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn begin(model: &str) -> String {
    format!("<!-- fields of {model} -->\n")
}

/// The page of a kind: where it is, and what it says.
fn page(model: &str, folder: &str) -> Option<(PathBuf, String)> {
    let files = fs::read_dir(root().join(folder)).unwrap().map(|file| file.unwrap().path());
    let mut pages = files.map(|file| (file.clone(), fs::read_to_string(file).unwrap()));
    pages.find(|(_, text)| text.contains(&begin(model)))
}

/// The page with the fields as the kind has them now.
fn renewed(descriptor: &Descriptor, text: &str) -> String {
    let begin = begin(descriptor.model);
    let (before, rest) = text.split_once(&begin).unwrap();
    let (_, after) = rest.split_once(END).unwrap();
    format!("{before}{begin}{}{END}{after}", table(descriptor))
}

fn table(descriptor: &Descriptor) -> String {
    let mut table = "| field | type | default | what it is |\n|---|---|---|---|\n".to_owned();
    for (name, field) in descriptor.schema["properties"].as_object().unwrap() {
        if ["name", "managed"].contains(&name.as_str()) {
            continue;
        }
        let default = field.get("default").map_or_else(String::new, |default| match default.to_string() {
            ticked if ticked.contains('`') => format!("`` {ticked} ``"),
            plain => format!("`{plain}`"),
        });
        let help = field["description"].as_str().unwrap_or_default().replace('|', "\\|").replace('\n', " ");
        table.push_str(&format!(
            "| `{name}` | {} | {} | {help} |\n",
            kind(field),
            default.replace('|', "\\|")
        ));
    }
    table
}

fn kind(field: &Value) -> String {
    let plain = |field: &Value| match &field["type"] {
        Value::String(kind) => kind.clone(),
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" or "),
        _ => "choice".to_owned(),
    };
    match field["type"].as_str() {
        Some("array") => format!("list of {}s", plain(&field["items"])),
        _ => plain(field),
    }
}

on_both_databases! {
    async fn every_kind_has_a_page_that_is_true(app: TestApp) {
        let hands = Hands { app, registry: app.kinds() };
        for (family, folder) in BOOK {
            for resource in app.kinds().resources().filter(|kind| kind.descriptor().family == Some(family)) {
                let descriptor = resource.descriptor();
                let model = descriptor.model;
                let Some((file, text)) = page(model, folder) else { panic!("{model} has no page in {folder}") };
                let file = file.display();
                assert_eq!(text, renewed(descriptor, &text), "{file}: cargo test … write_the_pages -- --ignored");
                let (_, example) = text.split_once("```yaml\n").unwrap();
                let (example, _) = example.split_once("```").unwrap();
                let example: Value = serde_yaml_ng::from_str(example).unwrap();
                let entry = example["entries"].as_array().unwrap().iter().find(|entry| entry["model"] == model).unwrap();
                let mut document = entry["attrs"].as_object().unwrap().clone();
                document.extend(entry["identifiers"].as_object().unwrap().clone());
                hands.make(model, document).await;
            }
        }
    }
}

#[tokio::test]
#[ignore = "writes into the book"]
async fn write_the_pages() {
    let Some(app) = TestApp::start(Backend::Sqlite).await else { return };
    for (family, folder) in BOOK {
        for resource in app.kinds().resources().filter(|kind| kind.descriptor().family == Some(family)) {
            let descriptor = resource.descriptor();
            if let Some((file, text)) = page(descriptor.model, folder) {
                fs::write(file, renewed(descriptor, &text)).unwrap();
            }
        }
    }
}
