//! A stage that does what its configuration says: the portal is tested without any real kind.

use std::sync::Arc;

use async_trait::async_trait;
use countersign_flows::{
    Autocomplete, Button, Challenge, Choice, Field, FieldKind, Link, LinkRole, NewSession, Node, NoticeLevel,
    Outcome, PendingUserView, Permission, Response, SourceLink, Stage, StageCx, StageError, StageKind, Step,
    keys,
};
use countersign_model::{ConfigObject, Family, Session, SessionId};
use countersign_resource::ConfigKind;
use countersign_types::{FieldErrors, JsonObject, Span, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the stage does.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Act {
    /// Asks for the word "open sesame".
    Password,
    /// Asks for a name, and takes any.
    Name,
    /// Shows one of everything.
    Gallery,
    /// Begins a session for the user of the tests.
    SignIn,
    /// Ends the session; asks first when another site led here.
    SignOut,
    /// Ends the flow.
    Deny,
}

/// A stage that does what its configuration says.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Scripted {
    pub(crate) act: Act,
}

impl ConfigKind for Scripted {
    const MODEL: &'static str = "tests.scripted";
    const FAMILY: Family = Family::Stage;
    const COMPONENT: &'static str = "";
    const VERBOSE_NAME: &'static str = "Scripted";
}

impl StageKind for Scripted {
    fn build(self, _: &ConfigObject) -> Result<Arc<dyn Stage>, StageError> {
        Ok(Arc::new(self))
    }
}

fn choices() -> Vec<Choice> {
    ["red", "green", "blue"]
        .map(|value| Choice { value: value.to_owned(), label: format!("The colour {value}") })
        .to_vec()
}

/// One node of every kind, and a field of every kind.
pub(crate) fn gallery() -> Challenge {
    let kinds = [
        ("text", FieldKind::Text),
        ("area", FieldKind::TextArea),
        ("fixed", FieldKind::ReadOnly),
        ("fixed_area", FieldKind::TextAreaReadOnly),
        ("username", FieldKind::Username),
        ("email", FieldKind::Email),
        ("password", FieldKind::Password),
        ("number", FieldKind::Number),
        ("tick", FieldKind::Checkbox),
        ("radio", FieldKind::Radio(choices())),
        ("select", FieldKind::Select(choices())),
        ("date", FieldKind::Date),
        ("moment", FieldKind::DateTime),
        ("file", FieldKind::File),
        ("code", FieldKind::Code),
        ("hidden", FieldKind::Hidden),
    ];
    let permission = |id: &str, name: &str| Permission { id: id.to_owned(), name: name.to_owned() };
    let link = |label, role| Link { label: Text::key(label), href: "/if/flow/other/".to_owned(), role };
    let source = |name: &str, promoted, is_labelled| SourceLink {
        label: Text::literal(name),
        icon: Some("data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'/%3E".to_owned()),
        href: "/source/test/login/x/".to_owned(),
        promoted,
        is_labelled,
    };
    let person = PendingUserView {
        name: "ada.lovelace-with-a-very-long-name-indeed@a-long-department.example.com".to_owned(),
        avatar: String::new(),
        switch_url: Some("/flows/-/cancel/?next=%2F".to_owned()),
    };
    let mut challenge = Challenge::new("test-gallery")
        .to(Some(person))
        .node(Node::Paragraph("error-expired-text".into()))
        .node(Node::Code("123456".to_owned()))
        .node(Node::Notice(NoticeLevel::Info, "error-stale-text".into()))
        .node(Node::Notice(NoticeLevel::Warning, "error-stale-text".into()))
        .node(Node::Notice(NoticeLevel::Danger, "error-stale-text".into()))
        .node(Node::Notice(NoticeLevel::Success, "error-stale-text".into()));
    for (name, kind) in kinds {
        let mut field = Field::new(name, kind, Text::literal(format!("A field named {name}")));
        field.help = Some("error-bad-request-text".into());
        field.required = name != "area";
        field.value = if name == "tick" { "true".to_owned() } else { "green".to_owned() };
        challenge = challenge.node(field);
    }
    challenge
        .node(Node::Permissions(
            Some("portal-consents-text".into()),
            vec![permission("email", "Your e-mail address"), permission("groups", "")],
        ))
        .node(Button::primary("action-allow"))
        .node(Button::secondary("action-deny", "choice", "deny"))
        .node(Node::Separator(Some("word-or".into())))
        .node(link("action-skip", LinkRole::Prominent))
        .node(source("Continue with another house", true, true))
        .node(source("A house", false, true))
        .node(source("An icon", false, false))
        .node(Node::Separator(None))
        .node(link("action-sign-up", LinkRole::Secondary))
}

