//! Alipay `OpenAPI` v2 (`gateway.do`, RSA2; gateways.md part B).
//!
//! Payment pages, whole and framed; QR codes (precreate); trades for `tradePay` inside Alipay's app
//! with the buyer's id; queries, closing, cancelling, refunds, notifications, returns and the trade
//! bill. Alipay is verified by its public key or by certificates.

mod bill;
mod cancel;
mod config;
mod downloads;
mod fault;
mod jsapi;
mod notification;
mod parameters;
mod refund;
mod response;
mod trust;
mod wire;

use std::time::Duration;

use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderValue, Method};
use reqwest::Request;
use time::OffsetDateTime;
use url::Url;

use self::parameters::{Parameters, Signed};
use self::response::{Answer, Verdict};
use self::trust::Trust;
use crate::downloads::Downloads;
use crate::http::{Reply, Transport};
use crate::keys::SigningKey;
use crate::order::require;
use crate::{
    CertificateDates, ConfigError, ConfigWarning, Fen, Gateway, GatewayError, NotificationError,
    Order, SignatureError, Trade, china_time,
};

pub use self::bill::bill_lines;
pub use self::cancel::CancelOutcome;
pub use self::config::Config;
pub use self::jsapi::{Buyer, Created};
pub use self::notification::{Notification, Returned};
pub use self::trust::Certificates;
pub use self::wire::QrPayMode;

/// A precreated order: the content of the shopper's QR code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Precreated {
    /// Encode it as a QR code unchanged. Valid for 2 h at most (gateways.md B5.2).
    pub qr_code: String,
}

/// The outcome of a close.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloseOutcome {
    /// The trade is closed and cannot be paid any more.
    Closed,
    /// No buyer has scanned or signed in yet, so there was nothing to close: **the code or page
    /// can still be paid** until it expires (gateways.md B5.4).
    NotCreated,
}

/// A client of one application. Cheap to share behind an `Arc`.
pub struct Client {
    gateway_url: String,
    app_id: String,
    seller_id: String,
    key: SigningKey,
    trust: Trust,
    downloads: Downloads,
    precreate_product_code: String,
    jsapi_product_code: String,
    op_app_id: Option<String>,
    oauth_authorize_url: String,
    transport: Transport,
}

impl Client {
    /// Checks the configuration; makes no call.
    ///
    /// # Errors
    /// The first invalid setting (gateways.md G4).
    pub fn new(config: Config) -> Result<Self, ConfigError> {
        config.into_client()
    }

