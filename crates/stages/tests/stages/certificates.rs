//! Client certificates for who somebody is.

use std::sync::Arc;

use countersign_crypto::PresentedCertificate;
use countersign_model::{
    CertificateKeyPair, EventAction, FlowDesignation, KeyAlgorithm, KeyPairId, KeyVersion, KeyVersionId,
};
use countersign_stages::{IdentificationStage, MutualTlsStage, PromptStage, UserLoginStage};
use countersign_store::{key_pairs, on_both_databases};
use countersign_types::{Secret, random_uuid};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose, SanType, date_time_ymd,
};
use serde_json::{Value, json};

use crate::world::{Browser, Seen, World};

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority(name: &str) -> Authority {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

fn certificate(authority: &Authority, name: &str, year: i32) -> Option<Arc<PresentedCertificate>> {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.subject_alt_names =
        vec![SanType::Rfc822Name(format!("{name}@example.org").as_str().try_into().unwrap())];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    params.not_after = date_time_ymd(year, 1, 1);
    let pem = params.signed_by(&KeyPair::generate().unwrap(), authority).unwrap().pem();
    PresentedCertificate::of_pem(&pem).map(Arc::new)
}

/// A flow of a certificate and a session, and what stands before them.
async fn flow(world: &World, authority: &Authority, more: Value, slug: &str, asks_name: bool) {
    let pair = KeyPairId(random_uuid(&*world.db.rng));
    let row = CertificateKeyPair {
        id: pair,
        name: format!("authority of {slug}"),
        managed: None,
        algorithm: KeyAlgorithm::EcdsaP256,
        versions: vec![KeyVersion {
            id: KeyVersionId(random_uuid(&*world.db.rng)),
            key_pair: pair,
            kid: slug.to_owned(),
            certificate: authority.pem(),
            private_key: Secret::new(Vec::new()),
            created: world.db.now(),
            activates: world.db.now(),
            retires: None,
        }],
    };
    world.write(move |tx| key_pairs::create(tx, &row)).await;
    let mut document = json!({
        "mode": "required", "cert_attribute": "email", "user_attribute": "email",
        "certificate_authorities": [pair.raw().to_string()],
    });
    document.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let mtls = world.object::<MutualTlsStage>(&format!("mtls of {slug}"), document).await;
    let login = world.object::<UserLoginStage>(&format!("login of {slug}"), json!({})).await;
    let mut stages = vec![mtls, login];
    if asks_name {
        let who = json!({ "user_fields": ["username"] });
        stages.insert(0, world.object::<IdentificationStage>(&format!("who of {slug}"), who).await);
    }
    world.flow(slug, FlowDesignation::Authentication, &stages).await;
}

async fn open(browser: &mut Browser<'_>, slug: &str, shown: Option<Arc<PresentedCertificate>>) -> Seen {
    browser.facts.certificate = shown;
    browser.open(slug).await
}

on_both_databases! {
    async fn somebody_signs_in_with_a_certificate(db: TestStore) {
        let world = World::new(db);
        let alice = world.user(1, "alice").await;
        let ours = authority("ours");
        flow(&world, &ours, json!({}), "card", false).await;
        let mut browser = world.browser("alice");
        open(&mut browser, "card", certificate(&ours, "alice", 2100)).await.gone();
        assert_eq!(browser.who().await.as_deref(), Some("alice"));
        let session = world.sessions_of(&alice).await.remove(0);
        assert_eq!(session.auth_method, "mtls");
        assert_eq!(session.auth_method_args["certificate"]["subject"], "CN=alice");
        assert_eq!(session.auth_method_args["certificate"]["issuer"], "CN=ours");
        flow(&world, &ours, json!({ "cert_attribute": "common_name", "user_attribute": "username" }), "name", false).await;
        let mut other = world.browser("by name");
        open(&mut other, "name", certificate(&ours, "alice", 2100)).await.gone();
        assert_eq!(other.who().await.as_deref(), Some("alice"));
    }

    async fn a_certificate_that_is_worth_nothing_signs_nobody_in(db: TestStore) {
        let world = World::new(db);
        world.user(1, "alice").await;
        let idle = world.user(2, "idle").await;
        world.change_user(&idle, |user| user.is_active = false).await;
        let (ours, theirs) = (authority("ours"), authority("ours"));
        for (mode, without_gets_on) in [("required", false), ("optional", true)] {
            flow(&world, &ours, json!({ "mode": mode }), mode, false).await;
            for (why, shown) in [
                ("another authority", certificate(&theirs, "alice", 2100)),
                ("expired", certificate(&ours, "alice", 2020)),
                ("nobody", certificate(&ours, "nobody", 2100)),
                ("inactive", certificate(&ours, "idle", 2100)),
                ("nonsense", PresentedCertificate::of_chain(vec![vec![0x30, 0]]).map(Arc::new)),
            ] {
                let mut browser = world.browser(why);
                assert!(open(&mut browser, mode, shown).await.is_denied(), "{mode} {why}");
                assert_eq!(browser.who().await, None);
            }
            let mut without = world.browser("without");
            // Going on without one proves nothing: the stage behind it lets nobody in either.
            assert!(open(&mut without, mode, None).await.is_denied());
            let refused = world.events(EventAction::LoginFailed).await.len();
            assert_eq!(refused, if without_gets_on { 10 } else { 5 }, "{mode}");
        }
    }

    async fn somebody_elses_certificate_signs_nobody_in(db: TestStore) {
        let world = World::new(db);
        world.user(1, "alice").await;
        world.user(2, "mallory").await;
        let ours = authority("ours");
        flow(&world, &ours, json!({}), "both", true).await;
        for (named, gets_in) in [("alice", false), ("nobody", false), ("mallory", true)] {
            let mut browser = world.browser(named);
            open(&mut browser, "both", certificate(&ours, "mallory", 2100)).await;
            let page = browser.send(&[("uid_field", named)]).await;
            assert_eq!(!page.is_denied(), gets_in, "{named}");
            assert_eq!(browser.who().await.is_some(), gets_in, "{named}");
        }
    }

    async fn an_enrolment_begins_with_what_the_certificate_says(db: TestStore) {
        let world = World::new(db);
        let ours = authority("ours");
        flow(&world, &ours, json!({}), "unused", false).await;
        let pair = world.read(|tx| Ok(key_pairs::all(tx)?.remove(0).id)).await;
        let mtls = json!({
            "mode": "required", "cert_attribute": "common_name", "user_attribute": "username",
            "certificate_authorities": [pair.raw().to_string()],
        });
        let mtls = world.object::<MutualTlsStage>("enrols", mtls).await;
        let name = world.prompt("username", "text", json!({})).await;
        let prompts = world.object::<PromptStage>("q", json!({ "fields": [name.raw().to_string()] })).await;
        world.flow("enrol", FlowDesignation::Enrollment, &[mtls, prompts]).await;
        let page = open(&mut world.browser("new"), "enrol", certificate(&ours, "carol", 2100)).await;
        assert_eq!(page.asked().challenge.fields().next().unwrap().value, "carol");
        assert!(open(&mut world.browser("without"), "enrol", None).await.is_denied());
    }
}
