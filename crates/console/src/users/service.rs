//! A new service account, with its token shown once.

use actix_web::{HttpResponse, http::StatusCode};
use countersign_registry::{
    ResourceError,
    accounts::{self, NewServiceAccount},
};
use countersign_web::WebError;

use super::HERE;
use crate::{
    cx::{ConsoleCx, ConsoleForm, WriteError},
    kit::{Button, Code},
    parts::{Body, Part, PartsPage, SmallField, SmallForm, Tone, Widget},
    shell::Header,
};

/// `GET …/~service-account/`.
pub(crate) async fn ask(cx: ConsoleCx) -> Result<HttpResponse, WebError> {
    cx.require("authentik_core.add_user", None)?;
    let wanted = NewServiceAccount { name: String::new(), create_group: false, expiring: true };
    page(&cx, StatusCode::OK, &wanted, String::new())
}

fn page(
    cx: &ConsoleCx,
    status: StatusCode,
    wanted: &NewServiceAccount,
    error: String,
) -> Result<HttpResponse, WebError> {
    let switch = |name: &str, label: &str, is_on: bool| {
        SmallField::new(name, cx.t(label), Widget::Checkbox).with_value(is_on.to_string())
    };
    let name = SmallField::text("name", cx.t("console-service-name"))
        .with_value(&wanted.name)
        .with_help(cx.t("console-service-name-help"))
        .with_error(error)
        .required();
    let form = SmallForm::post(format!("{HERE}~service-account/"), cx.t("console-service-create"))
        .field(name)
        .field(switch("create_group", "console-service-group", wanted.create_group))
        .field(switch("expiring", "console-service-expiring", wanted.expiring))
        .toned(Tone::Primary)
        .back(cx.t("action-cancel"), HERE);
    let header = header(cx).text(cx.t("console-service-text"));
    let parts = vec![Part::new(Body::Form(form))];
    cx.show_with(status, &PartsPage { cx, frame: cx.frame(header), parts })
}

/// `POST …/~service-account/`: the answer shows the token, which is never shown again.
pub(crate) async fn create(form: ConsoleForm) -> Result<HttpResponse, WebError> {
    let ConsoleForm { cx, body } = form;
    let fields = body.read(cx.require("authentik_core.add_user", None)?).await?;
    let is_on = |name: &str| Ok::<_, WebError>(fields.only(name)? == Some("true"));
    let wanted = NewServiceAccount {
        name: fields.only("name")?.unwrap_or_default().trim().to_owned(),
        create_group: is_on("create_group")?,
        expiring: is_on("expiring")?,
    };
    let asked = wanted.clone();
    let made = cx.write(move |tx, write| {
        let made = accounts::create_service_account(tx, write, &asked)?;
        let user = countersign_store::users::by_id(tx, countersign_model::UserId(made.user))?;
        Ok((made, user.ok_or(ResourceError::NotFound)?.pk))
    });
    match made.await {
        Ok((made, pk)) => {
            let code = |label: &str, text: String| Code { label: cx.t(label), text };
            let codes = vec![
                code("console-user-username", wanted.name),
                code("console-token-identifier", made.identifier),
                code("console-service-token", made.token.expose().clone()),
            ];
            let part = Part::new(Body::Codes(codes))
                .titled(cx.t("console-service-made"))
                .saying(cx.t("console-service-made-text"))
                .with(Button::link(cx.t("console-service-open"), format!("{HERE}{pk}/")));
            cx.show(&PartsPage { cx: &cx, frame: cx.frame(header(&cx)), parts: vec![part] })
        }
        Err(WriteError::Resource(ResourceError::Fields(errors))) => {
            let error = errors.0.first().map(|error| cx.text(&error.message)).unwrap_or_default();
            page(&cx, StatusCode::BAD_REQUEST, &wanted, error)
        }
        Err(error) => Err(error.into()),
    }
}

fn header(cx: &ConsoleCx) -> Header {
    Header::new(HERE, cx.t("console-service-title")).crumb(cx.t("console-nav-users"), HERE)
}
