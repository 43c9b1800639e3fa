//! Checking the password of whoever goes through a flow: the one way, used by the password stage and by the
//! identification stage with a password of its own.
//!
//! Accounts that do not exist, that have no password or that may not sign in take the same way at the same
//! cost as a wrong password: one verification, one counted failure, one event, one answer. Failures are
//! counted by account, however it was named (CVE-2025-24806), or by the name typed where there is none.

use std::sync::Arc;

use countersign_crypto::digest;
use countersign_flows::{Key, StageCx, StageError, keys};
use countersign_model::{EventAction, Subject, TokenId, TokenIntent, UserId, UserType};
use countersign_store::{StoreError, Tx, tokens, users};
use countersign_types::{FieldErrors, JsonObject, Secret, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    proof,
    throttle::{self, Gate},
    trail,
};

/// Name of the field in both stages.
pub(crate) const FIELD: &str = "password";

/// Who says so in the audit trail.
const APP: &str = "countersign.stages.password";

/// Failures in this plan.
const FAILURES: Key<u32> = Key::new("goauthentik.io/stages/password/failures");

/// What a password is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Backend {
    /// The hash kept with the account.
    #[serde(rename = "authentik.core.auth.InbuiltBackend")]
    Inbuilt,
    /// App passwords: tokens of the user made for this.
    #[serde(rename = "authentik.core.auth.TokenBackend")]
    Token,
    /// LDAP sources. Accepted; there are none yet, so nothing comes of it.
    #[serde(rename = "authentik.sources.ldap.auth.LDAPBackend")]
    Ldap,
    /// Kerberos sources. Accepted; there are none yet, so nothing comes of it.
    #[serde(rename = "authentik.sources.kerberos.auth.KerberosBackend")]
    Kerberos,
}

impl Backend {
    /// authentik's name of it, as policies see it in `user_backend`.
    const fn as_str(self) -> &'static str {
        match self {
            Self::Inbuilt => "authentik.core.auth.InbuiltBackend",
            Self::Token => "authentik.core.auth.TokenBackend",
            Self::Ldap => "authentik.sources.ldap.auth.LDAPBackend",
            Self::Kerberos => "authentik.sources.kerberos.auth.KerberosBackend",
        }
    }
}

/// What of a password stage's configuration matters here.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct PasswordSettings {
    pub(crate) backends: Vec<Backend>,
    pub(crate) failed_attempts_before_cancel: u32,
    pub(crate) allow_show_password: bool,
}

/// Who is said to go through the flow.
#[derive(Clone, Debug)]
pub(crate) enum Claim {
    /// An account.
    Account(Arc<Subject>),
    /// A name that is nobody's.
    Nobody(String),
}

impl Claim {
    const fn subject(&self) -> Option<&Arc<Subject>> {
        match self {
            Self::Account(subject) => Some(subject),
            Self::Nobody(_) => None,
        }
    }
}

/// The gate before an account's password.
fn gate_of_account(user: UserId) -> String {
    format!("password:account:{user}")
}

/// Opens the gate before an account's password: it was set anew.
pub(crate) fn reopen(tx: &mut Tx<'_>, user: UserId) -> Result<(), StoreError> {
    throttle::reset(tx, &gate_of_account(user))
}

/// What the read unit brings for a check.
#[derive(Clone, Debug)]
pub(crate) struct Evidence {
    gate: Gate,
    app_password: Option<TokenId>,
}

impl Evidence {
    /// Reads what a check needs: two queries, whoever is claimed.
    pub(crate) fn load(
        tx: &mut Tx<'_>,
        claim: &Claim,
        password: Option<&Secret<String>>,
        backends: &[Backend],
    ) -> Result<Self, StoreError> {
        let gate = Gate::load(
            tx,
            &match claim {
                Claim::Account(subject) => gate_of_account(subject.user.id),
                Claim::Nobody(typed) => format!("password:name:{}", users::fold(typed.trim())),
            },
        )?;
        let mut app_password = None;
        if let Some(password) = password
            && backends.contains(&Backend::Token)
        {
            let token = tokens::by_key(tx, &digest(password.expose()))?;
            let token = token.filter(|token| token.intent == TokenIntent::AppPassword);
            let owner = claim.subject().map(|subject| subject.user.id);
            app_password = token.filter(|token| Some(token.user) == owner).map(|token| token.id);
        }
        Ok(Self { gate, app_password })
    }
}

