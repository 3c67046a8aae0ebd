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

use x509_parser::certificate::X509Certificate;
use x509_parser::error::X509Result;
use x509_parser::oid_registry::OID_PKCS1_RSAENCRYPTION;
use x509_parser::prelude::FromDer as _;
use x509_parser::public_key::RSAPublicKey;
use x509_parser::x509::SubjectPublicKeyInfo;

use crate::{ConfigError, Secret};

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

/// `ring` could not sign. It gives no reason, and it should not happen.
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
        let pkcs1 = find_pkcs1(der).ok_or_else(|| {
            ConfigError::new(
                field,
                "is not an RSA public key; download it from the merchant platform again",
            )
        })?;
        Self::from_pkcs1(pkcs1).ok_or_else(|| {
            ConfigError::new(field, "is an RSA key of less than 2048 bits; use a longer one")
        })
    }

    /// Returns the key of a certificate; `None` if it is not RSA of at least 2048 bits.
    pub(crate) fn from_spki(spki: &SubjectPublicKeyInfo<'_>) -> Option<Self> {
        Self::from_pkcs1(pkcs1_of(spki)?)
    }

    fn from_pkcs1(pkcs1: Vec<u8>) -> Option<Self> {
        let key = rsa_key(&pkcs1).filter(|key| key.key_size() >= MIN_BITS)?;
        let modulus = key.modulus.to_vec();
        Some(Self { pkcs1, modulus })
    }

    /// True if the base64 `signature` is this key's over `message`.
    pub(crate) fn verifies(&self, message: &[u8], signature: &str) -> bool {
        let Ok(signature) = STANDARD.decode(signature) else { return false };
        self.verifies_raw(&RSA_PKCS1_2048_8192_SHA256, message, &signature)
    }

    /// True if `signature`, in bytes and by this algorithm, is this key's over `message`.
    pub(crate) fn verifies_raw(
        &self,
        algorithm: &'static RsaParameters,
        message: &[u8],
        signature: &[u8],
    ) -> bool {
        UnparsedPublicKey::new(algorithm, &self.pkcs1).verify(message, signature).is_ok()
    }

    /// True if this is the public half of `private`, which is a mistake in every setting.
    pub(crate) fn is_counterpart_of(&self, private: &SigningKey) -> bool {
        rsa_key(private.pair.public().as_ref()).is_some_and(|key| key.modulus == self.modulus)
    }
}

const MIN_BITS: usize = 2048;

/// Finds the DER of PKCS#1 `RSAPublicKey`, which `ring` verifies with, in DER of that, of
/// `SubjectPublicKeyInfo` or of a certificate.
fn find_pkcs1(der: Vec<u8>) -> Option<Vec<u8>> {
    if rsa_key(&der).is_some() {
        return Some(der);
    }
    if let Some(spki) = whole(SubjectPublicKeyInfo::from_der(&der)) {
        return pkcs1_of(&spki);
    }
    let certificate = whole(X509Certificate::from_der(&der))?;
    pkcs1_of(&certificate.tbs_certificate.subject_pki)
}

fn pkcs1_of(spki: &SubjectPublicKeyInfo<'_>) -> Option<Vec<u8>> {
    let is_rsa = spki.algorithm.algorithm == OID_PKCS1_RSAENCRYPTION;
    let key = spki.subject_public_key.data.to_vec();
    (is_rsa && rsa_key(&key).is_some()).then_some(key)
}

fn rsa_key(pkcs1: &[u8]) -> Option<RSAPublicKey<'_>> {
    // A positive modulus: the library reads a negative one, too.
    whole(RSAPublicKey::from_der(pkcs1)).filter(|key| key.key_size() > 0)
}

/// Returns what was parsed if nothing follows it.
pub(crate) fn whole<T>(parsed: X509Result<'_, T>) -> Option<T> {
    parsed.ok().and_then(|(rest, value)| rest.is_empty().then_some(value))
}

/// Reads the first block of PEM, or bare base64, which the platforms' tools hand out as well.
fn decode(text: &str) -> Option<Vec<u8>> {
    decode_all(text)?.into_iter().next()
}

/// Reads every block of PEM, or one in bare base64. `None` if a block, or all, is neither.
pub(crate) fn decode_all(text: &str) -> Option<Vec<Vec<u8>>> {
    // Environment variables hold `\n` for a line break, and TOML may indent lines.
    let text = text.replace("\\n", "\n");
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let text = lines.join("\n");
    let blocks = pem::parse_many(&text).ok()?;
    if !blocks.is_empty() {
        return Some(blocks.into_iter().map(pem::Pem::into_contents).collect());
    }
    const LENIENT: GeneralPurpose = GeneralPurpose::new(
        &alphabet::STANDARD,
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
    );
    let base64: String = text.split_whitespace().collect();
    LENIENT.decode(base64).ok().filter(|der| !der.is_empty()).map(|der| vec![der])
}

#[cfg(test)]
mod tests;
