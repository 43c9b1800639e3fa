//! Prints the reference of all settings, for `docs/reference/configuration.md`.

use std::io::Write as _;

fn main() -> std::io::Result<()> {
    std::io::stdout().write_all(countersign_config::reference_markdown().as_bytes())
}
