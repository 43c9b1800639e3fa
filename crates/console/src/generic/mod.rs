//! The pages of every kind, read off its descriptor: list, form, delete, used by, revisions.
//!
//! Owns no kind: [`places`] says where the objects of a model or family have their pages, and a model that is
//! not in its table has them at `/if/admin/objects/<model>/`.
//!
//! ```text
//! <place>                    list: search, filters, order, pages
//! <place>~new/[?kind=]       which kind, then its form
//! <place>~delete/            several at once: what would happen, then done
//! <place>~columns/           which columns, kept with the account
//! <place><key>/              what is set
//! <place><key>/edit/         form
//! <place><key>/delete/       what would happen, then done
//! <place><key>/blueprint/   what its blueprint says otherwise, and putting it back
//! <place><key>/used-by/      who refers to it
//! <place><key>/revisions/    who changed what, and putting it back
//! ```
//!
//! A tilde stands in no key, so that no object can take the place of a page.

pub(crate) mod columns;
mod delete;
pub(crate) mod detail;
mod find;
pub(crate) mod form;
mod list;
pub(crate) mod places;
pub(crate) mod reset;
mod revisions;
pub(crate) mod search;
pub(crate) mod show;
mod usage;
pub(crate) mod words;

use actix_web::{
    Resource, Route,
    web::{self, Data, ServiceConfig, get, post},
};
pub(crate) use columns::may_see;
pub use places::place_of;
pub use words::{Key, keys};

use crate::Console;

/// The routes of all places together: each pattern is compiled once for each thread, so there are as many as
/// there are pages, and not as many as pages times kinds.
pub(crate) fn routes(config: &mut ServiceConfig, console: &Data<Console>) {
    let places = console.places().pattern();
    let at = |config: &mut ServiceConfig, rest: &str, routes: Vec<Route>| {
        let resource = web::resource(format!("/{{place:{places}}}/{rest}"));
        config.service(routes.into_iter().fold(resource, Resource::route));
    };
    at(config, "", vec![get().to(list::show)]);
    at(config, "~new/", vec![get().to(form::choose_or_show), post().to(form::create)]);
    at(config, "~delete/", vec![post().to(delete::several)]);
    at(config, "~columns/", vec![post().to(columns::keep)]);
    at(config, "{key}/", vec![get().to(detail::show)]);
    at(config, "{key}/edit/", vec![get().to(form::edit), post().to(form::save)]);
    at(config, "{key}/delete/", vec![get().to(delete::ask), post().to(delete::delete)]);
    at(config, "{key}/blueprint/", vec![get().to(reset::ask), post().to(reset::reset)]);
    at(config, "{key}/used-by/", vec![get().to(usage::page)]);
    at(config, "{key}/revisions/", vec![get().to(revisions::list)]);
    at(config, "{key}/revisions/{revision}/", vec![get().to(revisions::show), post().to(revisions::revert)]);
}
