//! X.509 certificates (RFC 5280) with RSA and SHA-256, written by RustCrypto's `x509-cert`.

use std::fmt;

use rsa::RsaPublicKey;
use rsa::pkcs1v15::Signature;
use time::OffsetDateTime;
use x509_cert::builder::{Builder as _, CertificateBuilder, Profile};
use x509_cert::der::EncodePem as _;
use x509_cert::der::asn1::UtcTime;
use x509_cert::der::pem::LineEnding;
use x509_cert::name::Name;
use x509_cert::serial_number::SerialNumber;
use x509_cert::spki::SubjectPublicKeyInfoOwned;
use x509_cert::time::{Time, Validity};

use crate::Error;
use crate::crypto::Signer;

/// The content of a certificate. Names are in RFC 4514, the common name first.
#[derive(Debug)]
pub(crate) struct Certificate<'a> {
    /// Hexadecimal digits, an even number, the first below 8.
    pub(crate) serial: &'a str,
    pub(crate) issuer: &'a str,
    pub(crate) subject: &'a str,
    pub(crate) from: OffsetDateTime,
    /// Before 2050.
    pub(crate) until: OffsetDateTime,
    pub(crate) public_key: &'a RsaPublicKey,
    /// True if it may sign other certificates.
    pub(crate) is_authority: bool,
}

impl Certificate<'_> {
    /// Returns the certificate as PEM, signed by its issuer's key.
    ///
    /// # Errors
    /// [`Error::Key`] if the library cannot write it.
    pub(crate) fn signed_by(&self, issuer: &Signer) -> Result<String, Error> {
        let serial = SerialNumber::new(&bytes_of(self.serial)).map_err(wrong)?;
        let validity =
            Validity { not_before: utc_time(self.from)?, not_after: utc_time(self.until)? };
        let subject: Name = self.subject.parse().map_err(wrong)?;
        let key = SubjectPublicKeyInfoOwned::from_key(self.public_key.clone()).map_err(wrong)?;
        let builder =
            CertificateBuilder::new(self.profile()?, serial, validity, subject, key, issuer.key());
        let certificate = builder.map_err(wrong)?.build::<Signature>().map_err(wrong)?;
        certificate.to_pem(LineEnding::LF).map_err(wrong)
    }

    fn profile(&self) -> Result<Profile, Error> {
        let issuer: Name = self.issuer.parse().map_err(wrong)?;
        Ok(match (self.is_authority, self.issuer == self.subject) {
            (true, true) => Profile::Root,
            (true, false) => Profile::SubCA { issuer, path_len_constraint: None },
            (false, _) => {
                Profile::Leaf { issuer, enable_key_agreement: false, enable_key_encipherment: true }
            }
        })
    }
}

fn utc_time(at: OffsetDateTime) -> Result<Time, Error> {
    UtcTime::from_system_time(at.into()).map(Time::UtcTime).map_err(wrong)
}

fn bytes_of(hex: &str) -> Vec<u8> {
    let pairs = (0..hex.len()).step_by(2).filter_map(|at| hex.get(at..at + 2));
    pairs.filter_map(|pair| u8::from_str_radix(pair, 16).ok()).collect()
}

fn wrong(error: impl fmt::Display) -> Error {
    Error::Key(error.to_string())
}
