//! `crypto/certificatekeypairs/…`: making a pair, and taking certificate or key out.

use actix_web::http::header::CONTENT_DISPOSITION;
use countersign_authz::Permission;
use countersign_crypto::{SigningAlgorithm, generate_for, private_key_pem};
use countersign_model::{CertificateKeyPair, EventAction, KeyPairId, KeyVersion};
use countersign_registry::open_private_key;
use countersign_store::Tx;
use countersign_types::{Clock, Secret, Span, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{Access, Answer, ApiError, Call, Endpoint, Shape};

const PAIR: &str = "authentik_crypto.certificatekeypair";
const VIEW_CERTIFICATE: Permission =
    Permission::named("authentik_crypto.view_certificatekeypair_certificate");
const VIEW_KEY: Permission = Permission::named("authentik_crypto.view_certificatekeypair_key");

pub(super) fn rows() -> Vec<Endpoint> {
    vec![
        Endpoint::post(
            "crypto/certificatekeypairs/generate/",
            "crypto_certificatekeypairs_generate_create",
            Access::Global(Permission::add(PAIR)),
            generate,
        )
        .about("Makes a key with a self-signed certificate.")
        .takes::<CertificateGenerationRequest>()
        .gives_shape(Shape::bare(|| json!({ "$ref": "#/components/schemas/CertificateKeyPair" }))),
        Endpoint::get(
            "crypto/certificatekeypairs/{kp_uuid}/view_certificate/",
            "crypto_certificatekeypairs_view_certificate_retrieve",
            Access::Object(VIEW_CERTIFICATE),
            view_certificate,
        )
        .about("The certificate, which everybody may know, as PEM.")
        .param::<bool>("download", "Whether it comes as a file.")
        .gives::<CertificateData>(),
        Endpoint::get(
            "crypto/certificatekeypairs/{kp_uuid}/view_private_key/",
            "crypto_certificatekeypairs_view_private_key_retrieve",
            Access::Object(VIEW_KEY),
            view_private_key,
        )
        .about("The private key, as PEM. The audit trail keeps that it was looked at.")
        .param::<bool>("download", "Whether it comes as a file.")
        .gives::<CertificateData>(),
    ]
}

/// A key with a self-signed certificate.
#[derive(Clone, Deserialize, JsonSchema)]
struct CertificateGenerationRequest {
    /// Name of the pair, and common name of the certificate: at most 64 characters.
    common_name: String,
    /// Host names and addresses that the certificate is for, with commas between them.
    #[serde(default)]
    subject_alt_name: String,
    /// How long it is valid.
    #[schemars(range(min = 1, max = 36_500))]
    validity_days: i64,
    /// What key it has: `rsa` (the default) or `ecdsa`.
    #[serde(default = "rsa")]
    alg: String,
}

fn rsa() -> String {
    "rsa".to_owned()
}

/// The present moment of a call.
struct Moment(Timestamp);

impl Clock for Moment {
    fn now(&self) -> Timestamp {
        self.0
    }
}

async fn generate(call: Call) -> Result<Answer, ApiError> {
    let asked: CertificateGenerationRequest = call.json()?;
    let algorithm = match asked.alg.as_str() {
        "rsa" => SigningAlgorithm::Rs256,
        "ecdsa" => SigningAlgorithm::Es256,
        _ => return Err(ApiError::field("alg", "invalid", "api-error-key-algorithm")),
    };
    if asked.common_name.is_empty() || asked.common_name.len() > 64 {
        return Err(ApiError::field("common_name", "invalid", "api-error-common-name"));
    }
    if !(1..=36_500).contains(&asked.validity_days) {
        return Err(ApiError::field("validity_days", "invalid", "api-error-validity"));
    }
    let names = asked.subject_alt_name.split(',').map(str::trim).filter(|name| !name.is_empty());
    let names: Vec<String> = names.map(str::to_owned).collect();
    let (app, now, name) = (call.app.clone(), Moment(call.app.now()), asked.common_name.clone());
    let validity = Span::from_days(asked.validity_days);
    // An RSA key takes some tenths of a second.
    let made =
        actix_web::web::block(move || generate_for(algorithm, &name, &names, validity, &now, app.rng()));
    let made = made.await.map_err(ApiError::internal)?.map_err(|error| match error.kind() {
        countersign_types::ErrorKind::Invalid => {
            ApiError::field("subject_alt_name", "invalid", "api-error-alternative-names")
        }
        _ => ApiError::internal(error),
    })?;
    let key = private_key_pem(&made.pkcs8);
    let id = call.write(move |tx, cx| {
        let document = json!({
            "name": asked.common_name,
            "certificate_data": made.certificate_pem,
            "key_data": key.expose(),
        });
        let Value::Object(document) = document else { return Err(ApiError::not_found()) };
        let made = cx
            .registry
            .create(tx, cx, PAIR, &document)
            .map_err(|error| super::renamed(error, "name", "common_name"))?;
        Ok(made.id)
    });
    let id = id.await?;
    Answer::json(&super::shown(&call, PAIR, id).await?)
}

/// Certificate or key.
#[derive(Serialize, JsonSchema)]
struct CertificateData {
    /// As PEM.
    data: String,
}

/// The generation of a pair that signs now.
fn current(pair: &CertificateKeyPair, now: Timestamp) -> Option<&KeyVersion> {
    let active = pair.versions.iter().filter(|version| version.activates <= now);
    active.max_by_key(|version| version.activates).or(pair.versions.first())
}

async fn pair(call: &Call, permission: &Permission) -> Result<CertificateKeyPair, ApiError> {
    let found = call.found(PAIR, call.arg("kp_uuid")?).await?;
    call.require(permission, Some(found.id))?;
    call.snapshot().await?.key_pair(KeyPairId(found.id)).cloned().ok_or_else(ApiError::not_found)
}

async fn view_certificate(call: Call) -> Result<Answer, ApiError> {
    let pair = pair(&call, &VIEW_CERTIFICATE).await?;
    let version = current(&pair, call.app.now()).ok_or_else(ApiError::not_found)?;
    hand_out(&call, version.certificate.clone(), &format!("{}_certificate.pem", pair.id))
}

async fn view_private_key(call: Call) -> Result<Answer, ApiError> {
    let pair = pair(&call, &VIEW_KEY).await?;
    let version = current(&pair, call.app.now()).ok_or_else(ApiError::not_found)?;
    if !version.has_private_key() {
        return Err(ApiError::not_found());
    }
    let pkcs8 = open_private_key(call.app.sealer(), version).map_err(ApiError::internal)?;
    let (name, id) = (pair.name.clone(), pair.id);
    call.write(move |tx, cx| note(tx, cx, &name, id)).await?;
    let key: Secret<String> = private_key_pem(&pkcs8);
    hand_out(&call, key.expose().clone(), &format!("{}_private_key.pem", pair.id))
}

/// That a key was looked at is on record before it is shown.
fn note(
    tx: &mut Tx<'_>,
    cx: countersign_registry::WriteCx<'_>,
    name: &str,
    id: KeyPairId,
) -> Result<(), ApiError> {
    let draft = cx
        .event(EventAction::SecretView, "countersign.api")
        .about("authentik_crypto.certificatekeypair", name, id.to_string())
        .with("secret", "private key");
    Ok(countersign_events::record(tx, draft)?)
}

fn hand_out(call: &Call, data: String, file: &str) -> Result<Answer, ApiError> {
    if call.flag("download", false)? {
        let answer = Answer::other("application/x-pem-file", data);
        return Ok(answer.header(CONTENT_DISPOSITION, &format!("attachment; filename=\"{file}\"")));
    }
    Answer::json(&CertificateData { data })
}
