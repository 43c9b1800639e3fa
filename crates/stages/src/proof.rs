//! Proof of who somebody is, bound to the account that it proves.
//!
//! Saying a name proves nothing. A stage that has proved who is going through the flow (a password matched,
//! the set-up code was right, the account was made in this very plan) records it here; a stage that needs to
//! know asks here. Whoever changes who is going through the flow must [`forget`], and since the proof names
//! its account, a plan in which somebody forgot to forget proves nothing about the new one.

use std::sync::Arc;

use countersign_flows::{Context, PendingUser, StageCx, keys};
use countersign_model::{Subject, UserId};

/// Records that whoever goes through the flow is this user.
pub fn record(context: &mut Context, user: UserId) {
    context.set(&keys::PROVEN_USER, &user);
}

/// Whether a stage of this plan proved that whoever goes through the flow is this user. That the plan came back by
/// a link proves nothing by itself: the stage that sent the link says whose address it went to.
pub fn holds(context: &Context, user: UserId) -> bool {
    let is_pending = context.get(&keys::PENDING_USER) == Some(PendingUser::Known { id: user });
    is_pending && context.get(&keys::PROVEN_USER) == Some(user)
}

/// Whose account may be changed here: that of whoever goes through the flow, if he is signed in to it or proved
/// that it is his, or else of whoever is signed in. Nobody's, while somebody acts in his place.
pub fn rightful(cx: &StageCx<'_>) -> Option<Arc<Subject>> {
    if cx.facts.impersonator.is_some() {
        return None;
    }
    let own = cx.session.map(|live| &live.subject);
    let subject = match cx.context.get(&keys::PENDING_USER) {
        Some(PendingUser::Known { id }) => {
            let is_own = own.is_some_and(|own| own.user.id == id);
            let pending = cx.pending.as_ref().filter(|subject| subject.user.id == id);
            pending.filter(|_| is_own || holds(cx.context, id))
        }
        Some(PendingUser::Pretended { .. }) => None,
        None => own,
    };
    subject.filter(|subject| subject.user.is_active).map(Arc::clone)
}

/// Withdraws every proof: it was given in another browser than the one in which the flow goes on.
pub fn withdraw(context: &mut Context) {
    context.remove(&keys::PROVEN_USER);
    context.remove(&keys::USER_BACKEND);
    context.remove(&keys::AUTH_METHOD);
    context.remove(&keys::AUTH_METHOD_ARGS);
}

/// Forgets every proof: somebody else may be going through the flow from now on (CVE-2023-26481).
pub fn forget(context: &mut Context) {
    withdraw(context);
    if context.has(&keys::IS_RESTORED) {
        context.set(&keys::IS_RESTORED, &false);
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const ALICE: UserId = UserId(Uuid::from_u128(1));
    const MALLORY: UserId = UserId(Uuid::from_u128(2));

    #[test]
    fn a_proof_is_worth_nothing_for_somebody_else() {
        let mut context = Context::default();
        context.set(&keys::PENDING_USER, &PendingUser::Known { id: MALLORY });
        record(&mut context, MALLORY);
        assert!(holds(&context, MALLORY));
        context.set(&keys::PENDING_USER, &PendingUser::Known { id: ALICE });
        assert!(!holds(&context, ALICE));
        assert!(!holds(&context, MALLORY));
    }

    #[test]
    fn a_restored_plan_proves_nothing() {
        let mut context = Context::default();
        context.set(&keys::PENDING_USER, &PendingUser::Known { id: MALLORY });
        context.set(&keys::IS_RESTORED, &true);
        assert!(!holds(&context, MALLORY));
        forget(&mut context);
        context.set(&keys::PENDING_USER, &PendingUser::Known { id: ALICE });
        assert!(!holds(&context, ALICE));
    }
}
