//! Alipay's certificates, for certificate mode (gateways.md B8): always the same for the same keys.

use clap::ValueEnum;
use md5::{Digest as _, Md5};
use rsa::pkcs8::EncodePublicKey as _;
use rsa::{BigUint, RsaPublicKey};
use sha2::Sha256;
use time::macros::datetime;

use crate::Error;
use crate::certificate::Certificate;
use crate::crypto::Signer;

/// The certificates between Alipay's own and the root certificates that a merchant gets with it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum AlipayChain {
    /// The root certificate has signed Alipay's: the chain is complete.
    #[default]
    Complete,
    /// Alipay's comes with two issuers named "… test", and the roots are those of production, as in
    /// Alipay's official sandbox: the chain ends at a root that the merchant does not have.
    Test,
    /// Alipay's comes alone, without its issuer, which a root certificate has signed.
    Leaf,
}

/// The certificates as PEM, and the names by which messages refer to them.
pub(super) struct Certificates {
    pub(super) app: String,
    /// With the issuers that Alipay delivers.
    pub(super) alipay: String,
    /// The next one of Alipay, which signs once the switch `alipay_new_certificate` is on.
    pub(super) alipay_new: String,
    pub(super) root: String,
    pub(super) serials: Serials,
}

/// `app_cert_sn` and the others, 32 hexadecimal digits in lower case each.
#[derive(Debug)]
pub(crate) struct Serials {
    pub(crate) app: String,
    pub(crate) alipay: String,
    pub(crate) alipay_new: String,
    pub(crate) root: String,
}

/// A certification authority: its name and its key.
struct Authority<'a> {
    name: &'static str,
    keys: KeyPair<'a>,
}

type KeyPair<'a> = (&'a Signer, &'a RsaPublicKey);

/// The keys of the authorities, with which neither side of Alipay's messages signs.
pub(super) struct AuthorityKeys<'a> {
    pub(super) root: KeyPair<'a>,
    pub(super) class_2: KeyPair<'a>,
}

impl Certificates {
    /// Makes the certificates of both sides and those of their issuers.
    ///
    /// # Errors
    /// [`Error::Key`] if the library cannot write a key or a certificate.
    pub(super) fn new(
        chain: AlipayChain,
        keys: &AuthorityKeys<'_>,
        app_key: &RsaPublicKey,
        alipay_key: &RsaPublicKey,
    ) -> Result<Self, Error> {
        let root = Authority::new(ROOT, keys.root);
        let (issuer, links) = match chain {
            AlipayChain::Complete => (Authority::new(ROOT, keys.root), String::new()),
            AlipayChain::Test => {
                let (issuer, top) = (
                    Authority::new(CLASS_2_TEST, keys.class_2),
                    Authority::new(ROOT_TEST, keys.class_2),
                );
                let links = issuer.certified_by(&top)? + &top.certified_by(&top)?;
                (issuer, links)
            }
            AlipayChain::Leaf => {
                let issuer = Authority::new(CLASS_2, keys.class_2);
                let links = issuer.certified_by(&root)?;
                (issuer, links)
            }
        };
        let (app, app_sn) = issuer.certify(APP, app_key, Kind::Leaf)?;
        let (alipay, alipay_sn) = issuer.certify(ALIPAY, alipay_key, Kind::Leaf)?;
        // A renewal may keep its key.
        let (alipay_new, alipay_new_sn) = issuer.certify(ALIPAY, alipay_key, Kind::Renewed)?;
        let (root, root_sn) = root.certify(ROOT, root.keys.1, Kind::Authority)?;
        let delivered = if chain == AlipayChain::Leaf { "" } else { &links };
        let serials =
            Serials { app: app_sn, alipay: alipay_sn, alipay_new: alipay_new_sn, root: root_sn };
        Ok(Self { app, alipay: alipay + delivered, alipay_new: alipay_new + &links, root, serials })
    }
}

/// The kinds of certificates that an authority makes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Authority,
    Leaf,
    /// A leaf with another number than the first one of the same key.
    Renewed,
}

impl<'a> Authority<'a> {
    fn new(name: &'static str, keys: KeyPair<'a>) -> Self {
        Self { name, keys }
    }

    /// Returns this authority's certificate, signed by another one or by itself.
    fn certified_by(&self, issuer: &Authority<'_>) -> Result<String, Error> {
        issuer.certify(self.name, self.keys.1, Kind::Authority).map(|(pem, _)| pem)
    }

    /// Returns a certificate and the name by which messages call it.
    fn certify(
        &self,
        subject: &str,
        key: &RsaPublicKey,
        kind: Kind,
    ) -> Result<(String, String), Error> {
        let der = key.to_public_key_der().map_err(|error| Error::Key(error.to_string()))?;
        let digest = Sha256::digest([der.as_bytes(), subject.as_bytes()].concat());
        // 16 bytes, the first of them below 0x80 and not zero, so that the number is positive.
        let number: String = digest.iter().take(15).map(|byte| format!("{byte:02X}")).collect();
        let first = if kind == Kind::Renewed { "21" } else { "20" };
        let serial = format!("{first}{number}");
        let certificate = Certificate {
            serial: &serial,
            issuer: self.name,
            subject,
            from: datetime!(2024-01-01 00:00 +8),
            until: datetime!(2044-01-01 00:00 +8),
            public_key: key,
            is_authority: kind == Kind::Authority,
        };
        Ok((certificate.signed_by(self.keys.0)?, sn(self.name, &serial)))
    }
}

/// MD5 over the issuer, its common name first, and the serial number in decimal.
fn sn(issuer: &str, serial: &str) -> String {
    let number = BigUint::parse_bytes(serial.as_bytes(), 16).unwrap_or_default();
    Md5::digest(format!("{issuer}{number}")).iter().map(|byte| format!("{byte:02x}")).collect()
}

const ROOT: &str = "CN=Ant Financial Certification Authority R1 (sandbox),OU=Certification Authority,O=Ant Financial,C=CN";
const CLASS_2: &str = "CN=Ant Financial Certification Authority Class 2 R1 (sandbox),OU=Certification Authority,O=Ant Financial,C=CN";
const ROOT_TEST: &str = "CN=Ant Financial Certification Authority R1 test,OU=Certification Authority,O=Ant Financial test,C=CN";
const CLASS_2_TEST: &str = "CN=Ant Financial Certification Authority Class 2 R1 test,OU=Certification Authority,O=Ant Financial test,C=CN";
const APP: &str = "CN=2088000000000001-2021000000000001,OU=Alipay,O=Ant Financial,C=CN";
const ALIPAY: &str = "CN=Alipay(China) Network Technology (sandbox),OU=Alipay,O=Ant Financial,C=CN";
