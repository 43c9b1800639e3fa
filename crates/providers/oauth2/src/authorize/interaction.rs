//! Why a person must act before an application may have him, as data: it drives the page, the error of
//! `prompt=none` and the test.

use countersign_model::LiveSession;
use countersign_oauth2::{AuthorizationRequest, ErrorCode};
use countersign_types::{Span, Timestamp};

/// What a reason looks at.
pub(super) struct Situation<'a> {
    pub(super) request: &'a AuthorizationRequest,
    pub(super) session: Option<&'a LiveSession>,
    pub(super) now: Timestamp,
    /// Whether the user has proved who he is since this request was first made.
    pub(super) is_fresh: bool,
    pub(super) hint: HintVerdict,
}

/// What an `id_token_hint` comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HintVerdict {
    /// There is none, or it is about who is signed in.
    Fits,
    /// It is about somebody else.
    SomebodyElse,
    /// It cannot be verified.
    Unreadable,
}

/// What the person is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PromptFor {
    /// To prove who he is.
    Login,
}

/// A reason for which a person must act.
pub(super) struct Reason {
    pub(super) name: &'static str,
    /// Of `prompt=none`.
    pub(super) error: ErrorCode,
    pub(super) description: &'static str,
    pub(super) prompt: PromptFor,
    applies: fn(&Situation<'_>) -> bool,
}

impl std::fmt::Debug for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// Every reason there is, the weightiest first.
pub(super) const REASONS: &[Reason] = &[
    Reason {
        name: "no_session",
        error: ErrorCode::LoginRequired,
        description: "nobody is signed in",
        prompt: PromptFor::Login,
        applies: |situation| situation.session.is_none(),
    },
    Reason {
        name: "prompt_login",
        error: ErrorCode::LoginRequired,
        description: "the user has to sign in again",
        prompt: PromptFor::Login,
        applies: |situation| situation.request.prompt.login && !situation.is_fresh,
    },
    Reason {
        name: "prompt_select_account",
        error: ErrorCode::AccountSelectionRequired,
        description: "the user has to choose an account",
        prompt: PromptFor::Login,
        applies: |situation| situation.request.prompt.select_account && !situation.is_fresh,
    },
    Reason {
        name: "max_age",
        error: ErrorCode::LoginRequired,
        description: "the user signed in too long ago",
        prompt: PromptFor::Login,
        applies: is_too_long_ago,
    },
    Reason {
        name: "hint_about_somebody_else",
        error: ErrorCode::LoginRequired,
        description: "somebody else is signed in",
        prompt: PromptFor::Login,
        applies: |situation| match situation.hint {
            HintVerdict::Fits => false,
            HintVerdict::SomebodyElse => !situation.is_fresh,
            // Without a page nobody notices that another user is handed over.
            HintVerdict::Unreadable => situation.request.prompt.none,
        },
    },
];

fn is_too_long_ago(situation: &Situation<'_>) -> bool {
    let (Some(max_age), Some(live)) = (situation.request.max_age, situation.session) else { return false };
    let age = situation.now.since(live.session.authenticated_at);
    // Zero asks for a sign-in even when the last one was this instant.
    !situation.is_fresh && (max_age == 0 || age > Span::from_secs(i64::from(max_age)))
}

/// That a person must act, and why.
#[derive(Debug)]
pub(super) struct NeedUser {
    /// What he is asked for.
    pub(super) prompt: PromptFor,
    /// Why; never empty.
    pub(super) reasons: Vec<&'static Reason>,
}

impl NeedUser {
    /// What `prompt=none` gets.
    pub(super) fn error(&self) -> ErrorCode {
        self.reasons.first().map_or(ErrorCode::InteractionRequired, |reason| reason.error)
    }

    /// The same for developers.
    pub(super) fn description(&self) -> &'static str {
        self.reasons.first().map_or("the user has to act", |reason| reason.description)
    }
}

