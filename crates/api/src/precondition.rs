//! `If-Match` (RFC 9110 §13.1.1): a change is made only to the version that the client saw.

use actix_web::{HttpRequest, http::header::IF_MATCH};
use countersign_registry::ResourceError;

use crate::ApiError;

/// The versions that a client would change; none for any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IfMatch(Option<Vec<String>>);

impl IfMatch {
    /// What a request says. A header that cannot be read matches nothing.
    pub fn of(request: &HttpRequest) -> Result<Self, ApiError> {
        let mut tags = Vec::new();
        let mut is_there = false;
        for value in request.headers().get_all(IF_MATCH) {
            is_there = true;
            let text = value.to_str().map_err(|_| ResourceError::Stale)?.trim();
            if text == "*" {
                return Ok(Self(None));
            }
            // Weak tags never match (§13.1.1).
            let strong = |tag: &str| Some(tag.trim().strip_prefix('"')?.strip_suffix('"')?.to_owned());
            tags.extend(text.split(',').filter_map(strong));
        }
        Ok(Self(is_there.then_some(tags)))
    }

    /// Refuses a version that the client did not see.
    pub fn check(&self, version: &str) -> Result<(), ApiError> {
        match &self.0 {
            // What stands behind the version tells only how it was shown.
            Some(tags) if !tags.iter().any(|tag| tag.split('.').next() == Some(version)) => {
                Err(ResourceError::Stale.into())
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn changes(header: &str) -> bool {
        let request = TestRequest::default().insert_header((IF_MATCH, header)).to_http_request();
        IfMatch::of(&request).unwrap().check("abc").is_ok()
    }

    #[test]
    fn only_the_version_seen_is_changed() {
        for header in ["\"abc\"", "*", "\"x\", \"abc\"", "\"abc.0123\""] {
            assert!(changes(header), "{header}");
        }
        for header in ["\"x\"", "abc", "W/\"abc\"", "\"\"", ""] {
            assert!(!changes(header), "{header}");
        }
        let nothing = TestRequest::default().to_http_request();
        assert!(IfMatch::of(&nothing).unwrap().check("abc").is_ok());
    }
}
