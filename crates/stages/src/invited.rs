//! The invitation that somebody comes with: the stage that asks for it says so, and whoever writes an account uses
//! it up.

use countersign_flows::{EffectError, Key, StageCx};
use countersign_model::{EventAction, Invitation, InvitationId};
use countersign_store::invitations;
use countersign_types::{JsonObject, Text};
use serde::{Deserialize, Serialize};

use crate::trail;

/// Who says so in the audit trail.
const APP: &str = "countersign.stages.invitation";
/// As authentik's expressions know them.
const INVITATION: Key<JsonObject> = Key::new("invitation");
const IN_EFFECT: Key<bool> = Key::new("invitation_in_effect");
/// The invitation that is yet to be used.
const HELD: Key<Held> = Key::new("goauthentik.io/stages/invitation/held");

/// An invitation that is yet to be used.
#[derive(Clone, Serialize, Deserialize)]
struct Held {
    id: InvitationId,
    name: String,
    single_use: bool,
}

/// Notes with which invitation somebody comes.
pub(crate) fn hold(cx: &mut StageCx<'_>, invitation: &Invitation) {
    let Invitation { id, name, single_use, fixed_data, .. } = invitation;
    let shown = serde_json::json!({
        "pk": id, "invite_uuid": id, "name": name, "single_use": single_use, "fixed_data": fixed_data,
        "expires": invitation.expires.map(countersign_types::Timestamp::to_rfc3339),
    });
    if let serde_json::Value::Object(shown) = shown {
        cx.context.set(&INVITATION, &shown);
    }
    cx.context.set(&IN_EFFECT, &true);
    cx.context.set(&HELD, &Held { id: *id, name: name.clone(), single_use: *single_use });
}

/// Uses the invitation, if somebody comes with one, in the unit of work that writes the account. What was withdrawn,
/// has expired or was used by somebody else in the meantime refuses the unit.
pub(crate) fn redeem(cx: &mut StageCx<'_>) {
    let Some(Held { id, name, single_use }) = cx.context.get(&HELD) else { return };
    cx.context.remove(&HELD);
    let flow = cx.flow.id;
    let event = trail::draft(cx, EventAction::InvitationUsed, APP).about(
        "authentik_stages_invitation.invitation",
        &name,
        id.to_string(),
    );
    cx.effect(move |tx| {
        let is_good = match single_use {
            true => invitations::consume(tx, id, flow)?,
            false => invitations::good(tx, id, flow)?.is_some(),
        };
        if !is_good {
            return Err(EffectError::Deny(Text::key("stages-invitation-used")));
        }
        Ok(countersign_events::record(tx, event.clone())?)
    });
}
