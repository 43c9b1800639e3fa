//! A policy, a mapping or a prompt tried out on somebody: what it comes to, what it says and logs, and how long
//! it takes. Works on what is written in the form, saved or not. Nothing follows from it, and the limits are
//! those of every evaluation.

use actix_web::{HttpResponse, http::StatusCode};
use askama::Template;
use countersign_model::{ConfigObjectId, Group};
use countersign_policies::{ContextChanges, LoggedLine, PolicyRequest, Shape, Source, Stand, Trial};
use countersign_registry::ResourceError;
use countersign_resource::Descriptor;
use countersign_types::{JsonObject, RawId};
use countersign_web::{BoundedQuery, Pairs, WebError};
use serde_json::Value as Json;

use super::{
    Names, Purpose, address,
    highlight::{Piece, pieces},
    names, preview, stand,
};
use crate::{
    cx::{ConsoleCx, ConsoleForm, Permit, fault},
    flows::milliseconds,
    generic::{form::Control, show, words},
    shell::Frame,
};

#[derive(Template)]
#[template(path = "console/expression_test.html")]
struct TrialPage<'a> {
    cx: &'a ConsoleCx,
    frame: Frame,
    stylesheet: String,
    action: String,
    /// The texts to be tried: name, words, text.
    texts: Vec<(String, String, String)>,
    user: String,
    user_error: String,
    context: String,
    context_error: String,
    /// The providers to choose from, and which is chosen; none where there is no provider.
    providers: Option<Vec<(String, String, bool)>>,
    scopes: Option<String>,
    /// The name of a group; none where no group is told of.
    group: Option<String>,
    group_error: String,
    context_help: &'static str,
    results: Vec<ResultView>,
    names: Vec<Names>,
    /// A prompt as it is asked.
    preview: Option<Control>,
    /// What else was sent of a prompt, to be sent again.
    rest: Vec<(String, String)>,
}

/// What one text came to.
struct ResultView {
    title: String,
    verdict: Option<bool>,
    failure: String,
    value: Vec<Piece>,
    messages: Vec<String>,
    lines: Vec<String>,
    took: String,
}

/// What is tried out.
struct Subjected<'c> {
    kind: &'c Descriptor,
    purpose: Purpose,
    object: Option<RawId>,
    name: String,
    /// Fields with their texts, as kept or as sent.
    texts: Vec<(String, String)>,
    /// Its attributes, as kept or as sent, where more than the texts counts: of prompts.
    document: JsonObject,
}

/// `GET /if/admin/expressions/test/`.
pub(super) async fn ask(cx: ConsoleCx, BoundedQuery(query): BoundedQuery) -> Result<HttpResponse, WebError> {
    let tried = subjected(&cx, &query, None).await?;
    let given = Given::at_first(&cx, &tried);
    let preview = preview_of(&tried, &[]);
    render(&cx, &tried, given, StatusCode::OK, Vec::new(), preview)
}

/// What was filled in beside the texts.
#[derive(Default)]
struct Given {
    user: String,
    user_error: String,
    context: String,
    context_error: String,
    provider: String,
    scopes: String,
    group: String,
    group_error: String,
}

impl Given {
    /// Whoever looks, and what the expression would be given.
    fn at_first(cx: &ConsoleCx, tried: &Subjected<'_>) -> Self {
        let context = tried.purpose.mapping().map(|mapping| mapping.example()).unwrap_or_default();
        Self {
            user: cx.session.subject.user.username.clone(),
            context: serde_json::to_string_pretty(&context).unwrap_or_default(),
            scopes: "openid email profile".to_owned(),
            ..Self::default()
        }
    }

    /// As it was sent. A form of the kind itself says nothing of it.
    fn sent(cx: &ConsoleCx, tried: &Subjected<'_>, fields: &Pairs) -> Self {
        if fields.first("trial.user").is_none() {
            return Self::at_first(cx, tried);
        }
        let field = |name: &str| fields.first(name).unwrap_or_default().trim().to_owned();
        Self {
            user: field("trial.user"),
            context: field("trial.context"),
            provider: field("trial.provider"),
            scopes: field("trial.scopes"),
            group: field("trial.group"),
            ..Self::default()
        }
    }

