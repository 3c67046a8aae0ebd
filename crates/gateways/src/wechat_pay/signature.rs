//! The signed texts of requests and answers, without a clock or a socket (gateways.md A5, A6).

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{Arc, PoisonError, RwLock};

use http::HeaderMap;
use ring::rand::{SecureRandom, SystemRandom};
use time::OffsetDateTime;

use crate::SignatureError;
use crate::certificate::Certificate;
use crate::keys::{SigningFailed, SigningKey, VerifyingKey};

const SCHEME: &str = "WECHATPAY2-SHA256-RSA2048";
/// Smallest difference from our clock, in either direction, at which a message is stale.
const MAX_SKEW_S: u64 = 300;

/// The merchant's key and its names, which sign our requests.
pub(super) struct Signer {
    pub(super) mchid: String,
    /// Serial of the merchant API certificate, upper-case hex.
    pub(super) serial: String,
    pub(super) key: SigningKey,
}

impl Signer {
    /// The `Authorization` header; `target` is the path and query exactly as sent.
    pub(super) fn authorization(
        &self,
        method: &str,
        target: &str,
        timestamp: i64,
        nonce: &str,
        body: &[u8],
    ) -> Result<String, SigningFailed> {
        let signature = self.key.sign(&request_message(method, target, timestamp, nonce, body))?;
        let Self { mchid, serial, .. } = self;
        Ok(format!(
            "{SCHEME} mchid=\"{mchid}\",nonce_str=\"{nonce}\",signature=\"{signature}\",\
             timestamp=\"{timestamp}\",serial_no=\"{serial}\""
        ))
    }
}

/// Five lines, each with its line feed, the last too.
pub(super) fn request_message(
    method: &str,
    target: &str,
    timestamp: i64,
    nonce: &str,
    body: &[u8],
) -> Vec<u8> {
    let mut message = format!("{method}\n{target}\n{timestamp}\n{nonce}\n").into_bytes();
    message.extend_from_slice(body);
    message.push(b'\n');
    message
}

/// Four lines over what a page hands to `WeixinJSBridge`, the last the whole `prepay_id=…`
/// (gateways.md A11.1).
pub(super) fn invocation_message(
    appid: &str,
    timestamp: &str,
    nonce: &str,
    package: &str,
) -> String {
    format!("{appid}\n{timestamp}\n{nonce}\n{package}\n")
}

/// Three lines over the raw body; an empty body keeps its line feed.
pub(super) fn answer_message(timestamp: &str, nonce: &str, body: &[u8]) -> Vec<u8> {
    let mut message = format!("{timestamp}\n{nonce}\n").into_bytes();
    message.extend_from_slice(body);
    message.push(b'\n');
    message
}

/// 32 random hex digits.
pub(super) fn nonce() -> Result<String, SigningFailed> {
    let mut bytes = [0_u8; 16];
    SystemRandom::new().fill(&mut bytes).map_err(|_unspecified| SigningFailed)?;
    let mut text = String::with_capacity(32);
    for byte in bytes {
        write!(text, "{byte:02X}").map_err(|_never| SigningFailed)?;
    }
    Ok(text)
}

/// The platform's keys by serial. During a change of keys several sign (gateways.md A6).
#[derive(Default)]
pub(super) struct PlatformKeys {
    configured: HashMap<String, VerifyingKey>,
    /// Replaced as a whole by each download, so that withdrawn certificates are removed.
    downloaded: RwLock<Arc<Certified>>,
}

/// Downloaded platform certificates by serial.
pub(super) type Certified = HashMap<String, Arc<Certificate>>;

impl PlatformKeys {
    pub(super) fn insert(&mut self, serial: &str, key: VerifyingKey) {
        self.configured.insert(canonical(serial), key);
    }

    /// Trusts these downloaded certificates and no earlier ones.
    pub(super) fn replace_downloaded(&self, certificates: Certified) {
        *self.downloaded.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(certificates);
    }

    /// True if a message under this serial can be checked.
    pub(super) fn knows(&self, serial: &str) -> bool {
        let serial = canonical(serial);
        self.configured.contains_key(&serial) || self.downloaded().contains_key(&serial)
    }

    fn downloaded(&self) -> Arc<Certified> {
        Arc::clone(&self.downloaded.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Checks the four `Wechatpay-*` headers over the raw body.
    pub(super) fn verify(
        &self,
        headers: &HeaderMap,
        body: &[u8],
        now: OffsetDateTime,
    ) -> Result<(), SignatureError> {
        let header = |name: &'static str| {
            headers
                .get(name)
                .and_then(|value| value.to_str().ok())
                .ok_or(SignatureError::Missing(name))
        };
        let timestamp = header("Wechatpay-Timestamp")?;
        let nonce = header("Wechatpay-Nonce")?;
        let signature = header("Wechatpay-Signature")?;
        let serial = header("Wechatpay-Serial")?;
        if headers.get("Wechatpay-Signature-Type").is_some_and(|scheme| scheme != SCHEME) {
            return Err(SignatureError::BadSignature);
        }
        // A time that is not a number cannot be the gateway's.
        let signed_at: i64 =
            timestamp.parse().map_err(|_not_a_number| SignatureError::BadSignature)?;
        let skew_s = now.unix_timestamp().saturating_sub(signed_at);
        if skew_s.unsigned_abs() >= MAX_SKEW_S {
            return Err(SignatureError::StaleTimestamp { skew_s });
        }
        let downloaded = self.downloaded();
        let key = self.configured.get(&canonical(serial)).or_else(|| {
            let certificate = downloaded.get(&canonical(serial))?;
            certificate.key.as_ref().filter(|_key| certificate.is_valid_at(now))
        });
        let key = key.ok_or_else(|| SignatureError::UnknownSerial {
            serial: serial.chars().take(64).collect(),
        })?;
        // A probe (`WECHATPAY/SIGNTEST/…`) fails here like any other wrong signature.
        if key.verifies(&answer_message(timestamp, nonce, body), signature) {
            Ok(())
        } else {
            Err(SignatureError::BadSignature)
        }
    }
}

/// Key ids are exact; certificate serials are hex in either case.
pub(super) fn canonical(serial: &str) -> String {
    if serial.starts_with("PUB_KEY_ID_") { serial.to_owned() } else { serial.to_ascii_uppercase() }
}
