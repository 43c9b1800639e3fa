//! What a user holds: sessions, a password, consents, tokens, what applications were granted.

use actix_web::{HttpResponse, web::Path};
use countersign_model::{Consent, ConsentId, Grant, GrantId, Session, SessionId, Token, TokenId, UserId};
use countersign_registry::{Permission, ResourceError, WriteCx, accounts};
use countersign_store::{
    Tx, consents as consent_rows, grants as grant_rows, sessions as session_rows, tokens as token_rows,
};
use countersign_types::{RawId, Timestamp};
use countersign_web::{WebError, device_words, see_other};

use super::{address, find, header, load};
use crate::{
    cx::{ConsoleCx, ConsoleForm, fault},
    kit::{Bulk, Cell, Column, Empty, Pair, Row, Table},
    parts::{Body, Part, PartsPage},
};

/// Rows that one form may name.
const MAX_KEYS: usize = 500;

const VIEW_SESSIONS: &str = "authentik_core.view_authenticatedsession";
const VIEW_CONSENTS: &str = "authentik_core.view_userconsent";
const VIEW_TOKENS: &str = "authentik_core.view_token";
const DELETE_TOKENS: &str = "authentik_core.delete_token";

/// `…/sessions/`.
pub(crate) async fn sessions(cx: ConsoleCx, key: Path<String>) -> Result<HttpResponse, WebError> {
    let user = load(&cx, &key).await?.user;
    cx.require(VIEW_SESSIONS, None)?;
    let id = user.id;
    let all = cx.read(move |tx, _, _| Ok(session_rows::of_user(tx, id)?)).await.map_err(fault)?;
    let mut columns = Vec::new();
    for key in ["console-session-device", "console-session-address", "console-session-began"] {
        columns.push(Column::new(cx.t(key)));
    }
    columns.push(Column::new(cx.t("console-session-used")));
    columns.push(Column::new(cx.t("console-session-expires")));
    let table = Table {
        caption: cx.t("console-user-tab-sessions"),
        columns,
        rows: all.iter().map(|session| session_row(&cx, session)).collect(),
        bulk: bulk(
            &cx,
            "authentik_core.delete_authenticatedsession",
            &address(&user, "sessions/"),
            "end",
            "console-session-end",
        ),
        empty: Some(empty(&cx, "lock", "console-sessions-none", "console-sessions-none-text")),
    };
    let frame = cx.frame(header(&cx, &user, "sessions/"));
    cx.show(&PartsPage { cx: &cx, frame, parts: vec![Part::table(table)] })
}

fn session_row(cx: &ConsoleCx, session: &Session) -> Row {
    let mut device = device_words(cx, &session.last_user_agent);
    if let Some(impersonation) = &session.impersonator {
        let by = cx.t_with("console-session-impersonated", "name", &impersonation.user.username);
        device = format!("{by} · {device}");
    } else if session.id == cx.session.session.id {
        device = format!("{} · {device}", cx.t("console-session-this"));
    }
    let agent = session.last_user_agent.chars().take(160).collect();
    Row {
        key: session.id.to_string(),
        label: format!("{} {}", session.last_ip, cx.when(session.created).exact),
        cells: vec![
            Cell::Titled(device, session.auth_method.clone(), agent),
            Cell::text(&session.last_ip),
            Cell::When(cx.when(session.created)),
            Cell::When(cx.when(session.last_used)),
            Cell::When(cx.when(session.expires)),
        ],
        actions: Vec::new(),
    }
}

/// `POST …/sessions/`.
pub(crate) async fn end_sessions(form: ConsoleForm, key: Path<String>) -> Result<HttpResponse, WebError> {
    each(
        form,
        &key,
        "authentik_core.delete_authenticatedsession",
        "sessions/",
        "sessions-ended",
        |tx, write, user, id| accounts::end_session(tx, write, user, SessionId(id)),
    )
    .await
}

/// `…/consents/`.
pub(crate) async fn consents(cx: ConsoleCx, key: Path<String>) -> Result<HttpResponse, WebError> {
    let user = load(&cx, &key).await?.user;
    cx.require(VIEW_CONSENTS, None)?;
    let id = user.id;
    let all = cx.read(move |tx, _, _| Ok(consent_rows::of_user(tx, id)?)).await.map_err(fault)?;
    let columns = ["console-consent-application", "console-consent-permissions", "console-expires"];
    let table = Table {
        caption: cx.t("console-user-tab-consents"),
        columns: columns.map(|key| Column::new(cx.t(key))).into(),
        rows: all.iter().map(|consent| consent_row(&cx, consent)).collect(),
        bulk: bulk(
            &cx,
            "authentik_core.delete_userconsent",
            &address(&user, "consents/"),
            "revoke",
            "console-consent-revoke",
        ),
        empty: Some(empty(&cx, "check", "console-consents-none", "console-consents-none-text")),
    };
    let frame = cx.frame(header(&cx, &user, "consents/"));
    cx.show(&PartsPage { cx: &cx, frame, parts: vec![Part::table(table)] })
}

