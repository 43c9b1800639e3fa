//! Requests and answers.

use base64::{Engine, engine::general_purpose::STANDARD};
use countersign_types::{ErrorKind, Secret};
use serde_json::{Value, json};

use crate::*;

/// RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

fn params(encoded: &str) -> Params {
    Params::parse(encoded.as_bytes()).unwrap()
}

fn authorize(encoded: &str) -> Result<AuthorizationRequest, Box<RedirectableError>> {
    AuthorizationRequest::parse(&params(encoded))
}

#[test]
fn a_parameter_given_twice_is_refused_even_when_one_is_empty() {
    for encoded in ["a=1&a=2", "a=1&a=1", "a=&a=1", "a&a", "%61=1&a=2", "state=x&b=&state="] {
        assert!(matches!(Params::parse(encoded.as_bytes()), Err(ParamsError::Duplicate(_))), "{encoded}");
    }
    assert_eq!(params("resource=a&resource=b").all("resource").collect::<Vec<_>>(), ["a", "b"]);
}

#[test]
fn parameters_are_decoded_once_and_empty_ones_are_none() {
    let params = params("a=1+2%2B3&b=&c&%C3%A9=%EA%B0%80&d=%252e&&");
    assert_eq!(params.get("a"), Some("1 2+3"));
    assert_eq!((params.get("b"), params.get("c"), params.get("nothing")), (None, None, None));
    assert_eq!(params.get("é"), Some("가"));
    assert_eq!(params.get("d"), Some("%2e"));
}

#[test]
fn parameters_beyond_the_bounds_or_badly_encoded_are_refused() {
    let many: String = (0..65).map(|at| format!("p{at}=x&")).collect();
    for (encoded, error) in [
        (many, ParamsError::TooLarge),
        (format!("{}=x", "n".repeat(129)), ParamsError::TooLarge),
        (format!("a={}", "v".repeat(8193)), ParamsError::TooLarge),
        ("&".repeat(33_000), ParamsError::TooLarge),
        ("a=%".to_owned(), ParamsError::Encoding),
        ("a=%4".to_owned(), ParamsError::Encoding),
        ("a=%zz".to_owned(), ParamsError::Encoding),
        ("a=%ff".to_owned(), ParamsError::Encoding),
        ("a=%00".to_owned(), ParamsError::Encoding),
        ("a%0a=1".to_owned(), ParamsError::Encoding),
    ] {
        assert_eq!(Params::parse(encoded.as_bytes()).unwrap_err(), error);
    }
}

#[test]
fn an_authorization_request_is_read_whole() {
    let encoded = format!(
        "client_id=c&redirect_uri=https%3A%2F%2Fa.example%2Fcb&response_type=code&scope=openid+profile+openid\
         &state=s&nonce=n&prompt=login+consent&max_age=0&ui_locales=ko+en&login_hint=u&acr_values=a+b\
         &code_challenge={CHALLENGE}&code_challenge_method=S256&unknown=1&claims=%7B%7D"
    );
    let target = Target::parse(&params(&encoded)).unwrap();
    assert_eq!(
        (target.client_id.as_str(), target.redirect_uri.as_deref()),
        ("c", Some("https://a.example/cb"))
    );
    let request = authorize(&encoded).unwrap();
    assert_eq!(request.response_type, ResponseType::CODE);
    assert_eq!(request.response_mode, ResponseMode::Query);
    assert_eq!(request.scope.unwrap().to_string(), "openid profile");
    assert!(request.prompt.login && request.prompt.consent && !request.prompt.none);
    assert_eq!(request.max_age, Some(0));
    assert_eq!(request.ui_locales, ["ko", "en"]);
    assert_eq!(request.code_challenge.unwrap().as_str(), CHALLENGE);
}

#[test]
fn without_a_client_nothing_is_redirected() {
    for encoded in
        ["", "client_id=", "redirect_uri=https://a.example/cb&response_type=code", "client_id=a%0Ab"]
    {
        let refused = Params::parse(encoded.as_bytes())
            .map_err(OAuthError::from)
            .and_then(|params| Target::parse(&params));
        assert_eq!(refused.unwrap_err().code, ErrorCode::InvalidRequest, "{encoded}");
    }
}

