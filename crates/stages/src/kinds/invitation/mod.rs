//! `authentik_stages_invitation.invitationstage`: on only with an invitation.
//!
//! The invitation is what the link names: `?itoken=<identifier>`. It is looked at here and used up where the account
//! is written, so that whoever opens the link and closes it again has lost nothing.

use std::sync::Arc;

use async_trait::async_trait;
use countersign_flows::{
    Key, Outcome, Response, Stage, StageCx, StageError, StageKind, Step, keys, query_value,
};
use countersign_model::{ConfigObject, Family, Invitation, InvitationId};
use countersign_resource::ConfigKind;
use countersign_store::invitations;
use countersign_types::Text;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    invited,
    merge::{MAX_DEPTH, merge},
};

/// How links name an invitation; the second is how old ones did.
const QUERY: [&str; 2] = ["itoken", "token"];
/// How policies and prompts name one.
const TOKEN: Key<String> = Key::new("token");

/// Lets on who comes with an invitation that is good for this flow.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct InvitationStage {
    /// Let on without an invitation, too. Otherwise the flow ends here for who has none.
    #[serde(default)]
    pub continue_flow_without_invitation: bool,
}

impl ConfigKind for InvitationStage {
    const MODEL: &'static str = "authentik_stages_invitation.invitationstage";
    const FAMILY: Family = Family::Stage;
    const COMPONENT: &'static str = "ak-stage-invitation-form";
    const VERBOSE_NAME: &'static str = "Invitation Stage";
    const API_PATH: &'static str = "stages/invitation/stages";
}

impl StageKind for InvitationStage {
    fn build(self, _: &ConfigObject) -> Result<Arc<dyn Stage>, StageError> {
        Ok(Arc::new(self))
    }
}

#[async_trait]
impl Stage for InvitationStage {
    async fn enter(&self, cx: &mut StageCx<'_>) -> Result<Step, StageError> {
        self.look(cx).await.map(Step::Done)
    }

    async fn answer(&self, cx: &mut StageCx<'_>, _: &Response) -> Result<Outcome, StageError> {
        self.look(cx).await
    }
}

impl InvitationStage {
    async fn look(&self, cx: &mut StageCx<'_>) -> Result<Outcome, StageError> {
        let Some(invitation) = brought(cx).await? else {
            let missing = || Outcome::Deny(Text::key("stages-invitation-missing"));
            return Ok(if self.continue_flow_without_invitation { Outcome::Next } else { missing() });
        };
        let mut data = cx.context.get(&keys::PROMPT_DATA).unwrap_or_default();
        merge(&mut data, &invitation.fixed_data, MAX_DEPTH);
        cx.context.set(&keys::PROMPT_DATA, &data);
        invited::hold(cx, &invitation);
        Ok(Outcome::Next)
    }
}

/// The invitation that somebody comes with, if it is good.
async fn brought(cx: &StageCx<'_>) -> Result<Option<Invitation>, StageError> {
    let by_query = || QUERY.iter().find_map(|name| query_value(&cx.here.query, name));
    let by_answer = || {
        let data = cx.context.get(&keys::PROMPT_DATA)?;
        data.get("token")?.as_str().map(str::to_owned)
    };
    let named = by_query().or_else(|| cx.context.get(&TOKEN)).or_else(by_answer);
    let Some(id) = named.and_then(|text| text.trim().parse().ok()).map(InvitationId) else {
        return Ok(None);
    };
    let flow = cx.flow.id;
    let found = cx.services.store.look_up(move |tx| invitations::good(tx, id, flow)).await?;
    Ok(found)
}
