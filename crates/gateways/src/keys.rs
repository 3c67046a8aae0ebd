//! RSA keys as merchants paste them, and RSA-SHA256 with them (gateways.md B8).

use base64::Engine;
use base64::alphabet;
use base64::engine::{
    DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose::STANDARD,
};
use ring::rand::SystemRandom;
use ring::signature::{
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair, RsaParameters, UnparsedPublicKey,
};

use crate::{ConfigError, Secret, der};

/// The private key that signs our requests.
pub(crate) struct SigningKey {
    pair: RsaKeyPair,
    random: SystemRandom,
}

/// A public key that a gateway's signatures are checked with.
#[derive(Clone)]
pub(crate) struct VerifyingKey {
    pkcs1: Vec<u8>,
    modulus: Vec<u8>,
}

/// `ring` could not sign. It says no more, and it should not happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SigningFailed;

impl SigningKey {
    /// Reads PEM or bare base64, PKCS#8 or PKCS#1, RSA with at least 2048 bits.
    pub(crate) fn load(field: &'static str, text: &Secret) -> Result<Self, ConfigError> {
        let text = text.expose();
        if text.contains("ENCRYPTED") {
            return Err(ConfigError::new(field, "is an encrypted private key; decrypt it first"));
        }
        if text.contains("PUBLIC KEY") || text.contains("CERTIFICATE") {
            return Err(ConfigError::new(
                field,
                "is a public key or certificate; put the private key here",
            ));
        }
        let der = decode(text).ok_or_else(|| {
            ConfigError::new(field, "is neither PEM nor base64; paste the whole private key")
        })?;
        let pair = RsaKeyPair::from_pkcs8(&der)
            .or_else(|_not_pkcs8| RsaKeyPair::from_der(&der))
            .map_err(|rejected| {
                ConfigError::new(
                    field,
                    format!("is not a usable RSA private key of at least 2048 bits ({rejected})"),
                )
            })?;
        Ok(Self { pair, random: SystemRandom::new() })
    }

    /// RSASSA-PKCS1-v1_5 with SHA-256, in base64 with padding.
    pub(crate) fn sign(&self, message: &[u8]) -> Result<String, SigningFailed> {
        let mut signature = vec![0; self.pair.public().modulus_len()];
        self.pair
            .sign(&RSA_PKCS1_SHA256, &self.random, message, &mut signature)
            .map_err(|_unspecified| SigningFailed)?;
        Ok(STANDARD.encode(signature))
    }
}

impl VerifyingKey {
    /// Reads PEM or bare base64 of `SubjectPublicKeyInfo`, PKCS#1 or a certificate.
    pub(crate) fn load(field: &'static str, text: &str) -> Result<Self, ConfigError> {
        if text.contains("PRIVATE KEY") {
            return Err(ConfigError::new(
                field,
                "is a private key; put the gateway's public key here",
            ));
        }
        let der = decode(text).ok_or_else(|| {
            ConfigError::new(field, "is neither PEM nor base64; paste the whole public key")
        })?;
        let key = der::rsa_public_key(&der).ok_or_else(|| {
            ConfigError::new(
                field,
                "is not an RSA public key; download it from the merchant platform again",
            )
        })?;
        Self::new(&key).ok_or_else(|| {
            ConfigError::new(field, "is an RSA key of less than 2048 bits; use a longer one")
        })
    }

    /// `None` for a key of less than 2048 bits.
    pub(crate) fn new(key: &der::RsaPublic<'_>) -> Option<Self> {
        (key.modulus.len() >= 256)
            .then(|| Self { pkcs1: key.pkcs1.to_vec(), modulus: key.modulus.to_vec() })
    }

    /// Whether the base64 `signature` is this key's over `message`. False for anything else.
    pub(crate) fn verifies(&self, message: &[u8], signature: &str) -> bool {
        let Ok(signature) = STANDARD.decode(signature) else { return false };
        self.verifies_raw(&RSA_PKCS1_2048_8192_SHA256, message, &signature)
    }

    /// As [`verifies`](Self::verifies), for a signature in bytes and another digest.
    pub(crate) fn verifies_raw(
        &self,
        algorithm: &'static RsaParameters,
        message: &[u8],
        signature: &[u8],
    ) -> bool {
        UnparsedPublicKey::new(algorithm, &self.pkcs1).verify(message, signature).is_ok()
    }

    /// Whether this is the public half of `private`, which is a mistake in every setting.
    pub(crate) fn is_counterpart_of(&self, private: &SigningKey) -> bool {
        der::rsa_public_key(private.pair.public().as_ref())
            .is_some_and(|public| public.modulus == self.modulus)
    }
}

/// Platforms hand out bare base64 as well as PEM, and environment variables break lines by `\n`.
fn decode(text: &str) -> Option<Vec<u8>> {
    let text = text.replace("\\n", "\n");
    let armoured = text.split_once("-----BEGIN ").map(|(_, rest)| rest);
    match armoured {
        Some(rest) => bare(rest.split_once("-----")?.1.split_once("-----END ")?.0),
        None => bare(&text),
    }
}

/// Every block of a PEM file in DER; `None` if one of them, or the file, is not PEM or base64.
pub(crate) fn decode_all(text: &str) -> Option<Vec<Vec<u8>>> {
    let text = text.replace("\\n", "\n");
    let mut blocks = text.split("-----BEGIN ");
    let before = blocks.next()?;
    let armoured: Option<Vec<Vec<u8>>> =
        blocks.map(|block| bare(block.split_once("-----")?.1.split_once("-----END ")?.0)).collect();
    match armoured {
        Some(none) if none.is_empty() => Some(vec![bare(before)?]),
        found => found,
    }
}

fn bare(base64: &str) -> Option<Vec<u8>> {
    const LENIENT: GeneralPurpose = GeneralPurpose::new(
        &alphabet::STANDARD,
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
    );
    let body: String = base64.split_whitespace().collect();
    LENIENT.decode(body).ok().filter(|der| !der.is_empty())
}

#[cfg(test)]
mod tests;
