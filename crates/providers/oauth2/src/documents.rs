//! Documents that are the same for everybody: made once per configuration and address, handed out with an
//! ETag and without a trip.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH},
    web::Bytes,
};
use countersign_types::Timestamp;
use sha2::{Digest as _, Sha256};

/// Addresses by which we are called, for which documents are kept; beyond that they are made each time, so
/// that invented hosts fill no memory.
const MOST: usize = 16;

/// A document, ready to be sent.
pub(crate) struct Document {
    body: Bytes,
    etag: String,
    /// After this moment it has to be made anew.
    until: Option<Timestamp>,
}

/// The documents of one kind of one client, by the address by which we were called.
#[derive(Default)]
pub(crate) struct Shelf(Mutex<HashMap<String, Arc<Document>>>);

impl Document {
    pub(crate) fn new(body: String, until: Option<Timestamp>) -> Self {
        let digest = Sha256::digest(body.as_bytes());
        let etag = format!("\"{}\"", hex::encode(digest.get(..16).unwrap_or_default()));
        Self { body: Bytes::from(body), etag, until }
    }

    /// Sends it, or that the caller has it already (RFC 9110 §13.1.2).
    pub(crate) fn send(&self, request: &HttpRequest, content_type: &'static str) -> HttpResponse {
        let known = request.headers().get(IF_NONE_MATCH).and_then(|value| value.to_str().ok());
        let has_it = known.is_some_and(|known| known.split(',').take(16).any(|tag| self.is(tag.trim())));
        let mut response = if has_it { HttpResponse::NotModified() } else { HttpResponse::Ok() };
        response
            .insert_header((ETAG, self.etag.clone()))
            .insert_header((CACHE_CONTROL, "public, max-age=60"));
        if has_it {
            return response.finish();
        }
        response.insert_header((CONTENT_TYPE, content_type)).body(self.body.clone())
    }

    fn is(&self, tag: &str) -> bool {
        tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == self.etag
    }
}

impl Shelf {
    /// The document for an address, made when it is not there or has run out.
    pub(crate) fn get<E>(
        &self,
        address: &str,
        now: Timestamp,
        make: impl FnOnce() -> Result<Document, E>,
    ) -> Result<Arc<Document>, E> {
        let kept =
            self.lock().get(address).filter(|kept| kept.until.is_none_or(|until| now < until)).cloned();
        if let Some(kept) = kept {
            return Ok(kept);
        }
        let made = Arc::new(make()?);
        let mut shelf = self.lock();
        if shelf.len() < MOST || shelf.contains_key(address) {
            shelf.insert(address.to_owned(), Arc::clone(&made));
        }
        Ok(made)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Arc<Document>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_made_once_until_it_runs_out() {
        let (shelf, mut made) = (Shelf::default(), 0);
        for (at, expected) in [(0, 1), (9, 1), (10, 2)] {
            let document = shelf.get::<()>("https://a", Timestamp::from_secs(at), || {
                made += 1;
                Ok(Document::new(made.to_string(), Some(Timestamp::from_secs(10))))
            });
            assert_eq!(document.unwrap().body, Bytes::from(expected.to_string()));
        }
    }

    #[test]
    fn invented_hosts_fill_no_memory() {
        let shelf = Shelf::default();
        for host in 0..1000 {
            let made = || Ok::<_, ()>(Document::new(String::new(), None));
            shelf.get(&host.to_string(), Timestamp::from_secs(0), made).unwrap();
        }
        assert_eq!(shelf.lock().len(), MOST);
    }
}