/// Whether, for what and why a person must act.
pub(super) fn need_user(situation: &Situation<'_>) -> Option<NeedUser> {
    let reasons: Vec<_> = REASONS.iter().filter(|reason| (reason.applies)(situation)).collect();
    let prompt = reasons.first()?.prompt;
    Some(NeedUser { prompt, reasons })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use countersign_model::{Session, SessionId, Subject, User, UserId, UserType};
    use countersign_oauth2::Params;
    use countersign_types::Digest;

    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(100_000);

    fn signed_in(seconds_ago: i64) -> LiveSession {
        let at = NOW.minus(Span::from_secs(seconds_ago));
        let user = User {
            id: UserId(uuid::Uuid::nil()),
            pk: 1,
            username: "ada".to_owned(),
            name: "Ada".to_owned(),
            email: String::new(),
            is_active: true,
            password: None,
            password_change_date: None,
            last_login: None,
            date_joined: at,
            last_updated: at,
            path: "users".to_owned(),
            user_type: UserType::Internal,
            attributes: Default::default(),
        };
        let session = Session {
            key: Digest([0; 32]),
            id: SessionId(uuid::Uuid::nil()),
            user: user.id,
            created: at,
            authenticated_at: at,
            last_used: at,
            expires: NOW.plus(Span::from_days(1)),
            auth_method: "password".to_owned(),
            auth_method_args: Default::default(),
            last_ip: String::new(),
            last_user_agent: String::new(),
            impersonator: None,
            binding: None,
        };
        let subject = Subject { user, direct_groups: Vec::new(), groups: Vec::new(), roles: Vec::new() };
        LiveSession { session: Arc::new(session), subject: Arc::new(subject) }
    }

    fn reasons(query: &str, session: Option<i64>, is_fresh: bool, hint: HintVerdict) -> Vec<&'static str> {
        let params = Params::parse(format!("response_type=code&{query}").as_bytes()).unwrap();
        let request = AuthorizationRequest::parse(&params).unwrap();
        let session = session.map(signed_in);
        let situation = Situation { request: &request, session: session.as_ref(), now: NOW, is_fresh, hint };
        let need = need_user(&situation);
        need.map(|need| need.reasons.iter().map(|reason| reason.name).collect()).unwrap_or_default()
    }

    #[test]
    fn the_matrix_of_prompt_and_max_age() {
        use HintVerdict::{Fits, SomebodyElse, Unreadable};
        let none: &[&str] = &[];
        for (query, session, is_fresh, hint, expected) in [
            ("", None, false, Fits, &["no_session"][..]),
            ("prompt=none", None, false, Fits, &["no_session"]),
            ("prompt=login", None, false, Fits, &["no_session", "prompt_login"]),
            ("", Some(10), false, Fits, none),
            ("prompt=none", Some(10), false, Fits, none),
            ("prompt=consent", Some(10), false, Fits, none),
            ("prompt=login", Some(10), false, Fits, &["prompt_login"]),
            ("prompt=login", Some(10), true, Fits, none),
            ("prompt=select_account", Some(10), false, Fits, &["prompt_select_account"]),
            ("prompt=select_account", Some(10), true, Fits, none),
            ("prompt=login%20consent", Some(10), false, Fits, &["prompt_login"]),
            ("max_age=60", Some(10), false, Fits, none),
            ("max_age=60", Some(59), false, Fits, none),
            ("max_age=60", Some(60), false, Fits, none),
            ("max_age=60", Some(61), false, Fits, &["max_age"]),
            ("max_age=0", Some(2), false, Fits, &["max_age"]),
            ("max_age=0", Some(2), true, Fits, none),
            ("max_age=60&prompt=none", Some(61), false, Fits, &["max_age"]),
            ("", Some(10), false, SomebodyElse, &["hint_about_somebody_else"]),
            ("", Some(10), true, SomebodyElse, none),
            ("", Some(10), false, Unreadable, none),
            ("prompt=none", Some(10), false, Unreadable, &["hint_about_somebody_else"]),
        ] {
            assert_eq!(
                reasons(query, session, is_fresh, hint),
                expected,
                "{query} {session:?} {is_fresh} {hint:?}"
            );
        }
    }
}
