//! An application from nothing: which kind, then one form for application, provider and who may use it, then
//! what is to be copied to the application's side. All of it is made in one transaction, or nothing.

use actix_web::{HttpResponse, http::StatusCode};
use askama::Template;
use countersign_model::{ConfigObject, Family, FlowDesignation, KeyAlgorithm};
use countersign_registry::{ResourceError, Written};
use countersign_resource::Descriptor;
use countersign_store::Snapshot;
use countersign_types::{FieldErrors, JsonObject};
use countersign_web::{BoundedQuery, Pairs, WebError};
use serde_json::json;

use super::{ADD, APPLICATION, HERE, bindings, made};
use crate::{
    cx::{ConsoleCx, ConsoleForm, WriteError, fault},
    generic::{
        form::{Control, KindView, KindsPage, Mode, PartOf, Widget, permission},
        words,
    },
    shell::{Frame, Header, with_parameter},
};

/// What is asked about the application; the rest is set later.
const FIELDS: &[&str] = &["name", "slug", "meta_launch_url", "meta_icon", "group"];
/// Names that one form may bind.
const MAX_BOUND: usize = 50;
/// Stands for an application without a provider.
const NONE: &str = "none";

/// The form.
#[derive(Template)]
#[template(path = "console/wizard.html")]
struct WizardPage<'a> {
    cx: &'a ConsoleCx,
    frame: Frame,
    action: String,
    general: Vec<String>,
    application: Vec<Control>,
    provider: Vec<Control>,
    advanced: Vec<Control>,
    bindings: Vec<Control>,
}

/// What was filled in, and what is wrong with it.
#[derive(Clone, Default)]
struct Filled {
    application: JsonObject,
    provider: JsonObject,
    groups: String,
    users: String,
    application_errors: FieldErrors,
    provider_errors: FieldErrors,
    binding_errors: FieldErrors,
}

impl Filled {
    fn is_good(&self) -> bool {
        self.application_errors.is_empty()
            && self.provider_errors.is_empty()
            && self.binding_errors.is_empty()
    }
}

/// `GET …/~wizard/`.
pub(crate) async fn ask(cx: ConsoleCx, BoundedQuery(query): BoundedQuery) -> Result<HttpResponse, WebError> {
    cx.require(ADD, None)?;
    match query.only("kind")? {
        None => kinds(&cx),
        Some(kind) => {
            let provider = chosen(&cx, kind)?;
            let provider_document = provider.map(|kind| suggested(&cx.snapshot, kind)).unwrap_or_default();
            let filled = Filled { provider: provider_document, ..Filled::default() };
            form(&cx, kind, provider, StatusCode::OK, &filled).await
        }
    }
}

/// The kinds of providers that the reader may make, and going without.
fn kinds(cx: &ConsoleCx) -> Result<HttpResponse, WebError> {
    let here = format!("{HERE}~wizard/");
    let all = cx.registry().of_family("provider").map(|resource| resource.descriptor());
    let all = all.filter(|kind| cx.may(&permission("add", kind), None));
    let mut kinds: Vec<KindView> = all.map(|kind| KindView::of(cx, kind, &here)).collect();
    let without = with_parameter(&here, "kind", NONE);
    kinds.push(KindView::new(cx.t("console-wizard-link"), cx.t("console-wizard-link-text"), without));
    cx.show(&KindsPage::new(cx, header(cx).text(cx.t("console-wizard-kind-text")), kinds))
}

/// The kind of provider that an address names; none when the application goes without.
fn chosen<'c>(cx: &'c ConsoleCx, kind: &str) -> Result<Option<&'c Descriptor>, WebError> {
    if kind == NONE {
        return Ok(None);
    }
    let found = cx.registry().of_family("provider").map(|resource| resource.descriptor());
    let found = found.into_iter().find(|found| found.model == kind).ok_or_else(WebError::not_found)?;
    cx.require(&permission("add", found), None)?;
    Ok(Some(found))
}

/// Flows that come with the product and let an application have the user, and let him go.
const FLOWS: [(&str, &str, FlowDesignation); 2] = [
    ("authorization_flow", "default-provider-authorization-implicit-consent", FlowDesignation::Authorization),
    ("invalidation_flow", "default-provider-invalidation-flow", FlowDesignation::Invalidation),
];
/// Ends of the marks of mappings that nearly every application asks for.
const MAPPINGS: [&str; 3] = ["/scope-openid", "/scope-email", "/scope-profile"];

