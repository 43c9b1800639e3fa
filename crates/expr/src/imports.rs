//! Modules that expressions import and the interpreter does not have. An import of one becomes assignments of names of
//! the [`prelude`](crate::prelude) on the same line:
//!
//! ```text
//! from urllib.parse import quote as q     q = _cs_urllib_parse.quote
//! import urllib.parse                     urllib = _cs_urllib
//! import hashlib as h                     h = _cs_hashlib
//! ```
//! Other imports are left to the interpreter, which has some modules and refuses the rest when they are reached.

use ruff_python_ast::{Alias, StmtImport, StmtImportFrom};

/// Modules, and the name of the prelude that stands for each.
const MODULES: &[(&str, &str)] = &[
    ("authentik.core.models", "_cs_core_models"),
    ("authentik.flows.models", "_cs_flows_models"),
    ("authentik.flows.planner", "_cs_flows_planner"),
    ("authentik.stages.prompt.stage", "_cs_prompt_stage"),
    ("django.utils.html", "_cs_django_utils_html"),
    ("django.utils.text", "_cs_django_utils_text"),
    ("django.utils.timezone", "_cs_django_utils_timezone"),
    ("django.utils.translation", "_cs_django_utils_translation"),
    ("hashlib", "_cs_hashlib"),
    ("msgraph.generated.models.password_profile", "_cs_password_profile"),
    ("requests", "_cs_requests"),
    ("requests.exceptions", "_cs_requests_exceptions"),
    ("urllib", "_cs_urllib"),
    ("urllib.parse", "_cs_urllib_parse"),
    ("uuid", "_cs_uuid_module"),
];

/// Functions of the house that people import although they have them.
const OURS: &[(&str, &str)] = &[("ipaddress", "ip_address"), ("ipaddress", "ip_network")];

fn find(module: &str) -> Option<&'static str> {
    MODULES.iter().find(|(name, _)| *name == module).map(|(_, stand_in)| *stand_in)
}

/// What an `import` becomes; none when it is the interpreter's to answer. One that names modules of both is left whole.
pub(crate) fn import(node: &StmtImport) -> Option<String> {
    let assigned: Option<Vec<String>> = node.names.iter().map(import_one).collect();
    assigned.map(|assigned| assigned.join("; "))
}

fn import_one(alias: &Alias) -> Option<String> {
    let name = alias.name.as_str();
    match &alias.asname {
        Some(chosen) => Some(format!("{} = {}", chosen.as_str(), find(name)?)),
        None => {
            find(name)?;
            let top = name.split('.').next().unwrap_or(name);
            Some(format!("{top} = {}", find(top)?))
        }
    }
}

/// The same for `from … import …`.
pub(crate) fn import_from(node: &StmtImportFrom) -> Option<String> {
    if node.level != 0 {
        return None;
    }
    let module = node.module.as_ref()?.as_str();
    let assigned: Option<Vec<String>> = node.names.iter().map(|alias| import_member(module, alias)).collect();
    assigned.map(|assigned| assigned.join("; "))
}

fn import_member(module: &str, alias: &Alias) -> Option<String> {
    let name = alias.name.as_str();
    let chosen = alias.asname.as_ref().map_or(name, |chosen| chosen.as_str());
    if OURS.contains(&(module, name)) {
        return Some(if chosen == name { "pass".to_owned() } else { format!("{chosen} = {name}") });
    }
    // A module inside a package: `from urllib import parse`.
    if let Some(inner) = find(&format!("{module}.{name}")) {
        return Some(format!("{chosen} = {inner}"));
    }
    (name != "*").then_some(())?;
    Some(format!("{chosen} = {}.{name}", find(module)?))
}
