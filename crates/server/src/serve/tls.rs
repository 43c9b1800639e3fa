//! The certificate of the HTTPS listener: the administrator's, or one of our own making.

mod clients;

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use countersign_config::{ClientCertificates, Config};
use rcgen::{CertificateParams, DnType, KeyPair};
use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};

pub(super) use clients::keep;

/// Why there is no HTTPS.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file holds no certificate or key.
    #[error("{path} holds no {what}")]
    Empty {
        /// The file.
        path: PathBuf,
        /// What was looked for.
        what: &'static str,
    },
    /// Certificate and key cannot be used together.
    #[error("the certificate cannot be used: {0}")]
    Refused(#[from] rustls::Error),
    /// No certificate could be made.
    #[error("no self-signed certificate could be made: {0}")]
    Making(#[from] rcgen::Error),
}

/// TLS settings of the listener.
pub(super) fn server_config(config: &Config) -> Result<ServerConfig, TlsError> {
    let (certificate, key) = match (&config.tls.certificate, &config.tls.key) {
        (Some(certificate), Some(key)) => (certificate.clone(), key.clone()),
        _ => self_signed(&config.data_dir.join("tls"))?,
    };
    let chain = read_chain(&certificate)?;
    let key = PrivateKeyDer::from_pem_file(&key)
        .map_err(|_| TlsError::Empty { path: key.clone(), what: "private key" })?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder =
        ServerConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions()?;
    let builder = if config.tls.client_certificates == ClientCertificates::Listener {
        builder.with_client_cert_verifier(Arc::new(clients::Asked::new(&provider)))
    } else {
        builder.with_no_client_auth()
    };
    let mut settings = builder.with_single_cert(chain, key)?;
    settings.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(settings)
}

fn read_chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let nothing = || TlsError::Empty { path: path.to_owned(), what: "certificate" };
    let chain = CertificateDer::pem_file_iter(path).map_err(|_| nothing())?;
    let chain: Vec<_> = chain.collect::<Result<_, _>>().map_err(|_| nothing())?;
    if chain.is_empty() { Err(nothing()) } else { Ok(chain) }
}

/// A certificate of our own making, made once and kept, so that browsers are asked to trust it once.
fn self_signed(directory: &Path) -> Result<(PathBuf, PathBuf), TlsError> {
    let (certificate, key) = (directory.join("self-signed.pem"), directory.join("self-signed.key"));
    if certificate.exists() && key.exists() {
        return Ok((certificate, key));
    }
    let pair = KeyPair::generate()?;
    let mut params =
        CertificateParams::new(vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()])?;
    params.distinguished_name.push(DnType::CommonName, "Countersign self-signed");
    let made = params.self_signed(&pair)?;
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| TlsError::File { path, source }
    };
    fs::create_dir_all(directory).map_err(failed(directory))?;
    write_private(&key, &pair.serialize_pem()).map_err(failed(&key))?;
    fs::write(&certificate, made.pem()).map_err(failed(&certificate))?;
    Ok((certificate, key))
}

/// Writes a file that only its owner can read.
fn write_private(path: &Path, text: &str) -> io::Result<()> {
    use std::io::Write as _;
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(text.as_bytes())
}
