//! What every page of the console is made with: the page's surroundings, who acts with which rights, the kinds
//! and the configuration.

use std::{ops::Deref, sync::Arc};

use actix_web::{FromRequest, HttpRequest, HttpResponse, dev::Payload, http::StatusCode, web::Data};
use askama::Template;
use countersign_i18n::UtcOffset;
use countersign_model::LiveSession;
use countersign_registry::{Actor, Prepared, ReadCx, Registry, ResourceError, Seams, WriteCx};
use countersign_store::{Snapshot, Tx};
use countersign_types::{ErrorKind, RawId, Span, Timestamp};
use countersign_web::{App, PageCx, Pairs, Session, SessionForm, WebError};
use futures_util::future::LocalBoxFuture;

use crate::{
    Console, access,
    generic::places::Places,
    kit::{When, WhenShown},
    rail::Folded,
    shell::{Frame, Header},
};

/// Passwords that one form may hold.
const MAX_PASSWORDS: usize = 50;

/// The surroundings of a request to the console. Extracting it fails for whoever may not be here.
#[derive(Clone)]
pub(crate) struct ConsoleCx {
    page: PageCx,
    /// Who acts.
    pub(crate) actor: Arc<Actor>,
    /// The configuration.
    pub(crate) snapshot: Arc<Snapshot>,
    /// The session that the request came with.
    pub(crate) session: LiveSession,
    /// The house.
    pub(crate) app: Arc<App>,
    console: Arc<Console>,
    target: String,
    pub(crate) folded: Folded,
}

/// A form sent to us by somebody who may be here, and not yet read.
pub(crate) struct ConsoleForm {
    /// The surroundings.
    pub(crate) cx: ConsoleCx,
    /// What was filled in.
    pub(crate) body: Unread,
}