/// What a check came to.
pub(crate) enum Checked {
    /// It is the password. The proof is recorded; whoever asked makes the user the pending one.
    Proven,
    /// It is not, or nothing is checked just now.
    Refused(FieldErrors),
    /// It is not, and it was tried too often in this plan.
    Cancelled(Text),
}

/// Checks a password and queues what follows from it.
pub(crate) async fn check(
    cx: &mut StageCx<'_>,
    claim: &Claim,
    evidence: Evidence,
    password: Secret<String>,
    settings: &PasswordSettings,
) -> Result<Checked, StageError> {
    let Evidence { gate, app_password } = evidence;
    if let Some(wait) = gate.closed_for(cx.now) {
        return Ok(Checked::Refused(throttle::too_many(FIELD, wait).into_errors()));
    }
    let is_inbuilt = settings.backends.contains(&Backend::Inbuilt);
    let stored = claim.subject().and_then(|subject| subject.user.password.clone()).filter(|_| is_inbuilt);
    let verdict = cx.services.hashes.verify(password, stored.clone()).await?;
    let backend = match (verdict.matches, app_password) {
        (true, _) => Some(Backend::Inbuilt),
        (false, Some(_)) => Some(Backend::Token),
        (false, None) => None,
    };
    let account = claim.subject().filter(|subject| may_sign_in(subject));
    let (Some(subject), Some(backend)) = (account, backend) else {
        return Ok(fail(cx, claim, gate, settings));
    };
    let id = subject.user.id;
    cx.fleeting_effect(move |tx| gate.forgive(tx, FIELD));
    if let (Some(old), Some(new)) = (stored, verdict.rehash) {
        cx.effect(move |tx| {
            users::upgrade_password(tx, id, old.expose(), new.expose())?;
            Ok(())
        });
    }
    if let (Backend::Token, Some(token)) = (backend, app_password) {
        cx.effect(move |tx| {
            tokens::touch(tx, token)?;
            Ok(())
        });
    }
    let method = if backend == Backend::Token { "app_password" } else { "password" };
    cx.context.remove(&FAILURES);
    cx.context.set(&keys::USER_BACKEND, &backend.as_str().to_owned());
    cx.context.set(&keys::AUTH_METHOD, &method.to_owned());
    cx.context.set(&keys::AUTH_METHOD_ARGS, &JsonObject::new());
    proof::record(cx.context, id);
    Ok(Checked::Proven)
}

/// Whether an account may sign in at all. One that may not is treated as if the password were wrong.
fn may_sign_in(subject: &Subject) -> bool {
    subject.user.is_active && subject.user.user_type != UserType::InternalServiceAccount
}

fn fail(cx: &mut StageCx<'_>, claim: &Claim, gate: Gate, settings: &PasswordSettings) -> Checked {
    let username = match claim {
        Claim::Account(subject) => subject.user.username.clone(),
        Claim::Nobody(typed) => typed.clone(),
    };
    cx.services.policies.reputations().failed(&username, cx.facts.client);
    let event = trail::draft(cx, EventAction::LoginFailed, APP).with("username", username);
    cx.effect(move |tx| {
        gate.count_failure(tx, FIELD)?;
        Ok(countersign_events::record(tx, event.clone())?)
    });
    let failures = cx.context.get(&FAILURES).unwrap_or(0).saturating_add(1);
    cx.context.set(&FAILURES, &failures);
    if failures >= settings.failed_attempts_before_cancel {
        return Checked::Cancelled(Text::key("stages-password-cancelled"));
    }
    Checked::Refused(FieldErrors::one(FIELD, "invalid", "stages-password-wrong"))
}
