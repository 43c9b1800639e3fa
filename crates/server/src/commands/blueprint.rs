//! `blueprint`.

use std::{fs, path::Path, sync::Arc};

use countersign_blueprints::{Blueprints, Change, Done, EntryReport, Report, Selection, Source};
use countersign_registry::Actor;
use countersign_types::{JsonObject, RawId, Secret};
use serde_json::{Value, json};

use super::{say, wait_for};
use crate::{
    Failure, House,
    cli::{BlueprintCommand, ExportArgs},
    outside::doors,
    registry,
};

/// Does what the command line says about blueprints.
pub(super) fn run(house: &House, command: BlueprintCommand) -> Result<(), Failure> {
    match command {
        BlueprintCommand::Apply { file, context, json } => {
            let (blueprints, source) = read(house, &file)?;
            let applied = wait_for(blueprints.apply(&source, &object(&context), &Actor::System))?;
            let shown = show(house, applied?)?;
            if json { say(&as_json(&shown).to_string())? } else { as_text(&shown)? }
        }
        BlueprintCommand::Validate { file, context } => {
            let (blueprints, source) = read(house, &file)?;
            let report = wait_for(blueprints.validate(&source, &object(&context), &Actor::System))??;
            for warning in &report.warnings {
                say(&format!("warning: {warning}"))?;
            }
            say(&format!("{} is valid. Applying it would bring: {}.", file.display(), counts(&report)))?;
        }
        BlueprintCommand::Diff { file, context, json } => {
            let (blueprints, source) = read(house, &file)?;
            let report = wait_for(blueprints.validate(&source, &object(&context), &Actor::System))??;
            if json { say(&differences(&report).to_string())? } else { tell(&report)? }
        }
        // Printed without a database.
        BlueprintCommand::Schema => {}
        BlueprintCommand::Export(what) => {
            let text = wait_for(house.blueprints().export(&selection(what)))??;
            say(text.trim_end())?;
        }
    }
    house.store.close();
    Ok(())
}

/// A file by its path, whose `!File` reads beside it.
fn read(house: &House, file: &Path) -> Result<(Blueprints, Source), Failure> {
    let text =
        fs::read_to_string(file).map_err(|error| Failure::words(format!("{}: {error}", file.display())))?;
    let directory = file.parent().filter(|directory| !directory.as_os_str().is_empty());
    let outside = doors(&house.config, Some(directory.unwrap_or(Path::new("."))));
    Ok((house.blueprints().reaching(outside), Source::handed_in(file.display().to_string(), text)))
}

/// Values of the context. What reads as JSON is that (`true`, `5`, `["a"]`), the rest is text.
fn object(context: &[(String, String)]) -> JsonObject {
    let value = |text: &str| serde_json::from_str(text).unwrap_or_else(|_| Value::from(text));
    context.iter().map(|(name, text)| (name.clone(), value(text))).collect()
}

fn selection(what: ExportArgs) -> Selection {
    let named = |model: &str, name| Selection::Object { model: model.to_owned(), name };
    match what {
        ExportArgs { flow: Some(slug), .. } => named("authentik_flows.flow", slug),
        ExportArgs { application: Some(slug), .. } => named("authentik_core.application", slug),
        _ => Selection::Everything,
    }
}

/// A report with what people need of it: how objects are called, and what they carry to applications.
struct Shown {
    report: Report,
    entries: Vec<ShownEntry>,
}

struct ShownEntry {
    identifiers: JsonObject,
    secrets: Vec<(String, Secret<String>)>,
}

fn show(house: &House, report: Report) -> Result<Shown, Failure> {
    let ids: Vec<Option<(String, RawId)>> =
        report.entries.iter().map(|entry| Some((entry.entry.model.clone(), entry.id?))).collect();
    let (registry, sealer) = (Arc::clone(&house.registry), house.sealer.clone());
    let found = house.store.read_blocking(move |tx| {
        let mut found = Vec::new();
        for object in &ids {
            let Some((model, id)) = object else {
                found.push((JsonObject::new(), Vec::new()));
                continue;
            };
            let resource = registry.get(model)?;
            let document = resource.read(tx, *id)?.unwrap_or_default();
            let identifying = |name: &str| Some((name.to_owned(), document.get(name)?.clone()));
            let identifiers = resource.identified_by().iter().filter_map(|name| identifying(name)).collect();
            found.push((identifiers, registry::credentials(tx, &sealer, *id)?));
        }
        Ok::<_, Failure>(found)
    })?;
    let entries = report.entries.iter().zip(found).map(|(entry, (identifiers, credentials))| {
        let mut secrets: Vec<_> =
            credentials.into_iter().map(|(field, value)| (field.to_owned(), value)).collect();
        let is_new = |field: &str| !secrets.iter().any(|(known, _)| known == field);
        let made: Vec<_> = entry.generated.iter().filter(|(field, _)| is_new(field)).cloned().collect();
        secrets.extend(made);
        ShownEntry { identifiers, secrets }
    });
    let entries = entries.collect();
    Ok(Shown { report, entries })
}

