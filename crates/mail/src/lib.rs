//! Floor 3: mail.
//!
//! A message is a [`Letter`]: whom it is for, which template, and the values that stand in it. It is written into
//! the queue in the transaction that causes it ([`Outbox::post`]), sealed, because there are links in it that open
//! doors. The [`Postman`] renders it in its language and with the looks of its brand when it is sent, so that
//! whoever caused it waits for nothing and nobody can tell by the time whether a letter was written.
//!
//! ```text
//! post(tx) --commit--> queued --> rendered --> handed to the mail server --> event "email_sent"
//!                        ^                       |
//!                        '-- later, with back-off +--refused, out of date, last try--> event, dead letter
//! ```
//!
//! Delivered at least once: every try of a letter carries the same `Message-ID`, by which mailboxes tell it apart.
//! Does not own who gets which letter when, nor where a stage keeps its own mail server: the server says that
//! ([`Routes`]).

mod compose;
mod django;
mod letter;
mod library;
mod look;
mod notice;
mod outbox;
mod postman;
mod render;
mod smtp;

pub use letter::{Letter, Person, STAGE, Topic};
pub use library::{Library, TemplateInfo};
pub use look::Look;
pub use notice::{Fact, FactValue, Notices, Occasion, TELL_CHANGES, TELL_SIGN_INS};
pub use outbox::Outbox;
pub use postman::{KIND, Mail, MailError, MailParts, Postman, Routes};
pub use smtp::{Encryption, Server, parse_sender};
