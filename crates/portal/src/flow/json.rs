//! The JSON face: the shapes that clients of authentik's flow executor speak.

use countersign_flows::{Denied, FlowInfo, ShownChallenge};
use countersign_i18n::Localizer;
use countersign_model::User;
use countersign_types::{FieldErrors, JsonObject};
use countersign_web::Avatar;
use serde_json::{Value, json};

/// A question.
pub(crate) fn challenge(shown: &ShownChallenge, words: &Localizer) -> Value {
    let ShownChallenge { challenge, info, .. } = shown;
    let mut object = JsonObject::new();
    object.insert("component".to_owned(), challenge.component.into());
    object.extend(challenge.data.clone());
    if let Some(user) = &challenge.pending_user {
        let avatar = Avatar::of(&user.name).with_picture(&user.avatar);
        object.insert("pending_user".to_owned(), user.name.clone().into());
        object.insert("pending_user_avatar".to_owned(), avatar.data_uri().into());
    }
    object.insert("flow_info".to_owned(), flow_info(info, words));
    object.insert("response_errors".to_owned(), response_errors(&challenge.errors, words));
    Value::Object(object)
}

/// The end, or another page.
pub(crate) fn redirect(to: &str) -> Value {
    json!({ "component": "xak-flow-redirect", "to": to, "response_errors": {} })
}

/// The flow ends here for this person.
pub(crate) fn denied(denied: &Denied, user: Option<&User>, words: &Localizer) -> Value {
    let messages: Vec<String> = denied.messages.iter().map(|message| words.text(message)).collect();
    let name = user.map(|user| user.username.clone()).unwrap_or_default();
    json!({
        "component": "ak-stage-access-denied",
        "error_message": messages.join(" "),
        "pending_user_avatar": Avatar::of(&name).data_uri(),
        "pending_user": name,
        "flow_info": flow_info(&denied.info, words),
        "response_errors": {},
    })
}

/// The flow could not be run. What went wrong stands in the log, under the request's identifier.
pub(crate) fn flow_error(request_id: &str, message: &str) -> Value {
    json!({ "component": "ak-stage-flow-error", "request_id": request_id, "error": message, "response_errors": {} })
}

fn flow_info(info: &FlowInfo, words: &Localizer) -> Value {
    json!({
        "title": words.text(&info.title),
        "background": info.background,
        "background_themed_urls": null,
        "cancel_url": info.cancel_url,
        "layout": info.layout.as_str(),
    })
}

/// `{field: [{string, code}]}`; what is about no field stands under `non_field_errors`.
fn response_errors(errors: &FieldErrors, words: &Localizer) -> Value {
    let mut object = JsonObject::new();
    for error in &errors.0 {
        let path = if error.path.is_empty() { "non_field_errors" } else { error.path.as_str() };
        let list = object.entry(path).or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(list) = list {
            list.push(json!({ "string": words.text(&error.message), "code": error.code }));
        }
    }
    Value::Object(object)
}