fn counts(report: &Report) -> String {
    let kinds = [Done::Created, Done::Updated, Done::Unchanged, Done::Deleted, Done::Skipped];
    let counts = kinds.map(|done| (report.count(done), done.as_str()));
    let counts: Vec<String> = counts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    if counts.is_empty() { "nothing".to_owned() } else { counts.join(", ") }
}

fn as_json(shown: &Shown) -> Value {
    let report = &shown.report;
    let entry = |(entry, shown): (&EntryReport, &ShownEntry)| {
        let generated: JsonObject = shown
            .secrets
            .iter()
            .map(|(field, value)| (field.clone(), Value::from(value.expose().as_str())))
            .collect();
        json!({
            "model": entry.entry.model,
            "id": entry.id,
            "done": entry.done.as_str(),
            "identifiers": shown.identifiers,
            "generated": generated,
        })
    };
    let entries: Vec<Value> = report.entries.iter().zip(&shown.entries).map(entry).collect();
    json!({
        "created": report.count(Done::Created),
        "updated": report.count(Done::Updated),
        "unchanged": report.count(Done::Unchanged),
        "deleted": report.count(Done::Deleted),
        "entries": entries,
        "warnings": report.warnings,
    })
}

fn as_text(shown: &Shown) -> Result<(), Failure> {
    for warning in &shown.report.warnings {
        say(&format!("warning: {warning}"))?;
    }
    for (entry, shown) in shown.report.entries.iter().zip(&shown.entries) {
        if matches!(entry.done, Done::Unchanged | Done::Skipped | Done::Dependency)
            && shown.secrets.is_empty()
        {
            continue;
        }
        let names: Vec<String> = shown.identifiers.values().map(plain).collect();
        say(&format!("{:9}  {}  {}", entry.done.as_str(), entry.entry.model, names.join(" ")))?;
        for (field, value) in &shown.secrets {
            say(&format!("             {field}: {}", value.expose()))?;
        }
    }
    say(&format!("Applied “{}”: {}.", shown.report.name, counts(&shown.report)))
}

/// What would be different, in a form like that of a patch.
fn tell(report: &Report) -> Result<(), Failure> {
    for warning in &report.warnings {
        say(&format!("warning: {warning}"))?;
    }
    for entry in report.every().into_iter().filter(|entry| entry.is_change()) {
        let mark = match entry.done {
            Done::Created => '+',
            Done::Deleted => '-',
            _ => '~',
        };
        say(&format!("{mark} {}  {}", entry.entry.model, entry.name()))?;
        for Change { field, before, after } in &entry.changes {
            match (before, after) {
                (Value::Null, Value::Null) => say(&format!("    {field}: a secret"))?,
                (Value::Null, after) => say(&format!("    {field}: {after}"))?,
                (before, Value::Null) => say(&format!("    {field}: {before} → nothing"))?,
                (before, after) => say(&format!("    {field}: {before} → {after}"))?,
            }
        }
    }
    say(&format!("Applying “{}” would bring: {}.", report.name, counts(report)))
}

fn differences(report: &Report) -> Value {
    let change =
        |change: &Change| json!({ "field": change.field, "before": change.before, "after": change.after });
    let entry = |entry: &EntryReport| {
        json!({
            "model": entry.entry.model,
            "id": entry.id,
            "name": entry.name(),
            "line": entry.entry.line,
            "done": entry.done.as_str(),
            "changes": entry.changes.iter().map(change).collect::<Vec<_>>(),
        })
    };
    let changed = report.every().into_iter().filter(|entry| entry.is_change());
    json!({ "changes": changed.map(entry).collect::<Vec<_>>(), "warnings": report.warnings })
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
