//! Tokens against a second implementation, and the attacks on them.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use countersign_types::{Secret, Span, Timestamp};
use serde_json::{Value, json};

use super::*;
use crate::{SystemClock, SystemRng};

const NOW: Timestamp = Timestamp::from_secs(1_900_000_000);
const SECRET: &str = "a client secret of more than thirty-two characters";

fn made(algorithm: SigningAlgorithm) -> SigningKey {
    match algorithm {
        SigningAlgorithm::Hs256 => SigningKey::from_client_secret(&Secret::from(SECRET)).unwrap(),
        _ => {
            let made = generate(algorithm, "test", Span::from_days(365), &SystemClock, &SystemRng).unwrap();
            SigningKey::from_pkcs8(algorithm, &made.pkcs8)
                .unwrap()
                .with_certificate(&made.certificate_pem)
                .unwrap()
        }
    }
}

fn set(keys: &[&SigningKey]) -> KeySet {
    KeySet::new(keys.iter().map(|key| key.verifying_key().unwrap()).collect())
}

fn claims() -> Value {
    json!({
        "iss": "https://id.example/", "aud": ["client", "other"], "sub": "u1",
        "iat": NOW.as_secs(), "exp": NOW.as_secs() + 300
    })
}

fn options() -> VerifyOptions<'static> {
    VerifyOptions {
        issuer: "https://id.example/",
        audience: Some("client"),
        typ: None,
        now: NOW,
        leeway: Span::from_secs(10),
        algorithms: &SigningAlgorithm::ALL,
        expired: Expired::Refused,
    }
}

fn verify(keys: &KeySet, token: &str) -> Result<Value, JwtError> {
    keys.verify(token, &options())
}

/// A token whose header is whatever the attacker likes, signed by `sign`.
fn forged(header: &str, claims: &Value, sign: impl FnOnce(&str) -> String) -> String {
    let message =
        format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims.to_string()));
    let signature = sign(&message);
    format!("{message}.{signature}")
}

fn hmac(key: &[u8], message: &str) -> String {
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, key);
    URL_SAFE_NO_PAD.encode(aws_lc_rs::hmac::sign(&key, message.as_bytes()))
}

#[test]
fn every_algorithm_signs_what_it_verifies() {
    for algorithm in SigningAlgorithm::ALL {
        let key = made(algorithm);
        let token = key.sign_jwt(Some("JWT"), &claims()).unwrap();
        assert_eq!(verify(&set(&[&key]), &token).unwrap(), claims());
    }
}

#[test]
fn another_implementation_verifies_our_tokens_with_our_key_set() {
    for algorithm in [SigningAlgorithm::Rs256, SigningAlgorithm::Es256] {
        let key = made(algorithm);
        let token = key.sign_jwt(None, &claims()).unwrap();
        let jwks: jsonwebtoken::jwk::JwkSet = serde_json::from_str(&set(&[&key]).jwks_json()).unwrap();
        let header = jsonwebtoken::decode_header(&token).unwrap();
        let jwk = jwks.find(header.kid.as_deref().unwrap()).unwrap();
        let mut validation = jsonwebtoken::Validation::new(header.alg);
        validation.set_audience(&["client"]);
        validation.set_issuer(&["https://id.example/"]);
        validation.validate_exp = false;
        let decoding = jsonwebtoken::DecodingKey::from_jwk(jwk).unwrap();
        let decoded = jsonwebtoken::decode::<Value>(&token, &decoding, &validation).unwrap();
        assert_eq!(decoded.claims, claims());
    }
}

#[test]
fn we_verify_the_tokens_of_another_implementation() {
    let key = made(SigningAlgorithm::Hs256);
    let encoding = jsonwebtoken::EncodingKey::from_secret(SECRET.as_bytes());
    let token = jsonwebtoken::encode(&jsonwebtoken::Header::default(), &claims(), &encoding).unwrap();
    assert_eq!(verify(&set(&[&key]), &token).unwrap(), claims());

    let made =
        generate(SigningAlgorithm::Es256, "test", Span::from_days(1), &SystemClock, &SystemRng).unwrap();
    let key = SigningKey::from_pkcs8(SigningAlgorithm::Es256, &made.pkcs8).unwrap();
    let encoding = jsonwebtoken::EncodingKey::from_ec_der(made.pkcs8.expose());
    let mut header = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::ES256);
    header.kid = Some(made.kid);
    let token = jsonwebtoken::encode(&header, &claims(), &encoding).unwrap();
    assert_eq!(verify(&set(&[&key]), &token).unwrap(), claims());
}