    fn is_refused(&self) -> bool {
        [&self.user_error, &self.context_error, &self.group_error].iter().any(|error| !error.is_empty())
    }
}

/// `POST /if/admin/expressions/test/`.
pub(super) async fn run(
    form: ConsoleForm,
    BoundedQuery(query): BoundedQuery,
) -> Result<HttpResponse, WebError> {
    let ConsoleForm { cx, body } = form;
    let fields = body.read(asked(&cx, &query)?.permit).await?;
    let tried = subjected(&cx, &query, Some(&fields)).await?;
    let mut given = Given::sent(&cx, &tried, &fields);
    let user = match given.user.as_str() {
        "" => None,
        username => {
            let found = stand::subject(&cx, username).await?;
            if found.is_none() {
                given.user_error = cx.t("expression-test-nobody");
            }
            found
        }
    };
    let group = match given.group.as_str() {
        "" => None,
        name => {
            let found = stand::group(&cx, name).await?;
            if found.is_none() {
                given.group_error = cx.t("expression-test-no-group");
            }
            found
        }
    };
    let context = match serde_json::from_str::<JsonObject>(if given.context.is_empty() {
        "{}"
    } else {
        &given.context
    }) {
        Ok(context) => context,
        Err(error) => {
            given.context_error = cx.t_with("expression-test-context-invalid", "problem", &error.to_string());
            JsonObject::new()
        }
    };
    if given.is_refused() {
        return render(&cx, &tried, given, StatusCode::BAD_REQUEST, Vec::new(), None);
    }
    let request = PolicyRequest {
        user,
        context,
        facts: cx.facts.to_request_facts(),
        is_sso: false,
        changes: ContextChanges::new(),
    };
    let (results, values) = evaluate(&cx, &tried, &given, group, request).await;
    let preview = preview_of(&tried, &values);
    render(&cx, &tried, given, StatusCode::OK, results, preview)
}

async fn evaluate(
    cx: &ConsoleCx,
    tried: &Subjected<'_>,
    given: &Given,
    group: Option<Group>,
    request: PolicyRequest,
) -> (Vec<ResultView>, Vec<(String, Json)>) {
    let policies = cx.app.policies();
    // A policy without a text is tried as it is kept.
    if let (true, Purpose::Policy, Some(object)) = (tried.texts.is_empty(), tried.purpose, tried.object) {
        let trial = policies.try_out(&cx.snapshot, ConfigObjectId(object), request).await;
        let verdict = trial.outcome.as_ref().ok().map(|result| result.passing);
        return (vec![view(cx, String::new(), trial, verdict, |_| Vec::new())], Vec::new());
    }
    let (mut results, mut values) = (Vec::new(), Vec::new());
    for (field, text) in &tried.texts {
        let source = Source::new(tried.name.as_str(), text.as_str());
        let expressions = policies.expressions();
        let trial = match tried.purpose.mapping() {
            Some(mapping) => {
                let stand = Stand {
                    provider: stand::provider(cx, &given.provider),
                    group: group.clone(),
                    scopes: Some(given.scopes.split_whitespace().map(str::to_owned).collect()),
                };
                expressions.try_mapping(mapping, &source, stand, request.clone()).await
            }
            None => expressions.try_out(&source, request.clone()).await,
        };
        let verdict = match (tried.purpose, &trial.outcome) {
            (Purpose::Policy, Ok(value)) => Some(is_true(value)),
            _ => None,
        };
        values.extend(trial.outcome.as_ref().ok().map(|value| (field.clone(), value.clone())));
        let title = if tried.texts.len() > 1 { label(cx, tried.kind, field) } else { String::new() };
        results.push(view(cx, title, trial, verdict, |value| {
            pieces(&serde_json::to_string_pretty(value).unwrap_or_default())
        }));
    }
    (results, values)
}

