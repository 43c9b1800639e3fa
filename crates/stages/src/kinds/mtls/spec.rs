//! What administrators set.

use countersign_model::Family;
use countersign_resource::{ConfigKind, target};
use countersign_types::{FieldErrors, Ref};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Most authorities of a stage.
const MOST_AUTHORITIES: usize = 50;

/// What becomes of who has no certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum MtlsMode {
    /// He goes on without.
    Optional,
    /// The flow ends here for him.
    Required,
}

/// What of a certificate says whose it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CertAttribute {
    /// The whole name: `CN=ada,O=Example`.
    Subject,
    /// The common name.
    CommonName,
    /// The e-mail address: that of the alternative names, else of the subject.
    Email,
}

/// What of an account that is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UserAttribute {
    /// The user name.
    Username,
    /// The e-mail address.
    Email,
}

/// Lets on who has a certificate of one of these authorities, as the account that it names. Where certificates come
/// from is set by `tls.client_certificates` of the configuration.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct MutualTlsStage {
    /// What becomes of who has no certificate.
    pub mode: MtlsMode,
    /// Who issues the certificates. Nobody else's are believed. Without any, those that the brand names.
    #[serde(default)]
    pub certificate_authorities: Vec<Ref<target::KeyPair>>,
    /// What of a certificate says whose it is.
    pub cert_attribute: CertAttribute,
    /// What of an account that is compared with.
    pub user_attribute: UserAttribute,
}

impl ConfigKind for MutualTlsStage {
    const MODEL: &'static str = "authentik_stages_mtls.mutualtlsstage";
    const FAMILY: Family = Family::Stage;
    const COMPONENT: &'static str = "ak-stage-mtls-form";
    const VERBOSE_NAME: &'static str = "Mutual TLS Stage";

    fn validate(&self) -> Result<(), FieldErrors> {
        if self.certificate_authorities.len() > MOST_AUTHORITIES {
            return Err(FieldErrors::one("certificate_authorities", "max_length", "resource-error-too-many"));
        }
        Ok(())
    }
}
