//! Redirect URIs: the table of ways round them.

use crate::*;

fn registered(mode: MatchingMode, url: &str) -> RedirectUri {
    RedirectUri {
        matching_mode: mode,
        url: url.to_owned(),
        redirect_uri_type: RedirectUriType::Authorization,
    }
}

fn strict(urls: &[&str]) -> RedirectUriMatcher {
    let uris: Vec<_> = urls.iter().map(|url| registered(MatchingMode::Strict, url)).collect();
    RedirectUriMatcher::compile(&uris).unwrap()
}

fn pattern(pattern: &str) -> RedirectUriMatcher {
    RedirectUriMatcher::compile(&[registered(MatchingMode::Regex, pattern)]).unwrap()
}

fn allows(matcher: &RedirectUriMatcher, uri: &str) -> bool {
    matcher.check(RedirectUriType::Authorization, uri).is_ok()
}

/// Ways to make `https://app.example.com/cb` mean something else.
const BYPASSES: &[&str] = &[
    "",
    " ",
    "https://app.example.com",
    "https://app.example.com/",
    "https://app.example.com/cb/",
    "https://app.example.com/cb2",
    "https://app.example.com/cb?",
    "https://app.example.com/cb?a=b",
    "https://app.example.com/cb#",
    "https://app.example.com/cb#a",
    "https://app.example.com/cb%23",
    "https://app.example.com/cb%00",
    "https://app.example.com/cb\0",
    "https://app.example.com/cb\n",
    "https://app.example.com/cb\r\nSet-Cookie: a=b",
    "https://app.example.com/cb ",
    " https://app.example.com/cb",
    "\thttps://app.example.com/cb",
    "https://app.exa\tmple.com/cb",
    "https://app.example.com/./cb",
    "https://app.example.com/x/../cb",
    "https://app.example.com/cb/..",
    "https://app.example.com/cb/../../evil",
    "https://app.example.com/%2e%2e/cb",
    "https://app.example.com/%2E%2E/evil",
    "https://app.example.com/..%2fcb",
    "https://app.example.com/%63b",
    "https://app.example.com/CB",
    "https://APP.example.com/cb",
    "HTTPS://app.example.com/cb",
    "http://app.example.com/cb",
    "https:app.example.com/cb",
    "https:/app.example.com/cb",
    "https:///app.example.com/cb",
    "//app.example.com/cb",
    "/cb",
    "app.example.com/cb",
    "https:\\\\app.example.com\\cb",
    "https://evil.com\\@app.example.com/cb",
    "https://evil.com\\.app.example.com/cb",
    "https://app.example.com\\.evil.com/cb",
    "https://app.example.com:443/cb",
    "https://app.example.com:8443/cb",
    "https://app.example.com:/cb",
    "https://app.example.com./cb",
    "https://app.example.com.evil.com/cb",
    "https://evil-app.example.com/cb",
    "https://evil.com/https://app.example.com/cb",
    "https://evil.com/?https://app.example.com/cb",
    "https://evil.com/#https://app.example.com/cb",
    "https://app.example.com@evil.com/cb",
    "https://app.example.com:x@evil.com/cb",
    "https://user@app.example.com/cb",
    "https://user:pass@app.example.com/cb",
    "https://@app.example.com/cb",
    "https://:@app.example.com/cb",
    "https://appXexample.com/cb",
    "https://app.exampleXcom/cb",
    "https://app%2eexample.com/cb",
    "https://app.example.com%2fcb",
    "https://app.example.com%00.evil.com/cb",
    "https://аpp.example.com/cb",
    "https://app.example.com/cb\u{200b}",
    "https://app。example。com/cb",
    "https://xn--pp-7kc.example.com/cb",
    "https://[::ffff:1.2.3.4]/cb",
    "https://app.example.com/cb\u{ff}",
    "javascript:alert(1)//https://app.example.com/cb",
    "JaVaScRiPt://app.example.com/cb%0aalert(1)",
    "data:text/html,https://app.example.com/cb",
    "vbscript:msgbox(1)",
    "file:///etc/passwd",
    "blob:https://app.example.com/cb",
    "view-source:https://app.example.com/cb",
];

#[test]
fn a_strict_uri_is_matched_by_itself_and_nothing_else() {
    let matcher = strict(&["https://app.example.com/cb"]);
    assert!(allows(&matcher, "https://app.example.com/cb"));
    for uri in BYPASSES {
        assert!(!allows(&matcher, uri), "{uri:?}");
    }
}

#[test]
fn a_pattern_written_with_care_is_not_bypassed() {
    let matcher = pattern(r"https://app\.example\.com/cb");
    assert!(allows(&matcher, "https://app.example.com/cb"));
    for uri in BYPASSES {
        assert!(!allows(&matcher, uri), "{uri:?}");
    }
}

