//! A visit to a flow: what the engine needs to know of a request, and what becomes of its cookies.

use std::sync::Arc;

use actix_web::{FromRequest as _, HttpRequest, HttpResponse};
use countersign_flows::{FlowError, FlowRequest, Here, Reply, SessionChange};
use countersign_policies::RequestFacts;
use countersign_web::{App, Browser, Facts, MaybeSession, WebError};

/// A visit to a flow.
pub(crate) struct Visit {
    pub(crate) app: Arc<App>,
    pub(crate) flow: FlowRequest,
    pub(crate) browser: Browser,
    pub(crate) facts: Facts,
    pub(crate) is_signed_in: bool,
}

impl Visit {
    /// A visit to the flow of this slug with this query.
    pub(crate) async fn of(request: &HttpRequest, slug: &str, query: String) -> Result<Self, WebError> {
        let browser = Browser::extract(request).await?;
        let facts = Facts::extract(request).await?;
        let MaybeSession(session) = MaybeSession::extract(request).await?;
        let flow = FlowRequest {
            slug: slug.to_owned(),
            facts: RequestFacts { query: query.clone(), ..facts.to_request_facts() },
            query,
            browser: browser.secret().clone(),
            session_key: MaybeSession::key(request),
        };
        Ok(Self { app: App::shared(request)?, flow, browser, facts, is_signed_in: session.is_some() })
    }

    /// Address of the flow's page.
    pub(crate) fn url(&self) -> String {
        Here { slug: self.flow.slug.clone(), query: self.flow.query.clone() }.url()
    }

    /// The question in hand. A browser that we have just met has none, and is asked the first.
    pub(crate) async fn question(&self) -> Result<Reply, FlowError> {
        let executor = self.app.executor();
        if self.browser.is_new() {
            Box::pin(executor.show_first(&self.flow)).await
        } else {
            Box::pin(executor.show(&self.flow)).await
        }
    }

    /// Whoever is not signed in may answer so often and no oftener, whatever he answers.
    pub(crate) fn throttle(&self) -> Result<(), WebError> {
        if !self.is_signed_in {
            self.app.sign_in_limiter().check(self.facts.client, self.app.now())?;
        }
        Ok(())
    }

    /// Lets the browser keep what it must.
    pub(crate) fn settle(&self, session: &SessionChange, response: &mut HttpResponse) {
        self.browser.keep(response);
        self.facts.cookies().apply(session, response);
    }
}
