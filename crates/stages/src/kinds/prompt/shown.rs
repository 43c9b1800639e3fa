//! A prompt as it is put to one person: expressions evaluated, choices listed.

use std::sync::Arc;

use countersign_expr::Value as ExprValue;
use countersign_flows::{
    Autocomplete, Choice, Field, FieldKind, Node, NoticeLevel, StageCx, StageError, keys, shown_text,
};
use countersign_policies::{PolicyError, PolicyRequest, Source};
use countersign_types::{JsonObject, Text};
use serde_json::{Value, json};

use super::{
    answer,
    spec::{Prompt, PromptKind},
};
use crate::words;

/// A prompt together with what it is for this person.
pub(super) struct Shown {
    pub(super) prompt: Arc<Prompt>,
    pub(super) choices: Vec<Choice>,
    /// Value to begin with; the value itself where it cannot be changed.
    pub(super) initial: Value,
    placeholder: String,
}

impl Shown {
    /// Works out what a prompt is for whoever goes through the flow.
    pub(super) async fn of(prompt: Arc<Prompt>, cx: &StageCx<'_>) -> Result<Self, StageError> {
        let data = cx.context.get(&keys::PROMPT_DATA).unwrap_or_default();
        let world = World { cx, data: &data, request: cx.policy_request(JsonObject::new()) };
        let placeholder = world.placeholder(&prompt).await?;
        let choices = if prompt.kind == PromptKind::AkLocale {
            locales(cx)?
        } else if prompt.kind.has_choices() {
            let given = data.get(&format!("{}__choices", prompt.field_key));
            Choice::all_of(given.unwrap_or(&placeholder))
        } else {
            Vec::new()
        };
        let mut initial = world.initial(&prompt).await?;
        if prompt.kind == PromptKind::Static && shown_text(&initial).is_empty() {
            initial = placeholder.clone();
        }
        if prompt.kind.has_choices() && !choices.iter().any(|choice| choice.value == shown_text(&initial)) {
            initial = choices.first().map(|choice| Value::from(choice.value.clone())).unwrap_or_default();
        }
        let placeholder = if prompt.kind.has_choices() { String::new() } else { shown_text(&placeholder) };
        Ok(Self { prompt, choices, initial, placeholder })
    }

    /// What the page shows; nothing of what is hidden.
    pub(super) fn node(&self) -> Option<Node> {
        let words = || Text::literal(shown_text(&self.initial));
        let or_label = |words: String| if words.is_empty() { self.prompt.label.clone() } else { words };
        let notice = |level| {
            let words = or_label(if self.placeholder.is_empty() {
                shown_text(&self.initial)
            } else {
                self.placeholder.clone()
            });
            Some(Node::Notice(level, Text::literal(words)))
        };
        match self.prompt.kind {
            PromptKind::Hidden => None,
            PromptKind::Static => Some(Node::Paragraph(words())),
            PromptKind::Separator => {
                let words = if self.placeholder.is_empty() {
                    shown_text(&self.initial)
                } else {
                    self.placeholder.clone()
                };
                Some(Node::Separator((!words.is_empty()).then(|| Text::literal(words))))
            }
            PromptKind::AlertInfo => notice(NoticeLevel::Info),
            PromptKind::AlertWarning => notice(NoticeLevel::Warning),
            PromptKind::AlertDanger => notice(NoticeLevel::Danger),
            _ => Some(Node::Field(self.field())),
        }
    }

    fn field(&self) -> Field {
        let prompt = &self.prompt;
        let kind = self.widget();
        let is_fixed = prompt.kind.is_fixed();
        let placeholder = (!self.placeholder.is_empty() && !matches!(prompt.kind, PromptKind::Checkbox))
            .then(|| Text::literal(self.placeholder.clone()));
        Field {
            help: (!prompt.sub_text.is_empty()).then(|| Text::literal(prompt.sub_text.clone())),
            value: if prompt.kind == PromptKind::Password {
                String::new()
            } else {
                shown_text(&self.initial)
            },
            placeholder,
            required: prompt.required && !is_fixed && prompt.kind != PromptKind::Checkbox,
            autocomplete: autocomplete(prompt),
            max_length: answer::most_characters(prompt.kind),
            ..Field::new(prompt.field_key.clone(), kind, Text::literal(prompt.label.clone()))
        }
    }

    fn widget(&self) -> FieldKind {
        match self.prompt.kind {
            PromptKind::TextArea => FieldKind::TextArea,
            PromptKind::TextReadOnly => FieldKind::ReadOnly,
            PromptKind::TextAreaReadOnly => FieldKind::TextAreaReadOnly,
            PromptKind::Username => FieldKind::Username,
            PromptKind::Email => FieldKind::Email,
            PromptKind::Password => FieldKind::Password,
            PromptKind::Number => FieldKind::Number,
            PromptKind::Checkbox => FieldKind::Checkbox,
            PromptKind::RadioButtonGroup => FieldKind::Radio(self.choices.clone()),
            PromptKind::Dropdown | PromptKind::AkLocale => FieldKind::Select(self.choices.clone()),
            PromptKind::Date => FieldKind::Date,
            PromptKind::DateTime => FieldKind::DateTime,
            PromptKind::File => FieldKind::File,
            _ => FieldKind::Text,
        }
    }

