//! Stories of people and programs at the portal, told over HTTP to the whole edge on a database.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod administration;
mod contrast;
mod executor;
mod flow_page;
mod gate;
mod library;
mod markup;
mod notifications;
mod recovery;
mod scripted;
mod settings;
mod sign_out;
mod size;
mod world;
