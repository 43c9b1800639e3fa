//! The user's own sessions: where he is signed in, and signing out there.

use actix_web::{HttpRequest, HttpResponse, web::Path};
use countersign_events::{EventDraft, record};
use countersign_i18n::UtcOffset;
use countersign_model::{EventAction, LiveSession, Session, SessionId};
use countersign_store::{StoreError, Tx, grants, sessions};
use countersign_types::{Text, Timestamp};
use countersign_web::{App, Facts, PageCx, SessionForm, WebError, device_words, see_other};
use uuid::Uuid;

/// A session, in words.
pub(crate) struct SessionView {
    pub(crate) id: Uuid,
    pub(crate) device: String,
    pub(crate) is_current: bool,
    /// From where, and when last.
    pub(crate) line: String,
    /// When exactly.
    pub(crate) exactly: String,
}

impl SessionView {
    pub(super) fn of(cx: &PageCx, session: &Session, live: &LiveSession, now: Timestamp) -> Self {
        let words = cx.localizer();
        let used = words.moment(session.last_used, now, UtcOffset::UTC);
        let line =
            Text::key("portal-session-line").with("address", session.last_ip.as_str()).with("when", used);
        Self {
            id: session.id.raw(),
            device: device_words(cx, &session.last_user_agent),
            is_current: session.id == live.session.id,
            line: cx.text(&line),
            exactly: words.date_time(session.last_used, UtcOffset::UTC),
        }
    }
}

/// Signs out one of his own sessions, with what applications were granted in it.
pub(crate) async fn end(
    request: HttpRequest,
    id: Path<Uuid>,
    form: SessionForm,
    facts: Facts,
) -> Result<HttpResponse, WebError> {
    let id = SessionId(*id);
    if id == form.session.session.id {
        // The session in hand ends by the flow, which also clears the cookie.
        return Ok(see_other("/flows/-/default/invalidation/?next=%2Fif%2Fsession-end%2F"));
    }
    let live = form.session;
    let ended = App::shared(&request)?
        .store()
        .write(move |tx| {
            let session = sessions::by_id(tx, id)?.filter(|session| session.user == live.subject.user.id);
            let Some(session) = session else { return Ok::<_, StoreError>(false) };
            end_one(tx, &session, &live, &facts)?;
            Ok(true)
        })
        .await?;
    if ended { Ok(see_other("/if/user/settings/?done=ended")) } else { Err(WebError::not_found()) }
}

/// Signs out all his sessions but this one.
pub(crate) async fn end_others(
    request: HttpRequest,
    form: SessionForm,
    facts: Facts,
) -> Result<HttpResponse, WebError> {
    let live = form.session;
    App::shared(&request)?
        .store()
        .write(move |tx| {
            for session in sessions::of_user(tx, live.subject.user.id)? {
                if session.id != live.session.id {
                    end_one(tx, &session, &live, &facts)?;
                }
            }
            Ok::<_, StoreError>(())
        })
        .await?;
    Ok(see_other("/if/user/settings/?done=ended"))
}

fn end_one(tx: &mut Tx<'_>, session: &Session, live: &LiveSession, facts: &Facts) -> Result<(), StoreError> {
    sessions::end(tx, &session.key)?;
    grants::revoke_of_session(tx, session.id)?;
    let event = EventDraft::new(EventAction::Logout, "countersign.portal.settings")
        .by(&live.subject.user)
        .from(facts.client)
        .through(facts.impersonator.as_ref())
        .with("session", session.id.raw().to_string())
        .with("request_id", facts.request_id.as_str());
    record(tx, event)
}
