//! Whether mail goes out.

use countersign_mail::{Letter, Look, Person, Topic};
use countersign_registry::EDIT_SETTINGS;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Access, Answer, ApiError, Call, Endpoint};

pub(super) fn rows() -> Vec<Endpoint> {
    vec![
        Endpoint::post("admin/email/test/", "admin_email_test_create", Access::Global(EDIT_SETTINGS), test)
            .about("Sends a test message now by the mail server of the configuration, and says how it went.")
            .takes::<EmailTestRequest>()
            .gives::<EmailTest>(),
    ]
}

/// Where a test message goes.
#[derive(Deserialize, JsonSchema)]
struct EmailTestRequest {
    /// E-mail address.
    #[schemars(length(max = 254))]
    to: String,
}

/// How it went.
#[derive(Serialize, JsonSchema)]
struct EmailTest {
    /// Whether the mail server took the message.
    successful: bool,
    /// What went wrong.
    messages: Vec<String>,
}

async fn test(call: Call) -> Result<Answer, ApiError> {
    let EmailTestRequest { to } = call.json()?;
    let language = call.identity()?.subject.user.attributes.get("settings").and_then(|all| all.get("locale"));
    let language = language.and_then(|tag| tag.as_str()).map(ToOwned::to_owned);
    let person = Person::at(to.trim()).or_reading(language.as_deref());
    if !person.is_reachable() {
        return Err(ApiError::field("to", "invalid", "field-email"));
    }
    let snapshot = call.snapshot().await?;
    let look = Look::of(snapshot.brand_for(&call.facts.host), &call.facts.base_url);
    let sent = call.app.mail().send_now(&Letter::about(Topic::Test, person, look)).await;
    let messages = sent.err().map(|error| error.to_string());
    Answer::json(&EmailTest { successful: messages.is_none(), messages: messages.into_iter().collect() })
}
