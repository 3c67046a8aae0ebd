//! Sends webhooks to the merchant's systems, after the Standard Webhooks convention.
//!
//! Every event is sent until a 2xx answers it, with the same id each time, for three days. The
//! first tries of a session's events are in order; a later event does not wait for a failed one.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, USER_AGENT};
use http::{Request, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use ring::hmac;
use time::OffsetDateTime;

use crate::config;

/// Sends events to the configured address.
pub(crate) struct Webhooks {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    url: String,
    keys: Vec<hmac::Key>,
}

/// The reason for which an event was not accepted.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WebhookError {
    #[error("the receiver answered {0}")]
    Refused(StatusCode),
    #[error("the receiver did not answer within {} s", TIMEOUT.as_secs())]
    TimedOut,
    #[error("the receiver cannot be reached: {0}")]
    Unreachable(String),
}

impl Webhooks {
    pub(crate) fn new(config: &config::Webhooks) -> Self {
        let mut tcp = HttpConnector::new();
        // The configuration allows plain http on loopback only.
        tcp.enforce_http(false);
        tcp.set_connect_timeout(Some(CONNECT_TIMEOUT));
        let connector = HttpsConnectorBuilder::new()
            .with_webpki_roots()
            .https_or_http()
            .enable_http1()
            .wrap_connector(tcp);
        // Events are rare: a fresh connection is never one that the receiver has just closed.
        let client =
            Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build(connector);
        Self {
            client,
            url: config.url.clone(),
            keys: config
                .secrets
                .iter()
                .map(|secret| hmac::Key::new(hmac::HMAC_SHA256, secret.expose()))
                .collect(),
        }
    }

    /// Sends one event; `Ok` only if the receiver answers with a 2xx.
    pub(crate) async fn send(&self, id: &str, payload: &str) -> Result<(), WebhookError> {
        // Receivers check the age against their real clock.
        let timestamp = OffsetDateTime::now_utc().unix_timestamp();
        let request = Request::post(&self.url)
            .header(CONTENT_TYPE, "application/json")
            .header(USER_AGENT, concat!("OpenCashier/", env!("CARGO_PKG_VERSION")))
            .header("webhook-id", id)
            .header("webhook-timestamp", timestamp)
            .header("webhook-signature", signatures(&self.keys, id, timestamp, payload))
            .body(Full::new(Bytes::copy_from_slice(payload.as_bytes())))
            .map_err(|error| WebhookError::Unreachable(error.to_string()))?;
        tokio::time::timeout(TIMEOUT, self.exchange(request))
            .await
            .unwrap_or(Err(WebhookError::TimedOut))
    }

    async fn exchange(&self, request: Request<Full<Bytes>>) -> Result<(), WebhookError> {
        let answer = self.client.request(request).await.map_err(|error| {
            use std::error::Error as _;
            let cause = error.source().map(|cause| format!("{error}: {cause}"));
            WebhookError::Unreachable(cause.unwrap_or_else(|| error.to_string()))
        })?;
        let status = answer.status();
        // The answer is read up to a limit and ignored; a slow receiver cannot block us.
        let reading = Limited::new(answer.into_body(), MAX_ANSWER_BYTES).collect();
        let _ = tokio::time::timeout(DRAIN_TIMEOUT, reading).await;
        if status.is_success() { Ok(()) } else { Err(WebhookError::Refused(status)) }
    }
}

/// Returns a signature by each key, as the convention requires while a secret is rotated.
fn signatures(keys: &[hmac::Key], id: &str, timestamp: i64, payload: &str) -> String {
    let signatures: Vec<_> =
        keys.iter().map(|key| signature(key, id, timestamp, payload)).collect();
    signatures.join(" ")
}

/// Returns `v1,` and the HMAC-SHA256 of id, timestamp and body.
fn signature(key: &hmac::Key, id: &str, timestamp: i64, payload: &str) -> String {
    let tag = hmac::sign(key, format!("{id}.{timestamp}.{payload}").as_bytes());
    format!("v1,{}", STANDARD.encode(tag))
}

const TIMEOUT: Duration = Duration::from_secs(15);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const DRAIN_TIMEOUT: Duration = Duration::from_secs(2);
const MAX_ANSWER_BYTES: usize = 16 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_equals_the_conventions_example() {
        // From the Standard Webhooks libraries' tests.
        let key = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
        let signed = signature(
            &key,
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            "{\"test\": 2432232314}",
        );
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn b32_each_of_two_secrets_signs() {
        let keys = [b"one".as_slice(), b"two"].map(|key| hmac::Key::new(hmac::HMAC_SHA256, key));
        let both = signatures(&keys, "msg_1", 1, "{}");
        let each: Vec<_> = keys.iter().map(|key| signature(key, "msg_1", 1, "{}")).collect();
        assert_eq!(both.split(' ').collect::<Vec<_>>(), each);
        assert_ne!(each[0], each[1]);
    }
}