    /// Changes the timeout of one call as a whole; 10 s by default.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.transport = self.transport.with_timeout(timeout);
        self
    }

    /// The application.
    pub fn app_id(&self) -> &str {
        &self.app_id
    }

    /// The merchant's PID.
    pub fn seller_id(&self) -> &str {
        &self.seller_id
    }

    /// Returns the address of Alipay's desktop payment page for this order. Makes no call.
    ///
    /// # Errors
    /// [`GatewayError::InvalidOrder`] if the order breaks a rule of Alipay's.
    pub fn page_pay_url(&self, order: &Order, now: OffsetDateTime) -> Result<String, GatewayError> {
        self.page_url("alipay.trade.page.pay", wire::page_pay(order, None)?, order, now)
    }

    /// Returns the address of Alipay's desktop payment page for a frame on our page, with a QR code
    /// of this form. After payment it sends the *top* window to `return_url`. Makes no call.
    ///
    /// # Errors
    /// [`GatewayError::InvalidOrder`] if the order breaks a rule of Alipay's.
    pub fn page_frame_url(
        &self,
        order: &Order,
        mode: QrPayMode,
        now: OffsetDateTime,
    ) -> Result<String, GatewayError> {
        self.page_url("alipay.trade.page.pay", wire::page_pay(order, Some(mode))?, order, now)
    }

    /// Returns the address of Alipay's phone payment page for this order. Makes no call.
    ///
    /// # Errors
    /// [`GatewayError::InvalidOrder`] if the order breaks a rule of Alipay's.
    pub fn wap_pay_url(&self, order: &Order, now: OffsetDateTime) -> Result<String, GatewayError> {
        self.page_url("alipay.trade.wap.pay", wire::wap_pay(order)?, order, now)
    }

    /// Orders a QR code. The trade itself is created when somebody scans it.
    ///
    /// # Errors
    /// See [`GatewayError`]; after [`AlreadyPaid`](crate::AnswerKind::AlreadyPaid) and
    /// [`OrderMismatch`](crate::AnswerKind::OrderMismatch) query the order.
    pub async fn precreate(&self, order: &Order) -> Result<Precreated, GatewayError> {
        let content = wire::precreate(order, &self.precreate_product_code)?;
        let answer = self.call("alipay.trade.precreate", content, Some(&order.notify_url)).await?;
        let node = answer.success()?;
        let qr_code = wire::qr_code(&node, &order.out_trade_no)
            .map_err(|what| response::malformed(what, None))?;
        Ok(Precreated { qr_code })
    }

    /// Queries an order. An unknown order is a trade that is not created, which
    /// is normal until the buyer has scanned or signed in.
    ///
    /// # Errors
    /// See [`GatewayError`].
    pub async fn query(&self, out_trade_no: &str) -> Result<Trade, GatewayError> {
        let answer =
            self.call("alipay.trade.query", wire::order_number(out_trade_no)?, None).await?;
        let node = match answer.verdict()? {
            Verdict::Success(node) => node,
            Verdict::TradeNotExist => return Ok(Trade::not_created(out_trade_no)),
        };
        wire::trade(&node, out_trade_no, self).map_err(|what| response::malformed(what, None))
    }

    /// Closes an unpaid trade.
    ///
    /// # Errors
    /// See [`GatewayError`]. After any of them query the order: it may have been paid.
    pub async fn close(&self, out_trade_no: &str) -> Result<CloseOutcome, GatewayError> {
        let answer =
            self.call("alipay.trade.close", wire::order_number(out_trade_no)?, None).await?;
        Ok(match answer.verdict()? {
            Verdict::Success(node) => {
                // The signature covers the node but not the request, so the order number must be
                // checked.
                wire::is_about(&node, out_trade_no)
                    .map_err(|what| response::malformed(what, None))?;
                CloseOutcome::Closed
            }
            Verdict::TradeNotExist => CloseOutcome::NotCreated,
        })
    }

    /// Returns the settings that work but that the operator should check; log them at the start.
    pub fn warnings(&self) -> &[ConfigWarning] {
        match &self.trust {
            Trust::Key(_) => &[],
            Trust::Certificates(trust) => &trust.warnings,
        }
    }

    /// Returns when the configured certificates end; none in public-key mode.
    pub fn certificates(&self) -> &[CertificateDates] {
        match &self.trust {
            Trust::Key(_) => &[],
            Trust::Certificates(trust) => &trust.dates,
        }
    }

    /// Returns the dates of Alipay's certificates that were downloaded and are not configured. A
    /// start without a network, or without Alipay's download, needs them in the settings.
    pub fn downloaded_certificates(&self) -> Vec<CertificateDates> {
        match &self.trust {
            Trust::Key(_) => Vec::new(),
            Trust::Certificates(trust) => trust.downloaded(),
        }
    }

    /// Verifies a notification (gateways.md B9). `body` must be the bytes as received.
    ///
    /// Compare the trade with your records before you fulfil, and answer exactly `success`.
    ///
    /// # Errors
    /// Answer anything but `success` to any [`NotificationError`]. In certificate mode call
    /// [`learn_signer`](Self::learn_signer) first.
    pub fn notification(&self, body: &[u8]) -> Result<Notification, NotificationError> {
        notification::open(&self.trust, body)
    }

    /// Verifies the query of a return to `return_url` (gateways.md B10).
    ///
    /// It proves that Alipay redirected a buyer, not that anything was paid: query.
    ///
    /// # Errors
    /// See [`NotificationError`]; query the order nevertheless.
    pub fn verify_return(&self, query: &str) -> Result<Returned, NotificationError> {
        notification::open_return(&self.trust, query)
    }

    fn page_url(
        &self,
        method: &str,
        content: String,
        order: &Order,
        now: OffsetDateTime,
    ) -> Result<String, GatewayError> {
        let mut parameters = Parameters::default();
        parameters.set("biz_content", &content);
        parameters.set("notify_url", &order.notify_url);
        parameters.set("return_url", order.return_url.as_deref().unwrap_or_default());
        let signed = self.signed(method, parameters, now)?;
        Ok(format!("{}?{}", self.gateway_url, signed.everything()))
    }

    async fn call(
        &self,
        method: &'static str,
        content: String,
        notify_url: Option<&str>,
    ) -> Result<Answer, GatewayError> {
        let mut parameters = Parameters::default();
        parameters.set("biz_content", &content);
        parameters.set("notify_url", notify_url.unwrap_or_default());
        self.send(method, parameters).await
    }

    async fn send(
        &self,
        method: &'static str,
        parameters: Parameters,
    ) -> Result<Answer, GatewayError> {
        let reply = self.exchange(method, parameters).await?;
        let answer = response::read(method, &reply, &self.trust);
        // Alipay may have begun to sign with an unknown certificate.
        if let Err(GatewayError::Unverified { cause, .. }) = &answer
            && let SignatureError::UnknownSerial { serial } = cause
            && self.learn(serial).await.is_ok()
        {
            return response::read(method, &reply, &self.trust);
        }
        answer
    }

    async fn exchange(&self, method: &str, parameters: Parameters) -> Result<Reply, GatewayError> {
        let signed = self.signed(method, parameters, OffsetDateTime::now_utc())?;
        let url = Url::parse(&format!("{}?{}", self.gateway_url, signed.query()));
        let url = url.map_err(|_never| GatewayError::cannot_sign(GATEWAY))?;
        let mut request = Request::new(Method::POST, url);
        let headers = request.headers_mut();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(FORM));
        *request.body_mut() = Some(signed.form().into());
        self.transport.send(request).await
    }

    /// Adds the common parameters, and the signature over all of them.
    fn signed(
        &self,
        method: &str,
        mut parameters: Parameters,
        now: OffsetDateTime,
    ) -> Result<Signed, GatewayError> {
        let timestamp =
            china_time::spaced(now).ok_or_else(|| GatewayError::cannot_sign(GATEWAY))?;
        parameters.set("app_id", &self.app_id);
        parameters.set("method", method);
        parameters.set("format", "JSON");
        parameters.set("charset", "utf-8");
        parameters.set("sign_type", "RSA2");
        parameters.set("timestamp", &timestamp);
        parameters.set("version", "1.0");
        if let Trust::Certificates(trust) = &self.trust {
            parameters.set("app_cert_sn", &trust.app_cert_sn);
            parameters.set("alipay_root_cert_sn", &trust.root_cert_sn);
        }
        parameters.sign(&self.key).map_err(|_failed| GatewayError::cannot_sign(GATEWAY))
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client")
            .field("gateway_url", &self.gateway_url)
            .field("app_id", &self.app_id)
            .field("seller_id", &self.seller_id)
            .finish_non_exhaustive()
    }
}

fn check_out_trade_no(number: &str) -> Result<(), GatewayError> {
    require(is_number(number), "out_trade_no", "must be 1 to 64 of 0-9 A-Z a-z _ - for Alipay")
}

/// At most 64 letters, digits, `_`; a hyphen occurs in real messages (gateways.md B5.1).
fn is_number(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
    (1..=64).contains(&text.len()) && text.bytes().all(allowed)
}

/// `0.01` to `100000000` yuan (gateways.md B5.1).
fn check_amount(amount: Fen) -> Result<(), GatewayError> {
    require(
        (1..=10_000_000_000).contains(&amount.value()),
        "amount",
        "must be 0.01 to 100000000 yuan for Alipay",
    )
}

const FORM: &str = "application/x-www-form-urlencoded;charset=utf-8";
const GATEWAY: Gateway = Gateway::Alipay;

#[cfg(test)]
mod tests;
