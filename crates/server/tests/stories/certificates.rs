//! Client certificates: shown to our own listener, and told of by a proxy; alone, and as a second proof.

use std::net::{Ipv4Addr, SocketAddr};

use countersign_config::{ClientCertificates, Config, ListenAddr};
use countersign_testkit::{Backend, Page, Person, TestApp};
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CertifiedIssuer, DnType,
    ExtendedKeyUsagePurpose, IsCa, KeyIdMethod, KeyPair, KeyUsagePurpose, RevokedCertParams, SanType,
    SerialNumber, date_time_ymd,
};

use crate::inbox::{come_back, follow_link, is_signed_in, letter};

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority() -> Authority {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, "The house");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// Key and certificate of somebody, as PEM.
fn certificate(authority: &Authority, name: &str, serial: u64) -> (String, String) {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    let address = format!("{name}@example.com");
    params.subject_alt_names = vec![SanType::Rfc822Name(address.as_str().try_into().unwrap())];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    params.serial_number = Some(SerialNumber::from(serial));
    let key = KeyPair::generate().unwrap();
    let certificate = params.signed_by(&key, authority).unwrap();
    (key.serialize_pem(), certificate.pem())
}

/// A list of what an authority took back, valid until this year.
fn revocation_list(authority: &Authority, revoked: &[u64], until: i32) -> String {
    let revoked = revoked.iter().map(|serial| RevokedCertParams {
        serial_number: SerialNumber::from(*serial),
        revocation_time: date_time_ymd(2026, 1, 1),
        reason_code: None,
        invalidity_date: None,
    });
    let params = CertificateRevocationListParams {
        this_update: date_time_ymd(2025, 1, 1),
        next_update: date_time_ymd(until, 1, 1),
        crl_number: SerialNumber::from(1),
        issuing_distribution_point: None,
        revoked_certs: revoked.collect(),
        key_identifier_method: KeyIdMethod::Sha256,
    };
    params.signed_by(authority).unwrap().pem().unwrap()
}

/// A browser with a certificate, or with none.
fn browser(authority: Option<&Authority>) -> reqwest::Client {
    let client = reqwest::Client::builder()
        .cookie_store(true)
        .danger_accept_invalid_certs(true)
        .redirect(reqwest::redirect::Policy::none());
    let Some(authority) = authority else { return client.build().unwrap() };
    let (key, certificate) = certificate(authority, "ada", 7);
    let identity = reqwest::Identity::from_pem(format!("{key}{certificate}").as_bytes()).unwrap();
    client.identity(identity).build().unwrap()
}

/// The same behind a proxy that tells of the certificate as nginx does.
fn behind_proxy(person: Person, authority: &Authority, name: &str, serial: u64) -> Person {
    let (_, certificate) = certificate(authority, name, serial);
    let line = countersign_flows::encode(&certificate);
    person.from_afar("192.0.2.1").with_header("ssl-client-cert", &line)
}

/// Keeps the authority, with its revocation lists; of the default brand, if so.
async fn keep(app: &TestApp, pem: &str, of_brand: bool) {
    let pem = pem.replace('\n', "\n        ");
    let brand = match of_brand {
        true => {
            "  - model: authentik_brands.brand
    identifiers: { domain: authentik-default }
    attrs: { client_certificates: [!KeyOf authority] }
"
        }
        false => "",
    };
    app.apply(&format!(
        "version: 1
metadata: {{ name: authority }}
entries:
  - model: authentik_crypto.certificatekeypair
    id: authority
    identifiers: {{ name: authority }}
    attrs:
      certificate_data: |
        {pem}
{brand}"
    ))
    .await;
}

/// A flow that signs in by certificate, of the authority that was kept.
const CARD: &str = "
version: 1
metadata: { name: certificates }
entries:
  - model: authentik_flows.flow
    id: flow
    identifiers: { slug: card }
    attrs: { name: Card, title: Card, designation: authentication }
  - model: authentik_stages_mtls.mutualtlsstage
    id: card
    identifiers: { name: card }
    attrs:
      mode: required
      cert_attribute: email
      user_attribute: email
      certificate_authorities: [!Find [authentik_crypto.certificatekeypair, [name, authority]]]
  - model: authentik_stages_user_login.userloginstage
    id: login
    identifiers: { name: card-login }
  - model: authentik_flows.flowstagebinding
    identifiers: { target: !KeyOf flow, stage: !KeyOf card, order: 10 }
  - model: authentik_flows.flowstagebinding
    identifiers: { target: !KeyOf flow, stage: !KeyOf login, order: 20 }
