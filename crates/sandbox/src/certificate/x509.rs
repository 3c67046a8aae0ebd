//! X.509 certificates written as DER by hand: version 3, RSA with SHA-256, no extension but one.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use time::OffsetDateTime;
use time::macros::{format_description, offset};

use crate::crypto::Signer;

/// What stands in a certificate.
#[derive(Debug)]
pub(crate) struct Certificate<'a> {
    /// Hexadecimal digits, an even number, the first below 8.
    pub(crate) serial: &'a str,
    pub(crate) issuer: Name<'a>,
    pub(crate) subject: Name<'a>,
    pub(crate) from: OffsetDateTime,
    pub(crate) until: OffsetDateTime,
    /// A `SubjectPublicKeyInfo`.
    pub(crate) public_key: &'a [u8],
    /// Whether it may sign other certificates.
    pub(crate) is_authority: bool,
}

/// Who is meant.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Name<'a> {
    pub(crate) common: &'a str,
    pub(crate) unit: &'a str,
    pub(crate) organization: &'a str,
    pub(crate) country: &'a str,
}

impl Certificate<'_> {
    /// The whole certificate as PEM, signed by its issuer's key.
    pub(crate) fn signed_by(&self, issuer: &Signer) -> String {
        let body = self.body();
        let signature = [&[0][..], &issuer.sign_raw(&body)].concat();
        let whole = der(SEQUENCE, &[body, algorithm(), der(BIT_STRING, &[signature])]);
        pem(&whole)
    }

    fn body(&self) -> Vec<u8> {
        let version = der(CONTEXT_0, &[der(INTEGER, &[vec![2]])]);
        let serial = der(INTEGER, &[bytes_of(self.serial)]);
        let validity = der(SEQUENCE, &[time(self.from), time(self.until)]);
        let mut parts = vec![
            version,
            serial,
            algorithm(),
            self.issuer.der(),
            validity,
            self.subject.der(),
            self.public_key.to_vec(),
        ];
        if self.is_authority {
            parts.push(authority());
        }
        der(SEQUENCE, &parts)
    }
}

impl Name<'_> {
    /// The country first, the common name last, as certification authorities write it.
    fn der(&self) -> Vec<u8> {
        let parts = [
            (6, PRINTABLE_STRING, self.country),
            (10, UTF8_STRING, self.organization),
            (11, UTF8_STRING, self.unit),
            (3, UTF8_STRING, self.common),
        ];
        let sets: Vec<Vec<u8>> = parts
            .into_iter()
            .filter(|(_, _, text)| !text.is_empty())
            .map(|(attribute, kind, text)| {
                let id = der(OBJECT_ID, &[vec![0x55, 0x04, attribute]]);
                let value = der(kind, &[text.as_bytes().to_vec()]);
                der(SET, &[der(SEQUENCE, &[id, value])])
            })
            .collect();
        der(SEQUENCE, &sets)
    }
}

/// sha256WithRSAEncryption.
fn algorithm() -> Vec<u8> {
    der(SEQUENCE, &[der(OBJECT_ID, &[SHA256_RSA.to_vec()]), der(NULL, &[])])
}

/// The extension that says: basicConstraints, critical, CA.
fn authority() -> Vec<u8> {
    let truth = || der(BOOLEAN, &[vec![0xff]]);
    let constraints = der(SEQUENCE, &[truth()]);
    let extension = der(
        SEQUENCE,
        &[der(OBJECT_ID, &[vec![0x55, 0x1d, 0x13]]), truth(), der(OCTET_STRING, &[constraints])],
    );
    der(CONTEXT_3, &[der(SEQUENCE, &[extension])])
}

fn time(at: OffsetDateTime) -> Vec<u8> {
    let format = format_description!("[year repr:last_two][month][day][hour][minute][second]Z");
    let text = at.to_offset(offset!(UTC)).format(&format).unwrap_or_default();
    der(UTC_TIME, &[text.into_bytes()])
}

/// Tag, length, content.
fn der(tag: u8, parts: &[Vec<u8>]) -> Vec<u8> {
    let content = parts.concat();
    let mut whole = vec![tag];
    match u8::try_from(content.len()) {
        Ok(short) if short < 0x80 => whole.push(short),
        _ => {
            let length = content.len().to_be_bytes();
            let digits: Vec<u8> = length.into_iter().skip_while(|byte| *byte == 0).collect();
            whole.push(0x80 | u8::try_from(digits.len()).unwrap_or_default());
            whole.extend(digits);
        }
    }
    whole.extend(content);
    whole
}

fn bytes_of(hex: &str) -> Vec<u8> {
    let pairs = (0..hex.len()).step_by(2).filter_map(|at| hex.get(at..at + 2));
    pairs.filter_map(|pair| u8::from_str_radix(pair, 16).ok()).collect()
}

fn pem(der: &[u8]) -> String {
    let mut text = String::from("-----BEGIN CERTIFICATE-----\n");
    for (index, letter) in STANDARD.encode(der).chars().enumerate() {
        if index > 0 && index % LINE == 0 {
            text.push('\n');
        }
        text.push(letter);
    }
    text.push_str("\n-----END CERTIFICATE-----\n");
    text
}

const LINE: usize = 64;
const BOOLEAN: u8 = 0x01;
const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const NULL: u8 = 0x05;
const OBJECT_ID: u8 = 0x06;
const UTF8_STRING: u8 = 0x0c;
const PRINTABLE_STRING: u8 = 0x13;
const UTC_TIME: u8 = 0x17;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const CONTEXT_0: u8 = 0xa0;
const CONTEXT_3: u8 = 0xa3;
const SHA256_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b];
