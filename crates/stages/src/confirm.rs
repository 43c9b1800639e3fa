//! "Do you really want this?" before what cannot be undone.
//!
//! A page that is only opened does nothing that cannot be undone: another site can have a browser open it. Stages
//! that ask nothing themselves ask this, unless a question of this run was answered already. The question has the
//! shape of a consent, which clients of authentik know.

use countersign_flows::{Button, Challenge, Field, FieldKind, Node, Response, StageCx};
use countersign_types::{Secret, Text};

/// Name of the hidden field that an answer carries back.
const FIELD: &str = "token";

/// What is to be confirmed.
pub(crate) struct Confirmation {
    /// Heading.
    pub(crate) title: &'static str,
    /// What will happen.
    pub(crate) text: &'static str,
    /// What the button does.
    pub(crate) action: &'static str,
    /// What tells this question from others with the same words: to whom it happens, for example.
    pub(crate) about: String,
}

impl Confirmation {
    /// The question.
    pub(crate) fn question(&self, cx: &StageCx<'_>) -> Challenge {
        self.asked(cx, Button::primary(self.action))
    }

    /// The question before something that cannot be undone.
    pub(crate) fn grave_question(&self, cx: &StageCx<'_>) -> Challenge {
        self.asked(cx, Button::danger(self.action))
    }

    fn asked(&self, cx: &StageCx<'_>, button: Button) -> Challenge {
        let token = self.token(cx);
        let field = Field { value: token.clone(), ..Field::new(FIELD, FieldKind::Hidden, self.action) };
        Challenge::new("ak-stage-consent")
            .titled(self.title)
            .to(cx.pending_view())
            .with("header_text", "")
            .with("permissions", serde_json::json!([]))
            .with("additional_permissions", serde_json::json!([]))
            .with("token", token)
            .node(Node::Paragraph(Text::key(self.text)))
            .node(field)
            .node(button)
    }

    /// Whether this is a yes of somebody who saw the question.
    pub(crate) fn is_yes(&self, cx: &StageCx<'_>, response: &Response) -> bool {
        Secret::from(self.token(cx)).ct_eq(response.text(FIELD).unwrap_or_default())
    }

    fn token(&self, cx: &StageCx<'_>) -> String {
        let about = format!("{}\0{}\0{}", cx.flow.id, self.text, self.about);
        let mac = cx.services.sealer.mac("confirmation", about.as_bytes());
        mac.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
    }
}
