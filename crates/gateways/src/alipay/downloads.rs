//! Renewed certificates of Alipay's: downloaded when a message names one, and trusted only if they
//! chain to a configured root (gateways.md B8). Not used in public-key mode.

use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use time::OffsetDateTime;
use tokio::sync::Mutex;

use super::Client;
use super::parameters::{Message, Parameters};
use super::response::{self, malformed};
use super::trust::Trust;
use super::wire::to_json;
use crate::GatewayError;
use crate::certificate::Certificate;

const METHOD: &str = "alipay.open.app.alipaycert.download";
/// Shortest interval of downloads: anybody can send messages that name unknown certificates.
const PAUSE: Duration = Duration::from_secs(60);

/// The times of the last downloads. A lock is held during a download, so that concurrent calls that
/// need a certificate wait for one download.
#[derive(Default)]
pub(super) struct Downloads {
    /// For answers, which come over TLS from the gateway itself. Messages from others do not use up
    /// their limit.
    answers: Mutex<Option<Instant>>,
    /// For notifications and returns.
    messages: Mutex<Option<Instant>>,
}

/// The kind of message that named a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MetIn {
    Answer,
    Message,
}

#[derive(Deserialize)]
struct Node {
    alipay_cert_content: Option<String>,
}

impl Client {
    /// Downloads the certificate that a notification or a return names, if it is not known, before
    /// the message is opened. `message` is the body of a notification or the query of a return.
    /// Does nothing in public-key mode, and makes at most one call a minute.
    ///
    /// # Errors
    /// See [`GatewayError`]; open the message nevertheless, which then fails with its own error.
    pub async fn learn_signer(&self, message: &[u8]) -> Result<(), GatewayError> {
        let Ok(message) = Message::parse(message) else { return Ok(()) };
        match message.text("alipay_cert_sn") {
            Ok(Some(cert_sn)) => self.learn(cert_sn, MetIn::Message).await,
            _ => Ok(()),
        }
    }

    /// Downloads an unknown certificate, unless the last download is too recent.
    pub(super) async fn learn(&self, cert_sn: &str, met_in: MetIn) -> Result<(), GatewayError> {
        let is_serial = cert_sn.len() == 32 && cert_sn.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !is_serial || self.trust.key(Some(cert_sn)).is_ok() {
            return Ok(());
        }
        let last = match met_in {
            MetIn::Answer => &self.downloads.answers,
            MetIn::Message => &self.downloads.messages,
        };
        let mut tried_at = last.lock().await;
        // Another call may have downloaded it while this one waited.
        let is_too_soon = tried_at.is_some_and(|at| at.elapsed() < PAUSE);
        if self.trust.key(Some(cert_sn)).is_ok() || is_too_soon {
            return Ok(());
        }
        *tried_at = Some(Instant::now());
        self.download_certificate(&cert_sn.to_ascii_lowercase()).await
    }

    /// Requests a certificate by its serial. The answer is documented as unsigned, and its
    /// signature may be by the requested certificate: only the chain to a root proves it.
    async fn download_certificate(&self, cert_sn: &str) -> Result<(), GatewayError> {
        let Trust::Certificates(trust) = &self.trust else { return Ok(()) };
        let mut parameters = Parameters::default();
        let content = to_json(&serde_json::json!({ "alipay_cert_sn": cert_sn }))?;
        parameters.set("biz_content", &content);
        let reply = self.exchange(METHOD, parameters).await?;
        let node = response::unproved(METHOD, &reply)?;
        let certificates = content_of(&node)
            .ok_or_else(|| malformed("something that is not a certificate", None))?;
        trust
            .learn(cert_sn, &certificates, OffsetDateTime::now_utc(), &self.key)
            .map_err(|what| malformed(what, None))
    }
}

/// The certificates in an answer: PEM in base64, or PEM as it is.
fn content_of(node: &str) -> Option<Vec<Certificate>> {
    let content = serde_json::from_str::<Node>(node).ok()?.alipay_cert_content?;
    let decoded =
        STANDARD.decode(content.trim()).ok().and_then(|text| String::from_utf8(text).ok());
    Certificate::parse_all(decoded.as_deref().unwrap_or(&content))
}

#[cfg(test)]
impl Downloads {
    /// Sets the last downloads far in the past.
    pub(super) async fn forget(&self) {
        *self.answers.lock().await = None;
        *self.messages.lock().await = None;
    }
}
