//! `/flows/-/cancel/?next=<flow page>`: forgets what was answered there, and begins it anew.
//!
//! A flow that is only for who is signed in would begin anew with the same person: there, "not you" means
//! signing out first.

use actix_web::{HttpRequest, HttpResponse, http::Method};
use countersign_model::FlowAuthentication;
use countersign_web::{BoundedQuery, WebError, encode_next, found, safe_next, see_other};

use super::Visit;
use crate::frame::without_locale;

/// Forgets, unless another site asks for it.
pub(crate) async fn cancel(request: HttpRequest, query: BoundedQuery) -> Result<HttpResponse, WebError> {
    let next = query.0.only("next")?.and_then(safe_next).unwrap_or("/");
    let mut to = next.to_owned();
    if let Some((slug, query)) = flow_page(next) {
        let visit = Visit::of(&request, slug, without_locale(query)).await?;
        if !visit.browser.is_new() && !visit.facts.is_cross_site {
            visit.app.executor().cancel(&visit.flow).await?;
        }
        let snapshot = visit.app.snapshot().await?;
        let flow = snapshot.flow_by_slug(slug).map(|flow| flow.authentication);
        if visit.is_signed_in && flow == Some(FlowAuthentication::RequireAuthenticated) {
            to = format!("/flows/-/default/invalidation/?next={}", encode_next(next));
        }
    }
    Ok(if request.method() == Method::POST { see_other(&to) } else { found(&to) })
}

/// Slug and query of the address of a flow page.
fn flow_page(address: &str) -> Option<(&str, &str)> {
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let slug = path.strip_prefix("/if/flow/")?.strip_suffix('/')?;
    (!slug.is_empty() && !slug.contains('/')).then_some((slug, query))
}

#[cfg(test)]
mod tests {
    use super::flow_page;

    #[test]
    fn only_a_flow_page_is_forgotten() {
        assert_eq!(flow_page("/if/flow/sign-in/?next=%2F"), Some(("sign-in", "next=%2F")));
        assert_eq!(flow_page("/if/flow/sign-in/"), Some(("sign-in", "")));
        for other in ["/", "/if/user/", "/if/flow/", "/if/flow//", "/if/flow/a/b/", "/if/flow/a"] {
            assert_eq!(flow_page(other), None, "{other}");
        }
    }
}
