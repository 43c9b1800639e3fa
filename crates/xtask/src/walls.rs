//! The walls of the house: which crate may lean on which, and what its source may name.
//!
//! Reads the workspace (`cargo metadata`, manifests, sources) into a [`House`], then lets the rules look at
//! it. The rules are pure, so that their tests build houses with one broken wall each. Dev-dependencies are
//! no part of a wall: a test may stand on anything.

use std::path::{Path, PathBuf};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};

use crate::{CheckError, Findings};

mod dependencies;
mod floors;
mod lexer;
mod sources;

/// What every package's name begins with; the rest is the room's name.
const PREFIX: &str = "countersign-";

/// The workspace, as far as the rules look at it.
#[derive(Debug, Default)]
struct House {
    rooms: Vec<Room>,
}

/// One crate.
#[derive(Debug, Default)]
struct Room {
    /// Package name without [`PREFIX`]: `store`, `provider-oauth2`.
    name: String,
    /// Full package names of its direct normal and build dependencies.
    dependencies: Vec<String>,
    /// Whether its manifest says `[lints] workspace = true`.
    inherits_lints: bool,
    files: Vec<SourceFile>,
}

/// One Rust file of a room.
#[derive(Debug)]
struct SourceFile {
    /// Below the crate's folder, with forward slashes: `src/kinds/password/mod.rs`.
    path: String,
    text: String,
}

/// A broken wall.
#[derive(Debug, PartialEq, Eq)]
struct Breach {
    room: String,
    found: String,
    rule: &'static str,
}

/// Reads the workspace and names every broken wall.
pub(crate) fn check() -> Findings {
    let metadata = MetadataCommand::new().no_deps().exec()?;
    let house = read_house(&metadata)?;
    let mut breaches = dependencies::breaches(&house);
    breaches.extend(sources::breaches(&house));
    Ok(breaches.into_iter().map(|Breach { room, found, rule }| format!("{room}: {found}: {rule}")).collect())
}

fn read_house(metadata: &Metadata) -> Result<House, CheckError> {
    let rooms = metadata.workspace_packages().into_iter().map(read_room).collect::<Result<_, _>>()?;
    Ok(House { rooms })
}

fn read_room(package: &Package) -> Result<Room, CheckError> {
    let manifest = package.manifest_path.as_std_path();
    let folder = manifest.parent().unwrap_or(Path::new("."));
    let mut files = Vec::new();
    for part in ["src", "tests", "benches", "examples"] {
        read_sources(folder, &folder.join(part), &mut files)?;
    }
    let kept =
        package.dependencies.iter().filter(|dependency| dependency.kind != DependencyKind::Development);
    Ok(Room {
        name: package.name.strip_prefix(PREFIX).unwrap_or(&package.name).to_owned(),
        dependencies: kept.map(|dependency| dependency.name.clone()).collect(),
        inherits_lints: inherits_lints(manifest)?,
        files,
    })
}

fn read_sources(folder: &Path, part: &Path, files: &mut Vec<SourceFile>) -> Result<(), CheckError> {
    if !part.is_dir() {
        return Ok(());
    }
    for path in sorted_entries(part)? {
        if path.is_dir() {
            read_sources(folder, &path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).map_err(CheckError::read(&path))?;
            let below = path.strip_prefix(folder).unwrap_or(&path);
            files.push(SourceFile { path: below.to_string_lossy().replace('\\', "/"), text });
        }
    }
    Ok(())
}

fn sorted_entries(folder: &Path) -> Result<Vec<PathBuf>, CheckError> {
    let entries = std::fs::read_dir(folder).map_err(CheckError::read(folder))?;
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()
        .map_err(CheckError::read(folder))?;
    paths.sort();
    Ok(paths)
}

fn inherits_lints(manifest: &Path) -> Result<bool, CheckError> {
    let text = std::fs::read_to_string(manifest).map_err(CheckError::read(manifest))?;
    let table: toml::Table = text
        .parse()
        .map_err(|source| CheckError::Manifest { path: manifest.display().to_string(), source })?;
    let inherited = table.get("lints").and_then(|lints| lints.get("workspace"));
    Ok(inherited.and_then(toml::Value::as_bool).unwrap_or(false))
}
