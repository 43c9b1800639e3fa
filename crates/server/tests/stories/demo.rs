//! An application for the stories of OpenID Connect.

use countersign_testkit::TestApp;
use countersign_types::Secret;

/// An application as its relying party knows it.
pub(crate) struct Demo {
    pub(crate) slug: String,
    pub(crate) client_id: String,
    pub(crate) client_secret: Secret<String>,
}

pub(crate) const CALLBACK: &str = "http://127.0.0.1:1/callback";
pub(crate) const GOODBYE: &str = "http://127.0.0.1:1/goodbye";

/// How people are asked before the application gets them.
#[derive(Clone, Copy)]
pub(crate) enum Asks {
    Never,
    Consent,
}

impl Demo {
    /// Adds an application.
    pub(crate) async fn add(app: &TestApp, slug: &str, asks: Asks) -> Self {
        let consent = match asks {
            Asks::Never => "implicit",
            Asks::Consent => "explicit",
        };
        let scopes: String = ["openid", "profile", "email", "offline_access"]
            .map(|scope| {
                format!(
                    "\n        - !Find [authentik_providers_oauth2.scopemapping, [managed, \
                     goauthentik.io/providers/oauth2/scope-{scope}]]"
                )
            })
            .concat();
        let report = app
            .apply(&format!(
                "
version: 1
metadata: {{ name: application {slug} }}
entries:
  - model: authentik_providers_oauth2.oauth2provider
    id: provider
    identifiers: {{ name: {slug} }}
    attrs:
      authorization_flow: !Find [authentik_flows.flow, [slug, default-provider-authorization-{consent}-consent]]
      invalidation_flow: !Find [authentik_flows.flow, [slug, default-invalidation-flow]]
      client_type: confidential
      grant_types: [authorization_code, refresh_token, client_credentials]
      redirect_uris:
        - {{ matching_mode: strict, url: \"{CALLBACK}\", redirect_uri_type: authorization }}
        - {{ matching_mode: strict, url: \"{GOODBYE}\", redirect_uri_type: logout }}
      property_mappings:{scopes}
  - model: authentik_core.application
    identifiers: {{ slug: {slug} }}
    attrs: {{ name: Application {slug}, provider: !KeyOf provider }}
"
            ))
            .await;
        let made = |wanted: &str| {
            let mut generated = report.generated();
            generated.find(|(_, field, _)| *field == wanted).map(|(_, _, value)| value.clone()).unwrap()
        };
        Self {
            slug: slug.to_owned(),
            client_id: made("client_id").expose().clone(),
            client_secret: made("client_secret"),
        }
    }

    /// The issuer, as discovery says it.
    pub(crate) fn issuer(&self, app: &TestApp) -> String {
        app.base().join(&format!("application/o/{}/", self.slug)).unwrap().into()
    }
}
