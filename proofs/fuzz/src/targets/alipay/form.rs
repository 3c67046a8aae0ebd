//! Forms as Alipay sends them: signed over the unescaped text, encoded in one of many ways.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::input::Input;
use crate::keys::keys;

/// A form's members before they are signed.
pub(super) struct Form(BTreeMap<Vec<u8>, Vec<u8>>);

/// The encoding of a form. All encodings decode to the same members.
#[derive(Clone, Copy)]
pub(super) struct Style {
    /// True if letters and digits are escaped, too.
    is_all_escaped: bool,
    is_lower_case: bool,
    is_plus_for_blank: bool,
    is_reversed: bool,
    is_padded: bool,
}

impl Style {
    pub(super) const PLAIN: Self = Self {
        is_all_escaped: false,
        is_lower_case: false,
        is_plus_for_blank: true,
        is_reversed: false,
        is_padded: false,
    };

    pub(super) fn read(input: &mut Input<'_>) -> Self {
        let bits = input.byte();
        let bit = |number: u8| bits >> number & 1 == 1;
        Self {
            is_all_escaped: bit(0),
            is_lower_case: bit(1),
            is_plus_for_blank: bit(2),
            is_reversed: bit(3),
            is_padded: bit(4),
        }
    }
}

impl Form {
    pub(super) fn of<'a>(members: impl Iterator<Item = &'a (&'a str, &'a str)>) -> Self {
        let bytes = |text: &str| text.as_bytes().to_vec();
        Self(members.map(|(name, value)| (bytes(name), bytes(value))).collect())
    }

    /// Sets a member other than the signature.
    pub(super) fn set(&mut self, name: Vec<u8>, value: Vec<u8>) {
        if name != b"sign" {
            self.0.insert(name, value);
        }
    }

    /// Returns a member's text; `None` if absent or empty, an error if it is not UTF-8.
    pub(super) fn text(&self, name: &str) -> Result<Option<&str>, ()> {
        let value = self.0.get(name.as_bytes()).filter(|value| !value.is_empty());
        value.map(|value| core::str::from_utf8(value)).transpose().map_err(|_other| ())
    }

    /// True if the signed text could be split into other members that are read: such a form may be
    /// refused. A blank, as in "A & B=C", makes the split harmless.
    pub(super) fn is_ambiguous(&self, read: &[&str]) -> bool {
        self.0.iter().any(|(name, value)| {
            let mut behind = value.split(|byte| *byte == b'&').skip(1);
            let is_read = read.iter().any(|read| read.as_bytes() == name);
            let hides = behind.any(|part| {
                is_read
                    || read.iter().any(|read| {
                        part.strip_prefix(read.as_bytes())
                            .is_some_and(|rest| rest.starts_with(b"="))
                    })
            });
            hides || name.iter().any(|byte| b"&=".contains(byte))
        })
    }

    /// Returns the signed form in this encoding.
    pub(super) fn signed(&self, style: Style) -> Vec<u8> {
        let mut text = Vec::new();
        let unsigned: [&[u8]; 3] = [b"sign_type", b"alipay_cert_sn", b"sign"];
        for (name, value) in &self.0 {
            if !value.is_empty() && !unsigned.contains(&name.as_slice()) {
                if !text.is_empty() {
                    text.push(b'&');
                }
                text.extend_from_slice(name);
                text.push(b'=');
                text.extend_from_slice(value);
            }
        }
        let signature = keys().sign(&text).into_bytes();
        let all = self.0.iter().map(|(name, value)| (name.as_slice(), value.as_slice()));
        let mut pairs: Vec<String> = all
            .chain([(&b"sign"[..], signature.as_slice())])
            .map(|(name, value)| format!("{}={}", style.encode(name), style.encode(value)))
            .collect();
        if style.is_reversed {
            pairs.reverse();
        }
        let form = pairs.join(if style.is_padded { "&&" } else { "&" });
        form.into_bytes()
    }
}

impl Style {
    fn encode(self, bytes: &[u8]) -> String {
        let mut text = String::new();
        for &byte in bytes {
            let is_plain = byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
            let escaped =
                if self.is_lower_case { format!("%{byte:02x}") } else { format!("%{byte:02X}") };
            if byte == b' ' && self.is_plus_for_blank {
                text.push('+');
            } else if is_plain && !self.is_all_escaped {
                text.push(char::from(byte));
            } else {
                write!(text, "{escaped}").expect("a string takes it");
            }
        }
        text
    }
}
