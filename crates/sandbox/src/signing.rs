//! Signs as WeChat Pay: by its public key, or by the newest platform certificate (gateways.md A6, G1.6).

use std::sync::Arc;

use crate::certificate::{Platform, SERIAL_DIGITS};
use crate::faults::Trust;
use crate::state::Shared;
use crate::{Error, random};

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
    shared.certificates().add(made);
    Ok(serial)
}

/// Makes a certificate if one is needed to sign.
///
/// # Errors
/// [`Error::Key`] if the library cannot make a key.
pub(crate) async fn prepare(shared: &Arc<Shared>, trust: Trust) -> Result<(), Error> {
    if trust == Trust::PublicKey || shared.certificates().newest().is_some() {
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
        Some(platform) => (platform.serial.clone(), platform.sign(message)),
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
        Trust::Both => certificates.take_turn(),
    };
    certificates.newest().filter(|_| certifies)
}
