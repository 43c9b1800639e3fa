//! Letters to whoever goes through a flow, and what an answer to one proves: used by every stage that writes.

mod letter;
mod limits;
mod purpose;
mod reader;

use countersign_flows::Key;
use countersign_types::Text;

pub(crate) use self::{
    letter::{letter, link},
    limits::Limits,
    purpose::Purpose,
    reader::Reader,
};

/// The address that letters go to, as authentik's expressions know it.
pub(crate) const EMAIL: Key<String> = Key::new("email");

/// What is said of a link or a code that is worth nothing any more. Nothing tells why.
pub(crate) fn used_up() -> Text {
    Text::key("flow-link-used")
}
