//! A prompt as it is asked: its field, with the texts that it has for one person. Pure.

use countersign_flows::{self as flows, shown_text};
use countersign_types::JsonObject;
use serde_json::Value;

use crate::generic::form::{Choice, Control, Group, Piece, Widget};

/// Choices that are shown.
const MAX_CHOICES: usize = 200;

/// The field of a prompt whose placeholder and initial value came to these.
pub(super) fn field(prompt: &JsonObject, placeholder: &Value, initial: &Value) -> Control {
    let text = |name: &str| prompt.get(name).map(shown_text).unwrap_or_default();
    let kind = text("type");
    let (shown, value) = (shown_text(placeholder), shown_text(initial));
    let widget = match kind.as_str() {
        "checkbox" => Widget::Checkbox { is_on: value == "true" },
        "number" => Widget::Number { value, min: None, max: None },
        "text_area" | "text_area_read_only" => Widget::Area { value, editor: "markdown" },
        "radio-button-group" | "dropdown" => {
            let choices = flows::Choice::all_of(placeholder).into_iter().take(MAX_CHOICES);
            let choices = choices.map(|one| Choice {
                is_chosen: one.value == value,
                value: one.value,
                label: one.label,
            });
            let choices = choices.collect();
            Widget::Select { groups: vec![Group { heading: String::new(), choices }], none: None }
        }
        _ => Widget::Line {
            value: if kind == "password" { String::new() } else { value },
            is_code: false,
            max_length: None,
        },
    };
    let is_list = matches!(kind.as_str(), "radio-button-group" | "dropdown");
    let help = [text("sub_text"), if is_list { String::new() } else { shown }];
    let help = help.into_iter().filter(|words| !words.is_empty()).collect::<Vec<_>>().join(" · ");
    Control {
        name: "preview".to_owned(),
        label: text("label"),
        help: if help.is_empty() { Vec::new() } else { vec![Piece::Text(help)] },
        errors: Vec::new(),
        is_required: prompt.get("required").is_some_and(|required| shown_text(required) == "true"),
        widget,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_list_of_choices_is_one_to_choose_from() {
        let Value::Object(prompt) = json!({ "label": "Team", "type": "dropdown", "required": true }) else {
            return;
        };
        let shown = field(&prompt, &json!("[\"red\", {\"value\": 2, \"label\": \"Two\"}]"), &json!("2"));
        let Widget::Select { groups, .. } = shown.widget else { panic!("{shown:?}") };
        let labels: Vec<_> =
            groups[0].choices.iter().map(|one| (one.label.as_str(), one.is_chosen)).collect();
        assert_eq!(labels, [("red", false), ("Two", true)]);
        assert!(shown.is_required);
    }

    #[test]
    fn a_password_has_no_value() {
        let Value::Object(prompt) = json!({ "label": "Password", "type": "password" }) else { return };
        let shown = field(&prompt, &json!(""), &json!("canary"));
        assert!(!format!("{shown:?}").contains("canary"));
    }
}
