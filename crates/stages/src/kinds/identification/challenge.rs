//! What is asked.

use countersign_flows::{
    Autocomplete, Button, Challenge, Comfort, Field, FieldKind, Link, LinkRole, Node, SourceButton, StageCx,
    StageError, keys, query_value,
};
use countersign_model::FlowDesignation;
use countersign_types::Text;
use serde_json::Value;

use super::{IdentificationStage, MAX_UID, UID, UserField};
use crate::{
    captcha_check::Captcha,
    flow_links,
    password_check::{self, PasswordSettings},
    words,
};

/// What programs are told as the address of the flow without a password.
const PASSWORDLESS: &str = "passwordless_url";

impl IdentificationStage {
    pub(super) fn challenge(
        &self,
        cx: &StageCx<'_>,
        password: Option<&PasswordSettings>,
        sources: Vec<SourceButton>,
    ) -> Result<Challenge, StageError> {
        let is_signing_in = cx.flow.designation == FlowDesignation::Authentication;
        let action = if is_signing_in { "action-sign-in" } else { "action-continue" };
        let prefilled = prefilled(cx);
        let captcha = self.captcha(cx)?;
        let application = cx
            .context
            .get(&keys::APPLICATION)
            .and_then(|application| cx.snapshot.application(application.id));
        let links = [
            ("enroll_url", "stages-identification-enroll", flow_links::to_flow(cx, self.enrollment_flow)),
            ("recovery_url", "stages-identification-recover", flow_links::to_flow(cx, self.recovery_flow)),
            (
                PASSWORDLESS,
                "stages-identification-passwordless",
                flow_links::to_flow(cx, self.passwordless_flow),
            ),
        ];
        let fields: Vec<&str> = self.user_fields.iter().map(|field| field.as_str()).collect();
        let mut challenge = Challenge::new("ak-stage-identification")
            .with("user_fields", fields)
            .with("pending_user_identifier", prefilled.clone())
            .with("password_fields", password.is_some())
            .with("allow_show_password", password.is_some_and(|settings| settings.allow_show_password))
            .with("application_pre", application.map(|application| application.name.clone()))
            .with(
                "application_pre_launch",
                application.map(|application| application.meta_launch_url.clone()),
            )
            .with("flow_designation", cx.flow.designation.as_str())
            .with("captcha_stage", captcha.as_ref().map_or(Value::Null, |captcha| sub_challenge(captcha, cx)))
            .with("primary_action", words::localizer(cx)?.t(action))
            .with("enable_remember_me", self.enable_remember_me)
            .with("passkey_challenge", Value::Null);
        if let Some(application) = application {
            let text = Text::key("stages-identification-application").with("app", application.name.clone());
            challenge = challenge.node(Node::Paragraph(text));
        }
        let asks_name = !self.user_fields.is_empty();
        if asks_name {
            challenge = challenge.node(self.name_field(prefilled));
            if let Some(settings) = password {
                challenge = challenge.node(password_field(settings));
            }
            if let Some(captcha) = &captcha {
                challenge = challenge.node(Node::Captcha(captcha.widget(cx)));
            }
            challenge = challenge.node(Button::primary(action));
        }
        challenge = self.with_sources(challenge, sources);
        for (name, label, url) in links {
            challenge = challenge.with(name, url.clone());
            let Some(href) = url else { continue };
            // Where no name is asked for, it is one of the ways to sign in and no way round.
            let is_main = !asks_name && name == PASSWORDLESS;
            let role = if is_main { LinkRole::Prominent } else { LinkRole::Secondary };
            challenge = challenge.node(Link { label: label.into(), href, role });
        }
        Ok(challenge)
    }

    fn name_field(&self, prefilled: Option<String>) -> Field {
        let only_email = self.user_fields.iter().all(|field| *field == UserField::Email);
        let has_email = self.user_fields.contains(&UserField::Email);
        let (kind, label) = match (only_email, has_email) {
            (true, _) => (FieldKind::Email, "stages-identification-email"),
            (false, true) => (FieldKind::Username, "stages-identification-username-or-email"),
            (false, false) => (FieldKind::Username, "stages-identification-username"),
        };
        Field {
            autofocus: prefilled.is_none(),
            value: prefilled.unwrap_or_default(),
            autocomplete: Autocomplete::Username,
            max_length: u32::try_from(MAX_UID).ok(),
            comfort: self.enable_remember_me.then_some(Comfort::Remember),
            ..Field::new(UID, kind, label)
        }
    }
}

/// The question of a captcha that stands on this page.
fn sub_challenge(captcha: &Captcha, cx: &StageCx<'_>) -> Value {
    let mut data = captcha.data(cx);
    data.insert("component".to_owned(), Value::from("ak-stage-captcha"));
    data.insert("pending_user".to_owned(), Value::from(""));
    data.insert("pending_user_avatar".to_owned(), Value::from(""));
    Value::Object(data)
}

fn password_field(settings: &PasswordSettings) -> Field {
    Field {
        comfort: settings.allow_show_password.then_some(Comfort::Reveal),
        autocomplete: Autocomplete::CurrentPassword,
        max_length: u32::try_from(countersign_crypto::MAX_PASSWORD_LEN).ok(),
        ..Field::new(password_check::FIELD, FieldKind::Password, "stages-password-label")
    }
}

/// Who it probably is: whoever led here says so, or the address does (`login_hint`, OpenID Connect Core
/// §3.1.2.1).
fn prefilled(cx: &StageCx<'_>) -> Option<String> {
    cx.context
        .get(&keys::PENDING_USER_IDENTIFIER)
        .or_else(|| query_value(&cx.here.query, "login_hint"))
        .filter(|name| !name.is_empty() && name.len() <= MAX_UID && !name.chars().any(char::is_control))
}