fn consent_row(cx: &ConsoleCx, consent: &Consent) -> Row {
    let application = cx.snapshot.application(consent.application);
    let name = application.map_or_else(|| consent.application.to_string(), |found| found.name.clone());
    Row {
        key: consent.id.to_string(),
        label: name.clone(),
        cells: vec![Cell::Text(name), Cell::text(&consent.permissions), expiry(cx, consent.expires)],
        actions: Vec::new(),
    }
}

/// `POST …/consents/`.
pub(crate) async fn revoke_consents(form: ConsoleForm, key: Path<String>) -> Result<HttpResponse, WebError> {
    each(
        form,
        &key,
        "authentik_core.delete_userconsent",
        "consents/",
        "consents-revoked",
        |tx, write, user, id| accounts::revoke_consent(tx, write, user, ConsentId(id)),
    )
    .await
}

/// `…/tokens/`.
pub(crate) async fn tokens(cx: ConsoleCx, key: Path<String>) -> Result<HttpResponse, WebError> {
    let user = load(&cx, &key).await?.user;
    let id = user.id;
    let all = cx
        .read(move |tx, _, actor| {
            let view = Permission::view("authentik_core.token");
            let mut all = token_rows::of_user(tx, id)?;
            all.retain(|token| actor.may(&view, Some(token.id.raw())));
            Ok(all)
        })
        .await
        .map_err(fault)?;
    if !cx.may_somewhere(VIEW_TOKENS) {
        return Err(WebError::denied());
    }
    let columns =
        ["console-token-identifier", "console-token-intent", "console-token-used", "console-expires"];
    let table = Table {
        caption: cx.t("console-user-tab-tokens"),
        columns: columns.map(|key| Column::new(cx.t(key))).into(),
        rows: all.iter().map(|token| token_row(&cx, token)).collect(),
        bulk: bulk(&cx, "authentik_core.delete_token", &address(&user, "tokens/"), "delete", "action-delete"),
        empty: Some(empty(&cx, "lock", "console-tokens-none", "console-tokens-none-text")),
    };
    let frame = cx.frame(header(&cx, &user, "tokens/"));
    cx.show(&PartsPage { cx: &cx, frame, parts: vec![Part::table(table)] })
}

fn token_row(cx: &ConsoleCx, token: &Token) -> Row {
    let used = token.last_used.map_or(Cell::Nothing, |at| Cell::When(cx.when(at)));
    let intent = cx.t(&format!("console-token-intent-{}", token.intent.as_str().replace('_', "-")));
    Row {
        key: token.id.to_string(),
        label: token.identifier.clone(),
        cells: vec![
            Cell::LinkLine(
                crate::kit::Link::new(
                    &token.identifier,
                    format!("/if/admin/core/tokens/{}/", token.identifier),
                ),
                token.description.clone(),
            ),
            Cell::Text(intent),
            used,
            expiry(cx, token.expires),
        ],
        actions: Vec::new(),
    }
}

/// `POST …/tokens/`.
pub(crate) async fn delete_tokens(form: ConsoleForm, key: Path<String>) -> Result<HttpResponse, WebError> {
    each(form, &key, DELETE_TOKENS, "tokens/", "tokens-deleted", |tx, write, user, id| {
        let is_his = token_rows::by_id(tx, TokenId(id))?.is_some_and(|token| token.user == user);
        if !is_his {
            return Err(ResourceError::NotFound);
        }
        write.registry.get("authentik_core.token")?.delete(tx, write, id)
    })
    .await
}

/// `…/grants/`.
pub(crate) async fn grants(cx: ConsoleCx, key: Path<String>) -> Result<HttpResponse, WebError> {
    let user = load(&cx, &key).await?.user;
    cx.require(accounts::VIEW_GRANTS, None)?;
    let id = user.id;
    let all = cx.read(move |tx, _, _| Ok(grant_rows::of_user(tx, id)?)).await.map_err(fault)?;
    let columns =
        ["console-grant-provider", "console-grant-scopes", "console-grant-given", "console-expires"];
    let table = Table {
        caption: cx.t("console-user-tab-grants"),
        columns: columns.map(|key| Column::new(cx.t(key))).into(),
        rows: all.iter().map(|grant| grant_row(&cx, grant)).collect(),
        bulk: bulk(
            &cx,
            accounts::REVOKE_GRANTS,
            &address(&user, "grants/"),
            "revoke",
            "console-grant-revoke",
        ),
        empty: Some(empty(&cx, "apps", "console-grants-none", "console-grants-none-text")),
    };
    let frame = cx.frame(header(&cx, &user, "grants/"));
    cx.show(&PartsPage { cx: &cx, frame, parts: vec![Part::table(table)] })
}

