//! An event as a sentence in the reader's language: one message for each action, and nothing but words in it.
//!
//! Whatever an event holds was written by others (names that people typed, messages of expressions): it is an
//! argument of a message here and escaped text in the page, and long words are cut.

use countersign_i18n::Localizer;
use countersign_model::{Event, EventAction, EventUser};
use countersign_types::{JsonObject, TextArg};
use serde_json::Value;

use crate::generic::words::{kind_key, path_key};

/// Characters of one argument that are shown; the details have them all.
const MAX_WORDS: usize = 120;
/// Names of changed fields in a sentence.
const MAX_FIELDS: usize = 4;

/// What an event's context says about the object that it happened to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct About {
    /// Model label: `authentik_core.user`; none when the context does not say.
    pub(crate) model: Option<String>,
    /// Its name at the time.
    pub(crate) name: Option<String>,
    /// Its identifier: a UUID, or the integer key of old writers.
    pub(crate) key: Option<String>,
}

/// Names under which contexts keep an object.
const OBJECTS: [&str; 4] = ["model", "authorized_application", "provider", "policy"];

impl About {
    /// The object that an event happened to, if its context names one.
    pub(crate) fn of(context: &JsonObject) -> Option<Self> {
        let found = OBJECTS.iter().find_map(|name| context.get(*name)?.as_object())?;
        let text = |name: &str| found.get(name).and_then(words);
        let model = text("app").zip(text("model_name")).map(|(app, model)| format!("{app}.{model}"));
        Some(Self { model, name: text("name"), key: text("pk") })
    }
}

/// The name of an action, for filters and badges.
pub(crate) fn action_name(words: &Localizer, action: EventAction) -> String {
    words.t(&format!("event-action-{}", key_part(action)))
}

/// The action in a key of the catalogues. What expressions record begins with `custom_`.
fn key_part(action: EventAction) -> String {
    action.as_str().trim_end_matches('_').replace('_', "-")
}

/// The event as a sentence. `kind_name` says what administrators call a model.
pub(crate) fn sentence(words: &Localizer, event: &Event, kind_name: &dyn Fn(&str) -> String) -> String {
    let arguments = arguments(words, event, kind_name);
    let key = format!("event-{}", key_part(event.action));
    let key = match event.action {
        EventAction::ModelUpdated if arguments.iter().any(|(name, _)| *name == "fields") => {
            format!("{key}-fields")
        }
        _ => key,
    };
    words.t_args(&key, &arguments).trim_end().to_owned()
}

fn arguments(
    words: &Localizer,
    event: &Event,
    kind_name: &dyn Fn(&str) -> String,
) -> Vec<(&'static str, TextArg)> {
    let context = &event.context;
    let about = About::of(context);
    let unnamed = || words.t("event-unnamed");
    let object = about.as_ref().and_then(|about| about.name.clone().or_else(|| about.key.clone()));
    let object = object.map_or_else(unnamed, |name| cut(&name));
    let model = about.and_then(|about| about.model);
    let kind = model.as_deref().map(kind_name).unwrap_or_default();
    let said = |name: &str| context.get(name).and_then(self::words).map_or_else(unnamed, |text| cut(&text));
    let is = |value: Option<&Value>| if value == Some(&Value::Bool(true)) { "yes" } else { "no" };
    let mut arguments: Vec<(&'static str, TextArg)> = vec![
        ("user", who(words, event).into()),
        ("app", object.clone().into()),
        ("object", object.into()),
        ("kind", kind.into()),
        ("name", said(if context.contains_key("username") { "username" } else { "name" }).into()),
        ("message", said("message").into()),
        ("flow", said("flow").into()),
        ("scope", said("scope_name").into()),
        ("method", context.get("auth_method").and_then(Value::as_str).unwrap_or("").into()),
        ("created", is(context.get("created")).into()),
        ("passing", is(context.get("result").and_then(|result| result.get("passing"))).into()),
    ];
    if let Some(fields) = fields(words, model.as_deref().unwrap_or(""), context) {
        arguments.push(("fields", fields.into()));
    }
    arguments
}

