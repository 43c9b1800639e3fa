//! `config`.

use countersign_config::Config;

use super::say;
use crate::Failure;

/// Prints every setting with its value and where that came from.
pub(super) fn show(config: &Config) -> Result<(), Failure> {
    let settings = config.describe();
    let width = settings.iter().map(|setting| setting.key.len()).max().unwrap_or(0);
    for setting in &settings {
        let value = if setting.value_masked.is_empty() { "(none)" } else { &setting.value_masked };
        say(&format!("{:width$}  {value}  [{}]", setting.key, setting.source()))?;
    }
    for warning in config.warnings() {
        say(&format!("warning: {warning}"))?;
    }
    Ok(())
}
