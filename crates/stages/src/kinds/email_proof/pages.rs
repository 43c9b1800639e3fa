//! What is asked and shown.

use countersign_flows::{
    Autocomplete, Button, Challenge, Field, FieldKind, Link, LinkRole, Node, NoticeLevel, StageCx,
};
use countersign_types::Text;

use super::{CODE, Proving, RESEND, spec::LetterContents, spec::ProvedAddress};
use crate::{
    confirm::Confirmation,
    mailbox::{Purpose, Reader},
};

impl Proving {
    /// "Look into your inbox", with a place for the code.
    pub(super) fn waiting(&self, cx: &StageCx<'_>, reader: &Reader, again: bool) -> Challenge {
        let challenge = Challenge::new("countersign-stage-email-proof")
            .titled("stages-email-title")
            .to(cx.pending_view())
            .with("letter", self.spec.letter.as_str())
            .with("code_length", self.spec.takes_code().then_some(self.spec.code_length))
            .node(Node::Paragraph(self.whither(reader)))
            .node(Node::Paragraph(Text::key("stages-email-proof-do").with("what", self.what())));
        let challenge = match again {
            true => challenge.node(Node::Notice(NoticeLevel::Success, Text::key("stages-email-proof-again"))),
            false => challenge,
        };
        if !self.spec.takes_code() {
            return challenge.node(Button::primary("stages-email-resend"));
        }
        let field = Field {
            autocomplete: Autocomplete::OneTimeCode,
            autofocus: true,
            // People type spaces between the digits.
            max_length: Some(2 * self.spec.code_length),
            ..Field::new(CODE, FieldKind::Code, "stages-email-proof-code")
        };
        challenge.node(field).node(Button::primary("action-continue")).node(Button::secondary(
            "stages-email-resend",
            RESEND,
            "true",
        ))
    }

    /// Where the message went. Of an account's address nothing is said: it would tell that there is an account.
    fn whither(&self, reader: &Reader) -> Text {
        match self.spec.address {
            ProvedAddress::Account => Text::key("stages-email-proof-sent"),
            ProvedAddress::Prompt => {
                Text::key("stages-email-proof-sent-to").with("address", reader.address.clone())
            }
        }
    }

    /// What is to be done with the message.
    const fn what(&self) -> &'static str {
        match (self.spec.letter, self.spec.bind_to_browser) {
            (LetterContents::Code, _) => "code",
            (LetterContents::Link, true) => "link",
            (LetterContents::Link, false) => "any-link",
            (LetterContents::LinkAndCode, true) => "both",
            (LetterContents::LinkAndCode, false) => "any-both",
        }
    }

    /// The code, for whoever opened the link in another browser than the one that asked.
    pub(super) fn elsewhere(&self, code: String) -> Challenge {
        Challenge::new("countersign-stage-email-proof-elsewhere")
            .titled("stages-email-proof-elsewhere-title")
            .with("code", code.clone())
            .node(Node::Paragraph(Text::key("stages-email-proof-elsewhere-text")))
            .node(Node::Code(code))
            .node(Node::Notice(NoticeLevel::Warning, Text::key("stages-email-proof-elsewhere-warning")))
            .node(Link { label: Text::key("action-home"), href: "/".to_owned(), role: LinkRole::Prominent })
    }
}

/// "Go on?"
pub(super) fn confirmation(purpose: &Purpose) -> Confirmation {
    Confirmation {
        title: "stages-email-confirm-title",
        text: "stages-email-confirm-text",
        action: "action-continue",
        about: serde_json::to_string(purpose).unwrap_or_default(),
    }
}
