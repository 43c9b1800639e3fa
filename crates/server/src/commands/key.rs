//! `key`.

use countersign_types::Span;

use super::say;
use crate::{Failure, House, keys};

/// Makes a new generation of a key pair.
pub(super) fn rotate(house: &House, name: &str, overlap: u32) -> Result<(), Failure> {
    let version = keys::rotate(house, name, Span::from_mins(i64::from(overlap)))?;
    house.store.close();
    let when = match overlap {
        0 => "at once".to_owned(),
        minutes => format!("in {minutes} min"),
    };
    say(&format!("“{name}” has the new key {}. It is published now and signs {when}.", version.kid))
}
