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
use crate::faults::Trust;
use crate::server::Shared;
use crate::{Error, random};

/// All platform certificates that are valid, the newest last: that one signs.
#[derive(Debug, Default)]
pub(crate) struct Certificates {
    all: Vec<Arc<Platform>>,
    /// How many answers were signed in turn.
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
}

/// Makes a new certificate, which signs from now on; the one before stays valid, older ones go.
///
/// # Errors
/// [`Error::Key`] if the library cannot make a key.
pub(crate) async fn rotate(shared: &Arc<Shared>) -> Result<String, Error> {
    let now = shared.clock.now();
    let made = tokio::task::spawn_blocking(move || Platform::new(now))
        .await
        .map_err(|error| Error::Key(error.to_string()))??;
    let serial = made.serial.clone();
    let mut certificates = shared.certificates();
    certificates.all.push(Arc::new(made));
    let surplus = certificates.all.len().saturating_sub(MOST_VALID);
    certificates.all.drain(..surplus);
    Ok(serial)
}

/// Sees to it that there is a certificate if one is needed to sign.
///
/// # Errors
/// [`Error::Key`] if the library cannot make a key.
pub(crate) async fn prepare(shared: &Arc<Shared>, trust: Trust) -> Result<(), Error> {
    if trust == Trust::PublicKey || !shared.certificates().all.is_empty() {
        return Ok(());
    }
    rotate(shared).await.map(|_| ())
}

/// Signs as WeChat Pay: the name of the key, and the signature.
pub(crate) fn sign(shared: &Shared, message: &[u8]) -> (String, String) {
    let (trust, unknown) = {
        let faults = shared.faults();
        (faults.wechat_trust, faults.wechat_unknown_serial)
    };
    let (serial, signature) = match certificate_for(shared, trust) {
        Some(platform) => (platform.serial.clone(), platform.signer.sign(message)),
        None => {
            let keys = &shared.keys;
            (keys.wechat_pay.public_key_id.clone(), keys.server.wechat_pay.sign(message))
        }
    };
    let serial = if unknown { random::upper_hex(SERIAL_DIGITS) } else { serial };
    (serial, signature)
}

fn certificate_for(shared: &Shared, trust: Trust) -> Option<Arc<Platform>> {
    let mut certificates = shared.certificates();
    let certifies = match trust {
        Trust::PublicKey => false,
        Trust::Certificate => true,
        Trust::Both => {
            certificates.turns = certificates.turns.wrapping_add(1);
            certificates.turns % 2 == 1
        }
    };
    certificates.all.last().filter(|_| certifies).cloned()
}

impl Platform {
    fn new(now: OffsetDateTime) -> Result<Self, Error> {
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
}

impl fmt::Debug for Platform {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Platform({})", self.serial)
    }
}

/// Platform certificates live five years (gateways.md A6.1).
const LIFE: Duration = Duration::days(5 * 365);
/// The new one and the one before.
const MOST_VALID: usize = 2;
const KEY_BITS: usize = 2048;
const SERIAL_DIGITS: usize = 40;
