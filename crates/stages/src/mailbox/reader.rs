//! Who is to get a letter.

use std::sync::Arc;

use countersign_flows::{PendingUser, StageCx, keys};
use countersign_model::{Subject, User};

/// Who is to get a letter.
pub(crate) struct Reader {
    /// His account.
    pub(crate) subject: Option<Arc<Subject>>,
    /// Where it goes; empty where it goes nowhere and nobody is to notice.
    pub(crate) address: String,
    /// What he said his name is: limits that show go by it, whosever it is.
    pub(crate) typed: String,
}

impl Reader {
    /// Whoever goes through the flow, at this address or else at that of his account, if his account may get one;
    /// none where nobody goes through the flow and no address is given.
    pub(crate) fn of(cx: &StageCx<'_>, given: Option<String>, may: impl Fn(&User) -> bool) -> Option<Self> {
        let given = given.filter(|address| !address.is_empty());
        let typed = cx.context.get(&keys::PENDING_USER_IDENTIFIER);
        match (cx.context.get(&keys::PENDING_USER), cx.pending.as_ref()) {
            (Some(PendingUser::Known { id }), Some(subject)) if subject.user.id == id => {
                let user = &subject.user;
                let address = given.unwrap_or_else(|| user.email.clone());
                Some(Self {
                    address: if may(user) { address } else { String::new() },
                    typed: typed.unwrap_or_else(|| user.username.clone()),
                    subject: Some(Arc::clone(subject)),
                })
            }
            (Some(PendingUser::Known { id }), _) => Some(Self {
                subject: None,
                address: String::new(),
                typed: typed.unwrap_or_else(|| id.to_string()),
            }),
            (Some(PendingUser::Pretended { typed }), _) => {
                Some(Self { subject: None, address: String::new(), typed })
            }
            (None, _) => given.map(|address| Self { subject: None, typed: address.clone(), address }),
        }
    }

    /// The name by which limits that show count.
    pub(crate) fn folded(&self) -> String {
        countersign_store::users::fold(self.typed.trim())
    }
}
