//! X.509 certificates: names, dates, serials and chains (gateways.md A6.1, B8).

use std::fmt::Write as _;

use md5::{Digest, Md5};
use ring::signature::{
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512,
    RsaParameters,
};
use time::OffsetDateTime;
use x509_parser::certificate::X509Certificate;
use x509_parser::oid_registry::{
    OID_X509_COMMON_NAME, OID_X509_COUNTRY_NAME, OID_X509_LOCALITY_NAME,
    OID_X509_ORGANIZATION_NAME, OID_X509_ORGANIZATIONAL_UNIT, OID_X509_STATE_OR_PROVINCE_NAME, Oid,
};
use x509_parser::prelude::FromDer as _;
use x509_parser::x509::X509Name;

use crate::keys::{self, VerifyingKey};

/// Signatures by RSA.
const RSA: &str = "1.2.840.113549.1.1.";

/// A certificate as parsed; nothing about it is verified yet.
pub(crate) struct Certificate {
    /// The subject's key; `None` if it is not RSA of at least 2048 bits.
    pub(crate) key: Option<VerifyingKey>,
    serial_hex: String,
    alipay_sn: Option<String>,
    common_name: Option<String>,
    /// The names in DER.
    issuer: Vec<u8>,
    subject: Vec<u8>,
    not_before: OffsetDateTime,
    not_after: OffsetDateTime,
    signed: Vec<u8>,
    signature: Vec<u8>,
    algorithm: String,
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
    /// Returns its dates.
    pub(crate) fn dates(&self, field: &'static str, serial: String) -> CertificateDates {
        CertificateDates { field, serial, not_after: self.not_after }
    }

    /// True if this certificate has issued `other`.
    pub(crate) fn has_issued(&self, other: &Self) -> bool {
        other.is_issued_by(self)
    }

    /// Reads one certificate in DER.
    pub(crate) fn parse(der: &[u8]) -> Option<Self> {
        let certificate = keys::whole(X509Certificate::from_der(der))?;
        let tbs = &certificate.tbs_certificate;
        Some(Self {
            key: VerifyingKey::from_spki(&tbs.subject_pki),
            serial_hex: format!("{:X}", tbs.serial),
            alipay_sn: name_from_its_end(&tbs.issuer)
                .map(|issuer| hex(&Md5::digest(format!("{issuer}{}", tbs.serial)))),
            common_name: common_name(&tbs.subject),
            issuer: tbs.issuer.as_raw().to_vec(),
            subject: tbs.subject.as_raw().to_vec(),
            not_before: tbs.validity.not_before.to_datetime(),
            not_after: tbs.validity.not_after.to_datetime(),
            signed: tbs.as_ref().to_vec(),
            signature: certificate.signature_value.data.to_vec(),
            algorithm: certificate.signature_algorithm.algorithm.to_id_string(),
        })
    }

    /// Reads all certificates of a PEM file, or one in bare base64.
    pub(crate) fn parse_all(text: &str) -> Option<Vec<Self>> {
        keys::decode_all(text)?.iter().map(|der| Self::parse(der)).collect()
    }

    /// Returns the serial number in upper-case hex without leading zeros.
    pub(crate) fn serial_hex(&self) -> String {
        self.serial_hex.clone()
    }

    /// Returns the common name of its subject.
    pub(crate) fn common_name(&self) -> Option<&str> {
        self.common_name.as_deref()
    }

    pub(crate) fn is_valid_at(&self, now: OffsetDateTime) -> bool {
        (self.not_before..=self.not_after).contains(&now)
    }

    /// True if the certificate itself is signed by RSA; a bundle may hold others.
    pub(crate) fn is_signed_by_rsa(&self) -> bool {
        self.algorithm.starts_with(RSA)
    }

    /// Returns Alipay's own serial: MD5 over the issuer's name from its end and the decimal serial
    /// number (gateways.md B8). `None` if the issuer's name has a part of an unusual kind.
    pub(crate) fn alipay_sn(&self) -> Option<String> {
        self.alipay_sn.clone()
    }

    /// True if one of `roots` has issued this certificate, directly or through `others`.
    ///
    /// Dates are not checked: the platform itself refuses expired certificates.
    pub(crate) fn chains_to_a_root<'a>(
        &'a self,
        others: impl IntoIterator<Item = &'a Self> + Clone,
        roots: &[Self],
    ) -> bool {
        let mut subject = self;
        // Leaf, one or two authorities, root: a longer chain is a cycle.
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

/// Returns the parameters of a signature algorithm. SHA-1 is missing on purpose: by collisions
/// anybody can forge a certificate.
fn digest(algorithm: &str) -> Option<&'static RsaParameters> {
    match algorithm.strip_prefix(RSA)? {
        "11" => Some(&RSA_PKCS1_2048_8192_SHA256),
        "12" => Some(&RSA_PKCS1_2048_8192_SHA384),
        "13" => Some(&RSA_PKCS1_2048_8192_SHA512),
        _ => None,
    }
}

fn common_name(name: &X509Name<'_>) -> Option<String> {
    let text = name.iter_common_name().next()?.as_slice().to_vec();
    String::from_utf8(text).ok()
}

/// Writes `CN=…,OU=…,O=…,C=…`: the parts in the reverse of their order.
fn name_from_its_end(name: &X509Name<'_>) -> Option<String> {
    let kinds: [(Oid<'static>, &str); 6] = [
        (OID_X509_COMMON_NAME, "CN"),
        (OID_X509_COUNTRY_NAME, "C"),
        (OID_X509_LOCALITY_NAME, "L"),
        (OID_X509_STATE_OR_PROVINCE_NAME, "ST"),
        (OID_X509_ORGANIZATION_NAME, "O"),
        (OID_X509_ORGANIZATIONAL_UNIT, "OU"),
    ];
    let mut parts = Vec::new();
    for attribute in name.iter_attributes() {
        let (_, kind) = kinds.iter().find(|(oid, _)| oid == attribute.attr_type())?;
        parts.push(format!("{kind}={}", std::str::from_utf8(attribute.as_slice()).ok()?));
    }
    parts.reverse();
    Some(parts.join(","))
}

/// Writes bytes in lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _never = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests;
