//! The platform's certificates: downloaded when needed and every 12 h, without a restart
//! (gateways.md A6.1). Not used in public-key mode.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use http::{HeaderMap, Method};
use serde::Deserialize;
use time::OffsetDateTime;

use super::signature::{Certified, PlatformKeys, canonical};
use super::{Client, fault, malformed, resource};
use crate::certificate::Certificate;
use crate::downloads::{self, Downloads, MetIn, Permit};
use crate::http::Reply;
use crate::{Gateway, GatewayError};

const PATH: &str = "/v3/certificates";
/// Interval of downloads: at least every 12 h (gateways.md A6.1).
const REFRESH: Duration = Duration::from_secs(12 * 60 * 60);

/// The downloads of certificate mode.
#[derive(Default)]
pub(super) struct Refresher {
    downloads: Downloads,
    fetched_at: Mutex<Option<Instant>>,
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
    pub async fn learn_signer(self: &Arc<Self>, headers: &HeaderMap) -> Result<(), GatewayError> {
        let serial = headers.get("Wechatpay-Serial").and_then(|serial| serial.to_str().ok());
        let Some(serial) = serial else { return Ok(()) };
        let Some(permit) = self.permit(serial, MetIn::Message).await else { return Ok(()) };
        let client = Arc::clone(self);
        let download = async move { client.fetch(permit).await };
        downloads::to_the_end(Gateway::WechatPay, download).await
    }

    /// Downloads the certificates if the `serial` of an answer may be among the new ones.
    pub(super) async fn learn(&self, serial: &str) -> Result<(), GatewayError> {
        match self.permit(serial, MetIn::Answer).await {
            Some(permit) => self.fetch(permit).await,
            None => Ok(()),
        }
    }

    /// Returns the permit to download the certificates; `None` if `serial` cannot be among the new
    /// ones.
    async fn permit(&self, serial: &str, met_in: MetIn) -> Option<Permit> {
        let refresher = self.refresher.as_ref()?;
        if self.platform_keys.knows(serial) || serial.starts_with("PUB_KEY_ID_") {
            return None;
        }
        let permit = refresher.downloads.permit(met_in).await;
        // Another call may have downloaded it while this one waited.
        permit.filter(|_permit| !self.platform_keys.knows(serial))
    }

    /// Downloads the certificates if they are due. If that fails, the trusted ones stay trusted.
    pub(super) async fn refresh_certificates(&self) {
        let Some(refresher) = &self.refresher else { return };
        let is_old = refresher.fetched_at().is_some_and(|at| at.elapsed() >= REFRESH);
        if is_old && let Some(permit) = refresher.downloads.try_permit(MetIn::Answer) {
            let _old_ones_stay = self.fetch(permit).await;
        }
    }

    async fn fetch(&self, mut permit: Permit) -> Result<(), GatewayError> {
        permit.start();
        self.download_platform_certificates().await?;
        if let Some(refresher) = &self.refresher {
            *refresher.fetched_at() = Some(Instant::now());
        }
        Ok(())
    }
}

impl Refresher {
    fn fetched_at(&self) -> MutexGuard<'_, Option<Instant>> {
        self.fetched_at.lock().unwrap_or_else(PoisonError::into_inner)
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
impl Refresher {
    /// Sets the last download to `ago` in the past.
    pub(super) async fn age(&self, ago: Duration) {
        self.downloads.age(ago).await;
        *self.fetched_at() = Instant::now().checked_sub(ago);
    }
}
