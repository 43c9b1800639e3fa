//! Arbitrary input: nothing panics, and what passes keeps its promises.

use proptest::prelude::*;

use crate::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        if let Ok(params) = Params::parse(&bytes) {
            let _ = Target::parse(&params);
            let _ = AuthorizationRequest::parse(&params);
            let _ = TokenRequest::parse(&params);
            let _ = TokenQuery::parse(&params);
            let _ = EndSessionRequest::parse(&params);
            let _ = ClientAuthentication::extract(None, &params);
        }
    }

    #[test]
    fn requests_with_arbitrary_values_are_read_or_refused(
        name in "(scope|prompt|max_age|nonce|code_challenge|dpop_jkt|resource|response_mode|ui_locales|state)",
        value in "\\PC{0,60}",
    ) {
        let pairs = [("response_type", "code"), (name.as_str(), value.as_str())];
        if let Ok(params) = Params::from_pairs(pairs) {
            let _ = AuthorizationRequest::parse(&params);
        }
    }

    #[test]
    fn arbitrary_headers_are_read_or_refused(header in "((?i)basic |bearer )?[ -~é]{0,80}") {
        let _ = bearer_token(Some(&header), None);
        let _ = ClientAuthentication::extract(Some(&header), &Params::default());
    }

    #[test]
    fn a_uri_that_passes_is_safe_to_redirect_to(uri in "(https?:|javascript:|app:|data:)?[/\\\\]{0,3}[-a-z0-9.:@%#?/\\\\\\[\\] \t\r\n]{0,40}") {
        if check_redirect_uri(&uri).is_ok() {
            prop_assert!(uri.bytes().all(|byte| (0x21..=0x7e).contains(&byte) && byte != b'\\' && byte != b'#'));
            let parsed = url::Url::parse(&uri).unwrap();
            prop_assert!(parsed.username().is_empty() && parsed.password().is_none());
            prop_assert!(!["javascript", "data"].contains(&parsed.scheme()));
        }
    }

    #[test]
    fn only_the_registered_uri_meets_a_strict_one(uri in "https://app.{0,2}example.{0,2}com.{0,3}/cb.{0,4}") {
        let registered = RedirectUri {
            matching_mode: MatchingMode::Strict,
            url: "https://app.example.com/cb".to_owned(),
            redirect_uri_type: RedirectUriType::Authorization,
        };
        let matcher = RedirectUriMatcher::compile(std::slice::from_ref(&registered)).unwrap();
        let allowed = matcher.check(RedirectUriType::Authorization, &uri).is_ok();
        prop_assert_eq!(allowed, uri == registered.url);
    }

    #[test]
    fn a_guarded_pattern_lets_only_its_own_host_pass(uri in "https://[a-z.@:/\\\\?#-]{0,12}app[.x]example[.x]com[a-z.@:/\\\\?#-]{0,12}") {
        for url in ["https://app.example.com.*", "https://app.example.com/.*", "https://app.example.com(/.*)?"] {
            let registered = RedirectUri {
                matching_mode: MatchingMode::Regex,
                url: url.to_owned(),
                redirect_uri_type: RedirectUriType::Authorization,
            };
            let matcher = RedirectUriMatcher::compile(&[registered]).unwrap();
            if matcher.check(RedirectUriType::Authorization, &uri).is_ok() {
                let parsed = url::Url::parse(&uri).unwrap();
                prop_assert_eq!(parsed.host_str(), Some("app.example.com"));
            }
        }
    }

    #[test]
    fn arbitrary_patterns_compile_or_are_refused(pattern in "(https://)?[-a-z.*+?()\\[\\]{}|^$\\\\/0-9#]{0,30}", uri in "https://[a-z./]{0,20}") {
        let registered = RedirectUri {
            matching_mode: MatchingMode::Regex,
            url: pattern,
            redirect_uri_type: RedirectUriType::Authorization,
        };
        if let Ok(matcher) = RedirectUriMatcher::compile(&[registered]) {
            let _ = matcher.check(RedirectUriType::Authorization, &uri);
        }
    }

    #[test]
    fn an_answer_can_be_read_back(code in "\\PC{0,30}", state in "\\PC{0,30}") {
        let answer = AuthorizationResponse::code(code.clone(), Some(&state), "https://id.example/");
        let Delivery::Redirect(url) = answer.deliver(ResponseMode::Query, "https://a.example/cb?x=y") else {
            return Err(TestCaseError::fail("not a redirect"));
        };
        let parsed = url::Url::parse(&url).unwrap();
        let pairs: Vec<_> = parsed.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
        prop_assert_eq!(&pairs[1], &("code".to_owned(), code));
        prop_assert_eq!(&pairs[2], &("state".to_owned(), state));
    }
}
