//! Alipay's three certificates, for certificate mode (gateways.md B8): always the same for the same keys.

use md5::{Digest as _, Md5};
use rsa::pkcs8::EncodePublicKey as _;
use rsa::{BigUint, RsaPublicKey};
use sha2::Sha256;
use time::macros::datetime;

use crate::Error;
use crate::certificate::{Certificate, Name};
use crate::crypto::Signer;

/// The certificates as PEM, and the names by which messages call them.
pub(super) struct Certificates {
    pub(super) app: String,
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

impl Certificates {
    /// Makes all three; `root` signs them, its own as well.
    ///
    /// # Errors
    /// [`Error::Key`] if the library cannot write a key.
    pub(super) fn new(
        (root, root_key): (&Signer, &RsaPublicKey),
        app_key: &RsaPublicKey,
        alipay_key: &RsaPublicKey,
    ) -> Result<Self, Error> {
        let make = |subject: Name<'_>, key: &RsaPublicKey, is_authority: bool, first: &str| {
            let der = key.to_public_key_der().map_err(|error| Error::Key(error.to_string()))?;
            let digest = Sha256::digest(der.as_bytes());
            // 16 bytes, the first of them below 0x80 and not zero, so that the number is positive.
            let number: String = digest.iter().take(15).map(|byte| format!("{byte:02X}")).collect();
            let serial = format!("{first}{number}");
            let certificate = Certificate {
                serial: &serial,
                issuer: ROOT,
                subject,
                from: datetime!(2024-01-01 00:00 +8),
                until: datetime!(2044-01-01 00:00 +8),
                public_key: der.as_bytes(),
                is_authority,
            };
            Ok((certificate.signed_by(root), sn(ROOT, &serial)))
        };
        let (root, root_sn) = make(ROOT, root_key, true, "20")?;
        let (app, app_sn) = make(APP, app_key, false, "20")?;
        let (alipay, alipay_sn) = make(ALIPAY, alipay_key, false, "20")?;
        // A renewal may keep its key.
        let (alipay_new, alipay_new_sn) = make(ALIPAY, alipay_key, false, "21")?;
        let serials =
            Serials { app: app_sn, alipay: alipay_sn, alipay_new: alipay_new_sn, root: root_sn };
        Ok(Self { app, alipay, alipay_new, root, serials })
    }
}

/// MD5 over the issuer, its common name first, and the serial number in decimal.
fn sn(issuer: Name<'_>, serial: &str) -> String {
    let Name { common, unit, organization, country } = issuer;
    let number = BigUint::parse_bytes(serial.as_bytes(), 16).unwrap_or_default();
    let text = format!("CN={common},OU={unit},O={organization},C={country}{number}");
    Md5::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

const ROOT: Name<'_> = Name {
    common: "Ant Financial Certification Authority R1 (sandbox)",
    unit: "Certification Authority",
    organization: "Ant Financial",
    country: "CN",
};
const APP: Name<'_> = Name { common: "2088000000000001-2021000000000001", unit: "Alipay", ..ROOT };
const ALIPAY: Name<'_> =
    Name { common: "Alipay(China) Network Technology (sandbox)", unit: "Alipay", ..ROOT };