/// What a new provider is set to until somebody says otherwise, so that an application works at once.
fn suggested(snapshot: &Snapshot, kind: &Descriptor) -> JsonObject {
    let mut document = JsonObject::new();
    for (field, slug, designation) in FLOWS {
        let any = || snapshot.flows().iter().find(|flow| flow.designation == designation);
        if kind.knows(field)
            && let Some(flow) = snapshot.flow_by_slug(slug).or_else(any)
        {
            document.insert(field.to_owned(), json!(flow.id));
        }
    }
    let is_usual = |mapping: &&ConfigObject| {
        let managed = mapping.managed.as_deref().unwrap_or_default();
        MAPPINGS.iter().any(|end| managed.ends_with(end))
    };
    let usual: Vec<_> = snapshot.objects(Family::PropertyMapping).iter().filter(is_usual).collect();
    if kind.knows("property_mappings") && !usual.is_empty() {
        let ids: Vec<_> = usual.iter().map(|mapping| mapping.id).collect();
        document.insert("property_mappings".to_owned(), json!(ids));
    }
    let pair = snapshot.key_pairs().iter().find(|pair| pair.algorithm == KeyAlgorithm::Rsa);
    if kind.knows("signing_key")
        && let Some(pair) = pair
    {
        document.insert("signing_key".to_owned(), json!(pair.id));
    }
    document
}

fn header(cx: &ConsoleCx) -> Header {
    Header::new(HERE, cx.t("console-wizard-title")).crumb(cx.t("console-nav-applications"), HERE)
}

async fn form(
    cx: &ConsoleCx,
    kind: &str,
    provider: Option<&Descriptor>,
    status: StatusCode,
    filled: &Filled,
) -> Result<HttpResponse, WebError> {
    let about = cx.registry().get(APPLICATION).map_err(fault)?.descriptor();
    let part = PartOf::of(about, FIELDS);
    let application = part.controls(cx, &filled.application, &filled.application_errors, Mode::New).await?;
    let (mut basic, mut advanced) = (Vec::new(), Vec::new());
    if let Some(provider) = provider {
        let all = PartOf::all(provider);
        for control in all.controls(cx, &filled.provider, &filled.provider_errors, Mode::New).await? {
            let is_advanced = provider.field(&control.name).is_some_and(|field| field.advanced);
            match control.name.as_str() {
                // The provider is called as the application is.
                "name" => {}
                _ if is_advanced => advanced.push(control),
                _ => basic.push(control),
            }
        }
    }
    let shown: Vec<String> = application
        .iter()
        .chain(&basic)
        .chain(&advanced)
        .flat_map(Control::complaints)
        .map(|(_, _, words)| words)
        .collect();
    let errors = filled.application_errors.0.iter().chain(&filled.provider_errors.0);
    let general = errors.map(|error| cx.text(&error.message)).filter(|words| !shown.contains(words));
    let title = provider.map_or_else(|| cx.t("console-wizard-link"), |kind| words::name(cx, kind));
    let header = header(cx).badge(title, "").script("form");
    let page = WizardPage {
        cx,
        frame: cx.frame(header),
        action: with_parameter(&format!("{HERE}~wizard/"), "kind", kind),
        general: general.collect(),
        application,
        provider: basic,
        advanced,
        bindings: vec![
            names(cx, "bind_groups", "console-wizard-groups", crate::groups::GROUP, &filled.groups, filled),
            names(cx, "bind_users", "console-wizard-users", crate::users::USER, &filled.users, filled),
        ],
    };
    cx.show_with(status, &page)
}

/// A field for names, one a line.
fn names(cx: &ConsoleCx, name: &str, label: &str, target: &str, value: &str, filled: &Filled) -> Control {
    let complaints = filled.binding_errors.0.iter().filter(|error| error.path == name);
    Control {
        name: name.to_owned(),
        label: cx.t(label),
        help: Vec::new(),
        errors: complaints.map(|error| cx.text(&error.message)).collect(),
        is_required: false,
        widget: Widget::Names { value: value.to_owned(), target: target.to_owned() },
    }
}

