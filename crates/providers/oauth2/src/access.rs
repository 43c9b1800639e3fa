//! Who may use an application.

use std::sync::Arc;

use countersign_model::{BoundTo, PolicyEngineMode, Subject};
use countersign_policies::{PolicyRequest, PolicyResult};
use countersign_store::Snapshot;
use countersign_types::{JsonObject, Timestamp};

use crate::{call::Call, client::Client};

/// What the policies bound to the application say about somebody, here and now. `more` is added to what they
/// see in the context.
pub(crate) async fn ask(
    call: &Call,
    client: &Client,
    subject: &Arc<Subject>,
    more: JsonObject,
) -> PolicyResult {
    let mut context = client.context();
    context.extend(more);
    let request = PolicyRequest {
        user: Some(Arc::clone(subject)),
        context,
        facts: call.facts.to_request_facts(),
        is_sso: false,
        changes: Default::default(),
    };
    let application = &client.application;
    call.app
        .policies()
        .evaluate(&call.snapshot, application.id.raw(), application.policy_engine_mode, &request)
        .await
}

/// Whether somebody who was let in once still may, as far as that can be told without him: by the groups and
/// users that the application is bound to. Policies are not asked, since they would see the application's
/// address and circumstances instead of the user's; they are asked again at the next sign-in.
pub(crate) fn is_still_let_in(
    snapshot: &Snapshot,
    client: &Client,
    subject: &Subject,
    now: Timestamp,
) -> bool {
    let bindings = snapshot.policy_bindings(client.application.id.raw());
    let counted = bindings.iter().filter(|binding| binding.enabled);
    let mut asks_policies = false;
    let mut verdicts = Vec::new();
    for binding in counted {
        let is_current = binding.expires.is_none_or(|expires| expires > now);
        let belongs = match binding.bound_to {
            BoundTo::Policy(_) => {
                asks_policies |= is_current;
                continue;
            }
            BoundTo::Group(group) => subject.is_member_of(group),
            BoundTo::User(user) => subject.user.id == user,
        };
        if is_current {
            verdicts.push(belongs != binding.negate);
        } else if !binding.negate {
            // What let certain people in until yesterday lets nobody in today.
            verdicts.push(false);
        }
    }
    match client.application.policy_engine_mode {
        PolicyEngineMode::All => verdicts.into_iter().all(|passes| passes),
        PolicyEngineMode::Any => {
            asks_policies || verdicts.is_empty() || verdicts.into_iter().any(|passes| passes)
        }
    }
}
