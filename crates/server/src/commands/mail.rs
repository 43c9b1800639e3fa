//! `mail`.

use countersign_mail::{Letter, Look, Person, Topic};

use super::{say, wait_for};
use crate::{Failure, House, cli::MailCommand};

/// Does what the command line says about mail.
pub(super) fn run(house: &House, command: MailCommand) -> Result<(), Failure> {
    let MailCommand::Test { address } = command;
    let snapshot = house.store.snapshot_blocking()?;
    let home = house.config.web.base_url.as_ref().map(|url| url.as_str().to_owned()).unwrap_or_default();
    let look = Look::of(snapshot.brand_for(""), &home);
    let letter = Letter::about(Topic::Test, Person::at(address.as_str()), look);
    let sent = wait_for(house.mail.send_now(&letter))?;
    house.store.close();
    sent.map_err(|error| Failure::words(error.to_string()))?;
    say(&format!("The mail server took a test message to {address}."))
}
