//! What a flow has to say to a face.

use countersign_model::{FlowId, FlowLayout};
use countersign_types::{Secret, Span, Text};

use crate::Challenge;

/// What the face shows, and what happens to the session cookie.
#[derive(Debug)]
pub struct Reply {
    /// What to show or where to go.
    pub kind: ReplyKind,
    /// What happens to the session cookie.
    pub session: SessionChange,
}

/// What to show or where to go.
#[derive(Debug)]
pub enum ReplyKind {
    /// A question.
    Challenge(Box<ShownChallenge>),
    /// The answer was accepted and there is another question at the same address: the page redirects
    /// (POST, redirect, GET); the JSON face shows it at once.
    NextChallenge(Box<ShownChallenge>),
    /// The flow has ended, or leads elsewhere.
    Redirect {
        /// Where to.
        to: String,
    },
    /// The flow ends here for this person.
    Denied(Box<Denied>),
}

/// What happens to the session cookie.
#[derive(Debug)]
pub enum SessionChange {
    /// Nothing.
    Keep,
    /// A session began.
    Set {
        /// Value of the cookie.
        token: Secret<String>,
        /// How long the browser keeps it; none for until it is closed.
        max_age: Option<Span>,
        /// By what the browser is known from now on, if at all.
        device: Option<DeviceCookie>,
    },
    /// The session ended.
    Clear,
}

/// By what a browser is known to those who signed in with it.
#[derive(Debug)]
pub struct DeviceCookie {
    /// Value of the cookie.
    pub value: Secret<String>,
    /// How long the browser keeps it.
    pub max_age: Span,
}

/// What is common to all challenges of a flow.
#[derive(Clone, Debug)]
pub struct FlowInfo {
    /// The flow.
    pub id: FlowId,
    /// Name in the address.
    pub slug: String,
    /// Heading.
    pub title: Text,
    /// Background picture; empty for the brand's.
    pub background: String,
    /// Layout.
    pub layout: FlowLayout,
    /// Where "cancel" leads.
    pub cancel_url: &'static str,
    /// Origins that the browser may be sent to by the answer.
    pub form_origins: Vec<String>,
    /// Address of this page with its query, to which the form posts.
    pub url: String,
}

/// A question together with what a face needs around it.
#[derive(Clone, Debug)]
pub struct ShownChallenge {
    /// The question.
    pub challenge: Challenge,
    /// The flow.
    pub info: FlowInfo,
    /// Step token for the form's hidden field `plan`.
    pub token: String,
    /// Whether this repeats the question because the answer was wrong.
    pub is_retry: bool,
}

/// The flow ends here for this person.
#[derive(Clone, Debug)]
pub struct Denied {
    /// The flow.
    pub info: FlowInfo,
    /// Why, in words for the person.
    pub messages: Vec<Text>,
}
