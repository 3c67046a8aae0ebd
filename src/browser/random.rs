//! Randomness of the browser.

/// Returns a fresh idempotency key: 128 random bits in hexadecimal digits.
///
/// From `getRandomValues`, because `randomUUID` is missing on pages without TLS. None if the
/// browser has neither: without it nothing can be paid safely.
pub(crate) fn fresh_key() -> Option<String> {
    let digits = random_bytes()?.map(|byte| format!("{byte:02x}"));
    Some(format!("key_{}", digits.concat()))
}

/// Returns a number that differs from page to page.
pub(crate) fn seed() -> u32 {
    let [first, second, third, fourth, ..] = random_bytes().unwrap_or_default();
    u32::from_le_bytes([first, second, third, fourth])
}

fn random_bytes() -> Option<[u8; 16]> {
    let mut bytes = [0; 16];
    let crypto = web_sys::window()?.crypto().ok()?;
    crypto.get_random_values_with_u8_array(&mut bytes).ok()?;
    Some(bytes)
}
