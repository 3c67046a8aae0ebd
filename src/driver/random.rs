//! Randomness from the browser.

use crate::host::window;

/// A fresh idempotency key: 128 random bits in hexadecimal digits.
///
/// From `getRandomValues`, because `randomUUID` is missing on pages without TLS. None where
/// the browser has neither, and then nothing can be paid safely.
pub(crate) fn fresh_key() -> Option<String> {
    let mut key = String::with_capacity(36);
    key.push_str("key_");
    for byte in random_bytes()? {
        for digit in [byte >> 4, byte & 15] {
            key.push(char::from(if digit < 10 { b'0' + digit } else { b'a' + digit - 10 }));
        }
    }
    Some(key)
}

/// Any number that differs from page to page.
pub(crate) fn seed() -> u32 {
    let bytes = random_bytes().unwrap_or_default();
    bytes.iter().fold(1, |seed: u32, byte| seed.wrapping_mul(257).wrapping_add(u32::from(*byte)))
}

fn random_bytes() -> Option<[u8; 16]> {
    let mut bytes = [0; 16];
    window().crypto().ok()?.get_random_values_with_u8_array(&mut bytes).ok()?;
    Some(bytes)
}
