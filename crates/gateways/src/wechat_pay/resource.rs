//! AES-GCM as WeChat Pay encrypts resources (gateways.md A7).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::aead::{AES_128_GCM, AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};

/// The resource cannot be decrypted: wrong key, changed data, or an invalid format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Undecryptable;

/// Opens base64 of ciphertext and tag.
///
/// The key is used as it is. Keys of 16 bytes occur only in the platform's own test data; the
/// configuration requires 32.
pub(super) fn decrypt(
    key: &[u8],
    nonce: &str,
    associated_data: &str,
    ciphertext: &str,
) -> Result<Vec<u8>, Undecryptable> {
    let algorithm = if key.len() == 16 { &AES_128_GCM } else { &AES_256_GCM };
    let key = UnboundKey::new(algorithm, key).map_err(|_unspecified| Undecryptable)?;
    let nonce =
        Nonce::try_assume_unique_for_key(nonce.as_bytes()).map_err(|_unspecified| Undecryptable)?;
    let mut data = STANDARD.decode(ciphertext).map_err(|_not_base64| Undecryptable)?;
    let plain = LessSafeKey::new(key)
        .open_in_place(nonce, Aad::from(associated_data.as_bytes()), &mut data)
        .map_err(|_unspecified| Undecryptable)?;
    Ok(plain.to_vec())
}