#[test]
fn alg_none_is_refused_in_every_spelling() {
    let key = made(SigningAlgorithm::Es256);
    let keys = set(&[&key]);
    for alg in ["none", "None", "NONE", "nOnE", "", "es256", "ES256 ", "HS512"] {
        let header = format!(r#"{{"alg":"{alg}","kid":"{}"}}"#, key.kid().unwrap());
        for signature in ["", "AAAA"] {
            let token = forged(&header, &claims(), |_| signature.to_owned());
            assert_eq!(verify(&keys, &token), Err(JwtError::Algorithm), "{alg}");
        }
    }
}

#[test]
fn hs256_signed_with_the_public_key_is_refused() {
    for algorithm in [SigningAlgorithm::Rs256, SigningAlgorithm::Es256] {
        let key = made(algorithm);
        let keys = set(&[&key]);
        let jwks: Value = serde_json::from_str(&keys.jwks_json()).unwrap();
        let certificate = jwks["keys"][0]["x5c"][0].as_str().unwrap().to_owned();
        let guesses = [jwks.to_string(), jwks["keys"][0].to_string(), certificate, String::new()];
        for guess in guesses {
            let header = format!(r#"{{"alg":"HS256","kid":"{}"}}"#, key.kid().unwrap());
            let token = forged(&header, &claims(), |message| hmac(guess.as_bytes(), message));
            assert_eq!(verify(&keys, &token), Err(JwtError::Algorithm));
        }
    }
}

#[test]
fn a_token_of_one_key_under_the_name_of_another_is_refused() {
    let (rsa, ec, client) =
        (made(SigningAlgorithm::Rs256), made(SigningAlgorithm::Es256), made(SigningAlgorithm::Hs256));
    let keys = set(&[&rsa, &ec]);
    let swapped = made(SigningAlgorithm::Es256).with_kid(ec.kid().unwrap());
    assert_eq!(verify(&keys, &swapped.sign_jwt(None, &claims()).unwrap()), Err(JwtError::Signature));
    let swapped = made(SigningAlgorithm::Es256).with_kid(rsa.kid().unwrap());
    assert_eq!(verify(&keys, &swapped.sign_jwt(None, &claims()).unwrap()), Err(JwtError::Algorithm));
    let stranger = made(SigningAlgorithm::Es256);
    assert_eq!(verify(&keys, &stranger.sign_jwt(None, &claims()).unwrap()), Err(JwtError::UnknownKey));
    assert_eq!(verify(&keys, &client.sign_jwt(None, &claims()).unwrap()), Err(JwtError::KeyNotNamed));
    assert_eq!(
        verify(&KeySet::default(), &client.sign_jwt(None, &claims()).unwrap()),
        Err(JwtError::UnknownKey)
    );
}

#[test]
fn an_algorithm_that_is_not_allowed_here_is_refused() {
    let key = made(SigningAlgorithm::Es256);
    let token = key.sign_jwt(None, &claims()).unwrap();
    let options = VerifyOptions { algorithms: &[SigningAlgorithm::Rs256], ..options() };
    assert_eq!(set(&[&key]).verify::<Value>(&token, &options), Err(JwtError::Algorithm));
}

#[test]
fn a_token_truncated_extended_or_flipped_anywhere_is_refused() {
    for algorithm in SigningAlgorithm::ALL {
        let key = made(algorithm);
        let keys = set(&[&key]);
        let token = key.sign_jwt(None, &claims()).unwrap();
        for end in 0..token.len() {
            assert!(verify(&keys, &token[..end]).is_err(), "truncated to {end}");
        }
        for (at, byte) in token.bytes().enumerate() {
            for other in [b'A', b'B', b'_', b'.', b'=', byte ^ 1] {
                let mut changed = token.clone().into_bytes();
                changed[at] = other;
                let Ok(changed) = String::from_utf8(changed) else { continue };
                assert!(changed == token || verify(&keys, &changed).is_err(), "{other} at {at}");
            }
        }
        for more in ["A", "AAAA", ".", "=", " ", "\n"] {
            assert!(verify(&keys, &format!("{token}{more}")).is_err());
            assert!(verify(&keys, &format!("{more}{token}")).is_err());
        }
    }
}

#[test]
fn a_header_with_crit_or_b64_or_members_given_twice_is_refused() {
    let key = made(SigningAlgorithm::Hs256);
    let keys = set(&[&key]);
    for (header, error) in [
        (r#"{"alg":"HS256","crit":["exp"],"exp":1}"#, JwtError::Critical),
        (r#"{"alg":"HS256","crit":[]}"#, JwtError::Critical),
        (r#"{"alg":"HS256","crit":null}"#, JwtError::Critical),
        (r#"{"alg":"HS256","b64":false}"#, JwtError::Critical),
        (r#"{"alg":"none","alg":"HS256"}"#, JwtError::Malformed),
        (r#"{"alg":"HS256","alg":"none"}"#, JwtError::Malformed),
        (r#"{"alg":["HS256"]}"#, JwtError::Malformed),
        (r#"{}"#, JwtError::Malformed),
        (r#"[]"#, JwtError::Malformed),
        (r#""#, JwtError::Malformed),
    ] {
        let token = forged(header, &claims(), |message| hmac(SECRET.as_bytes(), message));
        assert_eq!(verify(&keys, &token), Err(error), "{header}");
    }
    // A key that the token brings along is not looked at.
    let header = r#"{"alg":"HS256","jwk":{"kty":"oct","k":"AAAA"},"jku":"https://evil.example/"}"#;
    assert_eq!(
        verify(&keys, &forged(header, &claims(), |message| hmac(&[0; 3], message))),
        Err(JwtError::Signature)
    );
}

#[test]
fn a_token_of_another_time_issuer_or_audience_is_refused() {
    let key = made(SigningAlgorithm::Hs256);
    let keys = set(&[&key]);
    let with = |name: &str, value: Value| {
        let mut claims = claims();
        claims[name] = value;
        key.sign_jwt(None, &claims).unwrap()
    };
    let now = NOW.as_secs();
    for (name, value, error) in [
        ("exp", json!(now - 10), JwtError::Expired),
        ("exp", json!(now - 1_000_000), JwtError::Expired),
        ("exp", Value::Null, JwtError::Expired),
        ("exp", json!("tomorrow"), JwtError::Claims),
        ("exp", json!(-1e300), JwtError::Expired),
        ("nbf", json!(now + 11), JwtError::NotYetValid),
        ("nbf", json!(1e300), JwtError::NotYetValid),
        ("iss", json!("https://id.example"), JwtError::Issuer),
        ("iss", json!("https://evil.example/"), JwtError::Issuer),
        ("iss", Value::Null, JwtError::Issuer),
        ("aud", json!("client2"), JwtError::Audience),
        ("aud", json!([]), JwtError::Audience),
        ("aud", Value::Null, JwtError::Audience),
        ("aud", json!({"client": 1}), JwtError::Claims),
    ] {
        assert_eq!(verify(&keys, &with(name, value.clone())), Err(error), "{name} = {value}");
    }
    for (name, value) in [
        ("exp", json!(now - 9)),
        ("exp", json!(now as f64 + 0.5)),
        ("nbf", json!(now + 10)),
        ("aud", json!("client")),
    ] {
        assert!(verify(&keys, &with(name, value.clone())).is_ok(), "{name} = {value}");
    }
    let hint = VerifyOptions { expired: Expired::Accepted, ..options() };
    assert!(keys.verify::<Value>(&with("exp", json!(now - 1_000_000)), &hint).is_ok());
}

#[test]
fn a_token_of_another_type_is_refused() {
    let key = made(SigningAlgorithm::Hs256);
    let keys = set(&[&key]);
    let check = |typ: Option<&str>, wanted| {
        let token = key.sign_jwt(typ, &claims()).unwrap();
        keys.verify::<Value>(&token, &VerifyOptions { typ: wanted, ..options() }).map(|_| ())
    };
    for (typ, wanted) in [
        (None, None),
        (Some("JWT"), None),
        (Some("at+jwt"), Some("at+jwt")),
        (Some("application/at+JWT"), Some("at+jwt")),
    ] {
        assert_eq!(check(typ, wanted), Ok(()));
    }
    for (typ, wanted) in [
        (Some("at+jwt"), None),
        (Some("logout+jwt"), Some("at+jwt")),
        (Some("JWT"), Some("at+jwt")),
        (None, Some("at+jwt")),
        (Some("dpop+jwt"), None),
    ] {
        assert_eq!(check(typ, wanted), Err(JwtError::Type));
    }
}

#[test]
fn an_oversize_token_is_neither_made_nor_read() {
    let key = made(SigningAlgorithm::Hs256);
    let claims = json!({ "padding": "x".repeat(MAX_JWT_LEN) });
    assert!(matches!(key.sign_jwt(None, &claims), Err(SignError::TooLarge)));
    let token = "a".repeat(MAX_JWT_LEN + 1);
    assert_eq!(verify(&set(&[&key]), &token), Err(JwtError::TooLong));
}

#[test]
fn the_key_set_publishes_public_keys_with_their_certificates_and_no_secrets() {
    let (rsa, ec, client) =
        (made(SigningAlgorithm::Rs256), made(SigningAlgorithm::Es256), made(SigningAlgorithm::Hs256));
    let json: Value = serde_json::from_str(&set(&[&rsa, &ec, &client]).jwks_json()).unwrap();
    let keys = json["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 2);
    for (key, kty, alg) in [(&keys[0], "RSA", "RS256"), (&keys[1], "EC", "ES256")] {
        assert_eq!((key["kty"].as_str(), key["alg"].as_str()), (Some(kty), Some(alg)));
        assert_eq!(key["use"], "sig");
        assert_eq!(key["x5c"].as_array().unwrap().len(), 1);
        assert_eq!(key["x5t#S256"].as_str().unwrap().len(), 43);
        for private in ["d", "p", "q", "dp", "dq", "qi", "k"] {
            assert!(key.get(private).is_none());
        }
    }
    assert_eq!(keys[0]["e"], "AQAB");
    assert_eq!(keys[1]["crv"], "P-256");
}

#[test]
fn the_thumbprint_is_that_of_rfc_7638() {
    let n = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
    let key = jwk::PublicKey::Rsa { n: n.to_owned(), e: "AQAB".to_owned() };
    assert_eq!(key.thumbprint(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
}

#[test]
fn a_certificate_of_another_key_is_refused() {
    let of = |algorithm| generate(algorithm, "test", Span::from_days(1), &SystemClock, &SystemRng).unwrap();
    let (one, other) = (of(SigningAlgorithm::Es256), of(SigningAlgorithm::Es256));
    let key = || SigningKey::from_pkcs8(SigningAlgorithm::Es256, &one.pkcs8).unwrap();
    assert_eq!(key().kid(), Some(one.kid.as_str()));
    assert!(key().with_certificate(&one.certificate_pem).is_ok());
    for pem in [other.certificate_pem.as_str(), "", "-----BEGIN CERTIFICATE-----", "garbage"] {
        assert_eq!(key().with_certificate(pem).unwrap_err(), KeyError::Certificate);
    }
}

#[test]
fn keys_that_are_none_are_refused() {
    let made =
        generate(SigningAlgorithm::Es256, "test", Span::from_days(1), &SystemClock, &SystemRng).unwrap();
    for bytes in [&[][..], b"garbage", &made.pkcs8.expose()[..40]] {
        for algorithm in SigningAlgorithm::ALL {
            assert!(SigningKey::from_pkcs8(algorithm, &Secret::new(bytes.to_vec())).is_err());
        }
    }
    assert!(SigningKey::from_pkcs8(SigningAlgorithm::Rs256, &made.pkcs8).is_err());
    assert!(SigningKey::from_client_secret(&Secret::from("short")).is_err());
    for (name, validity) in [("", Span::from_days(1)), ("x", Span::ZERO), ("x", Span::from_days(1_000_000))] {
        assert!(generate(SigningAlgorithm::Es256, name, validity, &SystemClock, &SystemRng).is_err());
    }
}

#[test]
fn at_hash_is_that_of_the_specification() {
    // OpenID Connect Core, appendices A.3 and A.4.
    let token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
    assert_eq!(half_hash(SigningAlgorithm::Rs256, token), "77QmUPtjPfzWtF2AnpK9RQ");
    let code = "Qcb0Orv1zh30vL1MPRsbm-diHiMwcLyZvn1arpZv-Jxf_11jnpEX3Tgfvk";
    assert_eq!(half_hash(SigningAlgorithm::Es256, code), "LDktKdoQak3Pk0cnXxCltA");
}
