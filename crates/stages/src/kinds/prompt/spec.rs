//! What administrators set: prompts, and the stage that asks them.

use countersign_model::Family;
use countersign_resource::{ConfigKind, target};
use countersign_types::{FieldErrors, Ref};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a prompt asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PromptKind {
    /// A line of text.
    Text,
    /// Several lines of text.
    #[serde(rename = "text_area")]
    TextArea,
    /// A line of text that is shown and cannot be changed.
    #[serde(rename = "text_read_only")]
    TextReadOnly,
    /// Several lines of text that are shown and cannot be changed.
    #[serde(rename = "text_area_read_only")]
    TextAreaReadOnly,
    /// A user name that nobody else has.
    Username,
    /// An e-mail address.
    Email,
    /// A password. All passwords of a stage must be the same.
    Password,
    /// A whole number.
    Number,
    /// A box to tick.
    Checkbox,
    /// One of several choices, all shown.
    RadioButtonGroup,
    /// One of several choices, in a list.
    Dropdown,
    /// A day.
    Date,
    /// A day with the time of day.
    DateTime,
    /// A file, as a `data:` URI.
    File,
    /// A line between fields.
    Separator,
    /// A value that is neither shown nor asked.
    Hidden,
    /// Words that are shown.
    Static,
    /// One of the languages of these pages.
    AkLocale,
    /// A notice.
    #[serde(rename = "alert_info")]
    AlertInfo,
    /// A warning.
    #[serde(rename = "alert_warning")]
    AlertWarning,
    /// A notice of something wrong.
    #[serde(rename = "alert_danger")]
    AlertDanger,
}

impl PromptKind {
    /// Whether the person only sees it: what is sent for it counts for nothing.
    pub(super) const fn is_fixed(self) -> bool {
        matches!(self, Self::TextReadOnly | Self::TextAreaReadOnly | Self::Hidden | Self::Static)
    }

    /// Whether it stands on the page without a value of its own.
    pub(super) const fn is_decoration(self) -> bool {
        matches!(self, Self::Separator | Self::AlertInfo | Self::AlertWarning | Self::AlertDanger)
    }

    /// Whether its placeholder lists choices.
    pub(super) const fn has_choices(self) -> bool {
        matches!(self, Self::RadioButtonGroup | Self::Dropdown)
    }

    /// Its name in the JSON face.
    pub(super) fn name(self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}

/// A field of prompt stages.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Prompt {
    /// Name under which the answer is kept, in `prompt_data`. A user write stage writes `username`, `name`,
    /// `email`, `password` and everything that begins with `attributes.`.
    #[schemars(length(min = 1, max = 255))]
    pub field_key: String,
    /// What is asked, as the person reads it.
    pub label: String,
    /// What kind of answer is expected.
    #[serde(rename = "type")]
    pub kind: PromptKind,
    /// Whether it must be answered.
    #[serde(default = "yes")]
    pub required: bool,
    /// Example inside the field, or the choices as a JSON list of texts or of `{"label", "value"}`.
    #[serde(default)]
    #[schemars(extend("x-group" = "appearance"))]
    pub placeholder: String,
    /// Value to begin with; the value itself where it cannot be changed.
    #[serde(default)]
    #[schemars(extend("x-group" = "appearance"))]
    pub initial_value: String,
    /// Place among the fields.
    #[serde(default)]
    #[schemars(extend("x-group" = "appearance"))]
    pub order: i32,
    /// Help below the field.
    #[serde(default)]
    #[schemars(extend("x-group" = "appearance"))]
    pub sub_text: String,
    /// Evaluate the placeholder as an expression; it may return a list of choices.
    #[serde(default)]
    #[schemars(extend("x-advanced" = true))]
    pub placeholder_expression: bool,
    /// Evaluate the initial value as an expression.
    #[serde(default)]
    #[schemars(extend("x-advanced" = true))]
    pub initial_value_expression: bool,
}

const fn yes() -> bool {
    true
}

impl ConfigKind for Prompt {
    const MODEL: &'static str = "authentik_stages_prompt.prompt";
    const FAMILY: Family = Family::Prompt;
    const COMPONENT: &'static str = "ak-prompt-form";
    const VERBOSE_NAME: &'static str = "Prompt";
    const API_PATH: &'static str = "stages/prompt/prompts";

    fn validate(&self) -> Result<(), FieldErrors> {
        let mut errors = FieldErrors::default();
        if self.field_key.is_empty() || self.field_key.len() > 255 {
            errors.push("field_key", "required", "stages-prompt-key");
        }
        // `plan` carries the step token of the form, `component` the question that is answered.
        if matches!(self.field_key.as_str(), "plan" | "component") {
            errors.push("field_key", "invalid", "stages-prompt-key-reserved");
        }
        errors.into_result()
    }
}

/// Asks for the answers to prompts.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct PromptStage {
    /// The prompts.
    pub fields: Vec<Ref<target::Prompt>>,
    /// Policies that must all pass; they see the answers as `prompt_data`.
    #[serde(default)]
    pub validation_policies: Vec<Ref<target::Policy>>,
}

impl ConfigKind for PromptStage {
    const MODEL: &'static str = "authentik_stages_prompt.promptstage";
    const FAMILY: Family = Family::Stage;
    const COMPONENT: &'static str = "ak-stage-prompt-form";
    const VERBOSE_NAME: &'static str = "Prompt Stage";
    const API_PATH: &'static str = "stages/prompt/stages";
}
