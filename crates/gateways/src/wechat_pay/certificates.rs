//! The platform's certificates: downloaded when needed and every 12 h, without a restart
//! (gateways.md A6.1). Not used in public-key mode.

use std::time::{Duration, Instant};

use http::{HeaderMap, Method};
use serde::Deserialize;
use time::OffsetDateTime;
use tokio::sync::Mutex;

use super::signature::{Certified, PlatformKeys, canonical};
use super::{Client, fault, malformed, resource};
use crate::certificate::Certificate;
use crate::http::Reply;
use crate::{Gateway, GatewayError};

const PATH: &str = "/v3/certificates";
/// Interval of downloads: at least every 12 h (gateways.md A6.1).
const REFRESH: Duration = Duration::from_secs(12 * 60 * 60);
/// Shortest interval of downloads: anybody can send messages under unknown serials.
const PAUSE: Duration = Duration::from_secs(60);

/// The times of the downloads. The lock is held during a download, so that concurrent calls that
/// need a certificate wait for one download.
#[derive(Default)]
pub(super) struct Downloads(Mutex<Times>);

#[derive(Default)]
struct Times {
    tried_at: Option<Instant>,
    fetched_at: Option<Instant>,
}

#[derive(Deserialize)]
struct List {
    data: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    serial_no: String,
    encrypt_certificate: Sealed,
}

#[derive(Deserialize)]
struct Sealed {
    algorithm: String,
    nonce: String,
    #[serde(default)]
    associated_data: Option<String>,
    ciphertext: String,
}

impl Client {
    /// Downloads the platform's certificates, and trusts them in place of those downloaded before.
    ///
    /// The client does so by itself in certificate mode. The certificates are trusted because only
    /// the platform can encrypt with the `APIv3` key and sign with one of them.
    ///
    /// # Errors
    /// See [`GatewayError`]. `RESOURCE_NOT_EXISTS` says that this merchant has a public key
    /// instead: download it from the merchant platform.
    pub async fn download_platform_certificates(&self) -> Result<(), GatewayError> {
        let reply = self.exchange(&Method::GET, PATH, &[]).await?;
        let now = OffsetDateTime::now_utc();
        if !reply.status.is_success() {
            return Err(fault::classify(&reply, now));
        }
        let certified = opened(&reply, self.api_v3_key.expose().as_bytes())
            .map_err(|what| malformed(what, &reply))?;
        // The list is signed with one of its own certificates, or with the public key.
        let candidates = PlatformKeys::default();
        candidates.replace_downloaded(certified.clone());
        let proof = candidates
            .verify(&reply.headers, &reply.body, now)
            .or_else(|_unproved| self.platform_keys.verify(&reply.headers, &reply.body, now));
        proof.map_err(|cause| GatewayError::Unverified {
            gateway: Gateway::WechatPay,
            cause,
            request_id: fault::request_id(&reply),
        })?;
        self.platform_keys.replace_downloaded(certified);
        Ok(())
    }

    /// Downloads the certificate with which a notification is signed, if it is not known, before
    /// the notification is opened. Does nothing in public-key mode, and makes at most one call a
    /// minute.
    ///
    /// # Errors
    /// See [`GatewayError`]; open the notification nevertheless, which then fails with its own
    /// error.
    pub async fn learn_signer(&self, headers: &HeaderMap) -> Result<(), GatewayError> {
        match headers.get("Wechatpay-Serial").and_then(|serial| serial.to_str().ok()) {
            Some(serial) => self.learn(serial).await,
            None => Ok(()),
        }
    }

    /// Downloads the certificates if `serial` may be among the new ones.
    pub(super) async fn learn(&self, serial: &str) -> Result<(), GatewayError> {
        let Some(Downloads(times)) = &self.downloads else { return Ok(()) };
        if self.platform_keys.knows(serial) || serial.starts_with("PUB_KEY_ID_") {
            return Ok(());
        }
        let mut times = times.lock().await;
        // Another call may have downloaded it while this one waited.
        let is_too_soon = times.tried_at.is_some_and(|at| at.elapsed() < PAUSE);
        if self.platform_keys.knows(serial) || is_too_soon {
            return Ok(());
        }
        self.fetch(&mut times).await
    }

    /// Downloads the certificates if they are due. If that fails, the trusted ones stay trusted.
    pub(super) async fn refresh_certificates(&self) {
        let Some(Downloads(times)) = &self.downloads else { return };
        // The holder of the lock is downloading.
        let Ok(mut times) = times.try_lock() else { return };
        let is_old = times.fetched_at.is_some_and(|at| at.elapsed() >= REFRESH);
        let is_too_soon = times.tried_at.is_some_and(|at| at.elapsed() < PAUSE);
        if is_old && !is_too_soon {
            let _old_ones_stay = self.fetch(&mut times).await;
        }
    }

    async fn fetch(&self, times: &mut Times) -> Result<(), GatewayError> {
        times.tried_at = Some(Instant::now());
        self.download_platform_certificates().await?;
        times.fetched_at = Some(Instant::now());
        Ok(())
    }
}

/// Decrypts and reads every certificate of a list.
fn opened(reply: &Reply, api_v3_key: &[u8]) -> Result<Certified, &'static str> {
    let list: List = serde_json::from_slice(&reply.body)
        .map_err(|_invalid| "something that is not a list of certificates")?;
    let mut certified = Certified::new();
    for Item { serial_no, encrypt_certificate: sealed } in list.data {
        if sealed.algorithm != "AEAD_AES_256_GCM" {
            return Err("an unknown encryption algorithm");
        }
        let associated_data = sealed.associated_data.as_deref().unwrap_or_default();
        let text = resource::decrypt(
            api_v3_key,
            &sealed.nonce,
            associated_data,
            &sealed.ciphertext,
        )
        .map_err(
            |_undecryptable| "a certificate that the APIv3 key does not open; check the key",
        )?;
        let certificate = certificate(&text).ok_or("something that is not a certificate")?;
        let serial = canonical(&serial_no);
        if certificate.serial_hex() != serial.trim_start_matches('0') {
            return Err("a certificate under another serial number than its own");
        }
        certified.insert(serial, certificate.into());
    }
    Ok(certified)
}

fn certificate(text: &[u8]) -> Option<Certificate> {
    let mut all = Certificate::parse_all(std::str::from_utf8(text).ok()?)?.into_iter();
    let certificate = all.next()?;
    (all.next().is_none() && certificate.key.is_some()).then_some(certificate)
}

#[cfg(test)]
impl Downloads {
    /// Sets the last download to `ago` in the past.
    pub(super) async fn age(&self, ago: Duration) {
        let mut times = self.0.lock().await;
        let past = Instant::now().checked_sub(ago);
        times.tried_at = past;
        times.fetched_at = past;
    }
}
