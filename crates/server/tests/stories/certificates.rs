//! Client certificates, shown to our own listener.

use std::net::{Ipv4Addr, SocketAddr};

use countersign_config::{ClientCertificates, ListenAddr};
use countersign_testkit::{Backend, TestApp};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose, SanType,
};

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority() -> Authority {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, "The house");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// A browser with a certificate, or with none.
fn browser(authority: Option<&Authority>) -> reqwest::Client {
    let client = reqwest::Client::builder()
        .cookie_store(true)
        .danger_accept_invalid_certs(true)
        .redirect(reqwest::redirect::Policy::none());
    let Some(authority) = authority else { return client.build().unwrap() };
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, "ada");
    params.subject_alt_names = vec![SanType::Rfc822Name("ada@example.com".try_into().unwrap())];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    let key = KeyPair::generate().unwrap();
    let certificate = params.signed_by(&key, authority).unwrap();
    let pem = format!("{}{}", key.serialize_pem(), certificate.pem());
    client.identity(reqwest::Identity::from_pem(pem.as_bytes()).unwrap()).build().unwrap()
}

async fn story(backend: Backend) {
    let here = ListenAddr::from(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
    let started = TestApp::start_with(backend, |config| {
        config.listen.https = Some(here);
        config.tls.client_certificates = ClientCertificates::Listener;
    });
    let Some(app) = started.await else { return };
    app.finish_setup().await;
    app.user("ada").await;
    let (ours, theirs) = (authority(), authority());
    let pem = ours.pem().replace('\n', "\n        ");
    app.apply(&format!(
        "version: 1
metadata: {{ name: certificates }}
entries:
  - model: authentik_crypto.certificatekeypair
    id: authority
    identifiers: {{ name: authority }}
    attrs:
      certificate_data: |
        {pem}
  - model: authentik_flows.flow
    id: flow
    identifiers: {{ slug: card }}
    attrs: {{ name: Card, title: Card, designation: authentication }}
  - model: authentik_stages_mtls.mutualtlsstage
    id: card
    identifiers: {{ name: card }}
    attrs:
      mode: required
      cert_attribute: email
      user_attribute: email
      certificate_authorities: [!KeyOf authority]
  - model: authentik_stages_user_login.userloginstage
    id: login
    identifiers: {{ name: card-login }}
  - model: authentik_flows.flowstagebinding
    identifiers: {{ target: !KeyOf flow, stage: !KeyOf card, order: 10 }}
  - model: authentik_flows.flowstagebinding
    identifiers: {{ target: !KeyOf flow, stage: !KeyOf login, order: 20 }}
"
    ))
    .await;
    let port = app.https().unwrap().port();
    let is_let_in = async |browser: reqwest::Client| {
        browser.get(format!("https://localhost:{port}/if/flow/card/")).send().await.unwrap();
        let library = browser.get(format!("https://localhost:{port}/if/user/")).send().await.unwrap();
        library.status() == 200 && library.text().await.unwrap().contains("Name of ada")
    };
    assert!(is_let_in(browser(Some(&ours))).await);
    assert!(!is_let_in(browser(Some(&theirs))).await, "of another authority of the same name");
    assert!(!is_let_in(browser(None)).await);
    app.verify().await;
}

#[tokio::test]
async fn a_certificate_signs_in_at_our_own_listener_sqlite() {
    story(Backend::Sqlite).await;
}

#[tokio::test]
async fn a_certificate_signs_in_at_our_own_listener_postgres() {
    story(Backend::Postgres).await;
}