#[test]
fn cve_2024_52289_an_unescaped_dot_of_the_host_is_a_dot() {
    for source in
        ["https://app.example.com/cb", r"https:\/\/app.example.com\/cb", "^https://app.example.com/cb$"]
    {
        let matcher = pattern(source);
        assert!(allows(&matcher, "https://app.example.com/cb"), "{source}");
        for uri in BYPASSES {
            assert!(!allows(&matcher, uri), "{source}: {uri:?}");
        }
    }
}

#[test]
fn cve_2023_6291_a_wildcard_host_does_not_reach_beyond_the_authority() {
    for source in
        [r"https://.*\.example\.com/cb", "https://.+.example.com/cb", r"https://[^/]*\.example\.com/cb"]
    {
        let matcher = pattern(source);
        for uri in ["https://a.example.com/cb", "https://a.b.example.com/cb"] {
            assert!(allows(&matcher, uri), "{source}: {uri}");
        }
        for uri in [
            "https://evil.com/.example.com/cb",
            "https://evil.com/x.example.com/cb",
            "https://evil.com?.example.com/cb",
            "https://evil.com#.example.com/cb",
            "https://evil.com\\.example.com/cb",
            "https://evil.com%2f.example.com/cb",
            "https://x@evil.com/.example.com/cb",
            "https://evil.com/@.example.com/cb",
            "https://user:pass@a.example.com/cb",
            "https://aexample.com/cb",
        ] {
            assert!(!allows(&matcher, uri), "{source}: {uri}");
        }
    }
}

#[test]
fn a_pattern_open_at_the_end_of_the_host_stands_for_its_paths() {
    for source in
        [r"https://app\.example\.com.*", "https://app.example.com.*$", r"https://app\.example\.com(/.*)?"]
    {
        let matcher = pattern(source);
        for uri in ["https://app.example.com", "https://app.example.com/", "https://app.example.com/a/b?c=d"]
        {
            assert!(allows(&matcher, uri), "{source}: {uri}");
        }
        for uri in [
            "https://app.example.com.evil.com",
            "https://app.example.com.evil.com/",
            "https://app.example.com.evil.com/cb",
            "https://app.example.community/",
            "https://app.example.com@evil.com/",
            "https://app.example.com/a/../b",
            "https://app.example.com/a/%2e%2e/b",
            "https://app.example.com/a#b",
        ] {
            assert!(!allows(&matcher, uri), "{source}: {uri}");
        }
    }
}

#[test]
fn a_pattern_that_foreign_hosts_meet_is_refused() {
    for source in [
        ".*",
        ".+",
        "(?s).*",
        "https?://.*",
        "https://.*",
        "https://.*/callback",
        "https://.+/.*",
        "[^ ]*",
        r"https://[^/]+/.*",
        r"https://[\w.-]+/callback",
        "|.*",
        "(|.*)",
        r"https://app\.example\.com/|.*",
    ] {
        assert_eq!(
            RedirectUriMatcher::compile(&[registered(MatchingMode::Regex, source)]).unwrap_err(),
            RegistrationError::TooWide { index: 0 },
            "{source}"
        );
    }
}

#[test]
fn a_pattern_cannot_break_out_of_its_anchors() {
    for source in [
        r"https://a\.example/)|(?:.*",
        "(",
        "[",
        "",
        "a{1000}{1000}{1000}",
        "(?x)https://a.example/ # )",
        &"a".repeat(5000),
    ] {
        let compiled = RedirectUriMatcher::compile(&[registered(MatchingMode::Regex, source)]);
        assert!(compiled.is_err(), "{source}");
    }
    let matcher = pattern(r"https://a\.example/x|https://b\.example/y");
    assert!(allows(&matcher, "https://a.example/x") && allows(&matcher, "https://b.example/y"));
    assert!(
        !allows(&matcher, "https://a.example/x/evil")
            && !allows(&matcher, "https://evil.com/?https://b.example/y")
    );
}

#[test]
fn a_pattern_for_an_application_of_its_own_scheme_works() {
    let matcher = pattern(r"com\.example\.app:/cb/[a-z]+");
    assert!(allows(&matcher, "com.example.app:/cb/x"));
    assert!(!allows(&matcher, "com.example.app:/cb/"));
    assert!(!allows(&matcher, "comXexampleXapp:/cb/x"));
}

#[test]
fn a_native_application_chooses_its_loopback_port() {
    let matcher = strict(&["http://127.0.0.1/cb", "http://[::1]:3000/cb", "http://localhost:8000/cb"]);
    for uri in [
        "http://127.0.0.1/cb",
        "http://127.0.0.1:1/cb",
        "http://127.0.0.1:65535/cb",
        "http://[::1]/cb",
        "http://[::1]:3000/cb",
        "http://[::1]:49152/cb",
        "http://localhost:8000/cb",
    ] {
        assert!(allows(&matcher, uri), "{uri}");
    }
    for uri in [
        "http://127.0.0.1:0/cb",
        "http://127.0.0.1:65536/cb",
        "http://127.0.0.1:/cb",
        "http://127.0.0.1:80x/cb",
        "http://127.0.0.1:80@evil.com/cb",
        "http://127.0.0.1:80/cb2",
        "http://127.0.0.1.evil.com/cb",
        "http://127.0.0.1evil.com/cb",
        "http://127.0.0.2:80/cb",
        "http://127.1:80/cb",
        "http://0x7f.0.0.1/cb",
        "http://2130706433/cb",
        "https://127.0.0.1:80/cb",
        "http://[::1]evil.com/cb",
        "http://[0:0:0:0:0:0:0:1]/cb",
        "http://localhost:8001/cb",
        "http://localhost/cb",
    ] {
        assert!(!allows(&matcher, uri), "{uri}");
    }
}

