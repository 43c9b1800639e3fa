//! Floor 5: the administrators' pages, `/if/admin/`.
//!
//! Owns the shell (rail, header, breadcrumb), the parts that pages are made of, and the generic pages of every
//! kind: list, form, delete, revisions, used by, search. Names no kind of stage, policy, mapping or provider:
//! what can be set is read off the registry's descriptors. Pages of one subject (flows, users, events) are
//! modules beside them, one line each in [`modules`].
//!
//! ```text
//! request ─▶ ConsoleCx (who, rights, registry, snapshot) ─▶ handler ─▶ page struct + Frame ─▶ template
//! form    ─▶ ConsoleForm (the same)  ─▶ Permit ─▶ fields  ─▶ cx.write(…) ─▶ 303
//! ```

mod access;
mod applications;
mod chart;
mod console;
mod cx;
mod dashboard;
mod events;
mod expressions;
mod flows;
mod generic;
mod groups;
mod impersonation;
mod invitations;
mod kit;
mod modules;
mod nav;
mod notifications;
mod parts;
mod providers;
mod rail;
mod roles;
mod routes;
mod shell;
mod system;
mod users;

pub use console::Console;
pub use generic::{Key, keys, place_of};
pub use routes::routes;