    /// What the JSON face carries.
    pub(super) fn data(&self, cx: &StageCx<'_>) -> Result<Value, StageError> {
        let prompt = &self.prompt;
        let localizer = words::localizer(cx)?;
        let said = |words: &str| localizer.words(words);
        let choices: Vec<Value> = self
            .choices
            .iter()
            .map(|choice| json!({ "label": choice.label, "value": choice.value }))
            .collect();
        Ok(json!({
            "field_key": prompt.field_key,
            "label": said(&prompt.label),
            "type": prompt.kind.name(),
            "required": prompt.required,
            "placeholder": said(&self.placeholder),
            "initial_value": if prompt.kind == PromptKind::Password { Value::from("") } else { Value::from(said(&shown_text(&self.initial))) },
            "order": prompt.order,
            "sub_text": said(&prompt.sub_text),
            "choices": if self.choices.is_empty() { Value::Null } else { Value::from(choices) },
        }))
    }

    /// How a complaint about it is put.
    pub(super) fn key(&self) -> &str {
        &self.prompt.field_key
    }
}

/// What expressions of prompts may see.
struct World<'a> {
    cx: &'a StageCx<'a>,
    data: &'a JsonObject,
    request: PolicyRequest,
}

impl World<'_> {
    async fn placeholder(&self, prompt: &Prompt) -> Result<Value, StageError> {
        if !prompt.placeholder_expression {
            return Ok(Value::from(prompt.placeholder.clone()));
        }
        match self.evaluate(&prompt.field_key, &prompt.placeholder).await {
            Ok(value) => Ok(value),
            Err(error) => self.without(prompt, error),
        }
    }

    /// What was answered before, or was put into the plan, comes before what the prompt says.
    async fn initial(&self, prompt: &Prompt) -> Result<Value, StageError> {
        if let Some(value) = self.data.get(&prompt.field_key)
            && prompt.kind != PromptKind::Password
        {
            return Ok(value.clone());
        }
        if !prompt.initial_value_expression {
            return Ok(Value::from(prompt.initial_value.clone()));
        }
        match self.evaluate(&prompt.field_key, &prompt.initial_value).await {
            Ok(value) => Ok(value),
            // A value that the person cannot change must be the one that the administrator meant.
            Err(error) if prompt.kind.is_fixed() => Err(error.into()),
            Err(error) => self.without(prompt, error),
        }
    }

    /// Goes on without a comfort that did not work, unless the house is overloaded.
    fn without(&self, prompt: &Prompt, error: PolicyError) -> Result<Value, StageError> {
        if error.kind() == countersign_types::ErrorKind::Unavailable {
            return Err(error.into());
        }
        let request_id = self.cx.facts.request_id.as_str();
        tracing::warn!(prompt = prompt.field_key, request_id, %error, "an expression of a prompt failed");
        Ok(Value::from(""))
    }

    async fn evaluate(&self, name: &str, text: &str) -> Result<Value, PolicyError> {
        let failed = |problem: String| PolicyError::Expression { name: name.to_owned(), problem };
        let data = ExprValue::from_json(&Value::Object(self.data.clone()))
            .map_err(|error| failed(error.to_string()))?;
        let variables = vec![("prompt_context".to_owned(), data)];
        let expressions = self.cx.services.policies.expressions();
        let evaluated = expressions.evaluate(&Source::new(name, text), variables, &self.request).await?;
        evaluated.value.to_json().map_err(|error| failed(error.to_string()))
    }
}

fn locales(cx: &StageCx<'_>) -> Result<Vec<Choice>, StageError> {
    let catalogues = words::catalogues(cx)?;
    let automatic = words::localizer(cx)?.text(&Text::key("stages-prompt-locale-automatic"));
    let first = Choice { value: String::new(), label: automatic };
    let languages = catalogues
        .locales()
        .map(|language| Choice { value: language.tag.clone(), label: language.name.clone() });
    Ok(std::iter::once(first).chain(languages).collect())
}

fn autocomplete(prompt: &Prompt) -> Autocomplete {
    match (prompt.kind, prompt.field_key.as_str()) {
        (PromptKind::Username, _) => Autocomplete::Username,
        (PromptKind::Email, _) => Autocomplete::Email,
        (PromptKind::Password, _) => Autocomplete::NewPassword,
        (PromptKind::Text, "name") => Autocomplete::Name,
        _ => Autocomplete::Unset,
    }
}