#[test]
fn a_uri_for_logout_is_none_for_authorization() {
    let uri = |url: &str, purpose| RedirectUri {
        matching_mode: MatchingMode::Strict,
        url: url.to_owned(),
        redirect_uri_type: purpose,
    };
    let matcher = RedirectUriMatcher::compile(&[
        uri("https://app.example.com/cb", RedirectUriType::Authorization),
        uri("https://app.example.com/bye", RedirectUriType::Logout),
    ])
    .unwrap();
    assert!(matcher.check(RedirectUriType::Logout, "https://app.example.com/bye").is_ok());
    assert!(matcher.check(RedirectUriType::Authorization, "https://app.example.com/bye").is_err());
    assert!(matcher.check(RedirectUriType::Logout, "https://app.example.com/cb").is_err());
    assert_eq!(matcher.only(RedirectUriType::Authorization), Some("https://app.example.com/cb"));
    assert_eq!(pattern("https://a.example/x").only(RedirectUriType::Authorization), None);
}

#[test]
fn a_uri_to_which_nothing_would_go_cannot_be_registered() {
    for (uri, reason) in [
        ("javascript:alert(1)", RedirectUriError::Scheme),
        ("JAVASCRIPT://x", RedirectUriError::Scheme),
        ("data:text/html,x", RedirectUriError::Scheme),
        ("https://a.example/#x", RedirectUriError::Fragment),
        ("https://a@b.example/", RedirectUriError::UserInfo),
        ("myapp://a@b/", RedirectUriError::UserInfo),
        ("/cb", RedirectUriError::Malformed),
        ("https://", RedirectUriError::Malformed),
        ("https://a b/", RedirectUriError::Malformed),
        ("https://é.example/", RedirectUriError::Malformed),
    ] {
        let error = RedirectUriMatcher::compile(&[registered(MatchingMode::Strict, uri)]).unwrap_err();
        assert_eq!(error, RegistrationError::Uri { index: 0, reason }, "{uri}");
    }
}

#[test]
fn a_list_as_blueprints_write_it_reads() {
    let json = r#"[{"matching_mode":"strict","url":"https://a.example/cb"},
                   {"matching_mode":"regex","url":"https://a\\.example/.*","redirect_uri_type":"logout"}]"#;
    let uris: Vec<RedirectUri> = serde_json::from_str(json).unwrap();
    assert_eq!(uris[0].redirect_uri_type, RedirectUriType::Authorization);
    assert_eq!(
        (uris[1].matching_mode, uris[1].redirect_uri_type),
        (MatchingMode::Regex, RedirectUriType::Logout)
    );
    assert!(RedirectUriMatcher::compile(&uris).is_ok());
}

#[test]
fn codes_do_not_travel_in_the_clear() {
    let registered = |url: &str, purpose| {
        RedirectUriMatcher::compile(&[RedirectUri {
            matching_mode: MatchingMode::Strict,
            url: url.to_owned(),
            redirect_uri_type: purpose,
        }])
    };
    for url in ["http://app.example.com/cb", "http://192.168.1.2/cb", "http://localhost.example.com/cb"] {
        assert_eq!(
            registered(url, RedirectUriType::Authorization).err(),
            Some(RegistrationError::Uri { index: 0, reason: RedirectUriError::Insecure }),
            "{url}"
        );
        assert!(registered(url, RedirectUriType::Logout).is_ok(), "{url}: nothing secret goes there");
    }
    for url in ["http://localhost:8000/cb", "http://127.0.0.1/cb", "http://[::1]:1/cb", "com.example.app:/cb"]
    {
        assert!(registered(url, RedirectUriType::Authorization).is_ok(), "{url}");
    }
    let pattern = RedirectUri {
        matching_mode: MatchingMode::Regex,
        url: "https?://app\\.example\\.com/cb".to_owned(),
        redirect_uri_type: RedirectUriType::Authorization,
    };
    let matcher = RedirectUriMatcher::compile(&[pattern]).unwrap();
    assert!(matcher.check(RedirectUriType::Authorization, "https://app.example.com/cb").is_ok());
    let clear = matcher.check(RedirectUriType::Authorization, "http://app.example.com/cb");
    assert_eq!(clear, Err(RedirectUriError::Insecure));
}
