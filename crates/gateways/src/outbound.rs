//! TLS and errors of outgoing calls, for every client of the backend.

use std::error::Error;
use std::sync::{Arc, OnceLock};

use rustls::crypto::ring::default_provider;
use rustls::{ClientConfig, RootCertStore};

/// Trusts the roots of Mozilla's list, so that a container without certificates works, and the
/// system's or those of `SSL_CERT_FILE` and `SSL_CERT_DIR`, which a TLS-intercepting proxy needs.
///
/// # Errors
/// The TLS library supports no protocol version.
pub fn tls_config() -> Result<ClientConfig, rustls::Error> {
    static ROOTS: OnceLock<Arc<RootCertStore>> = OnceLock::new();
    let roots = ROOTS.get_or_init(|| {
        let mut roots = RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        // Unreadable certificates are left out: the calls that need them fail with the cause.
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        Arc::new(roots)
    });
    Ok(ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(Arc::clone(roots))
        .with_no_client_auth())
}

/// Joins the error with its sources, which contain the cause.
#[must_use]
pub fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
