//! Random text in the alphabets of the gateways' identifiers.

use rsa::rand_core::{OsRng, RngCore};

/// `length` characters of `A-Za-z0-9`.
pub(crate) fn alphanumerics(length: usize) -> String {
    from_alphabet(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", length)
}

/// `length` characters of `a-z0-9`.
pub(crate) fn lower_alphanumerics(length: usize) -> String {
    from_alphabet(b"abcdefghijklmnopqrstuvwxyz0123456789", length)
}

/// `length` decimal digits.
pub(crate) fn digits(length: usize) -> String {
    from_alphabet(b"0123456789", length)
}

/// `length` hexadecimal digits in upper case.
pub(crate) fn upper_hex(length: usize) -> String {
    from_alphabet(b"0123456789ABCDEF", length)
}

/// `length` hexadecimal digits in lower case.
pub(crate) fn lower_hex(length: usize) -> String {
    from_alphabet(b"0123456789abcdef", length)
}

/// A random (version 4) UUID.
pub(crate) fn uuid() -> String {
    let variant = from_alphabet(b"89ab", 1);
    format!(
        "{}-{}-4{}-{variant}{}-{}",
        lower_hex(8),
        lower_hex(4),
        lower_hex(3),
        lower_hex(3),
        lower_hex(12)
    )
}

/// The slight bias of the remainder does not matter: identifiers here only have to differ.
fn from_alphabet(alphabet: &[u8], length: usize) -> String {
    let mut bytes = vec![0_u8; length];
    OsRng.fill_bytes(&mut bytes);
    bytes
        .iter()
        .filter_map(|byte| alphabet.get(usize::from(*byte) % alphabet.len().max(1)))
        .map(|byte| char::from(*byte))
        .collect()
}
