//! `stages/invitation/invitations/<uuid>/send_email/`: an invitation goes out by mail.

use countersign_authz::Permission;
use countersign_mail::Look;
use countersign_registry::{INVITATION, InvitationMail, mail_invitation};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Access, Answer, ApiError, Call, Endpoint};

/// What clients of authentik's API call our own template.
const OURS: &str = "invitation";

pub(super) fn rows() -> Vec<Endpoint> {
    vec![
        Endpoint::post(
            "stages/invitation/invitations/{id}/send_email/",
            "stages_invitation_invitations_send_email_create",
            Access::Object(Permission::change(INVITATION)),
            send_email,
        )
        .about("Sends the link of an invitation to one address or several, a letter to each.")
        .takes::<InvitationSendEmailRequest>()
        .status(204),
    ]
}

/// To whom an invitation goes.
#[derive(Deserialize, JsonSchema)]
struct InvitationSendEmailRequest {
    /// Who is invited.
    #[schemars(length(min = 1, max = 100))]
    email_addresses: Vec<String>,
    /// Further addresses on each letter, seen by everybody.
    #[serde(default)]
    #[schemars(length(max = 20))]
    cc_addresses: Vec<String>,
    /// Further addresses on each letter, seen by nobody.
    #[serde(default)]
    #[schemars(length(max = 20))]
    bcc_addresses: Vec<String>,
    /// Template; `invitation` is ours.
    #[serde(default = "ours")]
    template: String,
}

fn ours() -> String {
    OURS.to_owned()
}

async fn send_email(call: Call) -> Result<Answer, ApiError> {
    let asked: InvitationSendEmailRequest = call.json()?;
    let found = call.found(INVITATION, call.arg("id")?).await?;
    call.require(&Permission::change(INVITATION), Some(found.id))?;
    let (mail, snapshot) = (call.app.mail(), call.snapshot().await?);
    if mail.server().is_none() {
        return Err(ApiError::field("", "invalid", "api-error-mail-not-configured"));
    }
    let template = Some(asked.template).filter(|template| template != OURS);
    if template.as_deref().is_some_and(|template| !mail.library().has(template)) {
        return Err(ApiError::field("template", "invalid", "field-invalid"));
    }
    let home = mail.home(&snapshot, &call.facts.host, &call.facts.base_url);
    let home = home.ok_or_else(|| ApiError::field("", "invalid", "api-error-mail-no-address"))?;
    let order = InvitationMail {
        outbox: mail.outbox().clone(),
        look: Look::of(snapshot.brand_for(&call.facts.host), home),
        language: call.facts.localizer(&call.app).lang().to_owned(),
        template,
        to: asked.email_addresses,
        cc: asked.cc_addresses,
        bcc: asked.bcc_addresses,
    };
    let id = found.id;
    call.write(move |tx, cx| Ok(mail_invitation(tx, cx, id, &order)?)).await?;
    Ok(Answer::empty())
}
