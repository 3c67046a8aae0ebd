//! Compares a gateway's trade with our order, for [`rules::compare`].

use gateways::{Fen, Trade};

use crate::clock::timestamp;
use crate::db::apply::Update;
use crate::db::payments::PaymentRow;
use crate::identity::Identity;
use crate::rules::{self, Comparison, Ending, Mismatch, Signal, Statement, TradeState};

/// Returns the update that a verified trade means, from a notification or a query's answer.
/// `recipient` is the identity that received it.
pub(crate) fn compare(
    payment: &PaymentRow,
    recipient: &Identity,
    trade: &Trade,
    if_closed: Ending,
) -> Result<Update, Mismatch> {
    let ordered = payment.identity.as_ref().unwrap_or(recipient);
    let statement = Statement {
        state: state(trade),
        order_number: Comparison::compare(Some(&trade.out_trade_no), &payment.out_trade_no),
        app: app(ordered, recipient, trade),
        merchant: merchant(ordered, trade),
        amount: Comparison::compare(trade.amount.map(Fen::value), payment.amount.value),
        currency: Comparison::compare(
            trade.currency.as_deref().or(ABSENT),
            payment.amount.currency.as_str(),
        ),
        has_transaction: trade.transaction_id.is_some(),
    };
    let signal = rules::compare(statement, if_closed)?;
    Ok(match (&trade.transaction_id, signal) {
        (Some(transaction_id), Signal::Captured | Signal::Refunded) => Update::Captured {
            transaction_id: transaction_id.clone(),
            paid_at: trade.paid_at.map(timestamp),
            is_refunded: signal == Signal::Refunded,
        },
        (_, signal) => Update::Plain(signal),
    })
}

/// Compares who a verified notification of a refund is for with who made the order.
pub(crate) fn compare_recipient(
    payment: &PaymentRow,
    recipient: &Identity,
    trade: &Trade,
) -> Result<(), Mismatch> {
    let ordered = payment.identity.as_ref().unwrap_or(recipient);
    rules::compare_recipient(app(ordered, recipient, trade), merchant(ordered, trade))
}

fn merchant(ordered: &Identity, trade: &Trade) -> Comparison {
    Comparison::compare(trade.merchant_id.as_deref(), ordered.merchant_id.as_str())
}

/// Returns the trade with the state that a refund of it proves: one that is closed was refunded
/// whole (gateways.md B6).
pub(crate) fn with_refund(trade: Trade) -> Trade {
    match trade.state {
        gateways::TradeState::Closed => Trade { state: gateways::TradeState::Refunded, ..trade },
        _ => trade,
    }
}

/// Compares the application: the one that made the order, or another one of the same merchant that
/// received the trade. WeChat Pay names the first, Alipay the one that queries.
fn app(ordered: &Identity, recipient: &Identity, trade: &Trade) -> Comparison {
    let stated = trade.app_id.as_deref();
    if stated == Some(&recipient.app_id) && recipient.merchant_id == ordered.merchant_id {
        return Comparison::Same;
    }
    Comparison::compare(stated, ordered.app_id.as_str())
}

/// Converts the state of a trade to that of the rules.
pub(crate) const fn state(trade: &Trade) -> TradeState {
    use gateways::TradeState as G;
    match trade.state {
        // Alipay closes a trade that was refunded whole. Only the time of payment tells it from one
        // that was never paid (gateways.md B6).
        G::Closed if trade.paid_at.is_some() => TradeState::Refunded,
        G::NotCreated => TradeState::NotCreated,
        G::AwaitingPayer => TradeState::AwaitingPayer,
        G::Paid => TradeState::Paid,
        G::Refunded => TradeState::Refunded,
        G::Closed => TradeState::Closed,
        G::Unknown => TradeState::Unknown,
    }
}

/// Absent means CNY for both gateways.
const ABSENT: Option<&str> = Some("CNY");

#[cfg(test)]
mod tests;
