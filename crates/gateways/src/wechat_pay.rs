//! WeChat Pay API v3, direct merchants, public-key mode (gateways.md part A).
//!
//! Orders by QR code (Native), queries, closing, refunds and notifications.

mod config;
mod fault;
mod notification;
mod refund;
mod resource;
mod signature;
mod wire;

use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use http::{HeaderMap, Method, Request, StatusCode, Uri};
use http_body_util::Full;
use time::OffsetDateTime;

use self::signature::{PlatformKeys, Signer};
use crate::http::{Reply, Transport};
use crate::order::require;
use crate::url_text::encode;
use crate::{ConfigError, Gateway, GatewayError, NotificationError, Order, Secret, Trade};

pub use self::config::Config;
pub use self::notification::Notification;
pub use self::refund::RefundNotification;

/// A Native order: what the shopper's QR code says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NativeOrder {
    /// Draw it as a QR code as it is; never a link. Lives 2 h at most (gateways.md A3.2).
    pub code_url: String,
}

/// A client of one merchant number. Cheap to share behind an `Arc`.
pub struct Client {
    base_url: String,
    appid: String,
    public_key_id: String,
    signer: Signer,
    api_v3_key: Secret,
    platform_keys: PlatformKeys,
    transport: Transport,
}

impl Client {
    /// Checks the configuration; makes no call.
    ///
    /// # Errors
    /// The first setting that cannot work (gateways.md G4).
    pub fn new(config: Config) -> Result<Self, ConfigError> {
        config.into_client()
    }

