//! Keys made at test time with `rsa`, so that `ring`, which signs and verifies, is tested against
//! another library.

use std::sync::OnceLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rsa::pkcs1::{EncodeRsaPrivateKey, EncodeRsaPublicKey};
use rsa::pkcs1v15::{Signature, SigningKey, VerifyingKey};
use rsa::pkcs8::{EncodePrivateKey, EncodePublicKey, LineEnding};
use rsa::rand_core::OsRng;
use rsa::sha2::Sha256;
use rsa::signature::{SignatureEncoding, Signer, Verifier};
use rsa::{RsaPrivateKey, RsaPublicKey};

pub(crate) struct Keys {
    private: RsaPrivateKey,
    pub(crate) pkcs8_pem: String,
    pub(crate) pkcs1_pem: String,
    pub(crate) public_pem: String,
    pub(crate) public_pkcs1_pem: String,
}

impl Keys {
    fn generate() -> Self {
        let private = RsaPrivateKey::new(&mut OsRng, 2048).unwrap();
        let public = RsaPublicKey::from(&private);
        Self {
            pkcs8_pem: private.to_pkcs8_pem(LineEnding::LF).unwrap().to_string(),
            pkcs1_pem: private.to_pkcs1_pem(LineEnding::LF).unwrap().to_string(),
            public_pem: public.to_public_key_pem(LineEnding::LF).unwrap(),
            public_pkcs1_pem: public.to_pkcs1_pem(LineEnding::LF).unwrap(),
            private,
        }
    }

    pub(crate) fn sign(&self, message: &[u8]) -> String {
        let key = SigningKey::<Sha256>::new(self.private.clone());
        STANDARD.encode(key.sign(message).to_bytes())
    }

    pub(crate) fn verifies(&self, message: &[u8], signature: &str) -> bool {
        let key = VerifyingKey::<Sha256>::new(RsaPublicKey::from(&self.private));
        let signature = STANDARD.decode(signature).unwrap();
        key.verify(message, &Signature::try_from(signature.as_slice()).unwrap()).is_ok()
    }
}

/// The merchant's keys.
pub(crate) fn merchant() -> &'static Keys {
    static KEYS: OnceLock<Keys> = OnceLock::new();
    KEYS.get_or_init(Keys::generate)
}

/// The gateway's keys.
pub(crate) fn platform() -> &'static Keys {
    static KEYS: OnceLock<Keys> = OnceLock::new();
    KEYS.get_or_init(Keys::generate)
}

pub(crate) fn short_public_pem() -> String {
    RsaPublicKey::from(short()).to_public_key_pem(LineEnding::LF).unwrap()
}

pub(crate) fn short_private_pem() -> String {
    short().to_pkcs8_pem(LineEnding::LF).unwrap().to_string()
}

fn short() -> &'static RsaPrivateKey {
    static KEY: OnceLock<RsaPrivateKey> = OnceLock::new();
    KEY.get_or_init(|| RsaPrivateKey::new(&mut OsRng, 1024).unwrap())
}

/// A PEM's base64 in one line, as the platforms' tools hand it out.
pub(crate) fn oneline(pem: &str) -> String {
    pem.lines().filter(|line| !line.starts_with("-----")).collect()
}

pub(crate) fn der_of(pem: &str) -> Vec<u8> {
    STANDARD.decode(oneline(pem)).unwrap()
}
