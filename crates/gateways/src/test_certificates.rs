//! X.509 certificates made at test time, byte by byte: only the fields that the parser reads.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::test_keys::{Keys, der_of};

/// One DER element; enough for contents up to 65535 bytes.
pub(crate) fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut der = vec![tag];
    match u16::try_from(content.len()).unwrap().to_be_bytes() {
        [0, low @ 0..=0x7f] => der.push(low),
        [0, low] => der.extend([0x81, low]),
        [high, low] => der.extend([0x82, high, low]),
    }
    der.extend(content);
    der
}

/// The content of a certificate.
#[derive(Clone, Copy)]
pub(crate) struct Wanted<'a> {
    pub(crate) serial: &'a [u8],
    pub(crate) subject: &'a str,
    /// The organization in the subject, if there is one.
    pub(crate) organization: &'a str,
    pub(crate) issuer: &'a str,
    pub(crate) until: &'a str,
    /// `0x0b` is SHA-256 with RSA, with which the certificate is signed whatever this states.
    pub(crate) algorithm: u8,
}

impl Default for Wanted<'_> {
    fn default() -> Self {
        Self {
            serial: &[0x51; 20],
            subject: "Subject",
            organization: "",
            issuer: "Root",
            until: "20991231235959Z",
            algorithm: 0x0b,
        }
    }
}

/// A certificate for `key`, signed by `issuer`, in PEM.
pub(crate) fn certificate(wanted: &Wanted<'_>, key: &Keys, issuer: &Keys) -> String {
    let oid = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, wanted.algorithm];
    let algorithm = element(0x30, &[element(0x06, &oid), element(0x05, &[])].concat());
    let validity =
        [element(0x17, b"200101000000Z"), element(0x18, wanted.until.as_bytes())].concat();
    let body = [
        element(0xa0, &element(0x02, &[2])),
        element(0x02, wanted.serial),
        algorithm.clone(),
        name("", wanted.issuer),
        element(0x30, &validity),
        name(wanted.organization, wanted.subject),
        der_of(&key.public_pem),
    ];
    let signed = element(0x30, &body.concat());
    let signature = STANDARD.decode(issuer.sign(&signed)).unwrap();
    let outer = [signed, algorithm, element(0x03, &[vec![0], signature].concat())];
    pem(&element(0x30, &outer.concat()))
}

fn name(organization: &str, common_name: &str) -> Vec<u8> {
    let part = |kind: u8, text: &str| {
        let pair = [element(0x06, &[0x55, 0x04, kind]), element(0x0c, text.as_bytes())];
        element(0x31, &element(0x30, &pair.concat()))
    };
    let organization = if organization.is_empty() { Vec::new() } else { part(10, organization) };
    element(0x30, &[part(6, "CN"), organization, part(3, common_name)].concat())
}

pub(crate) fn pem(der: &[u8]) -> String {
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", STANDARD.encode(der))
}
