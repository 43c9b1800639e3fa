//! What is done to an account: a password, a recovery link, an end and a beginning.

use std::sync::Arc;

use actix_web::{HttpResponse, http::StatusCode, web::Path};
use countersign_mail::{Look, Person, STAGE};
use countersign_model::{ConfigObject, Family, User};
use countersign_registry::{Permission, ResourceError, accounts};
use countersign_types::{JsonObject, Secret, Span};
use countersign_web::{WebError, see_other};
use serde_json::Value;

use super::{USER, address, header, load, name_of};
use crate::{
    cx::{ConsoleCx, ConsoleForm, WriteError},
    kit::{Code, Confirm},
    parts::{Body, Part, PartsPage, SmallField, SmallForm, Tone, Widget},
};

/// How long a recovery link lives.
const LINK: Span = Span::from_hours(1);
const RESET: Permission = Permission::named("authentik_core.reset_user_password");

/// `GET …/password/`.
pub(crate) async fn ask_password(cx: ConsoleCx, key: Path<String>) -> Result<HttpResponse, WebError> {
    let user = load(&cx, &key).await?.user;
    cx.require(RESET.as_str(), Some(user.id.raw()))?;
    password_page(&cx, &user, StatusCode::OK, String::new())
}

fn password_page(
    cx: &ConsoleCx,
    user: &User,
    status: StatusCode,
    error: String,
) -> Result<HttpResponse, WebError> {
    let field = |name: &str, label: &str| {
        SmallField::new(name, cx.t(label), Widget::Input("password", "new-password")).required()
    };
    let form = SmallForm::post(address(user, "password/"), cx.t("console-user-set-password"))
        .field(field("password", "console-user-new-password").with_error(error))
        .field(field("password_repeat", "console-user-new-password-repeat"))
        .toned(Tone::Primary)
        .back(cx.t("action-cancel"), address(user, ""));
    let text = cx.t_with("console-user-set-password-text", "name", name_of(user));
    let part = Part::new(Body::Form(form)).titled(cx.t("console-user-set-password")).saying(text);
    let frame = cx.frame(header(cx, user, "password/"));
    cx.show_with(status, &PartsPage { cx, frame, parts: vec![part] })
}

/// `POST …/password/`.
pub(crate) async fn set_password(form: ConsoleForm, key: Path<String>) -> Result<HttpResponse, WebError> {
    let ConsoleForm { cx, body } = form;
    let user = load(&cx, &key).await?.user;
    let fields = body.read(cx.require(RESET.as_str(), Some(user.id.raw()))?).await?;
    let password = Secret::new(fields.only("password")?.unwrap_or_default().to_owned());
    if !password.ct_eq(fields.only("password_repeat")?.unwrap_or_default()) {
        let error = cx.t("field-passwords-differ");
        return password_page(&cx, &user, StatusCode::BAD_REQUEST, error);
    }
    let id = user.id;
    let outcome = cx.write(move |tx, write| accounts::set_password(tx, write, id, &password)).await;
    match outcome {
        Ok(()) if id == cx.session.subject.user.id => Ok(see_other("/")),
        Ok(()) => Ok(see_other(&address(&user, "?done=password-set"))),
        Err(WriteError::Resource(ResourceError::Fields(errors))) => {
            let error = errors.0.first().map(|error| cx.text(&error.message)).unwrap_or_default();
            password_page(&cx, &user, StatusCode::BAD_REQUEST, error)
        }
        Err(error) => Err(error.into()),
    }
}

/// `GET …/recovery/`.
pub(crate) async fn ask_recovery(cx: ConsoleCx, key: Path<String>) -> Result<HttpResponse, WebError> {
    let user = load(&cx, &key).await?.user;
    cx.require(RESET.as_str(), Some(user.id.raw()))?;
    let confirm = Confirm {
        lines: vec![
            cx.t_with("console-user-recovery-text", "name", name_of(&user)),
            cx.t("console-user-recovery-once"),
        ],
        action: address(&user, "recovery/"),
        fields: Vec::new(),
        label: cx.t("console-user-recovery-make"),
        is_danger: false,
        back: address(&user, ""),
    };
    let mut parts = vec![Part::new(Body::Confirm(confirm)).titled(cx.t("console-user-recovery"))];
    parts.extend(recovery_by_mail(&cx, &user));
    let frame = cx.frame(header(&cx, &user, "recovery/"));
    cx.show(&PartsPage { cx: &cx, frame, parts })
}

/// The same link by mail, where mail can go out to this user.
fn recovery_by_mail(cx: &ConsoleCx, user: &User) -> Option<Part> {
    let stages = email_stages(cx);
    let is_possible = Person::of(user).is_reachable()
        && (cx.app.mail().server().is_some() || !stages.is_empty())
        && cx.app.mail().home(&cx.snapshot, &cx.facts.host, cx.base_url()).is_some();
    if !is_possible {
        return None;
    }
    let mut choices = Vec::new();
    if cx.app.mail().server().is_some() {
        choices.push((String::new(), cx.t("console-user-recovery-mail-ours")));
    }
    choices.extend(stages.iter().map(|stage| (stage.id.to_string(), stage.name.clone())));
    let form = SmallForm::post(address(user, "recovery-email/"), cx.t("console-user-recovery-mail-send"));
    let field = SmallField::new("stage", cx.t("console-user-recovery-mail-stage"), Widget::Select(choices));
    let text = cx.t_with("console-user-recovery-mail-text", "address", &user.email);
    let part = Part::new(Body::Form(form.field(field))).titled(cx.t("console-user-recovery-mail"));
    Some(part.saying(text))
}