/// Who did it, and in whose place. What the registry records without a user, Countersign did itself.
pub(crate) fn who(words: &Localizer, event: &Event) -> String {
    match &event.user {
        Some(EventUser { username, on_behalf_of: Some(other), .. }) => {
            let arguments = [("by", cut(username).into()), ("name", cut(&other.username).into())];
            words.t_args("event-in-place-of", &arguments)
        }
        Some(user) => cut(&user.username),
        None if event.app == "countersign.registry" => words.t("event-ourselves"),
        None => words.t("event-nobody"),
    }
}

/// The names of what changed, as forms call them where the reader's catalogue does.
fn fields(words: &Localizer, model: &str, context: &JsonObject) -> Option<String> {
    let diff = context.get("diff")?.as_object().filter(|diff| !diff.is_empty())?;
    let label = |name: &String| {
        let path = path_key(name);
        let own = words.find(&format!("{}-{path}", kind_key(model)));
        own.or_else(|| words.find(&format!("kind-field-{path}"))).unwrap_or_else(|| cut(name))
    };
    let mut names: Vec<String> = diff.keys().take(MAX_FIELDS).map(label).collect();
    if diff.len() > MAX_FIELDS {
        names.push("…".to_owned());
    }
    Some(names.join(", "))
}

/// A text or a number as words.
fn words(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn cut(text: &str) -> String {
    let mut short: String = text.chars().take(MAX_WORDS).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use countersign_i18n::Catalogues;
    use countersign_model::EventId;
    use countersign_types::Timestamp;
    use serde_json::json;

    use super::*;

    fn event(action: EventAction, context: Value) -> Event {
        let Value::Object(context) = context else { unreachable!("a map") };
        let at = Timestamp::from_secs(1_795_327_980);
        let user = EventUser { pk: 4, username: "akadmin".to_owned(), ..EventUser::default() };
        Event {
            id: EventId(uuid::Uuid::nil()),
            action,
            app: "countersign.registry".to_owned(),
            user: Some(user),
            context,
            client_ip: None,
            created: at,
            expires: at,
        }
    }

    fn in_english(event: &Event) -> String {
        let catalogues = Catalogues::load().unwrap();
        let english = catalogues.localizer(catalogues.negotiate(&["en"]));
        sentence(&english, event, &|model| {
            if model == "authentik_flows.flow" { "flow" } else { "object" }.into()
        })
    }

    #[test]
    fn every_action_is_a_sentence_in_every_language() {
        let catalogues = Catalogues::load().unwrap();
        for language in catalogues.locales() {
            let locale = catalogues.negotiate(&[language.tag.as_str()]);
            let words = catalogues.localizer(locale);
            for action in EventAction::ALL {
                let said = sentence(&words, &event(*action, json!({})), &|_| "x".to_owned());
                let name = action_name(&words, *action);
                for text in [&said, &name] {
                    assert!(!text.contains("event-") && !text.contains('{'), "{}: {text}", language.tag);
                    assert!(!text.is_empty());
                }
                assert_eq!(said, said.trim(), "{}", language.tag);
            }
        }
    }

    #[test]
    fn a_change_names_who_what_and_which_fields() {
        let model = json!({"app": "authentik_flows", "model_name": "flow", "name": "welcome", "pk": "x"});
        let diff = json!({"title": {"previous_value": 1, "new_value": 2}});
        let changed = event(EventAction::ModelUpdated, json!({"model": model, "diff": diff}));
        assert_eq!(in_english(&changed), "akadmin changed title of flow “welcome”");
        let created = event(EventAction::ModelCreated, json!({"model": model}));
        assert_eq!(in_english(&created), "akadmin created flow “welcome”");
        let mut ours = created;
        ours.user = None;
        assert_eq!(in_english(&ours), "Countersign created flow “welcome”");
    }

    #[test]
    fn what_strangers_typed_is_no_message_and_no_markup_of_ours() {
        let typed = "{ $user } <script>".repeat(40);
        let failed = event(EventAction::LoginFailed, json!({"username": typed}));
        let said = in_english(&failed);
        assert!(said.contains("{ $user } <script>"), "kept as words: {said}");
        assert!(said.chars().count() < 200, "and cut: {said}");
    }

    #[test]
    fn a_sign_in_says_how() {
        let by = |method: &str| in_english(&event(EventAction::Login, json!({"auth_method": method})));
        assert_eq!(by("password"), "akadmin signed in with a password");
        assert_eq!(by("something_else"), "akadmin signed in");
    }
}
