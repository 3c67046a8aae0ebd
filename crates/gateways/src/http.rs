//! The only module that touches a socket: one request, one answer, within limits.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, StatusCode};
use reqwest::redirect::Policy;
use reqwest::{Client, Request};

use crate::outbound::{chain, tls_config};
use crate::url_text::is_loopback;
use crate::{ConfigError, Gateway, GatewayError};

/// Time for a whole exchange. The official clients wait longer (30 s), but a shopper waits for this
/// one; a call that takes longer has an unknown outcome, which every caller handles (gateways.md A1).
pub(crate) const TIMEOUT: Duration = Duration::from_secs(10);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Both gateways drop idle connections; a POST on a dying one has an unknown outcome.
const IDLE_TIMEOUT: Duration = Duration::from_secs(15);
const MAX_BODY_BYTES: usize = 1024 * 1024;
/// Files may be large and take longer.
const DOWNLOAD_TIMEOUT_FACTOR: u32 = 6;

/// Never empty: WeChat Pay refuses calls without it (gateways.md A1).
const USER_AGENT: &str = concat!("OpenCashier/", env!("CARGO_PKG_VERSION"));

/// Sends requests to one gateway.
pub(crate) struct Transport {
    /// Honours `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`.
    remote: Client,
    /// For this machine: plain http, which no proxy may see.
    loopback: Client,
    gateway: Gateway,
    timeout: Duration,
}

/// An answer, read to its end.
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Transport {
    /// Makes no connection yet.
    ///
    /// # Errors
    /// [`ConfigError`] on `field` if TLS cannot be set up.
    pub(crate) fn new(gateway: Gateway, field: &'static str) -> Result<Self, ConfigError> {
        let no_tls = |cause: String| {
            ConfigError::new(field, format!("cannot be called: TLS cannot be set up ({cause})"))
        };
        let tls = tls_config().map_err(|error| no_tls(error.to_string()))?;
        let builder = || {
            Client::builder()
                .tls_backend_preconfigured(tls.clone())
                .user_agent(USER_AGENT)
                .http1_only()
                // A redirected call would carry our signature to another host.
                .redirect(Policy::none())
                // Repeating a call that may have arrived is the caller's decision.
                .retry(reqwest::retry::never())
                .referer(false)
                .connect_timeout(CONNECT_TIMEOUT)
                .pool_idle_timeout(IDLE_TIMEOUT)
        };
        Ok(Self {
            remote: builder().build().map_err(|error| no_tls(chain(&error)))?,
            loopback: builder().no_proxy().build().map_err(|error| no_tls(chain(&error)))?,
            gateway,
            timeout: TIMEOUT,
        })
    }

    pub(crate) fn with_timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    pub(crate) async fn send(&self, request: Request) -> Result<Reply, GatewayError> {
        self.within(self.timeout, request, MAX_BODY_BYTES).await
    }

    /// Fetches a file, with a longer timeout than [`send`](Self::send)'s.
    pub(crate) async fn download(
        &self,
        request: Request,
        max_bytes: usize,
    ) -> Result<Reply, GatewayError> {
        self.within(self.timeout.saturating_mul(DOWNLOAD_TIMEOUT_FACTOR), request, max_bytes).await
    }

    async fn within(
        &self,
        timeout: Duration,
        request: Request,
        max_bytes: usize,
    ) -> Result<Reply, GatewayError> {
        match tokio::time::timeout(timeout, self.exchange(request, max_bytes)).await {
            Ok(reply) => reply,
            Err(_elapsed) => Err(GatewayError::TimedOut {
                gateway: self.gateway,
                after_ms: u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX),
            }),
        }
    }

    async fn exchange(&self, request: Request, max_bytes: usize) -> Result<Reply, GatewayError> {
        let client = if is_loopback(request.url()) { &self.loopback } else { &self.remote };
        let sent = client.execute(request).await;
        let mut response = sent.map_err(|error| self.failure(error))?;
        let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
        let mut body = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.failure(error))? {
            if body.len().saturating_add(chunk.len()) > max_bytes {
                let cause = format!("the answer is longer than {max_bytes} bytes");
                return Err(GatewayError::Malformed {
                    gateway: self.gateway,
                    cause,
                    request_id: None,
                });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Reply { status, headers, body: body.freeze() })
    }

    /// Distinguishes "no connection, so nothing was sent" from "sent, outcome unknown".
    fn failure(&self, error: reqwest::Error) -> GatewayError {
        let (gateway, is_connect) = (self.gateway, error.is_connect());
        if error.is_builder() {
            let problem = "the request cannot be written as HTTP";
            return GatewayError::NotSent { gateway, code: "cannot_send", problem };
        }
        // The address of WeChat's OAuth holds the app secret.
        let cause = chain(&error.without_url());
        if is_connect {
            GatewayError::Unreachable { gateway, cause }
        } else {
            GatewayError::Interrupted { gateway, cause }
        }
    }
}

impl Reply {
    /// Returns a header's text, if it is there and ASCII.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

#[cfg(test)]
mod tests;