#[test]
fn what_is_wrong_with_an_authorization_request_goes_back_with_its_state() {
    use ErrorCode::*;
    for (encoded, code) in [
        ("", InvalidRequest),
        ("response_type=nonsense", UnsupportedResponseType),
        ("response_type=none", UnsupportedResponseType),
        ("response_type=code+code", UnsupportedResponseType),
        ("response_type=code&response_mode=nonsense", InvalidRequest),
        ("response_type=code&request=x", RequestNotSupported),
        ("response_type=code&request_uri=https://evil.example/", RequestUriNotSupported),
        ("response_type=code&registration=%7B%7D", RegistrationNotSupported),
        ("response_type=code&prompt=none+login", InvalidRequest),
        ("response_type=code&prompt=none+unknown", InvalidRequest),
        ("response_type=code&max_age=-1", InvalidRequest),
        ("response_type=code&max_age=soon", InvalidRequest),
        ("response_type=code&scope=%22", InvalidScope),
        ("response_type=code&scope=a%5Cb", InvalidScope),
        ("response_type=code&code_challenge=short&code_challenge_method=S256", InvalidRequest),
        ("response_type=code&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", InvalidRequest),
        (
            "response_type=code&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=plain",
            InvalidRequest,
        ),
        ("response_type=code&code_challenge_method=S256", InvalidRequest),
        ("response_type=code&dpop_jkt=x", InvalidRequest),
        ("response_type=code&resource=relative", InvalidTarget),
        ("response_type=code&resource=https://a.example/%23f", InvalidTarget),
        ("response_type=id_token", InvalidRequest),
    ] {
        let refused = authorize(&format!("state=s+1&{encoded}")).unwrap_err();
        assert_eq!((refused.error.code, refused.state.as_deref()), (code, Some("s 1")), "{encoded}");
    }
}

#[test]
fn tokens_never_come_back_in_a_query() {
    let refused = authorize("response_type=code+id_token&nonce=n&response_mode=query").unwrap_err();
    assert_eq!(
        (refused.error.code, refused.response_mode),
        (ErrorCode::InvalidRequest, ResponseMode::Fragment)
    );
    assert_eq!(
        authorize("response_type=id_token+token&nonce=n").unwrap().response_mode,
        ResponseMode::Fragment
    );
    assert_eq!(
        authorize("response_type=code&response_mode=form_post").unwrap().response_mode,
        ResponseMode::FormPost
    );
}

#[test]
fn a_verifier_has_to_be_that_of_the_challenge() {
    let challenge = PkceChallenge::parse(Some(CHALLENGE), Some("S256")).unwrap().unwrap();
    let verifier = PkceVerifier::parse(VERIFIER).unwrap();
    let other = PkceVerifier::parse(&VERIFIER.replace('d', "e")).unwrap();
    assert!(check_pkce(Some(&challenge), Some(&verifier)).is_ok());
    assert!(check_pkce(None, None).is_ok());
    for (challenge, verifier) in [(Some(&challenge), Some(&other)), (Some(&challenge), None)] {
        assert_eq!(check_pkce(challenge, verifier).unwrap_err().code, ErrorCode::InvalidGrant);
    }
}

#[test]
fn pkce_downgrade_a_verifier_without_challenge_is_refused() {
    let verifier = PkceVerifier::parse(VERIFIER).unwrap();
    assert_eq!(check_pkce(None, Some(&verifier)).unwrap_err().code, ErrorCode::InvalidGrant);
}

#[test]
fn a_verifier_of_another_syntax_is_none() {
    for verifier in
        [&VERIFIER[..42], &"a".repeat(129), &format!("{}+", &VERIFIER[..42]), &format!("{VERIFIER} "), ""]
    {
        assert!(PkceVerifier::parse(verifier).is_none());
    }
    assert!(PkceVerifier::parse(&"~".repeat(128)).is_some());
}

#[test]
fn token_requests_are_read_by_their_grant_type() {
    let request = |encoded: &str| TokenRequest::parse(&params(encoded));
    let code = format!(
        "grant_type=authorization_code&code=c&redirect_uri=https://a.example/&code_verifier={VERIFIER}"
    );
    assert!(matches!(request(&code), Ok(TokenRequest::AuthorizationCode { code_verifier: Some(_), .. })));
    assert!(matches!(
        request("grant_type=refresh_token&refresh_token=r&scope=a"),
        Ok(TokenRequest::RefreshToken { scope: Some(_), .. })
    ));
    assert!(matches!(
        request("grant_type=client_credentials"),
        Ok(TokenRequest::ClientCredentials { scope: None })
    ));
    for (encoded, code) in [
        ("", ErrorCode::InvalidRequest),
        ("grant_type=", ErrorCode::InvalidRequest),
        ("grant_type=password&username=u&password=p", ErrorCode::UnsupportedGrantType),
        ("grant_type=Authorization_Code&code=c", ErrorCode::UnsupportedGrantType),
        ("grant_type=authorization_code", ErrorCode::InvalidRequest),
        ("grant_type=authorization_code&code=c&code_verifier=short", ErrorCode::InvalidRequest),
        ("grant_type=refresh_token", ErrorCode::InvalidRequest),
        ("grant_type=client_credentials&scope=%22", ErrorCode::InvalidScope),
    ] {
        assert_eq!(request(encoded).unwrap_err().code, code, "{encoded}");
    }
    let request = request("grant_type=refresh_token&refresh_token=very-secret").unwrap();
    assert!(!format!("{request:?}").contains("very-secret"));
}