fn question(name: &str, kind: FieldKind, autocomplete: Autocomplete) -> Challenge {
    let mut field = Field::new(name, kind, Text::literal("Password"));
    field.autocomplete = autocomplete;
    field.autofocus = true;
    Challenge::new("ak-stage-password").node(field).with("allow_show_password", false)
}

fn ask_again(name: &str) -> Outcome {
    Outcome::Retry(FieldErrors::one(name, "invalid", "field-password-wrong"))
}

#[async_trait]
impl Stage for Scripted {
    async fn enter(&self, cx: &mut StageCx<'_>) -> Result<Step, StageError> {
        Ok(match self.act {
            Act::Password => {
                let user = PendingUserView {
                    name: "alice".to_owned(),
                    avatar: String::new(),
                    switch_url: Some("/flows/-/cancel/?next=%2F".to_owned()),
                };
                question("password", FieldKind::Password, Autocomplete::CurrentPassword).to(Some(user)).into()
            }
            Act::Name => {
                let mut challenge = question("name", FieldKind::Username, Autocomplete::Username);
                challenge.component = "ak-stage-identification";
                challenge.data = JsonObject::new();
                challenge.with("user_fields", vec!["username"]).into()
            }
            Act::Gallery => gallery().into(),
            Act::SignIn => {
                begin_session(cx);
                Step::Done(Outcome::Next)
            }
            Act::SignOut if cx.facts.is_cross_site => {
                Challenge::new("test-sign-out").node(Button::primary("action-sign-out")).into()
            }
            Act::SignOut => {
                cx.end_session();
                Step::Done(Outcome::Next)
            }
            Act::Deny => Step::Done(Outcome::Deny(Text::literal("Not today."))),
        })
    }

    async fn answer(&self, cx: &mut StageCx<'_>, response: &Response) -> Result<Outcome, StageError> {
        Ok(match self.act {
            Act::Password if response.text("password") == Some("open sesame") => Outcome::Next,
            Act::Password => ask_again("password"),
            Act::Name if response.text("name").is_some() => {
                cx.context.set(&keys::PENDING_USER_IDENTIFIER, &response.text("name").unwrap().to_owned());
                Outcome::Next
            }
            Act::Name => ask_again("name"),
            Act::Gallery => {
                let mut errors = FieldErrors::default();
                for field in gallery().fields() {
                    errors.push(field.name.clone(), "required", "field-required");
                }
                errors.push("", "invalid", "error-bad-request-text");
                Outcome::Retry(errors)
            }
            Act::SignOut => {
                cx.end_session();
                Outcome::Next
            }
            Act::SignIn | Act::Deny => Outcome::Next,
        })
    }
}

fn begin_session(cx: &mut StageCx<'_>) {
    let (token, key) = countersign_crypto::new_token(&*cx.services.rng);
    let id = countersign_types::random_uuid(&*cx.services.rng);
    let session = Session {
        key,
        id: SessionId(id),
        user: crate::world::alice(),
        created: cx.now,
        authenticated_at: cx.now,
        last_used: cx.now,
        expires: cx.now.plus(Span::from_hours(1)),
        auth_method: "password".to_owned(),
        auth_method_args: JsonObject::new(),
        last_ip: "203.0.113.9".to_owned(),
        last_user_agent: String::new(),
        impersonator: None,
        binding: None,
    };
    cx.begin_session(NewSession { token, session, max_age: None, device: None });
}