/// `POST …/~wizard/`.
pub(crate) async fn make(
    form_sent: ConsoleForm,
    BoundedQuery(query): BoundedQuery,
) -> Result<HttpResponse, WebError> {
    let ConsoleForm { cx, body } = form_sent;
    let permit = cx.require(ADD, None)?;
    let kind = query.only("kind")?.unwrap_or_default().to_owned();
    let provider = chosen(&cx, &kind)?;
    let fields = body.read(permit).await?;
    let mut filled = read(&cx, provider, &fields)?;
    if filled.is_good() {
        let model = provider.map(|provider| provider.model);
        match create(&cx, model, &filled).await {
            Ok((application, written)) => return made::show(&cx, application, written).await,
            Err(Refused { part, errors }) => match part {
                Whose::Application => filled.application_errors = errors,
                Whose::Provider => filled.provider_errors = errors,
                Whose::Binding => filled.binding_errors = errors,
                Whose::Nobody(error) => return Err(error),
            },
        }
    }
    form(&cx, &kind, provider, StatusCode::BAD_REQUEST, &filled).await
}

fn read(cx: &ConsoleCx, provider: Option<&Descriptor>, fields: &Pairs) -> Result<Filled, WebError> {
    let about = cx.registry().get(APPLICATION).map_err(fault)?.descriptor();
    let application = PartOf::of(about, FIELDS).answers(fields, Mode::New);
    let mut filled = Filled {
        application: application.document,
        application_errors: application.errors,
        groups: fields.only("bind_groups")?.unwrap_or_default().to_owned(),
        users: fields.only("bind_users")?.unwrap_or_default().to_owned(),
        ..Filled::default()
    };
    if let Some(provider) = provider {
        let answers = PartOf::all(provider).answers(fields, Mode::New);
        (filled.provider, filled.provider_errors) = (answers.document, answers.errors);
    }
    Ok(filled)
}

/// Whose document was refused.
enum Whose {
    Application,
    Provider,
    Binding,
    Nobody(WebError),
}

struct Refused {
    part: Whose,
    errors: FieldErrors,
}

/// Which part of the transaction was under way when it was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Provider,
    Application,
    Binding,
}

/// Makes all of it in one transaction: the slug of the application, and what was made of the provider.
async fn create(
    cx: &ConsoleCx,
    model: Option<&'static str>,
    filled: &Filled,
) -> Result<(String, Option<Written>), Refused> {
    let filled = filled.clone();
    let reached = std::sync::Arc::new(std::sync::Mutex::new(Step::Provider));
    let step = std::sync::Arc::clone(&reached);
    let outcome = cx.write(move |tx, write| {
        let at = |now: Step| *step.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = now;
        let mut application = filled.application.clone();
        let mut made = None;
        if let Some(model) = model {
            at(Step::Provider);
            let kind = write.registry.get(model)?;
            let mut document = filled.provider.clone();
            PartOf::all(kind.descriptor()).resolve(tx, write.reading(), &mut document)?;
            let written = kind.create(tx, write, &document)?;
            application.insert("provider".to_owned(), json!(written.id));
            made = Some(written);
        }
        at(Step::Application);
        let kind = write.registry.get(APPLICATION)?;
        PartOf::of(kind.descriptor(), FIELDS).resolve(tx, write.reading(), &mut application)?;
        let written = kind.create(tx, write, &application)?;
        at(Step::Binding);
        let bound = [("bind_groups", "group", &filled.groups), ("bind_users", "user", &filled.users)];
        let lines = bound.into_iter().flat_map(|(field, kind, names)| {
            let names = names.lines().map(str::trim).filter(|name| !name.is_empty()).take(MAX_BOUND);
            names.map(move |name| (field, kind, name))
        });
        for (order, (field, kind, name)) in (0_i32..).zip(lines) {
            let found = bindings::bound(tx, kind, name, None).map_err(|error| match error {
                ResourceError::Fields(_) => ResourceError::field(field, "does_not_exist", "field-reference"),
                error => error,
            })?;
            bindings::add(tx, write, written.id, kind, found, order)?;
        }
        let slug = application.get("slug").and_then(|slug| slug.as_str()).unwrap_or_default().to_owned();
        Ok((slug, made.take()))
    });
    outcome.await.map_err(|error| match error {
        WriteError::Resource(ResourceError::Fields(errors)) => {
            let reached = *reached.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            let part = match reached {
                Step::Provider => Whose::Provider,
                Step::Application => Whose::Application,
                Step::Binding => Whose::Binding,
            };
            Refused { part, errors }
        }
        error => Refused { part: Whose::Nobody(error.into()), errors: FieldErrors::default() },
    })
}
