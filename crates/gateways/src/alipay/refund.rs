//! Refunds and their queries (gateways.md B5.4).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::fault::REFUND;
use super::response::{Verdict, malformed};
use super::wire::{amount, to_json};
use super::{Client, check_amount, check_out_trade_no, is_number};
use crate::order::{Limit, require, shortened};
use crate::{
    DepositBack, DepositBackState, Fen, GatewayError, Refund, RefundOrder, RefundState, china_time,
};

const QUERY: &str = "alipay.trade.fastpay.refund.query";

#[derive(Serialize)]
struct RefundContent<'a> {
    out_trade_no: &'a str,
    refund_amount: String,
    /// The number that makes a repeated refund the same refund; without it only full refunds are
    /// possible.
    out_request_no: &'a str,
    #[serde(skip_serializing_if = "String::is_empty")]
    refund_reason: String,
}

#[derive(Serialize)]
struct QueryContent<'a> {
    out_trade_no: &'a str,
    out_request_no: &'a str,
    query_options: [&'static str; 1],
}

#[derive(Deserialize)]
struct RefundNode {
    out_trade_no: String,
    fund_change: Option<String>,
    refund_fee: Option<String>,
}

#[derive(Deserialize)]
struct QueryNode {
    out_trade_no: Option<String>,
    out_request_no: Option<String>,
    refund_status: Option<String>,
    refund_amount: Option<String>,
    /// Read leniently: it does not affect the refund's outcome.
    deposit_back_info: Option<Value>,
}

impl Client {
    /// Refunds, or refunds again: the identical refund answers the first one (gateways.md B5.4).
    ///
    /// If Alipay answers that *this call* moved no money, an earlier one may have: the refund is
    /// queried at once, and is [`Processing`](RefundState::Processing) unless the query finds more.
    /// At least 3 s between refunds of one order, within 12 months of payment.
    ///
    /// # Errors
    /// See [`GatewayError`]. Repeat a [retryable](GatewayError::is_retryable) error with the same
    /// `out_refund_no`, and an [`InsufficientBalance`](crate::AnswerKind::InsufficientBalance)
    /// after a top-up. After an unknown outcome, or a refusal that follows one,
    /// [query](Self::query_refund) first. Another amount under a used number is an error, in
    /// Alipay's words an [`OrderMismatch`](crate::AnswerKind::OrderMismatch).
    pub async fn refund(&self, order: &RefundOrder) -> Result<Refund, GatewayError> {
        let node = self.call(REFUND, content(order)?, None).await?.success()?;
        if has_moved(&node, order).map_err(|what| malformed(what, None))? {
            return Ok(refund(order, RefundState::Succeeded, Some(order.amount)));
        }
        match self.query_refund(&order.out_trade_no, &order.out_refund_no).await {
            Ok(found) if found.state != RefundState::NotFound => {
                found.contradiction(order).map_or(Ok(found), |what| Err(malformed(what, None)))
            }
            // The refund itself was accepted, which a failed query must not hide.
            Ok(_) | Err(_) => Ok(refund(order, RefundState::Processing, None)),
        }
    }

    /// Queries a refund; not sooner than 10 s after it (gateways.md B5.4).
    ///
    /// [`NotFound`](RefundState::NotFound) is an unknown trade, an unknown refund or a refund that
    /// was not executed: Alipay does not distinguish them.
    ///
    /// # Errors
    /// See [`GatewayError`].
    pub async fn query_refund(
        &self,
        out_trade_no: &str,
        out_refund_no: &str,
    ) -> Result<Refund, GatewayError> {
        check_out_trade_no(out_trade_no)?;
        check_out_refund_no(out_refund_no)?;
        let content = to_json(&QueryContent {
            out_trade_no,
            out_request_no: out_refund_no,
            query_options: ["deposit_back_info"],
        })?;
        match self.call(QUERY, content, None).await?.verdict()? {
            Verdict::Success(node) => {
                found(&node, out_trade_no, out_refund_no).map_err(|what| malformed(what, None))
            }
            Verdict::TradeNotExist => Ok(Refund::not_found(out_trade_no, out_refund_no)),
        }
    }
}

