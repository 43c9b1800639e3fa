//! What administrators set of an e-mail stage.

use countersign_mail::{Encryption, Server, parse_sender};
use countersign_model::Family;
use countersign_resource::ConfigKind;
use countersign_types::{FieldErrors, Secret, Span};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Longest name of a template.
const MAX_TEMPLATE: usize = 200;
/// No link is good for longer.
const LONGEST: Span = Span::from_days(30);
/// No count of messages goes further back.
const LONGEST_WINDOW: Span = Span::from_days(7);

/// Sends a message with a link, and goes on when whoever opens the link confirms. It proves that the address is
/// the person's own.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct EmailStage {
    /// Use the mail server of the configuration. Otherwise the one below.
    #[serde(default = "on")]
    #[schemars(extend("x-group" = "server"))]
    pub use_global_settings: bool,
    /// Mail server.
    #[serde(default = "localhost")]
    #[schemars(length(max = 255), extend("x-group" = "server", "x-advanced" = true))]
    pub host: String,
    /// Its port.
    #[serde(default = "smtp")]
    #[schemars(range(min = 1, max = 65535), extend("x-group" = "server", "x-advanced" = true))]
    pub port: u16,
    /// User name, when the server asks for one.
    #[serde(default)]
    #[schemars(length(max = 255), extend("x-group" = "server", "x-advanced" = true))]
    pub username: String,
    /// Password.
    #[serde(default, skip_serializing)]
    #[schemars(extend("x-group" = "server", "x-advanced" = true))]
    pub password: Secret<String>,
    /// Start TLS on the plain connection (STARTTLS).
    #[serde(default)]
    #[schemars(extend("x-group" = "server", "x-advanced" = true, "x-label" = "STARTTLS"))]
    pub use_tls: bool,
    /// TLS from the first byte. Not together with STARTTLS.
    #[serde(default)]
    #[schemars(extend("x-group" = "server", "x-advanced" = true, "x-label" = "TLS"))]
    pub use_ssl: bool,
    /// Seconds that the server may take to answer.
    #[serde(default = "ten")]
    #[schemars(range(min = 1, max = 120), extend("x-group" = "server", "x-advanced" = true))]
    pub timeout: u32,
    /// Sender: an address, or `Name <address>`.
    #[serde(default = "sender")]
    #[schemars(length(max = 320), extend("x-group" = "server", "x-advanced" = true))]
    pub from_address: String,
    /// How long the link is good for.
    #[serde(default = "half_an_hour")]
    pub token_expiry: Span,
    /// Subject. Empty for the template's own, in the reader's language.
    #[serde(default)]
    #[schemars(length(max = 200))]
    pub subject: String,
    /// Template: one of ours, or a file below `templates` in the data directory.
    #[serde(default = "password_reset")]
    #[schemars(length(max = 200))]
    pub template: String,
    /// Turn a new account on when its owner comes back. An account that was in use and was turned off by an
    /// administrator stays off.
    #[serde(default)]
    pub activate_user_on_success: bool,
    /// Messages to one person within the span below; one more is not sent.
    #[serde(default = "five")]
    #[schemars(range(min = 1, max = 1000), extend("x-group" = "limits"))]
    pub recovery_max_attempts: u32,
    /// The span in which messages are counted.
    #[serde(default = "five_minutes")]
    #[schemars(extend("x-group" = "limits"))]
    pub recovery_cache_timeout: Span,
}

const fn on() -> bool {
    true
}

fn localhost() -> String {
    "localhost".to_owned()
}

const fn smtp() -> u16 {
    25
}

const fn ten() -> u32 {
    10
}

fn sender() -> String {
    "system@authentik.local".to_owned()
}

const fn half_an_hour() -> Span {
    Span::from_mins(30)
}

fn password_reset() -> String {
    countersign_mail::Topic::PasswordReset.template().to_owned()
}

const fn five() -> u32 {
    5
}

const fn five_minutes() -> Span {
    Span::from_mins(5)
}

impl ConfigKind for EmailStage {
    const MODEL: &'static str = countersign_mail::STAGE;
    const FAMILY: Family = Family::Stage;
    const COMPONENT: &'static str = "ak-stage-email-form";
    const VERBOSE_NAME: &'static str = "Email Stage";

    fn validate(&self) -> Result<(), FieldErrors> {
        let mut errors = FieldErrors::default();
        if self.use_tls && self.use_ssl {
            errors.push("use_ssl", "invalid", "stages-email-encryption");
        }
        if !self.use_global_settings {
            if self.host.is_empty() {
                errors.push("host", "required", "field-required");
            }
            if parse_sender(&self.from_address).is_none() {
                errors.push("from_address", "invalid", "field-email");
            }
        }
        if self.port == 0 {
            errors.push("port", "invalid", "field-invalid");
        }
        if !(1..=120).contains(&self.timeout) {
            errors.push("timeout", "invalid", "field-invalid");
        }
        if self.token_expiry <= Span::ZERO || self.token_expiry > LONGEST {
            errors.push("token_expiry", "invalid", "stages-email-span");
        }
        if self.recovery_cache_timeout <= Span::ZERO || self.recovery_cache_timeout > LONGEST_WINDOW {
            errors.push("recovery_cache_timeout", "invalid", "stages-email-span");
        }
        if !(1..=1000).contains(&self.recovery_max_attempts) {
            errors.push("recovery_max_attempts", "invalid", "field-invalid");
        }
        if self.template.is_empty() || self.template.len() > MAX_TEMPLATE {
            errors.push("template", "invalid", "field-invalid");
        }
        if self.subject.len() > MAX_TEMPLATE {
            errors.push("subject", "invalid", "field-invalid");
        }
        errors.into_result()
    }
}

impl EmailStage {
    /// Its own mail server; none when it uses that of the configuration.
    pub fn server(self) -> Option<Server> {
        let named = (!self.username.is_empty()).then_some((self.username, self.password));
        (!self.use_global_settings).then_some(Server {
            host: self.host,
            port: self.port,
            credentials: named,
            encryption: Encryption::of(self.use_tls, self.use_ssl),
            timeout: Span::from_secs(i64::from(self.timeout)),
            from: self.from_address,
        })
    }
}
