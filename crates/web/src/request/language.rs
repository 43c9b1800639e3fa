//! Which language a request is answered in: `ui_locales`, the user's setting, what was chosen with this
//! browser (`?locale=`, then the cookie), `Accept-Language`, the brand's default, English.

use actix_web::{HttpRequest, http::header::ACCEPT_LANGUAGE};
use countersign_i18n::{Catalogues, Locale, parse_accept_language};

use crate::body::Pairs;

/// What a request says about languages.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wishes {
    /// `ui_locales` of OpenID Connect Core §3.1.2.1: space-separated, best first.
    ui_locales: Option<String>,
    /// `?locale=`.
    pub(crate) chosen: Option<String>,
    /// The cookie.
    pub(crate) remembered: Option<String>,
    /// `Accept-Language`.
    accepted: Option<String>,
}

/// Parameters of the query that are looked at.
const MAX_PARAMETERS: usize = 64;

impl Wishes {
    pub(crate) fn of(request: &HttpRequest, cookie: &str) -> Self {
        let query = request.query_string();
        let parameters =
            if query.contains("locale") { Pairs::parse(query.as_bytes(), MAX_PARAMETERS).ok() } else { None };
        let mut parameters = parameters.unwrap_or_default();
        Self {
            ui_locales: parameters.take("ui_locales"),
            chosen: parameters.take("locale"),
            remembered: request.cookie(cookie).map(|cookie| cookie.value().to_owned()),
            accepted: request
                .headers()
                .get(ACCEPT_LANGUAGE)
                .and_then(|value| value.to_str().ok())
                .map(ToOwned::to_owned),
        }
    }

    /// The best language there is. Wishes that cannot be met are passed over.
    pub(crate) fn best(&self, catalogues: &Catalogues, user: Option<&str>, brand: Option<&str>) -> Locale {
        let accepted = self.accepted.as_deref().map(parse_accept_language).unwrap_or_default();
        let ui_locales = self.ui_locales.as_deref().unwrap_or_default();
        let wishes: Vec<&str> = ui_locales
            .split_ascii_whitespace()
            .take(8)
            .chain(user)
            .chain(self.chosen.as_deref())
            .chain(self.remembered.as_deref())
            .chain(accepted.iter().map(String::as_str))
            .chain(brand)
            .collect();
        catalogues.negotiate(&wishes)
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn best(uri: &str, headers: &[(&str, &str)], user: Option<&str>, brand: Option<&str>) -> String {
        let catalogues = Catalogues::load().unwrap();
        let mut request = TestRequest::with_uri(uri);
        for header in headers {
            request = request.insert_header(*header);
        }
        let locale =
            Wishes::of(&request.to_http_request(), "countersign_locale").best(&catalogues, user, brand);
        catalogues.localizer(locale).lang().to_owned()
    }

    #[test]
    fn each_wish_gives_way_to_the_one_before_it() {
        let accept = ("accept-language", "ko-KR,ko;q=0.9");
        let cookie = ("cookie", "countersign_locale=zh-Hans");
        assert_eq!(best("/", &[], None, None), "en");
        assert_eq!(best("/", &[], None, Some("ko")), "ko");
        assert_eq!(best("/", &[accept], None, Some("en")), "ko");
        assert_eq!(best("/", &[accept, cookie], None, None), "zh-Hans");
        assert_eq!(best("/?locale=en", &[accept, cookie], None, None), "en");
        assert_eq!(best("/?locale=en", &[accept, cookie], Some("ko"), None), "ko");
        assert_eq!(best("/?ui_locales=fr+zh-CN&locale=en", &[accept], Some("ko"), None), "zh-Hans");
    }

    #[test]
    fn hostile_wishes_are_passed_over() {
        assert_eq!(
            best("/?locale=%ff&ui_locales=..%2f..%2fetc", &[("accept-language", ";;q=,")], None, None),
            "en"
        );
        let flood = format!("/?ui_locales={}", "x+".repeat(4000));
        assert_eq!(best(&flood, &[], Some(""), Some("../en")), "en");
    }
}
