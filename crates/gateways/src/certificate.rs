//! X.509 certificates: whose they are, until when, and who vouches for them (gateways.md A6.1, B8).

use std::fmt::Write as _;

use md5::{Digest, Md5};
use ring::signature::{
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512,
    RsaParameters,
};
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{OffsetDateTime, PrimitiveDateTime};

use crate::der::{self, OBJECT_IDENTIFIER, Reader, SEQUENCE, SET};
use crate::keys::{self, VerifyingKey};

/// `1.2.840.113549.1.1`: signatures by RSA.
const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01];
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// A certificate as read; nothing about it is proved yet.
pub(crate) struct Certificate {
    /// The subject's key; `None` if it is not RSA of at least 2048 bits.
    pub(crate) key: Option<VerifyingKey>,
    serial: Vec<u8>,
    issuer: Vec<u8>,
    subject: Vec<u8>,
    not_before: OffsetDateTime,
    not_after: OffsetDateTime,
    signed: Vec<u8>,
    signature: Vec<u8>,
    algorithm: Vec<u8>,
}

/// A configured certificate and the moment at which it ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateDates {
    /// The setting that holds it.
    pub field: &'static str,
    /// Its serial, as the gateway names it.
    pub serial: String,
    /// The moment at which it ends.
    pub not_after: OffsetDateTime,
}

impl Certificate {
    /// Its dates.
    pub(crate) fn dates(&self, field: &'static str, serial: String) -> CertificateDates {
        CertificateDates { field, serial, not_after: self.not_after }
    }

    /// True if this certificate vouches for `other`.
    pub(crate) fn has_issued(&self, other: &Self) -> bool {
        other.is_issued_by(self)
    }

    /// Reads one certificate in DER.
    pub(crate) fn parse(der: &[u8]) -> Option<Self> {
        let outline = der::outline(der)?;
        let mut validity = Reader(outline.validity);
        let (not_before, not_after) = (moment(&mut validity)?, moment(&mut validity)?);
        validity.end()?;
        Some(Self {
            key: der::rsa_public_key(outline.public_key).and_then(|key| VerifyingKey::new(&key)),
            serial: outline.serial.to_vec(),
            issuer: outline.issuer.to_vec(),
            subject: outline.subject.to_vec(),
            not_before,
            not_after,
            signed: outline.signed.to_vec(),
            signature: outline.signature.to_vec(),
            algorithm: Reader(outline.algorithm).take(OBJECT_IDENTIFIER)?.to_vec(),
        })
    }

    /// Reads all certificates of a PEM file, or one in bare base64.
    pub(crate) fn parse_all(text: &str) -> Option<Vec<Self>> {
        keys::decode_all(text)?.iter().map(|der| Self::parse(der)).collect()
    }

    /// The serial number in upper-case hex without leading zeros.
    pub(crate) fn serial_hex(&self) -> String {
        hex(&self.serial).to_ascii_uppercase().trim_start_matches('0').to_owned()
    }

    /// The common name of its subject.
    pub(crate) fn common_name(&self) -> Option<String> {
        let mut name = Reader(&self.subject);
        while name.end().is_none() {
            let (kind, text) = name_part(&mut name)?;
            if kind == [0x55, 0x04, 0x03] {
                return String::from_utf8(text.to_vec()).ok();
            }
        }
        None
    }

    pub(crate) fn is_valid_at(&self, now: OffsetDateTime) -> bool {
        (self.not_before..=self.not_after).contains(&now)
    }

    /// Whether the certificate itself is signed by RSA; a bundle may hold others.
    pub(crate) fn is_signed_by_rsa(&self) -> bool {
        self.algorithm.starts_with(RSA)
    }

    /// Alipay's own serial: MD5 over the issuer's name from its end and the decimal serial
    /// number (gateways.md B8). `None` if the issuer's name has a part of an unusual kind.
    pub(crate) fn alipay_sn(&self) -> Option<String> {
        let text = format!("{}{}", name_from_its_end(&self.issuer)?, decimal(&self.serial));
        Some(hex(&Md5::digest(text)))
    }

