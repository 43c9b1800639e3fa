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
const SOURCE: &str = include_str!("prelude.py");

/// What of the prelude a rewritten body needs: running a definition costs as much as a small body. It follows
/// the body, so that the lines of the body keep their numbers.
pub(crate) fn needed_by(body: &str) -> String {
    let needed = |definition: &&str| {
        let name = definition.trim_start_matches("def ").trim_start_matches("class ");
        let name = name.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').next();
        name.is_some_and(|name| match name {
            "_cs_out" => true,
            "ip_address" | "ip_network" => mentions_addresses(body),
            name => body.contains(name),
        })
    };
    SOURCE.split("\n\n\n").filter(needed).collect::<Vec<_>>().join("\n")
}

/// Whether addresses come into this body as `ip_address`; otherwise they come as text.
pub(crate) fn mentions_addresses(body: &str) -> bool {
    body.contains("ip")
}
