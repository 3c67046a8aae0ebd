//! RSA-SHA256 (PKCS#1 v1.5) and AES-256-GCM by RustCrypto: another library than the clients use.

use std::fmt;

use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, KeyInit};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rsa::pkcs1v15::{Signature, SigningKey, VerifyingKey};
use rsa::signature::{SignatureEncoding as _, Signer as _, Verifier as _};
use rsa::{RsaPrivateKey, RsaPublicKey};
use sha2::Sha256;

/// Signs as a gateway.
pub(crate) struct Signer(SigningKey<Sha256>);

impl Signer {
    pub(crate) fn new(key: RsaPrivateKey) -> Self {
        Self(SigningKey::new(key))
    }

    /// The base64 signature of `message`; empty if the library refuses, which every client refuses in turn.
    pub(crate) fn sign(&self, message: &[u8]) -> String {
        match self.0.try_sign(message) {
            Ok(signature) => STANDARD.encode(signature.to_vec()),
            Err(error) => {
                tracing::error!(%error, "cannot sign");
                String::new()
            }
        }
    }

    /// The key itself, for certificates.
    pub(crate) fn key(&self) -> &SigningKey<Sha256> {
        &self.0
    }
}

/// Checks a merchant's signatures.
pub(crate) struct Verifier(VerifyingKey<Sha256>);

impl Verifier {
    pub(crate) fn new(key: RsaPublicKey) -> Self {
        Self(VerifyingKey::new(key))
    }

    /// True if `signature` (base64) is `message`'s. Bad base64 and a wrong length are false.
    pub(crate) fn verifies(&self, message: &[u8], signature: &str) -> bool {
        let Ok(bytes) = STANDARD.decode(signature) else { return false };
        let Ok(signature) = Signature::try_from(bytes.as_slice()) else { return false };
        self.0.verify(message, &signature).is_ok()
    }
}

/// Encrypts a notification's resource: base64 of ciphertext and tag (gateways.md A7).
pub(crate) fn seal(key: &str, nonce: &str, associated_data: &str, plain: &str) -> Option<String> {
    let cipher = Aes256Gcm::new_from_slice(key.as_bytes()).ok()?;
    let nonce: [u8; 12] = nonce.as_bytes().try_into().ok()?;
    let payload = Payload { msg: plain.as_bytes(), aad: associated_data.as_bytes() };
    cipher.encrypt(&nonce.into(), payload).ok().map(|bytes| STANDARD.encode(bytes))
}

impl fmt::Debug for Signer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Signer(***)")
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Verifier")
    }
}
