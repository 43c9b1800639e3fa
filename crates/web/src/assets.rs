//! Style sheets, scripts and icons of `/static`, part of the binary.
//!
//! Every file has an address with its fingerprint, `/static/app.1a2b3c4d.css`, which may be kept for ever, and
//! its plain address, which must be asked about each time. Coded forms are made at first use.

use std::{collections::HashMap, sync::OnceLock};

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderMap, IF_NONE_MATCH, VARY},
    web::Bytes,
};
use sha2::{Digest as _, Sha256};

use crate::encoding::{Coding, Effort, MAX_BYTES, WORTHWHILE_BYTES};

/// In development the folder is read when the program starts; in release it is part of the binary.
#[derive(rust_embed::RustEmbed)]
#[folder = "../../static"]
struct Embedded;

/// Where assets are served.
pub(crate) const PREFIX: &str = "/static/";

const FOR_EVER: &str = "public, max-age=31536000, immutable";
const ASK_EACH_TIME: &str = "no-cache";

/// Everything below `/static`.
#[derive(Debug, Default)]
pub struct Assets {
    by_name: HashMap<String, Asset>,
    /// Fingerprinted name to name.
    by_fingerprint: HashMap<String, String>,
}

/// One file with its forms.
#[derive(Debug)]
pub(crate) struct Asset {
    content_type: &'static str,
    fingerprint: String,
    url: String,
    body: Bytes,
    gzip: OnceLock<Option<Bytes>>,
    brotli: OnceLock<Option<Bytes>>,
}

impl Assets {
    /// Reads what is embedded.
    pub fn load() -> Self {
        let files = Embedded::iter().filter_map(|name| Some((Embedded::get(&name)?.data.into_owned(), name)));
        Self::of(files.map(|(body, name)| (name.into_owned(), body)))
    }

    fn of(files: impl Iterator<Item = (String, Vec<u8>)>) -> Self {
        let mut assets = Self::default();
        for (name, body) in files {
            let asset = Asset::new(&name, body);
            let path = asset.url.strip_prefix(PREFIX).unwrap_or_default().to_owned();
            assets.by_fingerprint.insert(path, name.clone());
            assets.by_name.insert(name, asset);
        }
        assets
    }

    /// The address of a file, for templates; its plain address when there is no such file.
    pub fn url(&self, name: &str) -> String {
        self.by_name.get(name).map_or_else(|| format!("{PREFIX}{name}"), |asset| asset.url.clone())
    }

    /// Whether there is such a file.
    pub fn has(&self, name: &str) -> bool {
        self.by_name.contains_key(name)
    }

    /// The file itself.
    pub(crate) fn body(&self, name: &str) -> Option<&Bytes> {
        self.by_name.get(name).map(|asset| &asset.body)
    }

    /// Answers a request for a path below `/static/`.
    pub(crate) fn serve(&self, path: &str, headers: &HeaderMap) -> Option<HttpResponse> {
        if let Some(asset) = self.by_fingerprint.get(path).and_then(|name| self.by_name.get(name)) {
            return Some(asset.respond(headers, Caching::ForEver));
        }
        Some(self.by_name.get(path)?.respond(headers, Caching::AskEachTime))
    }
}

/// How long an answer may be kept.
#[derive(Clone, Copy)]
pub(crate) enum Caching {
    ForEver,
    AskEachTime,
}

