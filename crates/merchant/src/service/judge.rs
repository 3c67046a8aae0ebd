//! Whether what a gateway says is about the order that we made. Pure.

use gateways::{Trade, TradeState};

use crate::clock::timestamp;
use crate::db::apply::News;
use crate::db::payments::PaymentRow;
use crate::rules::{Ending, Signal};
use crate::wallets::Identity;

/// What does not match.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Mismatch {
    #[error("the application is not ours")]
    App,
    #[error("the merchant is not us")]
    Merchant,
    #[error("the order number is another")]
    OrderNumber,
    #[error("the amount is not what was ordered")]
    Amount,
    #[error("the currency is not what was ordered")]
    Currency,
    #[error("a paid trade has no transaction number")]
    TransactionId,
}

/// What a verified trade, of a notification or of a query's answer, means for the payment.
///
/// Everything must match before it has any effect. Only what gateways leave out may be absent:
/// the names where there is no such order, and the amount while nothing is paid
/// (gateways.md A9, B5.3). Why a closed trade was closed, only we know: `if_closed`.
pub(crate) fn judge(
    payment: &PaymentRow,
    us: &Identity,
    trade: &Trade,
    if_closed: Ending,
) -> Result<News, Mismatch> {
    if trade.out_trade_no != payment.out_trade_no {
        return Err(Mismatch::OrderNumber);
    }
    let is_missing = trade.state == TradeState::NotCreated;
    matches(trade.app_id.as_deref(), us.app_id.as_str(), is_missing, Mismatch::App)?;
    matches(trade.merchant_id.as_deref(), us.merchant_id.as_str(), is_missing, Mismatch::Merchant)?;
    let is_unpaid = trade.state != TradeState::Paid;
    let amount = trade.amount.map(gateways::Fen::value);
    matches(amount, payment.amount.value, is_unpaid, Mismatch::Amount)?;
    // Absent means CNY for both gateways.
    let currency = trade.currency.as_deref().unwrap_or("CNY");
    matches(Some(currency), payment.amount.currency.as_str(), false, Mismatch::Currency)?;
    Ok(match trade.state {
        TradeState::Paid => News::Captured {
            transaction_id: trade.transaction_id.clone().ok_or(Mismatch::TransactionId)?,
            paid_at: trade.paid_at.map(timestamp),
        },
        TradeState::Refunded => News::Plain(Signal::Refunded),
        TradeState::Closed => News::Plain(Signal::Closed(if_closed)),
        TradeState::NotCreated | TradeState::AwaitingPayer => News::Plain(Signal::Pending),
        TradeState::Unknown => News::Plain(Signal::Unclear),
    })
}

fn matches<T: PartialEq>(
    said: Option<T>,
    expected: T,
    may_be_absent: bool,
    mismatch: Mismatch,
) -> Result<(), Mismatch> {
    let is_match = said.map_or(may_be_absent, |said| said == expected);
    if is_match { Ok(()) } else { Err(mismatch) }
}

#[cfg(test)]
mod tests;
