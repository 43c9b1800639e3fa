//! What is defined in every expression before its body runs, written in Python itself.
//!
//! Three kinds of things: classes and pure functions that are cheaper to say in Python; helpers (their names
//! begin with [`RESERVED`], which bodies may not use) that [`rewrite`](crate::rewrite) puts in the place of
//! what host objects cannot do in the interpreter; and the last look at the result, which is measured inside
//! the sandbox because copying it out knows no limit: `x = [x, x]` forty times is a small value there and a
//! terabyte outside.
//!
//! The interpreter runs `__contains__`, `__eq__` and their like without pausing, so these may not ask the
//! host: addresses are parsed when constructed and kept as text of one width that compares like numbers.

/// First characters of names that belong to this crate.
pub(crate) const RESERVED: &str = "_cs_";

/// The eager attribute that marks an object of the host.
pub(crate) const HOST_MARK: &str = "_cs_id";

/// Definitions, two blank lines between them.
const SOURCES: [&str; 2] = [include_str!("prelude.py"), include_str!("modules.py")];

/// What of the prelude a rewritten body needs: running a definition costs as much as a small body. It follows
/// the body, so that the lines of the body keep their numbers.
pub(crate) fn needed_by(body: &str) -> String {
    let definitions: Vec<&str> =
        SOURCES.iter().flat_map(|source| source.split("\n\n\n")).map(str::trim_end).collect();
    let mut needed = vec![false; definitions.len()];
    let mut todo: Vec<&str> = vec![body];
    // Definitions need others.
    while let Some(text) = todo.pop() {
        for (definition, needed) in definitions.iter().zip(&mut needed) {
            if !*needed && is_needed(name_of(definition), text) {
                *needed = true;
                todo.push(definition);
            }
        }
    }
    let needed = definitions.iter().zip(needed).filter(|(_, needed)| *needed);
    needed.map(|(definition, _)| *definition).collect::<Vec<_>>().join("\n")
}

fn name_of(definition: &str) -> &str {
    let rest = definition.trim_start_matches("def ").trim_start_matches("class ");
    rest.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').next().unwrap_or_default()
}

fn is_needed(name: &str, text: &str) -> bool {
    match name {
        "_cs_out" => true,
        "ip_address" | "ip_network" => mentions_addresses(text),
        name => text.contains(name),
    }
}

/// Whether addresses come into this body as `ip_address`; otherwise they come as text.
pub(crate) fn mentions_addresses(body: &str) -> bool {
    body.contains("ip")
}
