//! The log: text for people, JSON for machines, on standard error.

use std::io::IsTerminal as _;

use countersign_config::{Config, LogFormat, LogLevel, Origin};
use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt, util::SubscriberInitExt};

/// Who speaks.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Voice {
    /// The server: as configured.
    Server,
    /// A command, whose output is its result: only what should be looked at, unless more is configured.
    Quiet,
}

/// Begins logging. A filter that cannot be read falls back to the level, and says so.
pub(crate) fn begin(config: &Config, voice: Voice) {
    let level = match voice {
        Voice::Quiet if is_default(config, "log_level") => "warn",
        _ => match config.log_level {
            LogLevel::Warning => "warn",
            level => level.as_str(),
        },
    };
    // What actix says at this level is what we say ourselves, or of no use.
    let usual = format!("{level},actix_server={}", if level == "info" { "warn" } else { level });
    let filter = config.log.filter.as_deref().unwrap_or(&usual);
    let (filter, complaint) = match EnvFilter::try_new(filter) {
        Ok(filter) => (filter, None),
        Err(error) => (EnvFilter::new(level), Some(error.to_string())),
    };
    let registry = tracing_subscriber::registry().with(filter);
    let is_terminal = std::io::stderr().is_terminal();
    let for_machines = match config.log.format {
        LogFormat::Json => true,
        LogFormat::Text => voice == Voice::Server && !is_terminal && is_default(config, "log.format"),
    };
    let begun = if for_machines {
        let json = fmt::layer().json().flatten_event(true).with_current_span(false).with_span_list(false);
        registry.with(json.with_writer(std::io::stderr)).try_init()
    } else {
        registry.with(fmt::layer().with_ansi(is_terminal).with_writer(std::io::stderr)).try_init()
    };
    // In tests several servers share one process and its first subscriber.
    drop(begun);
    if let Some(complaint) = complaint {
        tracing::warn!(%complaint, "log.filter cannot be read; log_level is used");
    }
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "a thread panicked: {panic}");
    }));
}

fn is_default(config: &Config, key: &str) -> bool {
    let mut settings = config.provenance.settings.iter();
    settings.any(|setting| setting.key == key && setting.origin == Origin::Default)
}
