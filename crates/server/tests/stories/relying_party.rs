//! A relying party made of the crate `openidconnect`, over this process's HTTP.

use std::{future::Future, sync::Arc};

use chrono::DateTime;
use countersign_store::testing::ManualClock;
use countersign_testkit::{Page, Person, TestApp};
use countersign_types::Clock as _;
use openidconnect::{
    AccessTokenHash, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointMaybeSet, EndpointNotSet,
    EndpointSet, HttpRequest, HttpResponse, IssuerUrl, Nonce, OAuth2TokenResponse as _, PkceCodeChallenge,
    PkceCodeVerifier, RedirectUrl, Scope, TokenResponse as _,
    core::{
        CoreAuthenticationFlow, CoreClient, CoreIdTokenClaims, CoreProviderMetadata, CoreTokenResponse,
        CoreUserInfoClaims,
    },
};
use url::Url;

use crate::demo::{CALLBACK, Demo};

type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// What the token endpoint answers.
pub(crate) type Tokens = CoreTokenResponse;

/// The wire broke.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WireError {
    #[error(transparent)]
    Reqwest(#[from] reqwest::Error),
    #[error(transparent)]
    Http(#[from] openidconnect::http::Error),
}

/// Speaks HTTP for the crate, without following redirects.
fn wire()
-> impl Fn(HttpRequest) -> std::pin::Pin<Box<dyn Future<Output = Result<HttpResponse, WireError>> + Send>> {
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    move |request| {
        let client = client.clone();
        Box::pin(async move {
            let answer = client.execute(reqwest::Request::try_from(request)?).await?;
            let mut response = openidconnect::http::Response::builder().status(answer.status());
            for (name, value) in answer.headers() {
                response = response.header(name, value);
            }
            Ok(response.body(answer.bytes().await?.to_vec())?)
        })
    }
}

/// A relying party.
pub(crate) struct RelyingParty {
    client: Client,
    clock: Arc<ManualClock>,
    pub(crate) metadata: CoreProviderMetadata,
}

/// A visit that a relying party sent somebody on.
pub(crate) struct Visit {
    pub(crate) address: Url,
    state: CsrfToken,
    nonce: Nonce,
    verifier: PkceCodeVerifier,
}

impl Visit {
    /// A verifier that belongs to no code that is out.
    pub(crate) fn into_verifier(self) -> PkceCodeVerifier {
        self.verifier
    }
}

impl RelyingParty {
    /// Discovers an issuer.
    pub(crate) async fn discover(app: &TestApp, demo: &Demo) -> Self {
        let issuer = IssuerUrl::new(demo.issuer(app)).unwrap();
        let metadata = CoreProviderMetadata::discover_async(issuer, &wire()).await.unwrap();
        let secret = ClientSecret::new(demo.client_secret.expose().clone());
        let client = CoreClient::from_provider_metadata(
            metadata.clone(),
            ClientId::new(demo.client_id.clone()),
            Some(secret),
        )
        .set_redirect_uri(RedirectUrl::new(CALLBACK.to_owned()).unwrap());
        Self { client, clock: Arc::clone(&app.clock), metadata }
    }

    /// Where it sends somebody who presses "sign in".
    pub(crate) fn send(&self, scopes: &[&str]) -> Visit {
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let request = self.client.authorize_url(
            CoreAuthenticationFlow::AuthorizationCode,
            CsrfToken::new_random,
            Nonce::new_random,
        );
        let scopes = scopes.iter().map(|scope| Scope::new((*scope).to_owned()));
        let (address, state, nonce) = request.add_scopes(scopes).set_pkce_challenge(challenge).url();
        Visit { address, state, nonce, verifier }
    }

    /// Takes somebody back: checks state and issuer, and gets tokens for the code.
    pub(crate) async fn receive(&self, visit: Visit, back: &Page) -> (Tokens, CoreIdTokenClaims) {
        assert_eq!(back.parameter("state").as_ref(), Some(visit.state.secret()));
        assert_eq!(back.parameter("iss").as_deref(), Some(self.metadata.issuer().as_str()));
        let code = back.parameter("code").unwrap_or_else(|| panic!("no code: {:?}", back.leads_to()));
        let tokens = self.exchange(&code, visit.verifier).await.unwrap();
        let claims = self.claims(&tokens, &visit.nonce);
        (tokens, claims)
    }

    /// Tokens for a code.
    pub(crate) async fn exchange(&self, code: &str, verifier: PkceCodeVerifier) -> Result<Tokens, String> {
        let request = self.client.exchange_code(AuthorizationCode::new(code.to_owned())).unwrap();
        let answer = request.set_pkce_verifier(verifier).request_async(&wire()).await;
        answer.map_err(|error| format!("{error:?}"))
    }

    /// The claims of a verified ID token.
    fn claims(&self, tokens: &Tokens, nonce: &Nonce) -> CoreIdTokenClaims {
        let token = tokens.id_token().unwrap();
        let clock = Arc::clone(&self.clock);
        let now = move || DateTime::from_timestamp(clock.now().as_secs(), 0).unwrap();
        let verifier = self.client.id_token_verifier().set_time_fn(now);
        let claims = token.claims(&verifier, nonce).unwrap();
        if let Some(expected) = claims.access_token_hash() {
            let algorithm = token.signing_alg().unwrap();
            let key = token.signing_key(&verifier).unwrap();
            let actual = AccessTokenHash::from_token(tokens.access_token(), algorithm, key).unwrap();
            assert_eq!(&actual, expected);
        }
        claims.clone()
    }

    /// What the userinfo endpoint says.
    pub(crate) async fn user_info(&self, tokens: &Tokens) -> Result<CoreUserInfoClaims, String> {
        let request = self.client.user_info(tokens.access_token().clone(), None).unwrap();
        request.request_async(&wire()).await.map_err(|error| format!("{error:?}"))
    }

    /// New tokens for a refresh token.
    pub(crate) async fn refresh(&self, tokens: &Tokens) -> Result<Tokens, String> {
        let request = self.client.exchange_refresh_token(tokens.refresh_token().unwrap()).unwrap();
        let answer = request.request_async(&wire()).await;
        answer.map_err(|error| format!("{error:?}"))
    }
}

/// Follows a visit to the application until the browser is sent back to it or asked something.
pub(crate) async fn go(person: &Person, visit: &Visit) -> Page {
    person.visit(visit.address.as_str()).await
}