impl Asset {
    pub(crate) fn new(name: &str, body: Vec<u8>) -> Self {
        let fingerprint: String = hex::encode(Sha256::digest(&body)).chars().take(16).collect();
        let short: String = fingerprint.chars().take(8).collect();
        let url = match name.rsplit_once('.') {
            Some((stem, extension)) => format!("{PREFIX}{stem}.{short}.{extension}"),
            None => format!("{PREFIX}{name}.{short}"),
        };
        Self {
            content_type: content_type(name),
            fingerprint,
            url,
            body: body.into(),
            gzip: OnceLock::new(),
            brotli: OnceLock::new(),
        }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn respond(&self, headers: &HeaderMap, caching: Caching) -> HttpResponse {
        let coding = if self.is_text() { Coding::wanted(headers) } else { Coding::Identity };
        let coded = match coding {
            Coding::Identity => None,
            Coding::Gzip => self.coded(&self.gzip, coding),
            Coding::Brotli => self.coded(&self.brotli, coding),
        };
        let token = coded.and(coding.token());
        // A strong tag names one representation (RFC 9110 §8.8.3.3).
        let etag =
            format!("\"{}{}\"", self.fingerprint, token.map(|token| format!("-{token}")).unwrap_or_default());
        let is_known =
            headers.get(IF_NONE_MATCH).and_then(|value| value.to_str().ok()).is_some_and(|known| {
                known.split(',').any(|tag| tag.trim().trim_start_matches("W/") == etag || tag.trim() == "*")
            });
        let mut response = if is_known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
        let keep = match caching {
            Caching::ForEver => FOR_EVER,
            Caching::AskEachTime => ASK_EACH_TIME,
        };
        response.insert_header((CACHE_CONTROL, keep)).insert_header((ETAG, etag));
        if self.is_text() {
            response.insert_header((VARY, "accept-encoding"));
        }
        if is_known {
            return response.finish();
        }
        if let Some(token) = token {
            response.insert_header((CONTENT_ENCODING, token));
        }
        response.insert_header((CONTENT_TYPE, self.content_type));
        response.body(coded.unwrap_or(&self.body).clone())
    }

    fn coded<'a>(&'a self, form: &'a OnceLock<Option<Bytes>>, coding: Coding) -> Option<&'a Bytes> {
        form.get_or_init(|| {
            let is_worth_it = (WORTHWHILE_BYTES..=MAX_BYTES).contains(&self.body.len());
            if is_worth_it { coding.encode(&self.body, Effort::Once).map(Bytes::from) } else { None }
        })
        .as_ref()
    }

    fn is_text(&self) -> bool {
        self.content_type.contains("charset") || self.content_type == "image/svg+xml"
    }
}

/// The types of what we keep there; anything else is bytes.
fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("css") => "text/css; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("json" | "webmanifest") => "application/json; charset=utf-8",
        Some("txt") => "text/plain; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("webp") => "image/webp",
        Some("avif") => "image/avif",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("ico") => "image/x-icon",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    }
}

/// `GET /static/{path}`; `brand/<hash>.css` is the style sheet of a brand.
pub(crate) async fn serve(request: HttpRequest) -> Result<HttpResponse, crate::WebError> {
    let app = crate::App::shared(&request)?;
    let path = request.path().strip_prefix(PREFIX).unwrap_or_default();
    if let Some(response) = app.assets().serve(path, request.headers()) {
        return Ok(response);
    }
    match path.strip_prefix("brand/") {
        Some(name) => crate::brand::serve(&app, &request, name).await,
        None => Err(crate::WebError::not_found()),
    }
}

#[cfg(test)]
mod tests {
    use actix_web::{
        body::to_bytes,
        http::header::{ACCEPT_ENCODING, HeaderValue},
    };

    use super::*;

    fn assets() -> Assets {
        let css = ".card { color: red }\n".repeat(100).into_bytes();
        Assets::of([("app.css".to_owned(), css), ("icons/x.png".to_owned(), vec![1, 2, 3])].into_iter())
    }

    fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
        lines
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_str(value).unwrap()))
            .collect()
    }

    fn header<'r>(response: &'r HttpResponse, name: &str) -> &'r str {
        response.headers().get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    #[test]
    fn a_fingerprinted_address_may_be_kept_for_ever() {
        let assets = assets();
        let url = assets.url("app.css");
        let path = url.strip_prefix(PREFIX).unwrap();
        assert!(
            path.starts_with("app.") && path.ends_with(".css") && path.len() == "app.12345678.css".len(),
            "{path}"
        );
        let response = assets.serve(path, &headers(&[])).unwrap();
        assert_eq!(header(&response, "cache-control"), "public, max-age=31536000, immutable");
        assert_eq!(header(&response, "content-type"), "text/css; charset=utf-8");
        let plain = assets.serve("app.css", &headers(&[])).unwrap();
        assert_eq!(header(&plain, "cache-control"), "no-cache");
        assert!(assets.serve("app.00000000.css", &headers(&[])).is_none());
        assert!(assets.serve("../Cargo.toml", &headers(&[])).is_none());
    }

    #[actix_web::test]
    async fn text_is_coded_and_pictures_are_not() {
        let assets = assets();
        let all = headers(&[(ACCEPT_ENCODING.as_str(), "gzip, br")]);
        let css = assets.serve("app.css", &all).unwrap();
        assert_eq!(header(&css, "content-encoding"), "br");
        assert_eq!(header(&css, "vary"), "accept-encoding");
        assert!(to_bytes(css.into_body()).await.unwrap().len() < 200);
        let picture = assets.serve("icons/x.png", &all).unwrap();
        assert_eq!(header(&picture, "content-encoding"), "");
        assert_eq!(header(&picture, "content-type"), "image/png");
    }

    #[test]
    fn a_known_form_is_not_sent_again() {
        let assets = assets();
        let first = assets.serve("app.css", &headers(&[("accept-encoding", "br")])).unwrap();
        let etag = header(&first, "etag").to_owned();
        let known = |coding| {
            let headers = headers(&[("accept-encoding", coding), ("if-none-match", &etag)]);
            assets.serve("app.css", &headers).unwrap()
        };
        let again = known("br");
        assert_eq!(again.status(), 304);
        assert_eq!(known("gzip").status(), 200);
    }
}
