//! Sources on the page: other houses in which people may sign in.

use countersign_flows::{Challenge, Node, SourceButton, SourceLink, StageCx, StageError};
use countersign_model::ConfigObjectId;
use countersign_types::{JsonObject, Text};
use serde_json::{Value, json};

use super::IdentificationStage;
use crate::flow_links;

impl IdentificationStage {
    /// The sources that are switched on and that policies let this person use, in the order of administrators. The way
    /// back goes along.
    pub(super) async fn offered(&self, cx: &StageCx<'_>) -> Result<Vec<SourceButton>, StageError> {
        let mut offered = Vec::new();
        for source in &self.sources {
            let id = ConfigObjectId(source.id());
            let Some(button) = cx.services.source_button(cx.snapshot, id) else { continue };
            let verdict = cx.policies_of(id.raw(), button.policy_engine_mode, JsonObject::new()).await?;
            if verdict.passing {
                offered.push(SourceButton { href: flow_links::with_query(cx, &button.href), ..button });
            }
        }
        Ok(offered)
    }

    /// Adds buttons of sources.
    pub(super) fn with_sources(&self, mut challenge: Challenge, offered: Vec<SourceButton>) -> Challenge {
        let sources: Vec<Value> = offered.iter().map(login_source).collect();
        challenge = challenge.with("sources", sources).with("show_source_labels", self.show_source_labels);
        if !offered.is_empty() && !self.user_fields.is_empty() {
            challenge = challenge.node(Node::Separator(Some("word-or".into())));
        }
        offered.into_iter().fold(challenge, |challenge, button| {
            let label = match button.promoted {
                true => Text::key("stages-identification-source").with("source", button.name),
                false => Text::literal(button.name),
            };
            challenge.node(SourceLink {
                label,
                icon: button.icon,
                href: button.href,
                promoted: button.promoted,
                is_labelled: self.show_source_labels || button.promoted,
            })
        })
    }
}

/// A source as programs are told of it.
fn login_source(button: &SourceButton) -> Value {
    json!({
        "name": button.name,
        "icon_url": button.icon,
        "promoted": button.promoted,
        "challenge": { "component": "xak-flow-redirect", "to": button.href },
    })
}
