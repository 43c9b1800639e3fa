//! `/`: leads everybody to where he belongs.

use actix_web::{HttpRequest, HttpResponse};
use countersign_model::{Subject, UserType};
use countersign_store::Snapshot;
use countersign_web::{App, Facts, MaybeSession, WebError, found};

use crate::gate::SETUP;

/// The set-up while it is open; the library or the application that the brand names for people from
/// outside; the sign-in flow for whoever is not signed in.
pub(crate) async fn root(
    request: HttpRequest,
    facts: Facts,
    session: MaybeSession,
) -> Result<HttpResponse, WebError> {
    let snapshot = App::shared(&request)?.snapshot().await?;
    if crate::gate::is_open(&snapshot) {
        return Ok(found(SETUP));
    }
    let to = match &session.0 {
        Some(live) => home(&snapshot, &facts.host, &live.subject),
        None => "/flows/-/default/authentication/".to_owned(),
    };
    Ok(found(&to))
}

/// Where a signed-in user is at home.
fn home(snapshot: &Snapshot, host: &str, subject: &Subject) -> String {
    let is_from_outside = !matches!(subject.user.user_type, UserType::Internal);
    let named = snapshot.brand_for(host).and_then(|brand| snapshot.application(brand.default_application?));
    match named.filter(|_| is_from_outside) {
        Some(application) => crate::launch::address(application),
        None => "/if/user/".to_owned(),
    }
}
