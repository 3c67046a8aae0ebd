//! WeChat Pay API v3 for direct merchants (gateways.md part A).
//!
//! Orders by QR code (Native), in a phone's browser (H5) and inside WeChat (JSAPI) with the payer's
//! openid; queries, closing, refunds, notifications and the trade bill. The platform is verified by
//! its public key, by its certificates, or by both during a merchant's change.

mod bill;
mod certificates;
mod config;
mod fault;
mod notification;
mod oauth;
mod refund;
mod resource;
mod signature;
mod wire;

use std::time::Duration;

use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use reqwest::Request;
use time::OffsetDateTime;
use url::{Position, Url};

use self::certificates::Refresher;
use self::signature::{PlatformKeys, Signer};
use crate::http::{Reply, Transport};
use crate::order::require;
use crate::url_text::encode;
use crate::{
    ConfigError, Gateway, GatewayError, NotificationError, Order, Secret, SignatureError, Trade,
};

pub use self::bill::bill_lines;
pub use self::config::Config;
pub use self::notification::Notification;
pub use self::refund::RefundNotification;

/// A Native order: the content of the shopper's QR code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NativeOrder {
    /// Encode it as a QR code unchanged; never a link. Valid for 2 h at most (gateways.md A3.2).
    pub code_url: String,
}

/// An H5 order: the address for a phone's browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct H5Order {
    /// Open it in the top window, from a page of the registered domain that sends its `Referer`; do
    /// not change it. Valid for 5 min (gateways.md A3.2, A11.2).
    pub h5_url: String,
}

impl H5Order {
    /// Returns the address with a return address: after about 5 s, paid or not, the browser is
    /// redirected to `url`, whose host must be the registered H5 domain (gateways.md A11.2, D21).
    #[must_use]
    pub fn with_redirect_url(&self, url: &str) -> String {
        let joint = if self.h5_url.contains('?') { '&' } else { '?' };
        format!("{}{joint}redirect_url={}", self.h5_url, encode(url))
    }
}

/// A JSAPI order, to be paid with [`jsapi_parameters`](Client::jsapi_parameters).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsapiOrder {
    /// Valid for 2 h (gateways.md A3.2).
    pub prepay_id: String,
}

/// A client of one merchant number. Cheap to share behind an `Arc`.
pub struct Client {
    base_url: String,
    backup_base_url: Option<String>,
    appid: String,
    public_key_id: Option<String>,
    signer: Signer,
    api_v3_key: Secret,
    platform_keys: PlatformKeys,
    /// In certificate mode.
    refresher: Option<Refresher>,
    app_secret: Option<Secret>,
    oauth_authorize_url: String,
    oauth_token_url: String,
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
    /// See [`GatewayError`]; after [`AlreadyPaid`](crate::AnswerKind::AlreadyPaid) and
    /// [`OrderMismatch`](crate::AnswerKind::OrderMismatch) query the order.
    pub async fn native_order(&self, order: &Order) -> Result<NativeOrder, GatewayError> {
        let body = wire::native_request(&self.appid, self.mchid(), order)?;
        let reply = self.call(Method::POST, "/v3/pay/transactions/native", body).await?;
        let code_url = wire::code_url(&reply.body)
            .ok_or_else(|| malformed("an order without a `code_url` that can be drawn", &reply))?;
        Ok(NativeOrder { code_url })
    }

    /// Orders for a phone's browser; the identical order gives a fresh address.
    ///
    /// `payer_client_ip` is the payer's own address: with the one of a proxy or of this machine
    /// WeChat refuses the payment later. It is part of the order, so keep it.
    ///
    /// # Errors
    /// The same as of [`native_order`](Self::native_order).
    pub async fn h5_order(
        &self,
        order: &Order,
        payer_client_ip: &str,
    ) -> Result<H5Order, GatewayError> {
        let body = wire::h5_request(&self.appid, self.mchid(), order, payer_client_ip)?;
        let reply = self.call(Method::POST, "/v3/pay/transactions/h5", body).await?;
        let h5_url = wire::h5_url(&reply.body)
            .ok_or_else(|| malformed("an order without `h5_url`", &reply))?;
        Ok(H5Order { h5_url })
    }

    /// Orders for the payer with this openid, inside WeChat; the identical order gives a fresh
    /// `prepay_id`.
    ///
    /// # Errors
    /// The same as of [`native_order`](Self::native_order).
    pub async fn jsapi_order(
        &self,
        order: &Order,
        openid: &str,
    ) -> Result<JsapiOrder, GatewayError> {
        let body = wire::jsapi_request(&self.appid, self.mchid(), order, openid)?;
        let reply = self.call(Method::POST, "/v3/pay/transactions/jsapi", body).await?;
        let prepay_id = wire::prepay_id(&reply.body)
            .ok_or_else(|| malformed("an order without `prepay_id`", &reply))?;
        Ok(JsapiOrder { prepay_id })
    }

