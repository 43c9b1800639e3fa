//! What every page is made with: language, brand, the addresses of style and logo, the form token.
//!
//! Templates extend `templates/shell.html` and hold a field `cx: &PageCx`.

use std::sync::Arc;

use actix_web::{
    FromRequest, HttpRequest, HttpResponse, HttpResponseBuilder,
    dev::Payload,
    http::{
        StatusCode,
        header::{CACHE_CONTROL, ContentType},
    },
};
use askama::Template;
use countersign_authz::{Permission, Rights};
use countersign_i18n::{Language, Localizer};
use countersign_model::{LiveSession, Subject};
use countersign_store::Snapshot;
use countersign_types::{JsonObject, Text, TextArg};
use futures_util::future::LocalBoxFuture;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::{App, BrandLooks, Csp, Facts, MaybeSession, WebError, csrf};

/// What every page is made with.
#[derive(Clone, Debug)]
pub struct PageCx {
    localizer: Localizer,
    /// Facts of the request.
    pub facts: Facts,
    /// How the brand looks.
    pub brand: BrandLooks,
    /// Who is signed in.
    pub subject: Option<Arc<Subject>>,
    /// Whether the console is open to who is signed in.
    pub administers: bool,
    /// Who really sits there, when somebody acts in the place of who is signed in.
    pub acting: Option<String>,
    /// Token for the hidden field `csrf` of forms of the signed-in user; empty when nobody is.
    pub csrf: String,
    csp: Csp,
}

impl PageCx {
    /// From its parts; without a snapshot the page has our own looks.
    pub fn new(app: &App, facts: Facts, snapshot: Option<&Snapshot>, session: Option<&LiveSession>) -> Self {
        Self {
            localizer: facts.localizer(app),
            brand: BrandLooks::of(app, snapshot, &facts.host),
            subject: session.map(|live| Arc::clone(&live.subject)),
            administers: administers(snapshot, session),
            acting: session
                .and_then(|live| live.session.impersonator.as_ref())
                .map(|by| by.user.username.clone()),
            csrf: session.map(|live| csrf::token(app.sealer(), app.rng(), live)).unwrap_or_default(),
            csp: Csp::new(),
            facts,
        }
    }

    /// Widens the page's policy.
    #[must_use]
    pub fn with_csp(mut self, csp: Csp) -> Self {
        self.csp = csp;
        self
    }

    /// A message without arguments.
    pub fn t(&self, key: &str) -> String {
        self.localizer.t(key)
    }

    /// A message with arguments.
    pub fn t_args(&self, key: &str, args: &[(&str, TextArg)]) -> String {
        self.localizer.t_args(key, args)
    }

    /// A message with one argument of words.
    pub fn t_with(&self, key: &str, name: &str, value: &str) -> String {
        self.localizer.t_args(key, &[(name, TextArg::from(value))])
    }

    /// A text in the page's language.
    pub fn text(&self, text: &Text) -> String {
        self.localizer.text(text)
    }

    /// The handle for dates and the like.
    pub const fn localizer(&self) -> &Localizer {
        &self.localizer
    }

    /// Value of `lang`.
    pub fn lang(&self) -> &str {
        self.localizer.lang()
    }

    /// Value of `dir`.
    pub fn dir(&self) -> &'static str {
        self.localizer.dir()
    }

    /// Every language there is, for a chooser.
    pub fn languages(&self) -> impl ExactSizeIterator<Item = &Language> {
        self.localizer.languages()
    }

    /// `light` or `dark`, when the person chose one (`attributes.settings.theme.base`) or the brand insists;
    /// none to go by the system.
    pub fn theme(&self) -> Option<&'static str> {
        let chosen = self.subject.as_ref().and_then(|subject| chosen_theme(&subject.user.attributes));
        match chosen {
            Some("light") => Some("light"),
            Some("dark") => Some("dark"),
            Some("automatic") => None,
            _ => self.brand.theme,
        }
    }

    /// Identifier of the request.
    pub fn request_id(&self) -> &str {
        &self.facts.request_id
    }

    /// Our own address.
    pub fn base_url(&self) -> &str {
        &self.facts.base_url
    }

    /// Renders a page.
    pub fn render(&self, template: &impl Template) -> Result<HttpResponse, WebError> {
        self.render_with(StatusCode::OK, template)
    }

    /// Renders a page with a status.
    pub fn render_with(
        &self,
        status: StatusCode,
        template: &impl Template,
    ) -> Result<HttpResponse, WebError> {
        let body = template.render()?;
        let mut response = HttpResponseBuilder::new(status)
            .insert_header(ContentType::html())
            .insert_header((CACHE_CONTROL, "no-store"))
            .body(body);
        response.extensions_mut().insert(self.csp.clone());
        Ok(response)
    }
}

impl FromRequest for PageCx {
    type Error = WebError;
    type Future = LocalBoxFuture<'static, Result<Self, WebError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let app = App::shared(&request)?;
            let facts = Facts::extract(&request).await?;
            let MaybeSession(session) = MaybeSession::extract(&request).await?;
            let snapshot = app.snapshot().await?;
            Ok(Self::new(&app, facts, Some(&snapshot), session.as_ref()))
        })
    }
}

/// Whether somebody may enter the console.
fn administers(snapshot: Option<&Snapshot>, session: Option<&LiveSession>) -> bool {
    const ENTER: Permission = Permission::named("authentik_rbac.access_admin_interface");
    let roles = snapshot.map(Snapshot::roles).unwrap_or_default();
    session.is_some_and(|live| {
        let subject = &live.subject;
        subject.is_superuser()
            || (!subject.roles.is_empty() && Rights::of(subject, roles).allow(&ENTER, None))
    })
}

/// What a user said about light and dark.
fn chosen_theme(attributes: &JsonObject) -> Option<&str> {
    attributes.get("settings")?.get("theme")?.get("base")?.as_str()
}

/// The page of an error.
#[derive(Template)]
#[template(path = "error.html")]
pub(crate) struct ErrorPage<'a> {
    pub(crate) cx: &'a PageCx,
    pub(crate) title: String,
    pub(crate) text: String,
    pub(crate) ways: Vec<(String, String)>,
}

/// What stays as it is in a query value.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// An address of ours as the value of `next`.
pub fn encode_next(target: &str) -> String {
    utf8_percent_encode(target, UNRESERVED).to_string()
}
