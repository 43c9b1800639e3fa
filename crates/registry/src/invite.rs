//! Invitations that go out by mail.

use countersign_authz::Permission;
use countersign_mail::{Letter, Look, Outbox, Person, Topic};
use countersign_model::{EventAction, InvitationId};
use countersign_store::{Tx, flows, invitations};
use countersign_types::RawId;

use crate::{INVITATION, ResourceError, WriteCx, audit::ROOM};

/// Letters that one order may cause.
const MOST_LETTERS: usize = 100;
/// Addresses that everybody or nobody sees, on each of them.
const MOST_COPIES: usize = 20;

/// How an invitation goes out.
#[derive(Clone)]
pub struct InvitationMail {
    /// Takes the letters.
    pub outbox: Outbox,
    /// Looks of the house; its address is where the link leads.
    pub look: Look,
    /// Language of the letters.
    pub language: String,
    /// Template; none for ours.
    pub template: Option<String>,
    /// Who is invited: each gets a letter of his own.
    pub to: Vec<String>,
    /// Who sees each letter besides, and is seen.
    pub cc: Vec<String>,
    /// Who sees each letter besides, unseen.
    pub bcc: Vec<String>,
}

/// Sends the link of an invitation to everybody named. Who may change it may pass it on.
pub fn mail_invitation(
    tx: &mut Tx<'_>,
    cx: WriteCx<'_>,
    id: RawId,
    mail: &InvitationMail,
) -> Result<(), ResourceError> {
    let found = invitations::by_id(tx, InvitationId(id))?.ok_or(ResourceError::NotFound)?;
    if !cx.actor.may(&Permission::change(INVITATION), Some(id)) {
        let is_seen = cx.actor.may(&Permission::view(INVITATION), Some(id));
        return Err(if is_seen { ResourceError::Denied } else { ResourceError::NotFound });
    }
    check(mail)?;
    if found.expires.is_some_and(|expires| expires <= tx.now()) {
        return Err(ResourceError::field("", "invalid", "resource-error-invitation-expired"));
    }
    let flow = match found.flow {
        Some(flow) => flows::by_id(tx, flow)?,
        None => None,
    };
    let flow = flow.ok_or_else(|| ResourceError::field("", "invalid", "resource-error-invitation-flow"))?;
    let template = mail.template.as_deref().unwrap_or(Topic::Invitation.template());
    for address in &mail.to {
        let reader = Person::at(address.trim()).or_reading(Some(&mail.language));
        let mut letter = Letter::from_template(template, reader, mail.look.clone())
            .with("url", format!("{}/if/flow/{}/?itoken={}", mail.look.home, flow.slug, found.id));
        letter.cc.clone_from(&mail.cc);
        letter.bcc.clone_from(&mail.bcc);
        letter.expires = found.expires;
        mail.outbox.post(tx, &letter)?;
    }
    invitations::mailed(tx, found.id)?;
    let event = cx
        .event(EventAction::ModelUpdated, ROOM)
        .about(INVITATION, &found.name, found.id.to_string())
        .with("mailed_to", mail.to.clone());
    Ok(countersign_events::record(tx, event)?)
}

fn check(mail: &InvitationMail) -> Result<(), ResourceError> {
    if mail.to.is_empty() {
        return Err(ResourceError::field("email_addresses", "required", "resource-error-required"));
    }
    if mail.to.len() > MOST_LETTERS {
        return Err(ResourceError::field("email_addresses", "max_length", "resource-error-too-many"));
    }
    if mail.cc.len() + mail.bcc.len() > MOST_COPIES {
        return Err(ResourceError::field("cc_addresses", "max_length", "resource-error-too-many"));
    }
    for (field, addresses) in
        [("email_addresses", &mail.to), ("cc_addresses", &mail.cc), ("bcc_addresses", &mail.bcc)]
    {
        if addresses.iter().any(|address| !Person::at(address.trim()).is_reachable()) {
            return Err(ResourceError::field(field, "invalid", "field-email"));
        }
    }
    Ok(())
}