    /// Returns the signed parameters of `WeixinJSBridge.invoke('getBrandWCPayRequest', …)`
    /// (gateways.md A11.1). Makes no call; each one has a new nonce.
    ///
    /// # Errors
    /// [`GatewayError::InvalidOrder`] if `prepay_id` cannot be one.
    pub fn jsapi_parameters(
        &self,
        prepay_id: &str,
        now: OffsetDateTime,
    ) -> Result<Vec<(&'static str, String)>, GatewayError> {
        require(wire::is_prepay_id(prepay_id), "prepay_id", "must be a JSAPI order's")?;
        let timestamp = now.unix_timestamp().to_string();
        let package = format!("prepay_id={prepay_id}");
        let cannot_sign = |_failed| GatewayError::cannot_sign(Gateway::WechatPay);
        let nonce = signature::nonce().map_err(cannot_sign)?;
        let message = signature::invocation_message(&self.appid, &timestamp, &nonce, &package);
        let signature = self.signer.key.sign(message.as_bytes()).map_err(cannot_sign)?;
        Ok(vec![
            ("appId", self.appid.clone()),
            ("timeStamp", timestamp),
            ("nonceStr", nonce),
            ("package", package),
            ("signType", "RSA".to_owned()),
            ("paySign", signature),
        ])
    }

    /// Queries an order. An unknown order is a trade that is not created.
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
        // The signature covers the body but not the request, so the order number must be checked.
        if trade.out_trade_no != out_trade_no {
            return Err(malformed("another order than asked for", &reply));
        }
        Ok(trade)
    }

    /// Closes an unpaid order. Closing a closed one succeeds, too.
    ///
    /// **Success does not prove that the order existed**: an unknown number is reported to get the
    /// same answer (gateways.md A4.2). Query afterwards; an order that is not created may still be
    /// paid.
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
    /// [`refund_notification`](Self::refund_notification). In certificate mode call
    /// [`learn_signer`](Self::learn_signer) first.
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
        self.refresh_certificates().await;
        let reply = self.exchange(&method, path, &body).await?;
        if !reply.status.is_success() {
            return Err(fault::classify(&reply, OffsetDateTime::now_utc()));
        }
        self.verified(&reply).await?;
        match reply.status {
            // "Accepted: repeat the same request later" (gateways.md A1).
            StatusCode::ACCEPTED => Err(fault::classify(&reply, OffsetDateTime::now_utc())),
            _ => Ok(reply),
        }
    }

    /// Checks an answer's signature; in certificate mode, downloads a certificate that is not known.
    async fn verified(&self, reply: &Reply) -> Result<(), GatewayError> {
        let check =
            || self.platform_keys.verify(&reply.headers, &reply.body, OffsetDateTime::now_utc());
        let mut checked = check();
        if let Err(SignatureError::UnknownSerial { serial }) = &checked
            && self.learn(serial).await.is_ok()
        {
            checked = check();
        }
        checked.map_err(|cause| GatewayError::Unverified {
            gateway: Gateway::WechatPay,
            cause,
            request_id: fault::request_id(reply),
        })
    }

    /// Sends one signed request, to the disaster-recovery host if the main one fails and
    /// repeating is harmless (gateways.md A1).
    async fn exchange(
        &self,
        method: &Method,
        path: &str,
        body: &[u8],
    ) -> Result<Reply, GatewayError> {
        let request = |base_url: &str| {
            let url = Url::parse(&format!("{base_url}{path}"));
            let url = url.map_err(|_never| GatewayError::cannot_sign(Gateway::WechatPay))?;
            self.request(method, url, JSON, body)
        };
        let first = self.transport.send(request(&self.base_url)?).await;
        match &self.backup_base_url {
            Some(backup) if is_for_backup(method, &first) => {
                self.transport.send(request(backup)?).await
            }
            _ => first,
        }
    }

    /// Makes a signed request.
    fn request(
        &self,
        method: &Method,
        url: Url,
        accept: &'static str,
        body: &[u8],
    ) -> Result<Request, GatewayError> {
        let cannot_sign = || GatewayError::cannot_sign(Gateway::WechatPay);
        let timestamp = OffsetDateTime::now_utc().unix_timestamp();
        // The signed target is sent unchanged, with its escapes (gateways.md A5).
        let target = &url[Position::BeforePath..Position::AfterQuery];
        let authorization = signature::nonce()
            .and_then(|nonce| {
                self.signer.authorization(method.as_str(), target, timestamp, &nonce, body)
            })
            .map_err(|_failed| cannot_sign())?;
        let header = |text: &str| HeaderValue::from_str(text).map_err(|_invalid| cannot_sign());
        let mut request = Request::new(method.clone(), url);
        let headers = request.headers_mut();
        headers.insert(ACCEPT, HeaderValue::from_static(accept));
        headers.insert(AUTHORIZATION, header(&authorization)?);
        if let Some(id) = &self.public_key_id {
            headers.insert("Wechatpay-Serial", header(id)?);
        }
        if !body.is_empty() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(JSON));
            *request.body_mut() = Some(body.to_vec().into());
        }
        Ok(request)
    }
}

const JSON: &str = "application/json";

/// True if the disaster-recovery host may get the same request.
///
/// Any request may if nothing was sent. One that may have arrived is repeated only if it changes
/// nothing: repeating an order or a refund is the caller's decision. wechatpay-java repeats every
/// method, wechatpay-go none (gateways.md A1).
fn is_for_backup(method: &Method, first: &Result<Reply, GatewayError>) -> bool {
    match first {
        Err(GatewayError::Unreachable { .. }) => true,
        Err(GatewayError::Interrupted { .. }) => method == Method::GET,
        Ok(reply) => method == Method::GET && matches!(reply.status.as_u16(), 502..=504),
        Err(_) => false,
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
