//! What applications may know of the user by his consent, and taking it back.

use actix_web::{HttpRequest, HttpResponse, web::Path};
use countersign_i18n::UtcOffset;
use countersign_model::{Consent, ConsentId};
use countersign_store::{Change, Snapshot, StoreError, consents, grants};
use countersign_types::Timestamp;
use countersign_web::{App, Avatar, PageCx, SessionForm, WebError, see_other};
use uuid::Uuid;

/// A consent, in words.
pub(crate) struct ConsentView {
    pub(crate) id: Uuid,
    pub(crate) name: String,
    pub(crate) avatar: Avatar,
    pub(crate) permissions: Vec<String>,
    /// Until when it stands.
    pub(crate) line: String,
}

impl ConsentView {
    /// None when the application is gone.
    pub(super) fn of(cx: &PageCx, snapshot: &Snapshot, consent: &Consent, now: Timestamp) -> Option<Self> {
        let application = snapshot.application(consent.application)?;
        let line = match consent.expires {
            Some(expires) => {
                let when = cx.localizer().moment(expires, now, UtcOffset::UTC);
                cx.t_with("portal-consent-until", "when", &when)
            }
            None => cx.t("portal-consent-always"),
        };
        Some(Self {
            id: consent.id.raw(),
            name: application.name.clone(),
            avatar: Avatar::of(&application.name).with_picture(&application.meta_icon),
            permissions: consent.permissions.split_whitespace().map(str::to_owned).collect(),
            line,
        })
    }
}

/// Takes a consent back, and what the application was granted by it.
pub(crate) async fn revoke(
    request: HttpRequest,
    id: Path<Uuid>,
    form: SessionForm,
) -> Result<HttpResponse, WebError> {
    let app = App::shared(&request)?;
    let snapshot = app.snapshot().await?;
    let (id, user) = (ConsentId(*id), form.session.subject.user.id);
    let revoked = app
        .store()
        .write(move |tx| {
            let consent = consents::of_user(tx, user)?.into_iter().find(|consent| consent.id == id);
            let Some(consent) = consent else { return Ok::<_, StoreError>(false) };
            consents::delete(tx, id)?;
            let provider =
                snapshot.application(consent.application).and_then(|application| application.provider);
            for grant in grants::of_user(tx, user)? {
                if Some(grant.provider) == provider {
                    grants::revoke(tx, grant.id)?;
                }
            }
            tx.change(Change::User(user));
            Ok(true)
        })
        .await?;
    if revoked { Ok(see_other("/if/user/settings/?done=revoked")) } else { Err(WebError::not_found()) }
}
