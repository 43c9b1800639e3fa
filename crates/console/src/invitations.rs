//! Sending an invitation by mail. All else about invitations is on the pages that every kind has.

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Path, ServiceConfig, get, post},
};
use countersign_mail::Look;
use countersign_registry::{INVITATION, InvitationMail, Permission, ResourceError, Viewed, mail_invitation};
use countersign_types::RawId;
use countersign_web::{WebError, see_other};

use crate::{
    cx::{ConsoleCx, ConsoleForm, WriteError, fault},
    nav::Module,
    parts::{Body, Part, PartsPage, SmallField, SmallForm, Tone, Widget},
    routes::at,
    shell::Header,
};

/// Address of the list.
const HERE: &str = "/if/admin/flow/stages/invitations/";

/// The page.
pub(crate) const MODULE: Module = Module { nav: &[], routes };

fn routes(config: &mut ServiceConfig) {
    at(config, &format!("{HERE}{{key}}/send/"), [get().to(ask), post().to(send)]);
}

/// Where an invitation is sent from, for who may send it and where mail goes out.
pub(crate) fn letter_of(cx: &ConsoleCx, viewed: &Viewed) -> Option<String> {
    let may = viewed.model == INVITATION && cx.may(Permission::change(INVITATION).as_str(), Some(viewed.id));
    (may && cx.app.mail().server().is_some()).then(|| format!("{HERE}{}/send/", viewed.key))
}

async fn load(cx: &ConsoleCx, key: &str) -> Result<Viewed, WebError> {
    let key = key.to_owned();
    let found = cx.look(move |tx, read| {
        let resource = read.registry.get(INVITATION)?;
        let id = resource.resolve(tx, &key)?.ok_or(ResourceError::NotFound)?;
        resource.brief(tx, read, id)?.ok_or(ResourceError::NotFound)
    });
    found.await.map_err(fault)
}

async fn ask(cx: ConsoleCx, key: Path<String>) -> Result<HttpResponse, WebError> {
    let invitation = load(&cx, &key).await?;
    cx.require(Permission::change(INVITATION).as_str(), Some(invitation.id))?;
    page(&cx, &invitation, StatusCode::OK, "", String::new())
}

fn page(
    cx: &ConsoleCx,
    invitation: &Viewed,
    status: StatusCode,
    addresses: &str,
    error: String,
) -> Result<HttpResponse, WebError> {
    let above = format!("{HERE}{}/", invitation.key);
    let field = SmallField::new("addresses", cx.t("console-invitation-addresses"), Widget::Area)
        .with_help(cx.t("console-invitation-addresses-help"))
        .with_value(addresses)
        .with_error(error)
        .required();
    let form = SmallForm::post(format!("{above}send/"), cx.t("console-invitation-send"))
        .field(field)
        .toned(Tone::Primary)
        .back(cx.t("action-cancel"), above.clone());
    let header = Header::new(HERE, invitation.name.clone())
        .crumb(cx.t("console-nav-invitations"), HERE)
        .crumb(invitation.name.clone(), above);
    let part = Part::new(Body::Form(form))
        .titled(cx.t("console-invitation-send"))
        .saying(cx.t("console-invitation-send-text"));
    cx.show_with(status, &PartsPage { cx, frame: cx.frame(header), parts: vec![part] })
}

async fn send(form: ConsoleForm, key: Path<String>) -> Result<HttpResponse, WebError> {
    let ConsoleForm { cx, body } = form;
    let invitation = load(&cx, &key).await?;
    let permit = cx.require(Permission::change(INVITATION).as_str(), Some(invitation.id))?;
    let typed = body.read(permit).await?.only("addresses")?.unwrap_or_default().to_owned();
    let mail = cx.app.mail();
    if mail.server().is_none() {
        return Err(WebError::invalid().saying("console-mail-not-configured"));
    }
    let Some(home) = mail.home(&cx.snapshot, &cx.facts.host, cx.base_url()) else {
        return Err(WebError::invalid().saying("console-mail-no-address"));
    };
    let order = InvitationMail {
        outbox: mail.outbox().clone(),
        look: Look::of(cx.snapshot.brand_for(&cx.facts.host), home),
        language: cx.localizer().lang().to_owned(),
        template: None,
        to: addresses(&typed),
        cc: Vec::new(),
        bcc: Vec::new(),
    };
    let id: RawId = invitation.id;
    match cx.write(move |tx, write| mail_invitation(tx, write, id, &order)).await {
        Ok(()) => Ok(see_other(&format!("{HERE}{}/?done=invitation-mailed", invitation.key))),
        Err(WriteError::Resource(ResourceError::Fields(errors))) => {
            let error = errors.0.first().map(|error| cx.text(&error.message)).unwrap_or_default();
            page(&cx, &invitation, StatusCode::BAD_REQUEST, &typed, error)
        }
        Err(error) => Err(error.into()),
    }
}

/// Addresses as people write them below or beside each other.
fn addresses(typed: &str) -> Vec<String> {
    let parts = typed.split([',', ';', '\n', '\r', ' ', '\t']).map(str::trim);
    parts.filter(|part| !part.is_empty()).map(ToOwned::to_owned).collect()
}
