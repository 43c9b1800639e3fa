//! `stages/prompt/prompts/preview/`: a prompt as the caller would be asked it, before it is saved.

use std::sync::Arc;

use countersign_authz::Permission;
use countersign_flows::{self as flows, shown_text};
use countersign_model::{ConfigObject, Family, FlowId};
use countersign_policies::{PolicyRequest, Source};
use countersign_registry::{AnyResource, Registry};
use countersign_types::{JsonObject, RawId, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{Access, Answer, ApiError, Call, Endpoint, Method, Shape};

pub(super) fn rows(registry: &Registry) -> Vec<Endpoint> {
    let mut rows: Vec<Endpoint> = registry.of_family("prompt").map(preview_row).collect();
    let settings = Access::SignedIn;
    rows.push(
        Endpoint::get("stages/all/user_settings/", "stages_all_user_settings_list", settings, user_settings)
            .about("Stages that users set up for themselves.")
            .gives_shape(Shape::of::<UserSetting>().many()),
    );
    rows
}

fn preview_row(resource: &dyn AnyResource) -> Endpoint {
    let kind = resource.descriptor();
    let operation = format!("{}_preview_create", kind.api_path.replace('/', "_"));
    let access = Access::Global(Permission::add(kind.model));
    Endpoint::new(Method::Post, format!("{}/preview/", kind.api_path), operation, access, preview)
        .about("The challenge that a prompt makes for the caller, its expressions evaluated.")
        .takes::<PromptPreview>()
        .gives::<PromptChallenge>()
}

/// Something that users set up for themselves.
#[derive(Serialize, JsonSchema)]
struct UserSetting {
    /// The stage.
    object_uid: RawId,
    /// What shows it.
    component: String,
    /// What the flow for it is called.
    title: String,
    /// Where that begins.
    configure_url: Option<String>,
    /// Address of a picture; there is none.
    icon_url: Option<String>,
}

async fn user_settings(call: Call) -> Result<Answer, ApiError> {
    let snapshot = call.snapshot().await?;
    let setting = |stage: &ConfigObject| {
        let flow = stage.config.get("configure_flow")?.as_str()?.parse().ok()?;
        let kind = call.registry().get(&stage.kind).ok()?.descriptor();
        Some(UserSetting {
            object_uid: stage.id.raw(),
            component: format!("ak-user-settings-{}", kind.api_path.rsplit('/').next()?.replace('_', "-")),
            title: snapshot.flow(FlowId(flow))?.title.clone(),
            configure_url: Some(format!("/flows/-/configure/{}/", stage.id)),
            icon_url: None,
        })
    };
    let settings: Vec<UserSetting> = snapshot.objects(Family::Stage).iter().filter_map(setting).collect();
    Answer::json(&settings)
}

/// A prompt before it is saved.
#[derive(Deserialize, JsonSchema)]
struct PromptPreview {
    /// Name of the value.
    #[serde(default)]
    field_key: String,
    /// What is asked.
    #[serde(default)]
    label: String,
    /// What kind of field it is.
    #[serde(rename = "type")]
    kind: String,
    /// Whether an answer is needed.
    #[serde(default)]
    required: bool,
    /// What stands in the empty field; the choices, where there are choices.
    #[serde(default)]
    placeholder: String,
    /// Whether that is an expression.
    #[serde(default)]
    placeholder_expression: bool,
    /// What the field holds at first.
    #[serde(default)]
    initial_value: String,
    /// Whether that is an expression.
    #[serde(default)]
    initial_value_expression: bool,
    /// Place among the prompts of a stage.
    #[serde(default)]
    order: i64,
    /// Help below the field.
    #[serde(default)]
    sub_text: String,
}

/// What the caller would be asked.
#[derive(Serialize, JsonSchema)]
struct PromptChallenge {
    /// Which stage asks.
    component: &'static str,
    /// Complaints; there are none.
    response_errors: JsonObject,
    /// The fields.
    fields: Vec<StagePrompt>,
}

/// A field.
#[derive(Serialize, JsonSchema)]
struct StagePrompt {
    /// Name of the value.
    field_key: String,
    /// What is asked.
    label: String,
    /// What kind of field it is.
    #[serde(rename = "type")]
    kind: String,
    /// Whether an answer is needed.
    required: bool,
    /// What stands in the empty field.
    placeholder: String,
    /// What the field holds at first.
    initial_value: String,
    /// Place among the prompts.
    order: i64,
    /// Help below the field.
    sub_text: String,
    /// What may be chosen.
    choices: Option<Vec<Choice>>,
}

/// Something that may be chosen.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "PromptChoice")]
struct Choice {
    /// The value.
    value: String,
    /// What people see.
    label: String,
}

impl From<flows::Choice> for Choice {
    fn from(choice: flows::Choice) -> Self {
        Self { value: choice.value, label: choice.label }
    }
}

async fn preview(call: Call) -> Result<Answer, ApiError> {
    let asked: PromptPreview = call.json()?;
    let placeholder =
        value_of(&call, "placeholder", &asked.placeholder, asked.placeholder_expression).await?;
    let initial =
        value_of(&call, "initial_value", &asked.initial_value, asked.initial_value_expression).await?;
    let has_choices = matches!(asked.kind.as_str(), "radio-button-group" | "dropdown");
    let choices =
        has_choices.then(|| flows::Choice::all_of(&placeholder).into_iter().map(Choice::from).collect());
    let words = call.facts.localizer(&call.app);
    let field = StagePrompt {
        field_key: asked.field_key,
        label: words.words(&asked.label),
        required: asked.required,
        placeholder: if has_choices { String::new() } else { words.words(&shown_text(&placeholder)) },
        initial_value: if asked.kind == "password" {
            String::new()
        } else {
            words.words(&shown_text(&initial))
        },
        order: asked.order,
        sub_text: words.words(&asked.sub_text),
        kind: asked.kind,
        choices,
    };
    Answer::json(&PromptChallenge {
        component: "ak-stage-prompt",
        response_errors: JsonObject::new(),
        fields: vec![field],
    })
}

/// A text as it is, or what it returns as an expression. What goes wrong is a complaint about the field.
async fn value_of(call: &Call, field: &str, text: &str, is_expression: bool) -> Result<Value, ApiError> {
    if !is_expression {
        return Ok(Value::from(text));
    }
    let request = PolicyRequest {
        user: Some(Arc::clone(&call.identity()?.subject)),
        context: JsonObject::from_iter([("prompt_context".to_owned(), json!({}))]),
        facts: call.facts.to_request_facts(),
        is_sso: false,
        changes: Default::default(),
    };
    let trial = call.app.policies().expressions().try_out(&Source::new(field, text), request).await;
    trial.outcome.map_err(|error| ApiError::field(field, "invalid", Text::literal(error.to_string())))
}
