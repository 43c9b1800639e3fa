//! From a rendered letter to the message that a mail server is handed. RFC 5322, RFC 3834 §5.
//!
//! Nothing that people or applications chose begins a header of its own: control characters end up as spaces, and
//! addresses are parsed.

use std::time::{Duration, SystemTime};

use countersign_model::JobId;
use countersign_types::Timestamp;
use lettre::{
    Address, Message,
    message::{
        Mailbox, MultiPart, SinglePart,
        header::{self, Header, HeaderName, HeaderValue},
    },
};

use crate::{Letter, render::Rendered, smtp::parse_sender};

/// Characters of a subject.
const MAX_SUBJECT: usize = 250;
/// Characters of a name.
const MAX_NAME: usize = 120;

/// Why no message can be made of a letter.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ComposeError {
    /// The sender of the configuration is none.
    #[error("the sender {0:?} is not an address")]
    Sender(String),
    /// The letter cannot be sent to anybody.
    #[error("the recipient is not an address")]
    Recipient,
    /// Something else.
    #[error("{0}")]
    Message(String),
}

/// RFC 3834: whoever answers by machine does not answer this.
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

/// The message. Every try of a job makes the same one.
pub(crate) fn message(
    letter: &Letter,
    rendered: Rendered,
    sender: &str,
    id: JobId,
    now: Timestamp,
) -> Result<Message, ComposeError> {
    let from = parse_sender(sender).ok_or_else(|| ComposeError::Sender(sender.to_owned()))?;
    let seconds = u64::try_from(now.as_secs()).unwrap_or(0);
    let mut builder = Message::builder()
        .message_id(Some(format!("<{id}@{}>", from.email.domain())))
        .date(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
        .header(AutoSubmitted)
        .from(from)
        .to(Mailbox::new(name(&letter.to.name), address(&letter.to.address)?))
        .subject(line(&rendered.subject, MAX_SUBJECT));
    for copy in &letter.cc {
        builder = builder.cc(Mailbox::new(None, address(copy)?));
    }
    for copy in &letter.bcc {
        builder = builder.bcc(Mailbox::new(None, address(copy)?));
    }
    let made = match rendered.html {
        Some(html) => builder.multipart(MultiPart::alternative_plain_html(rendered.text, html)),
        None => builder
            .singlepart(SinglePart::builder().header(header::ContentType::TEXT_PLAIN).body(rendered.text)),
    };
    made.map_err(|error| ComposeError::Message(error.to_string()))
}

fn address(text: &str) -> Result<Address, ComposeError> {
    text.parse().map_err(|_| ComposeError::Recipient)
}

fn name(text: &str) -> Option<String> {
    let name = line(text, MAX_NAME);
    (!name.is_empty()).then_some(name)
}

/// One line of at most so many characters.
fn line(text: &str, most: usize) -> String {
    let flat: String = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    flat.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(most).collect()
}

#[cfg(test)]
mod tests {
    use countersign_types::Text;

    use super::*;
    use crate::{Look, Person, Topic};

    fn composed(letter: &Letter, subject: &str, sender: &str) -> Result<String, ComposeError> {
        let rendered = Rendered {
            subject: subject.to_owned(),
            text: "words".to_owned(),
            html: Some("<p>words".to_owned()),
        };
        let id = JobId::random(&countersign_crypto::SystemRng);
        let message = message(letter, rendered, sender, id, Timestamp::from_secs(1_800_000_000))?;
        let text = String::from_utf8(message.formatted()).unwrap();
        assert!(text.contains(&format!("Message-ID: <{id}@example.com>")), "{text}");
        Ok(text)
    }

    fn letter(name: &str, address: &str) -> Letter {
        let to = Person { name: name.to_owned(), ..Person::at(address) };
        Letter::about(Topic::Test, to, Look::default()).titled(Text::literal("unused"))
    }

    #[test]
    fn header_injection_by_name_subject_and_address_is_refused() {
        let evil = "Ada\r\nBcc: victim@example.org\r\n\r\nbody";
        let text = composed(&letter(evil, "ada@example.com"), evil, "id@example.com").unwrap();
        let (head, _) = text.split_once("\r\n\r\n").unwrap();
        assert!(!head.lines().any(|line| line.to_ascii_lowercase().starts_with("bcc")), "{head}");
        assert_eq!(head.lines().filter(|line| line.starts_with("Subject:")).count(), 1);

        for address in ["ada@example.com\r\nBcc: victim@example.org", "ada@example.com, b@example.com", ""] {
            assert_eq!(
                composed(&letter("Ada", address), "x", "id@example.com"),
                Err(ComposeError::Recipient)
            );
        }
        let mut copied = letter("Ada", "ada@example.com");
        copied.cc = vec!["b@example.com\nBcc: victim@example.org".to_owned()];
        assert_eq!(composed(&copied, "x", "id@example.com"), Err(ComposeError::Recipient));
        let sender = "House <id@example.com>\r\nBcc: victim@example.org";
        assert!(matches!(
            composed(&letter("Ada", "a@example.com"), "x", sender),
            Err(ComposeError::Sender(_))
        ));
    }

    #[test]
    fn blind_copies_are_in_no_header() {
        let mut copied = letter("Ada", "ada@example.com");
        copied.bcc = vec!["quiet@example.com".to_owned()];
        let text = composed(&copied, "x", "id@example.com").unwrap();
        assert!(!text.contains("quiet@example.com"), "{text}");
    }
}
