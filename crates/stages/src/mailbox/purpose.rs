//! What a letter is for. A link or a code is worth something as long as all of it is as it was.

use std::sync::Arc;

use countersign_flows::{EffectError, PendingUser, StageCx, keys};
use countersign_model::{ConfigObjectId, Subject, User, UserId};
use countersign_store::{Tx, users};
use countersign_types::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Reader, used_up};

/// What a letter is for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Purpose {
    /// The stage that wrote it.
    pub(crate) stage: ConfigObjectId,
    /// Whose; none for somebody who has no account.
    pub(crate) user: Option<UserId>,
    /// Where it went.
    pub(crate) address: String,
    /// When the password was set last, at the time.
    password_of: Option<Timestamp>,
}

impl Purpose {
    /// Of a letter that goes out now.
    pub(crate) fn of(stage: ConfigObjectId, reader: &Reader) -> Self {
        let user = reader.subject.as_ref().map(|subject| &subject.user);
        Self {
            stage,
            user: user.map(|user| user.id),
            address: reader.address.clone(),
            password_of: user.and_then(|user| user.password_change_date),
        }
    }

    /// Whether this stage wrote it for whom goes through the flow, and all is as it was.
    pub(crate) fn holds(&self, cx: &StageCx<'_>, stage: ConfigObjectId, may: impl Fn(&User) -> bool) -> bool {
        if self.stage != stage || self.address.is_empty() {
            return false;
        }
        let pending = match cx.context.get(&keys::PENDING_USER) {
            Some(PendingUser::Known { id }) => Some(id),
            Some(PendingUser::Pretended { .. }) => return false,
            None => None,
        };
        if pending != self.user {
            return false;
        }
        let Some(id) = pending else { return true };
        cx.pending.as_ref().is_some_and(|subject| {
            let user = &subject.user;
            user.id == id && may(user) && user.password_change_date == self.password_of
        })
    }

    /// Whether it went to the account's own address. A letter to another one proves nothing about the account.
    pub(crate) fn is_to_own_address(&self, subject: &Arc<Subject>) -> bool {
        subject.user.email.eq_ignore_ascii_case(&self.address)
    }

    /// The account, if it is still as it was, in the unit of work that goes on.
    pub(crate) fn account(&self, tx: &mut Tx<'_>, id: UserId) -> Result<User, EffectError> {
        let user = users::by_id(tx, id)?.filter(|user| user.password_change_date == self.password_of);
        user.ok_or_else(|| EffectError::Deny(used_up()))
    }
}
