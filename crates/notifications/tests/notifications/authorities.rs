//! Webhooks whose certificate is of the house's own making.

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpListener},
    sync::Arc,
    thread,
};

use countersign_crypto::SystemRng;
use countersign_model::{CertificateKeyPair, JobState, KeyAlgorithm, KeyPairId, KeyVersion, KeyVersionId};
use countersign_notifications::Delivery;
use countersign_store::key_pairs;
use countersign_types::Secret;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose};
use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use serde_json::json;

use crate::world::{World, mistake};

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority() -> Authority {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, "The house");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// Says yes to whoever believes its certificate.
fn listener(authority: &Authority) -> SocketAddr {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    let certificate = params.signed_by(&key, authority).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let settings = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())),
        )
        .unwrap();
    let settings = Arc::new(settings);
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    thread::spawn(move || {
        for connection in socket.incoming().flatten() {
            let mut stream =
                StreamOwned::new(ServerConnection::new(Arc::clone(&settings)).unwrap(), connection);
            // A client that does not believe us hangs up.
            if stream.read(&mut [0; 4096]).is_ok_and(|read| read > 0) {
                let answer = b"HTTP/1.1 204 Said\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
                drop(stream.write_all(answer));
                stream.conn.send_close_notify();
                drop(stream.flush());
            }
        }
    });
    address
}

impl World {
    /// Keeps the certificate of an authority.
    async fn keep(&self, name: &str, authority: &Authority) -> KeyPairId {
        let pair = KeyPairId::random(&SystemRng);
        let row = CertificateKeyPair {
            id: pair,
            name: name.to_owned(),
            managed: None,
            algorithm: KeyAlgorithm::EcdsaP256,
            versions: vec![KeyVersion {
                id: KeyVersionId::random(&SystemRng),
                key_pair: pair,
                kid: name.to_owned(),
                certificate: authority.pem(),
                private_key: Secret::new(Vec::new()),
                created: self.store.now(),
                activates: self.store.now(),
                retires: None,
            }],
        };
        self.store.write(move |tx| key_pairs::create(tx, &row)).await.unwrap();
        pair
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_with_an_authority_of_its_own_believes_that_and_nobody_else() {
    // As the server does at start: there is more than one provider in this program.
    drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
    let world = World::reaching(&["127.0.0.0/8"]).await;
    let (ours, namesake) = (authority(), authority());
    let url = format!("https://{}/hook", listener(&ours));
    let admins = world.group("admins", &[]).await;
    world.user("ada", Some(admins)).await;
    let (right, wrong) = (world.keep("right", &ours).await, world.keep("wrong", &namesake).await);
    let mut transports = Vec::new();
    for (name, webhook_ca) in [("right", json!(right)), ("wrong", json!(wrong)), ("none", json!(null))] {
        let config = json!({ "mode": "webhook", "webhook_url": url, "webhook_ca": webhook_ca });
        transports.push(world.transport(name, config).await);
    }
    let rule = world.rule("mistakes", &transports, admins).await;
    world.matching(rule, "configuration_error").await;

    world.happens(mistake()).await;
    world.work().await;

    let jobs = world.jobs(Delivery::KIND).await;
    let states = transports
        .iter()
        .map(|transport| jobs.iter().find(|job| job.payload["transport"] == json!(transport)).unwrap().state);
    let states: Vec<JobState> = states.collect();
    // Whom the system trusts may change: those are asked again, and are sent nothing meanwhile.
    assert_eq!(states, [JobState::Done, JobState::Queued, JobState::Queued]);
}