";

/// A house with ada in it, if there is a database for it.
async fn house(backend: Backend, change: impl FnOnce(&mut Config)) -> Option<(TestApp, String)> {
    let app = TestApp::start_with(backend, change).await?;
    app.finish_setup().await;
    let (_, password) = app.user("ada").await;
    Some((app, password))
}

fn behind_nginx(config: &mut Config) {
    config.tls.client_certificates = ClientCertificates::Nginx;
}

async fn at_our_own_listener(backend: Backend) {
    let here = ListenAddr::from(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
    let house = house(backend, |config| {
        config.listen.https = Some(here);
        config.tls.client_certificates = ClientCertificates::Listener;
    });
    let Some((app, _)) = house.await else { return };
    let (ours, theirs) = (authority(), authority());
    keep(&app, &ours.pem(), false).await;
    app.apply(CARD).await;
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
    at_our_own_listener(Backend::Sqlite).await;
}

#[tokio::test]
async fn a_certificate_signs_in_at_our_own_listener_postgres() {
    at_our_own_listener(Backend::Postgres).await;
}

async fn a_revoked_certificate_gets_nobody_in(backend: Backend) {
    let Some((app, _)) = house(backend, behind_nginx).await else { return };
    let ours = authority();
    keep(&app, &ours.pem(), false).await;
    app.apply(CARD).await;
    let is_let_in = async |serial: u64| {
        let ada = behind_proxy(app.anonymous(), &ours, "ada", serial);
        ada.visit("/if/flow/card/").await;
        is_signed_in(&ada).await
    };
    assert!(is_let_in(7).await);
    for (why, revoked, until, gets_in) in [
        ("it is on the list", &[7][..], 2100, [false, true]),
        ("the list is out of date", &[][..], 2026, [false, false]),
        ("it is not on the next list", &[][..], 2100, [true, true]),
    ] {
        let text = format!("{}{}", ours.pem(), revocation_list(&ours, revoked, until));
        keep(&app, &text, false).await;
        assert_eq!([is_let_in(7).await, is_let_in(8).await], gets_in, "{why}");
    }
    app.verify().await;
}

#[tokio::test]
async fn a_revoked_certificate_gets_nobody_in_sqlite() {
    a_revoked_certificate_gets_nobody_in(Backend::Sqlite).await;
}

#[tokio::test]
async fn a_revoked_certificate_gets_nobody_in_postgres() {
    a_revoked_certificate_gets_nobody_in(Backend::Postgres).await;
}

const RECOVERY: &str = "/if/flow/recovery-email-mfa/";

/// The recovery that ships, with an authority of the brand.
async fn recovery(app: &TestApp, authority: &Authority) {
    keep(app, &authority.pem(), true).await;
    app.apply(include_str!("../../../../blueprints/example/flows-recovery-email-mfa-verification.yaml"))
        .await;
}

async fn forgot(person: &Person, name: &str) {
    let asked = person.visit(RECOVERY).await;
    let page = person.answer(&asked, &[("uid_field", name)]).await;
    assert!(page.body.contains("Look into your inbox"), "{} {}", page.status, page.body);
}

fn may_change_password(page: &Page) -> bool {
    page.body.contains("name=\"password_repeat\"")
}

async fn by_letter_and_certificate(backend: Backend) {
    let Some((app, old)) = house(backend, behind_nginx).await else { return };
    let ours = authority();
    recovery(&app, &ours).await;
    let ada = behind_proxy(app.anonymous(), &ours, "ada", 7);
    forgot(&ada, "ada").await;
    let page = follow_link(&ada, &letter(&app, "ada").await).await;
    assert!(may_change_password(&page), "{} {}", page.status, page.body);
    let new = app.new_password();
    let page = ada.answer(&page, &[("password", &*new), ("password_repeat", &new)]).await;
    assert_eq!(page.path(), "/if/user/", "{} {}", page.status, page.body);
    app.sign_in("ada", &new).await;
    let with_the_old = app.anonymous();
    with_the_old.sign_in_at("/", "ada", &old).await;
    assert!(!is_signed_in(&with_the_old).await);
    app.verify().await;
}

#[tokio::test]
async fn a_password_is_recovered_by_letter_and_certificate_sqlite() {
    by_letter_and_certificate(Backend::Sqlite).await;
}

#[tokio::test]
async fn a_password_is_recovered_by_letter_and_certificate_postgres() {
    by_letter_and_certificate(Backend::Postgres).await;
}

/// One of two proofs, and with it whatever else a thief might send.
async fn neither_a_stolen_letter_nor_a_stolen_certificate_recovers_a_password(backend: Backend) {
    let Some((app, password)) = house(backend, behind_nginx).await else { return };
    app.user("mallory").await;
    let (ours, theirs) = (authority(), authority());
    recovery(&app, &ours).await;
    for (who, thief, says) in [
        ("without a certificate", app.anonymous(), "your browser sent none"),
        ("with his own", behind_proxy(app.anonymous(), &ours, "mallory", 8), "not accepted"),
        ("with one that he made", behind_proxy(app.anonymous(), &theirs, "ada", 7), "not accepted"),
    ] {
        forgot(&app.anonymous(), "ada").await;
        let stolen = letter(&app, "ada").await;
        let page = follow_link(&thief, &stolen).await;
        assert_eq!((page.status, page.body.contains(says)), (403, true), "{who}: {}", page.body);
        let new = app.new_password();
        for path in [stolen.link(), RECOVERY] {
            let page = thief.visit(path).await;
            assert!(!may_change_password(&page), "{who}: {}", page.body);
            for form in page.forms().iter().filter(|form| form.action.path() == RECOVERY) {
                let fields = [("password", &*new), ("password_repeat", &new), ("uid_field", "nobody")];
                assert!(!may_change_password(&thief.submit(form, &fields).await), "{who}");
            }
        }
        assert!(!is_signed_in(&thief).await, "{who}");
        app.sign_in("ada", &password).await;
    }
    // The certificate without the letter.
    let thief = behind_proxy(app.anonymous(), &ours, "ada", 7);
    forgot(&thief, "ada").await;
    let waiting = thief.visit(RECOVERY).await;
    let new = app.new_password();
    let page = thief.answer(&waiting, &[("password", &*new), ("password_repeat", &new)]).await;
    assert!(!may_change_password(&page) && !is_signed_in(&thief).await, "{}", page.body);
    app.sign_in("ada", &password).await;
    app.verify().await;
}

#[tokio::test]
async fn neither_a_stolen_letter_nor_a_stolen_certificate_recovers_a_password_sqlite() {
    neither_a_stolen_letter_nor_a_stolen_certificate_recovers_a_password(Backend::Sqlite).await;
}

#[tokio::test]
async fn neither_a_stolen_letter_nor_a_stolen_certificate_recovers_a_password_postgres() {
    neither_a_stolen_letter_nor_a_stolen_certificate_recovers_a_password(Backend::Postgres).await;
}

#[tokio::test]
async fn a_forged_certificate_header_from_an_untrusted_peer_recovers_no_password() {
    let elsewhere = "10.0.0.0/8".parse().unwrap();
    let house = house(Backend::Sqlite, |config| {
        behind_nginx(config);
        config.listen.trusted_proxy_cidrs = vec![elsewhere];
    });
    let (app, _) = house.await.unwrap();
    let ours = authority();
    recovery(&app, &ours).await;
    forgot(&app.anonymous(), "ada").await;
    let stolen = letter(&app, "ada").await;
    // Whoever has seen the certificate can write it into a header.
    let page = follow_link(&behind_proxy(app.anonymous(), &ours, "ada", 7), &stolen).await;
    assert_eq!((page.status, page.body.contains("your browser sent none")), (403, true), "{}", page.body);
    app.verify().await;
}

#[tokio::test]
async fn recovery_waits_for_an_authority_that_somebody_names() {
    let (app, _) = house(Backend::Sqlite, behind_nginx).await.unwrap();
    app.apply(include_str!("../../../../blueprints/example/flows-recovery-email-mfa-verification.yaml"))
        .await;
    let ada = behind_proxy(app.anonymous(), &authority(), "ada", 7);
    forgot(&ada, "ada").await;
    let page = follow_link(&ada, &letter(&app, "ada").await).await;
    assert_eq!((page.status, may_change_password(&page)), (403, false), "{}", page.body);
    forgot(&app.anonymous(), "ada").await;
    let (_, page) = come_back(&app, &letter(&app, "ada").await).await;
    assert_eq!(page.status, 403, "{}", page.body);
    app.verify().await;
}
