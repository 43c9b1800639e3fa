//! An application that people sign in to: codes, tokens, refresh generations.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::Value;
use sha2::{Digest, Sha256};
use url::form_urlencoded;

use crate::{
    Fault,
    browser::{Browser, parameter},
    fault::While,
    http::{Connection, Request, Response},
    place::Place,
};

const BLUEPRINT: &str = include_str!("application.yaml");
const NAME: &str = "bench";
const SERVICE: &str = "bench-service";
const CALLBACK: &str = "http://localhost:1/callback";
const TOKEN: &str = "/application/o/token/";
/// RFC 7636 appendix B. Nobody listens here, so that one verifier serves all.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

/// What the server knows the application by, and the service beside it.
#[derive(Clone, Debug)]
pub(crate) struct Application {
    client_id: String,
    authorization: String,
    service_authorization: String,
}

/// What came of an exchange.
#[derive(Clone, Debug)]
pub(crate) struct Tokens {
    pub(crate) access: String,
    pub(crate) refresh: String,
}

impl Application {
    /// Tells the server of it.
    pub(crate) fn install(place: &Place) -> Result<Self, Fault> {
        let file = tempfile::NamedTempFile::new().during("a file for the blueprint")?;
        std::fs::write(file.path(), BLUEPRINT).during("writing the blueprint")?;
        let path = file.path().display().to_string();
        let report = place.run(&["blueprint", "apply", &path, "--json"])?;
        let credentials = |provider| {
            let none = || Fault::Program(format!("no credentials of {provider} in {report}"));
            credentials(&report, provider).ok_or_else(none)
        };
        let (client_id, secret) = credentials(NAME)?;
        let service = credentials(SERVICE)?;
        let authorization = basic(&client_id, &secret);
        Ok(Self { client_id, authorization, service_authorization: basic(&service.0, &service.1) })
    }

    /// Asks for a code. Who is not signed in is shown a page instead.
    pub(crate) fn authorize(&self) -> Request {
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs([
                ("client_id", self.client_id.as_str()),
                ("response_type", "code"),
                ("redirect_uri", CALLBACK),
                ("scope", "openid profile email offline_access"),
                ("state", "af0ifjsldkj"),
                ("code_challenge", &challenge),
                ("code_challenge_method", "S256"),
            ])
            .finish();
        Request::get(&format!("/application/o/authorize/?{query}"))
    }

    /// A code for whoever is signed in with this browser.
    pub(crate) async fn code(&self, browser: &mut Browser) -> Result<String, Fault> {
        let response = browser.send(&browser.with_cookies(self.authorize())).await?;
        // Consent is implicit, but may still lead through a flow that asks nothing.
        let mut target = response.header("location").unwrap_or_default().to_owned();
        for _ in 0..4 {
            if target.starts_with(CALLBACK) || target.is_empty() {
                break;
            }
            let next = browser.get(&target).await?;
            target = next.header("location").unwrap_or_default().to_owned();
        }
        parameter(&target, "code").ok_or_else(|| Fault::answer("asking for a code", &response))
    }

    pub(crate) fn exchange(&self, code: &str) -> Request {
        self.token(&[
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ])
    }

    pub(crate) fn refresh(&self, token: &str) -> Request {
        self.token(&[("grant_type", "refresh_token"), ("refresh_token", token)])
    }

    /// Asks for a token for the service.
    pub(crate) fn client_credentials(&self) -> Request {
        let fields = [("grant_type", "client_credentials")];
        Request::post(TOKEN, &fields).header("authorization", &self.service_authorization)
    }

    pub(crate) fn revoke(&self, token: &str) -> Request {
        Request::post("/application/o/revoke/", &[("token", token)])
            .header("authorization", &self.authorization)
    }

    fn token(&self, fields: &[(&str, &str)]) -> Request {
        Request::post(TOKEN, fields).header("authorization", &self.authorization)
    }
}

/// Where the application's public documents are.
pub(crate) fn discovery() -> Request {
    Request::get(&format!("/application/o/{NAME}/.well-known/openid-configuration"))
}

pub(crate) fn jwks() -> Request {
    Request::get(&format!("/application/o/{NAME}/jwks/"))
}

pub(crate) fn userinfo(access: &str) -> Request {
    Request::get("/application/o/userinfo/").header("authorization", &format!("Bearer {access}"))
}

impl Tokens {
    /// The tokens, if the server gave any; nothing when it refused the grant. Anything else is a fault.
    pub(crate) fn of(response: &Response) -> Result<Option<Self>, Fault> {
        let both = (response.json_str("access_token"), response.json_str("refresh_token"));
        match (response.status, both) {
            (200, (Some(access), Some(refresh))) => Ok(Some(Self { access, refresh })),
            (400, _) if response.json_str("error").as_deref() == Some("invalid_grant") => Ok(None),
            _ => Err(Fault::answer("asking for tokens", response)),
        }
    }
}

/// Sends a request for tokens.
pub(crate) async fn tokens(connection: &mut Connection, request: &Request) -> Result<Option<Tokens>, Fault> {
    Tokens::of(&connection.send(request).await?)
}

fn basic(client_id: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{client_id}:{secret}")))
}

/// Client id and secret of a provider in the report of its blueprint.
fn credentials(report: &str, provider: &str) -> Option<(String, String)> {
    let report: Value = serde_json::from_str(report).ok()?;
    let is_provider = |entry: &&Value| {
        let generated = entry.get("generated").is_some_and(|generated| generated.get("client_id").is_some());
        generated && entry.pointer("/identifiers/name").and_then(Value::as_str) == Some(provider)
    };
    let generated = report.get("entries")?.as_array()?.iter().find(is_provider)?.get("generated")?;
    let text = |name| Some(generated.get(name)?.as_str()?.to_owned());
    Some((text("client_id")?, text("client_secret")?))
}
