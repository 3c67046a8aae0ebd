//! Sends webhooks to the merchant's systems, after the Standard Webhooks convention.
//!
//! Every event is sent to each endpoint that wants its type until a 2xx answers it, with the same id each time, for three days. The
//! first tries of a session's events are in order; a later event does not wait for a failed one, and
//! no endpoint waits for another.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gateways::{chain, tls_config};
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, StatusCode};
use reqwest::redirect::Policy;
use reqwest::{Client, Response};
use ring::hmac;
use time::OffsetDateTime;

use crate::rules::Delivery;
use crate::{address, config};

/// An endpoint of the merchant that gets events.
pub(crate) struct Endpoint {
    /// The name under which events are owed to it.
    pub(crate) name: String,
    client: Client,
    url: String,
    keys: Vec<hmac::Key>,
    is_stopped: AtomicBool,
}

/// The reason for which an event was not accepted.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WebhookError {
    #[error("the receiver answered {status}")]
    Refused { status: StatusCode, retry_after_ms: Option<i64> },
    #[error("the receiver did not answer within {} s", TIMEOUT.as_secs())]
    TimedOut,
    #[error("the receiver cannot be reached: {0}")]
    Unreachable(String),
}

impl WebhookError {
    /// Returns the answer that the rules decide by.
    pub(crate) fn answer(&self) -> Delivery {
        match self {
            Self::Refused { status: StatusCode::GONE, .. } => Delivery::Gone,
            Self::Refused { retry_after_ms, .. } => {
                Delivery::Refused { retry_after_ms: *retry_after_ms }
            }
            Self::TimedOut | Self::Unreachable(_) => Delivery::Refused { retry_after_ms: None },
        }
    }

    /// Returns the outcome, for metrics.
    pub(crate) const fn outcome(&self) -> &'static str {
        match self {
            Self::Refused { .. } => "refused",
            Self::TimedOut => "timed_out",
            Self::Unreachable(_) => "unreachable",
        }
    }
}

impl Endpoint {
    /// Makes no connection yet. Honours `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`.
    ///
    /// # Errors
    /// The cause if TLS cannot be set up.
    pub(crate) fn new(config: &config::Webhooks) -> Result<Self, String> {
        let mut builder = Client::builder()
            .tls_backend_preconfigured(tls_config().map_err(|error| error.to_string())?)
            .user_agent(concat!("OpenCashier/", env!("CARGO_PKG_VERSION")))
            .http1_only()
            // A redirect is no acknowledgement, and would carry the event to another host.
            .redirect(Policy::none())
            .referer(false)
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(TIMEOUT)
            // Events are rare: a fresh connection is never one that the receiver has just closed.
            .pool_max_idle_per_host(0);
        // Plain http is allowed on loopback only, where a proxy cannot reach it.
        if address::origin(&config.url).is_some_and(|origin| address::is_loopback(&origin)) {
            builder = builder.no_proxy();
        }
        Ok(Self {
            name: config.name.clone(),
            is_stopped: AtomicBool::new(false),
            client: builder.build().map_err(|error| chain(&error))?,
            url: config.url.clone(),
            keys: config
                .secrets
                .iter()
                .map(|secret| hmac::Key::new(hmac::HMAC_SHA256, secret.expose()))
                .collect(),
        })
    }

    /// True if it gets no more events until the next start.
    pub(crate) fn is_stopped(&self) -> bool {
        self.is_stopped.load(Ordering::Relaxed)
    }

    /// Sends it no more events; true if it got some until now.
    pub(crate) fn stop(&self) -> bool {
        !self.is_stopped.swap(true, Ordering::Relaxed)
    }

    /// Sends one event; `Ok` only if the receiver answers with a 2xx.
    pub(crate) async fn send(&self, id: &str, payload: &str) -> Result<(), WebhookError> {
        // Receivers check the age against their real clock.
        let timestamp = OffsetDateTime::now_utc().unix_timestamp();
        let request = self
            .client
            .post(&self.url)
            .header(CONTENT_TYPE, "application/json")
            .header("webhook-id", id)
            .header("webhook-timestamp", timestamp)
            .header("webhook-signature", signatures(&self.keys, id, timestamp, payload))
            .body(payload.to_owned());
        #[cfg(feature = "otlp")]
        let request = request.headers(crate::otlp::propagation_headers());
        let answer = request.send().await.map_err(|error| {
            if error.is_timeout() {
                WebhookError::TimedOut
            } else {
                WebhookError::Unreachable(chain(&error.without_url()))
            }
        })?;
        let status = answer.status();
        let retry_after_ms = retry_after_ms(answer.headers(), SystemTime::now());
        // The answer is read up to a limit and ignored; a slow receiver cannot block us.
        let _ = tokio::time::timeout(DRAIN_TIMEOUT, drain(answer)).await;
        if status.is_success() {
            Ok(())
        } else {
            Err(WebhookError::Refused { status, retry_after_ms })
        }
    }
}

/// Returns the milliseconds of `Retry-After`: a number of seconds, or a date.
fn retry_after_ms(headers: &HeaderMap, now: SystemTime) -> Option<i64> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = match text.parse().map(Duration::from_secs) {
        Ok(wait) => wait,
        Err(_) => httpdate::parse_http_date(text).ok()?.duration_since(now).unwrap_or_default(),
    };
    Some(i64::try_from(wait.as_millis()).unwrap_or(i64::MAX))
}

async fn drain(mut answer: Response) {
    let mut length = 0;
    while length < MAX_ANSWER_BYTES
        && let Ok(Some(chunk)) = answer.chunk().await
    {
        length += chunk.len();
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
    fn retry_after_is_a_number_of_seconds_or_a_date() {
        let now = httpdate::parse_http_date("Wed, 21 Oct 2026 07:28:00 GMT").unwrap();
        let wait = |text: &str| {
            let headers = [(RETRY_AFTER, text.parse().unwrap())];
            retry_after_ms(&headers.into_iter().collect(), now)
        };
        assert_eq!(wait("120"), Some(120_000));
        assert_eq!(wait("Wed, 21 Oct 2026 07:30:00 GMT"), Some(120_000));
        assert_eq!(wait("Wed, 21 Oct 2026 07:00:00 GMT"), Some(0), "a date that has passed");
        assert_eq!(wait("18446744073709551615"), Some(i64::MAX));
        assert_eq!(wait("soon"), None);
        assert_eq!(retry_after_ms(&HeaderMap::new(), now), None);
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
