//! Renewed certificates of Alipay's: downloaded when a message names one, and trusted only if they
//! chain to a configured root (gateways.md B8). Not used in public-key mode.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use time::OffsetDateTime;

use super::parameters::{Message, Parameters};
use super::response::{self, malformed};
use super::trust::Trust;
use super::wire::to_json;
use super::{Client, GATEWAY};
use crate::GatewayError;
use crate::certificate::Certificate;
use crate::downloads::{self, MetIn, Permit};

const METHOD: &str = "alipay.open.app.alipaycert.download";

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
    pub async fn learn_signer(self: &Arc<Self>, message: &[u8]) -> Result<(), GatewayError> {
        let Ok(message) = Message::parse(message) else { return Ok(()) };
        let Ok(Some(cert_sn)) = message.text("alipay_cert_sn") else { return Ok(()) };
        let Some(permit) = self.permit(cert_sn, MetIn::Message).await else { return Ok(()) };
        let (client, cert_sn) = (Arc::clone(self), cert_sn.to_owned());
        let download = async move { client.download_certificate(&cert_sn, permit).await };
        downloads::to_the_end(GATEWAY, download).await
    }

    /// Downloads an unknown certificate that an answer names, unless the last download is too
    /// recent.
    pub(super) async fn learn(&self, cert_sn: &str) -> Result<(), GatewayError> {
        match self.permit(cert_sn, MetIn::Answer).await {
            Some(permit) => self.download_certificate(cert_sn, permit).await,
            None => Ok(()),
        }
    }

    /// Returns the permit to download a certificate; `None` if it is known.
    async fn permit(&self, cert_sn: &str, met_in: MetIn) -> Option<Permit> {
        let is_serial = cert_sn.len() == 32 && cert_sn.bytes().all(|byte| byte.is_ascii_hexdigit());
        let is_known = || self.trust.key(Some(cert_sn)).is_ok();
        if !is_serial || is_known() {
            return None;
        }
        // Another call may have downloaded it while this one waited.
        self.downloads.permit(met_in).await.filter(|_permit| !is_known())
    }

    /// Requests a certificate by its serial. The answer is documented as unsigned, and its
    /// signature may be by the requested certificate: only the chain to a root proves it.
    async fn download_certificate(
        &self,
        cert_sn: &str,
        mut permit: Permit,
    ) -> Result<(), GatewayError> {
        permit.start();
        let cert_sn = &cert_sn.to_ascii_lowercase();
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