/// A prompt as it is asked, once its expressions came to these values; before that, if it has none.
fn preview_of(tried: &Subjected<'_>, values: &[(String, Json)]) -> Option<Control> {
    if !matches!(tried.purpose, Purpose::Prompt) || values.len() < tried.texts.len() {
        return None;
    }
    let value = |name: &str| {
        let found = values.iter().find(|(field, _)| field == name).map(|(_, value)| value.clone());
        found.or_else(|| tried.document.get(name).cloned()).unwrap_or_default()
    };
    Some(preview::field(&tried.document, &value("placeholder"), &value("initial_value")))
}

fn view<T>(
    cx: &ConsoleCx,
    title: String,
    trial: Trial<T>,
    verdict: Option<bool>,
    value: impl FnOnce(&T) -> Vec<Piece>,
) -> ResultView {
    let (value, failure) = match &trial.outcome {
        Ok(outcome) => (value(outcome), String::new()),
        Err(error) => (Vec::new(), cx.t_with("expression-test-failed", "problem", &error.to_string())),
    };
    ResultView {
        title,
        verdict,
        failure,
        value,
        messages: trial.messages,
        lines: trial.lines.iter().map(line).collect(),
        took: milliseconds(u64::try_from(trial.elapsed.as_micros()).unwrap_or(u64::MAX)),
    }
}

fn line(line: &LoggedLine) -> String {
    let fields: String = line.fields.iter().map(|(name, value)| format!(" {name}={value}")).collect();
    format!("{}: {}{fields}", line.level, line.message)
}

/// Python's truth of what a policy returned, as JSON.
fn is_true(value: &Json) -> bool {
    match value {
        Json::Null => false,
        Json::Bool(passing) => *passing,
        Json::Number(number) => number.as_f64().is_some_and(|number| number != 0.0),
        Json::String(text) => !text.is_empty(),
        Json::Array(items) => !items.is_empty(),
        Json::Object(members) => !members.is_empty(),
    }
}

/// What an address is about.
struct Asked<'c> {
    kind: &'c Descriptor,
    purpose: Purpose,
    object: Option<RawId>,
    permit: Permit,
}

/// What an address is about, for whoever may change it: who can try out an expression can run it.
fn asked<'c>(cx: &'c ConsoleCx, query: &Pairs) -> Result<Asked<'c>, WebError> {
    let model = query.first("kind").unwrap_or_default();
    let kind = cx.registry().get(model).map_err(fault)?.descriptor();
    let purpose = Purpose::of(cx, kind).ok_or_else(WebError::not_found)?;
    let object = match query.first("object") {
        Some(text) => Some(text.parse::<RawId>().map_err(|_| WebError::not_found())?),
        None => None,
    };
    let permit = Permit::when(address(cx, kind, object).is_some())?;
    Ok(Asked { kind, purpose, object, permit })
}

/// What an address means, with what was sent.
async fn subjected<'c>(
    cx: &'c ConsoleCx,
    query: &Pairs,
    sent: Option<&Pairs>,
) -> Result<Subjected<'c>, WebError> {
    let Asked { kind, purpose, object, .. } = asked(cx, query)?;
    let model = kind.model;
    let kept = match object {
        Some(id) => {
            let viewed = cx.look(move |tx, read| {
                read.registry.get(model)?.brief(tx, read, id)?.ok_or(ResourceError::NotFound)
            });
            Some(viewed.await.map_err(fault)?)
        }
        None => None,
    };
    let document = kept.as_ref().map(|kept| kept.document.clone()).unwrap_or_default();
    let mut texts = Vec::new();
    for field in expressions(kind, &document, sent) {
        let sent = sent.and_then(|sent| sent.first(&field)).map(|text| text.replace("\r\n", "\n"));
        let kept = document.get(&field).and_then(Json::as_str).unwrap_or_default();
        texts.push((field, sent.unwrap_or_else(|| kept.to_owned())));
    }
    let is_tried_as_kept = match purpose {
        Purpose::Prompt => true,
        Purpose::Policy => object.is_some(),
        Purpose::Mapping(_) => false,
    };
    if texts.is_empty() && !is_tried_as_kept {
        return Err(WebError::not_found());
    }
    let document =
        if matches!(purpose, Purpose::Prompt) { whole(kind, document, sent) } else { JsonObject::new() };
    let name = kept.map_or_else(|| words::name(cx, kind), |kept| kept.name);
    Ok(Subjected { kind, purpose, object, name, texts, document })
}