    /// Whether one of `roots` vouches for this certificate, by way of `others` if need be.
    ///
    /// Dates are not looked at: the platform itself refuses what has expired.
    pub(crate) fn is_vouched_for<'a>(
        &'a self,
        others: impl IntoIterator<Item = &'a Self> + Clone,
        roots: &[Self],
    ) -> bool {
        let mut subject = self;
        // Leaf, one or two classes of authority, root: more is a circle.
        for _ in 0..4 {
            if roots.iter().any(|root| subject.is_issued_by(root)) {
                return true;
            }
            match others.clone().into_iter().find(|other| subject.is_issued_by(other)) {
                Some(issuer) => subject = issuer,
                None => return false,
            }
        }
        false
    }

    fn is_issued_by(&self, issuer: &Self) -> bool {
        self.issuer == issuer.subject
            && issuer.key.as_ref().zip(digest(&self.algorithm)).is_some_and(|(key, digest)| {
                key.verifies_raw(digest, &self.signed, &self.signature)
            })
    }
}

/// SHA-1 is missing for good: its collisions make certificates of anybody's choice.
fn digest(algorithm: &[u8]) -> Option<&'static RsaParameters> {
    match algorithm.strip_prefix(RSA)? {
        [0x0b] => Some(&RSA_PKCS1_2048_8192_SHA256),
        [0x0c] => Some(&RSA_PKCS1_2048_8192_SHA384),
        [0x0d] => Some(&RSA_PKCS1_2048_8192_SHA512),
        _ => None,
    }
}

/// `CN=…,OU=…,O=…,C=…`: the parts in the reverse of their order.
fn name_from_its_end(name: &[u8]) -> Option<String> {
    let mut parts = Vec::new();
    let mut name = Reader(name);
    while name.end().is_none() {
        let (kind, text) = name_part(&mut name)?;
        let kind = match kind {
            [0x55, 0x04, 0x03] => "CN",
            [0x55, 0x04, 0x06] => "C",
            [0x55, 0x04, 0x07] => "L",
            [0x55, 0x04, 0x08] => "ST",
            [0x55, 0x04, 0x0a] => "O",
            [0x55, 0x04, 0x0b] => "OU",
            _ => return None,
        };
        parts.push(format!("{kind}={}", std::str::from_utf8(text).ok()?));
    }
    parts.reverse();
    Some(parts.join(","))
}

/// The next part of a name: its kind, and its text.
fn name_part<'a>(name: &mut Reader<'a>) -> Option<(&'a [u8], &'a [u8])> {
    let mut part = Reader(name.take(SET)?);
    let mut pair = Reader(part.take(SEQUENCE)?);
    part.end()?;
    let kind = pair.take(OBJECT_IDENTIFIER)?;
    let (_encoding, text) = pair.any()?;
    pair.end()?;
    Some((kind, text))
}

fn moment(reader: &mut Reader<'_>) -> Option<OffsetDateTime> {
    const FORMAT: &[BorrowedFormatItem<'_>] =
        format_description!("[year][month][day][hour][minute][second]Z");
    let (tag, text) = reader.any()?;
    let text = std::str::from_utf8(text).ok()?;
    let text = match tag {
        GENERALIZED_TIME => text.to_owned(),
        // Two digits of the year mean 1950 to 2049 (RFC 5280).
        UTC_TIME if text.get(..2)? >= "50" => format!("19{text}"),
        UTC_TIME => format!("20{text}"),
        _ => return None,
    };
    Some(PrimitiveDateTime::parse(&text, FORMAT).ok()?.assume_utc())
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _never = write!(text, "{byte:02x}");
        text
    })
}

/// A big-endian number in decimal digits.
fn decimal(number: &[u8]) -> String {
    // Digits from the last to the first.
    let mut digits = vec![0_u16];
    for byte in number {
        let mut carry = u16::from(*byte);
        for digit in &mut digits {
            carry += *digit * 256;
            *digit = carry % 10;
            carry /= 10;
        }
        while carry > 0 {
            digits.push(carry % 10);
            carry /= 10;
        }
    }
    digits.iter().rev().map(u16::to_string).collect()
}

#[cfg(test)]
mod tests;
