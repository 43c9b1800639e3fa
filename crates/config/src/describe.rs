//! The table, shown: each value and where it came from, and the reference of all settings.

use crate::{
    Config,
    load::Reader,
    problem::{Origin, Warning},
    table::{Key, Section, SectionTable},
};

/// One setting as `config show` prints it.
#[derive(Clone, Debug)]
pub struct Setting {
    /// Path in the file: `listen.http`.
    pub key: String,
    /// The variable that sets it.
    pub env: String,
    /// The value; secrets are masked. Empty when there is none.
    pub value_masked: String,
    /// The default; empty when there is none.
    pub default: &'static str,
    /// Where the value stands.
    pub origin: Origin,
    /// Where it pointed to: `file:///run/secrets/key`.
    pub via: Option<String>,
    /// Help text.
    pub doc: String,
}

impl Setting {
    pub(crate) fn new(key: &Key, value_masked: String, origin: Origin, via: Option<String>) -> Self {
        let (path, env, doc) = (key.path(), key.variable(), prose(key.doc));
        Self { key: path, env, value_masked, default: key.default, origin, via, doc }
    }

    /// Where the value came from, in words: `COUNTERSIGN_SECRET_KEY (file:///run/secrets/key)`.
    pub fn source(&self) -> String {
        match &self.via {
            Some(via) => format!("{} ({via})", self.origin),
            None => self.origin.to_string(),
        }
    }
}

/// Where each value of a configuration came from, and what was odd about it.
#[derive(Clone, Debug, Default)]
pub struct Provenance {
    /// Every setting, in the order of the reference.
    pub settings: Vec<Setting>,
    /// What the administrator should know; log it at start.
    pub warnings: Vec<Warning>,
}

/// It has no rows of its own: it is what the reader gathered while the sections before it were read.
impl Section for Provenance {
    fn tables(_: &mut Vec<SectionTable>) {}

    fn read(reader: &mut Reader) -> Option<Self> {
        Some(reader.take_provenance())
    }
}

impl Config {
    /// Every setting with its value, secrets masked.
    pub fn describe(&self) -> Vec<Setting> {
        self.provenance.settings.clone()
    }

    /// What the administrator should know; log it at start.
    pub fn warnings(&self) -> &[Warning] {
        &self.provenance.warnings
    }
}

const PREAMBLE: &str = "\
# Configuration

<!-- Generated from crates/config/src/settings.rs. After a change there:
     cargo run -p countersign-config --example reference > docs/reference/configuration.md -->

Every setting has a default, so that an empty configuration works. `countersign config show` prints what is in
force and where each value came from, with secrets masked.

## Where a value comes from

The first of these that has a value wins. An empty value counts as none.

1. The environment variable `COUNTERSIGN_<SECTION>__<KEY>`: two underscores between section and key, as in
   `COUNTERSIGN_LISTEN__HTTP`.
2. The same variable with the prefix `AUTHENTIK_`, then the short names `PG_PASS`, `PG_USER`, `PG_DB`,
   `COMPOSE_PORT_HTTP` and `COMPOSE_PORT_HTTPS`, so that a `.env` written for authentik works unchanged.
3. The file named by `--config` or `COUNTERSIGN_CONFIG`, otherwise `countersign.yml`, `countersign.yaml` or
   `countersign.toml` in the working directory.
4. The default.

```yaml
# countersign.yml
listen:
  http: 127.0.0.1:9000
postgresql:
  host: db.example.com
  password: file:///run/secrets/postgresql
```

## Values that stand elsewhere

In place of a value, anywhere, may stand

- `env://NAME` or `env://NAME?default`: the value of another variable;
- `file:///path` or `file:///path?default`: the contents of a file of at most 64 KiB, without its last line break.

## Names that do not exist

A misspelt name stops the server with a message that says where it stands and which name is nearest. Settings
of authentik that have no meaning here are accepted with a warning, and so is any other variable that begins
with `AUTHENTIK_`.
";

/// The reference of all settings, in Markdown.
pub fn reference_markdown() -> String {
    let mut tables = Vec::new();
    Config::tables(&mut tables);
    let mut page = PREAMBLE.to_owned();
    for table in &tables {
        let heading = if table.name.is_empty() { "General".to_owned() } else { format!("`{}`", table.name) };
        page.push_str(&format!("\n## {heading}\n\n{}\n", prose(table.about)));
        for key in table.keys {
            page.push_str(&entry(key));
        }
    }
    page
}

fn entry(key: &Key) -> String {
    let default = match key.default {
        "" => "none".to_owned(),
        default => format!("`{default}`"),
    };
    let mut facts = vec![key.shape.to_owned()];
    if let Some((min, max)) = key.range {
        facts.push(format!("{min} to {max}"));
    }
    facts.push(format!("default {default}"));
    let also = key.aliases.iter().map(|alias| format!("`{alias}`")).collect::<Vec<_>>().join(", ");
    let also = if also.is_empty() { also } else { format!(" (also {also})") };
    format!(
        "\n### `{}`\n\n{}\n\n- Variable: `{}`{also}\n- Value: {}\n",
        key.path(),
        prose(key.doc),
        key.variable(),
        facts.join("; "),
    )
}

/// Lines of a doc comment as one paragraph.
fn prose(lines: &[&str]) -> String {
    lines.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ")
}