/// All attributes, as sent in the place of what is kept. A box that is not ticked is not sent.
fn whole(kind: &Descriptor, mut document: JsonObject, sent: Option<&Pairs>) -> JsonObject {
    let Some(sent) = sent.filter(|sent| sent.first("label").is_some()) else { return document };
    for field in kind.fields.iter().filter(|field| field.path.is_top_level()) {
        let name = field.path.to_string();
        match sent.first(&name) {
            Some(text) => document.insert(name, Json::from(text.replace("\r\n", "\n"))),
            None if field.widget == "checkbox" => document.insert(name, Json::Bool(false)),
            None => None,
        };
    }
    document
}

/// The fields that are expressions: by their type, or because a switch beside them says so (`placeholder` and
/// `placeholder_expression`).
pub(super) fn expressions(kind: &Descriptor, document: &JsonObject, sent: Option<&Pairs>) -> Vec<String> {
    let names =
        kind.fields.iter().filter(|field| field.path.is_top_level()).map(|field| field.path.to_string());
    let is_on = |switch: &str| match sent.filter(|sent| sent.first("label").is_some()) {
        Some(sent) => sent.first(switch) == Some("true"),
        None => document.get(switch) == Some(&Json::Bool(true)),
    };
    let is_expression = |name: &String| {
        let by_type = kind.field(name).is_some_and(|field| field.widget == "expression");
        let switch = format!("{name}_expression");
        by_type || (kind.field(&switch).is_some() && is_on(&switch))
    };
    names.filter(is_expression).collect()
}

fn label(cx: &ConsoleCx, kind: &Descriptor, name: &str) -> String {
    kind.field(name).map_or_else(|| name.to_owned(), |field| words::label(cx, kind, field))
}

fn render(
    cx: &ConsoleCx,
    tried: &Subjected<'_>,
    given: Given,
    status: StatusCode,
    results: Vec<ResultView>,
    preview: Option<Control>,
) -> Result<HttpResponse, WebError> {
    let place = cx.places().of_model(tried.kind.model).ok_or_else(WebError::not_found)?;
    let title = cx.t_with("expression-test-title", "name", &tried.name);
    let mut header = show::header(cx, place, title).script("editor").script("form");
    if let Some(id) = tried.object {
        header = header.crumb(&tried.name, format!("{}{id}/", place.path));
    }
    let mapping = tried.purpose.mapping();
    let is_given =
        |shape| mapping.is_some_and(|mapping| mapping.given.iter().any(|given| given.shape == shape));
    let page = TrialPage {
        frame: cx.frame(header),
        stylesheet: cx.app.assets().url("css/console-flow.css"),
        action: address(cx, tried.kind, tried.object).unwrap_or_default(),
        texts: tried
            .texts
            .iter()
            .map(|(name, text)| (name.clone(), label(cx, tried.kind, name), text.clone()))
            .collect(),
        user: given.user,
        user_error: given.user_error,
        context: given.context,
        context_error: given.context_error,
        providers: is_given(Shape::Provider).then(|| stand::providers(cx, &given.provider)),
        scopes: is_given(Shape::Token).then_some(given.scopes),
        group: is_given(Shape::Group).then_some(given.group),
        group_error: given.group_error,
        context_help: match mapping {
            Some(_) => "expression-test-context-mapping-help",
            None => "expression-test-context-help",
        },
        results,
        preview,
        rest: rest(tried),
        names: if tried.texts.is_empty() { Vec::new() } else { names(cx, tried.purpose) },
        cx,
    };
    cx.show_with(status, &page)
}

/// The attributes of a prompt beside its texts.
fn rest(tried: &Subjected<'_>) -> Vec<(String, String)> {
    let others = tried.document.iter().filter(|(name, _)| !tried.texts.iter().any(|(text, _)| text == *name));
    let word = |(name, value): (&String, &Json)| match value {
        Json::Null | Json::Bool(false) => None,
        Json::String(text) => Some((name.clone(), text.clone())),
        other => Some((name.clone(), other.to_string())),
    };
    others.filter_map(word).collect()
}