    /// Changes how long one call may take as a whole; 10 s unless told.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.transport = self.transport.with_timeout(timeout);
        self
    }

    /// The app whose name the payer sees.
    pub fn appid(&self) -> &str {
        &self.appid
    }

    /// The merchant number.
    pub fn mchid(&self) -> &str {
        &self.signer.mchid
    }

    /// Orders, or orders again: the identical order gives a fresh `code_url` (gateways.md A3.2).
    ///
    /// # Errors
    /// See [`GatewayError`]; [`AlreadyPaid`](GatewayError::AlreadyPaid) and
    /// [`OrderMismatch`](GatewayError::OrderMismatch) ask for a query.
    pub async fn native_order(&self, order: &Order) -> Result<NativeOrder, GatewayError> {
        let body = wire::native_request(&self.appid, self.mchid(), order)?;
        let reply = self.call(Method::POST, "/v3/pay/transactions/native", body).await?;
        let code_url = wire::code_url(&reply.body)
            .ok_or_else(|| malformed("an order without `code_url`", &reply))?;
        Ok(NativeOrder { code_url })
    }

    /// Asks what became of an order. An unknown order is a trade that is not created.
    ///
    /// # Errors
    /// See [`GatewayError`].
    pub async fn query(&self, out_trade_no: &str) -> Result<Trade, GatewayError> {
        check_out_trade_no(out_trade_no)?;
        let path = format!(
            "/v3/pay/transactions/out-trade-no/{}?mchid={}",
            encode(out_trade_no),
            encode(self.mchid())
        );
        let reply = match self.call(Method::GET, &path, Vec::new()).await {
            Err(error) if fault::is_order_unknown(&error) => {
                return Ok(Trade::not_created(out_trade_no));
            }
            reply => reply?,
        };
        let trade = wire::trade(&reply.body).map_err(|problem| malformed(problem, &reply))?;
        // The signature covers the body but not what it answers to.
        if trade.out_trade_no != out_trade_no {
            return Err(malformed("another order than asked for", &reply));
        }
        Ok(trade)
    }

    /// Closes an unpaid order. Closing a closed one is fine.
    ///
    /// # Errors
    /// See [`GatewayError`]. After any of them query the order: it may have been paid
    /// (gateways.md A4.2).
    pub async fn close(&self, out_trade_no: &str) -> Result<(), GatewayError> {
        check_out_trade_no(out_trade_no)?;
        let path = format!("/v3/pay/transactions/out-trade-no/{}/close", encode(out_trade_no));
        self.call(Method::POST, &path, wire::close_request(self.mchid())?).await?;
        Ok(())
    }

    /// Verifies and opens a payment notification (gateways.md A6 to A8).
    ///
    /// `body` must be the bytes as received; `now` is this server's time.
    /// Compare the trade with your records before you fulfil.
    ///
    /// # Errors
    /// Answer 4xx or 5xx to any [`NotificationError`], so that the gateway sends it again.
    /// [`AboutRefund`](NotificationError::AboutRefund) belongs to
    /// [`refund_notification`](Self::refund_notification).
    pub fn notification(
        &self,
        headers: &HeaderMap,
        body: &[u8],
        now: OffsetDateTime,
    ) -> Result<Notification, NotificationError> {
        notification::open(
            &self.platform_keys,
            self.api_v3_key.expose().as_bytes(),
            headers,
            body,
            now,
        )
    }

    /// Sends one signed call; only a verified 2xx is `Ok` (gateways.md G3.2).
    async fn call(&self, method: Method, path: &str, body: Vec<u8>) -> Result<Reply, GatewayError> {
        let request = self.request(method, path, body)?;
        let reply = self.transport.send(request).await?;
        let now = OffsetDateTime::now_utc();
        if !reply.status.is_success() {
            return Err(fault::classify(&reply, now));
        }
        self.platform_keys.verify(&reply.headers, &reply.body, now).map_err(|cause| {
            GatewayError::Unverified {
                gateway: Gateway::WechatPay,
                cause,
                request_id: fault::request_id(&reply),
            }
        })?;
        match reply.status {
            // "Accepted: repeat the same request later" (gateways.md A1).
            StatusCode::ACCEPTED => Err(fault::classify(&reply, now)),
            _ => Ok(reply),
        }
    }

    fn request(
        &self,
        method: Method,
        path: &str,
        body: Vec<u8>,
    ) -> Result<Request<Full<Bytes>>, GatewayError> {
        let unusable = || GatewayError::InvalidOrder {
            field: "out_trade_no",
            problem: "does not fit into a URL",
        };
        let uri: Uri = format!("{}{path}", self.base_url).parse().map_err(|_invalid| unusable())?;
        // What is signed is what goes on the wire, escapes and all (gateways.md A5).
        let target = uri.path_and_query().map_or("/", |target| target.as_str());
        let timestamp = OffsetDateTime::now_utc().unix_timestamp();
        let authorization = signature::nonce()
            .and_then(|nonce| {
                self.signer.authorization(method.as_str(), target, timestamp, &nonce, &body)
            })
            .map_err(|_failed| GatewayError::cannot_sign(Gateway::WechatPay))?;
        let mut request = Request::builder()
            .method(method)
            .header(ACCEPT, "application/json")
            .header(USER_AGENT, crate::http::USER_AGENT)
            .header(AUTHORIZATION, authorization)
            .header("Wechatpay-Serial", &self.public_key_id);
        if !body.is_empty() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        request.uri(uri).body(Full::from(body)).map_err(|_invalid| unusable())
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client")
            .field("base_url", &self.base_url)
            .field("mchid", &self.signer.mchid)
            .field("appid", &self.appid)
            .finish_non_exhaustive()
    }
}

/// 6 to 32 of `0-9 A-Z a-z _ - | *` (gateways.md A3.1).
fn check_out_trade_no(number: &str) -> Result<(), GatewayError> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_-|*".contains(&byte);
    require(
        (6..=32).contains(&number.len()) && number.bytes().all(allowed),
        "out_trade_no",
        "must be 6 to 32 of 0-9 A-Z a-z _ - | * for WeChat Pay",
    )
}

fn malformed(what: &str, reply: &Reply) -> GatewayError {
    GatewayError::Malformed {
        gateway: Gateway::WechatPay,
        cause: what.to_owned(),
        request_id: fault::request_id(reply),
    }
}

#[cfg(test)]
mod tests;