fn grant_row(cx: &ConsoleCx, grant: &Grant) -> Row {
    let application = cx.snapshot.application_of_provider(grant.provider).map(|found| found.name.clone());
    let provider = cx.snapshot.provider(grant.provider).map(|found| found.name.clone());
    let name = application.or(provider).unwrap_or_else(|| grant.provider.to_string());
    let kind = if grant.refresh_generation > 0 { "console-grant-refresh" } else { "console-grant-session" };
    Row {
        key: grant.id.to_string(),
        label: name.clone(),
        cells: vec![
            Cell::Lines(name, cx.t(kind)),
            Cell::text(&grant.scope),
            Cell::When(cx.when(grant.created)),
            Cell::When(cx.when(grant.expires)),
        ],
        actions: Vec::new(),
    }
}

/// `POST …/grants/`.
pub(crate) async fn revoke_grants(form: ConsoleForm, key: Path<String>) -> Result<HttpResponse, WebError> {
    each(form, &key, accounts::REVOKE_GRANTS, "grants/", "grants-revoked", |tx, write, user, id| {
        accounts::revoke_grant(tx, write, user, GrantId(id))
    })
    .await
}

/// `…/credentials/`.
pub(crate) async fn credentials(cx: ConsoleCx, key: Path<String>) -> Result<HttpResponse, WebError> {
    let user = load(&cx, &key).await?.user;
    let has_password = user.password.is_some();
    let changed = user.password_change_date.map_or(Cell::Nothing, |at| Cell::When(cx.when(at)));
    let word = if has_password { "console-credential-set" } else { "console-credential-none" };
    let pairs = vec![
        Pair::new(cx.t("console-credential-password"), Cell::Flag(has_password, cx.t(word))),
        Pair::new(cx.t("console-user-password-changed"), changed),
    ];
    let frame = cx.frame(header(&cx, &user, "credentials/"));
    cx.show(&PartsPage { cx: &cx, frame, parts: vec![Part::new(Body::Pairs(pairs))] })
}

/// Does something to each of the rows that a form names, in one transaction.
async fn each(
    form: ConsoleForm,
    key: &str,
    permission: &'static str,
    tab: &str,
    done: &str,
    act: impl Fn(&mut Tx<'_>, WriteCx<'_>, UserId, RawId) -> Result<(), ResourceError> + Send + Clone + 'static,
) -> Result<HttpResponse, WebError> {
    let ConsoleForm { cx, body } = form;
    let permit = match permission {
        // Of a token may be allowed what of others is not; each is asked for.
        DELETE_TOKENS => cx.require_somewhere(&[permission])?,
        _ => cx.require(permission, None)?,
    };
    let fields = body.read(permit).await?;
    let ids: Vec<RawId> = fields.values("key").take(MAX_KEYS).filter_map(|key| key.parse().ok()).collect();
    let is_empty = ids.is_empty();
    let wanted = key.to_owned();
    let written = cx.write(move |tx, write| {
        let user = find(tx, write.actor, &wanted)?;
        for id in &ids {
            match act(tx, write, user.id, *id) {
                // Somebody was faster.
                Ok(()) | Err(ResourceError::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(user)
    });
    let user = written.await.map_err(WebError::from)?;
    let query = if is_empty { String::new() } else { format!("?done={done}") };
    Ok(see_other(&address(&user, &format!("{tab}{query}"))))
}

fn bulk(cx: &ConsoleCx, permission: &str, action: &str, name: &'static str, label: &str) -> Option<Bulk> {
    let buttons = vec![(name, cx.t(label), true)];
    cx.may(permission, None).then(|| Bulk { action: action.to_owned(), buttons })
}

fn expiry(cx: &ConsoleCx, expires: Option<Timestamp>) -> Cell {
    expires.map_or_else(|| Cell::Text(cx.t("console-never")), |at| Cell::When(cx.when(at)))
}

fn empty(cx: &ConsoleCx, icon: &'static str, title: &str, text: &str) -> Empty {
    Empty { icon, title: cx.t(title), text: cx.t(text), action: None }
}
