//! Mail: by which server it goes out, whether it does, and which templates there are.

use actix_web::{HttpResponse, http::StatusCode};
use countersign_mail::{Encryption, Letter, Look, Person, Topic};
use countersign_registry::EDIT_SETTINGS;
use countersign_web::{WebError, see_other};

use super::{MAIL, VIEW, header};
use crate::{
    cx::{ConsoleCx, ConsoleForm},
    kit::{Cell, Column, Pair, Row, Table},
    parts::{Body, Part, PartsPage, SmallField, SmallForm, Tone, Widget},
};

/// `/if/admin/system/mail/`.
pub(crate) async fn show(cx: ConsoleCx) -> Result<HttpResponse, WebError> {
    cx.require(VIEW, None)?;
    let own = cx.session.subject.user.email.clone();
    page(&cx, StatusCode::OK, &own, String::new())
}

fn page(cx: &ConsoleCx, status: StatusCode, address: &str, error: String) -> Result<HttpResponse, WebError> {
    let mut header = header(cx, MAIL, "console-mail-title", "console-mail-text");
    let mut parts = Vec::new();
    match cx.app.mail().server() {
        None => header = header.notice("warning", cx.t("console-mail-not-configured")),
        Some(server) => {
            let encryption = match server.encryption {
                Encryption::None => Cell::Badge(cx.t("console-mail-plain"), "warning"),
                Encryption::StartTls => Cell::Badge("STARTTLS".to_owned(), "success"),
                Encryption::Implicit => Cell::Badge("TLS".to_owned(), "success"),
            };
            let name = server.credentials.as_ref().map(|(name, _)| name.clone());
            let facts = vec![
                Pair::new(
                    cx.t("console-mail-server"),
                    Cell::Code(format!("{}:{}", server.host, server.port)),
                ),
                Pair::new(cx.t("console-mail-encryption"), encryption),
                Pair::new(cx.t("console-mail-username"), name.map_or(Cell::Nothing, Cell::Text)),
                Pair::new(cx.t("console-mail-from"), Cell::text(&server.from)),
            ];
            parts.push(Part::new(Body::Pairs(facts)).titled(cx.t("console-mail-server-title")));
        }
    }
    if cx.app.mail().server().is_some() && cx.may(EDIT_SETTINGS.as_str(), None) {
        let field = SmallField::new("to", cx.t("console-mail-to"), Widget::Input("email", "email"))
            .with_value(address)
            .with_error(error)
            .required();
        let form = SmallForm::post(MAIL, cx.t("console-mail-send")).field(field).toned(Tone::Primary);
        parts.push(Part::new(Body::Form(form)).titled(cx.t("console-mail-test")));
    }
    parts.push(Part::table(templates(cx)).titled(cx.t("console-mail-templates")));
    cx.show_with(status, &PartsPage { cx, frame: cx.frame(header), parts })
}

/// Key of what a topic is called.
fn name_of(topic: Topic) -> String {
    topic.words().replacen("mail-", "console-mail-topic-", 1)
}

fn templates(cx: &ConsoleCx) -> Table {
    let row = |template: countersign_mail::TemplateInfo| {
        let about = template.topic.map(|topic| cx.t(&name_of(topic)));
        Row {
            key: template.name.clone(),
            label: template.name.clone(),
            cells: vec![
                Cell::Code(template.name),
                Cell::text(about.unwrap_or_else(|| cx.t("console-mail-own"))),
                Cell::Flag(template.is_file, cx.t(if template.is_file { "word-yes" } else { "word-no" })),
            ],
            actions: Vec::new(),
        }
    };
    let columns = ["console-mail-template", "console-mail-about", "console-mail-file"];
    Table {
        caption: cx.t("console-mail-templates"),
        columns: columns.map(|key| Column::new(cx.t(key))).into(),
        rows: cx.app.mail().library().all().into_iter().map(row).collect(),
        bulk: None,
        empty: None,
    }
}

/// `POST /if/admin/system/mail/`: sends a test message now.
pub(crate) async fn test(form: ConsoleForm) -> Result<HttpResponse, WebError> {
    let ConsoleForm { cx, body } = form;
    let to = body
        .read(cx.require(EDIT_SETTINGS.as_str(), None)?)
        .await?
        .only("to")?
        .unwrap_or_default()
        .trim()
        .to_owned();
    let person = Person::at(to.as_str()).or_reading(Some(cx.localizer().lang()));
    if !person.is_reachable() {
        let error = cx.t("field-email");
        return page(&cx, StatusCode::BAD_REQUEST, &to, error);
    }
    let look = Look::of(cx.snapshot.brand_for(&cx.facts.host), cx.base_url());
    match cx.app.mail().send_now(&Letter::about(Topic::Test, person, look)).await {
        Ok(()) => Ok(see_other(&format!("{MAIL}?done=mail-sent"))),
        Err(error) => {
            let words = cx.t_with("console-mail-failed", "error", &error.to_string());
            page(&cx, StatusCode::BAD_GATEWAY, &to, words)
        }
    }
}

#[cfg(test)]
mod tests {
    use countersign_i18n::Catalogues;

    use super::*;

    #[test]
    fn every_letter_is_called_something_in_every_language() {
        let catalogues = Catalogues::load().unwrap();
        for language in ["en", "ko", "zh-Hans"] {
            let words = catalogues.localizer(catalogues.negotiate(&[language]));
            for topic in Topic::ALL {
                assert!(words.find(&name_of(topic)).is_some(), "{language}: {topic:?}");
            }
        }
    }
}