fn basic(pair: &str) -> String {
    format!("Basic {}", STANDARD.encode(pair))
}

#[test]
fn a_client_authenticates_in_one_way() {
    let secret = Secret::from("s&cr+t %");
    let extract = |header: Option<&str>, form: &str| ClientAuthentication::extract(header, &params(form));
    for (header, form) in [
        (Some(basic("my%20app:s%26cr%2Bt+%25")), ""),
        (Some(basic("my+app:s&cr+t %")), "client_id=my+app"),
        (Some(basic("my+app:s&cr+t %").replace("Basic", "bASIC")), ""),
        (None, "client_id=my+app&client_secret=s%26cr%2Bt+%25"),
        (Some("Bearer abc".to_owned()), "client_id=my+app&client_secret=s%26cr%2Bt+%25"),
    ] {
        let client = extract(header.as_deref(), form).unwrap();
        assert_eq!(client.client_id(), "my app");
        assert!(client.client_secret().unwrap().matches(&secret), "{header:?} {form}");
        assert!(!client.client_secret().unwrap().matches(&Secret::from("other")));
        assert!(!format!("{client:?}").contains("s&cr"));
    }
    assert!(extract(None, "client_id=public").unwrap().client_secret().is_none());
    for (header, form, code) in [
        (Some(basic("a:b")), "client_id=a&client_secret=b", ErrorCode::InvalidRequest),
        (Some(basic("a:b")), "client_id=c", ErrorCode::InvalidRequest),
        (Some(basic("a:b")), "client_assertion=x", ErrorCode::InvalidClient),
        (Some("Basic ???".to_owned()), "client_id=a&client_secret=b", ErrorCode::InvalidClient),
        (Some(basic("no colon")), "", ErrorCode::InvalidClient),
        (Some(basic(":b")), "", ErrorCode::InvalidClient),
        (Some("Basic".to_owned()), "", ErrorCode::InvalidClient),
        (None, "client_secret=b", ErrorCode::InvalidClient),
        (None, "", ErrorCode::InvalidClient),
    ] {
        assert_eq!(extract(header.as_deref(), form).unwrap_err().code, code, "{header:?} {form}");
    }
}

#[test]
fn an_empty_secret_opens_nothing() {
    let client = ClientAuthentication::extract(Some(&basic("a:")), &Params::default()).unwrap();
    assert!(!client.client_secret().unwrap().matches(&Secret::from("")));
}

#[test]
fn an_access_token_comes_in_one_way_and_never_in_the_query() {
    let form = params("access_token=abc");
    assert_eq!(bearer_token(Some("Bearer a.b-c_~+/="), None).unwrap().unwrap().expose(), "a.b-c_~+/=");
    assert_eq!(bearer_token(Some("bearer abc"), Some(&Params::default())).unwrap().unwrap().expose(), "abc");
    assert_eq!(bearer_token(None, Some(&form)).unwrap().unwrap().expose(), "abc");
    assert!(bearer_token(None, None).unwrap().is_none());
    assert!(bearer_token(Some("Basic abc"), None).unwrap().is_none());
    assert!(bearer_token(Some("Bearer abc"), Some(&form)).is_err());
    for header in ["Bearer", "Bearer ", "Bearer a b", "Bearer a\"b", "Bearer =", "Bearer é"] {
        assert!(bearer_token(Some(header), None).is_err(), "{header}");
    }
    assert!(bearer_token(Some(&format!("Bearer {}", "a".repeat(20_000))), None).is_err());
}

