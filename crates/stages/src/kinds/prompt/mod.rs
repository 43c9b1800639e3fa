//! `authentik_stages_prompt.promptstage` and `authentik_stages_prompt.prompt`: questions of administrators.
//!
//! What cannot be changed by the person is worked out anew when the answer comes: hidden, static and
//! read-only values never come from the browser.

mod answer;
mod shown;
mod spec;

use std::sync::Arc;

use async_trait::async_trait;
use countersign_flows::{
    Button, Challenge, LoadCx, Loaded, Outcome, PendingUser, Response, Stage, StageCx, StageError, StageKind,
    Step, keys,
};
use countersign_model::{ConfigObject, ConfigObjectId, PolicyEngineMode, UserId};
use countersign_resource::target;
use countersign_store::{Snapshot, Tx, users};
use countersign_types::{FieldErrors, JsonObject, Ref, Text};
use serde_json::json;

pub use spec::{Prompt, PromptKind, PromptStage};

use self::shown::Shown;

/// Whose the user names are that were typed.
struct Taken(Vec<(String, UserId)>);

impl StageKind for PromptStage {
    fn build(self, _: &ConfigObject) -> Result<Arc<dyn Stage>, StageError> {
        Ok(Arc::new(self))
    }
}

#[async_trait]
impl Stage for PromptStage {
    fn loads(&self) -> bool {
        true
    }

    fn load(&self, cx: &LoadCx<'_>, tx: &mut Tx<'_>) -> Result<Loaded, StageError> {
        let Some(response) = cx.response else { return Ok(None) };
        let mut taken = Vec::new();
        for prompt in self.prompts(cx.snapshot)?.iter().filter(|prompt| prompt.kind == PromptKind::Username) {
            let typed =
                response.text(&prompt.field_key).filter(|typed| typed.len() <= 1024 && !typed.contains('\0'));
            if let Some(typed) = typed
                && let Some(user) = users::by_username(tx, typed.trim())?
            {
                taken.push((prompt.field_key.clone(), user.id));
            }
        }
        Ok(Some(Box::new(Taken(taken))))
    }

    async fn enter(&self, cx: &mut StageCx<'_>) -> Result<Step, StageError> {
        let shown = self.shown(cx).await?;
        let mut data = Vec::new();
        for prompt in &shown {
            data.push(prompt.data(cx)?);
        }
        let mut challenge = Challenge::new("ak-stage-prompt").with("fields", data);
        for node in shown.iter().filter_map(Shown::node) {
            challenge = challenge.node(node);
        }
        let first = challenge.fields_mut().next();
        if let Some(field) = first {
            field.autofocus = true;
        }
        Ok(challenge.node(Button::primary("action-continue")).into())
    }

    async fn answer(&self, cx: &mut StageCx<'_>, response: &Response) -> Result<Outcome, StageError> {
        let taken = cx.take_loaded::<Taken>().map(|taken| taken.0).unwrap_or_default();
        let shown = self.shown(cx).await?;
        let answers = match answer::collect(&shown, response.values()) {
            Ok(answers) => answers,
            Err(errors) => return Ok(Outcome::Retry(errors)),
        };
        let mut errors = FieldErrors::default();
        for (key, owner) in taken {
            if Some(owner) != own_id(cx) {
                errors.push(key, "unique", "field-name-taken");
            }
        }
        if !errors.is_empty() {
            return Ok(Outcome::Retry(errors));
        }
        let mut data = cx.context.get(&keys::PROMPT_DATA).unwrap_or_default();
        data.extend(answers);
        if let Some(errors) = self.refused_by_policies(cx, &data).await? {
            return Ok(Outcome::Retry(errors));
        }
        cx.context.set(&keys::PROMPT_DATA, &data);
        Ok(Outcome::Next)
    }
}

/// Whose own name may stay his: whoever goes through the flow, or else who is signed in.
fn own_id(cx: &StageCx<'_>) -> Option<UserId> {
    match cx.context.get(&keys::PENDING_USER) {
        Some(PendingUser::Known { id }) => Some(id),
        Some(PendingUser::Pretended { .. }) => None,
        None => cx.session.map(|live| live.subject.user.id),
    }
}

impl PromptStage {
    /// The prompts in their order. One that was deleted is not asked; one that cannot be read is a fault.
    fn prompts(&self, snapshot: &Snapshot) -> Result<Vec<Arc<Prompt>>, StageError> {
        let mut prompts = Vec::new();
        for field in &self.fields {
            if let Some(object) = snapshot.object(ConfigObjectId(field.id())) {
                prompts.push(snapshot.memo(object.id.raw(), || read_prompt(object))?);
            }
        }
        prompts.sort_by_key(|prompt: &Arc<Prompt>| prompt.order);
        Ok(prompts)
    }

    async fn shown(&self, cx: &StageCx<'_>) -> Result<Vec<Shown>, StageError> {
        let mut shown = Vec::new();
        for prompt in self.prompts(cx.snapshot)? {
            shown.push(Shown::of(prompt, cx).await?);
        }
        Ok(shown)
    }

    /// What the validation policies say against the answers.
    async fn refused_by_policies(
        &self,
        cx: &mut StageCx<'_>,
        data: &JsonObject,
    ) -> Result<Option<FieldErrors>, StageError> {
        if self.validation_policies.is_empty() {
            return Ok(None);
        }
        let mut more = JsonObject::new();
        more.insert(keys::PROMPT_DATA.name().to_owned(), json!(data));
        let request = cx.policy_request(more);
        let id = |policy: &Ref<target::Policy>| ConfigObjectId(policy.id());
        let policies: Vec<ConfigObjectId> = self.validation_policies.iter().map(id).collect();
        let engine = &cx.services.policies;
        let result = engine.evaluate_list(cx.snapshot, &policies, PolicyEngineMode::All, &request).await;
        for (name, value) in request.changes.take() {
            cx.context.set_value(name, value);
        }
        if result.passing {
            return Ok(None);
        }
        let mut errors = FieldErrors::default();
        for message in result.messages {
            errors.push("", "invalid", Text::literal(message));
        }
        if errors.is_empty() {
            errors.push("", "invalid", "stages-prompt-refused");
        }
        Ok(Some(errors))
    }
}

fn read_prompt(object: &ConfigObject) -> Result<Prompt, StageError> {
    countersign_resource::load_plain(object)
        .map_err(|error| StageError::Configuration { stage: object.name.clone(), problem: error.to_string() })
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn every_kind_keeps_authentiks_name() {
        let kinds = [
            (PromptKind::TextArea, "text_area"),
            (PromptKind::RadioButtonGroup, "radio-button-group"),
            (PromptKind::DateTime, "date-time"),
            (PromptKind::AkLocale, "ak-locale"),
            (PromptKind::AlertInfo, "alert_info"),
            (PromptKind::TextAreaReadOnly, "text_area_read_only"),
        ];
        for (kind, name) in kinds {
            assert_eq!(kind.name(), Value::from(name));
        }
    }
}
