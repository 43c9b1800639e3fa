//! Whether mail goes out, and which templates there are.

use countersign_authz::Permission;
use countersign_mail::{Letter, Look, Person, Topic};
use countersign_registry::EDIT_SETTINGS;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::events::TypeCreate;
use crate::{Access, Answer, ApiError, Call, Endpoint, Shape};

pub(super) fn rows() -> Vec<Endpoint> {
    vec![
        Endpoint::post("admin/email/test/", "admin_email_test_create", Access::Global(EDIT_SETTINGS), test)
            .about("Sends a test message now by the mail server of the configuration, and says how it went.")
            .takes::<EmailTestRequest>()
            .gives::<EmailTest>(),
        Endpoint::get(
            "stages/email/templates/",
            "stages_email_templates_list",
            templates_access(),
            templates,
        )
        .about("The templates that e-mail stages may use: ours, and the files of administrators.")
        .gives_shape(Shape::of::<TypeCreate>().many()),
    ]
}

fn templates_access() -> Access {
    Access::Object(Permission::view(countersign_mail::STAGE))
}

async fn templates(call: Call) -> Result<Answer, ApiError> {
    let shown = call.app.mail().library().all().into_iter().map(|template| TypeCreate {
        name: template.name,
        description: if template.is_file { "A file of yours" } else { "Comes with the product" },
        component: "",
        model_name: "",
        icon_url: None,
        requires_enterprise: false,
        deprecated: false,
    });
    Answer::json(&shown.collect::<Vec<_>>())
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
    let person = Person::at(to.trim()).or_reading(call.identity()?.subject.user.locale());
    if !person.is_reachable() {
        return Err(ApiError::field("to", "invalid", "field-email"));
    }
    let snapshot = call.snapshot().await?;
    let look = Look::of(snapshot.brand_for(&call.facts.host), &call.facts.base_url);
    let sent = call.app.mail().send_now(&Letter::about(Topic::Test, person, look)).await;
    let messages = sent.err().map(|error| error.to_string());
    Answer::json(&EmailTest { successful: messages.is_none(), messages: messages.into_iter().collect() })
}