#[test]
fn a_description_cannot_leave_its_quotes_or_its_line() {
    let error = OAuthError::new(ErrorCode::InvalidToken, "a\"b\\c\r\nSet-Cookie: é");
    let header = OAuthError::www_authenticate("id\"x", Some(&error));
    assert_eq!(
        header,
        "Bearer realm=\"id'x\", error=\"invalid_token\", error_description=\"a'b'c''Set-Cookie: '\""
    );
    assert_eq!(OAuthError::www_authenticate("id", None), "Bearer realm=\"id\"");
    let json = serde_json::to_value(ErrorResponse::new(&error).with_request_id("r1")).unwrap();
    assert_eq!(
        json,
        json!({"error": "invalid_token", "error_description": "a'b'c''Set-Cookie: '", "request_id": "r1"})
    );
    assert_eq!((error.code.status(), error.kind()), (401, ErrorKind::Unauthenticated));
}

#[test]
fn an_answer_names_its_issuer_and_keeps_the_query_of_the_redirect_uri() {
    let answer = || AuthorizationResponse::code("c d", Some("s&t=1#x"), "https://id.example/");
    let tail = "code=c+d&state=s%26t%3D1%23x&iss=https%3A%2F%2Fid.example%2F";
    for (mode, uri, expected) in [
        (ResponseMode::Query, "https://a.example/cb", format!("https://a.example/cb?{tail}")),
        (ResponseMode::Query, "https://a.example/cb?x=y", format!("https://a.example/cb?x=y&{tail}")),
        (ResponseMode::Query, "https://a.example/cb?", format!("https://a.example/cb?{tail}")),
        (ResponseMode::Fragment, "https://a.example/cb?x=y", format!("https://a.example/cb?x=y#{tail}")),
    ] {
        assert_eq!(answer().deliver(mode, uri), Delivery::Redirect(expected));
    }
    let Delivery::FormPost { action, fields } =
        answer().deliver(ResponseMode::FormPost, "https://a.example/cb")
    else {
        panic!("not a form");
    };
    assert_eq!(action, "https://a.example/cb");
    assert_eq!(
        fields,
        [("code", "c d".to_owned()), ("state", "s&t=1#x".into()), ("iss", "https://id.example/".into())]
    );
    let error = OAuthError::new(ErrorCode::AccessDenied, "");
    let answer = AuthorizationResponse::error(&error, None, "https://id.example/");
    assert_eq!(
        answer.deliver(ResponseMode::Query, "app:/cb"),
        Delivery::Redirect("app:/cb?error=access_denied&iss=https%3A%2F%2Fid.example%2F".to_owned())
    );
}

#[test]
fn a_scope_mapping_cannot_take_the_place_of_a_protocol_claim() {
    let Value::Object(mapped) =
        json!({"sub": "admin", "iss": "evil", "aud": "x", "scope": "all", "name": "Ann"})
    else {
        panic!("an object");
    };
    let extra = ExtraClaims::new(mapped);
    assert_eq!(Value::Object(extra.as_object().clone()), json!({"name": "Ann"}));
    let claims = IdTokenClaims {
        iss: "https://id.example/".into(),
        sub: "u1".into(),
        aud: Audience::One("c".into()),
        exp: 2,
        iat: 1,
        auth_time: Some(1),
        acr: None,
        amr: None,
        nonce: None,
        at_hash: None,
        c_hash: None,
        azp: None,
        sid: None,
        jti: None,
        extra,
    };
    let json = serde_json::to_string(&claims).unwrap();
    assert_eq!(
        json,
        r#"{"iss":"https://id.example/","sub":"u1","aud":"c","exp":2,"iat":1,"auth_time":1,"name":"Ann"}"#
    );
    assert_eq!(serde_json::from_str::<IdTokenClaims>(&json).unwrap(), claims);
}

#[test]
fn about_a_worthless_token_nothing_is_said() {
    assert_eq!(serde_json::to_string(&IntrospectionResponse::inactive()).unwrap(), r#"{"active":false}"#);
}

#[test]
fn scopes_are_kept_in_order_each_once_and_in_bounds() {
    let scopes: ScopeSet = " openid  profile openid email ".parse().unwrap();
    assert_eq!(scopes.to_string(), "openid profile email");
    assert!("openid email".parse::<ScopeSet>().unwrap().is_subset(&scopes));
    assert!(!"openid admin".parse::<ScopeSet>().unwrap().is_subset(&scopes));
    assert_eq!(scopes.retain(|scope| scope != "profile").to_string(), "openid email");
    let many: String = (0..65).map(|at| format!("s{at} ")).collect();
    for text in [many.as_str(), &"x".repeat(129), "a\tb", "é", "a\"b"] {
        assert!(text.parse::<ScopeSet>().is_err());
    }
}