fn content(order: &RefundOrder) -> Result<String, GatewayError> {
    check_out_trade_no(&order.out_trade_no)?;
    check_out_refund_no(&order.out_refund_no)?;
    check_amount(order.amount)?;
    order.check_amounts()?;
    to_json(&RefundContent {
        out_trade_no: &order.out_trade_no,
        refund_amount: order.amount.to_yuan(),
        out_request_no: &order.out_refund_no,
        refund_reason: shortened(&order.reason, &[], Limit::Chars(256)),
    })
}

/// True if a verified refund answer says that this call moved the money.
fn has_moved(node: &str, order: &RefundOrder) -> Result<bool, &'static str> {
    let node: RefundNode = serde_json::from_str(node).map_err(|_invalid| "not a refund")?;
    if node.out_trade_no != order.out_trade_no {
        return Err("a refund of another order than asked for");
    }
    if node.fund_change.as_deref() != Some("Y") {
        return Ok(false);
    }
    // It is the sum of all refunds of this trade, so it is at least this refund.
    let sum = amount(node.refund_fee.as_deref())?.ok_or("a refund without `refund_fee`")?;
    if sum < order.amount || sum > order.total {
        return Err("a refund of another amount");
    }
    Ok(true)
}

/// Reads a verified answer to a refund's query.
fn found(node: &str, out_trade_no: &str, out_refund_no: &str) -> Result<Refund, &'static str> {
    let node: QueryNode = serde_json::from_str(node).map_err(|_invalid| "not a refund")?;
    let present = |text: Option<String>| text.filter(|text| !text.is_empty());
    let (trade, number) = (present(node.out_trade_no), present(node.out_request_no));
    // The signature covers the node but not the request, so the numbers must be checked.
    if trade.as_ref().is_some_and(|trade| trade != out_trade_no)
        || number.as_ref().is_some_and(|number| number != out_refund_no)
    {
        return Err("another refund than asked for");
    }
    let state = match present(node.refund_status).as_deref() {
        // The refund was not received or not executed, whatever else the node states.
        None => return Ok(Refund::not_found(out_trade_no, out_refund_no)),
        Some("REFUND_SUCCESS") => RefundState::Succeeded,
        Some(_) => RefundState::Unknown,
    };
    let amount = amount(node.refund_amount.as_deref())?;
    if state == RefundState::Succeeded && (trade.is_none() || number.is_none() || amount.is_none())
    {
        return Err("a refund that does not say which");
    }
    Ok(Refund {
        state,
        out_trade_no: out_trade_no.to_owned(),
        out_refund_no: out_refund_no.to_owned(),
        refund_id: None,
        amount,
        deposit_back: node.deposit_back_info.as_ref().and_then(deposit_back),
    })
}

/// Reads the bank's answer; `None` if no bank is involved.
fn deposit_back(info: &Value) -> Option<DepositBack> {
    let text = |name| info.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let status = text("dback_status");
    let is_by_bank = text("has_deposit_back") == Some("true")
        || info.get("has_deposit_back").and_then(Value::as_bool) == Some(true);
    if status.is_none() && !is_by_bank {
        return None;
    }
    Some(DepositBack {
        state: match status {
            Some("S") => DepositBackState::Succeeded,
            Some("F") => DepositBackState::Returned,
            Some("P") => DepositBackState::Processing,
            _ => DepositBackState::Unknown,
        },
        amount: amount(text("dback_amount")).unwrap_or_default(),
        acknowledged_at: text("bank_ack_time").and_then(china_time::parse_spaced),
    })
}

fn refund(order: &RefundOrder, state: RefundState, amount: Option<Fen>) -> Refund {
    Refund {
        state,
        out_trade_no: order.out_trade_no.clone(),
        out_refund_no: order.out_refund_no.clone(),
        refund_id: None,
        amount,
        deposit_back: None,
    }
}

fn check_out_refund_no(number: &str) -> Result<(), GatewayError> {
    require(is_number(number), "out_refund_no", "must be 1 to 64 of 0-9 A-Z a-z _ - for Alipay")
}
