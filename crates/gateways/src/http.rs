//! The only place that touches a socket: one request, one answer, within limits.

use std::error::Error;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{self, Client};
use hyper_util::rt::{TokioExecutor, TokioTimer};

use crate::{Gateway, GatewayError};

/// How long a whole exchange may take.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(10);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Both gateways drop idle connections; a POST on a dying one has an unknown outcome.
const IDLE_TIMEOUT: Duration = Duration::from_secs(15);
const MAX_BODY_BYTES: usize = 1024 * 1024;

/// Never empty: WeChat Pay refuses calls without it (gateways.md A1).
pub(crate) const USER_AGENT: &str = concat!("OpenCashier/", env!("CARGO_PKG_VERSION"));

/// Sends requests to one gateway.
pub(crate) struct Transport {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
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
    pub(crate) fn new(gateway: Gateway) -> Self {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_connect_timeout(Some(CONNECT_TIMEOUT));
        tcp.set_nodelay(true);
        // Plain http is for loopback only; `url_text::base_url` sees to that.
        let connector = HttpsConnectorBuilder::new()
            .with_webpki_roots()
            .https_or_http()
            .enable_http1()
            .wrap_connector(tcp);
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_TIMEOUT)
            .build(connector);
        Self { client, gateway, timeout: TIMEOUT }
    }

    pub(crate) fn with_timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    pub(crate) async fn send(&self, request: Request<Full<Bytes>>) -> Result<Reply, GatewayError> {
        self.within(self.timeout, request, MAX_BODY_BYTES).await
    }

    /// As [`send`](Self::send), for a file, which may be long and take its time.
    pub(crate) async fn download(
        &self,
        request: Request<Full<Bytes>>,
        max_bytes: usize,
    ) -> Result<Reply, GatewayError> {
        self.within(self.timeout.saturating_mul(6), request, max_bytes).await
    }

    async fn within(
        &self,
        timeout: Duration,
        request: Request<Full<Bytes>>,
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

    async fn exchange(
        &self,
        request: Request<Full<Bytes>>,
        max_bytes: usize,
    ) -> Result<Reply, GatewayError> {
        let response = self.client.request(request).await.map_err(|error| self.refusal(&error))?;
        let (head, body) = response.into_parts();
        let body = Limited::new(body, max_bytes)
            .collect()
            .await
            .map_err(|error| self.broken(&*error, max_bytes))?;
        Ok(Reply { status: head.status, headers: head.headers, body: body.to_bytes() })
    }

    fn refusal(&self, error: &legacy::Error) -> GatewayError {
        let (gateway, cause) = (self.gateway, chain(error));
        if error.is_connect() {
            GatewayError::Unreachable { gateway, cause }
        } else {
            GatewayError::Interrupted { gateway, cause }
        }
    }

    fn broken(
        &self,
        error: &(dyn Error + Send + Sync + 'static),
        max_bytes: usize,
    ) -> GatewayError {
        if error.is::<LengthLimitError>() {
            let cause = format!("the answer is longer than {max_bytes} bytes");
            return GatewayError::Malformed { gateway: self.gateway, cause, request_id: None };
        }
        GatewayError::Interrupted { gateway: self.gateway, cause: chain(error) }
    }
}

impl Reply {
    /// A header's text, if it is there and ASCII.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// Hyper's own text says little; the cause is in the sources.
fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
