//! The JSON of requests and answers. Enumerations stay open: an unknown word is no failure.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::check_out_trade_no;
use crate::order::{Limit, require};
use crate::url_text::is_web_address;
use crate::{Fen, Gateway, GatewayError, Order, Trade, TradeState, china_time};

/// Native only: WeChat Pay refuses members of other products (gateways.md A3.1).
#[derive(Serialize)]
struct NativeRequest<'a> {
    appid: &'a str,
    mchid: &'a str,
    description: &'a str,
    out_trade_no: &'a str,
    time_expire: &'a str,
    notify_url: &'a str,
    amount: OrderAmount,
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

/// A transaction in a query's answer or a notification (gateways.md A8, A9).
#[derive(Deserialize)]
struct Transaction {
    appid: String,
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
    to_json(&NativeRequest {
        appid,
        mchid,
        description: &order.title(&[], Limit::Bytes(127)),
        out_trade_no: &order.out_trade_no,
        time_expire: &time_expire,
        notify_url: &order.notify_url,
        amount: OrderAmount { total: order.amount.value(), currency: "CNY" },
    })
}

pub(super) fn close_request(mchid: &str) -> Result<Vec<u8>, GatewayError> {
    to_json(&CloseRequest { mchid })
}

pub(super) fn code_url(body: &[u8]) -> Option<String> {
    let answer: NativeAnswer = serde_json::from_slice(body).ok()?;
    Some(answer.code_url).filter(|url| !url.is_empty())
}

/// Reads a verified transaction.
pub(super) fn trade(body: &[u8]) -> Result<Trade, &'static str> {
    let transaction: Transaction =
        serde_json::from_slice(body).map_err(|_invalid| "not a transaction")?;
    let (total, currency) =
        transaction.amount.map_or((None, None), |amount| (amount.total, amount.currency));
    let amount = match total {
        Some(fen) => Some(Fen::new(fen).ok_or("a negative amount")?),
        None => None,
    };
    Ok(Trade {
        state: state(&transaction.trade_state),
        app_id: Some(transaction.appid),
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
