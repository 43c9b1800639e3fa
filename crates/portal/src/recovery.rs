//! `/recovery/use-token/<key>/`: a one-time link that signs somebody in who cannot sign in himself.
//!
//! GET only shows a button, so that whatever looks at links in mails and chats does not use the link up. POST
//! uses it up by one conditional statement in the transaction that begins the session.

use actix_web::{HttpRequest, HttpResponse, web::Path};
use askama::Template;
use countersign_events::{EventDraft, record};
use countersign_flows::SessionChange;
use countersign_mail::{Look, Notices, Occasion};
use countersign_model::{EventAction, Session, SessionId, TokenIntent, User};
use countersign_store::{StoreError, Tx, sessions, tokens, users};
use countersign_types::{Digest, ErrorKind, JsonObject, RawId, Span, Text};
use countersign_web::{App, Browser, Facts, MaybeSession, PageCx, WebError, see_other};

use crate::{flow::page::no_cookies, frame::Frame};

/// The session lasts so long, and the cookie until the browser is closed.
const LIFETIME: Span = Span::from_hours(24);
/// Keys are 43 characters; nothing much longer is looked up.
const MAX_KEY: usize = 200;
/// Where one lands: at one's own settings, to set a password that one knows.
const LANDING: &str = "/if/user/settings/";

#[derive(Template)]
#[template(path = "portal/recovery.html")]
struct RecoveryPage<'a> {
    cx: &'a PageCx,
    page: Recover<'a>,
}

/// The button and what stands around it.
struct Recover<'a> {
    frame: Frame,
    action: &'a str,
}

/// Shows the button, whatever the key is worth.
pub(crate) async fn ask(
    request: HttpRequest,
    browser: Browser,
    cx: PageCx,
) -> Result<HttpResponse, WebError> {
    let action = request.path();
    let page = Recover { frame: Frame::at(action, &cx), action };
    let mut response = cx.render(&RecoveryPage { cx: &cx, page })?;
    browser.keep(&mut response);
    Ok(response)
}

/// Uses the link up and begins a session. The browser must be the one that was shown the button: another
/// site cannot sign anybody in as somebody else.
pub(crate) async fn use_up(
    request: HttpRequest,
    key: Path<String>,
    browser: Browser,
    facts: Facts,
    old: MaybeSession,
) -> Result<HttpResponse, WebError> {
    let app = App::shared(&request)?;
    if browser.is_new() || facts.is_cross_site {
        return Err(no_cookies(request.path().to_owned()));
    }
    app.sign_in_limiter().check(facts.client, app.now())?;
    if key.len() > MAX_KEY {
        return Err(used_up());
    }
    let (token, session_key) = countersign_crypto::new_token(app.rng());
    let id = countersign_types::random_uuid(app.rng());
    let snapshot = app.snapshot().await?;
    let home = app.mail().home(&snapshot, &facts.host, &facts.base_url);
    let recovery = Recovery {
        key: countersign_crypto::digest(&key),
        old: old.0.map(|live| live.session.key),
        session_key,
        id,
        facts: facts.clone(),
        notices: app.mail().notices(),
        look: Look::of(snapshot.brand_for(&facts.host), home.unwrap_or_default()),
    };
    let found = app.store().write(move |tx| recovery.run(tx)).await?;
    if !found {
        return Err(used_up());
    }
    let mut response = see_other(LANDING);
    let change = SessionChange::Set { token, max_age: None, device: None };
    facts.cookies().apply(&change, &mut response);
    Ok(response)
}

/// Nothing tells apart a key that never was and one that was used.
fn used_up() -> WebError {
    WebError::new(ErrorKind::Denied)
        .titled(Text::key("portal-recovery-used-title"))
        .saying(Text::key("portal-recovery-used-text"))
}

struct Recovery {
    key: Digest,
    old: Option<Digest>,
    session_key: Digest,
    id: RawId,
    facts: Facts,
    notices: Notices,
    look: Look,
}

impl Recovery {
    /// Whether the link was good.
    fn run(&self, tx: &mut Tx<'_>) -> Result<bool, StoreError> {
        let Some(token) = tokens::consume(tx, &self.key, TokenIntent::Recovery)? else { return Ok(false) };
        let Some(user) = users::by_id(tx, token.user)?.filter(|user| user.is_active) else {
            return Ok(false);
        };
        if let Some(old) = &self.old {
            sessions::delete(tx, old)?;
        }
        sessions::create(tx, &self.session(tx, &user))?;
        if user.last_login.is_some() && !self.facts.devices.knows(&user) {
            self.notices.signed_in(tx, &user, &self.occasion())?;
        }
        users::record_login(tx, user.id)?;
        let event = EventDraft::new(EventAction::Login, "countersign.portal.recovery")
            .by(&user)
            .from(self.facts.client)
            .through(self.facts.impersonator.as_ref())
            .with("auth_method", "recovery")
            .with("identifier", token.identifier.as_str())
            .with("request_id", self.facts.request_id.as_str());
        record(tx, event)?;
        Ok(true)
    }

    /// The circumstances, for the account's owner.
    fn occasion(&self) -> Occasion {
        Occasion {
            look: Some(self.look.clone()),
            language: Some(self.facts.locale.clone()),
            is_by_administrator: self.facts.impersonator.is_some(),
            client: self.facts.client.map(|client| client.to_string()),
            place: None,
            user_agent: Some(self.facts.user_agent.clone()),
        }
    }

    fn session(&self, tx: &Tx<'_>, user: &User) -> Session {
        Session {
            key: self.session_key,
            id: SessionId(self.id),
            user: user.id,
            created: tx.now(),
            authenticated_at: tx.now(),
            last_used: tx.now(),
            expires: tx.now().plus(LIFETIME),
            auth_method: "recovery".to_owned(),
            auth_method_args: JsonObject::new(),
            last_ip: self.facts.client.map(|client| client.to_string()).unwrap_or_default(),
            last_user_agent: self.facts.user_agent.clone(),
            impersonator: None,
            binding: None,
        }
    }
}