/// What was filled in, of which nobody has seen a byte: whoever may not send the form is refused first.
pub(crate) struct Unread(LocalBoxFuture<'static, Result<SessionForm, WebError>>);

impl Unread {
    /// Reads it. The token is checked and taken out.
    pub(crate) async fn read(self, _: Permit) -> Result<Pairs, WebError> {
        Ok(self.0.await?.fields)
    }
}

/// Says that somebody was asked whether he may, and may.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Permit(());

impl Permit {
    /// For those of whom this is true.
    pub(crate) fn when(may: bool) -> Result<Self, WebError> {
        may.then_some(Self(())).ok_or_else(WebError::denied)
    }

    /// For what is everybody's own who may be here: how the console looks to him.
    pub(crate) const fn own() -> Self {
        Self(())
    }
}

impl ConsoleCx {
    async fn of(request: &HttpRequest) -> Result<Self, WebError> {
        let Session(session) = Session::extract(request).await?;
        let page = PageCx::extract(request).await?;
        let app = App::shared(request)?;
        let snapshot = app.snapshot().await?;
        let actor = access::actor_of(&snapshot, &session);
        if !access::may(&actor, access::ENTER, None) {
            return Err(WebError::denied());
        }
        let console = request
            .app_data::<Data<Console>>()
            .ok_or_else(|| WebError::internal("no console is registered"))?;
        Ok(Self {
            page,
            actor: Arc::new(actor),
            snapshot,
            session,
            app,
            console: Arc::clone(console),
            target: request.uri().path_and_query().map(ToString::to_string).unwrap_or_default(),
            folded: Folded::of(request),
        })
    }

    /// The kinds.
    pub(crate) fn registry(&self) -> &Registry {
        self.console.registry()
    }

    /// What other rooms do for the console.
    pub(crate) fn seams(&self) -> Option<&Seams> {
        self.console.seams()
    }

    /// Where the objects of each kind have their pages.
    pub(crate) fn places(&self) -> &Places {
        self.console.places()
    }

    /// The page's surroundings, for the templates of the house.
    pub(crate) const fn page(&self) -> &PageCx {
        &self.page
    }

    /// Path and query of the request.
    pub(crate) fn target(&self) -> &str {
        &self.target
    }

    /// Whether the actor has a permission (`authentik_core.view_user`) for all objects, or for this one.
    pub(crate) fn may(&self, permission: &str, object: Option<RawId>) -> bool {
        access::may(&self.actor, permission, object)
    }

    /// Whether the actor has a permission for at least one object.
    pub(crate) fn may_somewhere(&self, permission: &str) -> bool {
        access::may_somewhere(&self.actor, permission)
    }

    /// Refuses whoever has not the permission.
    pub(crate) fn require(&self, permission: &str, object: Option<RawId>) -> Result<Permit, WebError> {
        self.require_any(&[permission], object)
    }

    /// Refuses whoever has none of these permissions.
    pub(crate) fn require_any(
        &self,
        permissions: &[&str],
        object: Option<RawId>,
    ) -> Result<Permit, WebError> {
        Permit::when(permissions.iter().any(|permission| self.may(permission, object)))
    }

    /// Refuses whoever has none of these permissions for anything. Which object he means is in the form, and
    /// is asked again of each.
    pub(crate) fn require_somewhere(&self, permissions: &[&str]) -> Result<Permit, WebError> {
        Permit::when(permissions.iter().any(|permission| self.may_somewhere(permission)))
    }

    /// What stands around a page.
    pub(crate) fn frame(&self, header: Header) -> Frame {
        Frame::new(self, header)
    }

    /// Renders a page.
    pub(crate) fn show(&self, template: &impl Template) -> Result<HttpResponse, WebError> {
        self.page.render(template)
    }

    /// Renders a page with a status: 400 for a form that came back.
    pub(crate) fn show_with(
        &self,
        status: StatusCode,
        template: &impl Template,
    ) -> Result<HttpResponse, WebError> {
        self.page.render_with(status, template)
    }

    /// The present moment.
    pub(crate) fn now(&self) -> Timestamp {
        self.app.now()
    }

    /// A moment in words: relative under a day, the date beyond, exact on hover.
    pub(crate) fn when(&self, at: Timestamp) -> When {
        let words = self.page.localizer();
        let is_near = at.since(self.now()).as_secs().abs() < Span::from_days(1).as_secs();
        When {
            text: words.moment(at, self.now(), UtcOffset::UTC),
            exact: words.date_time(at, UtcOffset::UTC),
            iso: at.to_rfc3339(),
            shown: if is_near { WhenShown::Distance } else { WhenShown::Day },
        }
    }

    /// A moment with day and time of day, whatever the distance.
    pub(crate) fn when_exactly(&self, at: Timestamp) -> When {
        let exact = self.page.localizer().date_time(at, UtcOffset::UTC);
        When { text: exact.clone(), exact, iso: at.to_rfc3339(), shown: WhenShown::Moment }
    }

    /// Reads in one transaction.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        mut read: impl FnMut(&mut Tx<'_>, &Registry, &Actor) -> Result<T, ResourceError> + Send + 'static,
    ) -> Result<T, ResourceError> {
        let (console, actor) = (Arc::clone(&self.console), Arc::clone(&self.actor));
        self.app.store().read(move |tx| read(tx, console.registry(), &actor)).await
    }

    /// Reads in one transaction, with what the registry's readers take.
    pub(crate) async fn look<T: Send + 'static>(
        &self,
        mut look: impl FnMut(&mut Tx<'_>, ReadCx<'_>) -> Result<T, ResourceError> + Send + 'static,
    ) -> Result<T, ResourceError> {
        self.read(move |tx, registry, actor| look(tx, registry.read_as(actor))).await
    }

    /// Writes in one transaction, as the actor and from his address. Passwords are hashed outside of it, and
    /// the transaction is then begun again.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        write: impl FnMut(&mut Tx<'_>, WriteCx<'_>) -> Result<T, ResourceError> + Send + Clone + 'static,
    ) -> Result<T, WriteError> {
        let client = self.page.facts.client.map(|client| client.to_string());
        let mut prepared = Prepared::default();
        loop {
            let (console, actor, client) =
                (Arc::clone(&self.console), Arc::clone(&self.actor), client.clone());
            let (mut write, ready) = (write.clone(), prepared.clone());
            let outcome = self.app.store().write(move |tx| {
                let registry = console.registry();
                write(tx, registry.cx(&actor, client.as_deref(), &ready))
            });
            match outcome.await {
                Ok(done) => return Ok(done),
                Err(ResourceError::NeedsHash(password)) if prepared.len() < MAX_PASSWORDS => {
                    let hash = self.app.hashes().hash(password.clone()).await.map_err(WebError::from)?;
                    prepared.add_hash(password, hash);
                }
                Err(error) => return Err(WriteError::Resource(error)),
            }
        }
    }
}

/// Why a write came to nothing.
pub(crate) enum WriteError {
    /// The registry says no.
    Resource(ResourceError),
    /// Something else failed on the way.
    Web(WebError),
}

impl From<WebError> for WriteError {
    fn from(error: WebError) -> Self {
        Self::Web(error)
    }
}

impl From<WriteError> for WebError {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Resource(error) => fault(error),
            WriteError::Web(error) => error,
        }
    }
}

/// An error of the registry as a page.
pub(crate) fn fault(error: ResourceError) -> WebError {
    match error {
        ResourceError::Fields(errors) => WebError::fields(errors),
        error if error.kind() == ErrorKind::NotFound => WebError::not_found(),
        error => WebError::new(error.kind()).caused_by(error),
    }
}

impl Deref for ConsoleCx {
    type Target = PageCx;

    fn deref(&self) -> &PageCx {
        &self.page
    }
}

impl FromRequest for ConsoleCx {
    type Error = WebError;
    type Future = LocalBoxFuture<'static, Result<Self, WebError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { Self::of(&request).await })
    }
}

impl FromRequest for ConsoleForm {
    type Error = WebError;
    type Future = LocalBoxFuture<'static, Result<Self, WebError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let form = SessionForm::from_request(request, payload);
        let request = request.clone();
        Box::pin(async move {
            let cx = ConsoleCx::of(&request).await?;
            Ok(Self { cx, body: Unread(form) })
        })
    }
}
