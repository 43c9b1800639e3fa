//! Proof of who somebody is, bound to the account that it proves.
//!
//! Saying a name proves nothing. A stage that has proved who is going through the flow (a password matched,
//! the set-up code was right, the account was made in this very plan) records it here; a stage that needs to
//! know asks here. Whoever changes who is going through the flow must [`forget`], and since the proof names
//! its account, a plan in which somebody forgot to forget proves nothing about the new one.

use countersign_flows::{Context, PendingUser, keys};
use countersign_model::UserId;

/// Records that whoever goes through the flow is this user.
pub fn record(context: &mut Context, user: UserId) {
    context.set(&keys::PROVEN_USER, &user);
}

/// Whether it is proved that whoever goes through the flow is this user: by a stage of this plan, or by the
/// token with which the plan came back.
pub fn holds(context: &Context, user: UserId) -> bool {
    let is_pending = context.get(&keys::PENDING_USER) == Some(PendingUser::Known { id: user });
    let was_proved = context.get(&keys::PROVEN_USER) == Some(user);
    let came_by_token = context.get(&keys::IS_RESTORED) == Some(true);
    is_pending && (was_proved || came_by_token)
}

/// Forgets every proof: somebody else may be going through the flow from now on (CVE-2023-26481).
pub fn forget(context: &mut Context) {
    context.remove(&keys::PROVEN_USER);
    context.remove(&keys::USER_BACKEND);
    context.remove(&keys::AUTH_METHOD);
    context.remove(&keys::AUTH_METHOD_ARGS);
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
    fn a_restored_plan_proves_nothing_once_another_name_was_typed() {
        let mut context = Context::default();
        context.set(&keys::PENDING_USER, &PendingUser::Known { id: MALLORY });
        context.set(&keys::IS_RESTORED, &true);
        assert!(holds(&context, MALLORY));
        forget(&mut context);
        context.set(&keys::PENDING_USER, &PendingUser::Known { id: ALICE });
        assert!(!holds(&context, ALICE));
    }
}