/// The e-mail stages that the administrator sees.
fn email_stages(cx: &ConsoleCx) -> Vec<&ConfigObject> {
    let all = cx.snapshot.objects(Family::Stage).iter().filter(|object| object.kind == STAGE);
    all.filter(|stage| cx.may(Permission::view(STAGE).as_str(), Some(stage.id.raw()))).collect()
}

/// `POST …/recovery-email/`: sends the link to the user's own address.
pub(crate) async fn mail_recovery(form: ConsoleForm, key: Path<String>) -> Result<HttpResponse, WebError> {
    let ConsoleForm { cx, body } = form;
    let user = load(&cx, &key).await?.user;
    let fields = body.read(cx.require(RESET.as_str(), Some(user.id.raw()))?).await?;
    let named = fields.only("stage")?.unwrap_or_default();
    let stage = email_stages(&cx).into_iter().find(|stage| stage.id.to_string() == named).cloned();
    if stage.is_none() && !named.is_empty() {
        return Err(WebError::not_found());
    }
    let mail = cx.app.mail();
    if !mail.is_configured(&cx.snapshot, stage.as_ref().map(|stage| stage.id)) {
        return Err(WebError::invalid().saying("console-mail-not-configured"));
    }
    let Some(home) = mail.home(&cx.snapshot, &cx.facts.host, cx.base_url()) else {
        return Err(WebError::invalid().saying("console-mail-no-address"));
    };
    let order = Arc::new(accounts::RecoveryMail {
        outbox: mail.outbox().clone(),
        look: Look::of(cx.snapshot.brand_for(&cx.facts.host), home),
        stage,
        lifetime: LINK,
        language: cx.localizer().lang().to_owned(),
    });
    let id = user.id;
    let sent = cx.write(move |tx, write| accounts::mail_recovery_link(tx, write, id, &order));
    sent.await.map_err(WebError::from)?;
    Ok(see_other(&address(&user, "?done=recovery-mailed")))
}

/// `POST …/recovery/`: the answer shows the link, which is kept nowhere and never shown again.
pub(crate) async fn recovery(form: ConsoleForm, key: Path<String>) -> Result<HttpResponse, WebError> {
    let ConsoleForm { cx, body } = form;
    let user = load(&cx, &key).await?.user;
    let id = user.id;
    body.read(cx.require(RESET.as_str(), Some(id.raw()))?).await?;
    let made = cx.write(move |tx, write| accounts::recovery_link(tx, write, id, LINK)).await;
    let path = made.map_err(WebError::from)?;
    let link = format!("{}{}", cx.base_url(), path.expose());
    let until = cx.localizer().span(LINK);
    let part = Part::new(Body::Codes(vec![Code { label: String::new(), text: link }]))
        .titled(cx.t("console-user-recovery-made"))
        .saying(cx.t_with("console-user-recovery-made-text", "span", &until));
    let frame = cx.frame(header(&cx, &user, "recovery/"));
    cx.show(&PartsPage { cx: &cx, frame, parts: vec![part] })
}

/// `GET …/deactivate/`.
pub(crate) async fn ask_deactivate(cx: ConsoleCx, key: Path<String>) -> Result<HttpResponse, WebError> {
    let user = load(&cx, &key).await?.user;
    cx.require("authentik_core.change_user", Some(user.id.raw()))?;
    let confirm = Confirm {
        lines: vec![
            cx.t_with("console-user-deactivate-text", "name", name_of(&user)),
            cx.t("console-user-deactivate-back"),
        ],
        action: address(&user, "deactivate/"),
        fields: Vec::new(),
        label: cx.t("console-user-deactivate"),
        is_danger: true,
        back: address(&user, ""),
    };
    let part = Part::new(Body::Confirm(confirm)).titled(cx.t("console-user-deactivate"));
    let frame = cx.frame(header(&cx, &user, "deactivate/"));
    cx.show(&PartsPage { cx: &cx, frame, parts: vec![part] })
}

/// `POST …/deactivate/`.
pub(crate) async fn deactivate(form: ConsoleForm, key: Path<String>) -> Result<HttpResponse, WebError> {
    set_active(form, &key, false).await
}

/// `POST …/activate/`.
pub(crate) async fn activate(form: ConsoleForm, key: Path<String>) -> Result<HttpResponse, WebError> {
    set_active(form, &key, true).await
}

async fn set_active(form: ConsoleForm, key: &str, is_active: bool) -> Result<HttpResponse, WebError> {
    let ConsoleForm { cx, body } = form;
    let user = load(&cx, key).await?.user;
    body.read(cx.require("authentik_core.change_user", Some(user.id.raw()))?).await?;
    if user.id == cx.session.subject.user.id {
        // Nobody locks himself out by accident.
        return Err(WebError::denied());
    }
    let id = user.id.raw();
    let changed = cx.write(move |tx, write| {
        write.registry.get(USER)?.update(tx, write, id, &switch(is_active)).map(drop)
    });
    changed.await.map_err(WebError::from)?;
    let done = if is_active { "?done=activated" } else { "?done=deactivated" };
    Ok(see_other(&address(&user, done)))
}

/// The change that turns an account on or off.
pub(super) fn switch(is_active: bool) -> JsonObject {
    JsonObject::from_iter([("is_active".to_owned(), Value::Bool(is_active))])
}
