//! The JSON of requests and answers. An unknown value of an enumeration is not an error.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::check_out_trade_no;
use crate::order::{Limit, is_drawable, require, shortened};
use crate::url_text::is_web_address;
use crate::{Fen, Gateway, GatewayError, Order, Trade, TradeState, china_time};

/// The members of every product, and those of one product only: WeChat Pay refuses members of
/// other products (gateways.md A3.1).
#[derive(Serialize)]
struct OrderRequest<'a, Product> {
    appid: &'a str,
    mchid: &'a str,
    description: &'a str,
    out_trade_no: &'a str,
    time_expire: &'a str,
    notify_url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    attach: Option<String>,
    amount: OrderAmount,
    #[serde(flatten)]
    product: Product,
}

#[derive(Serialize)]
struct Native {}

#[derive(Serialize)]
struct H5 {
    scene_info: SceneInfo,
}

#[derive(Serialize)]
struct SceneInfo {
    payer_client_ip: String,
    h5_info: H5Info,
}

#[derive(Serialize)]
struct H5Info {
    r#type: &'static str,
}

#[derive(Serialize)]
struct Jsapi<'a> {
    payer: Payer<'a>,
}

#[derive(Serialize)]
struct Payer<'a> {
    openid: &'a str,
}

#[derive(Serialize)]
struct OrderAmount {
    total: i64,
    currency: &'static str,
}

#[derive(Serialize)]
struct CloseRequest<'a> {
    mchid: &'a str,
}

#[derive(Deserialize)]
struct NativeAnswer {
    code_url: String,
}

#[derive(Deserialize)]
struct H5Answer {
    h5_url: String,
}

#[derive(Deserialize)]
struct JsapiAnswer {
    prepay_id: String,
}

/// A transaction in a query's answer or a notification (gateways.md A8, A9).
#[derive(Deserialize)]
struct Transaction {
    /// Optional by page 4012556352, although every captured transaction has it.
    appid: Option<String>,
    mchid: String,
    out_trade_no: String,
    transaction_id: Option<String>,
    trade_state: String,
    success_time: Option<String>,
    amount: Option<TransactionAmount>,
}

#[derive(Deserialize)]
struct TransactionAmount {
    total: Option<i64>,
    currency: Option<String>,
}

/// The body of a Native order: the same bytes for the same order.
pub(super) fn native_request(
    appid: &str,
    mchid: &str,
    order: &Order,
) -> Result<Vec<u8>, GatewayError> {
    order_request(appid, mchid, order, Native {})
}

/// The body of an H5 order: the same bytes for the same order and address.
pub(super) fn h5_request(
    appid: &str,
    mchid: &str,
    order: &Order,
    payer_client_ip: &str,
) -> Result<Vec<u8>, GatewayError> {
    let address: IpAddr = payer_client_ip.parse().map_err(|_invalid| {
        GatewayError::InvalidOrder { field: "payer_client_ip", problem: "is not an IP address" }
    })?;
    let scene_info = SceneInfo {
        // A server that listens on both families sees IPv4 payers as `::ffff:…`.
        payer_client_ip: address.to_canonical().to_string(),
        h5_info: H5Info { r#type: "Wap" },
    };
    order_request(appid, mchid, order, H5 { scene_info })
}

/// The body of a JSAPI order: the same bytes for the same order and payer.
pub(super) fn jsapi_request(
    appid: &str,
    mchid: &str,
    order: &Order,
    openid: &str,
) -> Result<Vec<u8>, GatewayError> {
    require(
        is_openid(openid),
        "openid",
        "must be the payer's openid under this appid, at most 128 characters",
    )?;
    order_request(appid, mchid, order, Jsapi { payer: Payer { openid } })
}

fn order_request(
    appid: &str,
    mchid: &str,
    order: &Order,
    product: impl Serialize,
) -> Result<Vec<u8>, GatewayError> {
    check_out_trade_no(&order.out_trade_no)?;
    require(order.amount.value() >= 1, "amount", "must be at least 1 fen")?;
    require(
        is_web_address(&order.notify_url, 255, false),
        "notify_url",
        "must be an absolute URL of at most 255 bytes without a query",
    )?;
    let time_expire = china_time::rfc3339(order.expires_at).ok_or(GatewayError::InvalidOrder {
        field: "expires_at",
        problem: "is beyond the calendar",
    })?;
    to_json(&OrderRequest {
        appid,
        mchid,
        description: &order.title(&[], Limit::Bytes(127)),
        out_trade_no: &order.out_trade_no,
        time_expire: &time_expire,
        notify_url: &order.notify_url,
        attach: order.reference.as_deref().map(|text| shortened(text, &[], Limit::Bytes(128))),
        amount: OrderAmount { total: order.amount.value(), currency: "CNY" },
        product,
    })
}

/// Letters, digits and a few signs, at most 128 (gateways.md A3.1).
pub(super) fn is_openid(text: &str) -> bool {
    (1..=128).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

pub(super) fn close_request(mchid: &str) -> Result<Vec<u8>, GatewayError> {
    to_json(&CloseRequest { mchid })
}

pub(super) fn code_url(body: &[u8]) -> Option<String> {
    let answer: NativeAnswer = serde_json::from_slice(body).ok()?;
    Some(answer.code_url).filter(|url| is_drawable(url))
}

pub(super) fn h5_url(body: &[u8]) -> Option<String> {
    let answer: H5Answer = serde_json::from_slice(body).ok()?;
    // The shopper's browser is sent there, so it must be an address of the web.
    Some(answer.h5_url).filter(|url| is_web_address(url, 2048, true))
}

pub(super) fn prepay_id(body: &[u8]) -> Option<String> {
    let answer: JsapiAnswer = serde_json::from_slice(body).ok()?;
    Some(answer.prepay_id).filter(|id| is_prepay_id(id))
}

/// At most 64 printable characters (gateways.md A3.2).
pub(super) fn is_prepay_id(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Reads a verified transaction.
pub(super) fn trade(body: &[u8]) -> Result<Trade, &'static str> {
    let transaction: Transaction =
        serde_json::from_slice(body).map_err(|_invalid| "not a transaction")?;
    let (total, currency) =
        transaction.amount.map_or((None, None), |amount| (amount.total, amount.currency));
    let amount = match total {
        Some(fen) => Some(Fen::new(fen).ok_or("an amount that is negative or too large")?),
        None => None,
    };
    Ok(Trade {
        state: state(&transaction.trade_state),
        app_id: transaction.appid.filter(|id| !id.is_empty()),
        merchant_id: Some(transaction.mchid),
        out_trade_no: transaction.out_trade_no,
        transaction_id: transaction.transaction_id.filter(|id| !id.is_empty()),
        amount,
        currency: currency.filter(|code| !code.is_empty()),
        paid_at: transaction
            .success_time
            .and_then(|text| OffsetDateTime::parse(&text, &Rfc3339).ok()),
    })
}

fn state(trade_state: &str) -> TradeState {
    match trade_state {
        "SUCCESS" => TradeState::Paid,
        "REFUND" => TradeState::Refunded,
        "NOTPAY" | "USERPAYING" => TradeState::AwaitingPayer,
        "CLOSED" | "REVOKED" | "PAYERROR" => TradeState::Closed,
        _ => TradeState::Unknown,
    }
}

pub(super) fn to_json(request: &impl Serialize) -> Result<Vec<u8>, GatewayError> {
    serde_json::to_vec(request).map_err(|_never| GatewayError::cannot_sign(Gateway::WechatPay))
}
