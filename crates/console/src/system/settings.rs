//! Settings of the system itself.

use actix_web::{HttpResponse, http::StatusCode};
use countersign_registry::{EDIT_SETTINGS, ResourceError, SystemSettings, VIEW_SETTINGS};
use countersign_types::{FieldErrors, JsonObject};
use countersign_web::{WebError, see_other};
use serde_json::Value;

use super::{SETTINGS, header};
use crate::{
    cx::{ConsoleCx, ConsoleForm, WriteError, fault},
    kit::{Cell, Pair},
    parts::{Body, Part, PartsPage, SmallField, SmallForm, Tone, Widget},
};

/// `/if/admin/system/settings/`.
pub(crate) async fn show(cx: ConsoleCx) -> Result<HttpResponse, WebError> {
    cx.require(VIEW_SETTINGS.as_str(), None)?;
    let settings = cx.look(|tx, _| SystemSettings::read(tx)).await.map_err(fault)?;
    page(&cx, StatusCode::OK, &settings.document(), &FieldErrors::default())
}

fn page(
    cx: &ConsoleCx,
    status: StatusCode,
    document: &JsonObject,
    errors: &FieldErrors,
) -> Result<HttpResponse, WebError> {
    let label = |name: &str| cx.t(&format!("console-setting-{}", name.replace('_', "-")));
    let body = if cx.may(EDIT_SETTINGS.as_str(), None) {
        let mut form = SmallForm::post(SETTINGS, cx.t("action-save")).toned(Tone::Primary);
        for (name, value) in document {
            let complaints = errors.0.iter().filter(|error| error.path == *name);
            let error = complaints.map(|error| cx.text(&error.message)).collect::<Vec<_>>().join(" ");
            let widget = match value {
                Value::Bool(_) => Widget::Checkbox,
                Value::Number(_) => Widget::Input("number", "off"),
                _ => Widget::Input("text", "off"),
            };
            let help = cx.t(&format!("console-setting-{}-help", name.replace('_', "-")));
            form = form.field(
                SmallField::new(name, label(name), widget)
                    .with_value(plain(value))
                    .with_help(help)
                    .with_error(error),
            );
        }
        Body::Form(form)
    } else {
        let pairs = document.iter().map(|(name, value)| {
            let value = match value {
                Value::Bool(is_on) => Cell::Flag(*is_on, cx.t(if *is_on { "word-yes" } else { "word-no" })),
                value => Cell::Text(plain(value)),
            };
            Pair::new(label(name), value)
        });
        Body::Pairs(pairs.collect())
    };
    let header = header(cx, SETTINGS, "console-settings-title", "console-settings-text");
    cx.show_with(status, &PartsPage { cx, frame: cx.frame(header), parts: vec![Part::new(body)] })
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// `POST /if/admin/system/settings/`.
pub(crate) async fn save(form: ConsoleForm) -> Result<HttpResponse, WebError> {
    let ConsoleForm { cx, body } = form;
    let fields = body.read(cx.require(EDIT_SETTINGS.as_str(), None)?).await?;
    let mut patch = JsonObject::new();
    for (name, default) in SystemSettings::default().document() {
        let sent = fields.only(&name)?;
        let value = match default {
            Value::Bool(_) => Value::Bool(sent == Some("true")),
            Value::Number(_) => {
                let text = sent.unwrap_or_default().trim();
                text.parse::<i64>().map_or_else(|_| Value::from(text), Value::from)
            }
            _ => Value::from(sent.unwrap_or_default().trim()),
        };
        patch.insert(name, value);
    }
    let asked = patch.clone();
    match cx.write(move |tx, write| SystemSettings::change(tx, write, &asked)).await {
        Ok(_) => Ok(see_other(&format!("{SETTINGS}?done=saved"))),
        Err(WriteError::Resource(ResourceError::Fields(errors))) => {
            page(&cx, StatusCode::BAD_REQUEST, &patch, &errors)
        }
        Err(error) => Err(error.into()),
    }
}
