//! WeChat Pay's keys as merchants see them: one public key, or platform certificates that rotate
//! (gateways.md A6, G1.6).

mod x509;

use std::fmt;
use std::sync::Arc;

use rsa::RsaPrivateKey;
use rsa::rand_core::OsRng;
use time::{Duration, OffsetDateTime};

pub(crate) use x509::Certificate;

use crate::crypto::Signer;
use crate::{Error, random};

/// All platform certificates that are valid, the newest last: that one signs.
#[derive(Debug, Default)]
pub(crate) struct Certificates {
    all: Vec<Arc<Platform>>,
    /// The number of answers for which the signer alternates.
    turns: u64,
}

/// A platform certificate with its key.
pub(crate) struct Platform {
    /// 40 hexadecimal digits in upper case.
    pub(crate) serial: String,
    pub(crate) pem: String,
    pub(crate) from: OffsetDateTime,
    pub(crate) until: OffsetDateTime,
    signer: Signer,
}

impl Certificates {
    pub(crate) fn all(&self) -> Vec<Arc<Platform>> {
        self.all.clone()
    }

    /// The one that signs, if there is any.
    pub(crate) fn newest(&self) -> Option<Arc<Platform>> {
        self.all.last().cloned()
    }

    /// Adds one that signs from now on; the previous one stays valid, older ones are removed.
    pub(crate) fn add(&mut self, platform: Platform) {
        self.all.push(Arc::new(platform));
        let surplus = self.all.len().saturating_sub(MAX_VALID);
        self.all.drain(..surplus);
    }

    /// True every second time, for answers with alternating signers.
    pub(crate) fn take_turn(&mut self) -> bool {
        self.turns = self.turns.wrapping_add(1);
        self.turns % 2 == 1
    }
}

impl Platform {
    /// Makes a key and its certificate, valid from now on.
    ///
    /// # Errors
    /// [`Error::Key`] if the library cannot make them.
    pub(crate) fn new(now: OffsetDateTime) -> Result<Self, Error> {
        let key = RsaPrivateKey::new(&mut OsRng, KEY_BITS)
            .map_err(|error| Error::Key(error.to_string()))?;
        let public_key = key.to_public_key();
        let serial = format!("5{}", random::upper_hex(SERIAL_DIGITS - 1));
        let until = now.checked_add(LIFE).unwrap_or(now);
        let signer = Signer::new(key);
        let certificate = Certificate {
            serial: &serial,
            issuer: "CN=Tenpay.com Root CA,OU=Tenpay.com CA Center,O=Tenpay.com,C=CN",
            subject: "CN=Tenpay.com sign,OU=Tenpay.com CA Center,O=Tenpay.com,C=CN",
            from: now,
            until,
            public_key: &public_key,
            is_authority: false,
        };
        let pem = certificate.signed_by(&signer)?;
        Ok(Self { serial, pem, from: now, until, signer })
    }

    /// The base64 signature of `message`.
    pub(crate) fn sign(&self, message: &[u8]) -> String {
        self.signer.sign(message)
    }
}

impl fmt::Debug for Platform {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Platform({})", self.serial)
    }
}

/// Platform certificates live five years (gateways.md A6.1).
const LIFE: Duration = Duration::days(5 * 365);
/// The newest certificate and the previous one.
const MAX_VALID: usize = 2;
const KEY_BITS: usize = 2048;
/// Hexadecimal digits of a serial number.
pub(crate) const SERIAL_DIGITS: usize = 40;
